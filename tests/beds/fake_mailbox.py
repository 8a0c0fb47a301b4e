"""A mail account in memory: many connections may be open to it, and it fails when a test says so."""

from __future__ import annotations

import re
import threading
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC
from typing import TYPE_CHECKING

from daemon.errors import LoginRefused, MailboxUnavailable
from daemon.mailbox.folders import Listed, discover, missing_folder
from daemon.ports import Appended, Credentials, Folder, FolderRole, FolderState, MailBody, MailHead
from tests.beds.accounts import SOME_DAY

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import date, datetime, timedelta

HOST = "imap.shop.example"
CREDENTIALS = Credentials("shop@shop.example", "correct horse")
SPECIAL_USE = {"Sent": rb"\sent", "Drafts": rb"\drafts", "Junk": rb"\junk"}
_FIELD = re.compile(rb"([^\s:]+):[^\n]*\n(?:[ \t][^\n]*\n)*")


@dataclass(frozen=True, slots=True)
class FakeMail:
    """A mail in a folder."""

    uid: int
    content: bytes
    at: datetime
    flags: frozenset[bytes]


@dataclass(slots=True)
class FakeFolder:
    """A folder of a fake account."""

    special_use: bytes = b""
    uidvalidity: int = 1
    uidnext: int = 1
    mails: dict[int, FakeMail] = field(default_factory=dict)

    def add(self, content: bytes, at: datetime, flags: frozenset[bytes]) -> int:
        """Put a mail at the end."""
        uid = self.uidnext
        self.mails[uid] = FakeMail(uid, content, at, flags)
        self.uidnext += 1
        return uid


@dataclass(slots=True)
class FakeAccount:
    """The account, with the hands of a test in it.

    Attributes:
        credentials: what `connect` accepts.
        uidplus: whether `append` says where the mail went.
        window: how many UIDs `uids_after` hands out at once.
        calls: every call of every connection, as ``(method, first argument)``.
        bodies_read: folder and UID of every whole mail that was handed out.
    """

    credentials: Credentials = CREDENTIALS
    uidplus: bool = True
    window: int = 80_000
    calls: list[tuple[str, object]] = field(default_factory=list)
    bodies_read: list[tuple[str, int]] = field(default_factory=list)
    _folders: dict[str, FakeFolder] = field(default_factory=dict)
    _failures: dict[str, list[Exception | None]] = field(default_factory=lambda: defaultdict(list))
    _connections: list[FakeMailbox] = field(default_factory=list)
    _refused: set[int] = field(default_factory=set)
    changed: threading.Condition = field(default_factory=threading.Condition)

    def __post_init__(self) -> None:
        self._folders["INBOX"] = FakeFolder()
        for name, special_use in SPECIAL_USE.items():
            self._folders[name] = FakeFolder(special_use)

    def connect(
        self,
        *,
        credentials: Credentials | None = None,
        watched: tuple[str, ...] = ("INBOX",),
        named: Mapping[FolderRole, str] | None = None,
    ) -> FakeMailbox:
        """Open a connection, as `daemon.mailbox.connect` does."""
        self.play("connect", None)
        if credentials not in (None, self.credentials):
            raise LoginRefused(f"{HOST} does not accept the user name and password.")
        listing = [Listed(name, "/", frozenset([kept.special_use])) for name, kept in self._folders.items()]
        mailbox = FakeMailbox(self, discover(listing, watched, named or {}, HOST))
        self._connections.append(mailbox)
        return mailbox

    def fail(self, method: str, *, after: int = 0, times: int = 1, error: Exception | None = None) -> None:
        """Make a method (or ``connect``) fail.

        Args:
            method: its name; for ``uids_after`` and ``bodies`` every single item counts as a call.
            after: how many calls still go well before.
            times: how many calls then fail.
            error: what it raises, else a broken connection.
        """
        failure = error or MailboxUnavailable(f"The connection to {HOST} failed; connect anew.")
        self._failures[method] += [None] * after + [failure] * times

    def refuse_body(self, uid: int) -> None:
        """Never hand out this mail, as servers do that lost a file."""
        self._refused.add(uid)

    def play(self, method: str, argument: object) -> None:
        """Note a call, and raise what `fail` ordered for it."""
        self.calls.append((method, argument))
        if method == "bodies" and argument in self._refused:
            raise MailboxUnavailable(f"The connection to {HOST} failed (NO); connect anew.")
        if self._failures[method]:
            failure = self._failures[method].pop(0)
            if failure is not None:
                raise failure

    def cut_connections(self) -> None:
        """Cut every connection without a word."""
        with self.changed:
            for mailbox in self._connections:
                mailbox.cut = True
            self._connections.clear()
            self.changed.notify_all()

    def deliver(
        self, content: bytes, folder: str = "INBOX", *, at: datetime = SOME_DAY, flags: str = ""
    ) -> int:
        """Put a mail into a folder as if it had arrived at that instant; return its UID."""
        with self.changed:
            uid = self.folder(folder).add(content, at, frozenset(flags.encode().split()))
            self.changed.notify_all()
            return uid

    def create(self, *folders: str) -> None:
        """Make folders."""
        for name in folders:
            self._folders[name] = FakeFolder()

    def delete_folder(self, folder: str) -> None:
        """Remove a folder with all its mail."""
        del self._folders[folder]

    def folder(self, name: str) -> FakeFolder:
        """A folder itself."""
        if name not in self._folders:
            raise missing_folder(name, HOST)
        return self._folders[name]

    def uids(self, folder: str = "INBOX") -> list[int]:
        """What is in a folder."""
        return sorted(self.folder(folder).mails)

    def flags(self, uid: int, folder: str = "INBOX") -> set[bytes]:
        """The flags of one mail."""
        return set(self.folder(folder).mails[uid].flags)

    def content(self, uid: int, folder: str = "INBOX") -> bytes:
        """The bytes of one mail."""
        return self.folder(folder).mails[uid].content

    def remove(self, uids: Iterable[int], folder: str = "INBOX") -> None:
        """Delete mails for good."""
        with self.changed:
            for uid in uids:
                self.folder(folder).mails.pop(uid)
            self.changed.notify_all()

    def renumber(self, folder: str = "INBOX", *, uidvalidity: int, next_uid: int = 1) -> None:
        """Give a folder another UIDVALIDITY and its mails new UIDs from ``next_uid`` on."""
        kept = self.folder(folder)
        mails = list(kept.mails.values())
        kept.uidvalidity, kept.uidnext, kept.mails = uidvalidity, next_uid, {}
        for mail in mails:
            kept.add(mail.content, mail.at, mail.flags)

    def close(self) -> None:
        """Nothing to end; a real account has a connection."""


class FakeMailbox:
    """One connection to a fake account; it keeps the contract of `daemon.ports.Mailbox`."""

    def __init__(self, account: FakeAccount, folders: tuple[Folder, ...]) -> None:
        self.account = account
        self.cut = False
        self._folders = folders
        self._open = "INBOX"
        self._seen_next = 0
        self._rung = False

    def folders(self) -> tuple[Folder, ...]:
        """The folders found when the connection was made."""
        return self._folders

    def open(self, folder: str) -> FolderState:
        """Open a folder."""
        self._play("open", folder)
        kept = self.account.folder(folder)
        self._open, self._seen_next = folder, kept.uidnext
        return FolderState(kept.uidvalidity, kept.uidnext, len(kept.mails))

    def status(self, folder: str) -> FolderState:
        """What is to be told of a folder that is not opened."""
        self._play("status", folder)
        kept = self.account.folder(folder)
        return FolderState(kept.uidvalidity, kept.uidnext, len(kept.mails))

    def uids_after(self, uid: int, uidnext: int) -> Iterator[list[int]]:
        """UIDs greater than ``uid`` in windows."""
        found = [number for number in self.account.uids(self._open) if number > uid]
        for start in range(0, max(1, len(found)), self.account.window):
            self._play("uids_after", uid)
            window = found[start : start + self.account.window]
            if window:
                yield window

    def uids_since(self, day: date) -> list[int]:
        """UIDs of mail taken in on or after a day."""
        self._play("uids_since", day)
        mails = self.account.folder(self._open).mails
        return sorted(uid for uid, mail in mails.items() if mail.at.date() >= day)

    def heads(self, uids: Sequence[int], fields: Sequence[str]) -> list[MailHead]:
        """The named header fields of these mails."""
        self._play("heads", tuple(uids))
        mails = self.account.folder(self._open).mails
        wanted = {name.lower().encode() for name in fields}
        return [
            MailHead(
                uid,
                mails[uid].at.astimezone(UTC),
                len(mails[uid].content),
                _fields_of(mails[uid].content, wanted),
            )
            for uid in uids
            if uid in mails
        ]

    def bodies(self, uids: Sequence[int]) -> Iterator[MailBody]:
        """The whole mails."""
        mails = self.account.folder(self._open).mails
        for uid in uids:
            self._play("bodies", uid)
            if uid in mails:
                self.account.bodies_read.append((self._open, uid))
                yield MailBody(uid, mails[uid].content)

    def append(
        self, folder: str, content: bytes, *, seen: bool, draft: bool, at: datetime
    ) -> Appended | None:
        """Put a mail into a folder."""
        self._play("append", folder)
        kept = self.account.folder(folder)
        flags = " ".join(flag for flag, wanted in ((r"\Seen", seen), (r"\Draft", draft)) if wanted)
        uid = self.account.deliver(content, folder, at=at, flags=flags)
        return Appended(kept.uidvalidity, uid) if self.account.uidplus else None

    def wait(self, limit: timedelta) -> None:
        """Sleep until mail comes into the open folder, the limit passes or `wake`."""
        self._play("wait", limit)
        with self.account.changed:
            self.account.changed.wait_for(self._disturbed, limit.total_seconds())
            self._rung = False
        self._require_connection()

    def wake(self) -> None:
        """End a `wait` from another thread."""
        with self.account.changed:
            self._rung = True
            self.account.changed.notify_all()

    def close(self) -> None:
        """End the connection."""
        self.cut = True

    def _disturbed(self) -> bool:
        return self._rung or self.cut or self.account.folder(self._open).uidnext > self._seen_next

    def _play(self, method: str, argument: object) -> None:
        self._require_connection()
        self.account.play(method, argument)

    def _require_connection(self) -> None:
        if self.cut:
            raise MailboxUnavailable(f"The connection to {HOST} is closed; connect anew.")


def _fields_of(content: bytes, wanted: set[bytes]) -> bytes:
    """The wanted header fields as they stand, and the empty line that IMAP puts behind them."""
    head = content.partition(b"\r\n\r\n")[0] + b"\r\n"
    found = [match[0] for match in _FIELD.finditer(head) if match[1].lower() in wanted]
    return b"".join([*found, b"\r\n"]) if wanted else b""
