"""The telephone log as it is looked at: which calls wait, and whether what was promised was kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from parsers.values import Kind

if TYPE_CHECKING:
    from datetime import datetime

    from daemon.work import Work
    from state.calls import Call
    from state.model import Case, Message


@dataclass(frozen=True, slots=True)
class LogLine:
    """A call of the log with its case.

    Attributes:
        call: what was written down.
        case: the case that it opened or joined.
        waiting: nobody has reacted yet.
        settled_at: when somebody reacted, in UTC; None if nobody has.
    """

    call: Call
    case: Case
    waiting: bool
    settled_at: datetime | None = None

    @property
    def kept(self) -> bool | None:
        """Whether the caller heard of us as promised; None if nothing was promised, or that is still open."""
        if self.call.promised_by is None or self.settled_at is None:
            return None
        return self.settled_at <= self.call.promised_by


def log_lines(work: Work, *, everything: bool = False) -> tuple[LogLine, ...]:
    """The calls that nobody has reacted to, or all of them, oldest first."""
    lines = (_line(work, call) for call in work.uow.calls.all())
    return tuple(line for line in lines if everything or line.waiting)


def newest_lines(
    work: Work, start: int, count: int, *, only_waiting: bool = False
) -> tuple[tuple[LogLine, ...], int]:
    """A page of the log, newest first.

    Args:
        work: the transaction.
        start: how many newer calls are passed over.
        count: how many are told.
        only_waiting: leaves out the calls that somebody has reacted to.

    Returns:
        The calls, and how many there are on all pages.
    """
    calls = work.uow.calls.all()
    if only_waiting:
        waiting = waiting_numbers(work)
        calls = tuple(call for call in calls if call.id in waiting)
    newest = sorted(calls, key=lambda call: (call.called_at, call.id), reverse=True)
    return tuple(_line(work, call) for call in newest[start : start + count]), len(newest)


def waiting_numbers(work: Work) -> frozenset[int]:
    """The numbers of the calls that nobody has reacted to."""
    unanswered = work.uow.messages.unanswered()
    return frozenset(one.place.uid for one in unanswered if one.kind is Kind.CALL)


def _line(work: Work, call: Call) -> LogLine:
    case = work.uow.cases.get(call.case_id)
    assert case is not None
    own = [one for one in work.uow.messages.of_case(case.id) if _tells(one, call)]
    settled = next((one.answered_at for one in own), None)
    return LogLine(call, case, any(one.unanswered for one in own), settled)


def _tells(message: Message, call: Call) -> bool:
    return message.kind is Kind.CALL and message.place.uid == call.id
