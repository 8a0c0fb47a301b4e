"""Length and line breaks."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from templates.guidelines.letter import Letter

_BREAKS = re.compile(r"\n(?:[^\S\n]{0,200}\n){2,}")
_SHOWN = 12


def length(letter: Letter) -> Iterator[tuple[int, int]]:
    """The beginning of a text that is too long."""
    if letter.is_too_long:
        yield 0, _SHOWN


def line_breaks(letter: Letter) -> Iterator[tuple[int, int]]:
    """Three line breaks or more in a row inside the text; lines of blanks count as empty."""
    begun = len(letter.text) - len(letter.text.lstrip())
    ended = len(letter.text.rstrip())
    for found in _BREAKS.finditer(letter.text, begun, ended):
        yield _with_words(letter.text, *found.span())


def _with_words(text: str, start: int, end: int) -> tuple[int, int]:
    """A gap and a little of the text on both sides, for a gap alone shows nothing."""
    return max(text.rfind("\n", 0, start) + 1, start - _SHOWN), min(end + _SHOWN, len(text))
