"""Takes old mail in as history: closed cases and the answers that they got, for reports and for the record.

Nobody is told, nothing is sent, no raw mail is kept, no reading position moves. Mail that the service reads
by itself, from whichever mailbox, or that a first start may still offer, is left alone: it would never be new
again.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING

from daemon.errors import MailboxUnavailable
from daemon.log import get_logger
from daemon.past_mail import Fate, Result, note_answer, store_arrival
from daemon.ports import FolderRole
from daemon.reading.arrivals import Arrival, identity_keys, name_key
from daemon.reading.case_mail import Era, era_at
from daemon.reading.folder_reader import DAY_OF_ANOTHER_ZONE, HEADS_AT_ONCE, INBOX_FIELDS
from daemon.reading.sent_watch import SENT_FIELDS
from daemon.reading.taking import interest_in
from daemon.work import Work
from parsers.interest import Interest
from parsers.mime import message_id_of, parse_headers
from parsers.reading import read
from parsers.sent import read_sent
from parsers.values import BuyerAlias
from state.deadlines import received_at
from state.engine import DATABASE_TROUBLE
from state.model import Place

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from datetime import date
    from zoneinfo import ZoneInfo

    from daemon.ports import Clock, Folder, FolderState, MailBody, Mailbox, MailHead
    from daemon.shop import Account, Shop
    from parsers.sent import SentMail
    from state.repository.bookkeeping import MailboxHealth
    from state.unit_of_work import Database

OFFERED_AT_FIRST = timedelta(hours=48)
"""Of a mailbox that was never watched this much may yet become cases by ``init``."""

_MANY = 80_000
"""Mails in a folder; of more the answer to one search would not fit into imaplib's line."""

_BODIES_AT_ONCE = 20
_READ = frozenset((Interest.AMAZON, Interest.FEEDBACK_SENDER))

_log = get_logger(__name__)


@dataclass(slots=True)
class Found:
    """What a look into the past has found, all together.

    Attributes:
        fates: the number of mails of each fate.
        cases: those that got a message.
        answered: those whose answer was found.
        orders: every order that Amazon's frame named.
    """

    fates: Counter[Fate] = field(default_factory=Counter)
    cases: set[int] = field(default_factory=set)
    answered: set[int] = field(default_factory=set)
    orders: set[str] = field(default_factory=set)

    @property
    def mails(self) -> int:
        """Mails of that time that were looked at."""
        return self.fates.total() - self.fates[Fate.EARLIER]

    def add(self, result: Result) -> None:
        """Count one mail."""
        self.fates[result.fate] += 1
        self.cases |= {one for one in (result.case_id,) if one is not None}
        self.answered |= {one for one in (result.answered,) if one is not None}
        self.orders |= set(result.order_ids)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far one folder was looked through, in mails."""

    mailbox: str
    folder: str
    done: int
    total: int


def start_of(day: date, zone: ZoneInfo) -> datetime:
    """The first instant of a local day, in UTC."""
    return datetime.combine(day, time.min, tzinfo=zone).astimezone(UTC)


class Backfill:
    """Looks through the past of one account; whoever starts it holds the shop's lock."""

    def __init__(
        self,
        database: Database,
        shop: Shop,
        account: Account,
        clock: Clock,
        *,
        connect: Callable[[], Mailbox],
        since: datetime,
        on_progress: Callable[[Progress], None],
    ) -> None:
        """Set up the look back.

        Args:
            database: where everything is stored.
            shop: the configuration.
            account: the mailbox to look through.
            clock: the time.
            connect: opens a connection.
            since: mail that arrived before this instant is left out.
            on_progress: told after each batch.
        """
        self._database = database
        self._shop = shop
        self._account = account
        self._clock = clock
        self._connect = connect
        self._since = since
        self._on_progress = on_progress
        self._until = clock.now() - OFFERED_AT_FIRST
        self._starts: tuple[MailboxHealth, ...] = ()

    def run(self, found: Found) -> None:
        """Take in what is there and not known yet; each mail is a transaction, so it may be broken off.

        Raises:
            MailboxUnavailable: the server failed; what was read until then is stored.
        """
        with self._database.read() as uow:
            self._starts = uow.mailboxes.all()
        mailbox = self._connect()
        try:
            folders = [one for one in mailbox.folders() if one.role is not FolderRole.DRAFTS]
            # An answer says nothing before the mail that it answers.
            for folder in sorted(folders, key=lambda one: one.role is FolderRole.SENT):
                mailbox = self._look_through(mailbox, folder, found)
        finally:
            mailbox.close()

    def _look_through(self, mailbox: Mailbox, folder: Folder, found: Found) -> Mailbox:
        state = mailbox.open(folder.name)
        uids = self._uids(mailbox, state)
        self._on_progress(Progress(self._account.name, folder.name, 0, len(uids)))
        for start in range(0, len(uids), HEADS_AT_ONCE):
            batch = uids[start : start + HEADS_AT_ONCE]
            wanted = self._wanted(mailbox, folder, batch, found)
            for heads in _slices(wanted, _BODIES_AT_ONCE):
                bodies, mailbox = self._bodies(mailbox, folder, heads)
                for head in heads:
                    found.add(self._take(head, bodies.get(head.uid), folder, state))
            self._on_progress(Progress(self._account.name, folder.name, start + len(batch), len(uids)))
        return mailbox

    def _uids(self, mailbox: Mailbox, state: FolderState) -> list[int]:
        if state.exists > _MANY:
            return [uid for window in mailbox.uids_after(0, state.uidnext) for uid in window]
        return mailbox.uids_since((self._since - DAY_OF_ANOTHER_ZONE).date())

    def _wanted(self, mailbox: Mailbox, folder: Folder, uids: Sequence[int], found: Found) -> list[MailHead]:
        """The heads of mail from Amazon, or to buyers, that is not known yet."""
        sent = folder.role is FolderRole.SENT
        heads = mailbox.heads(uids, SENT_FIELDS if sent else INBOX_FIELDS)
        ours = [head for head in heads if head.internal_date >= self._since and self._concerns(head, sent)]
        names = {head.uid: message_id_of(head.headers) for head in ours}
        with self._database.read() as uow:
            held = uow.identities.known([name_key(name) for name in names.values() if name])
        known = [head for head in ours if name_key(names[head.uid] or "") in held]
        for _ in known:
            found.add(Result(Fate.KNOWN))
        return [head for head in ours if head not in known]

    def _concerns(self, head: MailHead, sent: bool) -> bool:
        if sent:
            return any(map(BuyerAlias.parse, parse_headers(head.headers)[1].to_addresses))
        return interest_in(head, self._account, self._shop) in _READ

    def _bodies(
        self, mailbox: Mailbox, folder: Folder, heads: Sequence[MailHead]
    ) -> tuple[dict[int, MailBody], Mailbox]:
        """What the server hands out of these mails; after a failure each is asked for alone."""
        try:
            return _by_uid(mailbox.bodies([head.uid for head in heads])), mailbox
        except MailboxUnavailable:
            mailbox = self._anew(mailbox, folder)
        bodies: dict[int, MailBody] = {}
        for head in heads:
            try:
                bodies |= _by_uid(mailbox.bodies([head.uid]))
            except MailboxUnavailable:
                _log.warning("mail cannot be fetched", action="left_out", folder=folder.name, uid=head.uid)
                mailbox = self._anew(mailbox, folder)
        return bodies, mailbox

    def _anew(self, mailbox: Mailbox, folder: Folder) -> Mailbox:
        """Another connection; if even that fails, so does the whole."""
        mailbox.close()
        fresh = self._connect()
        fresh.open(folder.name)
        return fresh

    def _take(self, head: MailHead, body: MailBody | None, folder: Folder, state: FolderState) -> Result:
        """Take in one mail; one that fails is told in the end, and stops no other."""
        if body is None:
            return Result(Fate.FAILED)
        try:
            if folder.role is FolderRole.SENT:
                return self._take_sent(read_sent(body.content), head)
            place = Place(self._account.name, folder.name, state.uidvalidity, head.uid)
            reading = read(body.content, self._account.trust, head.internal_date)
            return self._take_arrival(Arrival(place, folder.role, head.internal_date, body.content, reading))
        except DATABASE_TROUBLE:
            raise
        except Exception:  # noqa: BLE001 - no mail may stop the ones behind it
            _log.exception("old mail could not be taken in", action="left_out", uid=head.uid)
            return Result(Fate.FAILED)

    def _era(self, received: datetime) -> Fate | None:
        """Why the time of a mail forbids that it is touched; None if it is history.

        An identity holds for the whole shop: another mailbox may have the same mail and not have read it yet.
        """
        if received < self._since:
            return Fate.EARLIER
        started = any(start.name == self._account.name for start in self._starts)
        offered = not started and received >= self._until
        wanted = any(era_at(start, received) is not Era.HISTORY for start in self._starts)
        return Fate.LEFT if offered or wanted else None

    def _take_arrival(self, arrival: Arrival) -> Result:
        refused = self._era(arrival.received_at)
        if refused is not None:
            return Result(refused)
        with self._database.write() as uow:
            if uow.identities.holders(identity_keys(arrival)):
                return Result(Fate.KNOWN)
            result = store_arrival(arrival, Work(uow, self._shop, self._clock.now()))
            uow.commit()
        return result

    def _take_sent(self, mail: SentMail, head: MailHead) -> Result:
        at = received_at(mail.envelope.date, head.internal_date)
        refused = self._era(at)
        if refused is not None:
            return Result(refused)
        if mail.envelope.outbox_id is not None or mail.automatic:
            return Result(Fate.NOTED)
        with self._database.write() as uow:
            result = note_answer(mail, at, Work(uow, self._shop, self._clock.now()))
            uow.commit()
        return result


def _by_uid(bodies: Iterable[MailBody]) -> dict[int, MailBody]:
    return {body.uid: body for body in bodies}


def _slices(heads: Sequence[MailHead], size: int) -> Iterator[Sequence[MailHead]]:
    for start in range(0, len(heads), size):
        yield heads[start : start + size]
