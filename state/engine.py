"""Opens the database: SQLite in one private file by default, PostgreSQL by URL."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from state.private_files import folder_behind

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine
    from sqlalchemy.engine import URL, ExceptionContext

DATABASE_TROUBLE = (OperationalError, InterfaceError, PoolTimeoutError)
"""The database cannot be used just now: nothing was stored, try again later."""

_PRAGMAS = (
    "PRAGMA journal_mode = WAL",
    # An acknowledgment that went out must be remembered after a power cut.
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    "PRAGMA busy_timeout = 20000",
    # 512 kB for each connection instead of 2 MB: a case is small, mailboxes may be many.
    "PRAGMA cache_size = -512",
    # What is erased is overwritten, and not only left out of the index.
    "PRAGMA secure_delete = ON",
)


_WRITING = "sokuresu_writing"

_TAKE_TURN = "SET LOCAL lock_timeout = 20000; SELECT pg_advisory_xact_lock(1936682853, 1)"
"""PostgreSQL would let two writers both look first and then insert the same key; SQLite lets none."""


def open_engine(url: str) -> Engine:
    """Open the database without touching its contents; an SQLite file gets the mode 0600.

    Raises:
        UnsafeFile: something else lies in its place.
        OSError: the file cannot be created or read.
        ValueError: the address names no file; nothing would be remembered.
    """
    parsed = make_url(url)
    return _open_sqlite(parsed) if parsed.get_backend_name() == "sqlite" else _open_postgres(parsed)


def for_writing(engine: Engine) -> Engine:
    """The same database, each transaction of which has the only right to write until it ends."""
    return engine.execution_options(**{_WRITING: True})


def for_reading(engine: Engine) -> Engine:
    """The same database, for transactions that only look and wait for nobody."""
    return engine.execution_options(**{_WRITING: False})


def empty_log(engine: Engine) -> None:
    """Write SQLite's log into its file and empty it, so that nothing that was erased stays in it.

    Readers that are in the middle of something keep a part of it until its next use.
    """
    if engine.dialect.name == "sqlite":
        connection = engine.raw_connection()
        try:
            connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
        finally:
            connection.close()


def _open_postgres(url: URL) -> Engine:
    engine = create_engine(url, pool_size=4, max_overflow=4, pool_pre_ping=True, hide_parameters=True)
    event.listen(engine, "begin", _begin_postgres)
    event.listen(engine, "handle_error", _forget_values)
    return engine


def _forget_values(context: ExceptionContext) -> None:
    """PostgreSQL adds the failing row to its errors; only the first line, which names the rule, is kept."""
    for error in (context.original_exception, context.sqlalchemy_exception):
        if error is not None:
            error.args = (str(error.args[0]).split("\n", maxsplit=1)[0],) if error.args else ()


def _begin_postgres(connection: Connection) -> None:
    if connection.get_execution_options().get(_WRITING, False):
        connection.exec_driver_sql(_TAKE_TURN)


def _open_sqlite(url: URL) -> Engine:
    if url.database in {None, "", ":memory:"}:
        raise ValueError(f"{url} names no file, so nothing would be remembered")
    _create_private(Path(str(url.database)))
    # A failing statement is logged; the values in it are buyers' words.
    engine = create_engine(url, pool_size=2, max_overflow=8, hide_parameters=True)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _create_private(path: Path) -> None:
    """Make the file private without opening one that exists.

    POSIX drops all of a process's locks on a file when it closes any descriptor of it: the other connections
    of this process would go on without locks, and another program would delete their log under them.
    """
    with folder_behind(path) as (folder, name):
        try:
            os.close(folder.create(name))
        except FileExistsError:
            # A file that came from a backup may be open to others; buyers' words are nobody else's business.
            folder.make_private(name)


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    # The driver's own transaction handling would begin too late for what is read before it is written.
    connection.isolation_level = None
    for pragma in _PRAGMAS:
        connection.execute(pragma)


def _begin_sqlite(connection: Connection) -> None:
    writing = connection.get_execution_options().get(_WRITING, True)
    # A writer takes its place at once: two that read first and write later would end in a deadlock.
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")
