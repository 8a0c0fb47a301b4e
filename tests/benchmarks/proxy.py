"""A listener between an IMAP client and its server that counts what passes."""

from __future__ import annotations

import contextlib
import re
import socket
import threading
import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from tests.beds.processes import LOOPBACK

if TYPE_CHECKING:
    from collections.abc import Iterator

    from daemon.ports import Endpoint

_COMMAND = re.compile(rb"^[A-Z]{1,8}\d+ (?:UID )?([A-Z]+)", re.MULTILINE)
_PIECE = 65_536


@dataclass(slots=True)
class Traffic:
    """What passed so far.

    Attributes:
        commands: the verbs that the clients sent, in order, each with its instant on the monotonic clock.
        octets: bytes in both directions.
    """

    commands: list[tuple[bytes, float]] = field(default_factory=list)
    octets: int = 0
    _changed: threading.Condition = field(default_factory=threading.Condition)

    def forget(self) -> None:
        """Start anew."""
        with self._changed:
            self.commands.clear()
            self.octets = 0

    def await_command(self, verb: bytes, *, within: float) -> float:
        """Wait until a client sent that command; tell when.

        Raises:
            TimeoutError: it did not come.
        """
        with self._changed:
            if not self._changed.wait_for(lambda: self._instants(verb), within):
                raise TimeoutError(f"no {verb.decode()} within {within} s; saw {self.commands}")
            return self._instants(verb)[0]

    def note(self, piece: bytes, *, from_client: bool) -> None:
        """Count a piece that is about to be handed on."""
        now = time.monotonic()
        with self._changed:
            self.octets += len(piece)
            if from_client:
                self.commands += ((verb, now) for verb in _COMMAND.findall(piece))
            self._changed.notify_all()

    def _instants(self, verb: bytes) -> list[float]:
        return [at for seen, at in self.commands if seen == verb]


@contextlib.contextmanager
def counting(endpoint: Endpoint) -> Iterator[tuple[Endpoint, Traffic]]:
    """Listen in the place of a server without encryption; ends with the block."""
    traffic = Traffic()
    listener = socket.create_server((LOOPBACK, 0))
    threading.Thread(target=_accept, args=(listener, endpoint, traffic), daemon=True).start()
    try:
        yield replace(endpoint, port=listener.getsockname()[1]), traffic
    finally:
        # Closing alone would not wake the thread that accepts.
        with contextlib.suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()


def _accept(listener: socket.socket, endpoint: Endpoint, traffic: Traffic) -> None:
    with contextlib.suppress(OSError):
        while True:
            client, _ = listener.accept()
            server = socket.create_connection((endpoint.host, endpoint.port))
            for one in (client, server):
                one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for source, target in ((client, server), (server, client)):
                threading.Thread(
                    target=_pass_on, args=(source, target, traffic, source is client), daemon=True
                ).start()


def _pass_on(source: socket.socket, target: socket.socket, traffic: Traffic, from_client: bool) -> None:
    with contextlib.suppress(OSError):
        while piece := source.recv(_PIECE):
            traffic.note(piece, from_client=from_client)
            target.sendall(piece)
    for one in (source, target):
        with contextlib.suppress(OSError):
            one.shutdown(socket.SHUT_RDWR)
