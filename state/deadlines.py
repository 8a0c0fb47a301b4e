"""The two clocks of a message: Amazon's 24 hours and the shop's same day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from parsers.values import Kind

if TYPE_CHECKING:
    from state.business_calendar import BusinessCalendar

AMAZON_LIMIT = timedelta(hours=24)
"""Amazon counts an answer as late after 24 hours, weekends and holidays included (help page 202152030)."""

LEAST_NOTICE = timedelta(minutes=60)
"""A deadline nearer than this cannot be met by a person, nor promised to a buyer."""

CLAIM_LIMIT_JAPAN = timedelta(hours=48)
CLAIM_LIMIT = timedelta(hours=72)
REQUEST_LIMIT = timedelta(hours=24)

DATE_TOLERANCE = timedelta(minutes=10)
"""A Date header further ahead of the server's own date than this is a wrong clock."""


@dataclass(frozen=True, slots=True)
class Deadlines:
    """By when one message wants an answer; instants in UTC.

    Attributes:
        amazon_by: 24 hours after arrival, every day; None for what Amazon does not time.
        today_by: the shop's own closing time.
    """

    amazon_by: datetime | None
    today_by: datetime

    @property
    def respond_by(self) -> datetime:
        """The earlier of the two."""
        return min(self.today_by, self.amazon_by or self.today_by)


def received_at(date: datetime | None, internal_date: datetime) -> datetime:
    """When a mail arrived: the earlier of its Date and the server's INTERNALDATE.

    A Date more than ten minutes ahead of the server is not believed. Moving to another provider resets
    INTERNALDATE, so it must never make an old mail look new.
    """
    if date is None or date > internal_date + DATE_TOLERANCE:
        return internal_date
    return min(date, internal_date)


def deadlines_of(received: datetime, calendar: BusinessCalendar, *, timed_by_amazon: bool) -> Deadlines:
    """Both clocks of a message that arrived at ``received``.

    The shop's clock is the closing time of the day of arrival if the shop is open and closing is at least an
    hour away, else the closing time of the next open day.
    """
    return Deadlines(
        amazon_by=received + AMAZON_LIMIT if timed_by_amazon else None,
        today_by=calendar.next_closing(received, margin=LEAST_NOTICE),
    )


def amazons_own(kind: Kind, marketplace: str | None, received: datetime) -> datetime | None:
    """By when Amazon wants a notice of its own to be dealt with in Seller Central; no mail answers it.

    A claim (A-to-z): 48 hours on Amazon.co.jp (its help; confidence: help page), 72 hours or three calendar
    days elsewhere (a real notice from Italy, reported for the United States; confidence: seen); of an unknown
    marketplace the shorter. A return request: 24 hours are recommended (help page 200708210 of Amazon.co.jp).
    A cancellation request: 24 hours, assumed like the return; before it ships every hour counts.

    Args:
        kind: what came.
        marketplace: such as ``co.jp``; None where unknown.
        received: when it arrived.

    Returns:
        An instant in the zone of ``received``; None for everything else, buyer messages included: their 24
        hours are `Deadlines.amazon_by`.
    """
    if kind is Kind.CLAIM:
        return received + (CLAIM_LIMIT_JAPAN if marketplace in {"co.jp", None} else CLAIM_LIMIT)
    return received + REQUEST_LIMIT if kind in {Kind.RETURN_REQUEST, Kind.CANCELLATION_REQUEST} else None


def promise(now: datetime, deadlines: Deadlines, calendar: BusinessCalendar) -> datetime | None:
    """The one time that an acknowledgment may name, or None if it is too late to name any.

    It is the earliest of the message's ``respond_by``, the next closing and ``amazon_by`` that is at least
    an hour ahead.
    """
    times = (deadlines.respond_by, calendar.next_closing(now), deadlines.amazon_by)
    return min((at for at in times if at is not None and at >= now + LEAST_NOTICE), default=None)
