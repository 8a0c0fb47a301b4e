"""On which mail of the buyer's an answer goes out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from state.approval_rules import message_to_answer

if TYPE_CHECKING:
    from state.drafts import Draft
    from state.model import Case
    from state.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class Thread:
    """Where a reply belongs.

    Attributes:
        subject: of the mail that is answered.
        in_reply_to: its Message-ID; None if it has none.
        references: its chain, oldest first.
    """

    subject: str
    in_reply_to: str | None = None
    references: tuple[str, ...] = ()


def thread_of(uow: UnitOfWork, draft: Draft, case: Case) -> Thread:
    """The thread of the buyer's newest message that was in a draft's sight, else the case's subject alone."""
    message = message_to_answer(uow.messages.of_case(case.id), draft.sight)
    if message is None:
        return Thread(case.subject)
    return Thread(message.subject, message.message_id, message.reply_chain)
