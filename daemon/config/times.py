"""Read durations, times of day, closed days, time zones and countries. Each reader says what it wants."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo, available_timezones

from pydantic import PlainSerializer, PlainValidator

from daemon.config.sentences import not_usable

if TYPE_CHECKING:
    from collections.abc import Callable

_DURATION = re.compile(r"([0-9]{1,6})([smhd])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_TIME = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])")
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_PUBLIC = "public"


@dataclass(frozen=True, slots=True)
class ClosedOn:
    """One entry of ``closed_on``: a weekday, the public holidays, or a range of days.

    Attributes:
        weekday: 0 for Monday to 6 for Sunday.
        public: every public holiday.
        days: first and last local date, both closed.
    """

    weekday: int | None = None
    public: bool = False
    days: tuple[date, date] | None = None


def duration(least: timedelta, most: timedelta) -> Callable[[object], timedelta]:
    """Make a reader of durations such as ``60s``, ``15m``, ``12h`` and ``400d`` between two bounds."""

    def read(value: object) -> timedelta:
        found = _DURATION.fullmatch(value) if isinstance(value, str) else None
        if found is None:
            raise not_usable(
                value,
                '"60s"、"15m"、"12h"、"400d" のような長さ',
                'a duration such as "60s", "15m", "12h" or "400d"',
            )
        length = timedelta(**{_UNITS[found[2]]: int(found[1])})
        if not least <= length <= most:
            raise not_usable(value, f"{least} から {most} までの長さ", f"a duration from {least} to {most}")
        return length

    return read


def read_time(value: object) -> time:
    """A local time of day from 00:00 to 23:59; TOML's own times are taken too."""
    if isinstance(value, time) and value.tzinfo is None:
        return value.replace(second=0, microsecond=0)
    found = _TIME.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise not_usable(value, '"00:00" から "23:59" までの時刻', 'a time from "00:00" to "23:59"')
    return time(int(found[1]), int(found[2]))


def read_quiet_hours(value: object) -> tuple[time, time] | None:
    """Two times with a hyphen between them; empty text means no quiet hours."""
    if value == "":
        return None
    start, _, end = value.partition("-") if isinstance(value, str) else ("", "", "")
    if not (_TIME.fullmatch(start) and _TIME.fullmatch(end)):
        raise not_usable(
            value,
            '"23:00-07:00" のような時間帯 (なしは "")',
            'hours such as "23:00-07:00" ("" for none)',
        )
    return read_time(start), read_time(end)


def read_closed_on(value: object) -> ClosedOn:
    """A weekday, ``public``, a date or a range of dates."""
    if value in _WEEKDAYS:
        return ClosedOn(weekday=_WEEKDAYS.index(str(value)))
    if value == _PUBLIC:
        return ClosedOn(public=True)
    if isinstance(value, date) and not isinstance(value, datetime):
        return ClosedOn(days=(value, value))
    return ClosedOn(days=_read_days(value))


def _read_days(value: object) -> tuple[date, date]:
    first, slash, last = value.partition("/") if isinstance(value, str) else ("", "", "")
    try:
        days = date.fromisoformat(first), date.fromisoformat(last if slash else first)
    except ValueError:
        raise not_usable(
            value,
            'mon tue wed thu fri sat sun、public、"2026-12-29"、"2026-12-29/2027-01-03" のどれか',
            'mon tue wed thu fri sat sun, public, "2026-12-29" or "2026-12-29/2027-01-03"',
        ) from None
    if days[1] < days[0]:
        raise not_usable(value, "初日、最終日の順", "the first day before the last")
    return days


def read_zone(value: object) -> ZoneInfo:
    """A time zone of the IANA list."""
    try:
        return ZoneInfo(str(value))
    except (OSError, ValueError, KeyError):
        near = _near_zone(str(value))
        raise not_usable(value, f'"{near}" のような時間帯名', f'a time zone such as "{near}"') from None


def _near_zone(text: str) -> str:
    from difflib import get_close_matches  # noqa: PLC0415 - needed only for a fault

    return next(iter(get_close_matches(text, available_timezones(), n=1, cutoff=0.7)), "Asia/Tokyo")


def read_country(value: object) -> str:
    """A country whose public holidays are known, by its two letters."""
    if value == "JP":
        return "JP"
    from holidays import list_supported_countries  # noqa: PLC0415 - slow, and most shops are in Japan

    if not isinstance(value, str) or value not in list_supported_countries():
        raise not_usable(value, '国の 2 文字 (例 "JP")', 'the two letters of a country, such as "JP"')
    return value


TimeOfDay = Annotated[time, PlainValidator(read_time)]
QuietHours = Annotated[tuple[time, time] | None, PlainValidator(read_quiet_hours)]
ClosedEntry = Annotated[ClosedOn, PlainValidator(read_closed_on), PlainSerializer(lambda entry: entry)]
Zone = Annotated[ZoneInfo, PlainValidator(read_zone)]
