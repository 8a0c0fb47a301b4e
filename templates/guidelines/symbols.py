"""Emojis, emoticons and ornaments; what is ordinary in Japanese business mail is let be.

Ordinary are 〒 ※ ・ … — 「」 → ⇒ ㈱ ① ℃ © and the list marks ■ □ ● ○ ▼ ▲: they carry meaning and every
Japanese mail has them. ★ ☆ ♪ ♥ and their like carry none. ◆ and ◇ head a line at most.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from templates.guidelines.rules import read_table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from templates.guidelines.letter import Letter


def symbols(letter: Letter) -> Iterator[tuple[int, int]]:
    """Emojis, emoticons and decorative symbols."""
    text = letter.text
    yield from ((place, place + 1) for place, one in enumerate(text) if _is_decorative(one))
    for pattern in (_pattern("face"), *_emoticons()):
        yield from (found.span() for found in pattern.finditer(text) if not _is_punctuation(found, text))
    heads = {found.end() - 1 for found in _pattern("rhomb_at_head").finditer(text)}
    yield from (found.span() for found in _pattern("rhomb").finditer(text) if found.start() not in heads)
    yield from (found.span() for found in _pattern("rows").finditer(text))


@lru_cache(maxsize=8192)
def _is_decorative(one: str) -> bool:
    if one.isascii() or one in _table()["ordinary"]:
        return False
    if one in _table()["ornaments"]:
        return True
    category = unicodedata.category(one)
    return category == "Co" or (category in {"So", "Sk"} and not _is_practical(one))


def _is_practical(one: str) -> bool:
    """Of a block of practical symbols, or a loose accent."""
    return one in _table()["accents"] or any(first <= ord(one) <= last for first, last in _table()["ranges"])


def _is_punctuation(found: re.Match[str], text: str) -> bool:
    """Brackets around nothing but punctuation, or the end of a bracket that was opened before."""
    if _pattern("no_face").fullmatch(found[0]):
        return True
    line = text[text.rfind("\n", 0, found.start()) + 1 : found.start()]
    closes = found[0][-1:] in {")", "）"} and not set(found[0]) & {"(", "（"}
    return closes and line.count("(") + line.count("（") > line.count(")") + line.count("）")


@cache
def _table() -> dict[str, Any]:
    return read_table("symbols")


@cache
def _pattern(name: str) -> re.Pattern[str]:
    return re.compile(_table()[name])


@cache
def _emoticons() -> tuple[re.Pattern[str], ...]:
    return tuple(map(re.compile, _table()["emoticons"]))
