"""Connections to web servers whose whole exchange has a deadline, however slowly the other side speaks.

The library bounds each wait by itself: a server that sends a byte a second, or tells to go on without end,
would keep its caller for ever.
"""

from __future__ import annotations

import http.client
import io
import socket
import time
import urllib.request
from functools import partial
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import ssl

    from _typeshed import WriteableBuffer


def web_opener(context: ssl.SSLContext | None = None) -> urllib.request.OpenerDirector:
    """What opens addresses; its ``timeout`` is for the whole exchange and must be given.

    Redirections are not followed, for what is asked is secret. The environment's proxy serves https, which
    it cannot read; plain http is for this machine alone and goes to it directly.

    Args:
        context: for https; else the system's certificates are trusted.
    """
    proxies = {scheme: url for scheme, url in urllib.request.getproxies().items() if scheme == "https"}
    return urllib.request.build_opener(
        _NoRedirects, urllib.request.ProxyHandler(proxies), _Http(), _Https(context=context)
    )


def left(deadline: float) -> float:
    """The seconds until an instant of the monotonic clock.

    Raises:
        TimeoutError: there are none.
    """
    seconds = deadline - time.monotonic()
    if seconds <= 0:
        raise TimeoutError("the whole exchange took too long")
    return seconds


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """What is asked is not told to another place."""

    def redirect_request(self, *_args: object) -> None:
        """Follow none; the answer counts as a refusal."""


class _PlainConnection(http.client.HTTPConnection):
    """Its time begins when it is made, which is just before it is used."""

    def __init__(self, host: str, *, timeout: float, **named: Any) -> None:
        super().__init__(host, timeout=timeout, **named)
        self._deadline = time.monotonic() + timeout
        # The library's own seams: how a connection is made, and what reads the answers on it.
        self._create_connection = partial(_reach, deadline=self._deadline)
        self.response_class = partial(_Response, deadline=self._deadline)  # type: ignore[assignment]

    def connect(self) -> None:
        """Connect; what is sent then has what is left of the time."""
        super().connect()
        self.sock.settimeout(left(self._deadline))


class _SecureConnection(_PlainConnection, http.client.HTTPSConnection):
    """The same with TLS, whose handshake has what is left of the time as a whole."""


class _Http(urllib.request.HTTPHandler):
    def http_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        """Ask over plain http."""
        return self.do_open(_PlainConnection, req)  # type: ignore[arg-type]  # it knows one signature only


class _Https(urllib.request.HTTPSHandler):
    def __init__(self, context: ssl.SSLContext | None) -> None:
        super().__init__(context=context)
        self._trusted = context

    def https_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        """Ask over https."""
        return self.do_open(_SecureConnection, req, context=self._trusted)  # type: ignore[arg-type]  # likewise


class _Response(http.client.HTTPResponse):
    """An answer, also a proxy's to CONNECT, that comes in time or fails."""

    def __init__(self, sock: socket.socket, *, deadline: float, **named: Any) -> None:
        super().__init__(sock, **named)
        self.fp.close()
        self.fp = io.BufferedReader(_InTime(sock, deadline))


class _InTime(io.RawIOBase):
    """What comes over a connection, each time with what is left of the time."""

    def __init__(self, connection: socket.socket, deadline: float) -> None:
        self._connection = connection
        # It keeps the connection open until it is closed itself.
        self._source = connection.makefile("rb", buffering=0)
        self._deadline = deadline

    def readable(self) -> bool:
        """It is there to be read."""
        return True

    def readinto(self, buffer: WriteableBuffer) -> int | None:
        """Wait for the next bytes."""
        self._connection.settimeout(left(self._deadline))
        return self._source.readinto(buffer)

    def close(self) -> None:
        """Let go of the connection."""
        self._source.close()
        super().close()


def _reach(
    address: tuple[str, int], timeout: float | None, _source: object = None, *, deadline: float
) -> socket.socket:
    """Try a host's addresses one after the other, all of them within the time."""
    del timeout
    host, port = address
    failure: OSError = OSError("the name has no address")
    for family, kind, protocol, _, place in socket.getaddrinfo(host, port, 0, socket.SOCK_STREAM):
        connection = socket.socket(family, kind, protocol)
        try:
            connection.settimeout(left(deadline))
            connection.connect(place)
            connection.settimeout(left(deadline))
        except OSError as error:
            connection.close()
            failure = error
        else:
            return connection
    raise failure
