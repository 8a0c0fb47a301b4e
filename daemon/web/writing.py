"""What a person wrote into the field of a draft, and its keeping as the next version."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from daemon.errors import SokuresuError
from daemon.review import ReviewRefused, blank_draft, case_of, revise, standing_of
from state.approval_rules import ApprovalRefusal, refusal_of, sight_of
from state.drafts import DraftSource, DraftState, Sight
from templates.cleaning import several_lines

if TYPE_CHECKING:
    from daemon.web.forms import Form
    from daemon.work import Work
    from state.drafts import Draft
    from state.model import Case

LONGEST = 100_000
"""Characters that are read of the field: more than is ever kept, so that nothing is cut off silently."""

_VOIDED = (ApprovalRefusal.BUYER_WROTE_AGAIN, ApprovalRefusal.ANSWERED_MEANWHILE)


@dataclass(frozen=True, slots=True)
class Written:
    """What came with the form of a draft.

    Attributes:
        case_id: the case.
        version: the version that the text began with; 0 for a text from scratch.
        waiting: the version that waited when the page was made; 0 if none did.
        sight: what there was to see on that page.
        text: as it was typed, without controls.
    """

    case_id: int
    version: int
    waiting: int
    sight: Sight
    text: str = field(repr=False)


def written_in(form: Form, case_id: int) -> Written:
    """Read the form of a draft.

    Args:
        form: as it was posted.
        case_id: the case, from the address.
    """
    version, waiting, seen, answer = (
        form.number(name) or 0 for name in ("version", "waiting", "seen", "answer")
    )
    text = several_lines(form.text("text", LONGEST))
    return Written(case_id, version, waiting, Sight(seen, answer), text)


def keep(work: Work, written: Written) -> Draft:
    """Store what was written as the version that waits, unless it is that already.

    Args:
        work: the transaction.
        written: what a person wrote.

    Returns:
        The version that waits now and holds this text.

    Raises:
        ReviewRefused: the buyer wrote again, the case was answered, or another version came meanwhile.
        SokuresuError: the case is closed or gone, or the text is empty or too long.
    """
    case = case_of(work, written.case_id)
    based_on = replace(_base(work, written), sight=_bounded(work, case, written.sight))
    _insist_on_sight(work, case, based_on)
    current = work.uow.drafts.open_of(case.id)
    if current is not None and is_same(current.text, written.text) and not _is_voided(work, case, current):
        return current
    if (current.version if current else 0) != written.waiting:
        raise ReviewRefused(ApprovalRefusal.OLD_VERSION, case.id)
    if not written.text.strip():
        raise SokuresuError("本文がありません。 / There is no text.")
    return revise(work, based_on, written.text, DraftSource.DESK)


def is_same(one: str, other: str) -> bool:
    """Whether two texts are the same letter: neither the form of line ends nor space around it counts."""
    return several_lines(one).strip() == several_lines(other).strip()


def _base(work: Work, written: Written) -> Draft:
    versions = work.uow.drafts.of_case(written.case_id)
    found = next((one for one in versions if one.version == written.version), None)
    return found or blank_draft(work, written.case_id)


def _bounded(work: Work, case: Case, sight: Sight) -> Sight:
    """Nobody has seen what does not exist yet."""
    now = sight_of(work.uow.messages.of_case(case.id), work.uow.answers.newest(case.id))
    return Sight(min(sight.message, now.message), min(sight.answer, now.answer))


def _insist_on_sight(work: Work, case: Case, based_on: Draft) -> None:
    refusal = refusal_of(replace(based_on, state=DraftState.OPEN), standing_of(work, case))
    if refusal is not None:
        raise ReviewRefused(refusal, case.id)


def _is_voided(work: Work, case: Case, draft: Draft) -> bool:
    """The version was made before news that the page has shown meanwhile: the same words need a new one."""
    return refusal_of(draft, standing_of(work, case)) in _VOIDED
