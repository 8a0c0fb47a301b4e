"""Brings the database to this program's version; runs at every start."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from state.engine import for_writing
from state.schema_version import newest_version, noted_version

if TYPE_CHECKING:
    from alembic.config import Config
    from sqlalchemy import Connection, Engine


def upgrade(engine: Engine) -> None:
    """Bring the database to the newest version this program knows.

    Raises:
        DatabaseTooNew: the database was written by a newer program.
    """
    with for_writing(engine).connect() as connection:
        if noted_version(connection) == newest_version():
            return
        _run(connection)
        connection.commit()


def _configuration() -> Config:
    from alembic.config import Config  # noqa: PLC0415 - as below

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    return config


def _run(connection: Connection) -> None:
    from alembic import command  # noqa: PLC0415 - nearly every start finds nothing to change

    config = _configuration()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
