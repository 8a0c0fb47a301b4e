"""What a service has to settle that was started with a backup: what happened after it is not known.

The mailbox tells of the messages that came since, and the Sent folder of some answers, but nothing tells
which acknowledgments left, and which commands were carried out. So none is sent for anything that may have
come before, all that was waiting to leave is shown to a person, and every command that was offered by mail is
dead (decision 4 of the design: nothing goes twice). When it happened is remembered, see `state.restorations`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from daemon.log import get_logger
from daemon.reading.case_mail import START_TOLERANCE
from state.command_rules import TOKEN_AGE
from state.outbox_rules import OutboxEvent, OutboxState
from state.restorations import CLOCKS_APART

if TYPE_CHECKING:
    from datetime import datetime

    from daemon.ports import Clock
    from daemon.shop import Shop
    from state.model import OutboxItem
    from state.repository.bookkeeping import MailboxHealth
    from state.unit_of_work import Database, UnitOfWork

_log = get_logger(__name__)


def settle_restored(database: Database, shop: Shop, clock: Clock) -> bool:
    """Make a database that came from a backup safe to go on with; tells whether it was one.

    Called once at start, under the lock, before anything is read or sent.
    """
    now = clock.now()
    with database.write() as uow:
        taken_at = uow.runs.backup_taken_at()
        if taken_at is None:
            return False
        for health in uow.mailboxes.all():
            # What came since is taken in with alerts, as after a look back, and not acknowledged.
            start = now + CLOCKS_APART
            uow.mailboxes.change(health.name, first_start_at=start, look_back_from=_known_from(health))
        waiting = uow.outbox.in_state(OutboxState.QUEUED, OutboxState.DEFERRED)
        doubtful = [item for item in waiting if item.kind.once]
        for item in doubtful:
            _doubt(uow, item)
        at = f"{taken_at.astimezone(shop.calendar.zone):%Y-%m-%d %H:%M}"
        uow.notices.raise_once(f"restored:{taken_at.isoformat()}", "restored", now, detail=at)
        # The owner's mail behind the position that was restored is read again, and may have been obeyed.
        uow.offers.expire(now - 2 * TOKEN_AGE)
        uow.desk.shut()
        uow.runs.settle_backup(now)
        uow.commit()
    _log.warning("started from a backup", action="restored", uncertain=len(doubtful))
    return True


def _known_from(health: MailboxHealth) -> datetime:
    """From when on mail was no history before: what the first start forgave is forgiven still."""
    forgiven = health.first_start_at - START_TOLERANCE
    return min(health.look_back_from or forgiven, forgiven)


def _doubt(uow: UnitOfWork, item: OutboxItem) -> None:
    """It may have left after the backup was made: as if its sending had been cut off."""
    offered: datetime = item.created_at
    uow.outbox.advance(item, OutboxEvent.CLAIMED, claimed_at=offered)
    sending = replace(item, state=OutboxState.SENDING)
    uow.outbox.advance(sending, OutboxEvent.RUN_DIED, reason="the database was restored from a backup")
