"""The language that a text is written in, as far as the drafts need to know it."""

from __future__ import annotations

import re

_START = 4_000
_JAPANESE = re.compile("[\u3041-\u30ff\u31f0-\u31ff\uff66-\uff9f]")
_HAN = re.compile("[\u3400-\u9fff\uf900-\ufaff]")
_LATIN = re.compile(r"[A-Za-z\u00c0-\u024f]")
_FEW = 8
"""Latin letters; a model name or two words are no English."""


def language_of(text: str) -> str | None:
    """``ja``, or ``en`` for everything in Latin letters; None where the text does not tell.

    Kana settle it, whatever else stands there: 返品希望 alone is Japanese to a shop in Japan, but it may be
    Chinese to another, so characters without kana leave the question open.
    """
    start = text[:_START]
    if _JAPANESE.search(start):
        return "ja"
    if _HAN.search(start):
        return None
    return "en" if len(_LATIN.findall(start)) >= _FEW else None
