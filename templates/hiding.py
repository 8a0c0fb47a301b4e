"""Hides telephone numbers and mail addresses in a text that is about to stand in a mail.

The rules of `templates.guidelines` find what looks like one to Amazon. Here a number too much does less harm
than one too few, so every long run of digits goes besides, and whatever the caller is known by, however it is
spelled.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from templates.cleaning import several_lines
from templates.guidelines.addresses import mail_addresses
from templates.guidelines.letter import LENGTH_LIMIT, Letter
from templates.guidelines.telephones import telephones

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

HIDDEN = "***"

_KANJI_DIGITS = dict(zip("〇一二三四五六七八九零○壱弐参", "012345678900123", strict=True))
_BETWEEN = r"[\s\-‐-―−ー・.()_の~〜局番代\ufe0f\u20e3]{0,3}"
_LONG_RUN = re.compile(rf"[+(]{{0,2}}[0-9](?:{_BETWEEN}[0-9]){{8,40}}")
# Behind these words fewer digits are a number, too; those of parcels and the like stay.
_CALLED = re.compile(
    r"(?:電話|携帯|(?<![文跡状票せ理品型])番号|tel|phone|call|dial)[^0-9\n]{0,10}"
    rf"(?P<number>[0-9](?:{_BETWEEN}[0-9]){{5,40}})|内線[^0-9\n]{{0,3}}(?P<inner>[0-9]{{2,8}})"
)
_ORDER = re.compile(r"(?<![0-9])(?:[0-9]{3}|[dps][0-9]{2})[-‐-―−ー][0-9]{7}[-‐-―−ー][0-9]{7}(?![0-9])")
_DATE = re.compile(r"(?<![0-9])20[0-9]{2}[-.][0-9]{1,2}[-.][0-9]{1,2}(?![0-9])")
_ADDRESS = re.compile(r"[!-?A-~]{1,64}@[!-?A-~]{1,200}")
# Of a number that is known every digit is: whatever stands between them is no coincidence.
_APART = "[^0-9]{0,12}"
_SHORTEST_KNOWN = 5
_LONGEST_KNOWN = 20
_WITHOUT_AREA = (8, 7)
"""Digits of a number as it is called from nearby."""


def hide_contacts(text: str, *, numbers: Iterable[str] = (), addresses: Iterable[str] = ()) -> str:
    """The text with every telephone number and mail address made unreadable; order numbers and dates stay.

    Args:
        text: at most `LENGTH_LIMIT` characters of it are kept.
        numbers: telephone numbers that may stand in it, in any spelling.
        addresses: mail addresses that may stand in it.
    """
    letter = Letter(several_lines(text)[:LENGTH_LIMIT])
    flat = _flat(letter.text)
    spans = [*telephones(letter), *mail_addresses(letter)]
    spans += [found.span() for found in _ADDRESS.finditer(flat)]
    bare = _without_orders(flat)
    spans += [found.span() for found in _LONG_RUN.finditer(bare)]
    spans += [found.span(found.lastgroup or 0) for found in _CALLED.finditer(bare)]
    for number in numbers:
        spans += _spans_of_number(number, flat)
    for address in addresses:
        spans += _spans_of_address(address, flat)
    return _covered(letter.text, spans)


def holds_number(text: str, number: str) -> bool:
    """Whether a telephone number stands in a text, however either is spelled; order numbers are none."""
    return any(_spans_of_number(number, _without_orders(_flat(text))))


def number_core(number: str) -> str:
    """The digits of a telephone number without trunk and country code: the same however it is dialled."""
    digits = "".join(one for one in _flat(number) if one in "0123456789")
    for prefix in ("01081", "0081", "81"):
        if digits.startswith(prefix) and len(digits) - len(prefix) >= len("9012345678") - 1:
            digits = digits.removeprefix(prefix)
            break
    return digits.removeprefix("0")


def _flat(text: str) -> str:
    """The text in lower case with plain digits and letters, each character in its place."""
    return "".join(map(_flat_sign, text))


def _flat_sign(sign: str) -> str:
    if sign in _KANJI_DIGITS:
        return _KANJI_DIGITS[sign]
    value = unicodedata.digit(sign, None)
    if value is not None:
        return str(value)
    plain = unicodedata.normalize("NFKC", sign).lower()
    return plain if len(plain) == 1 else sign


def _without_orders(flat: str) -> str:
    """The same with order numbers and dates blotted out, at the same length."""
    for pattern in (_ORDER, _DATE):
        flat = pattern.sub(lambda found: "x" * len(found[0]), flat)
    return flat


def _spans_of_number(number: str, flat: str) -> Iterator[tuple[int, int]]:
    core = number_core(number)[:_LONGEST_KNOWN]
    for part in {core, *(core[-digits:] for digits in _WITHOUT_AREA)}:
        if len(part) >= _SHORTEST_KNOWN:
            yield from (found.span() for found in _spelled(part).finditer(flat))


def _spelled(digits: str) -> re.Pattern[str]:
    """A known number with whatever stands between its digits."""
    return re.compile(rf"(?:(?:\+?81|0){_APART})?" + _APART.join(digits))


def _spans_of_address(address: str, flat: str) -> Iterator[tuple[int, int]]:
    if sought := _flat(address.strip()):
        yield from (found.span() for found in re.finditer(re.escape(sought), flat))


def _covered(text: str, spans: Iterable[tuple[int, int]]) -> str:
    """The text with each span, or several that touch, replaced by one mark."""
    kept: list[str] = []
    end = 0
    for start, stop in sorted(spans):
        if start > end or not kept:
            kept += (text[end:start], HIDDEN)
        end = max(end, stop)
    return "".join((*kept, text[end:]))
