"""The outbox: every outgoing mail, committed before it is sent."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from state import tables
from state.outbox_rules import OutboxEvent, OutboxKind, OutboxState, next_state
from state.repository.records import insert, outbox_item_of, outbox_values

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, Connection

    from state.model import OutboxItem

_COMPARED = (OutboxState.SENDING, OutboxState.UNCERTAIN, OutboxState.SENT)
"""Only what was offered to a server can come back as a copy."""

_TO_BUYER = tuple(kind for kind in OutboxKind if kind.to_buyer)


class Outbox:
    """The outgoing mail of the shop."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, item: OutboxItem) -> OutboxItem | None:
        """Store an outgoing mail; None if one with this purpose exists already."""
        columns = tables.outbox.c
        known = self._connection.execute(select(columns.id).where(columns.purpose == item.purpose)).first()
        if known is not None:
            return None
        return replace(item, id=insert(self._connection, tables.outbox, outbox_values(item)))

    def advance(self, item: OutboxItem, event: OutboxEvent, **columns: Any) -> bool:
        """Record what happened to a mail; False if it meanwhile stands elsewhere, then nothing changed.

        Raises:
            IllegalTransition: the event cannot happen in the state that the caller saw.
        """
        target = next_state(item.state, event, item.kind)
        here = (tables.outbox.c.id == item.id) & (tables.outbox.c.state == item.state)
        change = tables.outbox.update().where(here).values(state=target, **columns)
        return self._connection.execute(change).rowcount == 1

    def annotate(self, item_id: int, **columns: Any) -> None:
        """Set facts about a mail that do not move it."""
        self._connection.execute(
            tables.outbox.update().where(tables.outbox.c.id == item_id).values(**columns)
        )

    def get(self, item_id: int) -> OutboxItem | None:
        """One mail by its number."""
        return next(iter(self._select(tables.outbox.c.id == item_id)), None)

    def in_state(self, *states: OutboxState) -> tuple[OutboxItem, ...]:
        """Every mail in one of these states, oldest first."""
        return self._select(tables.outbox.c.state.in_(states))

    def due(self, now: datetime) -> tuple[OutboxItem, ...]:
        """What may be attempted now, oldest first."""
        waiting = tables.outbox.c.state.in_((OutboxState.QUEUED, OutboxState.DEFERRED))
        return self._select(waiting, tables.outbox.c.next_attempt_at <= now)

    def of_case(self, case_id: int) -> tuple[OutboxItem, ...]:
        """Every mail of a case, oldest first."""
        return self._select(tables.outbox.c.case_id == case_id)

    def with_message_ids(self, message_ids: Sequence[str]) -> tuple[OutboxItem, ...]:
        """The offered mails with one of these Message-IDs."""
        columns = tables.outbox.c
        if not message_ids:
            return ()
        return self._select(columns.message_id.in_(message_ids), columns.state.in_(_COMPARED))

    def comparable(self, since: datetime) -> tuple[OutboxItem, ...]:
        """The mails to buyers that were offered to a server since an instant."""
        columns = tables.outbox.c
        offered = columns.kind.in_(_TO_BUYER) & columns.state.in_(_COMPARED)
        return self._select(offered, columns.claimed_at >= since)

    def unfiled(self, mailbox: str, since: datetime) -> tuple[OutboxItem, ...]:
        """Sent mails to buyers of an account whose copy was not yet seen in its Sent folder."""
        columns = tables.outbox.c
        sent = (columns.state == OutboxState.SENT) & columns.kind.in_(_TO_BUYER)
        return self._select(
            sent, columns.mailbox == mailbox, columns.filed_at.is_(None), columns.sent_at >= since
        )

    def last_acknowledgment_to(self, buyer_key: str, *, besides: int = 0) -> datetime | None:
        """When this buyer last got, or was to get, an acknowledgment on any case."""
        columns = tables.outbox.c
        query = select(func.max(columns.created_at)).where(
            columns.kind == OutboxKind.ACKNOWLEDGMENT,
            columns.buyer_key == buyer_key,
            columns.state != OutboxState.WITHDRAWN,
            columns.id != besides,
        )
        return self._connection.execute(query).scalar()

    def acknowledgments_since(self, mailbox: str, since: datetime) -> int:
        """How many acknowledgments an account queued since an instant, withdrawn ones left out."""
        columns = tables.outbox.c
        query = select(func.count()).where(
            columns.kind == OutboxKind.ACKNOWLEDGMENT,
            columns.mailbox == mailbox,
            columns.created_at > since,
            columns.state != OutboxState.WITHDRAWN,
        )
        return self._connection.execute(query).scalar_one()

    def _select(self, *conditions: ColumnElement[bool]) -> tuple[OutboxItem, ...]:
        query = select(tables.outbox).where(*conditions).order_by(tables.outbox.c.id)
        return tuple(outbox_item_of(row) for row in self._connection.execute(query).mappings())
