"""A case as it stands in a list: when it came, until when it wants an answer, what is unusual about it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from daemon.aftercare.amazons_limits import limit_of
from daemon.words import NOTES
from parsers.values import Authenticity, Kind
from state.deadlines import amazons_own
from state.model import CaseState
from state.outbox_rules import OutboxKind, OutboxState

if TYPE_CHECKING:
    from collections.abc import Sequence

    from daemon.showing.reader import Reader
    from state.model import Case, Message, OutboxItem
    from state.repository.mail import End
    from state.unit_of_work import UnitOfWork

_FAR = datetime.max.replace(tzinfo=UTC)
WAITING = (OutboxState.QUEUED, OutboxState.SENDING, OutboxState.DEFERRED)
"""Where a mail stands that has not left yet but will."""

_SHOWN_FACTS = ("relayed", "found_in_junk", "look_back", "history", "automatic")


@dataclass(frozen=True)
class CaseLine:
    """One case with its messages, oldest first; what is worked out of them is worked out once.

    Attributes:
        case: the case.
        messages: its messages.
        drafted: a draft of its answer waits for a person.
        approved: an approved answer waits to leave.
    """

    case: Case
    messages: tuple[Message, ...]
    drafted: bool = False
    approved: bool = False

    @cached_property
    def pressing(self) -> tuple[Message, ...]:
        """What waits for an answer; of a settled case everything."""
        return tuple(message for message in self.messages if message.unanswered) or self.messages

    @property
    def received_at(self) -> datetime:
        """Since when it waits, or when it began."""
        return min((message.received_at for message in self.pressing), default=self.case.opened_at)

    @property
    def amazon_by(self) -> datetime | None:
        """The first end of Amazon's 24 hours."""
        return min((at for one in self.pressing if (at := one.amazon_by)), default=None)

    @cached_property
    def amazon_limit(self) -> datetime | None:
        """The first end of whatever time Amazon gives: for a claim, a cancellation and a return too."""
        return limit_of(self.case, self.pressing)

    @cached_property
    def respond_by(self) -> datetime | None:
        """The shop's first deadline."""
        return min((at for one in self.pressing if (at := one.respond_by)), default=None)

    @property
    def urgency(self) -> tuple[bool, list[datetime], int]:
        """Sorts open cases before settled ones and the nearest deadline to the front, then the next one."""
        ends = sorted((self.respond_by or _FAR, self.amazon_limit or _FAR))
        return self.case.state is not CaseState.OPEN, ends, self.case.id

    @property
    def unproven(self) -> bool:
        """Something in it is not proven to come from Amazon; an agent's mail never does."""
        of_amazon = (message for message in self.messages if message.kind is not Kind.AGENT_REPLY)
        return any(message.authenticity is not Authenticity.PASS for message in of_amazon)

    def asleep(self, now: datetime) -> bool:
        """A person put it off, and that is not over."""
        until = self.case.snoozed_until
        return until is not None and until > now

    def notes(self, now: datetime) -> list[str]:
        """Machine words of what a person should know."""
        case = self.case
        facts = {fact for message in self.messages for fact in message.facts}
        applies = {
            "to_confirm": case.to_confirm_at is not None,
            "undelivered": case.undelivered_at is not None,
            "unproven": self.unproven,
            "snoozed": self.asleep(now),
            "approved": self.approved,
            "drafted": self.drafted,
            "acknowledged": case.acknowledged_at is not None,
        }
        return [word for word, holds in applies.items() if holds] + [f for f in _SHOWN_FACTS if f in facts]

    def record(self) -> dict[str, Any]:
        """The same for scripts; instants stay instants."""
        case = self.case
        return {
            "case": case.id,
            "state": case.state.value,
            "order_ids": list(case.order_ids),
            "buyer_name": case.buyer_name,
            "received_at": self.received_at,
            "amazon_by": self.amazon_by,
            "respond_by": self.respond_by,
            "acknowledged_at": case.acknowledged_at,
            "answered_at": case.answered_at,
            "kind": case.kind.value,
            "marketplace": case.marketplace,
            "rating": case.rating,
            "to_confirm": case.to_confirm_at is not None,
            "unproven": self.unproven,
            "undelivered": case.undelivered_at is not None,
            "snoozed_until": case.snoozed_until,
            "linked_to": case.linked_to,
            "drafted": self.drafted,
            "approved": self.approved,
            "amazon_limit": self.amazon_limit,
        }


def open_lines(uow: UnitOfWork) -> list[CaseLine]:
    """The unanswered cases, most urgent first."""
    return _lines(uow, uow.cases.in_state(CaseState.OPEN))


def open_order(uow: UnitOfWork) -> tuple[int, ...]:
    """The numbers of the unanswered cases in the same order, without reading what they are about."""
    ends: dict[int, list[End]] = {}
    for end in uow.messages.ends():
        ends.setdefault(end.case_id, []).append(end)
    return tuple(sorted(ends, key=lambda case_id: (_deadlines(ends[case_id]), case_id)))


def _deadlines(ends: Sequence[End]) -> list[datetime]:
    """The shop's first deadline and Amazon's, the nearer one first."""
    own = [amazons_own(one.kind, one.marketplace, one.received_at) for one in ends]
    amazons = [at for at in (*own, *(one.amazon_by for one in ends)) if at is not None]
    shops = [one.respond_by for one in ends if one.respond_by is not None]
    return sorted((min(shops, default=_FAR), min(amazons, default=_FAR)))


def all_lines(uow: UnitOfWork) -> list[CaseLine]:
    """Every case: the unanswered ones by urgency, then the settled ones."""
    return _lines(uow, uow.cases.in_state(*CaseState))


def line_of(uow: UnitOfWork, case: Case) -> CaseLine:
    """One case as it stands in a list."""
    return CaseLine(
        case,
        uow.messages.of_case(case.id),
        drafted=uow.drafts.open_of(case.id) is not None,
        approved=any(_waits_to_leave(item) for item in uow.outbox.of_case(case.id)),
    )


def _waits_to_leave(item: OutboxItem) -> bool:
    return item.kind is OutboxKind.APPROVED and item.state in WAITING


def lines_of(uow: UnitOfWork, case_ids: Sequence[int]) -> list[CaseLine]:
    """These cases, in the order of their numbers here."""
    place = {case_id: order for order, case_id in enumerate(case_ids)}
    return sorted(_lines(uow, uow.cases.numbered(case_ids)), key=lambda line: place[line.case.id])


def _lines(uow: UnitOfWork, cases: tuple[Case, ...]) -> list[CaseLine]:
    drafted = uow.drafts.cases_waiting()
    messages = uow.messages.of_cases([case.id for case in cases])
    approved = {item.case_id for item in uow.outbox.in_state(*WAITING) if _waits_to_leave(item)}
    lines = (
        CaseLine(case, messages.get(case.id, ()), case.id in drafted, case.id in approved) for case in cases
    )
    return sorted(lines, key=lambda line: line.urgency)


def say_notes(line: CaseLine, reader: Reader) -> str:
    """The notes in words."""
    return reader.say("、", ", ").join(reader.word(NOTES, word) for word in line.notes(reader.now))
