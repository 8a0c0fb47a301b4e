"""The owner's chat, the second path for alerts: a web address on loopback that takes what is posted."""

from __future__ import annotations

import json
import secrets
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

from daemon.demo.servers import LOOPBACK

if TYPE_CHECKING:
    from collections.abc import Iterator

_LONGEST = 100_000
"""Bytes of a post that are read."""

_GONE_WITHIN = 5.0


@dataclass(slots=True)
class Chat:
    """What was posted.

    Attributes:
        url: where; whoever knows it can post.
    """

    url: str = ""
    _posts: list[str] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, text: str) -> None:
        """Keep a post."""
        with self._lock:
            self._posts.append(text)

    def collect(self) -> list[str]:
        """What was posted since the last call, in order."""
        with self._lock:
            collected, self._posts = self._posts, []
        return collected


@contextmanager
def running_chat() -> Iterator[Chat]:
    """Listen on a free port; ends with the block."""
    chat = Chat()
    with ThreadingHTTPServer((LOOPBACK, 0), _handler(chat)) as server:
        chat.url = f"http://{LOOPBACK}:{server.server_address[1]}/{secrets.token_urlsafe(16)}"
        thread = threading.Thread(target=server.serve_forever, args=(0.1,), name="demo-chat", daemon=True)
        thread.start()
        try:
            yield chat
        finally:
            server.shutdown()
            thread.join(_GONE_WITHIN)


def _handler(chat: Chat) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = min(int(self.headers.get("Content-Length", "0")), _LONGEST)
            chat.take(str(json.loads(self.rfile.read(length))["text"]))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_args: Any) -> None:
            """Print nothing: the page belongs to the narrator."""

    return Handler
