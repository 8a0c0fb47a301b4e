"""What waits today: unanswered cases by time left, and what was done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from markupsafe import Markup
from starlette.responses import HTMLResponse, Response

from daemon.web.rendering import render
from daemon.web.rooms import Room
from daemon.web.today_view import read_today

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from daemon.web.today_view import Today
    from daemon.web.visit import Visit


class _Board:
    """The list as it was drawn last; who looks again before anything on it has changed gets the same.

    What is equal looks the same: time left is told in minutes, and the minute is a part of the day's mark.
    """

    def __init__(self) -> None:
        self._last: tuple[tuple[Today, str, ZoneInfo], Markup] | None = None

    def draw(self, visit: Visit, today: Today) -> Markup:
        """The list for whoever visits."""
        asked, last = (today, visit.reader.language, visit.reader.zone), self._last
        if last is None or last[0] != asked:
            drawn = render("_today.j2", visit, {"today": today})
            last = asked, Markup(drawn)  # noqa: S704 - a template of ours, which escapes what it shows
            self._last = last
        return last[1]


_BOARD = _Board()


def show(visit: Visit) -> Response:
    """The whole page."""
    today = _read(visit)
    return visit.page("today.j2", today=today, drawn=_BOARD.draw(visit, today))


def show_list(visit: Visit) -> Response:
    """What changes of the page; nothing while it looks as the browser has it already."""
    today = _read(visit)
    if visit.query.line("seen", 40) == today.mark:
        return Response(status_code=204)
    return HTMLResponse(_BOARD.draw(visit, today))


def _read(visit: Visit) -> Today:
    with visit.considering() as work:
        return read_today(work, visit.desk.settings, whole=visit.query.has("all"))


ROOMS = (
    Room("/", show),
    Room("/today/list", show_list, quiet=True),
)
