"""Servers as child processes: started as an ordinary user, never outliving the test run."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

LOOPBACK = "127.0.0.1"


def missing(sentence: str) -> NoReturn:
    """Skip because a server is not installed; where CI=true nothing may be skipped, so fail there.

    Args:
        sentence: what is missing and the line that would install it.
    """
    if os.environ.get("CI") == "true":
        pytest.fail(sentence)
    pytest.skip(sentence)


def free_port() -> int:
    """A TCP port on loopback that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass(frozen=True, slots=True)
class Account:
    """The user of this machine that a server runs as."""

    name: str
    uid: int
    gid: int

    @property
    def group(self) -> str:
        """The name of the user's own group."""
        import grp

        return grp.getgrgid(self.gid).gr_name


def ordinary_account() -> Account:
    """Ourselves, or ``nobody`` if we are root: neither PostgreSQL nor Dovecot serves mail as root."""
    entry = pwd.getpwnam("nobody") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def as_account(account: Account, command: Sequence[str], *, death: str | None = None) -> list[str]:
    """The command line that runs ``command`` as that account.

    Args:
        account: who runs it.
        command: what to run.
        death: name of the signal that it gets when the test run dies, so that a killed run leaves nothing.
    """
    options = [f"--pdeathsig={death}"] if death else []
    if os.geteuid() == 0:
        options += [f"--reuid={account.uid}", f"--regid={account.gid}", "--clear-groups"]
    return ["setpriv", *options, *command] if options else list(command)


@contextlib.contextmanager
def private_folder(account: Account, prefix: str) -> Iterator[Path]:
    """A temporary folder that only that account can read, removed at the end."""
    folder = Path(tempfile.mkdtemp(prefix=f"sokuresu-{prefix}-"))
    try:
        give(folder, account)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def give(path: Path, account: Account) -> None:
    """Make the account own that file or folder."""
    if os.geteuid() == 0:
        os.chown(path, account.uid, account.gid)


@dataclass(slots=True)
class Server:
    """A running child process and its log."""

    process: subprocess.Popen[bytes]
    log: Path
    stop_signal: signal.Signals = field(default=signal.SIGTERM)

    def await_ready(self, ready: Callable[[], bool], *, within: float = 60.0) -> None:
        """Wait until the server answers; show its log if it does not."""
        deadline = time.monotonic() + within
        while not ready():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{self.process.args!r} did not start:\n{self.log.read_text()}")
            time.sleep(0.02)

    def stop(self, *, within: float = 30.0) -> None:
        """Ask it to end, and make it end."""
        if self.process.poll() is None:
            self.process.send_signal(self.stop_signal)
        try:
            self.process.wait(within)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(within)


@contextlib.contextmanager
def running(
    command: Sequence[str], log: Path, *, stop_signal: signal.Signals = signal.SIGTERM
) -> Iterator[Server]:
    """Run a server in the foreground as a child process and end it with the block."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, cwd=log.parent
        )
    server = Server(process, log, stop_signal)
    try:
        yield server
    finally:
        server.stop()


def await_that(holds: Callable[[], bool], *, for_seconds: float) -> bool:
    """Look until something holds; False if it never did in that time."""
    end = time.monotonic() + for_seconds
    while not holds():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def answers(port: int) -> bool:
    """Whether something on loopback accepts connections at that port."""
    with contextlib.suppress(OSError), socket.create_connection((LOOPBACK, port), timeout=2):
        return True
    return False
