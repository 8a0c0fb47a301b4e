"""Tables for spreadsheets, to be kept as files."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException
from starlette.responses import StreamingResponse

from daemon.exporting import TABLES, table_lines
from daemon.web.days import DaySpan, read_span
from daemon.web.rooms import Room

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.responses import Response

    from daemon.web.visit import Visit

_AT_ONCE = 200
"""Lines that are sent together."""

_TABLES = {
    "cases": ("案件", "Cases"),
    "feedback": ("評価", "Ratings"),
    "calls": ("電話", "Telephone calls"),
    "orders": ("注文", "Orders"),
}


def show(visit: Visit) -> Response:
    """The page where a person chooses what and which days."""
    return _ask(visit, "cases", DaySpan())


def take(visit: Visit) -> Response:
    """The table of the days that were chosen."""
    what, span = visit.query.line("what"), read_span(visit.query)
    if what not in TABLES:
        raise HTTPException(404)
    if span.fault is not None:
        return _ask(visit, what, span)
    today = visit.desk.shop.calendar.local_day(visit.now)
    return StreamingResponse(
        _lines(visit, what, span),
        media_type="text/csv; charset=utf-8",
        headers={"content-disposition": f'attachment; filename="sokuresu-{what}-{today.isoformat()}.csv"'},
    )


def _ask(visit: Visit, what: str, span: DaySpan) -> Response:
    typed = {name: visit.query.line(name, 20) for name in ("since", "until")}
    fault = visit.say(*span.fault) if span.fault else ""
    code = 422 if fault else 200
    return visit.page("export.j2", code, tables=_TABLES, what=what, typed=typed, fault=fault)


def _lines(visit: Visit, what: str, span: DaySpan) -> Iterator[str]:
    """The file in pieces, from one moment of the database."""
    with visit.considering() as work:
        lines = table_lines(work.uow, what, (span.since, span.until), visit.reader)
        while piece := "".join(islice(lines, _AT_ONCE)):
            yield piece


ROOMS = (
    Room("/export", show),
    Room("/export/table.csv", take),
)
