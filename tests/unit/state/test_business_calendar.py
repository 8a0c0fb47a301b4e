"""When the shop is open, also across clock changes."""

from __future__ import annotations

from datetime import date, time, timedelta

import pytest

from state.business_calendar import BusinessCalendar
from tests.unit.state.examples import BERLIN, DAY, HOUR, NOW, TOKYO, local, make_calendar

SHOP = make_calendar()
SPRING = date(2026, 3, 29)
AUTUMN = date(2026, 10, 25)
IN_BERLIN = make_calendar(BERLIN, closed=(), ranges=(), holidays=())
HOUR_TO_CLOSING = HOUR


@pytest.mark.parametrize(
    ("day", "is_open"),
    [
        ("2026-11-20", True),  # Friday
        ("2026-11-21", False),  # Saturday
        ("2026-11-22", False),  # Sunday
        ("2026-11-23", False),  # a public holiday, a Monday
        ("2026-11-24", True),
        ("2026-12-28", True),  # the day before the range
        ("2026-12-29", False),  # its first day
        ("2026-12-31", False),
        ("2027-01-03", False),  # its last day
        ("2027-01-04", True),
        ("2027-01-11", False),  # a public holiday outside the range
    ],
)
def test_open_days(day, is_open):
    """Weekends, public holidays and both ends of a range are closed."""
    assert SHOP.is_open_on(date.fromisoformat(day)) is is_open


def test_a_range_of_one_day():
    """First and last day may be the same."""
    day = date(2026, 11, 18)
    shop = make_calendar(ranges=((day, day),))
    assert [shop.is_open_on(day + n * DAY) for n in (-1, 0, 1)] == [True, False, True]


def test_without_public_holidays_every_day_of_the_week_counts():
    """The shop that named no holidays works on them."""
    assert BusinessCalendar(TOKYO, time(10), time(20)).is_open_on(date(2026, 11, 23))


def test_public_holidays_can_be_added():
    """The same hours and closed days, and the holidays on top."""
    holiday = date(2026, 11, 23)
    plain = make_calendar(holidays=())
    found = plain.with_holidays(lambda day: day == holiday)
    assert [found.is_open_on(holiday), plain.is_open_on(holiday)] == [False, True]
    assert found == plain


@pytest.mark.parametrize(
    ("at", "day"),
    [("2026-11-17 00:00:00", 17), ("2026-11-17 23:59:59", 17), ("2026-11-18 00:00:00", 18)],
)
def test_local_day_changes_at_the_shops_midnight(at, day):
    """The date is the shop's, not that of UTC."""
    assert SHOP.local_day(local(at)) == date(2026, 11, day)


def test_instants_come_out_in_utc():
    """Ten in the morning in Tokyo is one in UTC."""
    found = SHOP.at(date(2026, 11, 17), time(10))
    assert found.isoformat() == "2026-11-17T01:00:00+00:00"


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        ("2026-11-17 09:00:00", "2026-11-17 20:00"),
        ("2026-11-17 19:00:00", "2026-11-17 20:00"),  # exactly the margin
        ("2026-11-17 19:00:01", "2026-11-18 20:00"),
        ("2026-11-17 20:00:00", "2026-11-18 20:00"),
        ("2026-11-17 23:59:59", "2026-11-18 20:00"),
        ("2026-11-18 00:00:00", "2026-11-18 20:00"),
        ("2026-11-20 19:30:00", "2026-11-24 20:00"),  # over a weekend and a holiday
        ("2026-12-28 19:30:00", "2027-01-04 20:00"),  # over the New Year range
    ],
)
def test_next_closing_with_an_hours_margin(after, expected):
    """The closing of today if it is at least the margin away, else of the next open day."""
    assert SHOP.next_closing(local(after), margin=HOUR_TO_CLOSING) == local(expected)


def test_next_closing_without_margin_may_be_now():
    """Closing time itself counts as not yet past."""
    closing = local("2026-11-17 20:00")
    assert SHOP.next_closing(closing) == closing
    assert SHOP.next_closing(closing + timedelta(microseconds=1)) == local("2026-11-18 20:00")


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        ("2026-11-17 09:00", "2026-11-17 10:00"),
        ("2026-11-17 10:00", "2026-11-17 10:00"),
        ("2026-11-17 10:01", "2026-11-18 10:00"),
        ("2026-11-20 20:00", "2026-11-24 10:00"),
    ],
)
def test_next_opening(after, expected):
    """The first opening of an open day from an instant on."""
    assert SHOP.next_opening(local(after)) == local(expected)


@pytest.mark.parametrize(
    ("now", "start", "end"),
    [
        ("2026-11-17 03:00", "2026-11-17 03:00", "2026-11-17 10:00"),  # before opening
        ("2026-11-17 10:00", "2026-11-17 20:00", "2026-11-18 10:00"),  # open: the night that comes
        ("2026-11-17 19:59", "2026-11-17 20:00", "2026-11-18 10:00"),
        ("2026-11-17 20:00", "2026-11-17 20:00", "2026-11-18 10:00"),  # just closed
        ("2026-11-20 12:00", "2026-11-20 20:00", "2026-11-24 10:00"),  # a Friday before a long weekend
        ("2026-11-21 12:00", "2026-11-21 12:00", "2026-11-24 10:00"),  # a closed day
    ],
)
def test_the_time_without_anybody(now, start, end):
    """It is the one that is going on, or else the next one, up to the next opening."""
    assert SHOP.closed_time(local(now)) == (local(start), local(end))


def test_closing_on_a_closed_day_is_an_instant_too():
    """Alerts are due at closing time every day, open or not."""
    assert SHOP.closing_on(date(2026, 11, 21)) == local("2026-11-21 20:00")


@pytest.mark.parametrize("find", ["next_closing", "next_opening"])
@pytest.mark.parametrize(
    "shop",
    [make_calendar(closed=range(7)), make_calendar(ranges=((date(2026, 1, 1), date(2028, 12, 31)),))],
)
def test_a_shop_that_never_opens_is_told(shop, find):
    """A year without an open day is a mistake that is named, not a search without end."""
    with pytest.raises(ValueError, match="closed on every day"):
        getattr(shop, find)(NOW)


def test_almost_a_year_of_closed_days_is_searched_through():
    """One open day far ahead is found."""
    shop = make_calendar(ranges=((date(2026, 11, 1), date(2027, 11, 16)),))
    assert shop.next_opening(NOW) == local("2027-11-17 10:00")


# Clock changes: on 29 March 2026 02:00 becomes 03:00, on 25 October 2026 03:00 becomes 02:00.


@pytest.mark.parametrize(
    ("day", "clock", "utc"),
    [
        (SPRING - DAY, "20:00", "19:00"),
        (SPRING, "01:59", "00:59"),
        (SPRING, "02:00", "01:00"),  # skipped: read with the offset before the change
        (SPRING, "02:30", "01:30"),
        (SPRING, "03:00", "01:00"),
        (SPRING, "20:00", "18:00"),
        (AUTUMN - DAY, "20:00", "18:00"),
        (AUTUMN, "01:59", "23:59"),
        (AUTUMN, "02:00", "00:00"),  # comes twice: the first is meant
        (AUTUMN, "02:30", "00:30"),
        (AUTUMN, "03:00", "02:00"),
        (AUTUMN, "20:00", "19:00"),
    ],
)
def test_each_local_time_has_one_instant(day, clock, utc):
    """A skipped time is read with the offset before the change, one that comes twice is its first."""
    assert f"{IN_BERLIN.at(day, time.fromisoformat(clock)):%H:%M}" == utc


@pytest.mark.parametrize(
    ("at", "fold"), [("2026-10-25 02:30", 0), ("2026-10-25 02:30", 1), ("2026-03-29 03:30", 0)]
)
def test_the_day_of_a_clock_change_is_one_day(at, fold):
    """Both comings of an hour belong to the same date."""
    assert IN_BERLIN.local_day(local(at, BERLIN, fold=fold)) == date.fromisoformat(at[:10])


@pytest.mark.parametrize(
    ("at", "closing", "expected"),
    [
        # 45 minutes away although the clock shows an hour and 45 minutes.
        ("2026-03-29 01:45", "03:30", "2026-03-30 03:30"),
        # an hour and 45 minutes away although the clock shows 45 minutes.
        ("2026-10-25 02:30", "03:15", "2026-10-25 03:15"),
        # a closing that is skipped on this day is an hour later by the clock: 01:00 to 03:30 is 90 minutes.
        ("2026-03-29 01:00", "02:30", "2026-03-29 03:30"),
    ],
)
def test_the_margin_is_real_time(at, closing, expected):
    """An hour's notice is sixty minutes, whatever the clock on the wall does."""
    shop = make_calendar(
        BERLIN, opening=time(0, 30), closing=time.fromisoformat(closing), closed=(), ranges=()
    )
    assert shop.next_closing(local(at, BERLIN), margin=HOUR) == local(expected, BERLIN)


def test_days_are_counted_across_a_clock_change():
    """The next closing after Saturday's is Sunday's, 23 hours later."""
    saturday = IN_BERLIN.closing_on(SPRING - DAY)
    assert IN_BERLIN.next_closing(saturday + timedelta(seconds=1)) - saturday == 23 * HOUR


def test_calendars_compare_by_their_hours():
    """The holiday rule, a function, is left out of the comparison."""
    assert make_calendar(holidays=()) == make_calendar()
    assert make_calendar(TOKYO) != make_calendar(BERLIN)
