"""Months and weeks of a shop's calendar. Pure: local days in, instants in UTC out."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

_MONTH = re.compile(r"([1-9]\d{3})-(0[1-9]|1[0-2])", re.ASCII)
_WEEK = timedelta(days=7)


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(0), zone).astimezone(UTC)


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """One month of the calendar."""

    year: int
    month: int

    def __str__(self) -> str:
        return f"{self.year:04}-{self.month:02}"

    @property
    def first_day(self) -> date:
        """Its first day."""
        return date(self.year, self.month, 1)

    def moved(self, months: int) -> Month:
        """The month so many later, or earlier."""
        count = self.year * 12 + self.month - 1 + months
        return Month(count // 12, count % 12 + 1)

    def bounds(self, zone: ZoneInfo) -> tuple[datetime, datetime]:
        """Its first instant and that of the next month, in UTC."""
        return _midnight(self.first_day, zone), _midnight(self.moved(1).first_day, zone)


def month_of(day: date) -> Month:
    """The month that a day lies in."""
    return Month(day.year, day.month)


def parse_month(text: str) -> Month:
    """A month as people write it, such as ``2026-10``.

    Raises:
        ValueError: it is none.
    """
    found = _MONTH.fullmatch(text)
    if found is None:
        raise ValueError("not a month such as 2026-10")
    return Month(int(found[1]), int(found[2]))


@dataclass(frozen=True, slots=True, order=True)
class Week:
    """One week, named by its Monday."""

    monday: date

    def __str__(self) -> str:
        year, number, _ = self.monday.isocalendar()
        return f"{year:04}-W{number:02}"

    @property
    def sunday(self) -> date:
        """Its last day."""
        return self.monday + _WEEK - timedelta(days=1)

    def before(self) -> Week:
        """The week before."""
        return Week(self.monday - _WEEK)

    def bounds(self, zone: ZoneInfo) -> tuple[datetime, datetime]:
        """Its first instant and that of the next week, in UTC."""
        return _midnight(self.monday, zone), _midnight(self.monday + _WEEK, zone)


def week_of(day: date) -> Week:
    """The week, from Monday to Sunday, that a day lies in."""
    return Week(day - timedelta(days=day.weekday()))
