"""Which version of the tables a database has; asking does not need the library that changes tables."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import column, inspect, select, table

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

_NOTED = table("alembic_version", column("version_num"))
_STEP = re.compile(r"[0-9]{4}")


class DatabaseTooNew(RuntimeError):  # noqa: N818 - reads as what it is
    """A newer program wrote this database; an older one would damage it."""


def is_current(engine: Engine) -> bool:
    """Whether the database is at the newest version that this program knows; an empty one is not.

    Raises:
        DatabaseTooNew: the database was written by a newer program.
    """
    with engine.connect() as connection:
        return noted_version(connection) == newest_version()


def newest_version() -> str:
    """The version to which this program brings a database."""
    return max(_known_versions())


def noted_version(connection: Connection) -> str | None:
    """The version of a database; None if nothing is in it yet.

    Raises:
        DatabaseTooNew: the database was written by a newer program.
    """
    if not inspect(connection).has_table(_NOTED.name):
        return None
    version: str | None = connection.execute(select(_NOTED.c.version_num)).scalar()
    if version is not None and version not in _known_versions():
        raise DatabaseTooNew(
            f"The database is at version {version}, which this program does not know. "
            "Install the newer sokuresu again, or restore the backup made before the upgrade."
        )
    return version


@cache
def _known_versions() -> frozenset[str]:
    """The first four digits of each step's file are its version."""
    steps = Path(__file__).parent.joinpath("migrations", "versions").glob("*.py")
    return frozenset(found[0] for step in steps if (found := _STEP.match(step.name)))
