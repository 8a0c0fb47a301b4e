"""Signing in and out, and the language of the pages."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from starlette.responses import RedirectResponse

from daemon.web import sessions
from daemon.web.known_browsers import remember, who_asks
from daemon.web.passwords import hash_of, is_weak, matches
from daemon.web.rooms import Room, with_cookie, without_cookie
from daemon.web.throttle import NONE
from daemon.web.ways import wanted

if TYPE_CHECKING:
    from datetime import timedelta

    from starlette.responses import Response

    from daemon.web.sessions import Seat
    from daemon.web.visit import Visit

_YEAR = 365 * 24 * 60 * 60
_LANGUAGES = ("ja", "en")


def ask(visit: Visit) -> Response:
    """The page that asks for the password; who is signed in already goes on."""
    towards = wanted(visit.query.text("next", 501))
    if visit.seat is not None:
        return RedirectResponse(towards, status_code=303)
    with visit.considering() as work:
        is_set = work.uow.desk.password_hash() is not None
    # From a link elsewhere, such as in a mail, browsers send no cookie of SameSite=Strict.
    from_elsewhere = visit.request.headers.get("sec-fetch-site") == "cross-site"
    return visit.page("login.j2", trouble="", next=towards, is_set=is_set, from_elsewhere=from_elsewhere)


def sign_in(visit: Visit) -> Response:
    """Take the password."""
    with visit.considering() as work:
        hashed = work.uow.desk.password_hash()
    who = who_asks(visit, hashed)
    wait = visit.desk.throttle.begin(who, visit.now)
    if wait > NONE:
        return _again(visit, 429, wait_told(visit, wait), wait)
    seat = None if hashed is None else _admitted(visit, hashed)
    if seat is None or hashed is None:
        return _again(visit, 401, visit.say("パスワードが違います。", "That is not the password."))
    visit.desk.throttle.right(who)
    response = RedirectResponse(wanted(visit.form.text("next", 501)), status_code=303)
    return remember(with_cookie(response, visit.desk, seat), visit, hashed)


def _admitted(visit: Visit, hashed: str) -> Seat | None:
    """A new session, if the password is right; that takes time, and so no transaction waits for it."""
    password = visit.form.text("password", 1001)
    if not matches(hashed, password):
        return None
    better = hash_of(password) if is_weak(hashed) else None
    with visit.deciding() as work:
        access = work.uow.desk
        if access.password_hash() != hashed:
            return None
        if better is not None:
            access.strengthen(better)
        if visit.seat is not None:
            access.end(visit.seat.session.id)
        return sessions.begin(work.uow, work.now, chosen_language(visit))


def _again(visit: Visit, code: int, trouble: str, wait: timedelta = NONE) -> Response:
    towards = wanted(visit.form.text("next", 501))
    response = visit.page(
        "login.j2", code=code, trouble=trouble, next=towards, is_set=True, from_elsewhere=False
    )
    if wait > NONE:
        response.headers["retry-after"] = str(math.ceil(wait.total_seconds()))
    return response


def wait_told(visit: Visit, wait: timedelta) -> str:
    """How long somebody has to wait who was wrong too often."""
    seconds = math.ceil(wait.total_seconds())
    minutes = math.ceil(seconds / 60)
    ja, en = (f"{seconds}秒", f"{seconds} s") if seconds < 60 else (f"{minutes}分", f"{minutes} min")
    return visit.say(
        f"間違いが続いたため、あと{ja}お待ちください。", f"Too many wrong passwords: please wait {en}."
    )


def sign_out(visit: Visit) -> Response:
    """End the session, or every session."""
    if visit.seat is not None:
        with visit.deciding() as work:
            if visit.form.has("everywhere"):
                work.uow.desk.end_all()
            else:
                work.uow.desk.end(visit.seat.session.id)
    return without_cookie(visit.go("/login", done="signed_out"), visit.desk)


def choose_language(visit: Visit) -> Response:
    """Show the pages in the other language from now on; before signing in a cookie remembers it."""
    chosen = visit.form.line("language")
    response = RedirectResponse(wanted(visit.form.text("back", 501)), status_code=303)
    if chosen not in _LANGUAGES:
        return response
    if visit.seat is not None:
        with visit.deciding() as work:
            work.uow.desk.change(visit.seat.session.id, language=chosen)
    response.set_cookie(
        "language", chosen, max_age=_YEAR, httponly=True, samesite="strict", secure=visit.desk.secure
    )
    return response


def chosen_language(visit: Visit) -> str | None:
    """What was chosen before signing in; None where nothing was."""
    chosen = visit.request.cookies.get("language")
    return chosen if chosen in _LANGUAGES else None


ROOMS = (
    Room("/login", ask, public=True),
    Room("/login", sign_in, "POST", public=True),
    Room("/logout", sign_out, "POST"),
    Room("/language", choose_language, "POST", public=True),
)
