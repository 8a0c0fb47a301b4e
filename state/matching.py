"""Which case a mail belongs to (decision 10 of the design). Pure: candidates in, a match out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from parsers.values import Kind
from state.model import CaseState, wants_answer

if TYPE_CHECKING:
    from collections.abc import Iterable

    from state.model import Case

BUYER_KEY_AGE = timedelta(days=7)
"""Without an order, a buyer's only open case is taken for the same matter for this long."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What a mail tells about whose and which matter it is.

    Attributes:
        kind: what the mail is.
        case_key: Amazon's id of the conversation.
        buyer_key: the buyer's address without suffix.
        order_ids: the orders that Amazon's frame names; numbers that a buyer merely mentions bind nothing.
        rating: stars of a feedback.
        closed_claim: the notice only tells how a claim ended.
        proven: its sender is; what is not proven claims no case that has no buyer yet.
    """

    kind: Kind
    case_key: str | None = None
    buyer_key: str | None = None
    order_ids: tuple[str, ...] = ()
    rating: int | None = None
    closed_claim: bool = False
    proven: bool = True


@dataclass(frozen=True, slots=True)
class Match:
    """Where a mail goes.

    Attributes:
        case: the case it joins; None if it opens one or belongs nowhere.
        opens: a new case is to be opened.
        linked_to: the earlier case that the new one follows.
    """

    case: Case | None
    opens: bool = False
    linked_to: int | None = None


def match(subject: Subject, candidates: Iterable[Case], now: datetime) -> Match:
    """Find the case of a mail among those that share its case key, its buyer or an order."""
    newest_first = sorted(candidates, key=lambda case: case.id, reverse=True)
    if subject.kind is Kind.BUYER_MESSAGE:
        found = _case_of_message(subject, newest_first, now)
    else:
        found = _case_of_notice(subject, newest_first)
    if found is not None:
        return Match(found)
    opens = wants_answer(subject.kind, rating=subject.rating, closed_claim=subject.closed_claim)
    return Match(None, opens, _predecessor(subject, newest_first) if opens else None)


def _case_of_message(subject: Subject, cases: list[Case], now: datetime) -> Case | None:
    alive = [case for case in cases if case.state is not CaseState.CLOSED]
    called = next((case for case in alive if _is_call_about(subject, case)), None)
    if subject.case_key is not None:
        return next((case for case in alive if _same_conversation(subject, case)), None) or called
    same_buyer = [case for case in alive if case.buyer_key == subject.buyer_key]
    by_order = next((case for case in same_buyer if _shares_order(subject, case)), None)
    return by_order or called or _only_young_case(same_buyer, now)


def _is_call_about(subject: Subject, case: Case) -> bool:
    """Somebody called about the order, was asked to write, and no buyer is bound to that case yet."""
    unbound = case.kind is Kind.CALL and case.buyer_key is None
    return unbound and subject.proven and _shares_order(subject, case)


def _same_conversation(subject: Subject, case: Case) -> bool:
    return case.case_key == subject.case_key and case.buyer_key == subject.buyer_key


def _only_young_case(same_buyer: list[Case], now: datetime) -> Case | None:
    is_open = [case for case in same_buyer if case.state is CaseState.OPEN]
    young = [case for case in is_open if now - case.opened_at < BUYER_KEY_AGE]
    return young[0] if len(young) == 1 else None


def _case_of_notice(subject: Subject, cases: list[Case]) -> Case | None:
    of_order = [case for case in cases if case.state is not CaseState.CLOSED and _shares_order(subject, case)]
    return next((case for case in of_order if case.state is CaseState.OPEN), None) or next(
        iter(of_order), None
    )


def _shares_order(subject: Subject, case: Case) -> bool:
    return not set(subject.order_ids).isdisjoint(case.order_ids)


def _predecessor(subject: Subject, cases: list[Case]) -> int | None:
    related = (
        case.id
        for case in cases
        if _shares_order(subject, case)
        or (subject.buyer_key is not None and subject.buyer_key == case.buyer_key)
    )
    return next(related, None)


def answered_by_copy(candidates: Iterable[Case]) -> Case | None:
    """The one case that Amazon's copy of a reply answers; if it fits several unanswered ones, none."""
    unanswered = [case for case in candidates if case.state is CaseState.OPEN]
    return unanswered[0] if len(unanswered) == 1 else None


@dataclass(frozen=True, slots=True)
class Addressed:
    """What a mail in the Sent folder may answer.

    Attributes:
        cases: one if it is clear which, several if it is not.
        certain: nothing in the mail names another conversation.
    """

    cases: tuple[Case, ...]
    certain: bool = True


def answered_by_mail(
    aliases: Iterable[tuple[str, str | None]], replied_to: Iterable[int], candidates: Iterable[Case]
) -> Addressed:
    """The cases that a mail in the Sent folder may answer.

    Args:
        aliases: buyer key and case key of each recipient; mail programs may change capital letters.
        replied_to: the cases of the mails that it answers by its headers.
        candidates: the cases of these buyers.
    """
    wanted = {(buyer, (key or "").lower()) for buyer, key in aliases}
    buyers = {buyer for buyer, _ in wanted}
    alive = [case for case in candidates if case.state is not CaseState.CLOSED and case.buyer_key in buyers]
    threads = set(replied_to)
    if by_thread := tuple(case for case in alive if case.id in threads):
        return Addressed(by_thread)
    named = {(buyer, key) for buyer, key in wanted if key}
    if by_key := tuple(case for case in alive if (case.buyer_key, (case.case_key or "").lower()) in named):
        return Addressed(by_key)
    unanswered = [case for case in alive if case.state is CaseState.OPEN]
    return Addressed(tuple(unanswered or alive[-1:]), certain=not named)
