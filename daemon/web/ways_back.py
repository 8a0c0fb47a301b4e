"""Leads back to a page whoever opens the address of a form, as a reload or the history of a browser does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daemon.web.rooms import Handler, Room

if TYPE_CHECKING:
    from collections.abc import Iterable

    from starlette.responses import Response

    from daemon.web.visit import Visit

_BEGINNING = "/"


def lead_back(rooms: Iterable[Room]) -> tuple[Room, ...]:
    """A room for every address that takes a form and has no page of its own.

    Args:
        rooms: all of them.

    Returns:
        What leads each of them to the page that its address begins with, such as a case.
    """
    known = tuple(rooms)
    pages = frozenset(room.path for room in known if room.method == "GET")
    forms = {room.path: room.public for room in known if room.method == "POST" and room.path not in pages}
    return tuple(
        Room(path, _leading(_page_before(path, pages)), public=public) for path, public in forms.items()
    )


def _page_before(path: str, pages: frozenset[str]) -> str:
    before = path.rpartition("/")[0]
    while before and before not in pages:
        before = before.rpartition("/")[0]
    return before or _BEGINNING


def _leading(page: str) -> Handler:
    def lead(visit: Visit) -> Response:
        named = {name: str(value) for name, value in visit.request.path_params.items()}
        return visit.go(page.replace(":int", "").format_map(named))

    return lead
