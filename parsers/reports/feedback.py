"""The feedback report: how buyers rated the seller, and what the seller replied in public."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from parsers.reports.cells import read_local_day, read_order_id, read_rating, shorten, shorten_lines
from parsers.reports.faults import BadCell, Fault, Reason
from parsers.reports.table import read_table

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date, tzinfo

    from parsers.reports.table import Row
    from parsers.values import OrderId

LONGEST_COMMENT = 4_000
"""Characters; Amazon takes 400."""

_LONGEST_RATER = 200


@dataclass(frozen=True, slots=True)
class FeedbackLine:
    """One rating, as the report tells it.

    Attributes:
        line: its number in the file; the first is 1.
        rated_on: the shop's local date.
        rating: stars, 1 to 5.
        order_id: the order; None where the report does not tell.
        comment: the buyer's words; empty where there are none.
        response: the seller's public reply; empty where there is none.
        rater: the address by which the buyer is known to the shop; it is to be kept as a digest at most.
    """

    line: int
    rated_on: date
    rating: int
    order_id: OrderId | None = None
    comment: str = field(default="", repr=False)
    response: str = field(default="", repr=False)
    rater: str | None = field(default=None, repr=False)


def read_feedback(pieces: Iterable[bytes], zone: tzinfo) -> Iterator[FeedbackLine | Fault]:
    """Read a feedback report line by line.

    Args:
        pieces: the file's bytes in their order, cut anywhere.
        zone: the shop's; its dates are the ones that are told.

    Raises:
        WrongReport: it is no feedback report.
    """
    for row in read_table(pieces, "feedback"):
        yield row if isinstance(row, Fault) else _line(row, zone)


def _line(row: Row, zone: tzinfo) -> FeedbackLine | Fault:
    column = ""
    try:
        for column in ("rating", "date"):
            _require(row.cells[column])
        column = "rating"
        rating = read_rating(row.cells[column])
        column = "date"
        rated_on = read_local_day(row.cells[column], zone)
        column = "order_id"
        order_id = read_order_id(cell) if (cell := row.cells.get(column)) else None
    except BadCell as bad:
        return Fault(row.line, bad.reason, column)
    return FeedbackLine(
        row.line,
        rated_on,
        rating,
        order_id,
        comment=shorten_lines(row.cells.get("comment", ""), LONGEST_COMMENT),
        response=shorten_lines(row.cells.get("response", ""), LONGEST_COMMENT),
        rater=shorten(row.cells.get("rater", ""), _LONGEST_RATER) or None,
    )


def _require(cell: str) -> None:
    if not cell:
        raise BadCell(Reason.MISSING)
