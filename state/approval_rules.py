"""When an approval holds (decision 3 of the design). Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from parsers.values import Authenticity, Kind
from state.drafts import DraftState, Sight
from state.outbox_rules import OutboxKind, OutboxState

if TYPE_CHECKING:
    from collections.abc import Iterable

    from state.drafts import Draft
    from state.model import Message, OutboxItem


class ApprovalRefusal(StrEnum):
    """Why a draft may not be approved, or an approved one may not leave."""

    NO_ADDRESS = "no_address"
    BEING_SENT = "being_sent"
    UNCERTAIN = "uncertain"
    DISCARDED = "discarded"
    ALREADY_SENT = "already_sent"
    BUYER_WROTE_AGAIN = "buyer_wrote_again"
    ANSWERED_MEANWHILE = "answered_meanwhile"
    OLD_VERSION = "old_version"
    NO_DRAFT = "no_draft"
    FORBIDDEN_WORDS = "forbidden_words"
    WARNINGS = "warnings"
    DRAFT_GONE = "draft_gone"
    DRAFT_EDITED = "draft_edited"


_ON_ITS_WAY = frozenset({OutboxState.QUEUED, OutboxState.SENDING, OutboxState.DEFERRED})
_FINAL = {
    DraftState.DISCARDED: ApprovalRefusal.DISCARDED,
    DraftState.APPROVED: ApprovalRefusal.ALREADY_SENT,
}


@dataclass(frozen=True, slots=True)
class Standing:
    """What is true of a case now.

    Attributes:
        voiding_message: number of its newest message that voids what was made before.
        newest_answer: number of its newest answer that was not withdrawn; 0 if there is none.
        outgoing: states of its approved mails besides the one that is judged.
        reachable: it has a buyer's alias to write to.
    """

    voiding_message: int
    newest_answer: int
    outgoing: frozenset[OutboxState]
    reachable: bool


def sight_of(messages: Iterable[Message], newest_answer: int) -> Sight:
    """All that there is to see of a case."""
    return Sight(message=max((one.id for one in messages), default=0), answer=newest_answer)


def voiding_message(messages: Iterable[Message]) -> int:
    """Number of the newest message that voids an approval given before it; 0 if there is none.

    The buyer's words do, and so does news that wants an answer, such as a claim or a request to cancel. A
    mail that is not proven to be Amazon's voids nothing, or anybody could stop the shop's answers.
    """
    telling = (one for one in messages if one.wants_answer or one.kind is Kind.BUYER_MESSAGE)
    return max((one.id for one in telling if one.authenticity is Authenticity.PASS), default=0)


def message_to_answer(messages: Iterable[Message], sight: Sight) -> Message | None:
    """The buyer's newest message that was in sight: on its thread the answer goes."""
    written = (one for one in messages if one.kind is Kind.BUYER_MESSAGE and one.id <= sight.message)
    return max(written, key=lambda one: one.id, default=None)


def outgoing_states(items: Iterable[OutboxItem], *, besides: int = 0) -> frozenset[OutboxState]:
    """Where the approved mails of a case stand, one of them left out."""
    return frozenset(item.state for item in items if item.kind is OutboxKind.APPROVED and item.id != besides)


def refusal_of(draft: Draft, standing: Standing) -> ApprovalRefusal | None:
    """Why this version may not be approved now; None if it may."""
    if (final := _FINAL.get(draft.state)) is not None:
        # Two people may approve at once: the second is told what became of it, not that it is old.
        return ApprovalRefusal.BEING_SENT if _is_on_its_way(draft, standing) else final
    return fence(draft, standing) or _other_mail(standing)


def fence(draft: Draft, standing: Standing) -> ApprovalRefusal | None:
    """What came between a draft and its sending, asked again in the transaction that claims it."""
    if not standing.reachable:
        return ApprovalRefusal.NO_ADDRESS
    if standing.voiding_message > draft.sight.message:
        return ApprovalRefusal.BUYER_WROTE_AGAIN
    if standing.newest_answer > draft.sight.answer:
        return ApprovalRefusal.ANSWERED_MEANWHILE
    return None


def _is_on_its_way(draft: Draft, standing: Standing) -> bool:
    return draft.state is DraftState.APPROVED and not _ON_ITS_WAY.isdisjoint(standing.outgoing)


def _other_mail(standing: Standing) -> ApprovalRefusal | None:
    if not _ON_ITS_WAY.isdisjoint(standing.outgoing):
        return ApprovalRefusal.BEING_SENT
    return ApprovalRefusal.UNCERTAIN if OutboxState.UNCERTAIN in standing.outgoing else None
