"""What single cells say: days, amounts, numbers and words; each raises where it is not clear."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta, timezone, tzinfo
from functools import cache, lru_cache

from parsers.days import read_day
from parsers.folding import fold_width
from parsers.reports.faults import BadCell, Reason
from parsers.rules import load_rules
from parsers.values import ORDER_ID, Asin, OrderId

LONGEST_TITLE = 500
LONGEST_SKU = 120
"""Characters, as the table of lines has them."""

_LONGEST_CELL = 60
_ZONES = {"Z": 0, "UTC": 0, "GMT": 0, "JST": 9, "PST": -8, "PDT": -7}
"""Hours that the short names stand for; those that mean several zones are left out."""

_MOMENT = re.compile(
    r"(?P<year>[0-9]{4})[-/](?P<month>[0-9]{1,2})[-/](?P<day>[0-9]{1,2})"
    r"(?:[T ]{1,2}(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2})(?:\.[0-9]{1,9})?)?"
    r" ?(?P<zone>Z|UTC|GMT|JST|PST|PDT|[+-][0-9]{2}:?[0-9]{2})?)?",
    re.ASCII,
)
_AMERICAN = re.compile(r"(?P<first>[0-9]{1,2})/(?P<second>[0-9]{1,2})/(?P<year>[0-9]{4})(?![0-9])", re.ASCII)
_YEARS = range(1995, 2101)
_SIGNS = re.compile(r"^[¥\\$€£ ]{0,3}|[¥$€£円 ]{0,3}$")
_GROUPED = re.compile(r"[0-9]{1,3}(?:,[0-9]{3}){1,4}(?:\.[0-9]{1,6})?", re.ASCII)
_GROUPED_BY_POINTS = re.compile(r"[0-9]{1,3}(?:\.[0-9]{3}){0,4},[0-9]{2}", re.ASCII)
_PLAIN = re.compile(r"[0-9]{1,15}(?:\.[0-9]{1,6})?", re.ASCII)
_LARGEST = 10**12
_CURRENCY = re.compile(r"[A-Z]{3}", re.ASCII)
_WHOLE = re.compile(r"([0-9]{1,6})(?:\.0{1,2})?", re.ASCII)
_STARS = re.compile(r"(?:★|☆|星 ?)?([1-5])(?:\.0| ?/ ?5| ?(?:つ星|stars?))?", re.IGNORECASE)
_SHOWN_STARS = re.compile(r"(★{1,5})☆{0,4}")


def read_order_id(cell: str) -> OrderId:
    """Amazon's order number, the whole cell.

    Raises:
        BadCell: it is none.
    """
    if not (cell.isascii() and ORDER_ID.fullmatch(cell)):
        cell = fold_width(cell[:_LONGEST_CELL]).strip()
        if not (cell.isascii() and ORDER_ID.fullmatch(cell)):
            raise BadCell(Reason.ORDER_ID)
    return OrderId(cell)


@lru_cache(maxsize=4_096)
def read_local_day(cell: str, zone: tzinfo) -> date:
    """The shop's local date of a moment, or a day as it is written.

    Only what cannot be misread counts: the year first, a month in letters, or slashes of which one number
    can be no month. A time with an offset is carried over into the zone; a time without one is local.

    Raises:
        BadCell: it is no such day.
    """
    text = fold_width(cell[:_LONGEST_CELL]).strip()
    found = _MOMENT.fullmatch(text)
    try:
        day = _moment(found, zone) if found else read_day(text) or _american(text)
    except (ValueError, OverflowError):
        day = None
    if day is None or day.year not in _YEARS:
        raise BadCell(Reason.DATE)
    return day


def _moment(found: re.Match[str], zone: tzinfo) -> date:
    year, month, day = int(found["year"]), int(found["month"]), int(found["day"])
    if found["zone"] is None:
        return date(year, month, day)
    hour, minute, second = (int(found[name] or 0) for name in ("hour", "minute", "second"))
    at = datetime(year, month, day, hour, minute, second, tzinfo=_offset(found["zone"]))
    return at.astimezone(zone).date()


@lru_cache(maxsize=64)
def _offset(name: str) -> timezone:
    if name in _ZONES:
        return timezone(timedelta(hours=_ZONES[name]))
    minutes = int(name[1:3]) * 60 + int(name[-2:])
    return timezone(timedelta(minutes=-minutes if name[0] == "-" else minutes))


def _american(text: str) -> date | None:
    """A day between slashes with the year behind; None if either number could be the month."""
    found = _AMERICAN.match(text)
    if found is None:
        return None
    first, second, year = int(found["first"]), int(found["second"]), int(found["year"])
    if first <= 12 < second:
        return date(year, first, second)
    return date(year, second, first) if second <= 12 < first or first == second else None


def read_amount(cell: str, digits: int) -> int:
    """An amount in its currency's smallest unit.

    Args:
        cell: with or without the currency's sign and separators of thousands, in any width.
        digits: how many stand behind the currency's point.

    Raises:
        BadCell: it is none, is negative, has parts of the smallest unit, or its separators are not clear.
    """
    if _PLAIN.fullmatch(cell) is None:
        cell = _without_signs(cell)
    whole, _, part = cell.partition(".")
    kept = part.rstrip("0")
    if len(kept) > digits or (digits == 2 and len(part) == 3):
        # Three digits behind a point may as well be thousands.
        raise BadCell(Reason.AMOUNT)
    amount: int = int(whole) * 10**digits + int(kept.ljust(digits, "0") or 0)
    if amount > _LARGEST:
        raise BadCell(Reason.AMOUNT)
    return amount


def _without_signs(cell: str) -> str:
    """Digits with at most one point.

    Raises:
        BadCell: it is no amount.
    """
    bare = fold_width(cell[:_LONGEST_CELL]).strip()
    bare = _SIGNS.sub("", _SIGNS.sub("", bare, count=1))
    if _GROUPED.fullmatch(bare):
        return bare.replace(",", "")
    if _GROUPED_BY_POINTS.fullmatch(bare):
        return bare.replace(".", "").replace(",", ".")
    if _PLAIN.fullmatch(bare):
        return bare
    raise BadCell(Reason.AMOUNT)


@lru_cache(maxsize=64)
def read_currency(cell: str) -> str:
    """The three letters of a currency.

    Raises:
        BadCell: these are none.
    """
    letters = fold_width(cell[:_LONGEST_CELL]).strip().upper()
    if not _CURRENCY.fullmatch(letters):
        raise BadCell(Reason.CURRENCY)
    return letters


@cache
def _decimals() -> dict[str, int]:
    rows = load_rules("reports")["orders"]["decimals"]
    return {currency: row["digits"] for row in rows for currency in row["currencies"]}


def decimals_of(currency: str) -> int:
    """How many digits stand behind the point of a currency's amounts."""
    return _decimals().get(currency, 2)


def read_quantity(cell: str) -> int:
    """How many.

    Raises:
        BadCell: it is no whole number.
    """
    found = _WHOLE.fullmatch(fold_width(cell[:_LONGEST_CELL]).strip())
    if found is None:
        raise BadCell(Reason.QUANTITY)
    return int(found[1])


def read_rating(cell: str) -> int:
    """Stars, 1 to 5, as a digit or as stars.

    Raises:
        BadCell: it is no such number.
    """
    text = fold_width(cell[:_LONGEST_CELL]).strip()
    shown = _SHOWN_STARS.fullmatch(text)
    if shown is not None:
        return len(shown[1])
    found = _STARS.fullmatch(text)
    if found is None:
        raise BadCell(Reason.RATING)
    return int(found[1])


def read_asin(cell: str) -> Asin | None:
    """The product's number; None where the cell holds another one."""
    try:
        return Asin(cell.upper())
    except ValueError:
        return None


def shorten(cell: str, limit: int) -> str:
    """Words on one line, without signs that cannot be seen."""
    if cell.isprintable() and len(cell) <= limit:
        return cell
    return " ".join(_printable(cell[: limit * 2]).split())[:limit]


def shorten_lines(cell: str, limit: int) -> str:
    """Words with their line ends, without other signs that cannot be seen."""
    lines = (shorten(line, limit) for line in cell[: limit * 2].splitlines())
    return "\n".join(lines).strip()[:limit]


def _printable(text: str) -> str:
    return "".join(sign if sign.isprintable() else " " for sign in text)
