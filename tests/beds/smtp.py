"""A real SMTP server on loopback that keeps what it takes and fails on cue."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from base64 import b64decode
from collections import defaultdict
from dataclasses import dataclass, field, replace
from email import message_from_bytes, policy
from enum import StrEnum
from functools import partial
from typing import TYPE_CHECKING, Any, AnyStr

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

from daemon.ports import Credentials, Endpoint, Security
from tests.beds.processes import LOOPBACK

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Coroutine, Iterator
    from email.message import EmailMessage

    from tests.beds.certificates import Certificate

CREDENTIALS = Credentials("shop@shop.example", "correct horse")
"""What a server with ``auth=True`` accepts."""


class Stage(StrEnum):
    """A moment of the dialogue; a cue acts just before the server would answer it.

    ``DATA`` is before 354; ``CONTENT`` after 354 and before the content is read; ``DOT`` when the content was
    read and nothing is decided; ``TAKEN`` when the mail is taken and the 250 has not left yet.
    """

    GREETING = "greeting"
    EHLO = "ehlo"
    STARTTLS = "starttls"
    AUTH = "auth"
    MAIL = "mail"
    RCPT = "rcpt"
    DATA = "data"
    CONTENT = "content"
    DOT = "dot"
    TAKEN = "taken"
    RSET = "rset"
    NOOP = "noop"


@dataclass(frozen=True, slots=True)
class SentMail:
    """A mail that the server took.

    Attributes:
        sender: the envelope's sender.
        recipients: the envelope's recipients.
        content: the bytes as they came, dots unstuffed.
        encrypted: whether the connection was encrypted.
        username: who had logged in, if anybody.
        connection: number of the connection, from 1, to see which mails shared one.
    """

    sender: str
    recipients: tuple[str, ...]
    content: bytes
    encrypted: bool
    username: str | None
    connection: int

    @property
    def message(self) -> EmailMessage:
        """The content, parsed."""
        return message_from_bytes(self.content, policy=policy.default)

    @property
    def text(self) -> str:
        """What the recipient reads, of an alert the plain words."""
        body = self.message.get_body(("plain",))
        return "" if body is None else str(body.get_content())


@dataclass(slots=True)
class Cue:
    """What the server does instead of its duty at one stage.

    Attributes:
        reply: answer this line instead; a reply of 421, or to the greeting, also ends the connection.
        drop: cut the connection without an answer.
        slow: seconds to wait first.
        hold: wait until this is set, at most a minute.
        times: how often it still applies; None for ever.
        bite: bytes of what the client sends meanwhile to read first.
        split: send the reply byte by byte.
        end: cut the connection when the reply was sent.
    """

    reply: str | None = None
    drop: bool = False
    slow: float = 0.0
    hold: threading.Event | None = None
    times: int | None = 1
    bite: int = 0
    split: bool = False
    end: bool = False


@dataclass(slots=True)
class SmtpServer:
    """The server as a test sees it. Cues are given before the client comes to that stage.

    Attributes:
        endpoint: where it listens.
        credentials: what it accepts, if it wants any.
        mails: what it took, in order.
        stages: every stage that clients reached, in order, as ``(connection, stage)``.
        connections: how many connections were made.
        owner_of: whose access token that is, for a server that also takes XOAUTH2; set before clients come.
        director: asked at every stage for which no cue waits, with the number of the connection.
    """

    endpoint: Endpoint
    credentials: Credentials | None = None
    director: Callable[[int, Stage], Cue | None] | None = None
    mails: list[SentMail] = field(default_factory=list)
    stages: list[tuple[int, Stage]] = field(default_factory=list)
    connections: int = 0
    owner_of: Callable[[str], str] | None = None
    _cues: dict[Stage, list[Cue]] = field(default_factory=lambda: defaultdict(list))
    _changed: threading.Condition = field(default_factory=threading.Condition)
    _held: list[threading.Event] = field(default_factory=list)
    _protocols: set[Any] = field(default_factory=set)
    _loop: asyncio.AbstractEventLoop | None = None
    _door: asyncio.Server | None = None
    _open_door: Callable[[], Coroutine[Any, Any, None]] | None = None

    def fail(self, stage: Stage, reply: str, *, times: int | None = 1) -> None:
        """Answer that stage with this reply, for example ``"451 4.3.0 try later"``."""
        self._add(stage, Cue(reply=reply, times=times))

    def drop(self, stage: Stage, *, times: int | None = 1) -> None:
        """Cut the connection at that stage; at ``TAKEN`` the mail is nevertheless in `mails`."""
        self._add(stage, Cue(drop=True, times=times))

    def slow(self, stage: Stage, seconds: float, *, times: int | None = 1) -> None:
        """Answer that stage correctly, but late."""
        self._add(stage, Cue(slow=seconds, times=times))

    def hold(self, stage: Stage) -> threading.Event:
        """Do not answer that stage until the returned event is set."""
        release = threading.Event()
        self._held.append(release)
        self._add(stage, Cue(hold=release))
        return release

    def forget_cues(self) -> None:
        """Be a well-behaved server again."""
        with self._changed:
            self._cues.clear()

    def await_mails(self, count: int, *, within: float = 60.0) -> list[SentMail]:
        """Wait until at least that many mails were taken."""
        self._await(lambda: len(self.mails) >= count, within, f"{count} mails")
        return list(self.mails)

    def await_stage(self, stage: Stage, *, count: int = 1, within: float = 60.0) -> None:
        """Wait until clients have reached that stage so many times."""
        reached = lambda: [seen for _, seen in self.stages].count(stage) >= count  # noqa: E731 - one use
        self._await(reached, within, f"{count} × {stage}")

    def cut_connections(self) -> None:
        """Cut every open connection, as a server does that is restarted."""
        assert self._loop is not None
        done = threading.Event()

        def cut() -> None:
            for protocol in list(self._protocols):
                protocol.cut()
            done.set()

        self._loop.call_soon_threadsafe(cut)
        done.wait(30)

    @contextlib.contextmanager
    def shut(self) -> Iterator[None]:
        """Do not listen for the time of the block; connections that are there live on."""
        assert self._open_door is not None
        self._run(self._close_door())
        try:
            yield
        finally:
            self._run(self._open_door())

    def _run(self, work: Coroutine[Any, Any, None]) -> None:
        assert self._loop is not None
        asyncio.run_coroutine_threadsafe(work, self._loop).result(30)

    async def _close_door(self) -> None:
        if self._door is not None:
            self._door.close()

    def _await(self, reached: Callable[[], bool], within: float, what: str) -> None:
        with self._changed:
            if not self._changed.wait_for(reached, within):
                raise AssertionError(f"waited {within} s for {what}; saw {self.stages}")

    def _add(self, stage: Stage, cue: Cue) -> None:
        with self._changed:
            self._cues[stage].append(cue)

    def _take_cue(self, connection: int, stage: Stage) -> Cue | None:
        with self._changed:
            self.stages.append((connection, stage))
            self._changed.notify_all()
            waiting = self._cues[stage]
            if not waiting:
                return self.director(connection, stage) if self.director else None
            cue = waiting[0]
            if cue.times is not None:
                cue.times -= 1
                if cue.times <= 0:
                    waiting.pop(0)
            return cue

    def _release_all(self) -> None:
        for release in self._held:
            release.set()

    def _open(self, protocol: _Protocol) -> int:
        with self._changed:
            self.connections += 1
            self._protocols.add(protocol)
            return self.connections

    def _close(self, protocol: _Protocol) -> None:
        with self._changed:
            self._protocols.discard(protocol)

    def _take(self, mail: SentMail) -> None:
        with self._changed:
            self.mails.append(mail)
            self._changed.notify_all()


class _Handler:
    """Tells aiosmtpd what becomes of a mail."""

    async def handle_DATA(self, protocol: _Protocol, session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        """Take the mail, unless a cue at the final dot says otherwise."""
        refusal = await protocol.play(Stage.DOT)
        if refusal is not None:
            return refusal
        protocol.bed._take(
            SentMail(
                sender=envelope.mail_from,
                recipients=tuple(envelope.rcpt_tos),
                content=bytes(envelope.original_content),
                encrypted=protocol.encrypted,
                username=session.auth_data if session.authenticated else None,
                connection=protocol.number,
            )
        )
        return await protocol.play(Stage.TAKEN) or "250 2.0.0 taken"


class _Protocol(SMTP):
    """aiosmtpd's protocol with a cue before every answer."""

    def __init__(self, bed: SmtpServer, **options: Any) -> None:
        self.bed = bed
        self.number = 0
        self._manner = Cue()
        super().__init__(_Handler(), **options)

    @property
    def encrypted(self) -> bool:
        """Whether the client talks TLS to us."""
        return self.transport is not None and self.transport.get_extra_info("ssl_object") is not None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Count the connection; aiosmtpd calls this again after STARTTLS."""
        self.number = self.number or self.bed._open(self)
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        """Forget the connection."""
        self.bed._close(self)
        super().connection_lost(error)

    def cut(self) -> None:
        """End the connection at once, without a word."""
        transport = self._original_transport or self.transport
        if isinstance(transport, asyncio.WriteTransport):
            # A TLS transport that is closed already has nothing left to abort, on some versions of Python.
            with contextlib.suppress(AttributeError):
                transport.abort()

    async def play(self, stage: Stage) -> str | None:
        """Do what the cue for this stage says.

        Returns:
            The reply to give instead of doing the stage's duty, if any.
        """
        cue = self.bed._take_cue(self.number, stage)
        if cue is None:
            return None
        self._manner = cue
        await asyncio.sleep(cue.slow)
        if cue.bite:
            await self._reader.read(cue.bite)
        if cue.hold is not None:
            await asyncio.get_running_loop().run_in_executor(None, cue.hold.wait, 60)
        if cue.drop:
            self.cut()
            # The transport's end cancels this task; nothing may be answered meanwhile.
            await asyncio.get_running_loop().create_future()
        return cue.reply

    async def push(self, status: AnyStr) -> None:
        """Send a reply; after 354 comes the cue for the content."""
        text = status.decode() if isinstance(status, bytes) else status
        manner, self._manner = self._manner, Cue()
        if manner.split:
            await self._dribble(text)
        else:
            await super().push(status)
        if manner.end:
            self.cut()
        if text.startswith("354"):
            # Anything but dropping or waiting would be a second answer to DATA.
            await self.play(Stage.CONTENT)
        if text.startswith("421") and self.transport is not None:
            self.transport.close()

    async def _dribble(self, reply: str) -> None:
        for octet in reply.encode() + b"\r\n":
            self._writer.write(bytes([octet]))
            # The pause keeps the system from joining the bytes again.
            await asyncio.sleep(0.001)

    async def _handle_client(self) -> None:
        refusal = await self.play(Stage.GREETING)
        if refusal is None:
            await super()._handle_client()
        else:
            await self.push(refusal)
            if self.transport is not None:
                self.transport.close()

    async def _or_cue(self, stage: Stage, duty: Callable[[str], Coroutine[Any, Any, None]], arg: str) -> None:
        refusal = await self.play(stage)
        if refusal is None:
            await duty(arg)
        else:
            await self.push(refusal)

    async def smtp_EHLO(self, arg: str) -> None:  # noqa: N802 - aiosmtpd's name
        """Greet the client."""
        await self._or_cue(Stage.EHLO, super().smtp_EHLO, arg)

    async def smtp_HELO(self, arg: str) -> None:  # noqa: N802 - aiosmtpd's name
        """Greet a client that fell back after a refused EHLO."""
        await self._or_cue(Stage.EHLO, super().smtp_HELO, arg)

    async def smtp_STARTTLS(self, arg: str) -> None:  # noqa: N802 - aiosmtpd's name
        """Begin encryption."""
        await self._or_cue(Stage.STARTTLS, super().smtp_STARTTLS, arg)

    async def smtp_AUTH(self, arg: str) -> None:  # noqa: N802 - aiosmtpd's name
        """Log the client in."""
        await self._or_cue(Stage.AUTH, super().smtp_AUTH, arg)

    async def auth_XOAUTH2(self, _server: Any, arguments: list[str]) -> AuthResult:  # noqa: N802 - aiosmtpd's name
        """Take an access token, or say what is wrong with it in a challenge, as Google does."""
        given = b64decode(arguments[1]).decode().split("\1")
        username, access = given[0].removeprefix("user="), given[1].removeprefix("auth=Bearer ")
        assert self.bed.owner_of is not None
        if self.bed.owner_of(access) == username:
            return AuthResult(success=True, auth_data=username)
        answer = await self.challenge_auth('{"status":"400","schemes":"Bearer"}')
        assert answer == b"", "an error is answered with nothing"
        return AuthResult(success=False, handled=False)

    async def smtp_MAIL(self, arg: str) -> None:  # noqa: N802 - aiosmtpd's name
        """Take the sender."""
        await self._or_cue(Stage.MAIL, super().smtp_MAIL, arg)

    async def smtp_RCPT(self, arg: str) -> None:  # noqa: N802 - aiosmtpd's name
        """Take a recipient."""
        await self._or_cue(Stage.RCPT, super().smtp_RCPT, arg)

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802 - aiosmtpd's name
        """Take the content."""
        await self._or_cue(Stage.DATA, super().smtp_DATA, arg)

    async def smtp_RSET(self, arg: str) -> None:  # noqa: N802 - aiosmtpd's name
        """Forget the transaction."""
        await self._or_cue(Stage.RSET, super().smtp_RSET, arg)

    async def smtp_NOOP(self, arg: str) -> None:  # noqa: N802 - aiosmtpd's name
        """Do nothing."""
        await self._or_cue(Stage.NOOP, super().smtp_NOOP, arg)


def _protocol(bed: SmtpServer, certificate: Certificate | None) -> _Protocol:
    starttls = bed.endpoint.security is Security.STARTTLS

    def check(
        _server: Any, _session: Any, _envelope: Any, _mechanism: str, data: LoginPassword
    ) -> AuthResult:
        assert bed.credentials is not None
        given = Credentials(data.login.decode(), data.password.decode())
        return AuthResult(success=given == bed.credentials, handled=False, auth_data=given.username)

    protocol = _Protocol(
        bed,
        hostname="mx.shop.example",
        enable_SMTPUTF8=True,
        tls_context=certificate.server_context() if starttls and certificate else None,
        require_starttls=starttls,
        # Over implicit TLS aiosmtpd does not know that it is encrypted.
        auth_require_tls=starttls,
        authenticator=check,
        loop=asyncio.get_running_loop(),
    )
    # As an argument it would warn that a loopback bed may take passwords in clear.
    protocol._auth_required = bed.credentials is not None
    if bed.credentials is None:
        protocol._auth_methods.clear()
    if bed.owner_of is None:
        protocol._auth_methods.pop("XOAUTH2", None)
    return protocol


async def _listen(bed: SmtpServer, certificate: Certificate | None, context: ssl.SSLContext | None) -> None:
    implicit = bed.endpoint.security is Security.TLS
    if implicit and context is None and certificate is not None:
        context = certificate.server_context()
    bed._door = await asyncio.get_running_loop().create_server(
        lambda: _protocol(bed, certificate), LOOPBACK, bed.endpoint.port, ssl=context
    )
    port = bed._door.sockets[0].getsockname()[1]
    bed.endpoint = replace(bed.endpoint, port=port)


async def _close_all(bed: SmtpServer) -> None:
    await bed._close_door()
    for protocol in list(bed._protocols):
        protocol.cut()
    tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


@contextlib.contextmanager
def running_smtp(
    *,
    security: Security = Security.NONE,
    auth: bool = False,
    certificate: Certificate | None = None,
    port: int = 0,
    context: ssl.SSLContext | None = None,
) -> Iterator[SmtpServer]:
    """Run an SMTP server in a thread of its own.

    Args:
        security: plain, STARTTLS (then required) or TLS from the start; the last two need a certificate.
        auth: whether it wants `CREDENTIALS` before MAIL.
        certificate: what it shows.
        port: a fixed port, to come back where an earlier server stopped; 0 for any.
        context: how to speak TLS from the start, if not as the certificate alone says.
    """
    ca_file = str(certificate.ca_file) if certificate else None
    bed = SmtpServer(Endpoint(LOOPBACK, port, security, ca_file), CREDENTIALS if auth else None)
    loop = asyncio.new_event_loop()
    bed._loop = loop
    thread = threading.Thread(target=loop.run_forever, name="smtp-bed", daemon=True)
    thread.start()
    bed._open_door = partial(_listen, bed, certificate, context)
    bed._run(bed._open_door())
    try:
        yield bed
    finally:
        bed._release_all()
        bed._run(_close_all(bed))
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.run_until_complete(loop.shutdown_default_executor())
        loop.close()


@pytest.fixture
def smtp_server() -> Iterator[SmtpServer]:
    """A plain SMTP server without login, fresh for every test."""
    with running_smtp() as server:
        yield server
