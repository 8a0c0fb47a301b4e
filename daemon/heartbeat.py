"""Tell systemd that the service is ready, alive and what it does; silent where systemd did not start us."""

from __future__ import annotations

import os
import socket
import time
from contextlib import suppress

_LONGEST_STATUS = 500
_DATAGRAM = socket.SOCK_DGRAM | socket.SOCK_CLOEXEC | socket.SOCK_NONBLOCK


def ready() -> None:
    """The service has started; `systemctl start` returns now."""
    _notify("READY=1")


def alive() -> None:
    """Every loop has turned; feeds the watchdog."""
    _notify("WATCHDOG=1")


def reloading() -> None:
    """A new configuration is being looked at; `ready` ends it, whatever became of it."""
    _notify(f"RELOADING=1\nMONOTONIC_USEC={time.monotonic_ns() // 1000}")


def stopping() -> None:
    """The service is on its way down."""
    _notify("STOPPING=1")


def status(sentence: str) -> None:
    """What `systemctl status` shows; one line, any language."""
    line = " ".join(sentence.split())
    _notify(f"STATUS={line[:_LONGEST_STATUS]}")


def _notify(state: str) -> None:
    address = os.environ.get("NOTIFY_SOCKET", "")
    # A service must not fall because the one who watches it went away.
    with suppress(OSError), socket.socket(socket.AF_UNIX, _DATAGRAM) as messenger:
        if address.startswith(("/", "@")):
            messenger.sendto(state.encode(), _where(address))


def _where(address: str) -> str:
    """An address that begins with @ is abstract: it has no file."""
    return f"\0{address[1:]}" if address.startswith("@") else address
