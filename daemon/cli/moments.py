"""Days and times as people type them on the command line; all are meant in the shop's time zone."""

from __future__ import annotations

import re
from datetime import date, datetime, time
from typing import TYPE_CHECKING

import click

from parsers.folding import fold_width

if TYPE_CHECKING:
    from state.business_calendar import BusinessCalendar

_TIME = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])")
_LONGEST = 40


def local_moment(value: str) -> time | datetime:
    """A time of day, or a day and a time.

    Raises:
        click.BadParameter: it is neither.
    """
    typed = _plain(value)
    if (found := _TIME.fullmatch(typed)) is not None:
        return time(int(found[1]), int(found[2]))
    try:
        return datetime.strptime(typed, "%Y-%m-%d %H:%M")  # noqa: DTZ007 - the shop's zone is put to it later
    except ValueError:
        raise click.BadParameter(
            '"18:30" か "2026-11-30 09:00" のように (a time, or a day and a time).'
        ) from None


def local_day_or_moment(value: str) -> time | datetime | date:
    """A day, a time of day, or a day and a time.

    Raises:
        click.BadParameter: it is none of them.
    """
    try:
        return date.fromisoformat(_plain(value))
    except ValueError:
        pass
    try:
        return local_moment(value)
    except click.BadParameter:
        raise click.BadParameter(
            '"18:30"、"2026-11-30"、"2026-11-30 09:00" のどれかで (a time, a day, or both).'
        ) from None


def _plain(value: str) -> str:
    """Without the wide signs of a Japanese keyboard."""
    return " ".join(fold_width(value[:_LONGEST]).split())


def instant_of(calendar: BusinessCalendar, local: datetime, hint: str) -> datetime:
    """The instant of a local day and time; at the ends of the calendar the world has no such hour.

    Args:
        calendar: whose time zone is meant.
        local: as it was typed, without a zone.
        hint: the option that it was typed for.

    Raises:
        click.BadParameter: there is no such instant.
    """
    try:
        return calendar.at(local.date(), local.time())
    except OverflowError:
        raise click.BadParameter(
            "その日時は使えません (no such time can be meant).", param_hint=hint
        ) from None
