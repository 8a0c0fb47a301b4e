"""Opens the shop's database at this program's version, and keeps a copy of what an upgrade changes."""

from __future__ import annotations

import os
import sqlite3
import stat
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy.engine import make_url

from daemon.backup import keep_before_upgrade
from daemon.clock import SystemClock
from daemon.errors import SokuresuError
from daemon.log import get_logger
from state.engine import open_engine
from state.migrations import upgrade
from state.unit_of_work import Database

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from daemon.config.settings import Settings

_log = get_logger(__name__)


def open_database(settings: Settings) -> Database:
    """Open the database and bring it to this program's version.

    Raises:
        DatabaseTooNew: a newer program wrote it.
    """
    engine = open_engine(settings.database)
    _keep_copy(settings, engine)
    upgrade(engine)
    return Database(engine)


def give_to_folder_owner(database_url: str) -> None:
    """What root wrote of an SQLite database belongs to whoever owns its folder, else the service cannot use it."""
    url = make_url(database_url)
    if os.geteuid() != 0 or url.get_backend_name() != "sqlite":
        return
    path = Path(str(url.database))
    owner = path.parent.stat()
    for ending in ("", "-wal", "-shm", ".lock"):
        with suppress(OSError):
            _give(path.with_name(path.name + ending), owner)


def _give(path: Path, owner: os.stat_result) -> None:
    """Only an ordinary file: in a folder of somebody else's a link may lead anywhere."""
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        found = os.fstat(handle)
        if stat.S_ISREG(found.st_mode) and found.st_nlink == 1:
            os.fchown(handle, owner.st_uid, owner.st_gid)
    finally:
        os.close(handle)


def _keep_copy(settings: Settings, engine: Engine) -> None:
    """Before an upgrade the SQLite file is copied; PostgreSQL is in the hands of whoever runs it."""
    url = make_url(settings.database)
    if url.get_backend_name() != "sqlite":
        return
    try:
        kept = keep_before_upgrade(engine, Path(str(url.database)), SystemClock().now())
    except (SokuresuError, sqlite3.Error):
        # A shop whose disk is nearly full is better served by a running service than by a copy.
        _log.exception("database could not be copied before the upgrade", action="upgraded_all_the_same")
        return
    if kept is not None:
        _log.info("database copied before the upgrade", action="upgrade", file=kept.name)
