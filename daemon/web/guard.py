"""Stands before every page: refuses what no page of ours sends, and tells browsers what a page may do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse

from daemon.web.forms import LONGEST_FORM

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

_ALLOWED = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",  # The stylesheet draws its arrows and ticks by data addresses.
    "connect-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
}
POLICY = "; ".join(f"{what} {where}" for what, where in _ALLOWED.items())
"""Nothing is loaded from anywhere else, and no script or style stands in a page."""

_HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}
_KEPT = "/static/"
"""The files below this path are public, and may be kept by the browser."""

_OWN_SITES = ("same-origin", "none")
_SAFE = ("GET", "HEAD")


class Guard:
    """Wraps the whole application."""

    def __init__(self, app: ASGIApp, origins: frozenset[str], *, secure: bool) -> None:
        self._app = app
        self._origins = origins
        self._hosts = frozenset(origin.partition("://")[2] for origin in origins)
        self._secure = secure

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        answer = self._refusal(scope) or self._app
        await answer(scope, _bounded(receive), self._with_headers(scope, send))

    def _refusal(self, scope: Scope) -> PlainTextResponse | None:
        headers = Headers(scope=scope)
        if headers.get("host", "").lower() not in self._hosts:
            return PlainTextResponse("unknown host\n", 421)
        if scope["method"] in _SAFE:
            return None
        if scope["method"] != "POST":
            return PlainTextResponse("method not allowed\n", 405)
        if not self._is_ours(headers):
            return PlainTextResponse("this form was not sent from the desk\n", 403)
        if _length(headers) > LONGEST_FORM:
            return PlainTextResponse("too large\n", 413)
        return None

    def _is_ours(self, headers: Headers) -> bool:
        """Whether a page of ours sent a form: every browser of today says so in one header or the other."""
        site, origin = headers.get("sec-fetch-site"), headers.get("origin")
        if site is not None and site not in _OWN_SITES:
            return False
        if origin is not None:
            return origin.lower() in self._origins
        return site is not None

    def _with_headers(self, scope: Scope, send: Send) -> Send:
        async def tell(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
                if not scope["path"].startswith(_KEPT):
                    headers.setdefault("cache-control", "no-store")
                if self._secure:
                    headers.setdefault("strict-transport-security", "max-age=31536000")
            await send(message)

        return tell


def _length(headers: Headers) -> int:
    """How long the body is said to be; one that does not say is counted while it comes."""
    said = headers.get("content-length", "0")
    return int(said) if said.isascii() and said.isdigit() and len(said) < 16 else LONGEST_FORM + 1


class TooLong(Exception):  # noqa: N818 - reads as what it is
    """A body went on behind what a form may be."""


def _bounded(receive: Receive) -> Receive:
    taken = 0

    async def listen() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > LONGEST_FORM:
            raise TooLong
        return message

    return listen
