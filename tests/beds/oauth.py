"""A token server on loopback: hands out tokens, rotates and revokes them, and tells mail servers of them."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import itertools
import json
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import parse_qs, urlsplit

import pytest

from daemon.oauth.providers import GOOGLE, Client, Provider, microsoft
from tests.beds.processes import LOOPBACK

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

CLIENT_ID = "sokuresu-test"
CLIENT_SECRET = "client-secret-of-the-test"


@dataclass(slots=True)
class TokenServer:
    """The provider as a test sees it.

    Attributes:
        port: where it listens.
        username: who logs in.
        rotates: whether every renewal ends the refresh token and gives another one.
        lifetime: seconds that an access token lasts.
        login_lasts: seconds after which a new login is wanted, if it says so.
        device_answers: errors that are given before a device's login is done.
        asked: the form of every request to the token endpoint.
        introspected: the access tokens that mail servers asked about.
    """

    port: int = 0
    username: str = "shop1@shop.example"
    rotates: bool = False
    lifetime: int | str | None = 3600
    login_lasts: int | None = None
    device_answers: list[str] = field(default_factory=list)
    asked: list[dict[str, str]] = field(default_factory=list)
    introspected: list[str] = field(default_factory=list)
    _access: dict[str, str] = field(default_factory=dict)
    _refresh: dict[str, str] = field(default_factory=dict)
    _codes: dict[str, tuple[str, str]] = field(default_factory=dict)
    _cues: list[tuple[int, bytes]] = field(default_factory=list)
    _gates: list[threading.Event] = field(default_factory=list)
    _numbers: Iterator[int] = field(default_factory=itertools.count)
    _changed: threading.Condition = field(default_factory=threading.Condition)

    @property
    def url(self) -> str:
        """Its beginning."""
        return f"http://{LOOPBACK}:{self.port}"

    def provider_of(self, name: str, tenant: str) -> Provider:
        """The provider of that name, with this server in the place of the real one."""
        real = GOOGLE if name == "google" else microsoft(tenant)
        login = "/authorize" if name == "google" else f"/{tenant}/devicecode"
        return Provider(real.name, real.title, real.flow, self.url + login, f"{self.url}/token", real.scope)

    def client(self, name: str = "microsoft") -> Client:
        """Our program as this server knows it."""
        secret = CLIENT_SECRET if name == "google" else None
        return Client(self.provider_of(name, "common"), CLIENT_ID, secret)

    def secrets(self) -> set[str]:
        """Everything that was handed out, and what must not be told either."""
        with self._changed:
            return {*self._access, *self._refresh, *self._codes, CLIENT_SECRET}

    def renewals(self) -> list[dict[str, str]]:
        """The requests that asked for a renewal."""
        return [form for form in self.asked if form.get("grant_type") == "refresh_token"]

    def answer_next(self, status: int, content: bytes = b"<html>no</html>", *, times: int = 1) -> None:
        """Answer the next requests like that."""
        self._cues += [(status, content)] * times

    def hold_next(self) -> threading.Event:
        """Do not answer the next request until the returned event is set."""
        gate = threading.Event()
        self._gates.append(gate)
        return gate

    def await_asked(self, count: int, *, within: float = 60.0) -> None:
        """Wait until that many requests came to the token endpoint."""
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.asked) >= count, within), self.asked

    def log_in(self) -> dict[str, Any]:
        """What a person's login brings; the answer of the token endpoint."""
        with self._changed:
            refresh = f"refresh-token-{next(self._numbers)}-of-the-test"
            self._refresh[refresh] = self.username
            return {**self._hand_out(self.username), "refresh_token": refresh}

    def revoke(self) -> None:
        """Forget every grant, and every access token with it."""
        with self._changed:
            self._refresh = dict.fromkeys(self._refresh, "")
            self._access = dict.fromkeys(self._access, "")

    def end_access(self) -> None:
        """End every access token early; the grants stay."""
        with self._changed:
            self._access = dict.fromkeys(self._access, "")

    def approve(self, challenge: str, redirect_uri: str) -> str:
        """What the browser brings back once the person agreed: a code."""
        code = f"code-{next(self._numbers)}-of-the-test"
        with self._changed:
            self._codes[code] = (challenge, redirect_uri)
        return code

    def owner_of(self, access: str) -> str:
        """Whose access token it is; nobody's if it ended."""
        with self._changed:
            return self._access.get(access, "")

    def _hand_out(self, username: str) -> dict[str, Any]:
        access = f"access-token-{next(self._numbers)}-of-the-test"
        self._access[access] = username
        answer: dict[str, Any] = {"access_token": access, "token_type": "Bearer"}
        if self.lifetime is not None:
            answer["expires_in"] = self.lifetime
        if self.login_lasts is not None:
            answer["refresh_token_expires_in"] = self.login_lasts
        return answer

    def _exchange(self, form: Mapping[str, str]) -> tuple[int, dict[str, Any]]:
        if form.get("client_id") != CLIENT_ID:
            return 401, {"error": "invalid_client", "error_description": "AADSTS700016: unknown\nTrace: x"}
        kind = form.get("grant_type", "").rpartition(":")[2]
        exchange = {
            "refresh_token": self._renew,
            "device_code": self._poll,
            "authorization_code": self._redeem,
        }.get(kind)
        return exchange(form) if exchange else (400, {"error": "unsupported_grant_type"})

    def _renew(self, form: Mapping[str, str]) -> tuple[int, dict[str, Any]]:
        with self._changed:
            given = form.get("refresh_token", "")
            username = self._refresh.get(given)
            if not username:
                return 400, {
                    "error": "invalid_grant",
                    "error_description": f"AADSTS70000: {given} is dead",
                }
            answer = self._hand_out(username)
            if self.rotates:
                self._refresh[given] = ""
                answer["refresh_token"] = f"refresh-token-{next(self._numbers)}-of-the-test"
                self._refresh[answer["refresh_token"]] = username
            return 200, answer

    def _poll(self, _form: Mapping[str, str]) -> tuple[int, dict[str, Any]]:
        if self.device_answers:
            return 400, {"error": self.device_answers.pop(0)}
        return 200, self.log_in()

    def _redeem(self, form: Mapping[str, str]) -> tuple[int, dict[str, Any]]:
        expected = self._codes.get(form.get("code", ""))
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if expected != (challenge, form.get("redirect_uri")) or form.get("client_secret") != CLIENT_SECRET:
            return 400, {"error": "invalid_grant"}
        return 200, self.log_in()

    def _take_cue(self) -> tuple[int, bytes] | None:
        if self._gates:
            self._gates.pop(0).wait(30)
        return self._cues.pop(0) if self._cues else None

    def _note(self, form: dict[str, str]) -> None:
        with self._changed:
            self.asked.append(form)
            self._changed.notify_all()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        """Serve programs that want tokens."""
        bed = cast("_Server", self.server).bed
        content = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        form = {name: values[0] for name, values in parse_qs(content).items()}
        if self.path == "/token":
            bed._note(form)
        cue = bed._take_cue()
        if cue is not None:
            self._say(*cue)
        elif self.path.endswith("/devicecode"):
            self._say(200, json.dumps(_device(bed)).encode())
        else:
            status, answer = bed._exchange(form)
            self._say(status, json.dumps(answer).encode())

    def do_GET(self) -> None:
        """Serve mail servers that ask whose token it is."""
        bed = cast("_Server", self.server).bed
        access = self.headers.get("Authorization", "").removeprefix("Bearer ")
        bed.introspected.append(access)
        owner = bed.owner_of(access)
        if urlsplit(self.path).path == "/introspect" and owner:
            self._say(200, json.dumps({"active": True, "email": owner}).encode())
        else:
            self._say(401, b'{"active": false}')

    def _say(self, status: int, content: bytes) -> None:
        self.send_response(status)
        if 300 <= status < 400:
            self.send_header("Location", "/elsewhere")
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        with contextlib.suppress(OSError):
            self.wfile.write(content)

    def log_message(self, *_args: object) -> None:
        """Say nothing."""


def _device(bed: TokenServer) -> dict[str, Any]:
    return {
        "device_code": "device-code-of-the-test",
        "user_code": "ABCD-1234",
        "verification_uri": f"{bed.url}/device",
        "expires_in": 900,
        "interval": 5,
        "message": "ignored",
    }


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    bed: TokenServer


@contextlib.contextmanager
def running_token_server() -> Iterator[TokenServer]:
    """Run a token server in threads of its own."""
    server = _Server((LOOPBACK, 0), _Handler)
    server.bed = bed = TokenServer(port=server.server_address[1])
    threading.Thread(target=server.serve_forever, args=(0.01,), name="token-bed", daemon=True).start()
    try:
        yield bed
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture
def token_server() -> Iterator[TokenServer]:
    """A token server, fresh for every test."""
    with running_token_server() as server:
        yield server
