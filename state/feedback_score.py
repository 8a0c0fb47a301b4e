"""The score of a seller as Amazon counts it: shares of good, neutral and bad ratings over four windows."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import date

    from state.ratings import Rating

WINDOWS = (30, 90, 365, None)
"""Days back from today, today included; None is the whole life of the shop (help page 761)."""

LEAST_POSITIVE = 4
NEUTRAL = 3


@dataclass(frozen=True, slots=True)
class Tally:
    """Ratings of one window.

    Attributes:
        days: its length in local days; None for all time.
        positive: ratings of 5 and 4.
        neutral: ratings of 3.
        negative: ratings of 2 and 1.
    """

    days: int | None
    positive: int
    neutral: int
    negative: int

    @property
    def count(self) -> int:
        """All of them."""
        return self.positive + self.neutral + self.negative

    def share(self, count: int) -> int | None:
        """A count in whole percent of all, halves rounded up; None where there is nothing to share."""
        return (200 * count + self.count) // (2 * self.count) if self.count else None


def score(ratings: Iterable[Rating], today: date, gone: Collection[int] = ()) -> tuple[Tally, ...]:
    """Count the ratings of every window.

    Those of an unknown day count for all time only.

    Args:
        ratings: all that are known.
        today: the shop's local date.
        gone: numbers of those that Amazon removed or struck through, which do not count.
    """
    counting = [one for one in ratings if one.id not in gone]
    return tuple(_tally(days, counting, today) for days in WINDOWS)


def _tally(days: int | None, ratings: Iterable[Rating], today: date) -> Tally:
    kinds = Counter(_kind(one.rating) for one in ratings if _falls_into(one, days, today))
    return Tally(days, kinds["positive"], kinds["neutral"], kinds["negative"])


def _falls_into(rating: Rating, days: int | None, today: date) -> bool:
    if days is None:
        return True
    return rating.rated_on is not None and (today - rating.rated_on).days < days


def _kind(stars: int) -> str:
    if stars >= LEAST_POSITIVE:
        return "positive"
    return "neutral" if stars == NEUTRAL else "negative"
