"""The whole desk as one application."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.routing import Mount

from daemon.errors import SokuresuError
from daemon.web.files import static_files
from daemon.web.forms import Form
from daemon.web.guard import Guard, TooLong, TooSlow
from daemon.web.mishaps import note_fault, refused
from daemon.web.pages import ROOMS
from daemon.web.rooms import seat_of
from daemon.web.visit import Visit
from daemon.web.ways_back import lead_back

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.types import ASGIApp

    from daemon.web.desk import Desk


def build(desk: Desk) -> ASGIApp:
    """The application of one desk, with its guard before it."""

    def refuse(request: Request, error: Exception) -> Response:
        """What no room answers; it runs in a thread, for it looks into the database."""
        return refused(_visit(desk, request), error.status_code if isinstance(error, HTTPException) else 500)

    def fail(request: Request, error: Exception) -> Response:
        note_fault(error, "outside of any room")
        return refused(_stranger(desk, request), 500)

    app = Starlette(
        routes=[
            *(room.route(desk) for room in (*ROOMS, *lead_back(ROOMS))),
            Mount("/static", static_files()),
        ],
        exception_handlers={
            HTTPException: refuse,
            TooLong: lambda request, _error: refused(_stranger(desk, request), 413),
            TooSlow: lambda request, _error: refused(_stranger(desk, request), 408),
            Exception: fail,
        },
    )
    # The redirection to an address with a slash would be built from the request's Host.
    app.router.redirect_slashes = False
    return Guard(app, desk.origins, secure=desk.secure)


def _visit(desk: Desk, request: Request) -> Visit:
    """Of whoever is signed in, so that the page speaks their language."""
    visit = _stranger(desk, request)
    try:
        return Visit(desk, request, Form(), visit.now, seat_of(desk, request, visit.now))
    except SokuresuError:
        return visit


def _stranger(desk: Desk, request: Request) -> Visit:
    return Visit(desk, request, Form(), desk.clock.now())
