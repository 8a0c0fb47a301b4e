"""Comparing what people and mail programs write: widths, case and spaces do not count."""

from __future__ import annotations

import unicodedata


def fold(text: str) -> str:
    """NFKC, no case, every run of white space one blank, none at the ends."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().replace("’", "'").split())


def fold_width(text: str) -> str:
    """NFKC only: full-width letters, digits and punctuation become ordinary ones."""
    return unicodedata.normalize("NFKC", text)
