"""Whether a mailbox was read lately: one limit for alerts, `status` and the watch from outside."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from state.repository.bookkeeping import MailboxHealth
    from state.unit_of_work import UnitOfWork

READ_WITHIN = timedelta(minutes=15)
"""Every mailbox is read at least every five minutes while all is well; after this it is a trouble."""


def is_read(health: MailboxHealth | None, now: datetime) -> bool:
    """Whether a mailbox was read to its end lately; a pass in the future is of a clock that was wrong."""
    last = None if health is None else health.last_full_pass_at
    return last is not None and abs(now - last) <= READ_WITHIN


def unread(uow: UnitOfWork, names: Iterable[str], now: datetime) -> tuple[str, ...]:
    """The mailboxes among these that were not read to their end lately."""
    return tuple(name for name in names if not is_read(uow.mailboxes.get(name), now))
