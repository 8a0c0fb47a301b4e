"""The number of the order that a text is about, and numbers of others."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from templates.guidelines.letter import Letter

_ORDER = re.compile(r"(?<![0-9])(?:[0-9]{3}|[dps][0-9]{2}) ?-? ?[0-9]{7} ?-? ?[0-9]{7}(?![0-9])")
_LONE_DIGITS = re.compile(r"[^0-9dps]")


def other_orders(letter: Letter) -> Iterator[tuple[int, int]]:
    """Numbers of other orders; nothing if the right one is not known."""
    if letter.order_id is None:
        return
    own = _bare(letter.order_id.lower())
    for found in _ORDER.finditer(letter.plain.text):
        if _bare(found[0]) != own:
            yield letter.plain.span(*found.span())


def missing_order(letter: Letter) -> Iterator[tuple[int, int]]:
    """An empty place at the end if the order's own number is nowhere."""
    if letter.order_id is None:
        return
    own = _bare(letter.order_id.lower())
    if all(_bare(found[0]) != own for found in _ORDER.finditer(letter.plain.text)):
        yield len(letter.text), len(letter.text)


def _bare(number: str) -> str:
    return _LONE_DIGITS.sub("", number)
