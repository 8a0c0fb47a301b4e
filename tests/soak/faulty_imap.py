"""A proxy before a real IMAP server that fails on cue."""

from __future__ import annotations

import asyncio
import contextlib
import re
import socket
import struct
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Self

from daemon.ports import Endpoint, Security
from tests.beds.processes import LOOPBACK
from tests.soak.faulty_cues import Cues
from tests.soak.faulty_doors import LoopThread, guarded_door

if TYPE_CHECKING:
    import ssl
    from collections import Counter
    from collections.abc import Iterator

    from tests.beds.certificates import Certificate


class ImapFault(StrEnum):
    """What can go wrong between a mailbox and us."""

    REFUSED = "refused"
    """Nobody listens: the next connection is refused. Seen only in the process that the proxy is in."""
    SLOW = "slow"
    """The answer to the next command comes `FaultyImap.delay` seconds late."""
    HALF_OPEN = "half_open"
    """The next connection is accepted and nothing is ever said on it."""
    RESET_IN_LITERAL = "reset_in_literal"
    """The connection is reset when half of the next literal of a FETCH has come."""
    SPLIT_LINES = "split_lines"
    """Every line of the answer to the next command comes in many tiny packets."""
    BYE = "bye"
    """Instead of obeying the next command, or out of IDLE, the server says BYE and ends the connection."""
    NO = "no"
    """The next command (but LOGIN and LOGOUT) is refused and not obeyed."""
    BAD = "bad"
    """The next command (but LOGIN and LOGOUT) is called wrong and not obeyed."""
    LOGIN_EXPIRED = "login_expired"
    """The next LOGIN or AUTHENTICATE is answered with NO [AUTHENTICATIONFAILED]."""
    UIDVALIDITY_CHANGED = "uidvalidity_changed"
    """From the next SELECT, EXAMINE or STATUS on every folder has another UIDVALIDITY, until `heal`."""
    FOLDER_GONE = "folder_gone"
    """The next SELECT, EXAMINE or STATUS (of the folder that the cue names) finds no such folder."""
    QUOTA_FULL = "quota_full"
    """The next APPEND is refused with NO [OVERQUOTA]; nothing is stored."""
    IDLE_DROPPED = "idle_dropped"
    """The present or next IDLE goes dead: nothing comes any more and nothing says so."""
    CERTIFICATE_EXPIRED = "certificate_expired"
    """The next connection is shown an expired certificate; needs a proxy that speaks TLS."""
    RESET_AFTER_APPEND = "reset_after_append"
    """The next APPEND is stored, and the connection is reset before the client hears of it."""


_ANY = (ImapFault.SLOW, ImapFault.SPLIT_LINES, ImapFault.BYE)
_REFUSALS = {
    ImapFault.NO: "NO not now",
    ImapFault.BAD: "BAD what do you mean",
    ImapFault.LOGIN_EXPIRED: "NO [AUTHENTICATIONFAILED] Authentication failed.",
    ImapFault.FOLDER_GONE: "NO [NONEXISTENT] Mailbox doesn't exist",
    ImapFault.QUOTA_FULL: "NO [OVERQUOTA] Quota exceeded",
}
_LOGINS = {"LOGIN", "AUTHENTICATE"}
_OPENINGS = {"SELECT", "EXAMINE", "STATUS"}
_COMMAND = re.compile(rb"(\S{1,64}) (?:UID )?([A-Za-z]{1,20})(?: ([^\r\n]*))?\r?\n", re.IGNORECASE)
_WORD = re.compile(rb'"[^"]*"|[^ ]+')
_LITERAL = re.compile(rb"\{(\d{1,10})(\+?)\}\r\n\Z")
_NUMBERING = re.compile(rb"(\[UIDVALIDITY |\(UIDVALIDITY | UIDVALIDITY |\[APPENDUID )(\d{1,10})")
_LONGEST_LINE = 1 << 26
_PIECE = 1 << 16
_SHRED = 3
_MOST_SHREDS = 100
_RENUMBERED_BY = 1000


@dataclass(frozen=True, slots=True)
class _Command:
    tag: bytes
    verb: str
    rest: bytes

    @property
    def folder(self) -> str:
        """The first word after the verb, without quotes."""
        first = _WORD.match(self.rest)
        return "" if first is None else first[0].strip(b'"').decode("utf-8", "replace")

    @property
    def moments(self) -> tuple[ImapFault, ...]:
        """What can happen to this command before it is passed on."""
        if self.verb == "LOGOUT":
            return ()
        if self.verb in _LOGINS:
            return (*_ANY, ImapFault.LOGIN_EXPIRED)
        own = {
            "APPEND": (ImapFault.QUOTA_FULL,),
            "IDLE": (ImapFault.IDLE_DROPPED,),
        } | dict.fromkeys(_OPENINGS, (ImapFault.FOLDER_GONE, ImapFault.UIDVALIDITY_CHANGED))
        return (*_ANY, ImapFault.NO, ImapFault.BAD, *own.get(self.verb, ()))


class _Hangup(Exception):  # noqa: N818 - a step of the flow, never seen outside
    """The connection ends here."""


class FaultyImap:
    """A proxy on a free port of loopback; passes IMAP through and fails on cue.

    Attributes:
        delay: seconds of `ImapFault.SLOW`; the client's patience decides what becomes of it.
    """

    def __init__(
        self,
        upstream: Endpoint,
        certificate: Certificate | None = None,
        expired: Certificate | None = None,
        *,
        delay: float = 0.5,
    ) -> None:
        """Set up the proxy; it listens from the block's begin to its end.

        Args:
            upstream: the real server's endpoint without encryption.
            certificate: what clients are shown; without one they talk to the proxy without encryption.
            expired: what `ImapFault.CERTIFICATE_EXPIRED` shows.
            delay: seconds of `ImapFault.SLOW`.
        """
        assert upstream.security is Security.NONE
        self.delay = delay
        self.cues: Cues[ImapFault] = Cues()
        self.renumbered_by = 0
        self.upstream = upstream
        self._certificate = certificate
        self._contexts = (_context(certificate), _context(expired))
        self._sessions: set[_Session] = set()
        self._guests: set[asyncio.Task[None]] = set()
        self.port = 0
        self._exit = contextlib.ExitStack()

    @property
    def endpoint(self) -> Endpoint:
        """Where clients connect to."""
        ca_file = str(self._certificate.ca_file) if self._certificate else None
        return Endpoint(LOOPBACK, self.port, Security.TLS if ca_file else Security.NONE, ca_file)

    @property
    def fired(self) -> Counter[ImapFault]:
        """How often each fault really happened."""
        return self.cues.fired

    @property
    def pending(self) -> Counter[ImapFault]:
        """How often each fault is still to happen."""
        return self.cues.pending

    def cue(self, fault: ImapFault, times: int = 1, *, after: int = 0, folder: str | None = None) -> None:
        """Let a fault happen at its next fitting moments.

        Args:
            fault: what.
            times: how often.
            after: how many fitting moments pass in peace first.
            folder: the folder of `ImapFault.FOLDER_GONE`, as the client writes it; any if not given.

        Raises:
            ValueError: this proxy has no TLS, or no expired certificate, to fail with.
        """
        if fault is ImapFault.CERTIFICATE_EXPIRED and None in self._contexts:
            raise ValueError("an expired certificate needs a proxy with two certificates")
        self.cues.add(fault, times, after, folder)
        self._thread.soon(self._disturb_sleepers)

    def heal(self, *, keep_uidvalidity: bool = False) -> None:
        """Forget all cues and be the real server again.

        Args:
            keep_uidvalidity: let folders keep the UIDVALIDITY that a fault gave them.
        """
        self.cues.clear()
        if not keep_uidvalidity:
            self.renumbered_by = 0

    def cut_connections(self) -> None:
        """Reset every connection, so that clients have to connect anew."""
        self._thread.run(self._reset_all())

    @contextlib.contextmanager
    def shut(self) -> Iterator[None]:
        """Do not listen for the time of the block; connections that are there live on."""
        self._thread.run(self._close())
        try:
            yield
        finally:
            self._thread.run(self._open())

    def __enter__(self) -> Self:
        self._thread = LoopThread("faulty-imap")
        self._exit.callback(self._thread.end)
        self._thread.run(self._open())
        self._exit.callback(lambda: self._thread.run(self._send_away()))
        self._exit.enter_context(guarded_door(self.port, self._refusal))
        return self

    def __exit__(self, *_: object) -> None:
        self._exit.close()

    async def _open(self) -> None:
        self._listener = socket.create_server((LOOPBACK, self.port))
        self._listener.settimeout(0)
        self.port = self._listener.getsockname()[1]
        self._welcoming = asyncio.create_task(self._welcome(self._listener))

    async def _close(self) -> None:
        self._welcoming.cancel()
        await asyncio.wait([self._welcoming])
        self._listener.close()

    async def _welcome(self, listener: socket.socket) -> None:
        while True:
            connection, _ = await asyncio.get_running_loop().sock_accept(listener)
            guest = asyncio.create_task(self._serve(connection))
            self._guests.add(guest)
            guest.add_done_callback(self._guests.discard)

    def _refusal(self) -> contextlib.AbstractContextManager[None] | None:
        return self.shut() if self.cues.take(ImapFault.REFUSED) else None

    async def _serve(self, connection: socket.socket) -> None:
        fault = self.cues.take(ImapFault.HALF_OPEN, ImapFault.CERTIFICATE_EXPIRED)
        with contextlib.suppress(OSError, _Hangup):
            if fault is ImapFault.HALF_OPEN:
                with connection:
                    await _swallow(connection)
            else:
                await self._attend(await _shake_hands(connection, self._contexts[1 if fault else 0]))

    async def _attend(self, client: _Side) -> None:
        reader, writer = await asyncio.open_connection(
            self.upstream.host, self.upstream.port, limit=_LONGEST_LINE
        )
        session = _Session(self, client, _Side(reader, writer))
        self._sessions.add(session)
        try:
            await session.run()
        finally:
            self._sessions.discard(session)

    async def _reset_all(self) -> None:
        for session in list(self._sessions):
            session.client.reset()

    async def _send_away(self) -> None:
        await self._close()
        await self._reset_all()
        for guest in list(self._guests):
            guest.cancel()
        await asyncio.gather(*self._guests, return_exceptions=True)

    def _disturb_sleepers(self) -> None:
        for session in list(self._sessions):
            session.disturb()


def _context(certificate: Certificate | None) -> ssl.SSLContext | None:
    return None if certificate is None else certificate.server_context()


async def _swallow(connection: socket.socket) -> None:
    """Hear the client until it hangs up, and answer nothing."""
    connection.settimeout(0)
    while await asyncio.get_running_loop().sock_recv(connection, _PIECE):
        pass


async def _shake_hands(connection: socket.socket, context: ssl.SSLContext | None) -> _Side:
    """Take the client in.

    Raises:
        OSError: it does not trust us.
    """
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(limit=_LONGEST_LINE, loop=loop)
    transport, protocol = await loop.connect_accepted_socket(
        lambda: asyncio.StreamReaderProtocol(reader, loop=loop), connection, ssl=context
    )
    return _Side(reader, asyncio.StreamWriter(transport, protocol, reader, loop))


class _Side:
    """One end of a session: the client's or the server's connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._socket: socket.socket = writer.get_extra_info("socket")
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        writer.transport.set_write_buffer_limits(high=1, low=0)

    async def line(self) -> bytes:
        """The next line with its end.

        Raises:
            _Hangup: there is none.
        """
        try:
            return await self._reader.readuntil(b"\n")
        except (OSError, asyncio.IncompleteReadError) as end:
            raise _Hangup from end

    async def piece(self, most: int = _PIECE) -> bytes:
        """What comes next.

        Raises:
            _Hangup: nothing does.
        """
        try:
            found = await self._reader.read(min(most, _PIECE))
        except OSError as end:
            raise _Hangup from end
        if not found:
            raise _Hangup
        return found

    async def pieces(self, size: int) -> list[bytes]:
        """The next bytes, as they are."""
        found = []
        while size > 0:
            piece = await self.piece(size)
            found.append(piece)
            size -= len(piece)
        return found

    async def say(self, data: bytes) -> None:
        """Send these bytes, in one packet if they fit."""
        try:
            self._writer.write(data)
            await self._writer.drain()
        except OSError as end:
            raise _Hangup from end

    async def dribble(self, data: bytes) -> None:
        """Send these bytes in many packets; the pauses keep the system from joining them again."""
        size = max(_SHRED, len(data) // _MOST_SHREDS)
        for start in range(0, len(data), size):
            await self.say(data[start : start + size])
            await asyncio.sleep(0.0005)

    async def swallow(self) -> None:
        """Read until the other end hangs up, and answer nothing."""
        while await self.piece():
            pass

    def reset(self) -> None:
        """End the connection with RST."""
        with contextlib.suppress(OSError):
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._writer.transport.abort()

    def close(self) -> None:
        """End the connection when everything was sent."""
        self._writer.close()


class _Session:
    """One client and its connection to the real server."""

    def __init__(self, bed: FaultyImap, client: _Side, server: _Side) -> None:
        self._bed = bed
        self.client = client
        self._server = server
        self._command = _Command(b"", "", b"")
        self._answered = asyncio.Event()
        self._delay = 0.0
        self._shredding = False
        self._idling = False
        self._dead = False

    async def run(self) -> None:
        """Pass on what both sides say until one of them ends it."""
        ways = [asyncio.create_task(way()) for way in (self._from_client, self._from_server)]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            results = await asyncio.gather(*ways, return_exceptions=True)
            self.client.close()
            self._server.reset()
        for result in results:
            if isinstance(result, Exception) and not isinstance(result, _Hangup):
                raise result

    def disturb(self) -> None:
        """Something was cued; a client in IDLE would not give the server a moment for it."""
        if self._idling and not self._dead:
            fault = self._bed.cues.take(ImapFault.BYE, ImapFault.IDLE_DROPPED)
            if fault is ImapFault.BYE:
                self._farewell = asyncio.create_task(self._say_bye())
            self._dead = fault is ImapFault.IDLE_DROPPED

    async def _from_client(self) -> None:
        while True:
            line = await self.client.line()
            if self._dead:
                await self.client.swallow()
                return
            self._idling = False
            heard = _COMMAND.fullmatch(line)
            if heard is None:
                await self._server.say(line)
            else:
                await self._obey(_Command(heard[1], heard[2].decode().upper(), heard[3] or b""), line)

    async def _obey(self, command: _Command, line: bytes) -> None:
        fault = self._bed.cues.take(*command.moments, subject=command.folder)
        if fault is ImapFault.BYE:
            await self._say_bye()
            raise _Hangup
        if fault in _REFUSALS:
            await self._refuse(command, line, _REFUSALS[fault])
        else:
            self._delay = self._bed.delay if fault is ImapFault.SLOW else 0.0
            self._shredding = fault is ImapFault.SPLIT_LINES
            if fault is ImapFault.UIDVALIDITY_CHANGED:
                self._bed.renumbered_by += _RENUMBERED_BY
            await self._pass_on(command, line)
            if fault is ImapFault.IDLE_DROPPED:
                self._dead = True

    async def _say_bye(self) -> None:
        with contextlib.suppress(_Hangup):
            await self.client.say(b"* BYE the server goes down\r\n")
        self.client.close()

    async def _refuse(self, command: _Command, line: bytes, words: str) -> None:
        """Answer in the server's place; what the client sends without being asked is thrown away."""
        literal = _LITERAL.search(line)
        if literal is not None and literal[2]:
            await self.client.pieces(int(literal[1]))
            await self.client.line()
        await self.client.say(command.tag + f" {words}\r\n".encode())

    async def _pass_on(self, command: _Command, line: bytes) -> None:
        self._command = command
        self._answered.clear()
        await self._server.say(line)
        while (literal := _LITERAL.search(line)) is not None:
            if not literal[2] and not await self._invited():
                return
            for piece in await self.client.pieces(int(literal[1])):
                await self._server.say(piece)
            line = await self.client.line()
            await self._server.say(line)
        self._idling = command.verb == "IDLE"
        self.disturb()

    async def _invited(self) -> bool:
        """Whether the server wants the literal, or ends the command without it."""
        await self._answered.wait()
        self._answered.clear()
        return self._continues

    async def _from_server(self) -> None:
        while True:
            line = self._renumbered(await self._server.line())
            await self._answer(line)

    async def _answer(self, line: bytes) -> None:
        await self._take_time()
        literal = _LITERAL.search(line)
        if literal is not None:
            await self._say_with_literal(line, int(literal[1]))
            return
        ended = line.startswith(self._command.tag + b" ") and bool(self._command.tag)
        if ended and self._swallows_success(line):
            self.client.reset()
            raise _Hangup
        await self._say(line)
        if ended or line.startswith(b"+"):
            self._continues = not ended
            self._answered.set()

    async def _take_time(self) -> None:
        delay, self._delay = self._delay, 0.0
        if delay:
            await asyncio.sleep(delay)

    def _swallows_success(self, line: bytes) -> bool:
        stored = self._command.verb == "APPEND" and line[len(self._command.tag) + 1 :].startswith(b"OK")
        return stored and self._bed.cues.take(ImapFault.RESET_AFTER_APPEND) is not None

    async def _say(self, line: bytes) -> None:
        if self._dead:
            return
        await (self.client.dribble(line) if self._shredding else self.client.say(line))

    async def _say_with_literal(self, line: bytes, size: int) -> None:
        pieces = await self._server.pieces(size)
        fetched = self._command.verb == "FETCH" and size > 1
        if fetched and self._bed.cues.take(ImapFault.RESET_IN_LITERAL):
            await self.client.say(line + b"".join(pieces)[: size // 2])
            self.client.reset()
            raise _Hangup
        await self._say(line)
        if not self._dead:
            for piece in pieces:
                await self.client.say(piece)

    def _renumbered(self, line: bytes) -> bytes:
        shift = self._bed.renumbered_by
        if not shift or line.startswith((b"* LIST", b"* LSUB")):
            return line
        return _NUMBERING.sub(lambda found: found[1] + b"%d" % (int(found[2]) + shift), line)
