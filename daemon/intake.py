"""Turns one read mail into what it means for the shop, inside the caller's transaction."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from daemon import acknowledge
from daemon.copies import take_copy
from daemon.ports import FolderRole
from daemon.settling import settle_case
from daemon.undelivered import take_failure
from parsers.values import (
    Authenticity,
    BuyerMessage,
    CancellationRequest,
    Claim,
    DeliveryFailure,
    FeedbackNotice,
    Intent,
    Kind,
    Refund,
    ReplyCopy,
    ReturnRequest,
    UnrecognisedAmazon,
)
from state.deadlines import deadlines_of, received_at
from state.matching import Subject, match
from state.model import LOW_RATING, Case, CaseState, Message, wants_answer
from state.repository.quarantine import Entry

if TYPE_CHECKING:
    from datetime import datetime

    from daemon.work import Work
    from parsers.values import Reading
    from state.model import Place
    from state.repository.bookkeeping import MailboxHealth
    from state.repository.mail import Claim as IdentityClaim
    from state.unit_of_work import UnitOfWork

START_TOLERANCE = timedelta(minutes=10)
"""Mail that was on its way when a mailbox was first started is not history."""

CaseMail = BuyerMessage | FeedbackNotice | Claim | CancellationRequest | ReturnRequest | Refund
"""What becomes a message of a case."""


class Outcome(StrEnum):
    """What became of a mail."""

    IGNORED = "ignored"
    COUNTED = "counted"
    ALREADY_KNOWN = "already_known"
    PROVEN_LATER = "proven_later"
    QUARANTINED = "quarantined"
    COPY_MATCHED = "copy_matched"
    COPY_ANSWERED = "copy_answered"
    COPY_TO_CONFIRM = "copy_to_confirm"
    FAILURE_NOTED = "failure_noted"
    OPENED = "opened"
    JOINED = "joined"
    HISTORY = "history"


class Era(StrEnum):
    """Which time of the shop a mail belongs to (decision 7 of the design)."""

    NEW = "new"
    LOOK_BACK = "look_back"
    HISTORY = "history"


@dataclass(frozen=True, slots=True)
class Arrival:
    """One fetched mail and what it says.

    Attributes:
        place: where it lies.
        role: what kind of folder that is.
        internal_date: when the server took it in, in UTC.
        content: the raw mail.
        reading: what it says.
    """

    place: Place
    role: FolderRole
    internal_date: datetime
    content: bytes
    reading: Reading

    @property
    def received_at(self) -> datetime:
        """When it arrived."""
        return received_at(self.reading.envelope.date, self.internal_date)


@dataclass(frozen=True, slots=True)
class Taken:
    """The outcome for one mail, for the log and the demonstration.

    Attributes:
        outcome: what became of it.
        case_id: the case that it concerns.
        refusal: why a buyer message was not acknowledged; None if it was, or is none.
        acknowledged: an acknowledgment was queued.
    """

    outcome: Outcome
    case_id: int | None = None
    refusal: str | None = None
    acknowledged: bool = False


def take_in(arrival: Arrival, work: Work) -> Taken:
    """Take in one mail; called once for each, in the transaction that moves the cursor past it."""
    reading = arrival.reading
    work.uow.counts.add(reading.kind, 1, work.now)
    if reading.kind in {Kind.UNRELATED, Kind.AMAZON_NOTICE, Kind.ORDER_NOTICE}:
        return Taken(Outcome.IGNORED if reading.kind is Kind.UNRELATED else Outcome.COUNTED)
    if reading.authenticity is Authenticity.FAIL and not _is_strangers_bounce(reading):
        return quarantine(arrival, work, "forged", reading.authenticity_reason)
    notification = reading.notification
    if isinstance(notification, UnrecognisedAmazon):
        return _take_unrecognised(arrival, work, notification.fingerprint)
    if isinstance(notification, DeliveryFailure):
        return _take_failure(arrival, notification, work)
    if isinstance(notification, ReplyCopy):
        return _take_copy(arrival, notification, work)
    assert isinstance(notification, CaseMail)
    return _take_case_mail(arrival, notification, work)


def _is_strangers_bounce(reading: Reading) -> bool:
    """A bounce of another provider, believed for the Message-ID that it names and for nothing else."""
    return reading.kind is Kind.DELIVERY_FAILURE and reading.notification.frame.marketplace is None


def quarantine(arrival: Arrival, work: Work, word: str, reason: str) -> Taken:
    """Keep a mail whole, where a person can look at it and decide."""
    reading = arrival.reading
    fingerprint = getattr(reading.notification, "fingerprint", None)
    entry = Entry(
        word=word,
        reason=reason,
        fingerprint=fingerprint,
        mailbox=arrival.place.mailbox,
        folder=arrival.place.folder,
        sender=reading.envelope.from_address,
        subject=reading.envelope.subject,
        internal_date=arrival.internal_date,
        stored_at=work.now,
        content=arrival.content,
    )
    fresh = work.uow.quarantine.add(entry)
    return Taken(Outcome.ALREADY_KNOWN if fresh is None else Outcome.QUARANTINED)


def _take_unrecognised(arrival: Arrival, work: Work, fingerprint: str) -> Taken:
    taken = quarantine(arrival, work, "unrecognised", "no rule reads this mail from Amazon")
    key = f"unrecognised:{fingerprint}"
    work.uow.notices.raise_once(key, "unrecognised", work.now, detail=fingerprint)
    return taken


def _take_failure(arrival: Arrival, notice: DeliveryFailure, work: Work) -> Taken:
    if _known(arrival, work):
        return Taken(Outcome.ALREADY_KNOWN)
    case_id = take_failure(work, notice, arrival.reading)
    if case_id is not None:
        return Taken(Outcome.FAILURE_NOTED, case_id)
    if notice.frame.marketplace is None:
        # A bounce of somebody's mail that we did not send is nobody's business.
        return Taken(Outcome.IGNORED)
    work.uow.notices.raise_once(f"undelivered:{_name(arrival)}", "undelivered", work.now)
    return quarantine(arrival, work, "undelivered", "no case has the order of this delivery failure")


def _take_copy(arrival: Arrival, copy: ReplyCopy, work: Work) -> Taken:
    if _known(arrival, work):
        return Taken(Outcome.ALREADY_KNOWN)
    proven = arrival.reading.authenticity is Authenticity.PASS
    result = take_copy(work, copy, at=arrival.received_at, reference=_name(arrival), proven=proven)
    return Taken(Outcome(f"copy_{result.word}"), result.case_id)


def _name(arrival: Arrival) -> str:
    place = arrival.place
    unnamed = f"{place.mailbox}/{place.folder}/{place.uidvalidity}/{place.uid}"
    return arrival.reading.envelope.message_id or unnamed


def _known(arrival: Arrival, work: Work) -> bool:
    """Whether this notice had its effect already; if not, it is remembered now."""
    keys = identity_keys(arrival.reading)
    if _outranked(arrival.reading, work.uow.identities.holders(keys)):
        return True
    authenticity = arrival.reading.authenticity
    work.uow.identities.claim(keys, message=None, authenticity=authenticity, at=work.now)
    return False


def identity_keys(reading: Reading) -> tuple[str, ...]:
    """What identifies a mail beyond its place: its Message-ID, and Amazon's key of a buyer's message."""
    keys = []
    if reading.envelope.message_id:
        keys.append(f"message_id:{reading.envelope.message_id}"[:400])
    notification = reading.notification
    if isinstance(notification, BuyerMessage) and notification.message_key:
        keys.append(f"message_key:{notification.alias.buyer_key}:{notification.message_key}"[:400])
    return tuple(keys)


def _outranked(reading: Reading, holders: tuple[IdentityClaim, ...]) -> bool:
    """Whether a mail of equal or better proof holds this identity."""
    proven = reading.authenticity is Authenticity.PASS
    return any(not proven or held.authenticity is Authenticity.PASS for held in holders)


def _take_case_mail(arrival: Arrival, notification: CaseMail, work: Work) -> Taken:
    holders = work.uow.identities.holders(identity_keys(arrival.reading))
    if _outranked(arrival.reading, holders):
        return Taken(Outcome.ALREADY_KNOWN)
    lifted = _proven_later(holders, notification, work.uow)
    if lifted is not None:
        return _lift(lifted, arrival, work)
    return _store(arrival, notification, work)


def _proven_later(
    holders: tuple[IdentityClaim, ...], notification: CaseMail, uow: UnitOfWork
) -> Message | None:
    """The stored mail that this proven copy proves; None if it says something else."""
    stored = [uow.messages.get(held.message) for held in holders if held.message is not None]
    text = notification.text if isinstance(notification, BuyerMessage) else None
    return next((message for message in stored if message is not None and message.text == text), None)


def _lift(message: Message, arrival: Arrival, work: Work) -> Taken:
    """A proven copy came of a mail that was not proven: now it may be acknowledged."""
    uow, now, keys = work.uow, work.now, identity_keys(arrival.reading)
    uow.messages.change(message.id, authenticity=Authenticity.PASS, refusal=None)
    uow.identities.claim(keys, message=message.id, authenticity=Authenticity.PASS, at=now)
    uow.events.note(message.case_id, "proven", now)
    proven = replace(message, authenticity=Authenticity.PASS, refusal=None)
    case = uow.cases.get(message.case_id)
    assert case is not None
    refusal = acknowledge.consider(work, case, proven, arrival.reading.refusals)
    return Taken(Outcome.PROVEN_LATER, message.case_id, refusal, refusal is None)


def _store(arrival: Arrival, notification: CaseMail, work: Work) -> Taken:
    era = _era_of(arrival, work.uow)
    case, opened = _find_or_open(arrival, notification, work, era)
    if case is None:
        return Taken(Outcome.COUNTED)
    message = _keep(_message(arrival, notification, work, era), case, arrival, work)
    if era is Era.HISTORY:
        return Taken(Outcome.HISTORY, case.id)
    _settle_with(message, case, work.uow)
    _raise_notices(message, case, work)
    taken = Taken(Outcome.OPENED if opened else Outcome.JOINED, case.id)
    if not isinstance(notification, BuyerMessage):
        return taken
    current = work.uow.messages.get(message.id)
    assert current is not None
    refusal = acknowledge.consider(work, case, current, arrival.reading.refusals)
    return replace(taken, refusal=refusal, acknowledged=refusal is None)


def _keep(message: Message, case: Case, arrival: Arrival, work: Work) -> Message:
    uow, now = work.uow, work.now
    stored = uow.messages.add(replace(message, case_id=case.id))
    keys = identity_keys(arrival.reading)
    uow.identities.claim(keys, message=stored.id, authenticity=stored.authenticity, at=now)
    uow.raw_mail.keep(stored.id, arrival.content, now)
    uow.events.note(case.id, "message_stored", now, stored.kind)
    return stored


def _era_of(arrival: Arrival, uow: UnitOfWork) -> Era:
    start = uow.mailboxes.get(arrival.place.mailbox)
    if start is None or arrival.received_at >= start.first_start_at - START_TOLERANCE:
        return Era.NEW
    return Era.LOOK_BACK if _asked_for(start, arrival.received_at) else Era.HISTORY


def _asked_for(start: MailboxHealth, received: datetime) -> bool:
    return start.look_back_from is not None and received >= start.look_back_from


def _find_or_open(arrival: Arrival, notification: CaseMail, work: Work, era: Era) -> tuple[Case | None, bool]:
    """The case of a mail, and whether it was opened for it; None if it neither has nor opens one."""
    subject = _subject_of(notification)
    related = work.uow.cases.related(
        case_key=subject.case_key, buyer_key=subject.buyer_key, order_ids=subject.order_ids
    )
    found = match(subject, related, work.now)
    if found.case is not None:
        return _join(arrival, found.case, subject, work.uow), False
    if not found.opens:
        return None, False
    case = _new_case(arrival, notification, work.now, closed=era is Era.HISTORY)
    return work.uow.cases.open(replace(case, linked_to=found.linked_to)), True


def _subject_of(notification: CaseMail) -> Subject:
    alias = notification.alias if isinstance(notification, BuyerMessage) else None
    return Subject(
        kind=notification.kind,
        case_key=alias.case_key if alias else None,
        buyer_key=alias.buyer_key if alias else None,
        order_ids=notification.frame.order_ids,
        rating=notification.rating if isinstance(notification, FeedbackNotice) else None,
        closed_claim=isinstance(notification, Claim) and notification.closed,
    )


def _join(arrival: Arrival, case: Case, subject: Subject, uow: UnitOfWork) -> Case:
    uow.cases.add_orders(case.id, subject.order_ids)
    notification = arrival.reading.notification
    if isinstance(notification, BuyerMessage) and arrival.reading.authenticity is Authenticity.PASS:
        # The newest proven message decides where the answer goes, and brings the case back into sight.
        uow.cases.change(
            case.id,
            alias=notification.alias.address,
            subject=arrival.reading.envelope.subject,
            snoozed_until=None,
        )
    current = uow.cases.get(case.id)
    assert current is not None
    return current


def _new_case(arrival: Arrival, notification: CaseMail, now: datetime, *, closed: bool) -> Case:
    message = notification if isinstance(notification, BuyerMessage) else None
    return Case(
        id=0,
        kind=notification.kind,
        state=CaseState.CLOSED if closed else CaseState.OPEN,
        mailbox=arrival.place.mailbox,
        case_key=message.alias.case_key if message else None,
        buyer_key=message.alias.buyer_key if message else None,
        alias=message.alias.address if message else None,
        marketplace=notification.frame.marketplace,
        buyer_name=message.buyer_name if message else None,
        subject=arrival.reading.envelope.subject,
        order_ids=tuple(dict.fromkeys(notification.frame.order_ids)),
        opened_at=now,
        closed_at=now if closed else None,
        rating=notification.rating if isinstance(notification, FeedbackNotice) else None,
    )


def _message(arrival: Arrival, notification: CaseMail, work: Work, era: Era) -> Message:
    reading = arrival.reading
    wanted = era is not Era.HISTORY and wants_answer(
        notification.kind,
        rating=notification.rating if isinstance(notification, FeedbackNotice) else None,
        closed_claim=isinstance(notification, Claim) and notification.closed,
    )
    timed = notification.kind is Kind.BUYER_MESSAGE
    deadlines = deadlines_of(arrival.received_at, work.shop.calendar, timed_by_amazon=timed)
    buyer = notification if isinstance(notification, BuyerMessage) else None
    text = getattr(notification, "text", "")
    return Message(
        id=0,
        case_id=0,
        kind=notification.kind,
        place=arrival.place,
        received_at=arrival.received_at,
        stored_at=work.now,
        wants_answer=wanted,
        amazon_by=deadlines.amazon_by if wanted else None,
        respond_by=deadlines.respond_by if wanted else None,
        authenticity=reading.authenticity,
        message_id=reading.envelope.message_id,
        message_key=buyer.message_key if buyer else None,
        subject=reading.envelope.subject,
        text=text,
        full_text=buyer.full_text if buyer else text,
        reply_chain=reading.envelope.references,
        attachments=buyer.attachments if buyer else (),
        intent=reading.intent.intent if reading.intent else None,
        intent_confident=reading.intent.confident if reading.intent else None,
        facts=_facts(arrival, era),
    )


def _facts(arrival: Arrival, era: Era) -> tuple[str, ...]:
    notification = arrival.reading.notification
    facts = (
        (era.value, era is not Era.NEW),
        ("found_in_junk", arrival.role is FolderRole.JUNK),
        ("relayed", isinstance(notification, BuyerMessage) and notification.relayed),
        ("automatic", arrival.reading.auto_reply),
    )
    return tuple(word for word, applies in facts if applies)


def _settle_with(message: Message, case: Case, uow: UnitOfWork) -> None:
    """An answer given before this mail was seen may have answered it; otherwise the case is open again."""
    if message.wants_answer or case.state is not CaseState.OPEN:
        settle_case(uow, case.id)


def _raise_notices(message: Message, case: Case, work: Work) -> None:
    """What the owner hears at once (decision 2 d)."""
    low = message.kind is Kind.FEEDBACK and (case.rating is None or case.rating <= LOW_RATING)
    words = (
        ("feedback", low and message.wants_answer),
        ("claim", message.kind is Kind.CLAIM and message.wants_answer),
        ("escalation", message.intent == Intent.ESCALATION),
        ("junk", "found_in_junk" in message.facts and message.wants_answer),
    )
    for word, applies in words:
        if applies:
            work.uow.notices.raise_once(f"{word}:{message.id}", word, work.now, case_id=case.id)
