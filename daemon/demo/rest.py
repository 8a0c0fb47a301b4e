"""Whether drafts lie where they belong, as far as the database tells."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daemon.review import check_draft, standing_of
from state.approval_rules import refusal_of
from state.drafts import DraftState, FolderState
from templates.guidelines import is_blocked

if TYPE_CHECKING:
    from daemon.work import Work
    from state.drafts import Draft

_UNDER_WAY = frozenset({None, FolderState.WANTED})


def drafts_lie_right(work: Work, mailbox: str) -> bool:
    """Whether every ready draft was put into the Drafts folder, and none that is out of date is left in."""
    copies = work.uow.folder_copies.of_mailbox(mailbox, FolderState.WANTED, FolderState.PLACED)
    drafts = [work.uow.drafts.get(copy.draft_id) for copy in copies]
    if any(draft is None or draft.state is not DraftState.OPEN for draft in drafts):
        return False
    ready = (draft for draft in work.uow.drafts.open() if is_ready(work, draft))
    return all(_copy_state(work, draft) not in _UNDER_WAY for draft in ready)


def is_ready(work: Work, draft: Draft) -> bool:
    """Whether a draft may be approved as it is."""
    case = work.uow.cases.get(draft.case_id)
    if case is None or is_blocked(check_draft(draft, case, work.shop.language)):
        return False
    return refusal_of(draft, standing_of(work, case)) is None


def _copy_state(work: Work, draft: Draft) -> FolderState | None:
    copy = work.uow.folder_copies.of_draft(draft.id)
    return None if copy is None else copy.state
