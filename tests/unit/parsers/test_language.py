"""In which language a buyer is to be answered."""

from __future__ import annotations

import pytest

from parsers.language import language_of


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("商品が届きません。", "ja"),
        ("Hello, ABC-123 について教えて", "ja"),
        ("ﾃﾞﾝｹﾞﾝが入らない", "ja"),
        ("Where is my package?", "en"),
        ("Où est mon colis ?", "en"),
        ("返品希望", None),
        ("SKU-1", None),
        ("", None),
        ("12345 ???", None),
        ("안녕하세요", None),
    ],
)
def test_the_script_tells_the_language(text, expected):
    """Kana are Japanese, Latin letters English, and what does not tell is left to the marketplace."""
    assert language_of(text) == expected


def test_only_the_beginning_is_looked_at():
    """A long letter costs no more than a short one."""
    assert language_of(" " * 4_000 + "かな") is None
