"""Signing in and out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daemon.web import sessions
from daemon.web.passwords import matches
from daemon.web.rooms import Room, with_cookie

if TYPE_CHECKING:
    from starlette.responses import Response

    from daemon.web.visit import Visit


def ask(visit: Visit) -> Response:
    """The page that asks for the password."""
    return visit.page("login.j2", wrong=False, next=_wanted(visit.query.text("next", 200)))


def sign_in(visit: Visit) -> Response:
    """Take the password."""
    wanted = _wanted(visit.form.text("next", 200))
    with visit.considering() as work:
        hashed = work.uow.desk.password_hash()
    if hashed is None or not matches(hashed, visit.form.text("password", 1000)):
        return visit.page("login.j2", code=401, wrong=True, next=wanted)
    with visit.deciding() as work:
        seat = sessions.begin(work.uow, work.now)
    return with_cookie(visit.go(wanted), visit.desk, seat)


def sign_out(visit: Visit) -> Response:
    """End the session."""
    if visit.seat is not None:
        with visit.deciding() as work:
            work.uow.desk.end(visit.seat.session.id)
    response = visit.go("/login", done="signed_out")
    response.delete_cookie(sessions.COOKIE)
    return response


def _wanted(path: str) -> str:
    """Where a person wanted to go: a path of ours, never another site."""
    plain = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable()
    return path if plain else "/"


ROOMS = (
    Room("/login", ask, public=True),
    Room("/login", sign_in, "POST", public=True),
    Room("/logout", sign_out, "POST"),
)
