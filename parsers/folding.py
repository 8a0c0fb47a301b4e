"""Comparing what people and mail programs write: widths, case and spaces do not count."""

from __future__ import annotations

import re
import unicodedata

_HARMLESS = 1_000
"""Characters of a text that is normalised in no time, whatever it is made of."""

_MARKS = 30
"""Marks on one letter that are read, as in Unicode's stream-safe format; no language needs as many."""

_MANY_SIGNS = re.compile(rf"[^\w\s\x00-\u02ff]{{{_MARKS},}}")
_NARROW_MARKS = {0xFF9E: 0x3099, 0xFF9F: 0x309A}


def fold(text: str) -> str:
    """NFKC, no case, every run of white space one blank, none at the ends."""
    return " ".join(fold_width(text).casefold().replace("’", "'").split())


def fold_width(text: str) -> str:
    """NFKC only: full-width letters, digits and punctuation become ordinary ones.

    In a long text a letter keeps its first `_MARKS` marks: Unicode's algorithm sorts the marks of a letter,
    and with half a million of them that takes minutes.
    """
    if len(text) > _HARMLESS and not text.isascii():
        text = _MANY_SIGNS.sub(_thin_out, text.translate(_NARROW_MARKS))
    return unicodedata.normalize("NFKC", text)


def _thin_out(signs: re.Match[str]) -> str:
    """The signs without the marks that follow too many others."""
    kept: list[str] = []
    marks = 0
    for sign in signs[0]:
        marks = marks + 1 if unicodedata.category(sign).startswith("M") else 0
        if marks <= _MARKS:
            kept.append(sign)
    return "".join(kept)
