"""A web server on this machine that keeps what it is asked and answers what a test says."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True, slots=True)
class Asked:
    """One request."""

    method: str
    path: str
    headers: dict[str, str]
    body: str


@dataclass(slots=True)
class WebServer:
    """What it was asked, and what it answers.

    Attributes:
        url: where it listens, without a slash at the end.
        status: of every answer.
        location: where a redirection leads.
        asked: every request, in order.
    """

    url: str = ""
    status: int = 200
    location: str = ""
    asked: list[Asked] = field(default_factory=list)

    def paths(self) -> list[str]:
        """The paths that were asked for."""
        return [one.path for one in self.asked]


@contextmanager
def running_web() -> Iterator[WebServer]:
    """A server until the end of the block."""
    web = WebServer()

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = self.rfile.read(length).decode()
            web.asked.append(Asked(self.command, self.path, dict(self.headers), body))
            self.send_response(web.status)
            if web.location:
                self.send_header("Location", web.location)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def do_GET(self) -> None:
            self._answer()

        def do_POST(self) -> None:
            self._answer()

        def log_message(self, *_: object) -> None:
            """Stay silent."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        web.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield web
        finally:
            server.shutdown()
            thread.join()
