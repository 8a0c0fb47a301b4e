"""Opens the database: SQLite in one private file by default, PostgreSQL by URL."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import create_engine, event
from sqlalchemy.engine import make_url

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine
    from sqlalchemy.engine import URL

_PRAGMAS = (
    "PRAGMA journal_mode = WAL",
    # An acknowledgment that went out must be remembered after a power cut.
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    "PRAGMA busy_timeout = 20000",
    # 512 kB for each connection instead of 2 MB: a case is small, mailboxes may be many.
    "PRAGMA cache_size = -512",
)


def open_engine(url: str) -> Engine:
    """Open the database without touching its contents; a new SQLite file gets the mode 0600.

    Raises:
        OSError: the file cannot be created or read.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        return _open_sqlite(parsed)
    return create_engine(parsed, pool_size=4, max_overflow=4, pool_pre_ping=True)


def _open_sqlite(url: URL) -> Engine:
    if url.database not in {None, "", ":memory:"}:
        _create_private(Path(str(url.database)))
    engine = create_engine(url, pool_size=2, max_overflow=8)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _create_private(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    # The driver's own transaction handling would begin too late for what is read before it is written.
    connection.isolation_level = None
    for pragma in _PRAGMAS:
        connection.execute(pragma)


def _begin_sqlite(connection: Connection) -> None:
    reading = connection.get_execution_options().get("sokuresu_reading", False)
    # A writer takes its place at once: two that read first and write later would end in a deadlock.
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")
