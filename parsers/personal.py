"""Data in a comment that tell who the seller is: a mail address, a telephone number, a full name."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from parsers.folding import fold_width
from parsers.rules import load_rules
from parsers.values import CommentPart, Topic

if TYPE_CHECKING:
    from collections.abc import Iterator

_DASHES = {ord(dash): "-" for dash in "‐‑‒–—―−ｰ"}
_LONG_MARK = re.compile(r"(?<=[\d)])ー(?=[\d(])")
_AROUND = 30


def find_personal(text: str) -> Iterator[CommentPart]:
    """The places with such data, each with a few words around; a buyer's own are never sure.

    Args:
        text: the whole comment, for a number may be written across what looks like an end of a clause.
    """
    written = _LONG_MARK.sub("-", fold_width(text).translate(_DASHES))
    words = written.lower()
    for match in _search(words, "sure"):
        around = words[max(0, match.start() - _AROUND) : match.end()]
        own = any(pattern.search(around) for pattern in _patterns("own"))
        yield _part(written, match, sure=not own)
    for match in _search(written, "names"):
        yield _part(written, match, sure=True)
    for match in _search(words, "unsure"):
        yield _part(written, match, sure=False)


def _search(text: str, name: str) -> Iterator[re.Match[str]]:
    """The first place of each pattern."""
    for pattern in _patterns(name):
        if match := pattern.search(text):
            yield match


def _part(text: str, match: re.Match[str], *, sure: bool) -> CommentPart:
    return CommentPart(text[match.start() : match.end()].strip(), Topic.PERSONAL_INFORMATION, sure=sure)


@cache
def _patterns(name: str) -> tuple[re.Pattern[str], ...]:
    """A list of the rules."""
    return tuple(re.compile(source) for source in load_rules("comments")["personal_information"][name])
