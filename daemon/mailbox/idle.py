"""Sleeping until the server reports something: IDLE (RFC 2177), or a plain nap and NOOP."""

from __future__ import annotations

import contextlib
import select
import socket
import ssl
import time
from typing import TYPE_CHECKING, Any

from daemon.mailbox.searching import ask_for_news

if TYPE_CHECKING:
    from imapclient import IMAPClient

LONGEST_STRETCH = 300.0
"""Seconds in one IDLE; servers drop one after about 29 minutes, and some routers much earlier."""


class Alarm:
    """What another thread rings to end a sleep; a ring before the sleep ends the next one."""

    def __init__(self) -> None:
        self._ear, self._mouth = socket.socketpair()
        self._ear.settimeout(0)
        self._mouth.settimeout(0)

    def ring(self) -> None:
        """End the present sleep, or the next one."""
        # A full pipe has rung already; a closed one has nobody to wake.
        with contextlib.suppress(OSError):
            self._mouth.send(b"\0")

    def fileno(self) -> int:
        """What to wait on together with the server's socket."""
        return self._ear.fileno()

    def silence(self) -> bool:
        """Forget the rings so far; say whether there were any."""
        with contextlib.suppress(BlockingIOError):
            return bool(self._ear.recv(4096))
        return False

    def close(self) -> None:
        """Give the pipe back."""
        self._ear.close()
        self._mouth.close()


def nap(client: IMAPClient, alarm: Alarm, seconds: float) -> None:
    """Sleep without IDLE, then make sure that the connection lives."""
    _await_readable(seconds, alarm)
    alarm.silence()
    ask_for_news(client)


def idle(client: IMAPClient, alarm: Alarm, seconds: float) -> bool:
    """Sleep in IDLE until the server reports something, the alarm rings or the time is up.

    imapclient's own idle_check loses what came before it, and never ends when the connection does; so this
    reads the connection itself. A line whose end has not come yet is waited for, as any answer is.

    Returns:
        False if the server does not accept IDLE.
    """
    deadline = time.monotonic() + seconds
    imap = client._imap  # noqa: SLF001 - imapclient gives no way to its reader's buffer
    tag = imap._command("IDLE")  # noqa: SLF001 - imapclient's idle() fails if a report comes before the "+"
    reported = False
    while (line := imap._get_response()) is not None:  # noqa: SLF001 - None is the "+"
        if imap.tagged_commands[tag] is not None:
            del imap.tagged_commands[tag]
            return False
        reported = reported or _is_report(line)
    if not reported:
        _await_report(imap, alarm, deadline)
    _end(imap, tag)
    alarm.silence()
    return True


def _await_report(imap: Any, alarm: Alarm, deadline: float) -> None:
    # What came together with the "+" sits in the reader's buffer, where no poll sees it.
    arrived = _arrived(imap)
    while True:
        if arrived:
            if _is_report(imap._get_response()):  # noqa: SLF001 - raises at the connection's end
                return
            arrived = _arrived(imap)
        elif _await_readable(deadline - time.monotonic(), alarm, imap.sock):
            arrived = _arrived(imap, readable=True)
        else:
            return


def _arrived(imap: Any, *, readable: bool = False) -> bool:
    """Whether a line, or the connection's end, can be read now; never waits.

    A readable socket without a byte has ended, except under TLS, where a record may be incomplete.
    """
    patience = imap.sock.gettimeout()
    imap.sock.settimeout(0)
    try:
        return bool(imap.file.peek(1)) or readable
    except (BlockingIOError, ssl.SSLWantReadError):
        return False
    finally:
        imap.sock.settimeout(patience)


def _await_readable(seconds: float, alarm: Alarm, server: socket.socket | None = None) -> bool:
    """Wait for the server or the alarm; say whether it was the server."""
    poller = select.poll()
    poller.register(alarm, select.POLLIN)
    if server is not None:
        poller.register(server, select.POLLIN)
    ready = {number for number, _ in poller.poll(max(0.0, seconds) * 1000)}
    return server is not None and server.fileno() in ready and alarm.fileno() not in ready


def _is_report(line: bytes) -> bool:
    """Whether the line says anything but that the server is still there."""
    return not line.upper().startswith(b"* OK")


def _end(imap: Any, tag: bytes) -> None:
    imap.send(b"DONE\r\n")
    while imap.tagged_commands[tag] is None:
        imap._get_response()  # noqa: SLF001 - imapclient's idle_done() stumbles over literals
    kind, _ = imap.tagged_commands.pop(tag)
    if kind != "OK":
        raise imap.error("IDLE did not end well")
