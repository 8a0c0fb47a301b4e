"""Which version of the tables a database has, asked without the library that changes tables."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import column, inspect, select, table

if TYPE_CHECKING:
    from sqlalchemy import Engine

_NOTED = table("alembic_version", column("version_num"))
_STEP = re.compile(r"[0-9]{4}")


def unknown_version(engine: Engine) -> str | None:
    """The version of a database that a newer program wrote; None if this program knows it.

    Raises:
        sqlalchemy.exc.SQLAlchemyError: the database cannot be read.
    """
    if not inspect(engine).has_table(_NOTED.name):
        return None
    with engine.connect() as connection:
        version = connection.execute(select(_NOTED.c.version_num)).scalar()
    return None if version is None or version in _known_versions() else str(version)


@cache
def _known_versions() -> frozenset[str]:
    """The first four digits of each step's file are its version."""
    steps = Path(__file__).parent.joinpath("migrations", "versions").glob("*.py")
    return frozenset(found[0] for step in steps if (found := _STEP.match(step.name)))
