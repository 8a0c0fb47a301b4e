"""Puts a mail that concerns a buyer into its case, opens one where needed, and sees to the acknowledgment."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from daemon import acknowledge
from daemon.aftercare import feedback
from daemon.aftercare.refunds import note_refund
from daemon.ports import FolderRole
from daemon.reading import addressed
from daemon.reading.arrivals import Arrival, Outcome, Taken, identity_keys, outranked
from daemon.settling import settle_case
from parsers.values import (
    Authenticity,
    BuyerMessage,
    CancellationRequest,
    Claim,
    FeedbackNotice,
    Intent,
    Kind,
    Refund,
    ReturnRequest,
)
from state.deadlines import DATE_TOLERANCE, amazons_own, deadlines_of
from state.matching import Subject, match
from state.model import DELAYED, LOW_RATING, RELAYED, Case, CaseState, Message, wants_answer

if TYPE_CHECKING:
    from datetime import datetime

    from daemon.work import Work
    from state.repository.bookkeeping import MailboxHealth
    from state.repository.mail import Claim as IdentityClaim
    from state.unit_of_work import UnitOfWork

START_TOLERANCE = timedelta(minutes=10)
"""Mail that was on its way when a mailbox was first started is not history."""

CaseMail = BuyerMessage | FeedbackNotice | Claim | CancellationRequest | ReturnRequest | Refund
"""What becomes a message of a case."""


class Era(StrEnum):
    """Which time of the shop a mail belongs to (decision 7 of the design)."""

    NEW = "new"
    LOOK_BACK = "look_back"
    HISTORY = "history"


def take_case_mail(arrival: Arrival, notification: CaseMail, work: Work) -> Taken:
    """Take in one mail of a buyer, or one about a buyer's order."""
    holders = work.uow.identities.holders(identity_keys(arrival))
    old_elsewhere = _history_elsewhere(holders, arrival, notification, work.uow)
    if old_elsewhere is not None:
        return _renew(old_elsewhere, arrival, notification, work)
    if outranked(arrival.reading, holders):
        return Taken(Outcome.ALREADY_KNOWN)
    lifted = _proven_later(holders, notification, work.uow)
    if lifted is not None:
        return _lift(lifted, arrival, work)
    return _store(arrival, notification, work)


def keep_history(arrival: Arrival, notification: CaseMail, work: Work, case: Case | None) -> Case:
    """Store one old mail in a closed case, a new one if none is given; nobody is told, nothing else changes.

    Its raw form is not kept.
    """
    if case is None:
        case = work.uow.cases.open(_new_case(arrival, notification, work.now, closed=True))
    else:
        work.uow.cases.add_orders(case.id, notification.frame.order_ids)
    _add(_message(arrival, notification, work, Era.HISTORY), case, arrival, work)
    feedback.note_mail(work, arrival, case.id, quiet=True)
    return case


def _history_elsewhere(
    holders: tuple[IdentityClaim, ...], arrival: Arrival, notification: CaseMail, uow: UnitOfWork
) -> Message | None:
    """The same mail, if it is history in another mailbox and belongs to the time that this one is watched.

    Within one mailbox what is history stays so, whatever folder it lies in and however that is numbered.
    """
    held = _proven_later(holders, notification, uow)
    if held is None or Era.HISTORY not in held.facts or held.place.mailbox == arrival.place.mailbox:
        return None
    start = uow.mailboxes.get(arrival.place.mailbox)
    # Without a Date the time is that of the server that took it in last; the earlier one is right.
    since = min(held.received_at, arrival.received_at)
    return held if start is None or era_at(start, since) is not Era.HISTORY else None


def _renew(held: Message, arrival: Arrival, notification: CaseMail, work: Work) -> Taken:
    """History of one mailbox is new in another: what it says is as if it had come there first."""
    uow, era = work.uow, _era_of(arrival, work.uow)
    fresh = _message(arrival, notification, work, era)
    proven = held if held.authenticity is Authenticity.PASS else fresh
    place = fresh.place
    uow.messages.change(
        held.id,
        mailbox=place.mailbox,
        folder=place.folder,
        uidvalidity=place.uidvalidity,
        uid=place.uid,
        received_at=fresh.received_at,
        stored_at=fresh.stored_at,
        wants_answer=fresh.wants_answer,
        amazon_by=fresh.amazon_by,
        respond_by=fresh.respond_by,
        authenticity=proven.authenticity,
        proof=proven.proof,
        facts=list(fresh.facts),
        refusal=None,
    )
    if uow.raw_mail.get(held.id) is None:
        uow.raw_mail.keep(held.id, arrival.content, work.now)
    keys = identity_keys(arrival)
    uow.identities.claim(keys, message=held.id, authenticity=proven.authenticity, at=work.now)
    case = _reopened(held.case_id, arrival, notification, work)
    feedback.note_mail(work, arrival, case.id)
    uow.events.note(case.id, "message_stored", work.now, held.kind)
    current = uow.messages.get(held.id)
    assert current is not None
    return _make_known(current, case, arrival, work, opened=False)


def _reopened(case_id: int, arrival: Arrival, notification: CaseMail, work: Work) -> Case:
    """The case of a mail that is new after all; one that held nothing but history moves to its mailbox."""
    case, messages = work.uow.cases.get(case_id), work.uow.messages.of_case(case_id)
    assert case is not None
    others = [one for one in messages if one.place != arrival.place]
    if case.state is CaseState.CLOSED and all(Era.HISTORY in one.facts for one in others):
        work.uow.cases.change(case_id, mailbox=arrival.place.mailbox)
    return _join(arrival, case, subject_of(notification), work.uow)


def _proven_later(
    holders: tuple[IdentityClaim, ...], notification: CaseMail, uow: UnitOfWork
) -> Message | None:
    """The stored mail that this proven copy proves; None if it says something else or of somebody else."""
    stored = [uow.messages.get(held.message) for held in holders if held.message is not None]
    text = _words_of(notification)
    same = (message for message in stored if message is not None and message.text == text)
    return next((message for message in same if _is_of(notification, message.case_id, uow)), None)


def _is_of(notification: CaseMail, case_id: int, uow: UnitOfWork) -> bool:
    """Whether a case is of the same buyer or order; a mail without proof may have named any."""
    case = uow.cases.get(case_id)
    assert case is not None
    if not isinstance(notification, BuyerMessage):
        return set(notification.frame.order_ids) <= set(case.order_ids)
    alias = notification.alias
    return case.buyer_key == alias.buyer_key and alias.case_key in {None, case.case_key}


def _lift(message: Message, arrival: Arrival, work: Work) -> Taken:
    """A proven copy came of a mail that was not proven: now it may be acknowledged."""
    uow, now, keys = work.uow, work.now, identity_keys(arrival)
    why = arrival.reading.authenticity_reason
    uow.messages.change(message.id, authenticity=Authenticity.PASS, proof=why, refusal=None)
    uow.identities.claim(keys, message=message.id, authenticity=Authenticity.PASS, at=now)
    uow.events.note(message.case_id, "proven", now)
    feedback.note_mail(work, arrival, message.case_id)
    note_refund(work, message.case_id, arrival.reading)
    if message.kind is not Kind.BUYER_MESSAGE:
        return Taken(Outcome.PROVEN_LATER, message.case_id)
    proven = replace(message, authenticity=Authenticity.PASS, refusal=None)
    case = uow.cases.get(message.case_id)
    assert case is not None
    refusal = acknowledge.consider(work, case, proven, addressed.refusals_of(arrival, work))
    return Taken(Outcome.PROVEN_LATER, message.case_id, refusal, refusal is None)


def _store(arrival: Arrival, notification: CaseMail, work: Work) -> Taken:
    era = _era_of(arrival, work.uow)
    told = feedback.case_told(work, arrival)
    case, opened = _find_or_open(arrival, notification, work, era) if told is None else (told, False)
    feedback.note_mail(work, arrival, None if case is None else case.id, quiet=era is Era.HISTORY)
    if case is None:
        return Taken(Outcome.COUNTED)
    fresh = _message(arrival, notification, work, era)
    # What a report had told before its mail came wants no second answer.
    wanted = fresh if told is None else replace(fresh, wants_answer=False, respond_by=None)
    message = _keep(wanted, case, arrival, work)
    if era is Era.HISTORY:
        return Taken(Outcome.HISTORY, case.id)
    return _make_known(message, case, arrival, work, opened=opened)


def _make_known(message: Message, case: Case, arrival: Arrival, work: Work, *, opened: bool) -> Taken:
    """Tell the owner of a stored message and, if it may be, its buyer."""
    # A case that was opened for this mail is as open as it was made, and nobody has answered it.
    current = message if opened else _settled(message, case, work.uow)
    _raise_notices(message, case, work)
    note_refund(work, case.id, arrival.reading)
    taken = Taken(Outcome.OPENED if opened else Outcome.JOINED, case.id)
    if message.kind is not Kind.BUYER_MESSAGE:
        return taken
    refusal = acknowledge.consider(work, case, current, addressed.refusals_of(arrival, work))
    return replace(taken, refusal=refusal, acknowledged=refusal is None)


def _keep(message: Message, case: Case, arrival: Arrival, work: Work) -> Message:
    stored = _add(message, case, arrival, work)
    work.uow.raw_mail.keep(stored.id, arrival.content, work.now)
    return stored


def _add(message: Message, case: Case, arrival: Arrival, work: Work) -> Message:
    uow, now = work.uow, work.now
    stored = uow.messages.add(replace(message, case_id=case.id))
    keys = identity_keys(arrival)
    uow.identities.claim(keys, message=stored.id, authenticity=stored.authenticity, at=now)
    uow.events.note(case.id, "message_stored", now, stored.kind)
    return stored


def _era_of(arrival: Arrival, uow: UnitOfWork) -> Era:
    if arrival.accepted:
        return Era.LOOK_BACK
    start = uow.mailboxes.get(arrival.place.mailbox)
    return Era.NEW if start is None else era_at(start, arrival.received_at)


def era_at(start: MailboxHealth, received: datetime) -> Era:
    """Which time of a mailbox an instant belongs to."""
    if received >= start.first_start_at - START_TOLERANCE:
        return Era.NEW
    return Era.LOOK_BACK if _asked_for(start, received) else Era.HISTORY


def _asked_for(start: MailboxHealth, received: datetime) -> bool:
    return start.look_back_from is not None and received >= start.look_back_from


def _find_or_open(arrival: Arrival, notification: CaseMail, work: Work, era: Era) -> tuple[Case | None, bool]:
    """The case of a mail, and whether it was opened for it; None if it neither has nor opens one."""
    proven = arrival.reading.authenticity is Authenticity.PASS
    subject = replace(subject_of(notification), proven=proven)
    related = work.uow.cases.related(
        case_key=subject.case_key, buyer_key=subject.buyer_key, order_ids=subject.order_ids
    )
    found = match(subject, related, work.now)
    if found.case is not None and feedback.is_about_another(work, arrival, found.case):
        found = replace(match(subject, (), work.now), linked_to=found.case.id)
    if found.case is not None:
        return _join(arrival, found.case, subject, work.uow), False
    if not found.opens:
        return None, False
    case = _new_case(arrival, notification, work.now, closed=era is Era.HISTORY)
    return work.uow.cases.open(replace(case, linked_to=found.linked_to)), True


def subject_of(notification: CaseMail) -> Subject:
    """Whose and which matter a mail is, as far as it says."""
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
    proven = arrival.reading.authenticity is Authenticity.PASS
    if isinstance(notification, FeedbackNotice) and proven:
        uow.cases.change(case.id, rating=notification.rating)
    if isinstance(notification, BuyerMessage) and proven:
        if case.buyer_key is None:
            _bind_buyer(case, notification, arrival, uow)
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


def _bind_buyer(case: Case, message: BuyerMessage, arrival: Arrival, uow: UnitOfWork) -> None:
    """The caller of a case now wrote through Amazon: from here on it is that buyer's, with an address."""
    uow.cases.change(
        case.id,
        mailbox=arrival.place.mailbox,
        case_key=message.alias.case_key,
        buyer_key=message.alias.buyer_key,
        marketplace=message.frame.marketplace,
        buyer_name=message.buyer_name,
    )


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
    own = amazons_own(notification.kind, notification.frame.marketplace, arrival.received_at)
    buyer = notification if isinstance(notification, BuyerMessage) else None
    text = _words_of(notification)
    return Message(
        id=0,
        case_id=0,
        kind=notification.kind,
        place=arrival.place,
        received_at=arrival.received_at,
        stored_at=work.now,
        wants_answer=wanted,
        amazon_by=deadlines.amazon_by if wanted else None,
        respond_by=min(deadlines.respond_by, own or deadlines.respond_by) if wanted else None,
        authenticity=reading.authenticity,
        proof=reading.authenticity_reason,
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


def _words_of(notification: CaseMail) -> str:
    """What the buyer said; of a return also the reason that was chosen, for often it is all there is."""
    if isinstance(notification, ReturnRequest):
        return "\n".join(filter(None, (notification.reason, notification.text)))
    return notification.text if isinstance(notification, BuyerMessage | FeedbackNotice) else ""


def _facts(arrival: Arrival, era: Era) -> tuple[str, ...]:
    notification = arrival.reading.notification
    facts = (
        (era.value, era is not Era.NEW),
        ("found_in_junk", arrival.role is FolderRole.JUNK),
        (RELAYED, isinstance(notification, BuyerMessage) and notification.relayed),
        ("automatic", arrival.reading.auto_reply),
        (DELAYED, era is Era.NEW and arrival.internal_date - arrival.received_at > DATE_TOLERANCE),
    )
    return tuple(word for word, applies in facts if applies)


def _settled(message: Message, case: Case, uow: UnitOfWork) -> Message:
    """An answer given before this mail was seen may have answered it; otherwise the case is open again."""
    if message.wants_answer or case.state is not CaseState.OPEN:
        settle_case(uow, case.id)
    current = uow.messages.get(message.id)
    assert current is not None
    return current


def _raise_notices(message: Message, case: Case, work: Work) -> None:
    """What the owner hears at once (decision 2 d)."""
    low = message.kind is Kind.FEEDBACK and (case.rating is None or case.rating <= LOW_RATING)
    words = (
        ("feedback", low and message.wants_answer),
        ("claim", message.kind is Kind.CLAIM and message.wants_answer),
        # Before it ships every hour counts.
        ("cancellation", message.kind is Kind.CANCELLATION_REQUEST and message.wants_answer),
        ("escalation", message.intent == Intent.ESCALATION),
        ("junk", "found_in_junk" in message.facts and message.wants_answer),
    )
    for word, applies in words:
        if applies:
            work.uow.notices.raise_once(f"{word}:{message.id}", word, work.now, case_id=case.id)
