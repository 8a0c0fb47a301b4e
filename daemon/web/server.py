"""The web server before the desk: where it listens, what it refuses to wait for, how it ends."""

from __future__ import annotations

import errno
import signal
import socket
import ssl
from typing import TYPE_CHECKING

import h11
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from daemon import heartbeat
from daemon.config.sentences import both
from daemon.errors import ConfigurationError, SokuresuError

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable
    from types import FrameType

    from starlette.types import ASGIApp
    from uvicorn.config import Config

    from daemon.config.web import Web

_MOST_CONNECTIONS = 100
"""One person has a few browsers, each of which opens six."""

_LONGEST_HEAD = 16 * 1024
"""Bytes of a request's headers."""

_IDLE_SECONDS = 20
"""A page asks again after 15 seconds, over the connection that it has."""

_HEAD_SECONDS = 10.0
"""A request's headers have to be there by then; whoever drips them holds no connection for longer."""

_READ_SECONDS = 60.0
"""What was answered has to be taken by then; whoever reads drop by drop holds no connection for longer."""

_LAST_SECONDS = 3
"""What is under way at the end gets so long."""


def serve(app: ASGIApp, web: Web, announce: Callable[[], None]) -> None:
    """Answer requests until SIGTERM or SIGINT.

    Args:
        app: the desk.
        web: where it listens.
        announce: called once it does.

    Raises:
        SokuresuError: the port cannot be had.
        ConfigurationError: the certificate cannot be used.
    """
    tls = _tls(web)
    with _listener(web) as listener:
        _Server(_configuration(app, tls), announce).run([listener])


class _Server(uvicorn.Server):
    """Tells that it listens, and ends with status 0 when it is told to."""

    def __init__(self, config: Config, announce: Callable[[], None]) -> None:
        super().__init__(config)
        self._announce = announce
        # Uvicorn raises the signal that ended it once more, for whoever had a handler before.
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to listen."""
        await super().startup(sockets)
        self._announce()
        heartbeat.ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End what is under way."""
        heartbeat.stopping()
        await super().shutdown(sockets)

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        self.should_exit = True


class _Hurried(H11Protocol):
    """Lets go of whoever connects and does not say what they want, or does not take what they asked for."""

    _deadline: asyncio.TimerHandle | None = None
    _taking: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Somebody connected."""
        super().connection_made(transport)
        # Whatever the kernel did not take at once is waited for, also behind the last word of an answer. Of
        # nought bytes TLS would wait for what is sent already, and for ever.
        transport.set_write_buffer_limits(high=1)
        self._watch()

    def pause_writing(self) -> None:
        """They do not take it as fast as it is made."""
        super().pause_writing()
        if self._taking is None:
            self._taking = self.loop.call_later(_READ_SECONDS, self.transport.abort)

    def resume_writing(self) -> None:
        """They have taken all."""
        super().resume_writing()
        self._took()

    def data_received(self, data: bytes) -> None:
        """A piece came."""
        super().data_received(data)
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        """They are gone."""
        self._rest()
        self._took()
        super().connection_lost(exc)

    def _watch(self) -> None:
        if self.conn.their_state is not h11.IDLE:
            self._rest()
        elif self._deadline is None:
            self._deadline = self.loop.call_later(_HEAD_SECONDS, self.transport.close)

    def _rest(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _took(self) -> None:
        if self._taking is not None:
            self._taking.cancel()
            self._taking = None


def _configuration(app: ASGIApp, tls: ssl.SSLContext | None) -> Config:
    return uvicorn.Config(
        app,
        http=_Hurried,
        ws="none",
        lifespan="off",
        # Addresses of requests hold one-time links and what people search for: they are written nowhere.
        access_log=False,
        log_config=None,
        # Strangers fill no log: each request that is none would be a line.
        log_level="error",
        server_header=False,
        # Who asks is who is connected; anybody can claim to be forwarded for somebody else.
        proxy_headers=False,
        limit_concurrency=_MOST_CONNECTIONS,
        h11_max_incomplete_event_size=_LONGEST_HEAD,
        timeout_keep_alive=_IDLE_SECONDS,
        timeout_graceful_shutdown=_LAST_SECONDS,
        ssl_context_factory=None if tls is None else lambda _config, _default: tls,
    )


def _listener(web: Web) -> socket.socket:
    family = socket.AF_INET6 if ":" in web.listen else socket.AF_INET
    try:
        listener = socket.create_server((web.listen, web.port), family=family)
    except OSError as error:
        raise _no_place(web, error) from error
    # Connections inherit it. Without, the body of every page waits 40 ms until the browser confirms its head.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def _no_place(web: Web, error: OSError) -> SokuresuError:
    place = f"{web.listen}:{web.port}"
    if error.errno == errno.EADDRINUSE:
        return SokuresuError(
            f"{place} は使用中です。もう動いていないか確かめるか、--port で別の番号を選んでください。"
            f" / {place} is taken; see whether the desk runs already, or choose another --port."
        )
    return SokuresuError(
        f"{place} で待ち受けられません ({error.strerror})。listen と port を確かめてください。"
        f" / {place} cannot be listened on ({error.strerror}); check listen and port."
    )


def _tls(web: Web) -> ssl.SSLContext | None:
    if web.certificate_file is None:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(web.certificate_file, web.key_file, password=_no_passphrase)
    except OSError as error:
        raise _no_certificate(error) from error
    return context


def _no_passphrase() -> str:
    """OpenSSL would ask on the terminal, where nobody may sit."""
    return ""


def _no_certificate(error: OSError) -> ConfigurationError:
    why = error.strerror or type(error).__name__
    sentence = both(
        f"証明書と鍵を読めません ({why})。パスフレーズなしの PEM で、対になるものを指してください。",
        f"the certificate and its key cannot be used ({why}); name a matching pair in PEM format, without"
        " a passphrase.",
    )
    return ConfigurationError((f"web › certificate_file: {sentence}",))
