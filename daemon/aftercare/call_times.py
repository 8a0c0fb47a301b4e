"""When a call came, and by when its caller is to hear of us, as a person types it."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

from daemon.aftercare.calls import call_time, promise_time
from daemon.moments import instant_of, local_day_or_moment, local_moment

if TYPE_CHECKING:
    from daemon.work import Work

_DAY = timedelta(days=1)
_MIDNIGHT_NEAR = time(23, 59)


def read_promise(work: Work, typed: str) -> datetime:
    """By when the caller is to hear of us: a day means its closing time, a time that has passed tomorrow's.

    Raises:
        MomentRefused: it is no day and no time.
        CallRefused: it cannot be promised.
    """
    local = local_day_or_moment(typed)
    if isinstance(local, datetime):
        at = instant_of(work.shop.calendar, local)
    elif isinstance(local, date):
        at = _end_of(work, local)
    else:
        today = _at(work, local)
        at = today if today > work.now else _at(work, local, _DAY)
    return promise_time(at, work.now)


def read_call_time(work: Work, typed: str) -> datetime:
    """When the call came: a time that is still to come means yesterday's.

    Raises:
        MomentRefused: it is no time, and no day with a time.
        CallRefused: it is still to come.
    """
    local = local_moment(typed)
    if isinstance(local, datetime):
        return call_time(instant_of(work.shop.calendar, local), work.now)
    today = _at(work, local)
    return today if today <= work.now else _at(work, local, -_DAY)


def _end_of(work: Work, day: date) -> datetime:
    """Closing time; late on the same day its end."""
    calendar = work.shop.calendar
    closing = instant_of(calendar, datetime.combine(day, calendar.closing))
    late = day == calendar.local_day(work.now) and closing <= work.now
    return _at(work, _MIDNIGHT_NEAR) if late else closing


def _at(work: Work, local: time, shift: timedelta = timedelta(0)) -> datetime:
    return work.shop.calendar.at(work.shop.calendar.local_day(work.now) + shift, local)
