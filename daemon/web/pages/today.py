"""What waits today: unanswered cases by time left."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daemon.showing.case_cards import cards_of
from daemon.showing.case_lines import open_lines
from daemon.web.rooms import Room

if TYPE_CHECKING:
    from starlette.responses import Response

    from daemon.web.visit import Visit


def show(visit: Visit) -> Response:
    """The whole page."""
    with visit.considering() as work:
        lines = open_lines(work.uow)
    return visit.page("today.j2", cards=cards_of(lines, visit.now))


ROOMS = (Room("/", show),)
