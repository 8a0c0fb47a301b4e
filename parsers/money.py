"""Amounts of money as Amazon's notices print them, in the currency's smallest unit."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from parsers.folding import fold_width
from parsers.rules import load_rules

if TYPE_CHECKING:
    from collections.abc import Iterator

_LINE_LENGTH = 300
_TEXT_LENGTH = 20_000
_SIGNS = {"円": "JPY", "¥": "JPY", "€": "EUR", "£": "GBP"}
_CODE = "(?:JPY|EUR|USD|GBP|CAD|MXN|BRL|SEK|PLN|TRY|AUD|SGD|INR|AED|SAR|EGP)"
_NUMBER = r"[0-9]{1,9}(?:[.,][0-9]{1,3}){0,3}(?![0-9])"
_MONEY = re.compile(
    rf"(?<![A-Za-z])(?P<before>{_CODE}|[¥€£]) ?(?P<number>{_NUMBER})"
    rf"|(?<![0-9.,-])(?P<number_>{_NUMBER}) ?(?P<behind>{_CODE}(?![A-Za-z])|[円€£])"
)
_DECIMALS = re.compile(r"(?P<whole>[0-9.,]{1,13}?)(?:[.,](?P<part>[0-9]{1,2}))?")


@dataclass(frozen=True, slots=True)
class Money:
    """An amount.

    Attributes:
        amount: in the currency's smallest unit (yen, cents).
        currency: its three letters.
    """

    amount: int
    currency: str


def find_refund(subject: str, text: str) -> Money | None:
    """How much goes back, as a notice tells it; None if it does not tell, or tells more than one amount.

    The subject comes first (seen in Italy: ``rimborso 169.01 EUR avviato``), then the lines of the text whose
    wording is in the table ``refund_amount``.
    """
    in_subject = set(_amounts(subject))
    if in_subject:
        return in_subject.pop() if len(in_subject) == 1 else None
    words = tuple(word.casefold() for word in load_rules("notices")["refund_amount"]["words"])
    lines = fold_width(text[:_TEXT_LENGTH]).split("\n")
    told = {
        money
        for line in lines
        if any(word in line[:_LINE_LENGTH].casefold() for word in words)
        for money in _amounts(line)
    }
    return told.pop() if len(told) == 1 else None


def _amounts(line: str) -> Iterator[Money]:
    """Every amount of a line with its currency."""
    for found in _MONEY.finditer(fold_width(line[:_LINE_LENGTH])):
        currency = found["before"] or found["behind"]
        currency = _SIGNS.get(currency, currency)
        amount = _smallest(found["number"] or found["number_"], currency)
        if amount is not None:
            yield Money(amount, currency)


def _smallest(number: str, currency: str) -> int | None:
    """The number without its point; None where yen have a fraction."""
    found = _DECIMALS.fullmatch(number)
    if found is None:
        return None
    whole, part = found["whole"].replace(".", "").replace(",", ""), found["part"] or ""
    if currency == "JPY":
        return None if part else int(whole)
    return int(whole + part.ljust(2, "0"))
