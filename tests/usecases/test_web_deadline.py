"""A server on the web that never comes to an end keeps nobody waiting, and a proxy hears nothing in clear."""

from __future__ import annotations

import contextlib
import socket
import threading
import time

import pytest

from daemon.errors import MailboxUnavailable
from daemon.oauth.asking import post_form
from daemon.outside.web_request import WebRequest
from daemon.ports import Verdict
from tests.beds.web import running_web

SHORT = 0.3
FAR_SOONER = 30.0
"""Seconds; the servers here would go on for ever, each with a byte well within any single wait."""

DRIPPING = {
    "header": (b"HTTP/1.1 200 OK\r\nX: ", b"a"),
    "status": (b"", b"H"),
    "continue": (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
}


@contextlib.contextmanager
def dripping(beginning, drop):
    """A server that says the beginning and then drop after drop until the client has gone."""
    gone = threading.Event()

    def serve(listener):
        with contextlib.suppress(OSError):
            connection, _ = listener.accept()
            with connection:
                connection.sendall(beginning)
                while not gone.wait(0.01):
                    connection.sendall(drop)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, args=(listener,), daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
        finally:
            gone.set()
            thread.join(FAR_SOONER)


@pytest.mark.parametrize("kind", DRIPPING)
def test_a_dripping_service_ends_with_the_time(kind):
    """The sender goes on with the buyers' mail."""
    with dripping(*DRIPPING[kind]) as url:
        began = time.monotonic()
        attempt = WebRequest("the webhook", url, b"{}").attempt(SHORT)
    assert time.monotonic() - began < FAR_SOONER
    assert (attempt.verdict, attempt.reason) == (Verdict.DEFERRED, "the webhook failed: TimeoutError")


@pytest.mark.parametrize("kind", [*DRIPPING, "body"])
def test_a_dripping_provider_ends_with_the_time(kind):
    """It gives no token at the moment."""
    said = DRIPPING | {"body": (b"HTTP/1.1 200 OK\r\n\r\n", b"{")}
    with dripping(*said[kind]) as url:
        began = time.monotonic()
        with pytest.raises(MailboxUnavailable, match="no answer"):
            post_form(url, {"refresh_token": "secret"}, SHORT)
    assert time.monotonic() - began < FAR_SOONER


def test_what_stays_on_this_machine_tells_no_proxy(monkeypatch):
    """It would read the secret in the address, and its own answer would pass for the service's."""
    monkeypatch.delenv("no_proxy", raising=False)
    with running_web() as proxy, running_web() as service:
        monkeypatch.setenv("http_proxy", proxy.url)
        assert WebRequest("ping", f"{service.url}/secret").attempt().verdict is Verdict.ACCEPTED
        service.status = 503
        assert WebRequest("ping", f"{service.url}/secret").attempt().reason == "ping answered 503"
    assert (proxy.paths(), service.paths()) == ([], ["/secret", "/secret"])


def test_https_keeps_its_proxy(monkeypatch):
    """A shop behind one has no other way out; the proxy hears the name of the host alone."""
    monkeypatch.delenv("no_proxy", raising=False)
    heard = []

    def refuse(listener):
        connection, _ = listener.accept()
        with connection:
            heard.append(connection.recv(4096))
            connection.sendall(b"HTTP/1.1 502 no\r\n\r\n")

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=refuse, args=(listener,), daemon=True)
        thread.start()
        monkeypatch.setenv("https_proxy", f"http://127.0.0.1:{listener.getsockname()[1]}")
        attempt = WebRequest("ping", "https://ping.example/secret").attempt()
        thread.join(FAR_SOONER)
    assert attempt.verdict is Verdict.DEFERRED
    assert heard[0].startswith(b"CONNECT ping.example:443 ")
    assert b"secret" not in heard[0]
