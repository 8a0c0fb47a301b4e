"""Reads what a report is made from."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from daemon.errors import SokuresuError
from state.periods import month_of
from state.reporting import MONTHS_SHOWN, RETURNED_WITHIN, Rows, report_month

if TYPE_CHECKING:
    from datetime import date

    from daemon.work import Work
    from state.periods import Month
    from state.reporting import MonthReport


def report_so_far(work: Work, month: Month | None = None) -> MonthReport:
    """The report of a month that a person asks for; of the present one if they name none.

    Raises:
        SokuresuError: that month is still to come.
    """
    present = month_of(work.shop.calendar.local_day(work.now))
    if month is not None and month > present:
        raise SokuresuError(f"{month} はまだ来ていません。 / {month} is still to come.")
    return month_report(work, month or present)


def month_report(work: Work, month: Month) -> MonthReport:
    """The report of a month; of the present one up to now."""
    zone = work.shop.calendar.zone
    start, end = month.bounds(zone)
    reporting = work.uow.reporting
    returning = reporting.returning(month.first_day, _last_day(month), zone)
    rows = Rows(
        cases=reporting.cases((min(start, end - RETURNED_WITHIN), end), [one.case_id for one in returning]),
        messages=reporting.messages((start, end)),
        ratings=reporting.ratings(month.moved(1 - MONTHS_SHOWN).first_day, zone),
        lessons=tuple(work.uow.lessons.all().values()),
        returning=returning,
    )
    return report_month(rows, month, zone, work.now)


def _last_day(month: Month) -> date:
    return month.moved(1).first_day - timedelta(days=1)
