"""Amazon's order numbers in running text, however they were typed."""

from __future__ import annotations

import re

from parsers.folding import fold_width
from parsers.values import OrderId

# What keyboards and word processors put where a hyphen belongs, the long vowel mark among them.
_DASH = r"[\-\u2010-\u2015\u2043\u2212\u30fc\ufe58\ufe63]"
# Mail programs break a long line at a hyphen, people put blanks around it.
_HYPHEN = rf"[ \t]{{0,2}}(?:\n[ \t]{{0,4}})?{_DASH}[ \t]{{0,2}}(?:\n[ \t]{{0,4}})?"
_ORDER_ID = re.compile(
    # A folded subject may glue the number to the word before it, so only digits forbid a match there. What
    # stands before is looked at last: a pattern that begins with a set of characters is searched much faster.
    rf"([0-9DPS][0-9]{{2}})(?<![0-9]...)(?<![0-9]{_DASH}...)(?<![A-Za-z][DPS]..)"
    rf"{_HYPHEN}([0-9]{{7}}){_HYPHEN}([0-9]{{7}})(?![0-9])(?!{_DASH}[0-9])"
)
_UNSEEN = re.compile("[\u00ad\u200b-\u200d\u2060\ufeff]+")


def find_order_ids(text: str) -> tuple[OrderId, ...]:
    """Find every order number of a text once, in order of appearance.

    Full-width digits count, and so do the dashes and the long vowel mark that Japanese keyboards put between
    digits, blanks and a line's end beside them, and characters that nobody sees.
    """
    folded = _UNSEEN.sub("", fold_width(text))
    return tuple(dict.fromkeys(OrderId("-".join(found)) for found in _ORDER_ID.findall(folded)))
