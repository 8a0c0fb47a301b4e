"""What was done lately, by case: what left and what was answered, read by its time alone."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, select

from state import tables
from state.outbox_rules import OutboxKind

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from sqlalchemy import Connection, Select

_CASE = tables.case.c
_OUTBOX = tables.outbox.c
_LONGEST_ON_ITS_WAY = timedelta(days=3)
"""No mail to a buyer leaves so long after it was decided; rows are found by the time of the decision."""

# Only what was sent has a time at which it was; a condition on the state would lead SQLite to an index of
# nearly all rows.
_SENT = (
    select(_OUTBOX.id, _OUTBOX.case_id, _OUTBOX.kind, _OUTBOX.sent_at, _CASE.buyer_name)
    .outerjoin(tables.case, _CASE.id == _OUTBOX.case_id)
    .where(
        _OUTBOX.created_at >= bindparam("decided_since"),
        _OUTBOX.sent_at >= bindparam("since"),
        _OUTBOX.kind.in_(bindparam("kinds", expanding=True)),
    )
    .order_by(_OUTBOX.sent_at.desc(), _OUTBOX.id.desc())
)
_ANSWERED = (
    select(_CASE.id, _CASE.kind, _CASE.answered_at, _CASE.buyer_name)
    .where(_CASE.answered_at >= bindparam("since"))
    .order_by(_CASE.answered_at.desc(), _CASE.id.desc())
)


@dataclass(frozen=True, slots=True)
class Sent:
    """A mail that a server took.

    Attributes:
        item: its number in the outbox.
        case_id: the case it belongs to; None for what belongs to none.
        kind: what it is.
        at: when the server took it, in UTC.
        buyer_name: of the case, as Amazon showed it.
    """

    item: int
    case_id: int | None
    kind: OutboxKind
    at: datetime
    buyer_name: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Answered:
    """A case that a person answered.

    Attributes:
        case_id: the case.
        kind: word of `Kind`, what opened it.
        at: when it was answered, in UTC.
        buyer_name: as Amazon showed it.
    """

    case_id: int
    kind: str
    at: datetime
    buyer_name: str | None = field(repr=False)


class Days:
    """What was done in the last hours or days, newest first; no texts are read."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def sent(self, kinds: Collection[OutboxKind], since: datetime) -> tuple[Sent, ...]:
        """The mails of these kinds that left since an instant."""
        sought = {"kinds": list(kinds), "since": since, "decided_since": since - _LONGEST_ON_ITS_WAY}
        rows = self._rows(_SENT, sought)
        return tuple(
            Sent(item, case_id, OutboxKind(kind), at, name) for item, case_id, kind, at, name in rows
        )

    def answered(self, since: datetime) -> tuple[Answered, ...]:
        """The cases whose last message was answered since an instant, and nothing of which waits."""
        return tuple(Answered(*row) for row in self._rows(_ANSWERED, {"since": since}))

    def _rows(self, query: Select[Any], sought: dict[str, Any]) -> list[Any]:
        return list(self._connection.execute(query, sought))
