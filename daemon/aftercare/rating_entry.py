"""A rating as a person enters it, where no mail and no report told of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from daemon.aftercare.feedback import record
from daemon.errors import SokuresuError
from state.ratings import Rating, RatingSource
from state.repository.orders import OrderFacts

if TYPE_CHECKING:
    from datetime import date

    from daemon.aftercare.feedback import Recorded
    from daemon.work import Work
    from parsers.values import Fulfilment

COMMENT_LIMIT = 4_000
"""Characters of a comment; Amazon takes fewer."""

_MOST_STARS = 5


@dataclass(frozen=True, slots=True)
class RatingEntry:
    """One rating.

    Attributes:
        order_id: the order that was rated.
        stars: 1 to 5.
        comment: the buyer's words; empty where there are none.
        rated_on: the shop's local date; None where unknown.
        fulfilment: who shipped the order; None where nobody says.
    """

    order_id: str
    stars: int
    comment: str = field(default="", repr=False)
    rated_on: date | None = None
    fulfilment: Fulfilment | None = None


def read_stars(text: str) -> int:
    """How many stars were chosen.

    Raises:
        SokuresuError: not one to five.
    """
    found = int(text) if text.isascii() and text.isdigit() and len(text) == 1 else 0
    if not 1 <= found <= _MOST_STARS:
        raise SokuresuError("星の数を選んでください。 / Choose how many stars.")
    return found


def enter_rating(work: Work, entry: RatingEntry) -> Recorded:
    """Store the rating, and who shipped; told again it changes nothing twice."""
    if entry.fulfilment is not None:
        work.uow.orders.note(OrderFacts(entry.order_id, entry.fulfilment), work.now)
    return record(
        work,
        Rating(
            entry.stars,
            RatingSource.HAND,
            order_id=entry.order_id,
            comment=entry.comment.strip()[:COMMENT_LIMIT],
            rated_on=entry.rated_on,
        ),
    )
