"""Adds a case up anew after anything happened to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from state.model import CaseState, settle

if TYPE_CHECKING:
    from daemon.work import Work
    from state.model import Answer
    from state.unit_of_work import UnitOfWork


def settle_case(uow: UnitOfWork, case_id: int) -> CaseState:
    """Write down which messages of a case are answered and where the case stands."""
    messages = uow.messages.of_case(case_id)
    settlement = settle(messages, uow.answers.of_case(case_id))
    for message, answered_at in zip(messages, settlement.message_answers, strict=True):
        if message.answered_at != answered_at:
            uow.messages.change(message.id, answered_at=answered_at)
    uow.cases.change(case_id, state=settlement.state, answered_at=settlement.answered_at)
    return settlement.state


def record_answer(work: Work, case_id: int, answer: Answer, *, reference: str, text_print: str = "") -> bool:
    """Note that a person answered and settle the case; False if this very answer was noted before."""
    uow, now = work.uow, work.now
    fresh = uow.answers.record(case_id, answer, reference=reference, text_print=text_print, recorded_at=now)
    if fresh:
        uow.cases.change(case_id, to_confirm_at=None, undelivered_at=None, snoozed_until=None)
        settle_case(uow, case_id)
        uow.events.note(case_id, "answered", now, answer.source)
    return fresh
