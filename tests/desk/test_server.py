"""The server before the desk, on a real socket."""

from __future__ import annotations

import socket
import threading
from contextlib import contextmanager

import pytest
import uvicorn

from daemon.configured_shop import shop_of
from daemon.web import server
from daemon.web.app import build
from tests.beds.desk import make_desk
from tests.beds.processes import LOOPBACK, await_that


@contextmanager
def serving(app):
    """The desk's own configuration of the server, in a thread; the address of its socket."""
    running = uvicorn.Server(server._configuration(app, None))
    with socket.create_server((LOOPBACK, 0)) as listener:
        thread = threading.Thread(target=running.run, args=([listener],), daemon=True)
        thread.start()
        try:
            assert await_that(lambda: running.started, for_seconds=60)
            yield listener.getsockname()
        finally:
            running.should_exit = True
            thread.join(60)


@pytest.fixture
def place(floor, tmp_path, monkeypatch):
    """Where a desk without patience listens."""
    monkeypatch.setattr(server, "_HEAD_SECONDS", 1.5)
    with serving(build(make_desk(floor, tmp_path))) as address:
        yield address


def said(place, sent):
    """What comes back until the server lets go; it must not be we who give up."""
    with socket.create_connection(place, timeout=60) as raw:
        raw.sendall(sent)
        return b"".join(iter(lambda: raw.recv(65536), b""))


def test_whoever_says_nothing_is_let_go(place):
    """Neither silence nor half a request holds a connection."""
    assert said(place, b"") == b""
    assert said(place, b"GET / HTTP/1.1\r\nHost: 127.0") == b""
    with socket.create_connection(place, timeout=60) as raw:
        raw.sendall(b"GET /login HTTP/1.1\r\nHost: x\r\n\r\n")
        assert raw.recv(65536).startswith(b"HTTP/1.1 421")
        raw.sendall(b"GET / HT")
        assert b"".join(iter(lambda: raw.recv(65536), b"")).count(b"HTTP/1.1") == 0


OURS = b"Host: 127.0.0.1:8725\r\nOrigin: http://127.0.0.1:8725\r\n"
FORM = b"Content-Type: application/x-www-form-urlencoded\r\nTransfer-Encoding: chunked\r\n\r\n"
PIECE = b"10000\r\n" + b"x" * 65536 + b"\r\n"
LAST = b"Connection: close\r\n\r\n"

STRANGE = [
    (b"GET / HTTP/1.0\r\n\r\n", b"421"),
    (b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n" + LAST, b"400"),
    (b"GET http://127.0.0.1:8725/login HTTP/1.1\r\n" + OURS + LAST, b"421"),
    (b"GET /static/..%2fapp.py HTTP/1.1\r\n" + OURS + LAST, b"404"),
    (b"GET /" + b"x" * 20000 + b" HTTP/1.1\r\n\r\n", b"400"),
    (b"nonsense\r\n\r\n", b"400"),
    # What a proxy may take for the body of one request is no second one.
    (
        b"POST /login HTTP/1.1\r\n"
        + OURS
        + b"Content-Length: 9\r\n"
        + FORM
        + b"0\r\n\r\nGET /x HTTP/1.1\r\n\r\n",
        b"400",
    ),
    # More would come; the connection ends all the same.
    (b"POST /login HTTP/1.1\r\n" + OURS + FORM + 5 * PIECE, b"413"),
]


def test_what_no_browser_sends_is_refused(place):
    """By the server or by the guard, and nothing is said of who answers."""
    for sent, status in STRANGE:
        answer = said(place, sent)
        assert answer.startswith(b"HTTP/1.1 " + status), (sent[:60], answer[:200])
        assert b"\r\nserver:" not in answer.lower()
        assert answer.count(b"HTTP/1.1 ") == 1, sent[:60]


def test_strangers_fill_no_log(place, caplog):
    """Requests that are none, and wishes for what the desk does not speak, leave no line behind."""
    said(place, b"nonsense\r\n\r\n")
    said(
        place, b"GET /login HTTP/1.1\r\n" + OURS + b"Upgrade: websocket\r\nConnection: close, upgrade\r\n\r\n"
    )
    assert caplog.records == []


def ask_for_ever(raw, wish):
    """Until the server has had enough, or the socket's patience ends."""
    while True:
        raw.sendall(wish)


def test_whoever_does_not_take_the_answer_is_let_go(place, monkeypatch):
    """Files are asked for again and again and never read: nothing of that is kept for long."""
    monkeypatch.setattr(server, "_READ_SECONDS", 0.2)
    with socket.socket() as raw:
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        raw.settimeout(60)
        raw.connect(place)
        with pytest.raises(ConnectionError):
            ask_for_ever(raw, b"GET /static/vendor/pico.min.css HTTP/1.1\r\n" + OURS + b"\r\n")


def test_alerts_link_to_an_address_that_was_configured(floor, tmp_path):
    """A loopback address that was merely guessed opens nothing on the telephone that reads the mail."""
    settings = make_desk(floor, tmp_path).settings
    assert shop_of(settings).desk is None
    web = settings.web.model_copy(update={"address": "https://desk.shop.example"})
    assert shop_of(settings.model_copy(update={"web": web})).desk == "https://desk.shop.example"
