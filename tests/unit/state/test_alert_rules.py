"""Which alerts are due, instant by instant (decision 2 of the design)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time, timedelta

import pytest

from state.alert_rules import (
    AlertTimes,
    Waiting,
    after_quiet_hours,
    last_calls,
    latest_slot,
    news_bundle,
    news_due_at,
    next_wake,
    promises_due,
)
from tests.unit.state.examples import BERLIN, DAY, HOUR, NOW, local, make_calendar, make_plan

PLAN = make_plan()
MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)
NIGHTLY = AlertTimes(make_calendar(BERLIN, closed=(), ranges=(), holidays=()), (time(2, 30),))
"""A shop in Berlin with an alert in the very hour of clock changes."""


def waiting(number=1, stored=NOW, amazon_by=NOW + DAY, alerted_at=None, *, snoozed=False):
    """An unanswered message."""
    return Waiting(number, stored, amazon_by, alerted_at, snoozed)


# (a) daily alerts


def test_labels_are_the_configured_times_and_closing():
    """In order, and closing only once even where it is configured too."""
    assert PLAN.labels == (time(12), time(17), time(19, 30), time(20))
    assert AlertTimes(make_calendar(), (time(20), time(9))).labels == (time(9), time(20))


@pytest.mark.parametrize(
    ("now", "key", "last_of_day"),
    [
        ("2026-11-17 11:59:59", "slot:2026-11-16:20:00", True),
        ("2026-11-17 12:00:00", "slot:2026-11-17:12:00", False),
        ("2026-11-17 16:59:59", "slot:2026-11-17:12:00", False),
        ("2026-11-17 19:30:01", "slot:2026-11-17:19:30", False),
        ("2026-11-17 20:00:00", "slot:2026-11-17:20:00", True),
        ("2026-11-17 23:59:59", "slot:2026-11-17:20:00", True),
        ("2026-11-18 00:00:00", "slot:2026-11-17:20:00", True),
        ("2026-11-21 12:00:00", "slot:2026-11-21:12:00", False),  # Saturday
        ("2026-11-23 17:00:00", "slot:2026-11-23:17:00", False),  # a public holiday
        ("2027-01-01 20:00:00", "slot:2027-01-01:20:00", True),
    ],
)
def test_latest_slot(now, key, last_of_day):
    """The alert that came due last, every day of the year; its key is local date and label."""
    slot = latest_slot(local(now), PLAN)
    assert (slot.key, slot.last_of_day) == (key, last_of_day)
    assert slot.due_at <= local(now)
    assert slot.key.endswith(slot.label)


def test_an_alert_time_after_closing_is_the_last_of_the_day():
    """The later of the configured times and closing ends the day."""
    late = AlertTimes(make_calendar(), (time(21),))
    assert [latest_slot(local(f"2026-11-17 {at}"), late).last_of_day for at in ("20:00", "21:00")] == [
        False,
        True,
    ]


@pytest.mark.parametrize(
    ("now", "key"),
    [
        ("2026-03-29 01:59", "slot:2026-03-28:20:00"),
        ("2026-03-29 03:00", "slot:2026-03-28:20:00"),
        ("2026-03-29 03:30", "slot:2026-03-29:02:30"),
    ],
)
def test_a_label_in_the_skipped_hour_still_comes(now, key):
    """An alert at 02:30 goes at 03:30 on the day that has no 02:30."""
    assert latest_slot(local(now, BERLIN), NIGHTLY).key == key


def test_a_label_in_the_doubled_hour_comes_once():
    """Both comings of 02:30 have the same key, due at the first."""
    slots = {latest_slot(local("2026-10-25 02:30", BERLIN, fold=fold), NIGHTLY) for fold in (0, 1)}
    assert {(slot.key, slot.due_at) for slot in slots} == {
        ("slot:2026-10-25:02:30", local("2026-10-25 02:30", BERLIN))
    }


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2026-11-17 11:59", "2026-11-17 12:00"),
        ("2026-11-17 12:00", "2026-11-17 17:00"),
        ("2026-11-17 20:00", "2026-11-18 12:00"),
    ],
)
def test_next_wake(now, expected):
    """The status page shows the next daily alert."""
    assert next_wake(local(now), PLAN) == local(expected)


# (b) fresh mail


@pytest.mark.parametrize(
    ("stored", "due"),
    [
        ("2026-11-17 10:00:00", "2026-11-17 20:03:00"),  # open: the daily alerts come first
        ("2026-11-17 20:00:00", "2026-11-17 20:03:00"),
        ("2026-11-17 20:00:01", "2026-11-17 20:03:01"),  # after the day's last alert
        ("2026-11-17 22:56:59", "2026-11-17 22:59:59"),
        ("2026-11-17 22:57:00", "2026-11-18 07:00:00"),  # quiet hours delay
        ("2026-11-17 23:59:59", "2026-11-18 07:00:00"),
        ("2026-11-21 03:00:00", "2026-11-21 07:00:00"),  # a closed day, quiet
        ("2026-11-21 06:57:00", "2026-11-21 07:00:00"),
        ("2026-11-21 09:00:00", "2026-11-21 09:03:00"),  # a closed day
        ("2026-11-23 15:00:00", "2026-11-23 15:03:00"),  # a public holiday
        ("2026-12-30 15:00:00", "2026-12-30 15:03:00"),  # in the closed range
    ],
)
def test_news_due_at(stored, due):
    """Minutes after storing, on a closed day and after the last alert; quiet hours may delay it."""
    assert news_due_at(waiting(stored=local(stored)), PLAN) == local(due)


@pytest.mark.parametrize("minute", range(0, 24 * 60, 7))
@pytest.mark.parametrize("day", ["2026-11-17", "2026-11-21"])
def test_fresh_mail_outside_open_hours_is_told_within_five_minutes(day, minute):
    """Wherever decision 2 promises five minutes and no quiet hours apply, the bundle leaves room for them."""
    stored = local(f"{day} 00:00") + minute * MINUTE
    is_promised = day == "2026-11-21" or stored > local(f"{day} 20:00")
    delay = news_due_at(waiting(stored=stored), make_plan(quiet=None)) - stored
    assert (delay <= 4 * MINUTE) is is_promised


@pytest.mark.parametrize(
    ("quiet", "at", "expected"),
    [
        (None, "2026-11-17 23:30", "2026-11-17 23:30"),
        ((time(23), time(7)), "2026-11-17 22:59", "2026-11-17 22:59"),
        ((time(23), time(7)), "2026-11-17 23:00", "2026-11-18 07:00"),
        ((time(23), time(7)), "2026-11-18 00:00", "2026-11-18 07:00"),
        ((time(23), time(7)), "2026-11-18 06:59", "2026-11-18 07:00"),
        ((time(23), time(7)), "2026-11-18 07:00", "2026-11-18 07:00"),
        ((time(1), time(6)), "2026-11-18 00:59", "2026-11-18 00:59"),
        ((time(1), time(6)), "2026-11-18 03:00", "2026-11-18 06:00"),
        ((time(1), time(6)), "2026-11-18 06:00", "2026-11-18 06:00"),
        ((time(0), time(0)), "2026-11-18 00:00", "2026-11-18 00:00"),
    ],
)
def test_quiet_hours(quiet, at, expected):
    """The end belongs to the day, over midnight or not; equal times are no quiet hours."""
    assert after_quiet_hours(local(at), make_plan(quiet=quiet)) == local(expected)


def test_quiet_hours_are_an_hour_shorter_where_the_clock_goes_forward():
    """Seven o'clock by the clock ends them, however long the night was."""
    plan = make_plan(make_calendar(BERLIN))
    start = local("2026-03-28 23:00", BERLIN)
    assert after_quiet_hours(start, plan) - start == 7 * HOUR


def test_quiet_hours_that_end_twice_never_lead_back():
    """In the second 02:10 the first 02:30 is over: it is no time to wait for."""
    plan = make_plan(make_calendar(BERLIN), quiet=(time(23), time(2, 30)))
    second = local("2026-10-25 02:10", BERLIN, fold=1)
    assert after_quiet_hours(second, plan) == second


def test_a_bundle_waits_for_its_first():
    """Before the first is due there is none."""
    items = [waiting(1, local("2026-11-21 09:00")), waiting(2, local("2026-11-21 09:02"))]
    assert news_bundle(local("2026-11-21 09:02:59"), items, PLAN) == ()
    assert news_bundle(local("2026-11-21 09:03"), items, PLAN) == tuple(items)


def test_a_bundle_is_ordered_by_arrival():
    """Its first message makes its key, so the order must not depend on how the rows were read."""
    stored = local("2026-11-21 09:00")
    items = [waiting(3, stored + SECOND), waiting(2, stored), waiting(1, stored)]
    found = news_bundle(stored + HOUR, items, PLAN)
    assert [item.message_id for item in found] == [1, 2, 3]


def test_a_bundle_has_nothing_that_was_told_or_is_snoozed():
    """What stood in an alert is no news, and a snooze is respected."""
    stored = local("2026-11-21 09:00")
    items = [waiting(1, stored, alerted_at=stored), waiting(2, stored, snoozed=True)]
    assert news_bundle(stored + HOUR, items, PLAN) == ()


# (c) last calls


@pytest.mark.parametrize(
    ("before", "key"),
    [
        (4 * HOUR + SECOND, None),
        (4 * HOUR, "4h:7"),
        (HOUR + SECOND, "4h:7"),
        (HOUR, "1h:7"),
        (timedelta(0), "1h:7"),
        (-5 * HOUR, "1h:7"),
    ],
)
def test_last_calls(before, key):
    """Four hours and one hour before Amazon's deadline, the nearer where both are due."""
    item = waiting(7, amazon_by=NOW + before)
    assert last_calls(NOW, [item]) == (((key, item),) if key else ())


def test_last_calls_know_no_night_and_no_snooze():
    """Neither quiet hours nor a snooze nor an earlier alert hides them."""
    at_night = local("2026-11-18 03:00")
    item = waiting(7, amazon_by=at_night + HOUR, alerted_at=NOW, snoozed=True)
    assert last_calls(at_night, [item]) == (("1h:7", item),)


def test_what_amazon_does_not_time_is_never_called_out():
    """Only buyer messages have a deadline of Amazon's."""
    assert last_calls(NOW, [waiting(amazon_by=None)]) == ()


def test_each_message_has_its_own_call():
    """Two messages whose time runs out are two keys."""
    items = [waiting(1, amazon_by=NOW + HOUR), waiting(2, amazon_by=NOW + 2 * HOUR)]
    assert [key for key, _ in last_calls(NOW, items)] == ["1h:1", "4h:2"]


@pytest.mark.no_cover
def test_slots_of_a_year_are_four_a_day():
    """Going through a year with clock changes every label of every day comes, once, and none is skipped."""
    plan = make_plan(make_calendar(BERLIN))
    now, end = local("2026-01-01 00:00", BERLIN), local("2027-01-01 00:00", BERLIN)
    keys = []
    while now < end:
        keys.append(latest_slot(now, plan).key)
        now += 30 * MINUTE
    distinct = list(dict.fromkeys(keys))
    assert len(distinct) == 1 + 365 * 4
    assert distinct[-1] == f"slot:{date(2026, 12, 31)}:20:00"


def test_a_promise_is_due_an_hour_before_it_and_ever_after():
    """Snoozed or not; what promises nothing is never due."""
    promised = replace(waiting(1, snoozed=True), promised_by=NOW + HOUR)
    assert promises_due(NOW - SECOND, [promised, waiting(2)]) == ()
    assert promises_due(NOW, [promised, waiting(2)]) == (promised,)
    assert promises_due(NOW + 9 * DAY, [promised]) == (promised,)
