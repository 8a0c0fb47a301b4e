"""How much is given back: in full, or the part that an item in a lesser state is worth less. Pure.

All amounts are whole numbers of the currency's smallest unit (yen, cents). A refund is a difference or a sum
of such numbers, so nothing is ever rounded; an amount that is written with a fraction of the smallest unit is
refused and not rounded in secret.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

_WITHOUT_DECIMALS = frozenset({"JPY"})
_CURRENCIES = {
    **dict.fromkeys(("de", "fr", "it", "es", "nl", "ie", "com.be"), "EUR"),
    **dict(
        (
            *(("co.jp", "JPY"), ("com", "USD"), ("ca", "CAD"), ("com.mx", "MXN"), ("com.br", "BRL")),
            *(("co.uk", "GBP"), ("se", "SEK"), ("pl", "PLN"), ("com.tr", "TRY"), ("com.au", "AUD")),
            *(("sg", "SGD"), ("in", "INR"), ("ae", "AED"), ("sa", "SAR"), ("eg", "EGP")),
        )
    ),
}
_AMOUNT = re.compile(r"(?P<whole>\d{1,9}|\d{1,3}(?:,\d{3}){1,2})(?:\.(?P<part>\d{1,4}))?", re.ASCII)
_LONGEST = 20


class Basis(StrEnum):
    """How an amount came about."""

    FULL = "full"  # all that was paid, shipping included
    DIFFERENCE = "difference"  # price of the new item less that of the almost new one
    CAPPED = "capped"  # the difference was more than what was paid
    NO_DIFFERENCE = "no_difference"  # the almost new one costs as much or more: nothing to give


@dataclass(frozen=True, slots=True)
class Refund:
    """A proposed refund; amounts in the currency's smallest unit.

    Attributes:
        amount: what to give back, from 0 to what was paid.
        basis: how it came about.
        currency: its three letters.
        paid: what was paid for the item, without shipping.
        shipping: what was paid for shipping.
        new_price, almost_new_price: of a partial refund; None of a full one.
    """

    amount: int
    basis: Basis
    currency: str
    paid: int
    shipping: int
    new_price: int | None = None
    almost_new_price: int | None = None

    @property
    def full(self) -> bool:
        """Everything goes back."""
        return self.basis is Basis.FULL


def propose(
    new_price: int | None = None,
    almost_new_price: int | None = None,
    paid: int = 0,
    shipping: int = 0,
    *,
    full: bool = False,
    currency: str = "JPY",
) -> Refund:
    """Work out a refund.

    In full: what was paid for the item, and its shipping. In part: price of the new item less that of the
    same in "almost new" condition, at least 0 and at most what was paid for the item. Shipping counts for
    nothing there: the buyer keeps what was shipped, and so it is not above what was paid in any reading.

    Args:
        new_price: of the item as new; needed for a partial refund.
        almost_new_price: of the same item in "almost new" condition; needed for a partial refund.
        paid: for the item, without shipping.
        shipping: paid for shipping.
        full: give everything back.
        currency: three letters.

    Raises:
        ValueError: an amount is negative, or one that is needed is missing.
    """
    amounts = (new_price, almost_new_price, paid, shipping)
    if any(one is not None and one < 0 for one in amounts):
        raise ValueError("an amount below nothing")
    if full:
        return Refund(paid + shipping, Basis.FULL, currency, paid, shipping)
    if new_price is None or almost_new_price is None:
        raise ValueError("a partial refund needs both prices")
    amount, basis = _part(new_price - almost_new_price, paid)
    return Refund(amount, basis, currency, paid, shipping, new_price, almost_new_price)


def _part(difference: int, paid: int) -> tuple[int, Basis]:
    if difference <= 0:
        return 0, Basis.NO_DIFFERENCE
    return (paid, Basis.CAPPED) if difference > paid else (difference, Basis.DIFFERENCE)


def decimals_of(currency: str) -> int:
    """Digits behind the point: none for yen, two for the others that Amazon sells in."""
    return 0 if currency in _WITHOUT_DECIMALS else 2


def currency_of(marketplace: str | None) -> str:
    """What buyers pay in on a marketplace such as ``co.jp``; yen where nobody knows."""
    return _CURRENCIES.get(marketplace or "", "JPY")


def read_amount(text: str, currency: str) -> int | None:
    """An amount as people write it (``9,800``, ``９８００``, ``39.90``) in the smallest unit.

    Returns:
        None if it is no amount, or finer than the smallest unit.
    """
    found = _AMOUNT.fullmatch(unicodedata.normalize("NFKC", text[:_LONGEST]).strip().strip("¥円 "))
    if found is None or len(text) > _LONGEST:
        return None
    digits, part = decimals_of(currency), found["part"] or ""
    if len(part) > digits:
        return None
    return int(found["whole"].replace(",", "") + part.ljust(digits, "0"))


def say_amount(amount: int, currency: str, language: str) -> str:
    """An amount for people: ``3,000円``, ``JPY 3,000``, ``EUR 39.90``."""
    digits = decimals_of(currency)
    whole, part = divmod(amount, 10**digits)
    number = f"{whole:,}" + (f".{part:0{digits}}" if digits else "")
    return f"{number}円" if (currency, language) == ("JPY", "ja") else f"{currency} {number}"


def note_amount(amount: int, currency: str) -> str:
    """An amount as a step keeps it: ``JPY 3000``, in the smallest unit."""
    return f"{currency} {amount}"


def noted_amount(detail: str) -> tuple[int, str] | None:
    """The amount and the currency that a step kept; None if it kept none."""
    currency, _, rest = detail.partition(" ")
    number = rest.partition(" ")[0]
    known = len(currency) == 3 and currency.isascii() and currency.isupper()
    return (
        (int(number), currency)
        if known and number.isascii() and number.isdecimal() and len(number) < _LONGEST
        else None
    )


class RefundWord(StrEnum):
    """What is recorded of a refund; the words of `Matter.REFUND`."""

    PROPOSED = "proposed"
    REFUNDED = "refunded"


BY_NOTICE = "amazon"
"""Stands in the detail of a step that Amazon's own notice brought about."""
