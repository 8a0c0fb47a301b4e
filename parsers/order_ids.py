"""Amazon's order numbers in running text, however they were typed."""

from __future__ import annotations

import re

from parsers.folding import fold_width
from parsers.values import OrderId

_DASH_BETWEEN_DIGITS = re.compile(r"(?<=[0-9])[\u2010-\u2015\u2212\u30fc\ufe58\ufe63](?=[0-9])")
# Mail programs wrap a long line behind a hyphen, seldom before it.
_HYPHEN = r"(?:[ \t]{0,2}\n[ \t]{0,4})?-(?:[ \t]{0,2}\n[ \t]{0,4})?"
_ORDER_ID = re.compile(
    # A folded subject may glue the number to the word before it, so only digits forbid a match there.
    rf"(?<![0-9])(?<![0-9]-)(?:[0-9]{{3}}|(?<![A-Za-z])[DPS][0-9]{{2}}){_HYPHEN}[0-9]{{7}}{_HYPHEN}[0-9]{{7}}"
    r"(?![0-9])(?!-[0-9])"
)


def find_order_ids(text: str) -> tuple[OrderId, ...]:
    """Find every order number of a text once, in order of appearance.

    Full-width digits count, and so do the dashes and the long vowel mark that Japanese keyboards put between
    digits; the same marks elsewhere are left alone. A number that a mail program broke at a hyphen is one.
    """
    folded = _DASH_BETWEEN_DIGITS.sub("-", fold_width(text))
    return tuple(dict.fromkeys(OrderId("".join(found.split())) for found in _ORDER_ID.findall(folded)))
