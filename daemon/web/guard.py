"""Stands before every page: refuses what no page of ours sends, and tells browsers what a page may do."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse

from daemon.web.forms import LONGEST_FORM
from daemon.web.mishaps import note_fault

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
_PATIENCE = 30.0
"""Seconds to wait for the next piece of a form."""

_WHOLE = 60.0
"""Seconds for all of it: whoever drips a form holds no connection for longer."""

_METHODS = {"allow": "GET, HEAD, POST"}
_USUAL_PORTS = {"http": ":80", "https": ":443"}
_STRANGE_HOST = (
    "この名前では開けません。設定の [web] address を確かめてください。\n"
    "The desk is not reached by this name; see address under [web] in the configuration.\n"
)

_OWN_SITES = ("same-origin", "none")
_SAFE = ("GET", "HEAD")


class Guard:
    """Wraps the whole application."""

    def __init__(self, app: ASGIApp, origins: frozenset[str], *, secure: bool) -> None:
        self._app = app
        self._origins = origins
        self._hosts = frozenset(host for origin in origins for host in _hosts_of(origin))
        self._secure = secure

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        answer = self._refusal(scope) or self._app
        body = _Bounded(receive, Headers(scope=scope))
        try:
            await answer(scope, body, self._with_headers(body, send))
        except Exception as error:  # noqa: BLE001 - the server would log its words, which may be a buyer's
            note_fault(error, "after the page")

    def _refusal(self, scope: Scope) -> PlainTextResponse | None:
        headers = Headers(scope=scope)
        named = headers.getlist("host")
        # A whole URL in the place of a path names a host once more.
        if len(named) != 1 or named[0].lower() not in self._hosts or not scope["path"].startswith("/"):
            return PlainTextResponse(_STRANGE_HOST, 421)
        if "transfer-encoding" in headers and "content-length" in headers:
            # A proxy may go by the one and we by the other: what is a body to it would be a request to us.
            return PlainTextResponse("two lengths\n", 400)
        if scope["method"] in _SAFE:
            return None
        if scope["method"] != "POST":
            return PlainTextResponse("method not allowed\n", 405, headers=_METHODS)
        return self._refusal_of_form(headers)

    def _refusal_of_form(self, headers: Headers) -> PlainTextResponse | None:
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

    def _with_headers(self, body: _Bounded, send: Send) -> Send:
        async def tell(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
                # The public files say for themselves how long they are kept; a page in their place does not.
                headers.setdefault("cache-control", "no-store")
                if body.owed:
                    # The rest of it may still come, drop by drop, and nobody waits for it.
                    headers["connection"] = "close"
                if self._secure:
                    headers.setdefault("strict-transport-security", "max-age=31536000")
            await send(message)

        return tell


def _hosts_of(origin: str) -> tuple[str, ...]:
    """What Host may say for an origin: some proxies name the usual port, too."""
    scheme, _, host = origin.partition("://")
    named = host.rpartition(":")[2].isdigit() and not host.endswith("]")
    return (host,) if named else (host, host + _USUAL_PORTS[scheme])


def _length(headers: Headers) -> int:
    """How long the body is said to be; one that does not say is counted while it comes."""
    said = headers.get("content-length", "0")
    return int(said) if said.isascii() and said.isdigit() and len(said) < 16 else LONGEST_FORM + 1


class TooLong(Exception):  # noqa: N818 - reads as what it is
    """A body went on behind what a form may be."""


class TooSlow(Exception):  # noqa: N818 - reads as what it is
    """A body did not go on."""


class _Bounded:
    """Takes a body up to the length of a form, and waits for it for so long and no longer.

    Attributes:
        owed: it was announced, and not all of it has come.
    """

    def __init__(self, receive: Receive, headers: Headers) -> None:
        self._receive = receive
        self._taken = 0
        self._until = asyncio.get_running_loop().time() + _WHOLE
        self._complete = False
        self.owed = "transfer-encoding" in headers or headers.get("content-length", "0") != "0"

    async def __call__(self) -> Message:
        if self._complete:
            return await self._receive()
        left = self._until - asyncio.get_running_loop().time()
        try:
            message = await asyncio.wait_for(self._receive(), min(_PATIENCE, left))
        except TimeoutError:
            raise TooSlow from None
        self._taken += len(message.get("body", b""))
        if self._taken > LONGEST_FORM:
            raise TooLong
        self._complete = not message.get("more_body", False)
        self.owed = self.owed and not self._complete
        return message
