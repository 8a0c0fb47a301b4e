"""A tiny IMAP server that says exactly what a test wrote, for what real servers do only by accident."""

from __future__ import annotations

import contextlib
import socket
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, BinaryIO

import pytest

from daemon.ports import Credentials, Endpoint, Security
from tests.beds.processes import LOOPBACK

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

CREDENTIALS = Credentials("shop@shop.example", "correct horse")
CAPABILITIES = "IMAP4rev1 IDLE UIDPLUS LITERAL+ SPECIAL-USE NAMESPACE"
FOLDERS = (
    r'* LIST (\HasNoChildren) "/" INBOX',
    r'* LIST (\HasNoChildren \Sent) "/" Sent',
    r'* LIST (\HasNoChildren \Drafts) "/" Drafts',
    r'* LIST (\HasNoChildren \Junk) "/" Junk',
)


class CutError(Exception):
    """The script ends the connection here."""


@dataclass(slots=True)
class Dialogue:
    """The server's side of one connection.

    Attributes:
        tag: of the command that is being answered.
        line: that command without its tag.
    """

    _socket: socket.socket
    _reader: BinaryIO
    tag: str = ""
    line: str = ""

    def say(self, *lines: str) -> None:
        """Send whole lines in one packet."""
        self.raw("".join(f"{line}\r\n" for line in lines).encode())

    def raw(self, data: bytes) -> None:
        """Send these bytes and nothing else."""
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            self._socket.sendall(data)

    def ok(self, *untagged: str, text: str = "done") -> None:
        """Send these untagged lines and end the command well, in one packet."""
        self.say(*untagged, f"{self.tag} OK {text}")

    def hear(self) -> str:
        """Wait for the client's next line, for example DONE."""
        line = self._reader.readline()
        if not line:
            raise CutError
        return line.decode("utf-8", "replace").rstrip("\r\n")

    def cut(self) -> None:
        """End the connection without a word."""
        raise CutError

    def read(self, size: int) -> bytes:
        """Read a literal's bytes."""
        return self._reader.read(size)


if TYPE_CHECKING:
    Answer = Callable[[Dialogue], None]


def _select(dialogue: Dialogue) -> None:
    dialogue.ok(
        "* 1 EXISTS", "* 0 RECENT", "* OK [UIDVALIDITY 1] v", "* OK [UIDNEXT 2] n", text="[READ-ONLY] open"
    )


def _login(dialogue: Dialogue) -> None:
    wanted = f'LOGIN "{CREDENTIALS.username}" "{CREDENTIALS.password}"'
    if dialogue.line.replace(CREDENTIALS.username, f'"{CREDENTIALS.username}"').replace('""', '"') == wanted:
        dialogue.ok()
    else:
        dialogue.say(f"{dialogue.tag} NO [AUTHENTICATIONFAILED] no")


def _logout(dialogue: Dialogue) -> None:
    dialogue.ok("* BYE bye")
    dialogue.cut()


def _idle(dialogue: Dialogue) -> None:
    dialogue.say("+ idling")
    dialogue.hear()
    dialogue.ok()


def _defaults() -> dict[str, Answer]:
    return {
        "CAPABILITY": lambda dialogue: dialogue.ok(f"* CAPABILITY {CAPABILITIES}"),
        "LOGIN": _login,
        "NAMESPACE": lambda dialogue: dialogue.ok('* NAMESPACE (("" "/")) NIL NIL'),
        "LIST": lambda dialogue: dialogue.ok(*FOLDERS),
        "EXAMINE": _select,
        "STATUS": lambda dialogue: dialogue.ok("* STATUS INBOX (MESSAGES 1 UIDNEXT 2 UIDVALIDITY 1)"),
        "UID SEARCH": lambda dialogue: dialogue.ok("* SEARCH 1"),
        "UID FETCH": lambda dialogue: dialogue.ok(),
        "NOOP": lambda dialogue: dialogue.ok(),
        "IDLE": _idle,
        "LOGOUT": _logout,
    }


@dataclass(slots=True)
class ImapScript:
    """The scripted server. A command without an answer of its own gets a harmless one.

    Attributes:
        endpoint: where it listens.
        credentials: what it accepts.
        greeting: its first line; None to say nothing.
        heard: every command of every connection, without tags.
    """

    endpoint: Endpoint
    credentials: Credentials = CREDENTIALS
    greeting: str | None = "* OK ready"
    heard: list[str] = field(default_factory=list)
    answers: dict[str, Answer] = field(default_factory=_defaults)
    _changed: threading.Condition = field(default_factory=threading.Condition)

    def on(self, command: str, answer: Answer) -> None:
        """Answer this command (``IDLE``, ``UID SEARCH`` …) so from now on."""
        self.answers[command] = answer

    def await_command(self, command: str, *, count: int = 1, within: float = 30.0) -> None:
        """Wait until clients have sent that command so many times."""
        with self._changed:
            reached = self._changed.wait_for(lambda: self.count(command) >= count, within)
        assert reached, f"waited {within} s for {count} × {command}; heard {self.heard}"

    def count(self, command: str) -> int:
        """How often that command was sent."""
        return sum(line.upper().startswith(command) for line in self.heard)

    def serve(self, connection: socket.socket) -> None:
        """Talk to one client until either side ends it."""
        with connection, connection.makefile("rb") as reader:
            dialogue = Dialogue(connection, reader)
            if self.greeting is not None:
                dialogue.say(self.greeting)
            with contextlib.suppress(CutError, OSError):
                while True:
                    self._answer(dialogue)

    def _answer(self, dialogue: Dialogue) -> None:
        dialogue.tag, _, dialogue.line = dialogue.hear().partition(" ")
        words = dialogue.line.upper().split(" ")
        command = " ".join(words[:2]) if words[0] == "UID" else words[0]
        with self._changed:
            self.heard.append(dialogue.line)
            self._changed.notify_all()
        answer = self.answers.get(command)
        if answer is None:
            dialogue.say(f"{dialogue.tag} BAD unknown command")
        else:
            answer(dialogue)


def _accept(listener: socket.socket, script: ImapScript, connections: list[socket.socket]) -> None:
    with contextlib.suppress(OSError):
        while True:
            connection, _ = listener.accept()
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connections.append(connection)
            threading.Thread(target=script.serve, args=(connection,), name="imap-script", daemon=True).start()


@contextlib.contextmanager
def running_script() -> Iterator[ImapScript]:
    """Run a scripted server; it ends with the block."""
    with socket.create_server((LOOPBACK, 0)) as listener:
        script = ImapScript(Endpoint(LOOPBACK, listener.getsockname()[1], Security.NONE))
        connections: list[socket.socket] = []
        thread = threading.Thread(target=_accept, args=(listener, script, connections), daemon=True)
        thread.start()
        try:
            yield script
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join(5)
            for connection in connections:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)


@pytest.fixture
def imap_script() -> Iterator[ImapScript]:
    """A scripted IMAP server, fresh for every test."""
    with running_script() as script:
        yield script
