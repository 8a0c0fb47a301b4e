"""Opens the shop's database at this program's version, and keeps a copy of what an upgrade changes."""

from __future__ import annotations

import sqlite3
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

    from daemon.config import Settings

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
