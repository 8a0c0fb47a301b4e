"""Outgoing mail that is not settled: which of it matters, in the order in which it wants attention."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from daemon.showing.reader import clean
from state.model import CaseState
from state.outbox_rules import OutboxKind, OutboxState

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from state.model import Case, OutboxItem
    from state.unit_of_work import UnitOfWork

UNSETTLED = (
    OutboxState.UNCERTAIN,
    OutboxState.REFUSED,
    OutboxState.DEFERRED,
    OutboxState.QUEUED,
    OutboxState.SENDING,
)
"""In the order in which they want attention."""

_OLD_NEWS = timedelta(days=7)
"""After this nobody needs to hear of an alert that could not be sent."""

_LONG_CELL = 200


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """One outgoing mail of a list; instants in UTC.

    Attributes:
        number: of the mail.
        kind: word of `OutboxKind`.
        state: word of `OutboxState`.
        case_id: the case it belongs to.
        buyer: of that case; empty where there is none.
        to: the address it goes to, or the way of a short alert.
        at: when it left, was last tried, or was decided, whichever is known first.
        next_attempt_at: not tried before this.
        attempts: how often it was tried.
        reason: why it stands where it stands: a word of ours, or what a server said.
    """

    number: int
    kind: OutboxKind
    state: OutboxState
    case_id: int | None
    buyer: str = field(repr=False)
    to: str = field(repr=False)
    at: datetime
    next_attempt_at: datetime
    attempts: int
    reason: str | None = field(repr=False)


def row_of(item: OutboxItem, case: Case | None) -> OutboxRow:
    """One mail with the buyer of its case."""
    return OutboxRow(
        number=item.id,
        kind=item.kind,
        state=item.state,
        case_id=item.case_id,
        buyer=clean(case.buyer_name) if case is not None else "",
        to=clean(item.recipient, _LONG_CELL),
        at=item.sent_at or item.claimed_at or item.created_at,
        next_attempt_at=item.next_attempt_at,
        attempts=item.attempts,
        reason=item.reason,
    )


def rows_of(uow: UnitOfWork, items: Sequence[OutboxItem]) -> tuple[OutboxRow, ...]:
    """The mails with the buyers of their cases, in their order."""
    cases = _cases_of(uow, items)
    return tuple(row_of(item, _case(item, cases)) for item in items)


def unsettled(uow: UnitOfWork, now: datetime) -> list[OutboxItem]:
    """What a person may have to look at, what wants it most first."""
    items = uow.outbox.in_state(*UNSETTLED)
    cases = _cases_of(uow, [item for item in items if item.state is OutboxState.REFUSED])
    mattering = [item for item in items if _matters(item, _case(item, cases), now)]
    return sorted(mattering, key=lambda item: (UNSETTLED.index(item.state), item.id))


def _cases_of(uow: UnitOfWork, items: Sequence[OutboxItem]) -> dict[int, Case]:
    numbers = sorted({item.case_id for item in items if item.case_id is not None})
    return {case.id: case for case in uow.cases.numbered(numbers)}


def _case(item: OutboxItem, cases: Mapping[int, Case]) -> Case | None:
    return None if item.case_id is None else cases.get(item.case_id)


def _matters(item: OutboxItem, case: Case | None, now: datetime) -> bool:
    """A refused mail is settled once its case is answered by other means, or when it is old news."""
    if item.state is not OutboxState.REFUSED:
        return True
    if case is None:
        return now - item.created_at < _OLD_NEWS
    return case.state is CaseState.OPEN
