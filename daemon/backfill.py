"""Takes old mail in as history: closed cases and the answers that they got, for reports and for the record.

Nobody is told, nothing is sent, no raw mail is kept, no reading position moves. Mail that the service reads
by itself, from whichever mailbox, or that a first start may still offer, is left alone: it would never be new
again.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from daemon.aftercare.feedback import note_mail
from daemon.errors import MailboxUnavailable
from daemon.log import get_logger
from daemon.order_facts import note_order_facts
from daemon.ports import FolderRole
from daemon.reading.arrivals import Arrival, identity_keys, name_key
from daemon.reading.case_mail import CaseMail, Era, era_at, keep_history, subject_of
from daemon.reading.folder_reader import DAY_OF_ANOTHER_ZONE, HEADS_AT_ONCE, INBOX_FIELDS
from daemon.reading.sent_watch import SENT_FIELDS, our_ids
from daemon.reading.taking import interest_in
from daemon.work import Work
from parsers.fingerprints import fingerprint_text
from parsers.interest import Interest
from parsers.mime import message_id_of, parse_headers
from parsers.reading import read
from parsers.sent import read_sent
from parsers.values import Authenticity, BuyerAlias, DeliveryFailure, ReplyCopy, UnrecognisedAmazon
from state.deadlines import received_at
from state.engine import DATABASE_TROUBLE
from state.matching import answered_by_mail, match
from state.model import Answer, AnswerSource, CaseState, Place, settle

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from datetime import date
    from zoneinfo import ZoneInfo

    from daemon.ports import Clock, Folder, FolderState, MailBody, Mailbox, MailHead
    from daemon.shop import Account, Shop
    from parsers.sent import SentMail
    from state.model import Case, Message
    from state.repository.bookkeeping import MailboxHealth
    from state.unit_of_work import Database, UnitOfWork

OFFERED_AT_FIRST = timedelta(hours=48)
"""Of a mailbox that was never watched this much may yet become cases by ``init``."""

_MANY = 80_000
"""Mails in a folder; of more the answer to one search would not fit into imaplib's line."""

_BODIES_AT_ONCE = 20
_READ = frozenset((Interest.AMAZON, Interest.FEEDBACK_SENDER))

_log = get_logger(__name__)


class Fate(StrEnum):
    """What became of one old mail.

    Attributes:
        EARLIER: it is from before the first day.
        STORED: it is a message of a closed case now.
        NOTED: it told of an order, an answer or nothing, and is not stored.
        KNOWN: it was known already.
        LEFT: it is for the service.
        ASIDE: it may be forged, or no rule reads it.
        FAILED: the server does not hand it out, or our own reading failed.
    """

    EARLIER = "earlier"
    STORED = "stored"
    NOTED = "noted"
    KNOWN = "known"
    LEFT = "left"
    ASIDE = "aside"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Result:
    """One mail's fate, and what it concerns."""

    fate: Fate
    case_id: int | None = None
    answered: int | None = None
    order_ids: tuple[str, ...] = ()


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
            result = _store(arrival, Work(uow, self._shop, self._clock.now()))
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
            result = _note_answer(mail, at, Work(uow, self._shop, self._clock.now()))
            uow.commit()
        return result


def _store(arrival: Arrival, work: Work) -> Result:
    """What one old mail from Amazon leaves behind."""
    reading = arrival.reading
    frame = getattr(reading.notification, "frame", None)
    orders = tuple(frame.order_ids) if frame is not None else ()
    if reading.authenticity is Authenticity.FAIL:
        return Result(Fate.ASIDE)
    _note_order(arrival, orders, work)
    if isinstance(reading.notification, CaseMail):
        case_id = _keep(arrival, reading.notification, work)
        fate = Fate.NOTED if case_id is None else Fate.STORED
        return Result(fate, case_id, order_ids=orders)
    if isinstance(reading.notification, ReplyCopy | DeliveryFailure):
        _claim(arrival, work)
    if isinstance(reading.notification, ReplyCopy):
        return Result(Fate.NOTED, answered=_answered_by_copy(arrival, orders, work), order_ids=orders)
    unread = isinstance(reading.notification, UnrecognisedAmazon)
    return Result(Fate.ASIDE if unread else Fate.NOTED, order_ids=orders)


def _keep(arrival: Arrival, notification: CaseMail, work: Work) -> int | None:
    """Put a message to its conversation as far as that is history too; nothing of the present is touched."""
    subject = subject_of(notification)
    related = work.uow.cases.related(
        case_key=subject.case_key, buyer_key=subject.buyer_key, order_ids=subject.order_ids
    )
    past = [case for case, _ in _past(related, work.uow)]
    found = match(subject, past, arrival.received_at)
    if found.case is None and not found.opens:
        note_mail(work, arrival, None, quiet=True)
        return None
    return keep_history(arrival, notification, work, found.case).id


def _past(cases: Iterable[Case], uow: UnitOfWork) -> Iterator[tuple[Case, tuple[Message, ...]]]:
    """Those that are nothing but history, as they were when they were new, with their messages."""
    for case in cases:
        messages = uow.messages.of_case(case.id)
        if case.state is CaseState.CLOSED and messages and all(Era.HISTORY in one.facts for one in messages):
            yield replace(case, state=CaseState.OPEN, opened_at=messages[0].received_at), messages


def _note_order(arrival: Arrival, orders: tuple[str, ...], work: Work) -> None:
    """Add what is not known of an order; what is known may come from a newer mail."""
    known = work.uow.orders.of(orders)
    note_order_facts(work, arrival.reading)
    for facts in known:
        work.uow.orders.note(facts, work.now)


def _claim(arrival: Arrival, work: Work) -> None:
    keys, authenticity = identity_keys(arrival), arrival.reading.authenticity
    work.uow.identities.claim(keys, message=None, authenticity=authenticity, at=work.now)


def _answered_by_copy(arrival: Arrival, orders: tuple[str, ...], work: Work) -> int | None:
    """The one old case of the order that Amazon's copy of a reply answers."""
    copy = arrival.reading.notification
    if arrival.reading.authenticity is not Authenticity.PASS or not isinstance(copy, ReplyCopy) or not orders:
        return None
    related = work.uow.cases.related(case_key=None, buyer_key=None, order_ids=orders)
    candidates = _begun(related, arrival.received_at, work.uow)
    if len(candidates) != 1:
        return None
    answer = Answer(arrival.received_at, AnswerSource.COPY)
    name = arrival.reading.envelope.message_id or identity_keys(arrival)[0]
    return _record(work, candidates[0], answer, f"copy:{name}", fingerprint_text(copy.text))


def _note_answer(mail: SentMail, at: datetime, work: Work) -> Result:
    """Mark the old case as answered that a mail in the Sent folder was written to."""
    uow = work.uow
    reference = f"sent:{mail.envelope.message_id or f'{fingerprint_text(mail.text)[:80]}-{at.isoformat()}'}"
    ours = uow.outbox.with_message_ids(our_ids(mail.envelope))
    if ours or uow.answers.cases_of_references([reference]):
        return Result(Fate.KNOWN)
    aliases = [(alias.buyer_key, alias.case_key) for alias in mail.aliases]
    candidates = _begun(uow.cases.with_buyer([buyer for buyer, _ in aliases]), at, uow)
    addressed = answered_by_mail(aliases, _threads(mail, uow), candidates)
    if len(addressed.cases) != 1 or not addressed.certain:
        return Result(Fate.NOTED)
    answer = Answer(at, AnswerSource.SENT_MAIL)
    case_id = _record(work, addressed.cases[0], answer, reference, fingerprint_text(mail.text))
    return Result(Fate.NOTED, answered=case_id)


def _begun(cases: Iterable[Case], at: datetime, uow: UnitOfWork) -> list[Case]:
    """Old cases of which anything had arrived by then."""
    return [case for case, messages in _past(cases, uow) if messages[0].received_at <= at]


def _threads(mail: SentMail, uow: UnitOfWork) -> list[int]:
    """The cases of the mails that this one answers by its headers."""
    named = [one for one in (mail.envelope.in_reply_to, *mail.envelope.references[-1:]) if one]
    holders = uow.identities.holders([name_key(one) for one in named])
    messages = [uow.messages.get(held.message) for held in holders if held.message is not None]
    return [message.case_id for message in messages if message is not None]


def _record(work: Work, case: Case, answer: Answer, reference: str, text_print: str) -> int | None:
    """Write an answer down with the messages that it answers; the case stays closed."""
    uow = work.uow
    if not uow.answers.record(
        case.id, answer, reference=reference, text_print=text_print, recorded_at=work.now
    ):
        return None
    messages = uow.messages.of_case(case.id)
    settlement = settle([replace(one, wants_answer=True) for one in messages], uow.answers.of_case(case.id))
    for message, answered_at in zip(messages, settlement.message_answers, strict=True):
        if message.answered_at != answered_at:
            uow.messages.change(message.id, answered_at=answered_at)
    if settlement.answered_at is not None:
        uow.cases.change(case.id, answered_at=settlement.answered_at)
    return case.id


def _by_uid(bodies: Iterable[MailBody]) -> dict[int, MailBody]:
    return {body.uid: body for body in bodies}


def _slices(heads: Sequence[MailHead], size: int) -> Iterator[Sequence[MailHead]]:
    for start in range(0, len(heads), size):
        yield heads[start : start + size]
