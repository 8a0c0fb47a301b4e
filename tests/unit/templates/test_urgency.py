"""The numbers behind an alert."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from templates.contexts import AlertCase, AlertContext
from templates.urgency import is_overdue, summary

NOW = datetime(2026, 11, 21, 19, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)


def case(respond=None, amazon=None, kind="buyer_message", now=NOW):
    """A case whose deadlines are so far away."""
    by = [None if away is None else now + away for away in (respond, amazon)]
    return AlertCase(7, kind, None, (), now - HOUR, *by)


def test_nothing_waits():
    """An empty alert has no deadline and no count."""
    found = summary(AlertContext("店", NOW, "slot"))
    assert (found.unanswered, found.overdue, found.next_by, found.amazon_next_by) == (0, 0, None, None)


def test_the_next_deadline_is_the_earliest_ahead_of_either_kind():
    """Deadlines that are past are counted and not named."""
    cases = (case(-HOUR, 3 * HOUR), case(5 * HOUR, 2 * HOUR), case(-HOUR, kind="feedback"))
    found = summary(AlertContext("店", NOW, "slot", cases=cases))
    assert found.overdue == 2
    assert found.next_by == found.amazon_next_by == NOW + 2 * HOUR
    assert found.first_message == 7


def test_a_deadline_that_is_just_due_is_not_past():
    """At the very second there is still time."""
    assert not is_overdue(case(timedelta(0)), NOW)
    assert is_overdue(case(timedelta(microseconds=-1)), NOW)
    assert not is_overdue(case(), NOW)


def test_deadlines_are_compared_by_instants_and_not_by_clocks():
    """In the hour that comes twice, the second 02:10 is later than the first 02:40."""
    berlin = ZoneInfo("Europe/Berlin")
    now = datetime(2026, 10, 25, 2, 40, tzinfo=berlin)
    later = datetime(2026, 10, 25, 2, 10, fold=1, tzinfo=berlin)
    waiting = AlertCase(1, "buyer_message", None, (), now - HOUR, respond_by=later)
    assert not is_overdue(waiting, now)
    assert summary(AlertContext("店", now, "slot", cases=(waiting,))).next_by == later
