"""What can be wrong with a report: with one line of it, or with the file as a whole."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

_HEADERS_SHOWN = 30


class Reason(StrEnum):
    """Why a line could not be used."""

    TOO_LONG = "too_long"
    """More bytes or columns than any line of a report has."""

    COLUMNS = "columns"
    """Not as many columns as the header, so nobody can tell which is which."""

    CONTROL = "control"
    """Signs that no text has."""

    AMBIGUOUS = "ambiguous"
    """Two columns of one name disagree."""

    MISSING = "missing"
    """A column that the line cannot do without is empty."""

    ORDER_ID = "order_id"
    DATE = "date"
    """No date, or one of which nobody can tell the month from the day."""

    AMOUNT = "amount"
    CURRENCY = "currency"
    QUANTITY = "quantity"
    RATING = "rating"


@dataclass(frozen=True, slots=True)
class Fault:
    """A line that could not be used.

    Attributes:
        line: its number in the file; the first is 1.
        reason: what is wrong with it.
        column: our name of the column that is wrong; empty where the whole line is.
    """

    line: int
    reason: Reason
    column: str = ""


class BadCell(ValueError):  # noqa: N818 - reads as what it is
    """A cell that says nothing clear; it carries no text, for its words may be a buyer's.

    Attributes:
        reason: what is wrong.
        column: our name of its column, once it is known.
    """

    def __init__(self, reason: Reason, column: str = "") -> None:
        super().__init__(reason.value)
        self.reason = reason
        self.column = column


class WrongReport(ValueError):  # noqa: N818 - reads as what it is
    """A file without the header of the report that was asked for.

    Attributes:
        sought: the names of the columns that are needed, in every language that is known.
        found: the names of columns that were found instead; what may be somebody's data is left out.
        others: how many more columns there were.
    """

    def __init__(self, sought: tuple[tuple[str, ...], ...], found: tuple[str, ...], others: int) -> None:
        super().__init__("the header of the report was not found")
        self.sought = sought
        self.found = found[:_HEADERS_SHOWN]
        self.others = others + len(found[_HEADERS_SHOWN:])
