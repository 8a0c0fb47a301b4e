"""Looks at the mail of the last weeks without changing anything: what would have become of it, and why.

Nothing is written, neither on the server nor in the database. What it costs is bounded in mails and in time.
"""

from __future__ import annotations

import re
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from daemon.errors import FolderMissing
from daemon.log import get_logger
from daemon.ports import FolderRole
from daemon.reading.intake import UNKEPT
from daemon.reading.taking import interest_in
from parsers.authenticity import NO_AUTHSERV_ID, amazon_domain, is_aligned
from parsers.interest import HEADER_FIELDS, Interest
from parsers.mime import message_id_of, parse_headers, parse_mime
from parsers.reading import read
from parsers.signatures import check
from parsers.values import Authenticity, Kind, Refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime

    from daemon.ports import Folder, Mailbox, MailHead
    from daemon.shop import Account, Shop
    from parsers.mime import Headers
    from parsers.values import Reading

LOOKED_BACK = timedelta(days=30)
HEADS_PER_FOLDER = 2_000
BODIES = 200
BODIES_OF_UNWATCHED = 20
SECONDS = 45.0

FEWEST = 3
"""Mails with a good signature of Amazon's that must agree on a host before it is named.

Anybody may have written the others, with results of a host of his own choice.
"""

NEARLY_ALL = 0.9

_HEADS_AT_ONCE = 500
_BODIES_AT_ONCE = 20
_MANY = 80_000
_FIELDS = (*HEADER_FIELDS, "MESSAGE-ID", "AUTHENTICATION-RESULTS", "RECEIVED")
_UNWATCHED = frozenset((FolderRole.OTHER,))
_NOT_READ = frozenset((FolderRole.SENT, FolderRole.DRAFTS))
_BY = re.compile(r"\bby\s+([A-Za-z0-9.-]{1,253})")

_log = get_logger(__name__)


@dataclass(slots=True)
class Past:
    """What lies in one account from Amazon, of the last weeks.

    Attributes:
        mails: heads of Amazon's mails in the watched folders.
        kinds: how many of each kind, of those whose bodies were read.
        acknowledgeable: buyer messages in which nothing forbids an acknowledgment.
        refusals: the first reason against it, of the others.
        unwatched: folders that nobody reads, with their number of mails from Amazon.
        hosts: whose Authentication-Results stand topmost, and on how many of the mails that count.
        counted: mails that count: those proven by their own signature, else all.
        verified: they are proven, and enough.
        strange: hosts whose name does not fit the servers that took the mail in.
        capped: not everything could be looked at.
    """

    mails: int = 0
    kinds: Counter[Kind] = field(default_factory=Counter)
    acknowledgeable: int = 0
    refusals: Counter[Refusal] = field(default_factory=Counter)
    unwatched: dict[str, int] = field(default_factory=dict)
    hosts: Counter[str] = field(default_factory=Counter)
    counted: int = 0
    verified: bool = False
    strange: set[str] = field(default_factory=set)
    capped: bool = False

    @property
    def buyer_messages(self) -> int:
        """Messages of buyers that were read."""
        return self.kinds[Kind.BUYER_MESSAGE]

    @property
    def suggestion(self) -> str | None:
        """The host whose result is topmost on nearly all proven mails, and that no sender can have named."""
        for host, number in self.hosts.most_common(1):
            often = self.verified and number >= max(FEWEST, NEARLY_ALL * self.counted)
            return host if often and host not in self.strange else None
        return None


@dataclass(frozen=True, slots=True)
class _Trace:
    """Whose result stands topmost on a mail, and whether a sender could have written it."""

    host: str | None
    strange: bool


@dataclass(slots=True)
class _Effort:
    """What is left of what the look may cost."""

    deadline: float
    now: Callable[[], float]
    bodies: int

    def is_spent(self) -> bool:
        """The time is over."""
        return self.now() >= self.deadline


class LookBack:
    """One look at one account."""

    def __init__(
        self, shop: Shop, account: Account, now: datetime, *, stopwatch: Callable[[], float] = time.monotonic
    ) -> None:
        """Set up the look.

        Args:
            shop: the configuration.
            account: the mailbox to look at.
            now: the present, in UTC.
            stopwatch: seconds that only grow.
        """
        self._shop = shop
        self._account = account
        self._since = now - LOOKED_BACK
        self._effort = _Effort(stopwatch() + SECONDS, stopwatch, BODIES)
        self._past = Past()
        self._names: set[str] = set()
        self._all: list[_Trace] = []
        self._proven: dict[str, _Trace] = {}

    def look(self, mailbox: Mailbox) -> Past:
        """Read what is there; opens folders for reading only, and peeks.

        Raises:
            MailboxUnavailable: the server failed.
        """
        watched = [folder for folder in mailbox.folders() if folder.role not in _NOT_READ]
        for folder in watched:
            self._look_at_watched(mailbox, folder)
        known = {folder.name for folder in mailbox.folders()}
        for folder in mailbox.all_folders():
            if folder.name not in known and folder.role in _UNWATCHED:
                self._look_at_unwatched(mailbox, folder)
        self._weigh_hosts()
        return self._past

    def _look_at_watched(self, mailbox: Mailbox, folder: Folder) -> None:
        heads = self._heads(mailbox, folder)
        self._names |= {_name_of(head) for head in heads}
        self._past.mails += len(heads)
        self._all += [_trace(head) for head in heads]
        for head, content, reading in self._readings(mailbox, heads, self._effort.bodies):
            self._effort.bodies -= 1
            self._count(reading)
            if self._is_signed(head, content, reading):
                # One genuine mail that a stranger sends on again and again is one witness.
                self._proven[_name_of(head)] = _trace(head)

    def _look_at_unwatched(self, mailbox: Mailbox, folder: Folder) -> None:
        """Mail that lies in a watched folder as well is read, so it is not missed."""
        heads = [head for head in self._heads(mailbox, folder) if _name_of(head) not in self._names]
        readings = self._readings(mailbox, heads, BODIES_OF_UNWATCHED)
        if any(reading.kind not in UNKEPT for _, _, reading in readings):
            self._past.unwatched[folder.name] = len(heads)

    def _heads(self, mailbox: Mailbox, folder: Folder) -> list[MailHead]:
        """Amazon's mails of the last weeks in one folder, the newest first."""
        if self._effort.is_spent():
            self._past.capped = True
            return []
        try:
            uids = self._uids(mailbox, folder)
        except FolderMissing:
            return []
        found: list[MailHead] = []
        for start in range(0, len(uids), _HEADS_AT_ONCE):
            found += mailbox.heads(uids[start : start + _HEADS_AT_ONCE], _FIELDS)
        ours = [
            head
            for head in found
            if head.internal_date >= self._since
            and interest_in(head, self._account, self._shop) is Interest.AMAZON
        ]
        return sorted(ours, key=lambda head: -head.uid)

    def _uids(self, mailbox: Mailbox, folder: Folder) -> list[int]:
        state = mailbox.open(folder.name)
        if state.exists > _MANY:
            after = max(0, state.uidnext - 1 - HEADS_PER_FOLDER * 10)
            uids = [uid for window in mailbox.uids_after(after, state.uidnext) for uid in window]
        else:
            uids = mailbox.uids_since(self._since.date())
        self._past.capped |= len(uids) > HEADS_PER_FOLDER
        return uids[-HEADS_PER_FOLDER:]

    def _readings(
        self, mailbox: Mailbox, heads: Sequence[MailHead], most: int
    ) -> Iterator[tuple[MailHead, bytes, Reading]]:
        """What the newest of these mails say, as far as the time suffices."""
        by_uid = {head.uid: head for head in heads[:most]}
        self._past.capped |= len(heads) > most
        uids = list(by_uid)
        for start in range(0, len(uids), _BODIES_AT_ONCE):
            for body in mailbox.bodies(uids[start : start + _BODIES_AT_ONCE]):
                if self._effort.is_spent():
                    self._past.capped = True
                    return
                head = by_uid[body.uid]
                reading = self._understood(body.content, head)
                if reading is not None:
                    yield head, body.content, reading

    def _understood(self, content: bytes, head: MailHead) -> Reading | None:
        try:
            return read(content, self._account.trust, head.internal_date)
        except Exception:  # noqa: BLE001 - the service puts such a mail aside; here it only does not count
            _log.exception("mail could not be read", action="left_out", uid=head.uid)
            return None

    def _is_signed(self, head: MailHead, content: bytes, reading: Reading) -> bool:
        """Whether our own check proves that Amazon sent a mail, whatever a host wrote into it."""
        sender = (reading.envelope.from_address or "").rpartition("@")[2]
        trust = self._account.trust
        if trust.keys is None or amazon_domain(sender) is None:
            return False
        if trust.authserv_id is None:
            return reading.authenticity is Authenticity.PASS
        verdict, _ = check(content, parse_mime(content), trust.keys, head.internal_date)
        return verdict is Authenticity.PASS

    def _count(self, reading: Reading) -> None:
        past = self._past
        past.kinds[reading.kind] += 1
        if reading.kind is not Kind.BUYER_MESSAGE:
            return
        if reading.may_acknowledge:
            past.acknowledgeable += 1
        else:
            past.refusals[reading.refusals[0]] += 1

    def _weigh_hosts(self) -> None:
        """Mail that is proven tells the truth about the provider; without it, what is seen is only shown."""
        self._past.verified = len(self._proven) >= FEWEST
        counting = list(self._proven.values()) if self._past.verified else self._all
        self._past.counted = len(counting)
        self._past.hosts = Counter(trace.host for trace in counting if trace.host is not None)
        self._past.strange = {trace.host for trace in counting if trace.strange and trace.host is not None}


def _name_of(head: MailHead) -> str:
    return message_id_of(head.headers) or str(hash(head.headers))


def _trace(head: MailHead) -> _Trace:
    """Whose result is topmost.

    A provider writes it above or right below the lines of its own servers. Where such lines stand above, one
    of them must be of the same house; else it may be a part of what was sent.
    """
    headers = parse_headers(head.headers)[0]
    above: list[str] = []
    for name, value in headers.items:
        if name.lower() == "received":
            above += _BY.findall(value[:2_000])
        elif name.lower() == "authentication-results":
            host = _host_of(headers)
            fits = not above or host == NO_AUTHSERV_ID or any(_same_house(host, by) for by in above)
            return _Trace(host, not fits)
    return _Trace(None, strange=False)


def _host_of(headers: Headers) -> str:
    """The name in front of the topmost result."""
    words = headers.raw_all("Authentication-Results")[0].partition(";")[0].split()
    return NO_AUTHSERV_ID if not words or "=" in words[0] else words[0].lower()


def _same_house(host: str, server: str) -> bool:
    """Whether two hosts share a domain that is nobody else's."""
    server = server.lower().rstrip(".")
    parents = [host, *(host.split(".", number)[-1] for number in range(1, host.count(".")))]
    return any(is_aligned(parent, server) for parent in parents)
