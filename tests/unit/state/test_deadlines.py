"""The two clocks of a message, the time it arrived and the time that may be promised."""

from __future__ import annotations

from datetime import timedelta

import pytest

from state.deadlines import Deadlines, deadlines_of, promise, received_at
from tests.unit.state.examples import BERLIN, DAY, HOUR, NOW, local, make_calendar

SHOP = make_calendar()
MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("date", "expected"),
    [
        (None, NOW),
        (NOW, NOW),
        (NOW - 3 * HOUR, NOW - 3 * HOUR),  # the mail was under way
        (NOW - 400 * DAY, NOW - 400 * DAY),  # the mail was moved to another provider
        (NOW + 5 * MINUTE, NOW),  # the earlier of both
        (NOW + 10 * MINUTE, NOW),
        (NOW + 10 * MINUTE + SECOND, NOW),  # ignored
        (NOW + 400 * DAY, NOW),
    ],
)
def test_received_at(date, expected):
    """The earlier of Date and INTERNALDATE; a Date from the future never makes a mail later."""
    assert received_at(date, NOW) == expected


@pytest.mark.playbook("First principles / Answer the same day")
@pytest.mark.parametrize(
    ("received", "today_by", "respond_by"),
    [
        ("2026-11-17 00:00:00", "2026-11-17 20:00:00", "2026-11-17 20:00:00"),
        ("2026-11-17 09:59:59", "2026-11-17 20:00:00", "2026-11-17 20:00:00"),
        ("2026-11-17 19:00:00", "2026-11-17 20:00:00", "2026-11-17 20:00:00"),
        ("2026-11-17 19:00:01", "2026-11-18 20:00:00", "2026-11-18 19:00:01"),
        ("2026-11-17 20:00:00", "2026-11-18 20:00:00", "2026-11-18 20:00:00"),
        ("2026-11-17 20:00:01", "2026-11-18 20:00:00", "2026-11-18 20:00:00"),
        ("2026-11-20 19:30:00", "2026-11-24 20:00:00", "2026-11-21 19:30:00"),
        ("2026-11-21 03:00:00", "2026-11-24 20:00:00", "2026-11-22 03:00:00"),
    ],
)
def test_both_clocks(received, today_by, respond_by):
    """Amazon's is 24 hours on every day, the shop's is a closing time, and the earlier one binds."""
    found = deadlines_of(local(received), SHOP, timed_by_amazon=True)
    assert found == Deadlines(local(received) + DAY, local(today_by))
    assert found.respond_by == local(respond_by)


def test_notices_have_only_the_shops_clock():
    """Amazon times nothing but buyer messages."""
    found = deadlines_of(local("2026-11-20 20:30"), SHOP, timed_by_amazon=False)
    assert found == Deadlines(None, local("2026-11-24 20:00"))
    assert found.respond_by == local("2026-11-24 20:00")


@pytest.mark.playbook("First principles / Answer the same day")
@pytest.mark.parametrize(
    ("received", "now", "promised"),
    [
        # At once, on an open day: the closing of that day.
        ("2026-11-17 10:00", "2026-11-17 10:00", "2026-11-17 20:00"),
        # Exactly an hour before closing still names closing, a second later it does not.
        ("2026-11-17 10:00", "2026-11-17 19:00", "2026-11-17 20:00"),
        ("2026-11-17 10:00", "2026-11-17 19:00:01", "2026-11-18 10:00"),
        # In the evening: the next closing is before Amazon's deadline.
        ("2026-11-17 21:00", "2026-11-17 21:00", "2026-11-18 20:00"),
        # Friday evening: Amazon's 24 hours end on the closed Saturday, and that is what is promised.
        ("2026-11-20 20:30", "2026-11-20 20:30", "2026-11-21 20:30"),
        # An acknowledgment that was delayed names what is still ahead.
        ("2026-11-20 20:30", "2026-11-21 19:30", "2026-11-21 20:30"),
        # Amazon's deadline is too near: the next closing is named.
        ("2026-11-20 20:30", "2026-11-21 19:30:01", "2026-11-24 20:00"),
        ("2026-11-17 10:00", "2026-11-18 09:30", "2026-11-18 20:00"),
        # respond_by is past, Amazon's deadline and the next closing are too near: nothing can be named.
        ("2026-11-16 19:30", "2026-11-17 19:15", None),
    ],
)
def test_the_one_time_that_may_be_named(received, now, promised):
    """The earliest of respond_by, next closing and amazon_by that is at least 60 minutes ahead."""
    deadlines = deadlines_of(local(received), SHOP, timed_by_amazon=True)
    assert promise(local(now), deadlines, SHOP) == (promised and local(promised))


def test_a_notice_can_be_promised_its_closing_time():
    """Without Amazon's clock the shop's own is named."""
    deadlines = deadlines_of(local("2026-11-17 10:00"), SHOP, timed_by_amazon=False)
    assert promise(local("2026-11-17 10:00"), deadlines, SHOP) == local("2026-11-17 20:00")


@pytest.mark.parametrize(
    ("received", "amazon_by"),
    [("2026-03-28 12:00", "2026-03-29 13:00"), ("2026-10-24 12:00", "2026-10-25 11:00")],
)
def test_twenty_four_hours_are_real_hours(received, amazon_by):
    """Over a clock change Amazon's deadline is 24 hours later, not the same time by the clock."""
    found = deadlines_of(local(received, BERLIN), make_calendar(BERLIN), timed_by_amazon=True)
    assert found.amazon_by == local(amazon_by, BERLIN)
