"""Closes a case with what was learnt from it: one cause, and one line of prevention."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from daemon.case_lookup import known_case
from daemon.errors import SokuresuError
from daemon.order_facts import UNKNOWN, shipping_of
from parsers.values import Kind
from state.leading import leading_intent
from state.lesson_rules import (
    DELIVERY_FAULTS,
    RETURNED_TIMES,
    RETURNED_WITHIN_DAYS,
    Circumstances,
    Proposal,
    propose,
)
from state.lessons import Cause, Lesson
from state.model import CaseState
from templates.cleaning import one_line
from templates.preventions import prevention_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from daemon.order_facts import Shipping
    from daemon.work import Work
    from state.model import Case, Message

PREVENTION_LIMIT = 200
"""Characters of what is promised; one line that is read again next month."""

_SATURDAY = 5
_TOLD = frozenset({Kind.FEEDBACK, Kind.CALL})
"""What says in a person's words what went wrong, besides buyer messages."""


class StillWaiting(SokuresuError):  # noqa: N818 - reads as what it is
    """A case is not closed while something of it is unanswered.

    Attributes:
        reason: why, in Japanese and English, without the commands that would help.
    """

    def __init__(self, case_id: int, *, to_buyer: bool) -> None:
        self.reason = _BUYER_WAITS if to_buyer else _NOT_DONE
        ja, en = self.reason
        commands = f"sokuresu answered {case_id} / sokuresu no-reply-needed {case_id}"
        super().__init__(
            f"案件 {case_id} は{ja} (済んでいれば {commands})。"
            f" / Case {case_id}: {en} (if it is done: {commands})."
        )


_BUYER_WAITS = ("購入者に未回答です。先に回答してください", "a buyer is unanswered; answer first")
_NOT_DONE = (
    "対応が済んでいません。先に対応してください",
    "something is still to be done; do that first",
)


@dataclass(frozen=True, slots=True)
class Proposed:
    """What a person is asked to take.

    Attributes:
        cause: where the trouble seems to come from.
        prevention: one line in the owner's language; empty where nothing is proposed.
        situation: what the case is taken to be about; None where nobody knows.
        fulfilment: ``fba``, ``own`` or ``unknown``.
        same_fault: how many cases of this fault the item has had with own shipping; 0 if that is no matter.
    """

    cause: Cause
    prevention: str
    situation: str | None
    fulfilment: str
    same_fault: int = 0


def propose_lesson(work: Work, case_id: int) -> Proposed:
    """Cause and prevention as the case suggests them; what was noted before stands instead.

    Raises:
        StillWaiting: something of it is unanswered.
        SokuresuError: there is no such case.
    """
    case = _closable(work, case_id)
    circumstances = _circumstances(work, case)
    words = _words(work, case, propose(circumstances))
    noted = work.uow.lessons.of_cases([case_id]).get(case_id)
    cause, prevention = words if noted is None else (noted.cause, noted.prevention)
    return Proposed(
        cause, prevention, circumstances.situation, circumstances.fulfilment, circumstances.same_fault
    )


def close(work: Work, case_id: int, cause: Cause, prevention: str) -> bool:
    """Note what was learnt and close the case.

    Args:
        work: the transaction.
        case_id: the case.
        cause: where the trouble came from.
        prevention: one line; empty if nothing is promised.

    Returns:
        False if the case was closed before: then only the lesson is noted.

    Raises:
        StillWaiting: something of it is unanswered.
        SokuresuError: there is no such case.
    """
    case = _closable(work, case_id)
    line = one_line(prevention, PREVENTION_LIMIT)
    work.uow.lessons.note(Lesson(case_id, cause, line, work.now))
    if case.state is CaseState.CLOSED:
        work.uow.events.note(case_id, "lesson_noted", work.now, cause)
        return False
    work.uow.cases.change(case_id, state=CaseState.CLOSED, closed_at=work.now, snoozed_until=None)
    work.uow.events.note(case_id, "closed", work.now, cause)
    return True


def advise_returned(work: Work, case: Case, messages: Sequence[Message]) -> tuple[str, ...]:
    """That the delivery fault of an item came again, while the buyer is still to be answered."""
    del messages
    times = _circumstances(work, case).same_fault
    if times < RETURNED_TIMES:
        return ()
    if work.shop.language == "ja":
        return (
            f"この商品の同じ配送トラブルは、自社発送で180日に{times}件目です。FBAへの切り替えをご検討ください。",
        )
    return (f"This is delivery fault no. {times} of this item in 180 days: consider moving it to FBA.",)


def _closable(work: Work, case_id: int) -> Case:
    case = known_case(work, case_id)
    waiting = [one for one in work.uow.messages.of_case(case_id) if one.unanswered]
    if waiting:
        raise StillWaiting(case_id, to_buyer=any(one.kind is Kind.BUYER_MESSAGE for one in waiting))
    return case


def _circumstances(work: Work, case: Case) -> Circumstances:
    shipping = shipping_of(work, case)
    situation = _situation(work, case)
    fulfilment = _fulfilment(work, case, shipping)
    returned = fulfilment == "own" and situation in DELIVERY_FAULTS
    return Circumstances(
        kind=case.kind,
        situation=situation,
        fulfilment=fulfilment,
        nobody_there=_nobody_there(work, case, shipping),
        same_fault=_same_fault(work, case, situation) if returned else 0,
    )


def _fulfilment(work: Work, case: Case, shipping: Shipping) -> str:
    """As the orders tell, else as a person said for the draft."""
    if shipping.fulfilment != UNKNOWN:
        return shipping.fulfilment
    drafts = work.uow.drafts.of_case(case.id)
    return drafts[-1].fulfilment if drafts else UNKNOWN


def _situation(work: Work, case: Case) -> str | None:
    """What the case is about: as its newest draft, else its buyer, else a rating or a call tells."""
    drafted = [one.situation for one in work.uow.drafts.of_case(case.id) if one.situation is not None]
    if drafted:
        return drafted[-1]
    messages = work.uow.messages.of_case(case.id)
    written = [one for one in messages if one.kind is Kind.BUYER_MESSAGE]
    return leading_intent(written).intent if written else _told(messages)


def _told(messages: Sequence[Message]) -> str | None:
    from parsers.intent import guess  # noqa: PLC0415 - its model takes a while to load and is rarely wanted

    guesses = (guess(one.text) for one in messages if one.kind in _TOLD and one.text)
    return next((one.intent for one in guesses if one.confident), None)


def _nobody_there(work: Work, case: Case, shipping: Shipping) -> bool:
    """Whether it fell on a Saturday or Sunday on which the shop is closed: delivery, else the first word."""
    calendar = work.shop.calendar
    messages = work.uow.messages.of_case(case.id)
    first = calendar.local_day(messages[0].received_at) if messages else None
    day = shipping.delivered_on or first
    return day is not None and day.weekday() >= _SATURDAY and not calendar.is_open_on(day)


def _same_fault(work: Work, case: Case, situation: str | None) -> int:
    """How many cases of this fault its items had with own shipping, this one included."""
    items = work.uow.reporting.items_of(case.id)
    if not items:
        return 0
    since = work.now - timedelta(days=RETURNED_WITHIN_DAYS)
    sharing = work.uow.reporting.sharing_items(sorted(items), since)
    own = {number for number, way in sharing.items() if way == "own"} - {case.id}
    others = (found for number in own if (found := work.uow.cases.get(number)) is not None)
    return 1 + sum(_situation(work, one) == situation for one in others)


def _words(work: Work, case: Case, proposal: Proposal) -> tuple[Cause, str]:
    items = work.uow.orders.items_of(case.order_ids)
    item = next((one.sku or one.asin for one in items if one.sku or one.asin), None)
    return proposal.cause, prevention_line(proposal.prevention, work.shop.language, item)
