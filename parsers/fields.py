"""Labelled values in a notice: ``label: value`` lines, 【label】 blocks, tables with a row of headings."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from selectolax.lexbor import LexborHTMLParser

from parsers.folding import fold
from parsers.layout import is_footer

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from selectolax.lexbor import LexborNode

_BULLETS = "-*•・■●◆◇○□▪▶> \t\u3000"
_LABEL = re.compile(r"[【\[［](?P<boxed>[^】\]］]{1,60})[】\]］][:：]?|(?P<plain>[^:：]{1,60})[:：]")
_LINE_LENGTH = 300
_ROWS = 500
_HTML_LENGTH = 300_000
_TAGS = 5000


@dataclass(frozen=True, slots=True)
class Field:
    """One labelled value.

    Attributes:
        value: what stands behind the label, over several lines if need be.
        rest: the text without it.
    """

    value: str
    rest: str


def read_field(text: str, labels: Sequence[str], others: Sequence[str]) -> Field | None:
    """Find a value by its label.

    Args:
        text: the notice.
        labels: names of the wanted value.
        others: names of other values; where one of them begins, this one ends.
    """
    wanted, stops = frozenset(map(fold, labels)), frozenset(map(fold, (*labels, *others)))
    lines = text.split("\n")
    for at, line in enumerate(lines):
        found = _label(line)
        if found[0] in wanted:
            end = _end(lines, at + 1, stops)
            value = "\n".join([found[1], *lines[at + 1 : end]]).strip()
            return Field(value, "\n".join(lines[:at] + lines[end:]))
    return None


def read_column(html: str, labels: Sequence[str]) -> tuple[str, ...]:
    """The cells below a heading, in every table that has one of these headings."""
    wanted = frozenset(map(fold, labels))
    found: list[str] = []
    for heads, cells in _rows(html):
        found += [cell for head, cell in zip(heads, cells, strict=False) if head in wanted and cell]
    return tuple(dict.fromkeys(found))


def has_column(html: str, labels: Sequence[str]) -> bool:
    """Whether a table has one of these headings above at least one row, be its cells empty or not."""
    wanted = frozenset(map(fold, labels))
    return any(not wanted.isdisjoint(heads) for heads, _ in _rows(html))


def _label(line: str) -> tuple[str, str]:
    """The folded label at the beginning of a line and what follows it; a line without one is all label."""
    bare = line.lstrip(_BULLETS)[: _LINE_LENGTH * 20]
    found = _LABEL.match(bare)
    if found is None:
        return fold(bare[:_LINE_LENGTH]), ""
    return fold(found["boxed"] or found["plain"]), bare[found.end() :].strip()


def _end(lines: Sequence[str], start: int, stops: frozenset[str]) -> int:
    """Where a value ends: at a blank line behind its words, the next known label, or Amazon's footer."""
    filled = bool(_label(lines[start - 1])[1])
    for at in range(start, len(lines)):
        if not lines[at].strip():
            if filled:
                return at
            continue
        filled = True
        if _label(lines[at][:_LINE_LENGTH])[0] in stops or is_footer(lines[at]):
            return at
    return len(lines)


@lru_cache(maxsize=2)
def _rows(html: str) -> tuple[tuple[list[str], list[str]], ...]:
    """Every row of cells together with the folded headings above it; one notice is asked several times."""
    fit = len(html) <= _HTML_LENGTH and html.count("<") <= _TAGS
    return tuple(_read_rows(html)) if fit and "<th" in html.lower() else ()


def _read_rows(html: str) -> Iterator[tuple[list[str], list[str]]]:
    """The rows of all tables in their order."""
    heads: list[str] = []
    for row in LexborHTMLParser(html).css("tr")[:_ROWS]:
        headings = _cells(row, "th")
        if headings:
            heads = [fold(heading) for heading in headings]
        elif heads:
            yield heads, _cells(row, "td")


def _cells(row: LexborNode, tag: str) -> list[str]:
    """The texts of a row's own cells of one kind."""
    return [cell.text(separator=" ").strip() for cell in row.iter() if cell.tag == tag]
