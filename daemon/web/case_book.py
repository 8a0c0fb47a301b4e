"""Everything that is stored of one case, read once for its page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from daemon.showing.case_lines import WAITING, CaseLine
from state.outbox_rules import OutboxKind

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from daemon.work import Work
    from state.model import Answer, Case, Message, OutboxItem
    from state.steps import Step
    from state.unit_of_work import UnitOfWork

    Event = tuple[datetime, str, str]
    """Instant, action and detail of a line of the record."""

_ERASED = "erased"


@dataclass(frozen=True, slots=True)
class Book:
    """Everything that is stored of a case, each part oldest first.

    Attributes:
        line: the case with its messages.
        outgoing, answers, events, steps: of the case.
    """

    line: CaseLine
    outgoing: tuple[OutboxItem, ...]
    answers: tuple[Answer, ...]
    events: tuple[Event, ...]
    steps: tuple[Step, ...]

    @property
    def case(self) -> Case:
        """The case itself."""
        return self.line.case

    @property
    def erased(self) -> bool:
        """The buyer was forgotten."""
        return any(action == _ERASED for _, action, _ in self.events)


def read_book(work: Work, case: Case) -> Book:
    """Read everything of a case once."""
    uow = work.uow
    outgoing = uow.outbox.of_case(case.id)
    line = CaseLine(
        case,
        uow.messages.of_case(case.id),
        drafted=uow.drafts.open_of(case.id) is not None,
        approved=any(one.kind is OutboxKind.APPROVED and one.state in WAITING for one in outgoing),
    )
    answers, events = uow.answers.of_case(case.id), uow.events.of_case(case.id)
    return Book(line, outgoing, answers, events, uow.steps.of_case(case.id))


def seen_of(uow: UnitOfWork, case_id: int) -> str:
    """What there is to see of a case, in a word that changes with every mail and every decision."""
    return stamp(uow.messages.of_case(case_id), uow.events.of_case(case_id))


def stamp(messages: Sequence[Message], events: Sequence[Event]) -> str:
    """The number of the newest mail and how many lines the record has."""
    return f"{max((one.id for one in messages), default=0)}-{len(events)}"
