"""Days and times as people type them; all are meant in the shop's time zone."""

from __future__ import annotations

import re
from datetime import date, datetime, time
from typing import TYPE_CHECKING

from daemon.errors import SokuresuError
from parsers.folding import fold_width

if TYPE_CHECKING:
    from state.business_calendar import BusinessCalendar

_TIME = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])")
_LONGEST = 40


class MomentRefused(SokuresuError):  # noqa: N818 - reads as what it is
    """What was typed is no day or time; the sentence says how to write one."""


def local_moment(value: str) -> time | datetime:
    """A time of day, or a day and a time.

    Raises:
        MomentRefused: it is neither.
    """
    typed = _plain(value)
    if (found := _TIME.fullmatch(typed)) is not None:
        return time(int(found[1]), int(found[2]))
    try:
        return datetime.strptime(typed, "%Y-%m-%d %H:%M")  # noqa: DTZ007 - the shop's zone is put to it later
    except ValueError:
        raise MomentRefused(
            '"18:30" か "2026-11-30 09:00" のように入れてください。'
            ' / Give a time, or a day and a time, such as "18:30" or "2026-11-30 09:00".'
        ) from None


def local_day_or_moment(value: str) -> time | datetime | date:
    """A day, a time of day, or a day and a time.

    Raises:
        MomentRefused: it is none of them.
    """
    try:
        return local_day(value)
    except MomentRefused:
        pass
    try:
        return local_moment(value)
    except MomentRefused:
        raise MomentRefused(
            '"18:30"、"2026-11-30"、"2026-11-30 09:00" のどれかの形で入れてください。'
            ' / Give a time, a day or both, such as "18:30", "2026-11-30" or "2026-11-30 09:00".'
        ) from None


def local_day(value: str) -> date:
    """A day such as 2026-11-30.

    Raises:
        MomentRefused: it is none.
    """
    try:
        return date.fromisoformat(_plain(value))
    except ValueError:
        raise MomentRefused(
            '日付は "2026-11-30" のように入れてください。 / Give a date such as "2026-11-30".'
        ) from None


def past_day(value: str, today: date) -> date:
    """A day that is not still to come.

    Raises:
        MomentRefused: it is none, or after today.
    """
    day = local_day(value)
    if day > today:
        raise MomentRefused("先の日付です。お確かめください。 / That day is still to come; please check it.")
    return day


def _plain(value: str) -> str:
    """Without the wide signs of a Japanese keyboard."""
    return " ".join(fold_width(value[:_LONGEST]).split())


def instant_of(calendar: BusinessCalendar, local: datetime) -> datetime:
    """The instant of a local day and time; at the ends of the calendar the world has no such hour.

    Args:
        calendar: whose time zone is meant.
        local: as it was typed, without a zone.

    Raises:
        MomentRefused: there is no such instant.
    """
    try:
        return calendar.at(local.date(), local.time())
    except OverflowError:
        raise MomentRefused("その日時は使えません。 / No such time can be meant.") from None
