"""A mail provider inside this process: pymap for IMAP, aiosmtpd for SMTP, both on free loopback ports."""

from __future__ import annotations

import asyncio
import threading
from argparse import Namespace
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from aiosmtpd.smtp import SMTP, AuthResult
from proxyprotocol.sock import SocketInfoLocal
from pymap.backend.dict import Config, DictBackend, Identity, Login
from pymap.imap import IMAPServer
from pymap.user import UserMetadata
from pysasl.hashing import Cleartext

from daemon.ports import Credentials, Endpoint, Security

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

LOOPBACK = "127.0.0.1"

_START_WITHIN = 20.0
"""Seconds; both are up in less than one on any machine that is not overloaded."""


@dataclass(frozen=True, slots=True)
class Handed:
    """A mail that the SMTP server took.

    Attributes:
        recipient: the envelope's only recipient.
        content: the bytes as they came.
    """

    recipient: str
    content: bytes


@dataclass(slots=True)
class Provider:
    """The running servers.

    Attributes:
        credentials: the one account, the same for both.
        imap: where mail is read.
        smtp: where mail is handed in.
        on_mail: told of every mail that was handed in, from the servers' thread.
    """

    credentials: Credentials
    imap: Endpoint
    smtp: Endpoint
    on_mail: Callable[[], None] = field(default=lambda: None)
    _handed: list[Handed] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, mail: Handed) -> None:
        """Keep a mail that was handed in."""
        with self._lock:
            self._handed.append(mail)
        self.on_mail()

    def collect(self) -> list[Handed]:
        """What was handed in since the last call, in order."""
        with self._lock:
            collected, self._handed = self._handed, []
        return collected


@contextmanager
def running_provider(credentials: Credentials) -> Iterator[Provider]:
    """Run both servers in a thread of their own; they end with the block."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="demo-provider", daemon=True)
    thread.start()
    nowhere = Endpoint(LOOPBACK, 0, Security.NONE)
    provider = Provider(credentials, nowhere, nowhere)
    try:
        servers = asyncio.run_coroutine_threadsafe(_listen(provider), loop).result(_START_WITHIN)
        provider.imap, provider.smtp = map(_endpoint, servers)
        try:
            yield provider
        finally:
            asyncio.run_coroutine_threadsafe(_close(servers), loop).result(_START_WITHIN)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(_START_WITHIN)
        loop.close()


async def _listen(provider: Provider) -> tuple[asyncio.Server, asyncio.Server]:
    return await _listen_imap(provider.credentials), await _listen_smtp(provider)


async def _listen_imap(credentials: Credentials) -> asyncio.Server:
    config = Config(
        Namespace(passlib_cfg=None, proxy_protocol=None),
        host=LOOPBACK,
        port=0,
        demo_data=False,
        demo_user="nobody",
        demo_password="",
        tls_enabled=False,
        hash_context=Cleartext(),
        invalid_user_sleep=0.0,
    )
    config.apply_context()
    backend = DictBackend(Login(config), config)
    user = UserMetadata(config, credentials.username, password=credentials.password)
    await Identity(credentials.username, backend.login, None, frozenset()).set(user)
    serve = IMAPServer(backend.login, config)

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await serve(reader, writer, SocketInfoLocal(writer))

    return await asyncio.start_server(connected, LOOPBACK, 0)


async def _listen_smtp(provider: Provider) -> asyncio.Server:
    loop = asyncio.get_running_loop()

    def check(_server: Any, _session: Any, _envelope: Any, _mechanism: str, given: Any) -> AuthResult:
        known = Credentials(given.login.decode(), given.password.decode()) == provider.credentials
        return AuthResult(success=known, handled=False)

    def serve() -> SMTP:
        # A password in clear is fine on loopback, and nowhere else does this listen.
        return SMTP(
            _Counter(provider),
            hostname="mx.shop.example",
            auth_require_tls=False,
            authenticator=check,
            loop=loop,
        )

    return await loop.create_server(serve, LOOPBACK, 0)


class _Counter:
    """Where mail is handed in: only by who logged in."""

    def __init__(self, provider: Provider) -> None:
        self._provider = provider

    async def handle_MAIL(  # noqa: N802 - aiosmtpd's name
        self, _server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        """Ask for the login before anything else."""
        if not session.authenticated:
            return "530 5.7.0 Authentication required"
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - likewise
        """Take the mail; it goes nowhere."""
        self._provider.take(Handed(envelope.rcpt_tos[0], bytes(envelope.original_content)))
        return "250 2.0.0 taken"


def _endpoint(server: asyncio.Server) -> Endpoint:
    return Endpoint(LOOPBACK, server.sockets[0].getsockname()[1], Security.NONE)


async def _close(servers: tuple[asyncio.Server, ...]) -> None:
    for server in servers:
        server.close()
    tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
