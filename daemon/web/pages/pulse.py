"""Whether the service lives, in a few words on every page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daemon.showing.health import read_health
from daemon.web.rooms import Room

if TYPE_CHECKING:
    from starlette.responses import Response

    from daemon.web.visit import Visit


def show(visit: Visit) -> Response:
    """The words for the head of the page."""
    with visit.considering() as work:
        status = read_health(work.uow, visit.desk.settings, visit.now)
    return visit.page("pulse.j2", status=status, healthy=status.healthy(visit.now))


ROOMS = (Room("/pulse", show, quiet=True),)
