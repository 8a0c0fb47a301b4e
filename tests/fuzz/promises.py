"""What must be true of every value that is read, whatever it was read from."""

from __future__ import annotations

import unicodedata


def assert_one_line(text: str) -> None:
    """No value can forge a second header or line."""
    assert_storable(text)
    assert not any(sign in text for sign in "\r\n\v\f\x1c\x1d\x1e\x85\u2028\u2029")


def assert_storable(text: str) -> None:
    """Neither NUL nor half a character."""
    text.encode("utf-8")
    assert "\x00" not in text


def is_printable(text: str) -> bool:
    """No sign that steers a terminal or hides."""
    return not any(unicodedata.category(sign) in {"Cc", "Cf", "Cs"} for sign in text)
