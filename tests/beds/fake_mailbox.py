"""A mail account in memory: many connections may be open to it, and it fails when a test says so."""

from __future__ import annotations

import re
import threading
from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import UTC
from typing import TYPE_CHECKING

from daemon.errors import LoginRefused, MailboxUnavailable
from daemon.identifiers import content_digest
from daemon.mailbox.abridging import LARGE, abridge
from daemon.mailbox.folders import Listed, discover, inventory, missing_folder
from daemon.mailbox.searching import header_criteria
from daemon.ports import (
    Appended,
    Credentials,
    Folder,
    FolderRole,
    FolderState,
    MailBody,
    MailHead,
    TakenBack,
)
from tests.beds.accounts import SOME_DAY
from tests.beds.fake_sections import FakeSections

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
        uidplus: whether `append` says where the mail went, and `take_back` can remove it.
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
    _deleted: dict[str, int] = field(default_factory=dict)
    _failures: dict[str, list[Exception | None]] = field(default_factory=lambda: defaultdict(list))
    _connections: list[FakeMailbox] = field(default_factory=list)
    _refused: set[int] = field(default_factory=set)
    _left_out: set[int] = field(default_factory=set)
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
        mailbox = FakeMailbox(self, discover(self.listing(), watched, named or {}, HOST))
        self._connections.append(mailbox)
        return mailbox

    def fail(self, method: str, *, after: int = 0, times: int = 1, error: Exception | None = None) -> None:
        """Make a method (or ``connect``) fail.

        Args:
            method: its name; for ``uids_after`` and ``bodies`` every item counts as a call. ``expunge``
                is the second half of `take_back`, with the mail flagged as deleted already.
            after: how many calls still go well before.
            times: how many calls then fail.
            error: what it raises, else a broken connection.
        """
        failure = error or MailboxUnavailable(f"The connection to {HOST} failed; connect anew.")
        self._failures[method] += [None] * after + [failure] * times

    def refuse_body(self, uid: int) -> None:
        """Never hand out this mail, as servers do that lost a file."""
        self._refused.add(uid)

    def leave_out_body(self, uid: int, *, for_ever: bool = True) -> None:
        """Say nothing at all of this mail where whole mails are asked for, though its head is told."""
        (self._left_out.add if for_ever else self._left_out.discard)(uid)

    def hands_out(self, uid: int) -> bool:
        """Whether the whole mail is told."""
        return uid not in self._left_out

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
        """Make folders; one that is made again has another UIDVALIDITY."""
        for name in folders:
            self._folders[name] = FakeFolder(uidvalidity=self._deleted.pop(name, 0) + 1)

    def delete_folder(self, folder: str) -> None:
        """Remove a folder with all its mail."""
        self._deleted[folder] = self._folders.pop(folder).uidvalidity

    def listing(self) -> list[Listed]:
        """What the server says of its folders."""
        return [Listed(name, "/", frozenset([kept.special_use])) for name, kept in self._folders.items()]

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

    def mails(self, folder: str = "INBOX") -> list[FakeMail]:
        """Everything in a folder, by UID."""
        return sorted(self.folder(folder).mails.values(), key=lambda mail: mail.uid)

    def flag(self, uid: int, flags: str, folder: str = "INBOX") -> None:
        """Add flags to a mail, as another client does."""
        with self.changed:
            mails = self.folder(folder).mails
            mails[uid] = replace(mails[uid], flags=mails[uid].flags | frozenset(flags.encode().split()))

    def replace(self, uid: int, content: bytes, folder: str = "INBOX") -> int:
        """Save a changed mail as mail apps do: add the new one, remove the old one; give the new UID."""
        with self.changed:
            old = self.folder(folder).mails[uid]
            fresh = self.deliver(content, folder, at=old.at, flags=b" ".join(sorted(old.flags)).decode())
            self.remove([uid], folder)
            return fresh

    def move(
        self, uid: int, folder: str = "Drafts", *, to: str = "Sent", content: bytes | None = None
    ) -> int:
        """Send a draft as another client does: it lies in Sent then, perhaps changed; give its UID there."""
        with self.changed:
            old = self.folder(folder).mails[uid]
            sent = self.deliver(content or old.content, to, at=old.at, flags=r"\Seen")
            self.remove([uid], folder)
            return sent

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
        self._open: str | None = "INBOX"
        self._seen_next = 0
        self._rung = False

    def folders(self) -> tuple[Folder, ...]:
        """The folders found when the connection was made."""
        return self._folders

    def all_folders(self) -> tuple[Folder, ...]:
        """The folders found when the connection was made, then the others."""
        self._play("all_folders", None)
        return inventory(self.account.listing(), self._folders)

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
        found = [number for number in sorted(self._opened().mails) if number > uid]
        for start in range(0, max(1, len(found)), self.account.window):
            self._play("uids_after", uid)
            window = found[start : start + self.account.window]
            if window:
                yield window

    def uids_since(self, day: date) -> list[int]:
        """UIDs of mail taken in on or after a day."""
        self._play("uids_since", day)
        mails = self._opened().mails
        return sorted(uid for uid, mail in mails.items() if mail.at.date() >= day)

    def uids_with_header(self, name: str, value: str) -> list[int]:
        """UIDs of mails with a header that contains a value."""
        header_criteria(name, value)
        self._play("uids_with_header", name)
        return [
            uid
            for uid, mail in sorted(self._opened().mails.items())
            if _has_header(mail.content, name.lower().encode(), value.lower().encode())
        ]

    def heads(self, uids: Sequence[int], fields: Sequence[str]) -> list[MailHead]:
        """The named header fields of these mails."""
        self._play("heads", tuple(uids))
        mails = self._opened().mails
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
        """The whole mails, large ones abridged."""
        opened, mails = self._open or "", self._opened().mails
        for uid in uids:
            self._play("bodies", uid)
            if uid in mails and self.account.hands_out(uid):
                self.account.bodies_read.append((opened, uid))
                content = mails[uid].content
                handed = abridge(FakeSections(content)) if len(content) > LARGE else content
                assert handed is not None
                yield MailBody(uid, handed)

    def append(
        self, folder: str, content: bytes, *, seen: bool, draft: bool, at: datetime
    ) -> Appended | None:
        """Put a mail into a folder."""
        self._play("append", folder)
        kept = self.account.folder(folder)
        flags = " ".join(flag for flag, wanted in ((r"\Seen", seen), (r"\Draft", draft)) if wanted)
        uid = self.account.deliver(content, folder, at=at, flags=flags)
        return Appended(kept.uidvalidity, uid) if self.account.uidplus else None

    def take_back(self, folder: str, place: Appended, digest: str) -> TakenBack:
        """Remove a mail of ours that lies where we put it, as we left it."""
        self._play("take_back", folder)
        self._open = None
        with self.account.changed:
            kept = self.account.folder(folder)
            mail = kept.mails.get(place.uid) if kept.uidvalidity == place.uidvalidity else None
            if mail is None or rb"\Deleted" in mail.flags:
                return TakenBack.GONE
            if content_digest(mail.content) != digest:
                return TakenBack.CHANGED
            if not self.account.uidplus:
                return TakenBack.KEPT
            self.account.flag(place.uid, r"\Deleted", folder)
            self._play("expunge", place.uid)
            self.account.remove([place.uid], folder)
            return TakenBack.REMOVED

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
        return self._rung or self.cut or (self._open is not None and self._opened().uidnext > self._seen_next)

    def _opened(self) -> FakeFolder:
        if self._open is None:
            raise RuntimeError("no folder is open")
        return self.account.folder(self._open)

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


def _has_header(content: bytes, name: bytes, value: bytes) -> bool:
    """Whether a header of that name contains the value, unfolded and in any case."""
    head = content.partition(b"\r\n\r\n")[0] + b"\r\n"
    found = [match[0] for match in _FIELD.finditer(head) if match[1].lower() == name]
    return any(value in field.partition(b":")[2].replace(b"\r\n", b"").lower() for field in found)
