"""What waits today: unanswered cases by time left, and what was done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import Response

from daemon.web.rooms import Room
from daemon.web.today_view import read_today

if TYPE_CHECKING:
    from daemon.web.today_view import Today
    from daemon.web.visit import Visit


def show(visit: Visit) -> Response:
    """The whole page."""
    return visit.page("today.j2", today=_read(visit))


def show_list(visit: Visit) -> Response:
    """What changes of the page; nothing while it looks as the browser has it already."""
    today = _read(visit)
    if visit.query.line("seen", 40) == today.mark:
        return Response(status_code=204)
    return visit.page("_today.j2", today=today)


def _read(visit: Visit) -> Today:
    with visit.considering() as work:
        return read_today(work, visit.desk.settings, whole=visit.query.has("all"))


ROOMS = (
    Room("/", show),
    Room("/today/list", show_list, quiet=True),
)
