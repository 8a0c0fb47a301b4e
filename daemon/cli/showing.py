"""How the commands show things: local times, time left, tables for terminals and files, exact JSON."""

from __future__ import annotations

import json
import re
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from daemon.cli.present import now
from daemon.showing.reader import Reader
from templates.tables import even_table

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rich.table import Table

    from daemon.config import Settings

# What a terminal obeys or hides though JSON allows it unescaped: DEL, C1 controls, direction overrides.
_UNSEEN = re.compile("[\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]")

# Numbers of cases and orders are copied out of a table, so that they stand on one line.
_COPIED = re.compile(r"[!-~]{0,20}|—")


def reader_of(settings: Settings) -> Reader:
    """Whoever runs commands for this shop, now."""
    return Reader(settings.shop.language, settings.shop.timezone, now())


def say_json(value: Any) -> None:
    """Print a value as JSON; instants are ISO 8601 in UTC, to the second."""
    text = json.dumps(value, ensure_ascii=False, indent=2, default=_plain)
    click.echo(_UNSEEN.sub(lambda found: f"\\u{ord(found[0]):04x}", text))


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    raise TypeError(f"{type(value).__name__} is not for JSON")


def say_table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print a table: ruled and fitted on a terminal, plain and whole everywhere else."""
    if not sys.stdout.isatty():
        click.echo(plain_table(headings, list(rows)))
        return
    from rich.console import Console  # noqa: PLC0415 - costs a tenth of a second, only for terminals

    Console().print(ruled_table(headings, rows))


def ruled_table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> Table:
    """The table for a terminal; what strangers wrote is text there and never markup."""
    from rich.box import SIMPLE_HEAD  # noqa: PLC0415 - as above
    from rich.table import Table  # noqa: PLC0415 - as above
    from rich.text import Text  # noqa: PLC0415 - as above

    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    lines = list(rows)
    for column, heading in enumerate(headings):
        whole = all(_COPIED.fullmatch(line[column]) for line in lines)
        table.add_column(Text(heading), overflow="fold", no_wrap=whole)
    for line in lines:
        table.add_row(*(Text(cell) for cell in line))
    return table


def plain_table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """The table as lines with columns of even width, Japanese signs counted as two."""
    return even_table(headings, rows)
