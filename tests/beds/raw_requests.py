"""Requests that no browser would send, handed to an application without a server or a client between."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from starlette.datastructures import Headers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.types import ASGIApp, Message

HOST = ("host", "127.0.0.1:8725")


@dataclass
class Answer:
    """What came back.

    Attributes:
        status: of HTTP; 0 if nothing came.
        headers: as they were sent.
        body: all of it.
        taken: how many pieces of the request's body were asked for.
    """

    status: int = 0
    headers: Headers = field(default_factory=lambda: Headers({}))
    body: bytes = b""
    taken: int = 0

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode()


def ask(
    app: ASGIApp,
    path: str,
    *,
    method: str = "GET",
    headers: Sequence[tuple[str, str]] = (HOST,),
    pieces: Sequence[bytes] = (b"",),
) -> Answer:
    """Send one request.

    Args:
        app: what answers.
        path: decoded, as a server hands it over, with the query behind a question mark.
        method: of HTTP.
        headers: just these, in this order.
        pieces: of the body.
    """
    return asyncio.run(_ask(app, path, method, headers, list(pieces)))


async def _ask(
    app: ASGIApp, path: str, method: str, headers: Sequence[tuple[str, str]], left: list[bytes]
) -> Answer:
    answer = Answer()

    async def receive() -> Message:
        await asyncio.sleep(0)
        body = left.pop(0) if left else b""
        answer.taken += 1
        return {"type": "http.request", "body": body, "more_body": bool(left)}

    async def send(message: Message) -> None:
        await asyncio.sleep(0)
        if message["type"] == "http.response.start":
            answer.status, answer.headers = message["status"], Headers(raw=message["headers"])
        else:
            answer.body += message.get("body", b"")

    await app(_scope(path, method, headers), receive, send)
    return answer


def _scope(path: str, method: str, headers: Sequence[tuple[str, str]]) -> dict[str, Any]:
    plain, _, query = path.partition("?")
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": plain,
        "raw_path": plain.encode(),
        "root_path": "",
        "query_string": query.encode(),
        "headers": [(name.lower().encode(), value.encode()) for name, value in headers],
        "client": ("127.0.0.1", 50000),
        "server": ("127.0.0.1", 8725),
    }
