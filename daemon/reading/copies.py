"""Recognises our own mail when it comes back, and a person's answer (decision 1 of the design)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from daemon.settling import had_begun, record_answer
from parsers.fingerprints import fingerprint_text
from parsers.folding import fold
from state.matching import answered_by_copy
from state.model import Answer, AnswerSource, CaseState
from state.outbox_rules import OutboxEvent, OutboxKind, OutboxState

if TYPE_CHECKING:
    from collections.abc import Iterable

    from daemon.work import Work
    from parsers.values import ReplyCopy
    from state.model import Case, OutboxItem
    from state.unit_of_work import UnitOfWork

COPY_AGE = timedelta(days=7)
"""Amazon's copies come within this time of what they copy."""

COPY_FOLLOWS_WITHIN = timedelta(hours=1)
"""For this long after a person's mail an unknown copy may be of that mail, and proves no other answer."""


@dataclass(frozen=True, slots=True)
class CopyResult:
    """What a copy of a reply turned out to be.

    Attributes:
        word: ``matched`` (our own mail), ``answered`` (a person's) or ``to_confirm`` (a person has to look).
        case_id: the case that it concerns.
    """

    word: str
    case_id: int | None = None


def confirm(work: Work, item: OutboxItem, **facts: datetime) -> None:
    """A copy proves that an outgoing mail left; it confirms that row and nothing else."""
    uow = work.uow
    if item.state in {OutboxState.SENDING, OutboxState.UNCERTAIN}:
        uow.outbox.advance(item, OutboxEvent.FOUND, sent_at=item.claimed_at, reason="its copy was found")
        note_sent(work, item, item.claimed_at or work.now)
    elif item.state is OutboxState.WITHDRAWN and item.kind is OutboxKind.APPROVED:
        # A person gave it up, and it left all the same: the buyer has this answer.
        note_sent(work, item, item.claimed_at or work.now)
    uow.outbox.annotate(item.id, **facts)


def note_sent(work: Work, item: OutboxItem, at: datetime) -> None:
    """Write down on its case that an outgoing mail left; only an approved one is a person's answer."""
    if item.case_id is None:
        return
    if item.kind is OutboxKind.ACKNOWLEDGMENT:
        work.uow.cases.change(item.case_id, acknowledged_at=at)
        work.uow.events.note(item.case_id, "acknowledged", at)
    if item.kind is OutboxKind.INQUIRY:
        work.uow.events.note(item.case_id, "inquiry_sent", at)
    if item.kind is OutboxKind.APPROVED:
        answer = Answer(at, AnswerSource.APPROVED, last_seen=item.answers_message)
        reference = f"outbox:{item.id}"
        record_answer(work, item.case_id, answer, reference=reference, text_print=item.text_print)


def take_copy(work: Work, copy: ReplyCopy, *, at: datetime, reference: str, proven: bool) -> CopyResult:
    """Take in Amazon's copy of a mail to a buyer; it may be ours, a person's, or unclear.

    Args:
        work: the transaction.
        copy: what Amazon sent.
        at: when it arrived, in UTC.
        reference: the name of this copy, so that it answers once.
        proven: Amazon certainly sent it; another closes nothing.
    """
    uow = work.uow
    text_print = fingerprint_text(copy.text)
    own = _own_mail(work, copy, text_print)
    if own is not None:
        confirm(work, own, copy_confirmed_at=work.now)
        return CopyResult("matched", own.case_id)
    candidates = tuple(case for case in _candidates(work, copy) if had_begun(uow, case.id, at))
    seen = next((case for case in candidates if _was_sent_by_person(case, text_print, uow)), None)
    if seen is not None:
        return CopyResult("matched", seen.id)
    case = answered_by_copy(candidates)
    if (
        case is None
        or not proven
        or _is_taken_for_acknowledgment(work, case)
        or _may_copy_sent_mail(uow, case, at)
        or any(one.may_copy_unknown(at) for one in uow.runs.restorations())
    ):
        return _leave_to_person(work, candidates)
    answer = Answer(at, AnswerSource.COPY)
    record_answer(work, case.id, answer, reference=f"copy:{reference}", text_print=text_print)
    return CopyResult("answered", case.id)


def _own_mail(work: Work, copy: ReplyCopy, text_print: str) -> OutboxItem | None:
    ours = (
        item
        for item in work.uow.outbox.comparable(work.now - COPY_AGE)
        if item.text_print and item.text_print in text_print and _fits(item, copy, work.uow)
    )
    return most_likely(ours)


def most_likely(items: Iterable[OutboxItem]) -> OutboxItem | None:
    """Of our mails with the same words the one that a copy is of; one that was given up only if no other is.

    Else the copy of the answer that took its place would count as an answer of its own.
    """
    return min(items, key=lambda item: item.state is OutboxState.WITHDRAWN, default=None)


def _fits(item: OutboxItem, copy: ReplyCopy, uow: UnitOfWork) -> bool:
    case = uow.cases.get(item.case_id) if item.case_id else None
    if case is None:
        return False
    same_order = not set(case.order_ids).isdisjoint(copy.frame.order_ids)
    return same_order or _names_buyer(copy, case)


def _candidates(work: Work, copy: ReplyCopy) -> tuple[Case, ...]:
    """The cases that a copy may belong to: by order, else by the buyer's name within a week."""
    uow = work.uow
    orders = copy.frame.order_ids
    if orders:
        return uow.cases.related(case_key=None, buyer_key=None, order_ids=orders)
    return tuple(
        case
        for case in uow.cases.in_state(CaseState.OPEN)
        if _names_buyer(copy, case) and work.now - case.opened_at < COPY_AGE
    )


def _names_buyer(copy: ReplyCopy, case: Case) -> bool:
    """Whether it names this case's buyer; the width of signs and blanks is Amazon's choice each time."""
    ours, theirs = fold(case.buyer_name or ""), fold(copy.buyer_name or "")
    return bool(ours) and ours == theirs


def _was_sent_by_person(case: Case, text_print: str, uow: UnitOfWork) -> bool:
    return any(known in text_print for known in uow.answers.prints_of_case(case.id))


def _is_taken_for_acknowledgment(work: Work, case: Case) -> bool:
    """Amazon may have changed the text of our acknowledgment: its first unknown copy closes nothing.

    That copy counts as the awaited one, so the next unknown copy is a person's answer.
    """
    awaited = [item for item in work.uow.outbox.of_case(case.id) if _awaits_copy(item)]
    for item in awaited:
        work.uow.outbox.annotate(item.id, copy_confirmed_at=work.now)
    return bool(awaited)


def _may_copy_sent_mail(uow: UnitOfWork, case: Case, at: datetime) -> bool:
    """Amazon may have changed the text of a person's mail, which a later message of the buyer overtook."""
    mailed = {AnswerSource.SENT_MAIL, AnswerSource.APPROVED}
    answers = (one for one in uow.answers.of_case(case.id) if one.source in mailed and not one.withdrawn)
    return any(at - COPY_FOLLOWS_WITHIN <= one.at <= at for one in answers)


def _awaits_copy(item: OutboxItem) -> bool:
    offered = item.state in {OutboxState.SENDING, OutboxState.UNCERTAIN, OutboxState.SENT}
    return item.kind is OutboxKind.ACKNOWLEDGMENT and offered and item.copy_confirmed_at is None


def _leave_to_person(work: Work, candidates: tuple[Case, ...]) -> CopyResult:
    unanswered = [case for case in candidates if case.state is CaseState.OPEN]
    for case in unanswered:
        ask_person(work, case.id, "a copy of a reply came that may have answered this")
    return CopyResult("to_confirm", unanswered[0].id if len(unanswered) == 1 else None)


def ask_person(work: Work, case_id: int, why: str) -> None:
    """Mark a case as perhaps answered; only a person can tell."""
    work.uow.cases.change(case_id, to_confirm_at=work.now)
    work.uow.events.note(case_id, "to_confirm", work.now, why)
