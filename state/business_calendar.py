"""When the shop is open. Local days and times go in, instants in UTC come out."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from zoneinfo import ZoneInfo

_LOOK_AHEAD_DAYS = 400
"""A shop that opens on no day of more than a year is a mistake in the configuration."""


def _never(_day: date) -> bool:
    return False


@dataclass(frozen=True, slots=True)
class BusinessCalendar:
    """The opening hours of one shop.

    Attributes:
        zone: the shop's time zone; every local time below is meant in it.
        opening: local time of opening.
        closing: local time of closing, later than opening.
        closed_weekdays: 0 for Monday to 6 for Sunday.
        closed_ranges: first and last closed day, both included.
        is_public_holiday: whether a day is closed as a public holiday.
    """

    zone: ZoneInfo
    opening: time
    closing: time
    closed_weekdays: frozenset[int] = frozenset()
    closed_ranges: tuple[tuple[date, date], ...] = ()
    is_public_holiday: Callable[[date], bool] = field(default=_never, compare=False)

    def with_holidays(self, is_public_holiday: Callable[[date], bool]) -> BusinessCalendar:
        """The same hours, closed on public holidays too."""
        return replace(self, is_public_holiday=is_public_holiday)

    def local_day(self, at: datetime) -> date:
        """The shop's date at an instant."""
        return at.astimezone(self.zone).date()

    def at(self, day: date, local: time) -> datetime:
        """The instant of a local time of a day.

        A time that a clock change skips is read with the offset before the change, one that comes twice is
        its first: every label of every day has exactly one instant.
        """
        return datetime.combine(day, local, self.zone).astimezone(UTC)

    def is_open_on(self, day: date) -> bool:
        """Whether anyone works on that day."""
        return (
            day.weekday() not in self.closed_weekdays
            and not any(first <= day <= last for first, last in self.closed_ranges)
            and not self.is_public_holiday(day)
        )

    def closing_on(self, day: date) -> datetime:
        """The instant at which that day closes, open or not."""
        return self.at(day, self.closing)

    def next_closing(self, after: datetime, *, margin: timedelta = timedelta(0)) -> datetime:
        """The first closing of an open day that is at least ``margin`` after an instant.

        Raises:
            ValueError: no day of the coming year is open.
        """
        return self._first(self.closing, after + margin)

    def next_opening(self, after: datetime) -> datetime:
        """The first opening of an open day at or after an instant.

        Raises:
            ValueError: no day of the coming year is open.
        """
        return self._first(self.opening, after)

    def closed_time(self, now: datetime) -> tuple[datetime, datetime]:
        """The time without anybody that is going on or comes next: from when, and until when.

        Raises:
            ValueError: no day of the coming year is open.
        """
        today = self.local_day(now)
        is_open = self.is_open_on(today) and self.at(today, self.opening) <= now < self.closing_on(today)
        start = self.closing_on(today) if is_open else now
        return start, self.next_opening(start)

    def _first(self, local: time, earliest: datetime) -> datetime:
        start = self.local_day(earliest)
        for offset in range(_LOOK_AHEAD_DAYS):
            day = start + timedelta(days=offset)
            if self.is_open_on(day) and (found := self.at(day, local)) >= earliest:
                return found
        raise ValueError("the shop is closed on every day of the coming year")
