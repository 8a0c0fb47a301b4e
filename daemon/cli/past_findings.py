"""What a look at the last weeks says about the configuration, with what to do, for ``sokuresu check``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from daemon.errors import MailboxUnavailable
from daemon.inspection import Finding, Level
from daemon.look_back import LOOKED_BACK, LookBack, Past
from daemon.showing.reader import clean
from daemon.words import KINDS, REFUSALS
from parsers.values import Refusal

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Iterator

    from daemon.ports import Mailbox
    from daemon.shop import Account, Shop
    from daemon.showing.reader import Reader
    from daemon.words import Words

_DAYS = LOOKED_BACK.days


def inspect_past(shop: Shop, account: Account, reader: Reader, mailbox: Mailbox) -> Iterator[Finding]:
    """Count Amazon's mails of the last weeks, and tell what would keep the program from serving them.

    Args:
        shop: the configuration.
        account: the mailbox as configured.
        reader: who reads it, and when.
        mailbox: a connection; nothing is changed over it.
    """
    try:
        past = LookBack(shop, account, reader.now).look(mailbox)
    except MailboxUnavailable as error:
        yield Finding(
            Level.WARNING,
            f"直近{_DAYS}日間のメールを調べきれませんでした: {error}",
            f"the look at the last {_DAYS} days broke off: {error}",
        )
        return
    yield _host(account.trust.authserv_id, past)
    yield from _messages(account, past)
    yield from (_unwatched(name, number) for name, number in past.unwatched.items())


def _host(configured: str | None, past: Past) -> Finding:
    """Whose word on the sender is believed, and whether that host has said one."""
    if configured is None:
        return _no_host(past)
    named = f"authserv_id = {configured}"
    if not past.counted:
        return Finding(
            Level.FINE,
            f"{named} (Amazonのメールがまだなく、確かめられません)",
            f"{named} (not verified: there is no mail from Amazon yet)",
        )
    if configured.lower() in past.hosts:
        return Finding(Level.FINE, named, named)
    ja, en = _hosts(past)
    return Finding(
        Level.WARNING,
        f"{named} ですが、Amazonのメールでは {ja} です" + ("" if past.verified else " (未確認)"),
        f"{named}, but Amazon's mail carries {en}" + ("" if past.verified else " (seen, not verified)"),
    )


def _hosts(past: Past) -> tuple[str, str]:
    if not past.hosts:
        return "なし", "none"
    names = ", ".join(clean(host) for host, _ in past.hosts.most_common(3))
    return names, names


def _no_host(past: Past) -> Finding:
    if past.suggestion is not None:
        ja, en = _advice(past.suggestion)
    elif not past.counted:
        ja, en = "候補を示せるAmazonのメールがありません", "there is no mail from Amazon to suggest one"
    elif past.hosts:
        ja, en = _question(past)
    else:
        ja = "Amazonのメールに Authentication-Results がありません"
        en = "Amazon's mail has no Authentication-Results"
    return Finding(
        Level.WARNING,
        f"authserv_id がないので、本物かどうかはDKIM署名だけで確かめます。{ja}",
        f"without authserv_id only our own check of DKIM signatures proves anything; {en}",
    )


def _question(past: Past) -> tuple[str, str]:
    """Whom to ask where no proven mail tells; whoever sent the mails may have written the names in them."""
    ja, en = _hosts(past)
    if len(past.hosts) == 1:
        return (
            f'メール会社が Authentication-Results に書く名前なら、authserv_id = "{ja}" と設定する (未確認)',
            (
                f'set authserv_id = "{en}" if your provider says that it writes this name into '
                "Authentication-Results (seen, not verified)"
            ),
        )
    return (
        f"Authentication-Results の名前をメール会社に尋ねる (メールにある未確認の名前: {ja})",
        f"ask your provider for the name in Authentication-Results (seen, not verified: {en})",
    )


def _advice(host: str) -> tuple[str, str]:
    setting = f'authserv_id = "{clean(host)}"'
    return (
        f"{setting} と設定する (ご利用のメール会社の名前か確かめてから)",
        f"set {setting} (compare it with your provider first)",
    )


def _messages(account: Account, past: Past) -> Iterator[Finding]:
    """How many came of each kind, and how many buyers would have been told at once."""
    ja, en = (", ".join(f"{KINDS[kind][place]} {number}" for kind, number in past.kinds.most_common())
              for place in (0, 1))  # fmt: skip
    capped = (
        (" (新しいものだけを調べました)", " (only the newest were looked at)") if past.capped else ("", "")
    )
    yield Finding(
        Level.FINE,
        f"直近{_DAYS}日間のAmazonのメール {past.mails} 通{capped[0]}: {ja or 'なし'}",
        f"Amazon's mails of the last {_DAYS} days: {past.mails}{capped[1]}: {en or 'none'}",
    )
    if past.buyer_messages:
        yield _acknowledgeable(account, past)


def _listed(words: Words, numbers: Counter[Any]) -> tuple[str, str]:
    """Numbers with what they count, the largest first, in both languages."""
    found = [(*words[word], number) for word, number in numbers.most_common()]
    return ", ".join(f"{ja} {number}" for ja, _, number in found), ", ".join(
        f"{en} {number}" for _, en, number in found
    )


def _acknowledgeable(account: Account, past: Past) -> Finding:
    number = past.acknowledgeable if account.policy.enabled else 0
    remedy = _remedy(account, past)
    ja, en = _listed(REFUSALS, past.refusals)
    return Finding(
        Level.FINE if remedy is None else Level.WARNING,
        f"購入者のメッセージ {past.buyer_messages} 通のうち、受付を送れるのは {number} 通"
        + (f": {remedy[0]}" if remedy else "")
        + (f" [{ja}]" if ja else ""),
        f"{past.buyer_messages} buyer messages, {number} would be acknowledged"
        + (f": {remedy[1]}" if remedy else "")
        + (f" [{en}]" if en else ""),
    )


def _remedy(account: Account, past: Past) -> tuple[str, str] | None:
    """What the seller can do so that more of them are; None if all is as it should be."""
    if not account.policy.enabled:
        return "[acknowledge] enabled = true にする", "set enabled = true in [acknowledge]"
    unproven = past.refusals[Refusal.NOT_PROVEN]
    host = past.suggestion
    if unproven and host is not None and host != (account.trust.authserv_id or "").lower():
        return _advice(host)
    if unproven:
        ja, en = _question(past)
        return f"送信元を証明できません。{ja}", f"nothing proves their sender; {en}"
    if past.refusals[Refusal.FORGED]:
        return (
            "なりすましの疑いは sokuresu quarantine に並びます",
            "see sokuresu quarantine for what is forged",
        )
    return None


def _unwatched(name: str, number: int) -> Finding:
    shown = clean(name)
    return Finding(
        Level.WARNING,
        f"見張っていないフォルダー「{shown}」にAmazonのメールが {number} 通: folders に加える",
        f"{number} Amazon mails in the unwatched folder '{shown}': add it to folders",
    )
