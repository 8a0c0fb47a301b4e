"""Dates and lengths of time as people write them, in Japanese and in English.

All instants are aware and in the zone in which they are to be read.
"""

from __future__ import annotations

from datetime import UTC, timedelta
from typing import TYPE_CHECKING, Protocol

from templates.urgency import elapsed

if TYPE_CHECKING:
    from datetime import date, datetime

_MINUTE = timedelta(minutes=1)
_JAPAN = timedelta(hours=9)
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


def _japanese_day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def _english_day(day: date) -> str:
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


LONG_DAYS = {"ja": _japanese_day, "en": _english_day}
"""How a letter writes a day, by language."""


class Wording(Protocol):
    """How one language speaks of time."""

    def moment(self, at: datetime, now: datetime | None = None) -> str:
        """Date and time; the day by its word (today) if `now` is given and near."""
        ...

    def zone(self, at: datetime) -> str:
        """The zone for a reader who may live in another one; empty where readers take it for granted."""
        ...

    def left(self, by: datetime, now: datetime) -> str:
        """Time left until a deadline, or how long ago it ran out."""
        ...

    def ago(self, at: datetime, now: datetime) -> str:
        """How long ago something was."""
        ...


def _split(span: timedelta) -> tuple[int, int, int]:
    """Days, hours and minutes of a length of time, its sign and seconds dropped."""
    minutes = abs(span) // _MINUTE
    return minutes // 1440, minutes // 60 % 24, minutes % 60


def _is_twice(at: datetime) -> bool:
    """The wall clock shows this time twice, because it is set back on that night."""
    return at.replace(fold=0).utcoffset() != at.replace(fold=1).utcoffset()


def _offset(at: datetime) -> str:
    """The zone as its distance from UTC, such as ``UTC+9`` or ``UTC+5:30``."""
    shift = at.utcoffset() or timedelta(0)
    _, hours, minutes = _split(shift)
    sign = "-" if shift < timedelta(0) else "+"
    return f"UTC{sign}{hours}" + (f":{minutes:02}" if minutes else "")


def _zone_letters(at: datetime) -> str:
    """The zone's usual letters (CET, JST), or its distance from UTC where it has none."""
    letters = at.tzname() or ""
    return letters if letters.isalpha() and at.tzinfo is not UTC else _offset(at)


class Japanese:
    """11月21日(土) 20:00 · あと3時間20分 · 期限を2時間過ぎています."""

    _WEEKDAYS = "月火水木金土日"
    _NEAR = {-1: "昨日", 0: "本日", 1: "明日"}  # noqa: RUF012 - never changed

    def _day(self, at: datetime, now: datetime | None) -> str:
        distance = None if now is None else (at.date() - now.date()).days
        written = f"{at.month}月{at.day}日({self._WEEKDAYS[at.weekday()]})"
        return self._NEAR.get(distance, written) if distance is not None else written

    def moment(self, at: datetime, now: datetime | None = None) -> str:
        """See `Wording.moment`."""
        twice = f"({_zone_letters(at)})" if _is_twice(at) else ""
        return f"{self._day(at, now)} {at:%H:%M}{twice}"

    def zone(self, at: datetime) -> str:
        """Nothing for Japan's own time."""
        return "" if at.utcoffset() == _JAPAN or _is_twice(at) else f"({_zone_letters(at)})"

    def _span(self, span: timedelta) -> str:
        days, hours, minutes = _split(span)
        if days:
            return f"{days}日" + (f"{hours}時間" if hours else "")
        return (f"{hours}時間" if hours else "") + (f"{minutes}分" if minutes or not hours else "")

    def left(self, by: datetime, now: datetime) -> str:
        """See `Wording.left`."""
        span = elapsed(now, by)
        if abs(span) < _MINUTE:
            return "期限を過ぎました" if span < timedelta(0) else "あと1分未満"
        return f"期限を{self._span(span)}過ぎています" if span < timedelta(0) else f"あと{self._span(span)}"

    def ago(self, at: datetime, now: datetime) -> str:
        """See `Wording.ago`."""
        span = elapsed(at, now)
        return "たった今" if span < _MINUTE else f"{self._span(span)}前"


class English:
    """Sat 21 Nov, 20:00 · 3 h 20 min left · 2 h overdue."""

    _WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
    _MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
    _NEAR = {-1: "yesterday", 0: "today", 1: "tomorrow"}  # noqa: RUF012 - never changed

    def moment(self, at: datetime, now: datetime | None = None) -> str:
        """See `Wording.moment`."""
        distance = None if now is None else (at.date() - now.date()).days
        twice = f" {_zone_letters(at)}" if _is_twice(at) else ""
        if distance in self._NEAR:
            return f"{self._NEAR[distance]} {at:%H:%M}{twice}"
        return f"{self._WEEKDAYS[at.weekday()]} {at.day} {self._MONTHS[at.month - 1]}, {at:%H:%M}{twice}"

    def zone(self, at: datetime) -> str:
        """Always a word: who reads English may live anywhere."""
        if _is_twice(at):
            return ""
        is_japan = at.utcoffset() == _JAPAN and at.tzname() in {"JST", "Asia/Tokyo"}
        return " (Japan time)" if is_japan else f" ({_zone_letters(at)})"

    def _span(self, span: timedelta) -> str:
        days, hours, minutes = _split(span)
        parts = [f"{days} d"] if days else []
        parts += [f"{hours} h"] if hours else []
        parts += [f"{minutes} min"] if (minutes and not days) or not parts else []
        return " ".join(parts)

    def left(self, by: datetime, now: datetime) -> str:
        """See `Wording.left`."""
        span = elapsed(now, by)
        if abs(span) < _MINUTE:
            return "just overdue" if span < timedelta(0) else "less than 1 min left"
        return f"{self._span(span)} overdue" if span < timedelta(0) else f"{self._span(span)} left"

    def ago(self, at: datetime, now: datetime) -> str:
        """See `Wording.ago`."""
        span = elapsed(at, now)
        return "just now" if span < _MINUTE else f"{self._span(span)} ago"
