"""What the use cases ask of the outside world: mailboxes, mail submission and time."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date, datetime, timedelta


class Clock(Protocol):
    """The only source of the present."""

    def now(self) -> datetime:
        """The present instant, aware, in UTC."""
        ...


class Security(StrEnum):
    """How a connection is protected; ``none`` is for loopback only."""

    TLS = "tls"
    STARTTLS = "starttls"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a mail server listens.

    Attributes:
        host: name or address; the certificate is checked against it.
        port: TCP port.
        security: how the connection is protected.
        ca_file: certificates to trust instead of the system's, for a server with a private authority.
    """

    host: str
    port: int
    security: Security
    ca_file: str | None = None


class AccessTokens(Protocol):
    """Where access tokens of one account come from (OAuth2); used by several threads."""

    def fresh(self) -> str:
        """An access token that will be good for some minutes.

        Raises:
            MailboxUnavailable: none can be had at the moment; try again later.
            LoginRefused: none can be had until a person does something; the sentence says what.
        """
        ...

    def reject(self, access: str) -> bool:
        """Say that a server did not accept an access token; whether another one may fare better."""
        ...


@dataclass(frozen=True, slots=True)
class Credentials:
    """Who we are to a server; nothing secret ever appears in a representation.

    Attributes:
        username: who logs in.
        password: what proves it; empty where access tokens do.
        tokens: where access tokens come from; None where a password is used.
    """

    username: str
    password: str = field(default="", repr=False)
    tokens: AccessTokens | None = field(default=None, repr=False)

    def xoauth2(self, access: str) -> str:
        """What the mechanism XOAUTH2 sends: the form is Google's and Microsoft's.

        Raises:
            ValueError: a control character would end one of its fields.
        """
        if not (self.username + access).isprintable():
            raise ValueError("a control character in the user name or the token")
        return f"user={self.username}\1auth=Bearer {access}\1\1"


class FolderRole(StrEnum):
    """What a folder is for, however the provider calls it.

    Attributes:
        INBOX: mail arrives there, or the configuration says that it is watched.
        SENT: what was sent.
        DRAFTS: what is being written.
        JUNK: what the provider takes for spam.
        TRASH: what was deleted; told by `Mailbox.all_folders` only.
        ALL: every mail of the account once more; told by `Mailbox.all_folders` only.
        OTHER: whatever a person files there; told by `Mailbox.all_folders` only.
    """

    INBOX = "inbox"
    SENT = "sent"
    DRAFTS = "drafts"
    JUNK = "junk"
    TRASH = "trash"
    ALL = "all"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder on the server.

    Attributes:
        name: its name on the server, decoded.
        role: what it is for; extra watched folders have the role INBOX.
    """

    name: str
    role: FolderRole


@dataclass(frozen=True, slots=True)
class FolderState:
    """What the server says when a folder is opened.

    Attributes:
        uidvalidity: changes when the server renumbers; UIDs of another value mean nothing.
        uidnext: every UID from here on is mail that has yet to come.
        exists: number of mails in the folder.
    """

    uidvalidity: int
    uidnext: int
    exists: int


@dataclass(frozen=True, slots=True)
class MailHead:
    """The little that is read of every mail.

    Attributes:
        uid: its number in the open folder.
        internal_date: when the server took it in, aware, in UTC.
        size: bytes of the whole mail.
        headers: the header fields that were asked for, as sent.
    """

    uid: int
    internal_date: datetime
    size: int
    headers: bytes


@dataclass(frozen=True, slots=True)
class MailBody:
    """One whole mail, or what matters of a large one.

    Attributes:
        uid: its number in the open folder.
        content: the mail; of one over a million bytes the headers, the structure and the texts, as a mail
            again whose first line is ``X-Sokuresu-Abridged: yes``.
    """

    uid: int
    content: bytes


@dataclass(frozen=True, slots=True)
class Appended:
    """Where an appended mail went, if the server says so (UIDPLUS)."""

    uidvalidity: int
    uid: int


class TakenBack(StrEnum):
    """What became of the attempt to remove a mail of our own.

    Attributes:
        REMOVED: it was untouched and is gone now, by our hand.
        CHANGED: a mail lies there, but not as we left it; nothing was done.
        GONE: no mail has this number, or somebody has flagged it as deleted, or the folder was renumbered;
            nothing was done.
        KEPT: it is untouched, but the server cannot remove exactly one mail (no UIDPLUS); nothing was done.
    """

    REMOVED = "removed"
    CHANGED = "changed"
    GONE = "gone"
    KEPT = "kept"


class Mailbox(Protocol):
    """One connected mail account. It is used by one thread only.

    It changes nothing of what it reads: no flag, no mail, no folder. Besides `append`, which adds a mail,
    only `take_back` changes what lies on the server, and it can only remove one mail, ours and untouched.

    Every method raises `MailboxUnavailable` (or its kinds) when the server fails; the caller then closes
    this one and connects anew.
    """

    def folders(self) -> tuple[Folder, ...]:
        """The folders to watch and to file into, found by SPECIAL-USE, known names or configuration."""
        ...

    def all_folders(self) -> tuple[Folder, ...]:
        """Every folder of the account that can be opened: first `folders`, then the rest as listed just now.

        Left out are other people's and shared folders, and views that only show marked mail of other folders.
        """
        ...

    def open(self, folder: str) -> FolderState:
        """Open a folder for reading only (EXAMINE); always asks the server anew."""
        ...

    def status(self, folder: str) -> FolderState:
        """What the server says of a folder without opening it (STATUS); the open one stays open."""
        ...

    def uids_after(self, uid: int, uidnext: int) -> Iterator[list[int]]:
        """UIDs greater than ``uid`` in the open folder, ascending, in windows of bounded size.

        ``uidnext`` is what `open` said; mail that came since is found too.
        """
        ...

    def uids_since(self, day: date) -> list[int]:
        """UIDs in the open folder of mail that the server took in on or after a day, by its own zone."""
        ...

    def uids_with_header(self, name: str, value: str) -> list[int]:
        """UIDs in the open folder of mails with a header that contains a value, ascending (SEARCH HEADER).

        Servers look for the value anywhere in the header, in any case, so it should be unguessable.

        Raises:
            ValueError: the name is not one of a header, or the value is not printable ASCII.
        """
        ...

    def heads(self, uids: Sequence[int], fields: Sequence[str]) -> list[MailHead]:
        """The named header fields of these mails; mails that vanished meanwhile are absent."""
        ...

    def bodies(self, uids: Sequence[int]) -> Iterator[MailBody]:
        """The mails, one after the other, large ones abridged, without marking them as read."""
        ...

    def append(
        self, folder: str, content: bytes, *, seen: bool, draft: bool, at: datetime
    ) -> Appended | None:
        """Put a mail into a folder; None if the server does not say where it went."""
        ...

    def take_back(self, folder: str, place: Appended, digest: str) -> TakenBack:
        """Remove a mail that we put into a folder, if it still lies there exactly as it was.

        No folder is open afterwards. If the connection fails between flagging and removing, the mail may stay
        flagged as deleted; a later attempt then says GONE.

        Args:
            folder: where it was put.
            place: its UIDVALIDITY and UID.
            digest: `content_digest` of the whole mail as the server hands it out.

        Raises:
            FolderMissing: the folder is not there; the connection goes on.
        """
        ...

    def wait(self, limit: timedelta) -> None:
        """Sleep until the server reports something in the open folder, or the limit passes, or `wake`.

        Only a wake-up: whatever woke it, the caller searches the folder again.
        """
        ...

    def wake(self) -> None:
        """End a `wait` from another thread; the only method that another thread may call."""
        ...

    def close(self) -> None:
        """End the connection; never raises."""
        ...


class Verdict(StrEnum):
    """What became of one attempt to hand a mail to the server (decision 4)."""

    ACCEPTED = "accepted"
    DEFERRED = "deferred"
    REFUSED = "refused"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Attempt:
    """The outcome of one attempt.

    Attributes:
        verdict: accepted: 250 to the final dot. deferred: certainly not taken, try again. refused: certainly
            not taken, never will be. unknown: the connection ended after the content was offered.
        reason: one line for the log and the person: stage and server's reply, without addresses.
        before_dialogue: it failed at connect, greeting, EHLO, STARTTLS or AUTH: the account, not the mail.
    """

    verdict: Verdict
    reason: str = ""
    before_dialogue: bool = False


class Submission(Protocol):
    """A way to hand mail to the world; the connection is kept alive between mails."""

    def send(self, *, sender: str, recipient: str, content: bytes) -> Attempt:
        """Hand over one mail to one recipient.

        Raises:
            RecipientForbidden: the recipient is outside the allow-list; nothing was sent.
        """
        ...

    def close(self) -> None:
        """End the connection; never raises."""
        ...
