"""Adds a case up anew after anything happened to it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from state.model import CaseState, settle

if TYPE_CHECKING:
    from datetime import datetime

    from daemon.work import Work
    from state.model import Answer
    from state.unit_of_work import UnitOfWork


def settle_case(uow: UnitOfWork, case_id: int) -> CaseState:
    """Write down which messages of a case are answered and where it stands; only news opens a closed one."""
    messages = uow.messages.of_case(case_id)
    settlement = settle(messages, uow.answers.of_case(case_id))
    for message, answered_at in zip(messages, settlement.message_answers, strict=True):
        if message.answered_at != answered_at:
            uow.messages.change(message.id, answered_at=answered_at)
    case = uow.cases.get(case_id)
    if case is not None and case.state is CaseState.CLOSED and settlement.state is CaseState.ANSWERED:
        return CaseState.CLOSED
    uow.cases.change(case_id, state=settlement.state, answered_at=settlement.answered_at, closed_at=None)
    return settlement.state


def record_answer(work: Work, case_id: int, answer: Answer, *, reference: str, text_print: str = "") -> bool:
    """Note that a person answered and settle the case; False if this very answer was noted before.

    A failure notice may be seen before the mail that failed: an answer from before it answers nothing.
    """
    uow, now = work.uow, work.now
    case = uow.cases.get(case_id)
    failed_at = None if case is None else case.undelivered_at
    given = replace(answer, withdrawn=failed_at is not None and answer.at < failed_at)
    if not uow.answers.record(case_id, given, reference=reference, text_print=text_print, recorded_at=now):
        return False
    if not given.withdrawn:
        uow.cases.change(case_id, to_confirm_at=None, undelivered_at=None, snoozed_until=None)
    settle_case(uow, case_id)
    uow.events.note(case_id, "answer_failed" if given.withdrawn else "answered", now, answer.source)
    return True


def had_begun(uow: UnitOfWork, case_id: int, at: datetime) -> bool:
    """Whether anything of a case had arrived at an instant; what was sent before answers none of it."""
    return any(message.received_at <= at for message in uow.messages.of_case(case_id))
