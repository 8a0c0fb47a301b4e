"""Arrivals, their deadlines and every alert until they are answered: decision 2 of the design as a table.

The shop opens at 10:00 and closes at 20:00; daily alerts at 12:00, 17:00 and 19:30 and at closing; quiet from
23:00 to 07:00; closed on Saturdays, Sundays, public holidays and from 29 December to 3 January. Every
expectation is worked out from decision 2 by hand; all times are the shop's own.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from state.alert_rules import AlertTimes, Waiting, last_calls, latest_slot, news_bundle
from state.deadlines import deadlines_of
from tests.unit.state.examples import BERLIN, TOKYO, local, make_calendar, make_plan

if TYPE_CHECKING:
    from datetime import datetime
    from zoneinfo import ZoneInfo

MINUTE = timedelta(minutes=1)
UNTIL = timedelta(hours=72)


@dataclass(frozen=True, slots=True)
class Row:
    """One arrival and what follows.

    Attributes:
        name: what is special about it.
        arrival: local time; the first of two where the hour comes twice.
        amazon_by: local time.
        respond_by: local time.
        alerts: a line a day: a bare time is the daily alert of that time, ``/new`` one about fresh mail,
            ``/4h`` and ``/1h`` those before Amazon's deadline. The next whole minute is written.
        zone: of the shop.
        fold: 1 for the second of two equal local times.
    """

    name: str
    arrival: str
    amazon_by: str
    respond_by: str
    alerts: str
    zone: ZoneInfo = TOKYO
    fold: int = 0


TABLE = [
    Row(
        "Friday 20:30, after closing: told at once, Amazon's clock runs out on the closed Saturday",
        "2026-11-13 20:30:00",
        amazon_by="2026-11-14 20:30:00",
        respond_by="2026-11-14 20:30:00",
        alerts="""
            Fri 11-13  20:33/new
            Sat 11-14  12:00 16:30/4h 17:00 19:30 19:30/1h 20:00
            Sun 11-15  12:00 17:00 19:30 20:00
            Mon 11-16  12:00 17:00 19:30 20:00
        """,
    ),
    Row(
        "Saturday 03:00, in quiet hours of a closed day: told at their end; last calls wake the owner",
        "2026-11-14 03:00:00",
        amazon_by="2026-11-15 03:00:00",
        respond_by="2026-11-15 03:00:00",
        alerts="""
            Sat 11-14  07:00/new 12:00 17:00 19:30 20:00 23:00/4h
            Sun 11-15  02:00/1h 12:00 17:00 19:30 20:00
            Mon 11-16  12:00 17:00 19:30 20:00
        """,
    ),
    Row(
        "31 December 19:50, closed from 29 December to 3 January",
        "2026-12-31 19:50:00",
        amazon_by="2027-01-01 19:50:00",
        respond_by="2027-01-01 19:50:00",
        alerts="""
            Thu 12-31  19:53/new 20:00
            Fri 01-01  12:00 15:50/4h 17:00 18:50/1h 19:30 20:00
            Sat 01-02  12:00 17:00 19:30 20:00
            Sun 01-03  12:00 17:00 19:30
        """,
    ),
    Row(
        "19:30:01 of an open day, just missed by 19:30 but not by closing, which is too near to bind",
        "2026-11-17 19:30:01",
        amazon_by="2026-11-18 19:30:01",
        respond_by="2026-11-18 19:30:01",
        alerts="""
            Tue 11-17  20:00
            Wed 11-18  12:00 15:31/4h 17:00 18:31/1h 19:30 20:00
            Thu 11-19  12:00 17:00 19:30 20:00
            Fri 11-20  12:00 17:00 19:30
        """,
    ),
    Row(
        "23:59:59 of an open day: the shop's closing of tomorrow is before Amazon's deadline",
        "2026-11-17 23:59:59",
        amazon_by="2026-11-18 23:59:59",
        respond_by="2026-11-18 20:00:00",
        alerts="""
            Wed 11-18  07:00/new 12:00 17:00 19:30 20:00 20:00/4h 23:00/1h
            Thu 11-19  12:00 17:00 19:30 20:00
            Fri 11-20  12:00 17:00 19:30 20:00
        """,
    ),
    Row(
        "23:59:59 of a Sunday: a closed day to its last second",
        "2026-11-15 23:59:59",
        amazon_by="2026-11-16 23:59:59",
        respond_by="2026-11-16 20:00:00",
        alerts="""
            Mon 11-16  07:00/new 12:00 17:00 19:30 20:00 20:00/4h 23:00/1h
            Tue 11-17  12:00 17:00 19:30 20:00
            Wed 11-18  12:00 17:00 19:30 20:00
        """,
    ),
    Row(
        "00:30 of an open day: the day's alerts are all still to come, so none is extra",
        "2026-11-16 00:30:00",
        amazon_by="2026-11-17 00:30:00",
        respond_by="2026-11-16 20:00:00",
        alerts="""
            Mon 11-16  12:00 17:00 19:30 20:00 20:30/4h 23:30/1h
            Tue 11-17  12:00 17:00 19:30 20:00
            Wed 11-18  12:00 17:00 19:30 20:00
        """,
    ),
    Row(
        "11:58 of a public holiday: the daily alert of noon is sooner than five minutes",
        "2026-11-23 11:58:00",
        amazon_by="2026-11-24 11:58:00",
        respond_by="2026-11-24 11:58:00",
        alerts="""
            Mon 11-23  12:00 17:00 19:30 20:00
            Tue 11-24  07:58/4h 10:58/1h 12:00 17:00 19:30 20:00
            Wed 11-25  12:00 17:00 19:30 20:00
        """,
    ),
    Row(
        "Friday 20:30 before a Monday that is a public holiday",
        "2026-11-20 20:30:00",
        amazon_by="2026-11-21 20:30:00",
        respond_by="2026-11-21 20:30:00",
        alerts="""
            Fri 11-20  20:33/new
            Sat 11-21  12:00 16:30/4h 17:00 19:30 19:30/1h 20:00
            Sun 11-22  12:00 17:00 19:30 20:00
            Mon 11-23  12:00 17:00 19:30 20:00
        """,
    ),
    Row(
        "Saturday evening before the clock goes forward: 24 hours end an hour later by the clock",
        "2026-03-28 20:30:00",
        amazon_by="2026-03-29 21:30:00",
        respond_by="2026-03-29 21:30:00",
        alerts="""
            Sat 03-28  20:33/new
            Sun 03-29  12:00 17:00 17:30/4h 19:30 20:00 20:30/1h
            Mon 03-30  12:00 17:00 19:30 20:00
            Tue 03-31  12:00 17:00 19:30 20:00
        """,
        zone=BERLIN,
    ),
    Row(
        "half an hour before the clock goes forward",
        "2026-03-29 01:30:00",
        amazon_by="2026-03-30 02:30:00",
        respond_by="2026-03-30 02:30:00",
        alerts="""
            Sun 03-29  07:00/new 12:00 17:00 19:30 20:00 22:30/4h
            Mon 03-30  01:30/1h 12:00 17:00 19:30 20:00
            Tue 03-31  12:00 17:00 19:30 20:00
        """,
        zone=BERLIN,
    ),
    Row(
        "a deadline that the clock would put into the skipped hour",
        "2026-03-28 02:30:00",
        amazon_by="2026-03-29 03:30:00",
        respond_by="2026-03-29 03:30:00",
        alerts="""
            Sat 03-28  07:00/new 12:00 17:00 19:30 20:00 22:30/4h
            Sun 03-29  01:30/1h 12:00 17:00 19:30 20:00
            Mon 03-30  12:00 17:00 19:30 20:00
        """,
        zone=BERLIN,
    ),
    Row(
        "02:30 for the first time on the day the clock goes back",
        "2026-10-25 02:30:00",
        amazon_by="2026-10-26 01:30:00",
        respond_by="2026-10-26 01:30:00",
        alerts="""
            Sun 10-25  07:00/new 12:00 17:00 19:30 20:00 21:30/4h
            Mon 10-26  00:30/1h 12:00 17:00 19:30 20:00
            Tue 10-27  12:00 17:00 19:30 20:00
        """,
        zone=BERLIN,
    ),
    Row(
        "02:30 for the second time on the day the clock goes back",
        "2026-10-25 02:30:00",
        amazon_by="2026-10-26 02:30:00",
        respond_by="2026-10-26 02:30:00",
        alerts="""
            Sun 10-25  07:00/new 12:00 17:00 19:30 20:00 22:30/4h
            Mon 10-26  01:30/1h 12:00 17:00 19:30 20:00
            Tue 10-27  12:00 17:00 19:30 20:00
        """,
        zone=BERLIN,
        fold=1,
    ),
    Row(
        "Saturday evening before the clock goes back: 24 hours end an hour earlier by the clock",
        "2026-10-24 20:30:00",
        amazon_by="2026-10-25 19:30:00",
        respond_by="2026-10-25 19:30:00",
        alerts="""
            Sat 10-24  20:33/new
            Sun 10-25  12:00 15:30/4h 17:00 18:30/1h 19:30 20:00
            Mon 10-26  12:00 17:00 19:30 20:00
            Tue 10-27  12:00 17:00 19:30
        """,
        zone=BERLIN,
    ),
    Row(
        "a deadline in the hour that comes twice: its first coming",
        "2026-10-24 02:30:00",
        amazon_by="2026-10-25 02:30:00",
        respond_by="2026-10-25 02:30:00",
        alerts="""
            Sat 10-24  07:00/new 12:00 17:00 19:30 20:00 22:30/4h
            Sun 10-25  01:30/1h 12:00 17:00 19:30 20:00
            Mon 10-26  12:00 17:00 19:30 20:00
        """,
        zone=BERLIN,
    ),
]


@dataclass(slots=True)
class Owner:
    """Lives through the minutes with the rules of alerts, remembering what was decided.

    Attributes:
        plan: what the shop configured.
        waiting: what is unanswered, by message.
        decided: the keys that were settled; those of before the first minute too.
        heard: instant and word of each alert.
    """

    plan: AlertTimes
    waiting: dict[int, Waiting]
    decided: set[str] = field(default_factory=set)
    heard: list[tuple[datetime, str]] = field(default_factory=list)

    def live(self, start: datetime, end: datetime) -> None:
        """Look once a minute, at every whole minute."""
        self.decided.add(latest_slot(start, self.plan).key)
        now = start if not (start.second or start.microsecond) else start.replace(second=0) + MINUTE
        while now <= end:
            self.look(now)
            now += MINUTE

    def look(self, now: datetime) -> None:
        """Decide what is due and was not decided before: daily alert, fresh mail, last calls."""
        slot = latest_slot(now, self.plan)
        listed = [item for item in self.waiting.values() if not item.snoozed]
        self.tell(now, slot.key, "", listed)
        bundle = news_bundle(now, self.waiting.values(), self.plan)
        if bundle:
            self.tell(now, f"new:{bundle[0].message_id}", "/new", bundle)
        for key, item in last_calls(now, self.waiting.values()):
            self.tell(now, key, f"/{key.partition(':')[0]}", [item])

    def tell(self, now, key, word, items):
        """Settle a key once; what it lists was told."""
        if key in self.decided:
            return
        self.decided.add(key)
        if items:
            self.heard.append((now, word))
        for item in items:
            told = item.alerted_at or now
            self.waiting[item.message_id] = Waiting(
                item.message_id, item.stored_at, item.amazon_by, told, item.snoozed
            )

    def diary(self) -> list[str]:
        """What was heard, a line a day in the shop's time."""
        days: dict[str, list[str]] = {}
        for at, word in self.heard:
            there = at.astimezone(self.plan.calendar.zone)
            days.setdefault(f"{there:%a %m-%d}", []).append(f"{there:%H:%M}{word}")
        return [f"{day}  {' '.join(times)}" for day, times in days.items()]


def lines(text):
    """The lines of a table's cell."""
    return [line.strip() for line in text.strip().splitlines()]


def make_owner(plan, *arrivals):
    """An owner with one unanswered message an arrival."""
    calendar = plan.calendar
    return Owner(
        plan,
        {
            number: Waiting(
                number, at, deadlines_of(at, calendar, timed_by_amazon=True).amazon_by, alerted_at=None
            )
            for number, at in enumerate(arrivals, start=1)
        },
    )


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.name)
def test_deadlines_of_an_arrival(row):
    """Both deadlines are where the table says."""
    arrival = local(row.arrival, row.zone, fold=row.fold)
    found = deadlines_of(arrival, make_calendar(row.zone), timed_by_amazon=True)
    assert found.amazon_by == local(row.amazon_by, row.zone)
    assert found.respond_by == local(row.respond_by, row.zone)


@pytest.mark.no_cover
@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.name)
def test_alerts_of_an_arrival(row):
    """Every alert of three days goes when the table says, and no other."""
    arrival = local(row.arrival, row.zone, fold=row.fold)
    owner = make_owner(make_plan(make_calendar(row.zone)), arrival)
    owner.live(arrival, arrival + UNTIL)
    assert owner.diary() == lines(row.alerts)


def test_without_quiet_hours_night_mail_is_told_at_night():
    """A shop that configured no quiet hours hears within five minutes on a closed day."""
    arrival = local("2026-11-14 03:00:00")
    owner = make_owner(make_plan(quiet=None), arrival)
    owner.live(arrival, arrival + timedelta(hours=4))
    assert owner.diary() == ["Sat 11-14  03:03/new"]


def test_messages_of_a_busy_evening_are_bundled():
    """What comes within minutes goes in one alert; what comes after that goes in the next."""
    first = local("2026-11-13 20:30:00")
    owner = make_owner(make_plan(), first, first + 2 * MINUTE)
    owner.live(first, first + 4 * MINUTE)
    late = first + 5 * MINUTE
    owner.waiting[3] = Waiting(3, late, late + timedelta(hours=24), alerted_at=None)
    owner.live(late, first + timedelta(hours=2))
    assert owner.diary() == ["Fri 11-13  20:33/new 20:38/new"]


def test_an_answer_ends_the_alerts():
    """What is answered is not waiting any more, and nothing is said of it."""
    arrival = local("2026-11-13 20:30:00")
    owner = make_owner(make_plan(), arrival)
    owner.live(arrival, local("2026-11-14 16:29:00"))
    owner.waiting.clear()
    owner.live(local("2026-11-14 16:30:00"), arrival + UNTIL)
    assert owner.diary() == ["Fri 11-13  20:33/new", "Sat 11-14  12:00"]


def test_a_snooze_hides_all_but_the_last_calls():
    """A snoozed message is silent until Amazon's deadline is near."""
    arrival = local("2026-11-13 20:30:00")
    owner = make_owner(make_plan(), arrival)
    item = owner.waiting[1]
    owner.waiting[1] = Waiting(1, item.stored_at, item.amazon_by, alerted_at=None, snoozed=True)
    owner.live(arrival, arrival + UNTIL)
    assert owner.diary() == ["Sat 11-14  16:30/4h 19:30/1h"]


@pytest.mark.parametrize(
    ("back_at", "expected"),
    [
        # Only the latest missed daily alert goes; the missed 4 h call gives way to the nearer one.
        ("2026-11-14 19:45:00", ["Sat 11-14  19:45 19:45/1h 20:00"]),
        # After the deadline it is still called out once.
        ("2026-11-14 22:00:00", ["Sat 11-14  22:00 22:00/1h"]),
    ],
)
def test_after_an_outage_only_the_latest_goes(back_at, expected):
    """A service that was away over several alerts makes up for one of each sort."""
    arrival = local("2026-11-13 20:30:00")
    owner = make_owner(make_plan(), arrival)
    owner.live(arrival, arrival + MINUTE)
    now = local(back_at)
    while now <= local("2026-11-14 23:59:00"):
        owner.look(now)
        now += MINUTE
    assert owner.diary() == expected
