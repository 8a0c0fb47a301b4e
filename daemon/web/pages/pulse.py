"""Whether the service lives: in a few words on every page, and at length on a page of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daemon.showing.health import read_health
from daemon.showing.troubles import Pulse, read_pulse
from daemon.web.health_view import sheet_of
from daemon.web.rooms import Room

if TYPE_CHECKING:
    from starlette.responses import Response

    from daemon.web.visit import Visit


def show(visit: Visit) -> Response:
    """The words for the head of the page."""
    names = [one.name for one in visit.desk.settings.mailboxes]
    with visit.considering() as work:
        pulse = read_pulse(work.uow, names)
    return visit.page("pulse.j2", trouble=pulse.trouble(visit.reader))


def show_health(visit: Visit) -> Response:
    """How the service, its mailboxes and everything that waits stand."""
    with visit.considering() as work:
        status = read_health(work.uow, visit.desk.settings, visit.now)
    pulse = Pulse(status.run, {one.name: one.health for one in status.mailboxes})
    return visit.page("health.j2", health=sheet_of(status, pulse.trouble(visit.reader), visit.reader))


ROOMS = (
    Room("/pulse", show, quiet=True),
    Room("/health", show_health),
)
