"""A report as rows: finds its header and tells each line's cells by our names of their columns."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from parsers.reports.decoding import LONGEST_LINE, read_lines
from parsers.reports.faults import BadCell, Fault, Reason
from parsers.reports.header import find_header, wrong_report

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from parsers.reports.decoding import Line
    from parsers.reports.header import Header

_BEFORE_HEADER = 20
"""Lines that may stand before the header, such as a title and the dates of the report."""

_MOST_LINES = 40
"""Of one cell."""


@dataclass(frozen=True, slots=True)
class Row:
    """A line with its cells.

    Attributes:
        line: its number in the file; the first is 1.
        cells: texts without blanks around them, by our names of the columns; empty where nothing stands.
        is_japanese: the report has Japanese names of columns.
    """

    line: int
    cells: dict[str, str] = field(repr=False)
    is_japanese: bool = False


def read_table(pieces: Iterable[bytes], report: str) -> Iterator[Row | Fault]:
    """Read a report line by line; empty lines do not count.

    Args:
        pieces: the file's bytes in their order, cut anywhere.
        report: which one: ``orders`` or ``feedback``.

    Raises:
        WrongReport: none of the first lines is a header of this report.
    """
    lines = _Lines(read_lines(pieces))
    header = _await_header(lines, report)
    for number, text in lines:
        if text is None:
            yield Fault(number, Reason.TOO_LONG)
        elif "\0" in text:
            yield Fault(number, Reason.CONTROL)
        elif text.strip(", \t"):
            cells = _cells(lines, header, text)
            if header.comes_again(cells):
                header = find_header(text, report) or header
            else:
                yield _row(number, header, cells)


def _row(number: int, header: Header, cells: list[str]) -> Row | Fault:
    if not header.fits(cells):
        return Fault(number, Reason.COLUMNS)
    try:
        return Row(number, header.values(cells), header.is_japanese)
    except BadCell as bad:
        return Fault(number, bad.reason, bad.column)


class _Lines:
    """Numbered lines of which the next ones can be looked at."""

    def __init__(self, lines: Iterator[Line]) -> None:
        self._lines = lines
        self._next: deque[Line] = deque()
        self._number = 0

    def __iter__(self) -> Iterator[tuple[int, Line]]:
        while True:
            if not self._next and not self._read():
                return
            self._number += 1
            yield self._number, self._next.popleft()

    def _read(self) -> bool:
        for line in self._lines:
            self._next.append(line)
            return True
        return False

    def ahead(self) -> Iterator[Line]:
        """The lines that come next; looking takes none of them away."""
        place = 0
        while place < len(self._next) or self._read():
            yield self._next[place]
            place += 1

    def skip(self, count: int) -> None:
        """Take away the next lines, which were looked at."""
        for _ in range(count):
            self._next.popleft()
        self._number += count


def _await_header(lines: _Lines, report: str) -> Header:
    """Find the header.

    Raises:
        WrongReport: it is not among the first lines.
    """
    seen: list[str] = []
    for _, text in lines:
        header = None if text is None else find_header(text, report)
        if header is not None:
            return header
        if text is not None and text.strip():
            seen.append(text)
        if len(seen) >= _BEFORE_HEADER:
            break
    raise wrong_report(seen, report)


def _cells(lines: _Lines, header: Header, text: str) -> list[str]:
    """The cells of a line; with the lines after it if one cell in quotation marks spans them.

    That is so only if the line alone is too short, a mark is open at its end, it is closed further down, all
    fits then, and no line on the way fits by itself: a stray mark must not swallow the lines behind it.
    """
    cells = header.split(text)
    if header.fits(cells) or text.count('"') % 2 == 0:
        return cells
    for count, more in enumerate(lines.ahead(), start=1):
        if more is None or count > _MOST_LINES or header.fits(header.split(more)):
            break
        text = f"{text}\n{more}"
        if len(text) > LONGEST_LINE:
            break
        if text.count('"') % 2 == 0:
            whole = header.split(text)
            if not header.fits(whole):
                break
            lines.skip(count)
            return whole
    return cells
