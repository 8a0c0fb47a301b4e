"""What a buyer thought of the seller: one rating an order, however it became known."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date, datetime


ERASED = "erased:"
"""How the key of a rating begins whose buyer was erased."""


def erased_key(key: str) -> str:
    """What the key of a rating becomes with the erasure: the same report does not bring the buyer back."""
    return f"{ERASED}{hashlib.sha256(key.encode()).hexdigest()}"


class RatingSource(StrEnum):
    """How a rating became known."""

    NOTICE = "notice"
    REPORT = "report"
    HAND = "hand"


@dataclass(frozen=True, slots=True)
class Rating:
    """One rating of the seller; Amazon takes one for each order.

    Attributes:
        rating: stars, 1 to 5.
        source: how it became known.
        order_id: the order; None where nobody knows it.
        comment: the buyer's words; empty where there are none.
        response: the shop's own public reply, as the report shows it.
        rated_on: the local date of the rating; None where unknown.
        rater_print: a keyed digest of who rated; None where the report does not tell.
        id: its number; 0 before it is stored.
        case_id: the case that it opened or joined; None for ratings that want nothing.
        noted_at: when it was first stored, in UTC; None before that.
    """

    rating: int
    source: RatingSource
    order_id: str | None = None
    comment: str = field(default="", repr=False)
    response: str = field(default="", repr=False)
    rated_on: date | None = None
    rater_print: str | None = field(default=None, repr=False)
    id: int = 0
    case_id: int | None = None
    noted_at: datetime | None = None

    @property
    def key(self) -> str:
        """What makes it the same rating when it is told again: its order, else all that is known of it."""
        if self.order_id is not None:
            return f"order:{self.order_id}"
        known = f"{self.rating}\n{self.rated_on}\n{self.comment}\n{self.rater_print}"
        return f"words:{hashlib.sha256(known.encode('utf-8', 'replace')).hexdigest()}"
