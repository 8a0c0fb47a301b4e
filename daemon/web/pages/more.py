"""Everything that has no place of its own in the menu."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daemon.web.rooms import Room
from state.outbox_rules import OutboxState

if TYPE_CHECKING:
    from starlette.responses import Response

    from daemon.web.visit import Visit


def show(visit: Visit) -> Response:
    """The ways to the other pages, with the number of what waits there."""
    with visit.considering() as work:
        uncertain = len(work.uow.outbox.in_state(OutboxState.UNCERTAIN))
        quarantine = work.uow.quarantine.waiting()
    return visit.page("more.j2", uncertain=uncertain, quarantine=quarantine)


ROOMS = (Room("/more", show),)
