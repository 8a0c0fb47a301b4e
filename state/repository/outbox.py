"""The outbox: every outgoing mail, committed before it is sent."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, func, select

from state import tables
from state.outbox_rules import OutboxEvent, OutboxKind, OutboxState, next_state
from state.repository.records import change, dicts, insert, outbox_item_of, outbox_values

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Connection, Select

    from state.model import OutboxItem

_COMPARED = (OutboxState.SENDING, OutboxState.UNCERTAIN, OutboxState.SENT)
"""Only what was offered to a server can come back as a copy."""

DROPPED = "person drops"
"""The reason of a mail of which nobody knew whether it left, and that a person gave up."""

_TO_BUYER = tuple(kind for kind in OutboxKind if kind.to_buyer)
_ONCE = tuple(kind for kind in OutboxKind if kind.once)

_COLUMNS = tables.outbox.c
_ITEMS = select(tables.outbox).order_by(_COLUMNS.id)
_ITEM = _ITEMS.where(_COLUMNS.id == bindparam("item_id"))
_IN_STATE = _ITEMS.where(_COLUMNS.state.in_(bindparam("states", expanding=True)))
_DUE = _ITEMS.where(
    _COLUMNS.state.in_((OutboxState.QUEUED, OutboxState.DEFERRED)),
    _COLUMNS.next_attempt_at <= bindparam("now"),
)
_OF_CASE = _ITEMS.where(_COLUMNS.case_id == bindparam("case_id"))
# An acknowledgment that was dropped may have left all the same, and nobody else writes its words; an inquiry
# that was dropped may still be answered; of approved mail only what a person dropped, for a person may write
# the words of one that was withdrawn.
_DROPPED = (
    (_COLUMNS.state == OutboxState.WITHDRAWN)
    & _COLUMNS.claimed_at.is_not(None)
    & (
        _COLUMNS.kind.in_((OutboxKind.ACKNOWLEDGMENT, OutboxKind.INQUIRY))
        | ((_COLUMNS.kind == OutboxKind.APPROVED) & (_COLUMNS.reason == DROPPED))
    )
)
_NAMED = _ITEMS.where(
    _COLUMNS.message_id.in_(bindparam("message_ids", expanding=True)),
    _COLUMNS.state.in_(_COMPARED) | _DROPPED,
)
_OFFERED = _ITEMS.where(
    _COLUMNS.kind.in_(_TO_BUYER),
    _COLUMNS.state.in_(_COMPARED) | _DROPPED,
    _COLUMNS.claimed_at >= bindparam("since"),
)
_UNFILED = _ITEMS.where(
    _COLUMNS.state == OutboxState.SENT,
    _COLUMNS.kind.in_(_ONCE),
    _COLUMNS.mailbox == bindparam("account"),
    _COLUMNS.filed_at.is_(None),
    _COLUMNS.sent_at >= bindparam("since"),
)
_WAITING_APPROVED = _ITEMS.where(
    _COLUMNS.kind == OutboxKind.APPROVED,
    _COLUMNS.state.in_((OutboxState.QUEUED, OutboxState.DEFERRED)),
    _COLUMNS.mailbox == bindparam("account"),
)
_SAME_PURPOSE = select(_COLUMNS.id).where(_COLUMNS.purpose == bindparam("purpose"))
_ACKNOWLEDGED = (_COLUMNS.kind == OutboxKind.ACKNOWLEDGMENT) & (
    (_COLUMNS.state != OutboxState.WITHDRAWN) | _COLUMNS.claimed_at.is_not(None)
)
# One that had to wait left when it was last offered: from then on the buyer has it.
_LAST_TO_BUYER = select(func.max(func.coalesce(_COLUMNS.claimed_at, _COLUMNS.created_at))).where(
    _ACKNOWLEDGED, _COLUMNS.buyer_key == bindparam("buyer"), _COLUMNS.id != bindparam("besides")
)
_SINCE = select(func.count()).where(
    _ACKNOWLEDGED, _COLUMNS.mailbox == bindparam("account"), _COLUMNS.created_at > bindparam("since")
)
_WHERE_SEEN = tables.outbox.update().where(
    _COLUMNS.id == bindparam("item_id"), _COLUMNS.state == bindparam("seen_state")
)


class Outbox:
    """The outgoing mail of the shop."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, item: OutboxItem) -> OutboxItem | None:
        """Store an outgoing mail; None if one with this purpose exists already."""
        if self._connection.execute(_SAME_PURPOSE, {"purpose": item.purpose}).first() is not None:
            return None
        return replace(item, id=insert(self._connection, tables.outbox, outbox_values(item)))

    def advance(self, item: OutboxItem, event: OutboxEvent, **columns: Any) -> bool:
        """Record what happened to a mail; False if it meanwhile stands elsewhere, then nothing changed.

        Raises:
            IllegalTransition: the event cannot happen in the state that the caller saw.
        """
        target = next_state(item.state, event, item.kind)
        values = {"item_id": item.id, "seen_state": item.state, "state": target, **columns}
        return self._connection.execute(_WHERE_SEEN, values).rowcount == 1

    def annotate(self, item_id: int, **columns: Any) -> None:
        """Set facts about a mail that do not move it."""
        change(self._connection, tables.outbox.c.id, item_id, columns)

    def get(self, item_id: int) -> OutboxItem | None:
        """One mail by its number."""
        return next(iter(self._select(_ITEM, item_id=item_id)), None)

    def in_state(self, *states: OutboxState) -> tuple[OutboxItem, ...]:
        """Every mail in one of these states, oldest first."""
        return self._select(_IN_STATE, states=list(states))

    def due(self, now: datetime) -> tuple[OutboxItem, ...]:
        """What may be attempted now, oldest first."""
        return self._select(_DUE, now=now)

    def of_case(self, case_id: int) -> tuple[OutboxItem, ...]:
        """Every mail of a case, oldest first."""
        return self._select(_OF_CASE, case_id=case_id)

    def with_message_ids(self, message_ids: Sequence[str]) -> tuple[OutboxItem, ...]:
        """The offered mails with one of these Message-IDs."""
        return self._select(_NAMED, message_ids=list(message_ids)) if message_ids else ()

    def comparable(self, since: datetime) -> tuple[OutboxItem, ...]:
        """The mails to buyers that were offered to a server since an instant."""
        return self._select(_OFFERED, since=since)

    def unfiled(self, mailbox: str, since: datetime) -> tuple[OutboxItem, ...]:
        """Sent mails of an account to buyers and agents whose copy was not yet seen in its Sent folder."""
        return self._select(_UNFILED, account=mailbox, since=since)

    def last_acknowledgment_to(self, buyer_key: str, *, besides: int = 0) -> datetime | None:
        """When this buyer last got, or was to get, an acknowledgment on any case."""
        sought = {"buyer": buyer_key, "besides": besides}
        return self._connection.execute(_LAST_TO_BUYER, sought).scalar()

    def acknowledgments_since(self, mailbox: str, since: datetime) -> int:
        """How many acknowledgments an account queued since an instant, withdrawn ones left out."""
        return self._connection.execute(_SINCE, {"account": mailbox, "since": since}).scalar_one()

    def queued_since(self, purpose: str, since: datetime) -> int:
        """How many mails whose purpose begins so were queued since an instant."""
        query = select(func.count()).where(
            _COLUMNS.purpose.startswith(purpose, autoescape=True), _COLUMNS.created_at > since
        )
        return self._connection.execute(query).scalar_one()

    def forget_words_before(self, at: datetime) -> None:
        """Empty the alerts that were queued before an instant: they repeat what buyers wrote."""
        to_owner = _COLUMNS.kind.in_((OutboxKind.ALERT, OutboxKind.WEBHOOK))
        old = tables.outbox.update().where(to_owner, _COLUMNS.created_at < at, _COLUMNS.text != "")
        self._connection.execute(old.values(text="", content=None))

    def approved_waiting(self, mailbox: str) -> tuple[OutboxItem, ...]:
        """The approved mails of an account that wait to leave, oldest first."""
        return self._select(_WAITING_APPROVED, account=mailbox)

    def _select(self, query: Select[Any], **sought: Any) -> tuple[OutboxItem, ...]:
        return tuple(map(outbox_item_of, dicts(self._connection.execute(query, sought))))
