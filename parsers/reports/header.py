"""Which column of a report is which: its header, in any language that is known."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from parsers.folding import fold
from parsers.reports.faults import BadCell, Reason, WrongReport
from parsers.rules import load_rules

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MOST_COLUMNS = 300
_SEPARATORS = ("\t", ",")
_LONGEST_NAME = 60
_PADDING = re.compile(r"[\s_\-‐-―]+")
_LIKE_A_NAME = re.compile(r"[a-z]{2,20}(?:-[a-z]{1,20}){1,5}", re.ASCII)
"""As Amazon names columns, and nobody his street."""


@dataclass(frozen=True, slots=True)
class Header:
    """Where the columns of a report stand.

    Attributes:
        separator: a tab or a comma.
        width: how many columns there are.
        places: the column of each field, counted from 0.
        doubles: for fields with several columns of one name all of these columns.
        is_japanese: the names are Japanese.
        first: the name of the first required column, by which a header that comes again is known.
    """

    separator: str
    width: int
    places: dict[str, int]
    doubles: dict[str, tuple[int, ...]]
    is_japanese: bool
    first: tuple[int, str]

    def split(self, text: str) -> list[str]:
        """The cells of a line, or of several that one cell spans."""
        return split(text, self.separator)

    def fits(self, cells: Sequence[str]) -> bool:
        """Whether every known column is there and whole.

        Further cells must be empty. A line may end early, but behind the last known column: the last cell
        of a line that was cut may be cut itself.
        """
        count = len(cells)
        if count >= self.width:
            return not any(cells[self.width :])
        return count > max(self.places.values()) + 1

    def values(self, cells: Sequence[str]) -> dict[str, str]:
        """The cells by their fields.

        Raises:
            BadCell: columns of one name disagree.
        """
        for field, places in self.doubles.items():
            if len({cells[place] if place < len(cells) else "" for place in places}) > 1:
                raise BadCell(Reason.AMBIGUOUS, field)
        return {field: cells[place] for field, place in self.places.items()}

    def comes_again(self, cells: Sequence[str]) -> bool:
        """Whether a line is a header too, as where somebody put two reports together."""
        place, name = self.first
        return place < len(cells) and cells[place] == name


def split(text: str, separator: str) -> list[str]:
    """The cells of a line.

    Amazon writes fields between tabs as they are, quotation marks and all; programs for tables put marks
    around some. So a mark counts only where a whole cell stands between two of them.
    """
    if separator == "\t":
        return [_unquoted(cell.strip()) for cell in text.split("\t", MOST_COLUMNS)]
    try:
        rows = list(csv.reader(f"{line}\n" for line in text.split("\n")))
    except csv.Error:
        return []
    return [cell.strip() for cell in rows[0][:MOST_COLUMNS]] if len(rows) == 1 else []


def _unquoted(cell: str) -> str:
    if len(cell) < 2 or cell[0] != '"' or cell[-1] != '"':
        return cell
    inner = cell[1:-1].replace('""', "\0")
    return cell if '"' in inner else inner.replace("\0", '"')


def find_header(line: str, report: str) -> Header | None:
    """The header in a line; None if it is none of this report."""
    found = (_header(split(line, separator), separator, report) for separator in _SEPARATORS)
    return max(filter(None, found), key=lambda one: len(one.places), default=None)


def _header(cells: Sequence[str], separator: str, report: str) -> Header | None:
    names = [_squeezed(cell) for cell in cells]
    places: dict[str, tuple[int, ...]] = {}
    for name, field in _fields(report).items():
        here = tuple(place for place, one in enumerate(names) if one == name)
        if here:
            places.setdefault(field, here)
    if not _is_enough(places, report):
        return None
    (first,) = places[load_rules("reports")[report]["required"][0]][:1]
    return Header(
        separator,
        len(cells),
        {field: here[0] for field, here in places.items()},
        {field: here for field, here in places.items() if len(here) > 1},
        not cells[first].isascii(),
        (first, cells[first]),
    )


def _is_enough(fields: dict[str, tuple[int, ...]], report: str) -> bool:
    rules = load_rules("reports")[report]
    return all(one in fields for one in rules["required"]) and any(one in fields for one in rules["one_of"])


@lru_cache(maxsize=1_024)
def _squeezed(name: str) -> str:
    return _PADDING.sub("", fold(name[:_LONGEST_NAME]).strip('"\ufeff'))


@cache
def _fields(report: str) -> dict[str, str]:
    """The field of each name of a column, in the order of the rules."""
    columns = load_rules("reports")[report]["column"]
    return {_squeezed(name): row["field"] for row in columns for name in row["headers"]}


def wrong_report(lines: Sequence[str], report: str) -> WrongReport:
    """What to raise for a file whose beginning has no header of this report."""
    cells = max((_cells_of(line) for line in lines), key=_known_names, default=[])
    known = tuple(cell for cell in cells if _is_name(cell))
    return WrongReport(tuple(_sought(report)), known, len(cells) - len(known))


def _cells_of(line: str) -> list[str]:
    return max((split(line, separator) for separator in _SEPARATORS), key=len)


def _known_names(cells: Sequence[str]) -> int:
    return sum(_is_name(cell) for cell in cells)


def _is_name(cell: str) -> bool:
    """Whether a cell is certainly a column's name, and not data of somebody's."""
    is_known = any(_squeezed(cell) in _fields(report) for report in load_rules("reports"))
    return is_known or _LIKE_A_NAME.fullmatch(cell) is not None


def _sought(report: str) -> Iterator[tuple[str, ...]]:
    rules = load_rules("reports")[report]
    for field in rules["required"]:
        yield tuple(name for row in rules["column"] if row["field"] == field for name in row["headers"])
    others = (row["headers"] for row in rules["column"] if row["field"] in rules["one_of"])
    yield tuple(name for names in others for name in _examples(names))


def _examples(names: Sequence[str]) -> Iterator[str]:
    """The first name, and the first Japanese one."""
    yield names[0]
    yield from [name for name in names[1:] if not name.isascii()][:1]
