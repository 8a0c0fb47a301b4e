"""Which reports are due by mail (once a month, once a week). Pure: the database says what was told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from state.periods import Month, Week, month_of, week_of

if TYPE_CHECKING:
    from datetime import date, datetime

    from state.alert_rules import AlertTimes


@dataclass(frozen=True, slots=True)
class Due:
    """A report whose time has come.

    Attributes:
        key: what makes it once, such as ``month:2026-10`` or ``week:2026-W47``.
        period: what it is about; it is over.
    """

    key: str
    period: Month | Week


def latest_month(now: datetime, plan: AlertTimes) -> Due:
    """The monthly report that came due last, on the 1st; earlier ones are not made up for."""
    this = month_of(plan.calendar.local_day(now))
    over = this.moved(-1) if _has_come(this.first_day, now, plan) else this.moved(-2)
    return Due(f"month:{over}", over)


def latest_week(now: datetime, plan: AlertTimes) -> Due:
    """The weekly line that came due last, on a Monday; earlier ones are not made up for."""
    this = week_of(plan.calendar.local_day(now))
    over = this.before() if _has_come(this.monday, now, plan) else this.before().before()
    return Due(f"week:{over}", over)


def existed_in(period: Month | Week, first_start_at: datetime, plan: AlertTimes) -> bool:
    """Whether the service was there before a period ended; else there is nothing to report."""
    _, end = period.bounds(plan.calendar.zone)
    return first_start_at < end


def _has_come(day: date, now: datetime, plan: AlertTimes) -> bool:
    """Whether it is past the first daily alert of a day, closed or not."""
    return now >= plan.calendar.at(day, min(plan.times, default=plan.labels[0]))
