"""Days as notices print them."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING

from parsers.fields import read_column
from parsers.folding import fold

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_YEARS = range(1995, 2101)
_LINE_LENGTH = 200
_LINES = 2_000
_BEFORE_LABEL = "-*•・■●◆◇○□▪▶>【[ "
_BEHIND_LABEL = ":】] "
_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            ("january", "jan"),
            ("february", "feb"),
            ("march", "mar"),
            ("april", "apr"),
            ("may",),
            ("june", "jun"),
            ("july", "jul"),
            ("august", "aug"),
            ("september", "sept", "sep"),
            ("october", "oct"),
            ("november", "nov"),
            ("december", "dec"),
        ),
        start=1,
    )
    for name in names
}
_MONTH = rf"(?P<month>{'|'.join(_MONTHS)})\.?"
_DAY = r"(?P<day>[0-9]{1,2})"
_YEAR = r"(?P<year>[0-9]{4})(?![0-9])"
_WEEKDAY = r"(?:[a-z]{3,9}\.?,? |\(?[月火水木金土日](?:曜日?)?\)?[,、]? ?)?"
# A day written with slashes and the year behind is left alone: nobody can tell its month from its day.
_FORMS = tuple(
    re.compile(_WEEKDAY + form)
    for form in (
        r"(?P<year>[0-9]{4}) ?[-/.年] ?(?P<month>[0-9]{1,2}) ?[-/.月] ?(?P<day>[0-9]{1,2})(?![0-9])",
        rf"{_MONTH} {_DAY}(?:st|nd|rd|th)?,? {_YEAR}",
        rf"{_DAY}(?:st|nd|rd|th|\.)?[ -]{_MONTH},?[ -]{_YEAR}",
        rf"{_DAY}\.(?P<month>[0-9]{{1,2}})\.{_YEAR}",
    )
)


def read_day(text: str) -> date | None:
    """The day at the beginning of a text, perhaps behind a weekday; None if no plausible one stands there."""
    words = fold(text[:_LINE_LENGTH])
    found = next(filter(None, (form.match(words) for form in _FORMS)), None)
    return _day(found) if found else None


def find_day(text: str, html: str, labels: Sequence[str]) -> date | None:
    """The one day behind any of these labels, in a line or in a column; None if there is none, or several.

    Args:
        text: the notice.
        html: its HTML part; empty if it has none.
        labels: names of the wanted day.
    """
    values = (*_values(text, labels), *read_column(html, labels))
    days = {day for day in map(read_day, values) if day}
    return days.pop() if len(days) == 1 else None


def _values(text: str, labels: Sequence[str]) -> Iterator[str]:
    """What stands behind a label, or in the line below it where its own line ends there."""
    wanted = sorted(map(fold, labels), key=len, reverse=True)
    waits = False
    for line in text.split("\n")[:_LINES]:
        bare = fold(line[:_LINE_LENGTH]).lstrip(_BEFORE_LABEL)
        if waits and bare:
            yield bare
        label = next(filter(bare.startswith, wanted), None)
        value = bare[len(label) :].lstrip(_BEHIND_LABEL) if label else ""
        if value:
            yield value
        waits = bool(label and not value) or (waits and not bare)


def _day(found: re.Match[str]) -> date | None:
    year, month = int(found["year"]), found["month"]
    try:
        day = date(year, _MONTHS.get(month) or int(month), int(found["day"]))
    except ValueError:
        return None
    return day if year in _YEARS else None
