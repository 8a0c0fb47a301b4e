"""Tries everything that the service will need, and says of each thing whether it works."""

from __future__ import annotations

import os
from contextlib import closing
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from typing import TYPE_CHECKING

from daemon.errors import MailboxUnavailable
from daemon.ports import FolderRole
from daemon.smtp import SmtpSubmission
from parsers.authenticity import NO_AUTHSERV_ID
from parsers.interest import HEADER_FIELDS, Interest, interest_of
from parsers.mime import parse_headers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from daemon.config import Mailbox as MailboxSettings
    from daemon.config import Settings
    from daemon.oauth.keyring import Keyring
    from daemon.ports import Folder, Mailbox

HEADS_READ = 200
"""The newest mails of the inbox among which one of Amazon's is looked for."""

_UIDS_ASKED = 20_000
_ROLES = {
    FolderRole.INBOX: ("受信", "inbox"),
    FolderRole.SENT: ("送信済み", "sent"),
    FolderRole.DRAFTS: ("下書き", "drafts"),
    FolderRole.JUNK: ("迷惑メール", "junk"),
}


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
    one: MailboxSettings, connect: Callable[[], Mailbox], *, wants_drafts: bool
) -> Iterator[Finding]:
    """Log in at the IMAP server, find the folders, and see whose proof Amazon's mail carries.

    Args:
        one: the mailbox as configured.
        connect: opens a connection to it.
        wants_drafts: ready drafts shall be put into its Drafts folder.
    """
    place = f"IMAP {one.imap.host}:{one.imap.endpoint().port}"
    try:
        with closing(connect()) as mailbox:
            yield Finding(Level.FINE, f"{place} にログインできました", f"logged in at {place}")
            yield from _folders(mailbox.folders(), wants_drafts=wants_drafts)
            yield _proof(one.authserv_id, newest_hosts(mailbox))
    except MailboxUnavailable as error:
        yield Finding(Level.BROKEN, f"{place} を使えません: {error}", f"{place} does not work: {error}")


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


def newest_hosts(mailbox: Mailbox) -> tuple[str, ...] | None:
    """Who signed the Authentication-Results of Amazon's newest mail, topmost first; None if there is no mail.

    A header without a name counts as `NO_AUTHSERV_ID`.
    """
    inbox = next(folder for folder in mailbox.folders() if folder.role is FolderRole.INBOX)
    state = mailbox.open(inbox.name)
    after = max(0, state.uidnext - 1 - _UIDS_ASKED)
    uids = [uid for window in mailbox.uids_after(after, state.uidnext) for uid in window][-HEADS_READ:]
    heads = mailbox.heads(uids, (*HEADER_FIELDS, "AUTHENTICATION-RESULTS"))
    newest_first = sorted(heads, key=lambda head: -head.uid)
    ours = (head for head in newest_first if interest_of(head.headers, frozenset()) is Interest.AMAZON)
    newest = next(islice(ours, 1), None)
    if newest is None:
        return None
    results = parse_headers(newest.headers)[0].raw_all("Authentication-Results")
    return tuple(_host_of(result) for result in results)


def _host_of(result: str) -> str:
    words = result.partition(";")[0].split()
    return NO_AUTHSERV_ID if not words or "=" in words[0] else words[0].lower()


def _proof(authserv_id: str | None, hosts: tuple[str, ...] | None) -> Finding:
    if authserv_id is None:
        return _no_authserv_id(hosts)
    if hosts is None:
        return Finding(
            Level.FINE,
            f"authserv_id = {authserv_id} (Amazonのメールがまだなく、確かめられません)",
            f"authserv_id = {authserv_id} (not verified: there is no mail from Amazon yet)",
        )
    if authserv_id.lower() in hosts:
        return Finding(Level.FINE, f"authserv_id = {authserv_id}", f"authserv_id = {authserv_id}")
    ja, en = (", ".join(hosts),) * 2 if hosts else ("なし", "none")
    return Finding(
        Level.WARNING,
        f"authserv_id = {authserv_id} ですが、最新のAmazonメールでは {ja} です。受付が出ません",
        f"authserv_id = {authserv_id}, but Amazon's newest mail carries {en}: nothing is acknowledged",
    )


def _no_authserv_id(hosts: tuple[str, ...] | None) -> Finding:
    if hosts:
        ja = f'最新のAmazonメールによる候補: authserv_id = "{hosts[0]}" (ご利用のメール会社の名前か確かめる)'
        en = f'Amazon\'s newest mail suggests authserv_id = "{hosts[0]}" (make sure that is your provider)'
    elif hosts is None:
        ja, en = "候補を示せるAmazonのメールがありません", "there is no mail from Amazon to suggest one"
    else:
        ja = "最新のAmazonメールに Authentication-Results がありません"
        en = "Amazon's newest mail has no Authentication-Results"
    return Finding(
        Level.WARNING,
        f"authserv_id がないので何も証明できず、受付は1通も送りません。{ja}",
        f"without authserv_id nothing is proven and nothing is acknowledged; {en}",
    )


def inspect_sending(place: str, submission: SmtpSubmission) -> Finding:
    """Log in at an SMTP server without offering mail."""
    failure = submission.probe()
    if failure is None:
        return Finding(Level.FINE, f"{place} にログインできました", f"logged in at {place}")
    return Finding(Level.BROKEN, f"{place} を使えません: {failure}", f"{place} does not work: {failure}")


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


def inspect_second_path(settings: Settings) -> Finding:
    """Whether an alert can leave when the watched account is what fails."""
    if settings.alerts.smtp is None and settings.alerts.webhook() is None:
        return Finding(
            Level.WARNING,
            "第二の知らせ先がなく、メールが止まると知らせも止まります (webhook_url_file か [alerts.smtp])",
            "no second path: if the mail account fails, so do alerts (webhook_url_file or [alerts.smtp])",
        )
    ways = [
        name
        for name, there in (
            ("[alerts.smtp]", settings.alerts.smtp is not None),
            ("webhook", settings.alerts.webhook() is not None),
        )
        if there
    ]
    both = ", ".join(ways)
    return Finding(Level.FINE, f"第二の知らせ先: {both}", f"second path for alerts: {both}")


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
