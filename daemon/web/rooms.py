"""What a page is to the server: its path, and whether one has to be signed in to enter."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.convertors import IntegerConvertor, register_url_convertor
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from daemon.errors import SokuresuError
from daemon.web import sessions
from daemon.web.forms import read_form
from daemon.web.mishaps import note_fault, refused, typed
from daemon.web.visit import Visit
from daemon.web.ways import own_address
from state.desk_sessions import ABSOLUTE

if TYPE_CHECKING:
    from datetime import datetime

    from starlette.requests import Request

    from daemon.showing.reader import Reader
    from daemon.web.desk import Desk
    from daemon.web.forms import Form
    from daemon.web.sessions import Seat

Handler = Callable[[Visit], Response]


class _Number(IntegerConvertor):
    """A number of a row; longer ones name none, and Python does not read one of 5,000 digits."""

    regex = "[0-9]{1,9}"


register_url_convertor("int", _Number())


@dataclass(frozen=True, slots=True)
class Room:
    """One path of the desk.

    Attributes:
        path: as Starlette writes it; numbers as ``{number:int}``.
        handler: makes the answer; it runs in a thread of its own and may wait for the database.
        method: ``GET``, or ``POST`` for what changes something.
        public: may be entered without being signed in.
        quiet: the page asks by itself, so that being asked is no sign of a person.
    """

    path: str
    handler: Handler
    method: str = "GET"
    public: bool = False
    quiet: bool = False

    def route(self, desk: Desk) -> Route:
        """The same for Starlette."""

        async def answer(request: Request) -> Response:
            form = await read_form(request)
            return await run_in_threadpool(self._answer, desk, request, form)

        return Route(self.path, answer, methods=[self.method])

    def _answer(self, desk: Desk, request: Request, form: Form) -> Response:
        now = desk.clock.now()
        stranger = Visit(desk, request, form, now)
        try:
            seat = self._seat(desk, request, now)
        except SokuresuError as error:
            return explain(stranger, error)
        if seat is None:
            return self._enter(stranger) if self.public else _to_login(stranger)
        return with_cookie(self._enter(Visit(desk, request, form, now, seat)), desk, seat)

    def _enter(self, visit: Visit) -> Response:
        """The handler's answer; what it refuses is a page, too, with which a new token is handed over."""
        try:
            if self.method == "POST" and not self.public:
                check_token(visit)
            return self.handler(visit)
        except SokuresuError as error:
            return explain(visit, error)
        except HTTPException as error:
            return refused(visit, error.status_code)
        except Exception as error:  # noqa: BLE001 - a page that fails is told, and the others go on
            note_fault(error, self.path)
            return refused(visit, 500)

    def _seat(self, desk: Desk, request: Request, now: datetime) -> Seat | None:
        """Who is signed in; that they did something is written down from time to time."""
        seat = seat_of(desk, request, now)
        if seat is None or self.quiet or not sessions.wants_note(seat, now):
            return seat
        try:
            with desk.deciding() as work:
                return sessions.note_use(work.uow, seat.token, now)
        except SokuresuError:
            # Where nothing can be written down just now, a person can still read.
            return seat


def seat_of(desk: Desk, request: Request, now: datetime) -> Seat | None:
    """Who is signed in; nothing is written down.

    Raises:
        SokuresuError: the database cannot be used.
    """
    token = request.cookies.get(sessions.cookie_name(secure=desk.secure))
    if token is None:
        return None
    with desk.considering(now) as work:
        return sessions.find(work.uow, token, now)


def check_token(visit: Visit) -> None:
    """Refuse a form that no page of this session made.

    Raises:
        HTTPException: the token is not this session's.
    """
    seat, sent = visit.seat, visit.form.line("csrf")
    if seat is None or not hmac.compare_digest(sent.encode(), seat.csrf.encode()):
        raise HTTPException(403)


def with_cookie(response: Response, desk: Desk, seat: Seat) -> Response:
    """Hand a new token to the browser, where there is one and the page did not say already which to keep."""
    name = sessions.cookie_name(secure=desk.secure)
    said = any(one.startswith(f"{name}=") for one in response.headers.getlist("set-cookie"))
    if seat.fresh is not None and not said:
        _set_cookie(response, desk, seat.fresh, int(ABSOLUTE.total_seconds()))
    return response


def without_cookie(response: Response, desk: Desk) -> Response:
    """Have the browser forget its token."""
    _set_cookie(response, desk, "", 0)
    return response


def _set_cookie(response: Response, desk: Desk, token: str, seconds: int) -> None:
    response.set_cookie(
        sessions.cookie_name(secure=desk.secure),
        token,
        max_age=seconds,
        path="/",
        httponly=True,
        samesite="strict",
        secure=desk.secure,
    )


def explain(visit: Visit, error: SokuresuError) -> Response:
    """What went wrong as foreseen, as a page that says what to do."""
    return visit.page("error.j2", code=409, message=said(error, visit.reader))


def said(error: SokuresuError, reader: Reader) -> str:
    """An error's sentence in the reader's language; errors hold both, divided by a slash."""
    ja, slash, en = str(error).partition(" / ")
    return reader.say(ja, en) if slash and " / " not in en else str(error)


def _to_login(visit: Visit) -> Response:
    """Ask a stranger to sign in; a part of a page that asks by itself has the whole page go there."""
    request = visit.request
    if request.method == "POST" and typed(visit.form):
        return refused(visit, 401)
    if request.headers.get("hx-request") == "true":
        return Response(status_code=401, headers={"HX-Redirect": "/login"})
    asked = own_address(request.url.path, request.url.query) if request.method in ("GET", "HEAD") else "/"
    address = "/login" if asked == "/" else f"/login?next={quote(asked, safe='')}"
    return RedirectResponse(address, status_code=303)
