"""Copies everything that is stored into another database, as it was at one instant."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import Integer, func, select

from state import tables
from state.engine import for_reading, for_writing

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection, Engine, Table

_ROWS_AT_ONCE = 500

NEVER_COPIED = (tables.desk_session, tables.desk_invitation)
"""Who is signed in at the desk, and links to its password: a copy lets in nobody who was shut out since."""


class NotEmpty(RuntimeError):  # noqa: N818 - reads as what it is
    """There is something in the database that would be mixed with what is copied."""


def copy_everything(source: Engine, target: Engine, on_rows: Callable[[str, int], None]) -> None:
    """Copy all rows of all tables but `NEVER_COPIED`; both databases are at this program's version.

    What others write into the source meanwhile is left out as a whole: the copy is what was true when it
    began. The target is filled in one transaction, so it is complete or empty.

    Args:
        source: is only read, and nobody waits for that.
        target: has the tables and no rows.
        on_rows: told the table's name and how many rows of it were copied just now.

    Raises:
        NotEmpty: the target holds something.
    """
    with _snapshot(source) as reading, for_writing(target).begin() as writing:
        for table in tables.metadata.sorted_tables:
            _require_empty(writing, table)
        for table in tables.metadata.sorted_tables:
            if table not in NEVER_COPIED:
                _copy(reading, writing, table, on_rows)
        _go_on_numbering(writing)


def _snapshot(source: Engine) -> Connection:
    """A connection whose one transaction sees a single instant; SQLite's always do."""
    engine = for_reading(source)
    if engine.dialect.name == "postgresql":
        engine = engine.execution_options(isolation_level="REPEATABLE READ")
    return engine.connect()


def _require_empty(connection: Connection, table: Table) -> None:
    if connection.execute(select(1).select_from(table).limit(1)).first() is not None:
        raise NotEmpty(f"the table {table.name} holds something")


def _copy(
    reading: Connection, writing: Connection, table: Table, on_rows: Callable[[str, int], None]
) -> None:
    """One table in the order of its keys, so that a row that names another one comes behind it."""
    ordered = select(table).order_by(*table.primary_key.columns)
    rows = reading.execution_options(yield_per=_ROWS_AT_ONCE).execute(ordered)
    for part in rows.mappings().partitions():
        writing.execute(table.insert(), [dict(row) for row in part])
        on_rows(table.name, len(part))


def _go_on_numbering(connection: Connection) -> None:
    """PostgreSQL counts apart from the rows; SQLite goes on behind the highest number."""
    if connection.dialect.name != "postgresql":
        return
    for table in tables.metadata.sorted_tables:
        if "id" in table.c and isinstance(table.c.id.type, Integer):
            highest = connection.execute(select(func.max(table.c.id))).scalar()
            if highest is not None:
                connection.execute(select(func.setval(f"{table.name}_id_seq", highest)))
