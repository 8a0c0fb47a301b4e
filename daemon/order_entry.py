"""An order number as a person types it, or writes it down while somebody reads it out."""

from __future__ import annotations

import re

from daemon.errors import SokuresuError
from parsers.folding import fold_width
from parsers.order_ids import find_order_ids

_LONGEST = 200
_BARE = re.compile(r"([0-9]{3}|[DPS][0-9]{2})([0-9]{7})([0-9]{7})")


class OrderRefused(SokuresuError):  # noqa: N818 - reads as what it is
    """What was typed is not one order number; the sentence shows how one looks."""


def read_order(text: str) -> str:
    """The one order number of a text, in the form in which it is stored; its dashes may be left out.

    Raises:
        OrderRefused: there is none, or several.
    """
    typed = text[:_LONGEST]
    found = find_order_ids(typed)
    if len(found) == 1:
        return str(found[0])
    bare = _BARE.fullmatch("".join(fold_width(typed).split()).upper())
    if found or bare is None:
        raise OrderRefused(
            '注文番号は "250-1234567-7654321" のように、一つ入れてください。'
            ' / Give one order number, such as "250-1234567-7654321".'
        )
    return "-".join(bare.groups())
