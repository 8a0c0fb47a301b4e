"""Judges an approved mail again before it leaves, and takes it back where anything came in between."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from daemon.compose import compose_reply
from daemon.log import get_logger
from daemon.review import check_draft, standing_of
from daemon.threads import Thread, thread_of
from state.approval_rules import ApprovalRefusal, fence
from state.drafts import DraftState
from state.model import CaseState
from state.outbox_rules import OutboxEvent
from templates.guidelines import is_blocked

if TYPE_CHECKING:
    from daemon.work import Work
    from state.drafts import Draft
    from state.model import Case, OutboxItem

CLEARED_FOR = timedelta(seconds=30)
"""How long a look into the Drafts and Sent folders allows an approved mail to leave."""

_log = get_logger(__name__)


def is_cleared(work: Work, item: OutboxItem) -> bool:
    """Whether the folders were looked into just now; a clock that was set back makes it look again."""
    if item.cleared_at is None:
        return False
    return timedelta(0) <= work.now - item.cleared_at <= CLEARED_FOR


def still_allowed(work: Work, item: OutboxItem) -> ApprovalRefusal | None:
    """Judge an approved mail in the transaction that is about to claim it; None if it may go."""
    draft, case = draft_and_case(work, item)
    if draft is None or case is None or case.state is CaseState.CLOSED:
        return ApprovalRefusal.NO_DRAFT
    if case.to_confirm_at is not None and case.to_confirm_at >= item.created_at:
        # A mail or a copy that may have answered it came after the approval.
        return ApprovalRefusal.ANSWERED_MEANWHILE
    refusal = fence(draft, standing_of(work, case, besides=item.id))
    if refusal is None and case.alias != item.recipient:
        return ApprovalRefusal.NO_ADDRESS
    if refusal is None and is_blocked(check_draft(draft, case, work.shop.language)):
        # The rules may have grown stricter since the approval.
        return ApprovalRefusal.FORBIDDEN_WORDS
    return refusal


def take_back(work: Work, item: OutboxItem, refusal: ApprovalRefusal) -> None:
    """Withdraw an approved mail that must not go, and ask the person."""
    if not work.uow.outbox.advance(item, OutboxEvent.FORBIDDEN, reason=refusal):
        return
    reopen_draft(work, item)
    key = f"approval_void:{item.id}"
    work.uow.notices.raise_once(key, "approval_void", work.now, case_id=item.case_id, detail=refusal)
    if item.case_id is not None:
        work.uow.events.note(item.case_id, "approval_void", work.now, refusal)
    _log.info("approved mail withdrawn", action="withdrawn", case=item.case_id, reason=refusal)


def reopen_draft(work: Work, item: OutboxItem) -> None:
    """The approved version waits for a person again, unless a newer one does."""
    draft = work.uow.drafts.get(item.draft_id or 0)
    if draft is None or draft.state is not DraftState.APPROVED:
        return
    newer = work.uow.drafts.open_of(draft.case_id)
    state = DraftState.OPEN if newer is None else DraftState.REPLACED
    work.uow.drafts.settle(draft.id, state, work.now)


def compose(work: Work, item: OutboxItem) -> bytes:
    """The approved mail as it goes out: a plain reply on the buyer's thread."""
    draft, case = draft_and_case(work, item)
    thread = thread_of(work.uow, draft, case) if draft and case else Thread(item.subject)
    return compose_reply(
        sender_address=work.shop.accounts[item.mailbox].address,
        sender_name=work.shop.name,
        recipient=item.recipient,
        subject=item.subject,
        text=item.text,
        message_id=item.message_id,
        in_reply_to=thread.in_reply_to,
        references=thread.references,
        at=work.now.astimezone(work.shop.calendar.zone),
        automatic=False,
    )


def draft_and_case(work: Work, item: OutboxItem) -> tuple[Draft | None, Case | None]:
    """The version that was approved, and its case."""
    return work.uow.drafts.get(item.draft_id or 0), work.uow.cases.get(item.case_id or 0)
