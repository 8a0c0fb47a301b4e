"""A person looked at a case that was perhaps answered, and it was not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daemon.review import case_of

if TYPE_CHECKING:
    from daemon.work import Work


def still_unanswered(work: Work, case_id: int) -> bool:
    """Take the question off a case: what may have answered it did not, and its clocks go on.

    What was approved before stays withdrawn; a person reads the draft once more.

    Returns:
        False if nobody had to look; then nothing changed.

    Raises:
        SokuresuError: there is no such case, or it is closed.
    """
    case = case_of(work, case_id)
    if case.to_confirm_at is None:
        return False
    work.uow.cases.change(case.id, to_confirm_at=None)
    work.uow.events.note(case.id, "not_answered", work.now)
    return True
