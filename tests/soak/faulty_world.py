"""A world that fails: no names, no room on the disk, a database that somebody else holds."""

from __future__ import annotations

import contextlib
import socket
import sqlite3
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any
from unittest import mock

from sqlalchemy import Engine, event
from sqlalchemy.exc import OperationalError

from daemon import mailbox
from daemon.smtp import SmtpSubmission
from state import engine as engines

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import Connection, ExceptionContext


class WorldFault(StrEnum):
    """What can go wrong around us, besides mail servers."""

    DNS_GONE = "dns_gone"
    """No name can be resolved."""
    DISK_FULL = "disk_full"
    """No transaction can be committed, for there is no room."""
    DISK_FULL_EARLY = "disk_full_early"
    """The room ends in the middle of a transaction: no row can be written or changed."""
    DATABASE_LOCKED = "database_locked"
    """Another program holds the database for longer than we wait."""


@dataclass(slots=True)
class Trouble:
    """A fault that is there for as long as its block.

    Attributes:
        fired: how often somebody met it.
    """

    fired: int = 0


@contextlib.contextmanager
def dns_gone(*hosts: str) -> Iterator[Trouble]:
    """Names cannot be resolved in this process.

    Args:
        *hosts: which names; all of them if none is given.
    """
    trouble = Trouble()
    resolve = socket.getaddrinfo

    def answer(host: Any, *given: Any, **named: Any) -> Any:
        if hosts and host not in hosts:
            return resolve(host, *given, **named)
        trouble.fired += 1
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

    with mock.patch.object(socket, "getaddrinfo", answer):
        yield trouble


def _no_room(trouble: Trouble, statement: str) -> OperationalError:
    trouble.fired += 1
    return OperationalError(statement, None, sqlite3.OperationalError("database or disk is full"))


@contextlib.contextmanager
def disk_full() -> Iterator[Trouble]:
    """No transaction of this process can be committed."""
    trouble = Trouble()

    def refuse(connection: Connection) -> None:
        # SQLite ends the transaction when it finds no room for a commit.
        connection.connection.rollback()
        raise _no_room(trouble, "COMMIT")

    with _listening("commit", refuse):
        yield trouble


@contextlib.contextmanager
def disk_full_early() -> Iterator[Trouble]:
    """No statement of this process can write; what a transaction wrote before is not committed either."""
    trouble = Trouble()

    def refuse(_connection: Connection, _cursor: Any, statement: str, *_: Any) -> None:
        if statement.lstrip()[:6].upper() in {"INSERT", "UPDATE", "DELETE"}:
            raise _no_room(trouble, statement)

    with _listening("before_cursor_execute", refuse):
        yield trouble


@contextlib.contextmanager
def database_locked(path: Path) -> Iterator[Trouble]:
    """Another connection holds the right to write; `impatient` decides how long ours wait for it.

    Args:
        path: the SQLite file.
    """
    trouble = Trouble()

    def count(context: ExceptionContext) -> None:
        trouble.fired += "database is locked" in str(context.original_exception)

    # Which thread is there when it ends is no matter.
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    try:
        other.execute("BEGIN EXCLUSIVE")
        with _listening("handle_error", count):
            yield trouble
    finally:
        other.close()


def beset(fault: WorldFault, path: Path) -> contextlib.AbstractContextManager[Trouble]:
    """That fault, for as long as the block.

    Args:
        fault: what.
        path: the SQLite file.
    """
    if fault is WorldFault.DATABASE_LOCKED:
        return database_locked(path)
    return {
        WorldFault.DNS_GONE: dns_gone,
        WorldFault.DISK_FULL: disk_full,
        WorldFault.DISK_FULL_EARLY: disk_full_early,
    }[fault]()


@contextlib.contextmanager
def _listening(name: str, listener: Any) -> Iterator[None]:
    event.listen(Engine, name, listener)
    try:
        yield
    finally:
        event.remove(Engine, name, listener)


@contextlib.contextmanager
def impatient(*, server: float, database: float = 0.1) -> Iterator[None]:
    """Let what is built in the block wait for moments where a shop's program waits for many.

    Args:
        server: seconds for every answer of a mail server.
        database: seconds for the right to write.
    """
    # No power is cut here, so nothing has to reach the disk; a later pragma overrules an earlier one.
    pragmas = (
        *engines._PRAGMAS,
        f"PRAGMA busy_timeout = {int(database * 1000)}",
        "PRAGMA synchronous = OFF",
    )
    submission = SmtpSubmission.__init__.__kwdefaults__
    with (
        mock.patch.dict(mailbox.connect.__kwdefaults__, timeout=server),
        mock.patch.dict(submission, timeout=server, final_timeout=server),
        mock.patch.object(engines, "_PRAGMAS", pragmas),
    ):
        yield
