"""Tables as CSV for spreadsheet programs: they read it as Japanese text, and none of it as a formula."""

from __future__ import annotations

import csv
import unicodedata
from datetime import datetime
from io import StringIO
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import date
    from zoneinfo import ZoneInfo

    CsvCell = str | int | float | date | datetime | None

MARK = "\ufeff"
"""Begins the file: without it Excel reads UTF-8 as the code page of the country."""

_FORMULA = (*"=+-@", *"＝＋－＠", "\t", "\r", "\n")
"""A cell that begins so, blanks aside, may be carried out by a spreadsheet program, whoever wrote it."""


def csv_lines(headings: Sequence[str], rows: Iterable[Sequence[CsvCell]], zone: ZoneInfo) -> Iterator[str]:
    """The table line by line, each with its end; numbers stay numbers.

    Args:
        headings: the first line.
        rows: the others; None is an empty cell, an instant is written in `zone`.
        zone: the shop's time zone.
    """
    yield MARK + csv_line(headings, zone)
    for row in rows:
        yield csv_line(row, zone)


def csv_line(cells: Sequence[CsvCell], zone: ZoneInfo) -> str:
    """One line with its end."""
    buffer = StringIO()
    csv.writer(buffer).writerow([_written(cell, zone) for cell in cells])
    return buffer.getvalue()


def _written(cell: CsvCell, zone: ZoneInfo) -> str | int | float:
    if isinstance(cell, datetime):
        return f"{cell.astimezone(zone):%Y-%m-%d %H:%M}"
    if isinstance(cell, int | float):
        return cell
    text = "" if cell is None else "".join(filter(_is_harmless, str(cell)))
    return f"'{text}" if text.startswith(_FORMULA) or text.strip().startswith(_FORMULA) else text


def _is_harmless(sign: str) -> bool:
    """A terminal obeys some signs, and others turn what is read around; a table may be looked at there."""
    return sign in "\t\r\n" or unicodedata.category(sign) not in {"Cc", "Cf", "Cs"}
