"""The whole desk as one application."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from daemon.log import get_logger
from daemon.web.forms import Form
from daemon.web.guard import Guard, TooLong
from daemon.web.pages import ROOMS
from daemon.web.visit import Visit

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.types import ASGIApp

    from daemon.web.desk import Desk

_log = get_logger(__name__)

_REASONS = {
    403: (
        "この画面の有効期限が切れています。もう一度開いてやり直してください。",
        "This page is out of date; open it again and repeat.",
    ),
    404: ("そのページはありません。", "There is no such page."),
    405: ("その操作はできません。", "That cannot be done here."),
    413: ("送られた内容が長すぎます。", "What was sent is too long."),
    415: ("送られた内容の形式が違います。", "What was sent is no form."),
}
_TROUBLE = (
    "うまく表示できませんでした。受信と送信のサービスには影響ありません。もう一度お試しください。",
    "Something went wrong here. The service that reads and sends is not concerned. Please try again.",
)


def build(desk: Desk) -> ASGIApp:
    """The application of one desk, with its guard before it."""
    static = StaticFiles(directory=str(files("daemon.web") / "static"))
    routes = [*(room.route(desk) for room in ROOMS), Mount("/static", static)]

    def refuse(request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        return _explain(desk, request, status)

    def fail(request: Request, error: Exception) -> Response:
        _log.error("a page failed", error=type(error).__name__, path=request.scope["route"].path)
        return _explain(desk, request, 500)

    app = Starlette(
        routes=routes,
        exception_handlers={
            HTTPException: refuse,
            TooLong: lambda _request, _error: PlainTextResponse("too large\n", 413),
            Exception: fail,
        },
    )
    return Guard(app, desk.origins, secure=desk.secure)


def _explain(desk: Desk, request: Request, status: int) -> Response:
    visit = Visit(desk, request, Form(), desk.clock.now())
    return visit.page("error.j2", code=status, message=visit.say(*_REASONS.get(status, _TROUBLE)))
