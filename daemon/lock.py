"""One sender a shop: an exclusive lock beside the database (decision 5 of the design)."""

from __future__ import annotations

import fcntl
import hashlib
import os
import socket
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from daemon.errors import AlreadyRunning, SokuresuError
from state.private_files import folder_behind

if TYPE_CHECKING:
    from typing import TextIO

    from sqlalchemy import Connection
    from sqlalchemy.engine import URL

    from daemon.ports import Clock


class LockLost(SokuresuError):  # noqa: N818 - reads as what it is
    """The database took the lock away; another process may send now, so this one must not."""


class ShopLock(Protocol):
    """The right to read mail and to send it, held by one process at a time."""

    def held(self) -> bool:
        """Whether it is still ours; once lost nothing may be sent any more."""
        ...

    def release(self) -> None:
        """Give it up; never raises."""
        ...


def describe_run(clock: Clock) -> str:
    """Who this process is and since when, in UTC; for the one who is refused the lock."""
    return f"pid {os.getpid()} on {socket.gethostname()} since {clock.now():%Y-%m-%d %H:%M:%S} UTC"


def take_lock(database_url: str, described: str) -> ShopLock:
    """Take the lock of the shop whose database this is.

    Args:
        database_url: SQLite locks a file beside its own, PostgreSQL a number in the database.
        described: who we are, shown to the next one who asks; see `describe_run`.

    Raises:
        AlreadyRunning: another process holds it; the sentence names that process.
        UnsafeFile: something else lies in the place of the lock's file.
    """
    url = make_url(database_url)
    if url.get_backend_name() == "sqlite":
        return FileLock(Path(str(url.database)), described)
    return AdvisoryLock(url, described)


class FileLock:
    """An advisory lock on a file; the kernel gives it back when the process ends, however it ends.

    There is one for a database, whatever links lead to it; a link in the place of the lock itself is refused.
    """

    def __init__(self, path: Path, described: str) -> None:
        """Take it.

        Args:
            path: the database's; the lock lies beside the file to which its links lead.
            described: who we are.

        Raises:
            AlreadyRunning: another process holds it.
            UnsafeFile: something else lies in its place.
        """
        with folder_behind(path) as (folder, name):
            handle = folder.open_or_create(f"{name}.lock")
        self._file: TextIO = os.fdopen(handle, "r+", encoding="utf-8", errors="replace")
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as taken:
            holder = _printable(self._file.read(500).strip())
            self._file.close()
            raise _already_running(holder) from taken
        self._file.truncate(0)
        self._file.write(described)
        self._file.flush()

    def held(self) -> bool:
        """Always: only closing the file gives it up."""
        return not self._file.closed

    def release(self) -> None:
        """Close the file; it stays, for removing it would let two in."""
        self._file.close()


class AdvisoryLock:
    """A lock of PostgreSQL; it lives as long as its one connection."""

    def __init__(self, url: URL, described: str) -> None:
        """Take it on a connection of its own.

        Args:
            url: the database's.
            described: who we are; the server shows its first 60 letters as the name of the connection.

        Raises:
            AlreadyRunning: another process holds it.
            DBAPIError: the server cannot be reached.
        """
        self._engine = create_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
        self._connection: Connection = self._engine.connect()
        self._connection.execute(
            text("SELECT set_config('application_name', :name, false)"), {"name": described[:60]}
        )
        self._key = _key_of(url)
        taken = self._connection.execute(text("SELECT pg_try_advisory_lock(:key)"), {"key": self._key})
        if not taken.scalar():
            holder = self._holder()
            self.release()
            raise _already_running(holder)

    def _holder(self) -> str:
        found = self._connection.execute(
            text(
                "SELECT a.application_name FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid "
                "WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1 "
                "AND ((l.classid::bigint << 32) | l.objid::bigint) = :key"
            ),
            {"key": self._key},
        )
        return ", ".join(str(name) for name in found.scalars())

    def held(self) -> bool:
        """Whether the connection still lives."""
        try:
            self._connection.execute(text("SELECT 1"))
        except DBAPIError:
            return False
        return True

    def release(self) -> None:
        """Close the connection, and with it the lock."""
        with suppress(DBAPIError):
            self._connection.close()
        self._engine.dispose()


def _key_of(url: URL) -> int:
    digest = hashlib.sha256(f"sokuresu:{url.database}".encode()).digest()
    return int.from_bytes(digest[:8], signed=True)


def _printable(text: str) -> str:
    """What somebody else may have written is shown on a terminal."""
    return "".join(sign for sign in text if sign.isprintable())


def _already_running(holder: str) -> AlreadyRunning:
    return AlreadyRunning(
        f"すでに動作中です: {holder or '(不明)'}。先にそちらを止めてください"
        f" / already running: {holder or 'unknown'}. "
        "Stop that one first; two would write to the buyers twice."
    )
