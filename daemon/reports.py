"""Reads what a report is made from."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from state.reporting import MONTHS_SHOWN, RETURNED_WITHIN, Rows, report_month

if TYPE_CHECKING:
    from datetime import date

    from daemon.work import Work
    from state.periods import Month
    from state.reporting import MonthReport


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
