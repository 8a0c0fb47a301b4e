"""A mailbox on an IMAP server."""

from __future__ import annotations

import contextlib
import imaplib
import re
import time
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from imapclient import DRAFT, SEEN

from daemon.errors import FolderMissing, MailboxUnavailable
from daemon.mailbox.abridging import NotHandedOutError, Ordeals, abridge
from daemon.mailbox.connection import hang_up, open_connection
from daemon.mailbox.failures import broken, told_as
from daemon.mailbox.fetching import MailOnServer, fetch_bodies, fetch_heads
from daemon.mailbox.folders import discover, inventory, list_folders, missing_folder
from daemon.mailbox.idle import LONGEST_STRETCH, Alarm, idle, nap
from daemon.mailbox.removal import open_for_removal, remove_untouched
from daemon.mailbox.searching import (
    arrivals,
    ask_for_news,
    changes,
    header_criteria,
    search_after,
    search_header,
    search_since,
)
from daemon.ports import Appended, Folder, FolderRole, FolderState, TakenBack

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date, datetime, timedelta

    from imapclient import IMAPClient

    from daemon.ports import Credentials, Endpoint, MailBody, MailHead

REOPEN_AFTER = 600.0
"""Seconds after which a folder that stays open is opened anew: a server may go on serving a folder that was
deleted and made again, and would never say so."""

_APPENDUID = re.compile(rb"\[APPENDUID (\d{1,10}) (\d{1,10})\]", re.IGNORECASE)
# RFC 5530: these say that the server is in trouble, not that the folder is gone.
_PASSING = re.compile(r"\[(?:UNAVAILABLE|INUSE|LIMIT|SERVERBUG|OVERQUOTA)\]", re.IGNORECASE)
# imapclient's words for a plain NO.
_REFUSED = re.compile(r"(?:select|status) failed: ", re.IGNORECASE)
_STATUS = ("MESSAGES", "UIDNEXT", "UIDVALIDITY")
_FAREWELL = 2.0
_Item = TypeVar("_Item")


def connect(
    endpoint: Endpoint,
    credentials: Credentials,
    *,
    watched: tuple[str, ...] = ("INBOX",),
    named: Mapping[FolderRole, str] | None = None,
    timeout: float = 30.0,
    ordeals: Ordeals | None = None,
) -> ImapMailbox:
    """Connect, log in and find the folders.

    Args:
        endpoint: where the server listens.
        credentials: who we are.
        watched: folders that must be there.
        named: the configuration's names for sent, drafts and junk, used if the server does not tell.
        timeout: seconds that the server may take for any single answer.
        ordeals: the large mails at which earlier connections to the account broke.

    Raises:
        MailboxUnavailable: the server cannot be reached or must not be trusted.
        LoginRefused: it does not accept the credentials.
        FolderMissing: a watched folder does not exist.
    """
    client = open_connection(endpoint, credentials, timeout)
    try:
        with told_as(broken, endpoint):
            capabilities = frozenset(name.decode("ascii", "replace") for name in client.capabilities())
            listing = list_folders(client, capabilities)
            folders = discover(listing, watched, named or {}, endpoint.host)
        return ImapMailbox(client, endpoint, folders, capabilities, ordeals or Ordeals())
    except BaseException:
        hang_up(client)
        raise


class ImapMailbox:
    """One connected account; see `daemon.ports.Mailbox` for what each method promises.

    It reads with EXAMINE and BODY.PEEK only, so nothing that it reads is changed; `take_back` alone opens a
    folder for writing, and leaves it before anything else is done.
    """

    def __init__(
        self,
        client: IMAPClient,
        endpoint: Endpoint,
        folders: tuple[Folder, ...],
        capabilities: frozenset[str],
        ordeals: Ordeals,
    ) -> None:
        self._client = client
        self._ordeals = ordeals
        self._endpoint = endpoint
        self._folders = folders
        self._capabilities = capabilities
        self._idles = "IDLE" in capabilities
        self._alarm = Alarm()
        self._state = FolderState(0, 0, 0)
        self._selected: str | None = None
        self._examined_at = 0.0
        self._arrivals = 0
        self._changes = 0
        self._sizes: dict[int, int] = {}
        self._broken = False

    def folders(self) -> tuple[Folder, ...]:
        """The folders found when the connection was made."""
        return self._folders

    def all_folders(self) -> tuple[Folder, ...]:
        """The folders found when the connection was made, then the account's others as listed just now."""
        with self._told():
            return inventory(list_folders(self._client, self._capabilities), self._folders)

    def open(self, folder: str) -> FolderState:
        """Open a folder for reading only; one that is open already is asked what is new."""
        with self._told():
            known = self._state if folder == self._selected else None
            self._selected, self._sizes = None, {}
            self._state = (known and self._refreshed(folder, known)) or self._examined(folder)
            self._selected = folder
            return self._state

    def status(self, folder: str) -> FolderState:
        """What the server says of a folder without opening it; of the open one as `open` tells it."""
        if folder == self._selected:
            return self.open(folder)
        with self._told(), self._missing_told(folder):
            return self._asked(folder)

    def uids_after(self, uid: int, uidnext: int) -> Iterator[list[int]]:
        """UIDs greater than ``uid``, ascending; one SEARCH unless very much was never read."""
        opened = self._state
        self._arrivals = arrivals(self._client)
        windows = search_after(self._client, uid, uidnext=uidnext, exists=opened.exists)
        return self._while_open(opened, windows)

    def uids_since(self, day: date) -> list[int]:
        """UIDs of mail that the server took in on or after a day."""
        with self._told_of_open():
            return search_since(self._client, day)

    def uids_with_header(self, name: str, value: str) -> list[int]:
        """UIDs of mails with a header that contains a value."""
        criteria = header_criteria(name, value)
        with self._told_of_open():
            return search_header(self._client, criteria)

    def heads(self, uids: Sequence[int], fields: Sequence[str]) -> list[MailHead]:
        """The named header fields of these mails."""
        with self._told_of_open():
            heads = fetch_heads(self._client, uids, fields)
        self._sizes.update((head.uid, head.size) for head in heads)
        return heads

    def bodies(self, uids: Sequence[int]) -> Iterator[MailBody]:
        """The whole mails, large ones abridged."""
        return self._while_open(self._state, fetch_bodies(self._client, uids, self._sizes, self._abridged))

    def append(
        self, folder: str, content: bytes, *, seen: bool, draft: bool, at: datetime
    ) -> Appended | None:
        """Put a mail into a folder."""
        flags = [flag for flag, wanted in ((SEEN, seen), (DRAFT, draft)) if wanted]
        with self._told():
            try:
                answer: bytes = self._client.append(folder, content, flags, at)
            except imaplib.IMAP4.error as failure:
                if "[TRYCREATE]" in str(failure):
                    raise missing_folder(folder, self._endpoint.host) from failure
                raise
        place = _APPENDUID.search(answer)
        return Appended(int(place[1]), int(place[2])) if place else None

    def take_back(self, folder: str, place: Appended, digest: str) -> TakenBack:
        """Remove a mail of ours that lies where we put it, as we left it."""
        with self._told():
            self._selected, self._sizes, self._state = None, {}, FolderState(0, 0, 0)
            with self._missing_told(folder):
                opened = open_for_removal(self._client, folder, self._capabilities)
            outcome = remove_untouched(opened, place, digest)
        self._leave(folder)
        return outcome

    def wait(self, limit: timedelta) -> None:
        """Sleep until something is reported, the limit passes or `wake`; five minutes at most."""
        seconds = min(limit.total_seconds(), LONGEST_STRETCH)
        with self._told():
            if arrivals(self._client) != self._arrivals:
                # It was announced during another command; IDLE would not announce it again.
                self._arrivals = arrivals(self._client)
                return
            if self._idles:
                self._idles = idle(self._client, self._alarm, seconds)
            if not self._idles:
                nap(self._client, self._alarm, seconds)
            self._arrivals = arrivals(self._client)

    def wake(self) -> None:
        """End a `wait` from another thread."""
        self._alarm.ring()

    def close(self) -> None:
        """End the connection, politely if it still works."""
        with contextlib.suppress(Exception):
            if not self._broken:
                self._client.socket().settimeout(_FAREWELL)
                self._client.logout()
        hang_up(self._client)
        self._broken = True
        self._alarm.close()

    def _refreshed(self, folder: str, known: FolderState) -> FolderState | None:
        """The state of the folder that is open; None if it must be opened anew.

        Opening it again would cost the server time that grows with the folder. NOOP makes it report what
        is new, unless it did so by itself; STATUS is right only after that, and only needed then.
        """
        if time.monotonic() - self._examined_at > REOPEN_AFTER:
            return None
        if changes(self._client) == self._changes:
            ask_for_news(self._client)
        if changes(self._client) == self._changes:
            # The same state, but another opening: what was being read of the earlier one has ended.
            return replace(known)
        self._note_announcements()
        state = self._asked(folder)
        return state if state.uidvalidity == known.uidvalidity else None

    def _asked(self, folder: str) -> FolderState:
        answer = self._client.folder_status(folder, _STATUS)
        return FolderState(answer[b"UIDVALIDITY"], answer[b"UIDNEXT"], answer[b"MESSAGES"])

    @contextlib.contextmanager
    def _missing_told(self, folder: str) -> Iterator[None]:
        """A plain NO means that the folder is gone."""
        try:
            yield
        except imaplib.IMAP4.error as failure:
            if not _REFUSED.match(str(failure)) or _PASSING.search(str(failure)):
                raise
            raise missing_folder(folder, self._endpoint.host) from failure

    def _examined(self, folder: str) -> FolderState:
        with self._missing_told(folder):
            answer = self._client.select_folder(folder, readonly=True)
        self._examined_at = time.monotonic()
        self._note_announcements()
        uidnext = answer.get(b"UIDNEXT") or self._client.folder_status(folder, ["UIDNEXT"])[b"UIDNEXT"]
        return FolderState(answer[b"UIDVALIDITY"], uidnext, answer[b"EXISTS"])

    def _leave(self, folder: str) -> None:
        """Open the folder for reading: that ends the writing, and expunges nothing, as CLOSE would.

        What was done in it is told even if this fails; the next call says that the connection is lost.
        """
        with contextlib.suppress(MailboxUnavailable), self._told():
            self._client.select_folder(folder, readonly=True)
            self._note_announcements()

    def _note_announcements(self) -> None:
        """What the server has announced so far is in the state that is about to be told."""
        self._arrivals = arrivals(self._client)
        self._changes = changes(self._client)

    def _abridged(self, uid: int) -> bytes | None:
        """A large mail; what breaks a connection time and again is read without its structure."""
        source = MailOnServer(self._client, uid)
        mail = (self._selected or "", self._state.uidvalidity, uid)
        try:
            if self._ordeals.is_hopeless(mail):
                return abridge(source, structured=False)
            with self._ordeals.endured(mail):
                return abridge(source)
        except NotHandedOutError as refusal:
            raise MailboxUnavailable(f"{self._endpoint.host} does not hand out a large mail.") from refusal

    def _while_open(self, opened: FolderState, items: Iterator[_Item]) -> Iterator[_Item]:
        """Hand the items on as they come; numbers of one folder mean nothing in another."""
        while True:
            if self._state is not opened:
                raise RuntimeError("a folder was opened while another was being read")
            with self._told_of_open():
                item = next(items, None)
            if item is None:
                return
            yield item

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        """Tell failures in our words; after one the dialogue may be out of step, so nothing more is asked."""
        if self._broken:
            raise MailboxUnavailable(f"The connection to {self._endpoint.host} is closed; connect anew.")
        try:
            with told_as(broken, self._endpoint):
                yield
        except FolderMissing:
            raise
        except MailboxUnavailable:
            self._broken = True
            raise

    @contextlib.contextmanager
    def _told_of_open(self) -> Iterator[None]:
        """Likewise, of what is asked of the open folder: without one, numbers would mean another's mails."""
        with self._told():
            if self._selected is None:
                raise RuntimeError("no folder is open")
            yield
