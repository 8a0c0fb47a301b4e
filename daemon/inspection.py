"""Tries everything that the service will need, and says of each thing whether it works."""

from __future__ import annotations

import os
import re
from contextlib import closing
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from daemon.errors import FolderMissing, LoginRefused, MailboxUnavailable
from daemon.ports import FolderRole
from daemon.smtp import SmtpSubmission

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from daemon.config import Mailbox as MailboxSettings
    from daemon.config import Settings
    from daemon.oauth.keyring import Keyring
    from daemon.ports import Folder, Mailbox

_ROLES = {
    FolderRole.INBOX: ("受信", "inbox"),
    FolderRole.SENT: ("送信済み", "sent"),
    FolderRole.DRAFTS: ("下書き", "drafts"),
    FolderRole.JUNK: ("迷惑メール", "junk"),
}


_LOGIN = (
    "ログインを断られました。username とパスワードのファイルを確かめてください"
    " (OAuth2 なら sokuresu login 名前)。"
    "アプリパスワードや、IMAP・SMTP を使えるようにする設定が要る会社もあります"
)
_SERVER = "host、port、security、ca_file とネットワークを確かめてください"
_REFUSED_LOGIN = re.compile(r"AUTH|\b53[045]\b")


class Level(StrEnum):
    """How good or bad a finding is."""

    FINE = "fine"
    WARNING = "warning"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was tried, in both languages."""

    level: Level
    ja: str
    en: str


def inspect_reading(
    one: MailboxSettings,
    connect: Callable[[], Mailbox],
    *,
    wants_drafts: bool,
    look: Callable[[Mailbox], Iterator[Finding]],
) -> Iterator[Finding]:
    """Log in at the IMAP server, find the folders, and look at what came lately.

    Args:
        one: the mailbox as configured.
        connect: opens a connection to it.
        wants_drafts: ready drafts shall be put into its Drafts folder.
        look: what is found out by reading.
    """
    place = f"IMAP {one.imap.host}:{one.imap.endpoint().port}"
    try:
        with closing(connect()) as mailbox:
            yield Finding(Level.FINE, f"{place} にログインできました", f"logged in at {place}")
            yield from _folders(mailbox.folders(), wants_drafts=wants_drafts)
            yield from look(mailbox)
    except MailboxUnavailable as error:
        yield Finding(
            Level.BROKEN,
            f"{place} を使えません。{_advise(error)} ({error})",
            f"{place} does not work: {error}",
        )


def _advise(error: MailboxUnavailable) -> str:
    """What to look at, in Japanese; the failure itself says it in English."""
    if isinstance(error, LoginRefused):
        return _LOGIN
    if isinstance(error, FolderMissing):
        return "folders などに書いたフォルダーの名前を確かめてください"
    return _SERVER


def _folders(folders: tuple[Folder, ...], *, wants_drafts: bool) -> Iterator[Finding]:
    found = {role: [one.name for one in folders if one.role is role] for role in _ROLES}
    named = [(role, ", ".join(names)) for role, names in found.items() if names]
    yield Finding(
        Level.FINE,
        "フォルダー: " + "、".join(f"{_ROLES[role][0]} = {names}" for role, names in named),
        "folders: " + ", ".join(f"{_ROLES[role][1]} = {names}" for role, names in named),
    )
    if not found[FolderRole.SENT]:
        yield Finding(
            Level.WARNING,
            "送信済みフォルダーがありません。メールソフトからの返信に気づけません (sent_folder に名前を書く)",
            "no sent folder: answers from a mail program go unnoticed (name it as sent_folder)",
        )
    if not found[FolderRole.JUNK]:
        yield Finding(
            Level.WARNING,
            "迷惑メールフォルダーがありません。紛れた問い合わせに気づけません (junk_folder に名前を書く)",
            "no junk folder: messages that land there go unnoticed (name it as junk_folder)",
        )
    if wants_drafts and not found[FolderRole.DRAFTS]:
        yield Finding(
            Level.WARNING,
            "下書きフォルダーがないので、下書きはコマンドと知らせで見ます (drafts_folder に名前を書く)",
            "no drafts folder: drafts are seen only by command and in alerts (name it as drafts_folder)",
        )


def inspect_sending(place: str, submission: SmtpSubmission) -> Finding:
    """Log in at an SMTP server without offering mail."""
    failure = submission.probe()
    if failure is None:
        return Finding(Level.FINE, f"{place} にログインできました", f"logged in at {place}")
    refused = _REFUSED_LOGIN.search(failure) is not None
    ja = _LOGIN if refused else _SERVER
    en = "check username and password_file" if refused else "check host, port, security and the network"
    return Finding(
        Level.BROKEN,
        f"{place} を使えません。{ja} ({failure})",
        f"{place} does not work: {failure}; {en}",
    )


def submissions_of(settings: Settings, keyring: Keyring) -> Iterator[tuple[str, str, SmtpSubmission]]:
    """Every SMTP server: its place, the address that mail leaves from, and the way to it."""
    allowed = settings.allow_list().allows
    for one in settings.mailboxes:
        place = f"SMTP {one.smtp.host}:{one.smtp.endpoint().port}"
        yield place, one.address, SmtpSubmission(one.smtp.endpoint(), keyring.credentials(one), allowed)
    second = settings.alerts.smtp
    if second is not None:
        place = f"[alerts.smtp] {second.host}:{second.endpoint().port}"
        yield place, second.address, SmtpSubmission(second.endpoint(), second.credentials(), allowed)


def inspect_second_path(settings: Settings, beside_mail: tuple[str, ...]) -> Finding:
    """Whether an alert can leave when the watched account is what fails.

    Args:
        settings: the configuration.
        beside_mail: names of the ways that short alerts may take.
    """
    own_server = () if settings.alerts.smtp is None else ("[alerts.smtp]",)
    ways = ", ".join((*own_server, *beside_mail))
    if not ways:
        return Finding(
            Level.WARNING,
            "第二の知らせ先がなく、メールが止まると知らせも止まります"
            " (webhook_url_file、[alerts.chatwork]、apprise_urls_file、[alerts.smtp])",
            "no second path: if the mail account fails, so do alerts"
            " (webhook_url_file, [alerts.chatwork], apprise_urls_file or [alerts.smtp])",
        )
    if not beside_mail:
        return Finding(Level.FINE, f"第二の知らせ先: {ways}", f"second path for alerts: {ways}")
    always = settings.alerts.second_path == "always"
    ja = "メールとは別に、いつも知らせます" if always else "メールで足りないときだけ知らせます"
    en = "always, beside mail" if always else "only when mail is not enough"
    return Finding(Level.FINE, f"第二の知らせ先: {ways} ({ja})", f"second path for alerts: {ways} ({en})")


def inspect_ping(settings: Settings) -> Finding:
    """Whether somebody outside notices when this whole machine stands still."""
    if settings.ping.address() is None:
        return Finding(
            Level.FINE,
            "外の見張りはありません。この計算機ごと止まると気づけません ([ping] url_file、任意)",
            "no watch outside: if this whole machine stops, nobody notices ([ping] url_file, optional)",
        )
    minutes = settings.ping.interval.total_seconds() / 60
    return Finding(
        Level.FINE,
        f"外の見張り ([ping]): {minutes:g}分おき",
        f"watch outside ([ping]): every {minutes:g} min",
    )


def inspect_new_file(path: Path) -> Finding:
    """Whether a database that is not there yet can be made."""
    folder = next(parent for parent in path.absolute().parents if parent.exists())
    if folder.is_dir() and os.access(folder, os.W_OK | os.X_OK):
        return Finding(
            Level.FINE,
            f"データベース {path} はまだありません。run が作ります",
            f"the database {path} is not there yet; run makes it",
        )
    return Finding(
        Level.BROKEN,
        f"データベース {path} を作れません ({folder} に書けません)",
        f"the database {path} cannot be made ({folder} is not writable)",
    )
