"""How long somebody stays signed in at the desk."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from state.desk_sessions import ABSOLUTE, GRACE, IDLE, ROTATION, DeskSession

BEGAN = datetime(2026, 11, 17, 9, tzinfo=UTC)
SECOND = timedelta(seconds=1)
MOMENTS = ("began_at", "seen_at", "rotated_at")


def session(**values):
    """A session that began just now."""
    return DeskSession(
        **({"id": 1, "digest": "d", "previous": None} | dict.fromkeys(MOMENTS, BEGAN) | values)
    )


@pytest.mark.parametrize(
    ("after", "seen", "lives"),
    [
        (timedelta(), timedelta(), True),
        (IDLE, timedelta(), True),
        (IDLE + SECOND, timedelta(), False),
        (ABSOLUTE, ABSOLUTE, True),
        (ABSOLUTE + SECOND, ABSOLUTE, False),
        (-SECOND, timedelta(), False),
    ],
)
def test_a_session_ends_by_rest_and_by_age(after, seen, lives):
    """Twelve hours without use or seven days in all end it, and so does a clock that was set back."""
    assert session(seen_at=BEGAN + seen).lives(BEGAN + after) is lives


def test_a_token_is_changed_and_the_one_before_taken_for_a_moment():
    """After an hour there is another one; what is under way with the old one still passes for two minutes."""
    one = session()
    assert not one.wants_rotation(BEGAN + ROTATION - SECOND)
    assert one.wants_rotation(BEGAN + ROTATION)
    assert one.takes_previous(BEGAN + GRACE)
    assert not one.takes_previous(BEGAN + GRACE + SECOND)


def test_no_token_is_shown():
    """A session in a log or a traceback tells neither digest."""
    assert "abc" not in repr(session(digest="abc", previous="abcd"))
