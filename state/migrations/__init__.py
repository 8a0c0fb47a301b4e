"""Brings the database to this program's version; runs at every start."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError

from state.engine import for_writing

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine


class DatabaseTooNew(RuntimeError):  # noqa: N818 - reads as what it is
    """A newer program wrote this database; an older one would damage it."""


def upgrade(engine: Engine) -> None:
    """Bring the database to the newest version this program knows.

    Raises:
        DatabaseTooNew: the database was written by a newer program.
    """
    with for_writing(engine).connect() as connection:
        if _is_current(connection):
            return
        _run(connection)
        connection.commit()


def is_current(engine: Engine) -> bool:
    """Whether the database is at the newest version that this program knows; an empty one is not.

    Raises:
        DatabaseTooNew: the database was written by a newer program.
    """
    with engine.connect() as connection:
        return _is_current(connection)


def newest_version() -> str:
    """The version to which this program brings a database."""
    head = ScriptDirectory.from_config(_configuration()).get_current_head()
    assert head is not None
    return head


def _configuration() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    return config


def _is_current(connection: Connection) -> bool:
    script = ScriptDirectory.from_config(_configuration())
    current = MigrationContext.configure(connection).get_current_revision()
    try:
        return script.get_revision(current) is script.get_revision("head") if current else False
    except CommandError as unknown:
        raise DatabaseTooNew(
            f"The database is at version {current}, which this program does not know. "
            "Install the newer sokuresu again, or restore the backup made before the upgrade."
        ) from unknown


def _run(connection: Connection) -> None:
    config = _configuration()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
