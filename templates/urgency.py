"""What presses most: the arithmetic behind an alert's subject and order of reading.

Instants are compared in UTC: two times of one zone would be compared by their wall clocks, which is
wrong by an hour when the clocks change in between.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from templates.contexts import AlertCase, AlertContext


@dataclass(frozen=True, slots=True)
class Summary:
    """An alert in numbers.

    Attributes:
        unanswered: how many cases wait.
        overdue: how many of them are past a deadline, the shop's or Amazon's.
        acknowledged: how many of them got the automatic confirmation.
        next_by: the earliest deadline still ahead; None if there is none.
        amazon_next_by: the earliest end of Amazon's 24 hours still ahead; None if there is none.
        before_opening: the cases of which a deadline falls before the shop opens again.
        first_message: number of the most urgent case that a reply would settle; None if there is none.
    """

    unanswered: int
    overdue: int
    acknowledged: int
    next_by: datetime | None
    amazon_next_by: datetime | None
    before_opening: tuple[AlertCase, ...]
    first_message: int | None


def elapsed(earlier: datetime, later: datetime) -> timedelta:
    """Time that really passes between two aware instants; negative if they are the other way round."""
    return later.astimezone(UTC) - earlier.astimezone(UTC)


def _is_past(by: datetime, now: datetime) -> bool:
    return elapsed(by, now) > timedelta(0)


def _deadlines(case: AlertCase) -> tuple[datetime, ...]:
    return tuple(by for by in (case.respond_by, case.amazon_by) if by is not None)


def is_overdue(case: AlertCase, now: datetime) -> bool:
    """One of the case's deadlines is past."""
    return any(_is_past(by, now) for by in _deadlines(case))


def _earliest_ahead(deadlines: Iterable[datetime], now: datetime) -> datetime | None:
    ahead = (by for by in deadlines if not _is_past(by, now))
    return min(ahead, key=lambda by: by.astimezone(UTC), default=None)


def summary(context: AlertContext) -> Summary:
    """Count what waits and find what is due next."""
    cases, now = context.cases, context.now
    return Summary(
        unanswered=len(cases),
        overdue=sum(is_overdue(case, now) for case in cases),
        acknowledged=sum(case.acknowledged_at is not None for case in cases),
        next_by=_earliest_ahead((by for case in cases for by in _deadlines(case)), now),
        amazon_next_by=_earliest_ahead((case.amazon_by for case in cases if case.amazon_by), now),
        before_opening=tuple(case for case in cases if case.runs_out_before_opening),
        first_message=next((case.number for case in cases if case.kind == "buyer_message"), None),
    )
