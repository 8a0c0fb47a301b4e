"""The report of a month as a page, and as files to keep."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException
from starlette.responses import Response

from daemon.identifiers import fresh_token
from daemon.reporting.digests import send_report
from daemon.reporting.report_files import report_lines
from daemon.reporting.report_sheets import report_page
from daemon.reporting.reports import report_so_far
from daemon.web.rooms import Room
from state.periods import month_of, parse_month
from templates.report_pages import render_page

if TYPE_CHECKING:
    from daemon.web.visit import Visit
    from state.periods import Month
    from templates.report_pages import ReportPage

_OLDEST = 2000
"""No month of a year before this one is offered; there was no shop on Amazon's marketplaces."""

_CASES = {"late": (0,), "promises": (2, 3), "fba": (3,), "returned": (1,)}
"""Which columns of which parts hold numbers of cases; those become links."""


def show(visit: Visit) -> Response:
    """The report of the month in the path, else of this one."""
    month, page = _report(visit)
    present = month_of(visit.desk.shop.calendar.local_day(visit.now))
    return visit.page(
        "report.j2",
        month=month,
        report=page,
        newer=month.moved(1) if month < present else None,
        older=month.moved(-1) if month.year > _OLDEST else None,
        case_columns=_CASES,
        wish=fresh_token(),
    )


def keep_page(visit: Visit) -> Response:
    """The same as one file with its charts, whole in itself."""
    month, page = _report(visit)
    return _file(render_page(page), f"report-{month}.html", "text/html")


def keep_table(visit: Visit) -> Response:
    """The tables for a spreadsheet program."""
    month, page = _report(visit)
    return _file("".join(report_lines(page, visit.reader.zone)), f"report-{month}.csv", "text/csv")


def send(visit: Visit) -> Response:
    """Mail it to the owner; a second click on the same button mails nothing."""
    wish = visit.form.line("wish", 40)
    if not (wish.isascii() and wish.isalnum()):
        raise HTTPException(400)
    with visit.deciding() as work:
        month = report_so_far(work, _month(visit)).month
        done = send_report(work, month, wish)
    return visit.go(f"/report/{month}", done="report_queued" if done else "nothing")


def _report(visit: Visit) -> tuple[Month, ReportPage]:
    with visit.considering() as work:
        report = report_so_far(work, _month(visit))
    return report.month, report_page(report, visit.desk.shop, language=visit.reader.language)


def _month(visit: Visit) -> Month | None:
    """The month of the path, if it names one.

    Raises:
        HTTPException: what stands there is no month.
    """
    named = visit.request.path_params.get("month")
    if named is None:
        return None
    try:
        return parse_month(named)
    except ValueError:
        raise HTTPException(404) from None


def _file(text: str, name: str, kind: str) -> Response:
    """A file that the browser saves and does not open; its name was made by this program."""
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(text, media_type=f"{kind}; charset=utf-8", headers=headers)


ROOMS = (
    Room("/report", show),
    Room("/report/{month}.html", keep_page),
    Room("/report/{month}.csv", keep_table),
    Room("/report/{month}", show),
    Room("/report/{month}/send", send, "POST"),
)
