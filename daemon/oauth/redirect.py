"""Log in with a browser that comes back to a port of this machine (RFC 8252, with PKCE of RFC 7636)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import queue
import secrets
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import parse_qs, urlencode, urlsplit

from daemon.oauth.grants import login_token, over, refused

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from daemon.oauth.asking import Post
    from daemon.oauth.providers import Client
    from daemon.oauth.token import Token
    from daemon.ports import Clock

LOOPBACK = "127.0.0.1"
PATIENCE = 900.0
"""Seconds in which the person has to log in."""

_BROWSER_PATIENCE = 10.0
"""Seconds for a browser to ask: some open connections that they never use."""

_LOOK_UP = 0.05
"""Seconds after which it is seen that nobody listens any more."""

_LONGEST_QUERY = 8192


@dataclass(frozen=True, slots=True)
class Attempt:
    """One login that waits for a browser to come back.

    Attributes:
        redirect_uri: where it comes back to.
        state: what it must bring along, so that nobody else's answer is taken.
        verifier: what proves to the provider that the one who asks is the one who began.
    """

    redirect_uri: str
    state: str = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(64), repr=False)

    def page(self, client: Client, login_hint: str) -> str:
        """The address that the person opens."""
        digest = hashlib.sha256(self.verifier.encode()).digest()
        asked = {
            "client_id": client.client_id,
            "redirect_uri": self.redirect_uri,
            "response_type": "code",
            "scope": client.provider.scope,
            "state": self.state,
            "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
            "login_hint": login_hint,
            # Without these two Google gives a refresh token at the very first login only.
            "access_type": "offline",
            "prompt": "consent",
        }
        return f"{client.provider.login_url}?{urlencode(asked)}"


class Listener:
    """Waits on loopback for the browser."""

    def __init__(self) -> None:
        """Begin to listen, on a port that is free."""
        self._answers: queue.SimpleQueue[Mapping[str, str]] = queue.SimpleQueue()
        self._server = _Server((LOOPBACK, 0), _Handler)
        self._server.attempt = self.attempt = Attempt(f"http://{LOOPBACK}:{self.port}")
        self._server.answers = self._answers
        threading.Thread(
            target=self._server.serve_forever, args=(_LOOK_UP,), name="redirect", daemon=True
        ).start()

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._server.server_address[1])

    def await_code(self, account: str, patience: float = PATIENCE) -> str:
        """The code that the browser brought.

        Raises:
            LoginRefused: the person declined, or did not come back.
        """
        try:
            answer = self._answers.get(timeout=patience)
        except queue.Empty:
            raise over(account, "時間切れです", "nobody came back in time") from None
        if not answer.get("code"):
            raise over(account, "ログインが断られました", "the login was declined")
        return answer["code"]

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()


@contextmanager
def listening() -> Iterator[Listener]:
    """Listen for as long as the block lasts."""
    listener = Listener()
    try:
        yield listener
    finally:
        listener.close()


def exchange(client: Client, account: str, attempt: Attempt, code: str, *, post: Post, clock: Clock) -> Token:
    """The token for the code that the browser brought.

    Raises:
        MailboxUnavailable: the provider is out of reach.
        LoginRefused: it does not accept the code, or does not know this program.
    """
    form = client.form(
        grant_type="authorization_code",
        code=code,
        code_verifier=attempt.verifier,
        redirect_uri=attempt.redirect_uri,
    )
    answer = post(client.provider.token_url, form)
    if answer.error is not None:
        raise refused(client, account, answer)
    return login_token(client, answer, clock.now())


class _Server(ThreadingHTTPServer):
    """Threads, because browsers open connections that they do not use at once."""

    daemon_threads = True
    attempt: Attempt
    answers: queue.SimpleQueue[Mapping[str, str]]

    def handle_error(self, _request: Any, _client_address: Any) -> None:
        """A browser that went away is no trouble."""


class _Handler(BaseHTTPRequestHandler):
    """Answers the browser, and takes only what carries our state."""

    timeout = _BROWSER_PATIENCE
    server_version = "sokuresu"
    sys_version = ""

    def do_GET(self) -> None:
        """Take the answer, or say that this is not the page."""
        server = cast("_Server", self.server)
        target = urlsplit(self.path)
        if target.path != "/" or len(target.query) > _LONGEST_QUERY:
            self._show(404, _NOTHING)
            return
        given = {name: values[0] for name, values in parse_qs(target.query, max_num_fields=20).items()}
        if not hmac.compare_digest(given.get("state", "").encode(), server.attempt.state.encode()):
            self._show(400, _STRANGE)
            return
        self._show(200, _DONE if given.get("code") else _DECLINED)
        server.answers.put(given)

    def _show(self, status: int, sentences: tuple[str, str]) -> None:
        content = _PAGE.format(ja=sentences[0], en=sentences[1]).encode()
        self.send_response(status)
        for name, value in _HEADERS.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_args: object) -> None:
        """Say nothing: what is asked for holds the code."""


_HEADERS = {
    "Content-Type": "text/html; charset=utf-8",
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Connection": "close",
}
_PAGE = (
    '<!doctype html><html lang="ja"><meta charset="utf-8"><title>sokuresu</title>'
    '<h1>即レス</h1><p>{ja}</p><p lang="en">{en}</p></html>\n'
)
_DONE = (
    "ログインを受け取りました。この画面を閉じて、端末に戻ってください。",
    "The login has arrived. Close this page and go back to the terminal.",
)
_DECLINED = (
    "ログインは行われませんでした。端末に戻ってください。",
    "Nobody was logged in. Go back to the terminal.",
)
_STRANGE = (
    "このログインは、いま待っているものではありません。端末に表示された URL を開き直してください。",
    "This is not the login that is waited for. Open the address that the terminal shows once more.",
)
_NOTHING = ("ここには何もありません。", "There is nothing here.")
