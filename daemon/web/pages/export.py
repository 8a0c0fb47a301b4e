"""Tables for spreadsheets, to be kept as files."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException
from starlette.responses import StreamingResponse

from daemon.reporting.exporting import TABLES, table_lines
from daemon.web.days import DaySpan, read_span
from daemon.web.rooms import Room

if TYPE_CHECKING:
    from collections.abc import Generator

    from starlette.responses import Response
    from starlette.types import Receive, Scope, Send

    from daemon.web.visit import Visit

_AT_ONCE = 200
"""Lines that are sent together."""

_TABLES = {
    "cases": ("案件", "Cases"),
    "feedback": ("評価", "Ratings"),
    "calls": ("電話", "Telephone calls"),
    "orders": ("注文", "Orders"),
}


class _Table(StreamingResponse):
    """Ends its transaction with itself, also for a browser that goes away in the middle."""

    def __init__(self, lines: Generator[str], name: str) -> None:
        said = {"content-disposition": f'attachment; filename="{name}"'}
        super().__init__(lines, media_type="text/csv; charset=utf-8", headers=said)
        self._lines = lines

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._lines.close()


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
    return _Table(_lines(visit, what, span), f"sokuresu-{what}-{today.isoformat()}.csv")


def _ask(visit: Visit, what: str, span: DaySpan) -> Response:
    typed = {name: visit.query.line(name, 20) for name in ("since", "until")}
    fault = visit.say(*span.fault) if span.fault else ""
    code = 422 if fault else 200
    return visit.page("export.j2", code, tables=_TABLES, what=what, typed=typed, fault=fault)


def _lines(visit: Visit, what: str, span: DaySpan) -> Generator[str]:
    """The file in pieces, from one moment of the database."""
    with visit.considering() as work:
        lines = table_lines(work.uow, what, (span.since, span.until), visit.reader)
        while piece := "".join(islice(lines, _AT_ONCE)):
            yield piece


ROOMS = (
    Room("/export", show),
    Room("/export/table.csv", take),
)
