"""What a person decides: a case is answered or needs no answer, an uncertain mail went or did not.

Each function works inside the caller's transaction; the running service sees the result within two seconds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from daemon import acknowledge, approvals
from daemon.aftercare import inquiries
from daemon.errors import SokuresuError
from daemon.identifiers import fresh_token
from daemon.reading.copies import note_sent
from daemon.review import case_of
from daemon.settling import record_answer
from state.model import Answer, AnswerSource, CaseState
from state.outbox_rules import OutboxEvent, OutboxKind, OutboxState
from state.repository.outbox import DROPPED

if TYPE_CHECKING:
    from datetime import datetime

    from daemon.work import Work
    from state.model import OutboxItem


def answered(work: Work, case_id: int, *, last_seen: int | None = None) -> bool:
    """A person answered in a way that the program cannot see, by telephone for example.

    Args:
        work: the transaction.
        case_id: the case.
        last_seen: number of the newest message that the person had seen; what came later stays open.

    Returns:
        False if nothing of the case was unanswered; then nothing changed.

    Raises:
        SokuresuError: there is no such case, or it is closed.
    """
    return _decide_answered(work, case_id, AnswerSource.COMMAND, last_seen)


def no_reply_needed(work: Work, case_id: int, *, last_seen: int | None = None) -> bool:
    """A person decided that the case needs no answer.

    Args:
        work: the transaction.
        case_id: the case.
        last_seen: number of the newest message that the person had seen; what came later stays open.

    Returns:
        False if nothing of the case was unanswered; then nothing changed.

    Raises:
        SokuresuError: there is no such case, or it is closed.
    """
    return _decide_answered(work, case_id, AnswerSource.NO_REPLY_NEEDED, last_seen)


def _decide_answered(work: Work, case_id: int, source: AnswerSource, last_seen: int | None = None) -> bool:
    case = case_of(work, case_id)
    messages = work.uow.messages.of_case(case.id)
    if case.state is CaseState.ANSWERED and not any(message.unanswered for message in messages):
        return False
    # The mail server's clock may be ahead of ours; what is stored was there when the person decided.
    at = max([work.now, *(message.received_at for message in messages)])
    record_answer(
        work, case.id, Answer(at, source, last_seen=last_seen), reference=f"command:{fresh_token()}"
    )
    return True


def outbox_sent(work: Work, item_id: int) -> None:
    """A person knows that an uncertain mail left.

    Raises:
        SokuresuError: there is no such mail, or it is not uncertain.
    """
    item = _uncertain(work, item_id)
    at = item.claimed_at or work.now
    _settle_item(work, item, OutboxEvent.PERSON_SAYS_SENT, sent_at=at)
    note_sent(work, item, at)


def outbox_resend(work: Work, item_id: int) -> None:
    """A person wants an uncertain mail to be offered once more, under the same Message-ID.

    Raises:
        SokuresuError: there is no such mail, it is not uncertain, or the rules forbid it by now.
    """
    item = _uncertain(work, item_id)
    if (refusal := refusal_of_resending(work, item)) is not None:
        raise SokuresuError(
            f"送信 {item_id} はもう送れません ({refusal})。sokuresu outbox drop {item_id} で取り下げます。"
            f" / Mail {item_id} may not go any more ({refusal}); settle it with"
            f" sokuresu outbox drop {item_id}."
        )
    # The patience of what a person approved begins anew, and so does the look into the folders.
    approved = item.kind in {OutboxKind.APPROVED, OutboxKind.INQUIRY}
    anew = {"created_at": work.now, "cleared_at": None} if approved else {}
    _settle_item(work, item, OutboxEvent.PERSON_RESENDS, next_attempt_at=work.now, **anew)


def refusal_of_resending(work: Work, item: OutboxItem) -> str | None:
    """Why the rules forbid by now that an uncertain mail is offered once more; None if they allow it."""
    if item.kind is OutboxKind.ACKNOWLEDGMENT:
        return acknowledge.still_allowed(work, item)
    if item.kind is OutboxKind.INQUIRY:
        return inquiries.still_allowed(work, item, anew=True)
    return approvals.still_allowed(work, item) if item.kind is OutboxKind.APPROVED else None


def outbox_drop(work: Work, item_id: int) -> None:
    """A person gives an uncertain mail up: it is neither sent again nor shown any more.

    Raises:
        SokuresuError: there is no such mail, or it is not uncertain.
    """
    item = _uncertain(work, item_id)
    _settle_item(work, item, OutboxEvent.PERSON_DROPS, reason=DROPPED)
    if item.kind is OutboxKind.APPROVED:
        approvals.reopen_draft(work, item)


def _uncertain(work: Work, item_id: int) -> OutboxItem:
    item = work.uow.outbox.get(item_id)
    if item is None:
        raise SokuresuError(
            f"送信 {item_id} はありません。一覧: sokuresu outbox"
            f" / There is no outgoing mail {item_id}; list them with: sokuresu outbox"
        )
    if item.state is not OutboxState.UNCERTAIN:
        raise _not_uncertain(item_id, item.state)
    return item


def _settle_item(work: Work, item: OutboxItem, event: OutboxEvent, **columns: datetime | str | None) -> None:
    if not work.uow.outbox.advance(item, event, **({"reason": event.replace("_", " ")} | columns)):
        raise _not_uncertain(item.id, "?")
    if item.case_id is not None:
        work.uow.events.note(item.case_id, event, work.now)


def _not_uncertain(item_id: int, state: str) -> SokuresuError:
    return SokuresuError(
        f"送信 {item_id} は {state} です。人が決められるのは uncertain (送れたか不明) のものだけです。"
        f" / Mail {item_id} is {state}; only what is uncertain is a person's to decide."
    )
