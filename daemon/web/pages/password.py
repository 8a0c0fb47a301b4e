"""Setting the password by a one-time link, and changing it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException

from daemon.web import sessions
from daemon.web.invitations import is_invited
from daemon.web.pages.entrance import chosen_language, wait_told
from daemon.web.passwords import LONGEST, SHORTEST, fault_of, hash_of, matches
from daemon.web.rooms import Room, with_cookie
from daemon.web.throttle import NONE

if TYPE_CHECKING:
    from datetime import timedelta

    from starlette.responses import Response

    from daemon.web.sessions import Seat
    from daemon.web.visit import Visit

_LONGEST_TOKEN = 200


def ask_new(visit: Visit) -> Response:
    """The page behind a one-time link; its form carries the token on, so that the address is left with it."""
    return _asked_new(visit, visit.query.line("token", _LONGEST_TOKEN))


def set_up(visit: Visit) -> Response:
    """Take the first password, or another one in the place of one that was forgotten."""
    token = visit.form.line("token", _LONGEST_TOKEN)
    fault = fault_of(*_typed(visit))
    # A stranger without a link makes us do no work.
    if fault is not None or not _is_invited(visit, token):
        return _asked_new(visit, token, fault)
    seat = _set_by_link(visit, token)
    if seat is None:
        return _asked_new(visit, token)
    return with_cookie(visit.go("/", done="password_set"), visit.desk, seat)


def _set_by_link(visit: Visit, token: str) -> Seat | None:
    hashed = hash_of(_typed(visit)[0])
    with visit.deciding() as work:
        # Two may have followed the same link; the password ends it.
        if not is_invited(work.uow, token, work.now):
            return None
        work.uow.desk.set_password(hashed, work.now)
        return sessions.begin(work.uow, work.now, chosen_language(visit))


def _is_invited(visit: Visit, token: str) -> bool:
    with visit.considering() as work:
        return is_invited(work.uow, token, work.now)


def _asked_new(visit: Visit, token: str, fault: tuple[str, str] | None = None) -> Response:
    trouble = "" if fault is None else visit.say(*fault)
    if not _is_invited(visit, token):
        return visit.page("setup.j2", code=403, token="", trouble="", shortest=SHORTEST)
    code = 200 if fault is None else 422
    return visit.page("setup.j2", code=code, token=token, trouble=trouble, shortest=SHORTEST)


def ask_change(visit: Visit) -> Response:
    """The page that changes the password."""
    return _asked_change(visit)


def change(visit: Visit) -> Response:
    """Take another password; whoever else is signed in is signed out."""
    fault = fault_of(*_typed(visit))
    if fault is not None:
        return _asked_change(visit, 422, visit.say(*fault))
    who = _name(visit)
    wait = visit.desk.throttle.begin(who, visit.now)
    if wait > NONE:
        return _asked_change(visit, 429, wait_told(visit, wait), wait)
    seat = _changed(visit)
    if seat is None:
        trouble = visit.say("いまのパスワードが違います。", "That is not the present password.")
        return _asked_change(visit, 422, trouble, wrong=True)
    visit.desk.throttle.right(who)
    return with_cookie(visit.go("/more", done="password_changed"), visit.desk, seat)


def _changed(visit: Visit) -> Seat | None:
    """A new session under the new password; None if the present one was not right."""
    with visit.considering() as work:
        present = work.uow.desk.password_hash()
    if present is None or not matches(present, visit.form.text("present", LONGEST + 1)):
        return None
    hashed = hash_of(_typed(visit)[0])
    with visit.deciding() as work:
        if work.uow.desk.password_hash() != present:
            return None
        work.uow.desk.set_password(hashed, work.now)
        return sessions.begin(work.uow, work.now, visit.reader.language)


def _asked_change(
    visit: Visit, code: int = 200, trouble: str = "", wait: timedelta = NONE, *, wrong: bool = False
) -> Response:
    response = visit.page("password.j2", code=code, trouble=trouble, wrong=wrong, shortest=SHORTEST)
    if wait > NONE:
        response.headers["retry-after"] = str(math.ceil(wait.total_seconds()))
    return response


def _typed(visit: Visit) -> tuple[str, str]:
    return visit.form.text("password", LONGEST + 1), visit.form.text("again", LONGEST + 1)


def _name(visit: Visit) -> str:
    """Whose tries are counted: a session's own, so that strangers who guess keep nobody waiting here."""
    if visit.seat is None:
        raise HTTPException(403)
    return f"session {visit.seat.session.id}"


ROOMS = (
    Room("/setup", ask_new, public=True),
    Room("/setup", set_up, "POST", public=True),
    Room("/password", ask_change),
    Room("/password", change, "POST"),
)
