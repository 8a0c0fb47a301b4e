"""Which alerts are due (decision 2 of the design). Pure: the database says what was told, not the timer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

    from state.business_calendar import BusinessCalendar

BUNDLE = timedelta(minutes=3)
"""New messages are collected this long, so that the alert is out within five minutes of the first."""

LAST_CALLS = (("1h", timedelta(hours=1)), ("4h", timedelta(hours=4)))
"""How long before Amazon's deadline a message is called out again, nearest first."""


PROMISE_AHEAD = timedelta(hours=1)
"""How long before the time that a caller was promised the owner is reminded of it."""


@dataclass(frozen=True, slots=True)
class AlertTimes:
    """What the shop configured.

    Attributes:
        calendar: opening hours and time zone.
        times: local times of the daily alerts; closing time is always one more.
        quiet: start and end of the local hours in which news waits, or None.
    """

    calendar: BusinessCalendar
    times: tuple[time, ...]
    quiet: tuple[time, time] | None = None

    @property
    def labels(self) -> tuple[time, ...]:
        """Every local time of a day at which an alert is due, in order."""
        return tuple(sorted({*self.times, self.calendar.closing}))


@dataclass(frozen=True, slots=True)
class Slot:
    """One of the daily alerts.

    Attributes:
        key: local date and label; what makes it once.
        label: the local time as written.
        due_at: the instant.
        last_of_day: nothing comes after it on that day.
    """

    key: str
    label: str
    due_at: datetime
    last_of_day: bool


@dataclass(frozen=True, slots=True)
class Waiting:
    """An unanswered message, as far as alerts care; instants in UTC.

    ``amazon_by`` is here Amazon's limit for whatever it is, a claim's too.
    """

    message_id: int
    stored_at: datetime
    amazon_by: datetime | None
    alerted_at: datetime | None
    snoozed: bool = False
    promised_by: datetime | None = None


def latest_slot(now: datetime, plan: AlertTimes) -> Slot:
    """The daily alert that came due last; after an outage the ones before it are not made up for."""
    today = plan.calendar.local_day(now)
    slots = (*_slots_on(today - timedelta(days=1), plan), *_slots_on(today, plan))
    return max((slot for slot in slots if slot.due_at <= now), key=lambda slot: slot.due_at)


def _slots_on(day: date, plan: AlertTimes) -> Iterator[Slot]:
    for label in plan.labels:
        text = f"{label:%H:%M}"
        due_at = plan.calendar.at(day, label)
        yield Slot(f"slot:{day.isoformat()}:{text}", text, due_at, label == plan.labels[-1])


def news_due_at(waiting: Waiting, plan: AlertTimes) -> datetime:
    """When a message is told by itself, unless a daily alert showed it before.

    On a closed day and after the day's last alert that is minutes after it was stored. On an open day it is
    minutes after the last alert, which catches what slipped in while that one was written. Quiet hours
    delay it to their end.
    """
    day = plan.calendar.local_day(waiting.stored_at)
    last = plan.calendar.at(day, plan.labels[-1])
    start = last if plan.calendar.is_open_on(day) and waiting.stored_at <= last else waiting.stored_at
    return after_quiet_hours(start + BUNDLE, plan)


def after_quiet_hours(at: datetime, plan: AlertTimes) -> datetime:
    """The instant itself, or the end of the quiet hours that it falls into."""
    if plan.quiet is None:
        return at
    start, end = plan.quiet
    local = at.astimezone(plan.calendar.zone)
    if not _within(local.time(), start, end):
        return at
    crosses = start > end and local.time() >= start
    # In the hour that comes twice the first of two ends may be over already.
    return max(at, plan.calendar.at(local.date() + timedelta(days=1 if crosses else 0), end))


def _within(local: time, start: time, end: time) -> bool:
    return start <= local < end if start <= end else local >= start or local < end


def news_bundle(now: datetime, waiting: Iterable[Waiting], plan: AlertTimes) -> tuple[Waiting, ...]:
    """The messages to tell now because no daily alert shows them in time; oldest first.

    As soon as the first is due, everything that was never told goes along with it.
    """
    untold = [item for item in waiting if item.alerted_at is None and not item.snoozed]
    if not any(news_due_at(item, plan) <= now for item in untold):
        return ()
    return tuple(sorted(untold, key=lambda item: (item.stored_at, item.message_id)))


def last_calls(now: datetime, waiting: Iterable[Waiting]) -> tuple[tuple[str, Waiting], ...]:
    """The messages whose time at Amazon runs out, each with the key of its call.

    They come 4 h and 1 h before, never delayed. Where both are due at once only the nearer is made; a snooze
    hides none.
    """
    return tuple(
        (f"{label}:{item.message_id}", item)
        for item in waiting
        if (label := _call_due(now, item.amazon_by)) is not None
    )


def promises_due(now: datetime, waiting: Iterable[Waiting]) -> tuple[Waiting, ...]:
    """The calls whose promised time is an hour away or past; neither quiet hours nor a snooze delay it."""
    return tuple(
        item for item in waiting if item.promised_by is not None and now >= item.promised_by - PROMISE_AHEAD
    )


def _call_due(now: datetime, amazon_by: datetime | None) -> str | None:
    if amazon_by is None:
        return None
    return next((label for label, ahead in LAST_CALLS if now >= amazon_by - ahead), None)


def next_wake(now: datetime, plan: AlertTimes) -> datetime:
    """The next daily alert; for the status page only, the timer asks far more often."""
    today = plan.calendar.local_day(now)
    slots = (*_slots_on(today, plan), *_slots_on(today + timedelta(days=1), plan))
    return min((slot.due_at for slot in slots if slot.due_at > now), default=now.astimezone(UTC))
