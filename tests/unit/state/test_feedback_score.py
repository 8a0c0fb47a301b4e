"""The score as Amazon counts it."""

from __future__ import annotations

from datetime import date, timedelta

from state.feedback_score import Tally, score
from state.ratings import Rating, RatingSource

TODAY = date(2026, 11, 17)


def rated(stars, days_ago, number=0):
    """A rating of so many days ago, or of an unknown day."""
    day = None if days_ago is None else TODAY - timedelta(days=days_ago)
    return Rating(stars, RatingSource.REPORT, f"250-0000000-{number:07}", rated_on=day, id=number)


def test_every_window_ends_today():
    """The thirtieth day back is the last that counts in thirty days, and so on."""
    ratings = [rated(5, 29), rated(4, 30), rated(3, 89), rated(2, 90), rated(1, 364), rated(1, 365)]
    assert score([*ratings, rated(5, None)], TODAY) == (
        Tally(30, 1, 0, 0),
        Tally(90, 2, 1, 0),
        Tally(365, 2, 1, 2),
        Tally(None, 3, 1, 3),
    )


def test_what_was_removed_does_not_count():
    """A rating that Amazon struck through leaves the score as if it had never been."""
    ratings = [rated(5, 1, 1), rated(1, 1, 2)]
    assert score(ratings, TODAY, {2})[0] == Tally(30, 1, 0, 0)


def test_shares_are_whole_percent():
    """Halves are rounded up; of nothing there is no share."""
    tally = Tally(30, 5, 2, 1)
    assert [tally.share(one) for one in (5, 2, 1)] == [63, 25, 13]
    assert Tally(30, 0, 0, 0).share(0) is None
