"""What one old mail leaves behind: a message of a closed case, the answer to one, or nothing."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from daemon.aftercare.feedback import note_mail
from daemon.order_facts import note_order_facts
from daemon.reading.arrivals import identity_keys, name_key
from daemon.reading.case_mail import CaseMail, Era, keep_history, subject_of
from daemon.reading.sent_watch import our_ids
from parsers.fingerprints import fingerprint_text
from parsers.values import Authenticity, DeliveryFailure, ReplyCopy, UnrecognisedAmazon
from state.matching import answered_by_mail, match
from state.model import Answer, AnswerSource, CaseState, settle

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from daemon.reading.arrivals import Arrival
    from daemon.work import Work
    from parsers.sent import SentMail
    from state.model import Case, Message
    from state.unit_of_work import UnitOfWork


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


def store_arrival(arrival: Arrival, work: Work) -> Result:
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


def note_answer(mail: SentMail, at: datetime, work: Work) -> Result:
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
