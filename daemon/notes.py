"""What a person writes down about a case for the shop alone; nothing of it ever goes into a mail."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daemon.case_lookup import known_case
from daemon.errors import SokuresuError
from state.steps import Matter, Step
from templates.cleaning import several_lines

if TYPE_CHECKING:
    from daemon.work import Work

NOTE_LIMIT = 2_000
"""Characters of one note; longer ones belong into a file of their own."""

NOTE_WORD = "written"
"""The only word of `Matter.NOTE`."""


class NoteRefused(SokuresuError):  # noqa: N818 - reads as what it is
    """A note was not kept; the sentence says why."""


def write_note(work: Work, case_id: int, text: str) -> bool:
    """Keep a note about a case of any state; erasing the buyer empties it.

    Args:
        work: the transaction.
        case_id: the case.
        text: what the person wrote; its lines stay.

    Returns:
        False if the last note says the very same; then it is not kept twice.

    Raises:
        NoteRefused: there is nothing in it, or too much.
        SokuresuError: there is no such case.
    """
    case = known_case(work, case_id)
    kept = several_lines(text).strip()
    if not kept:
        raise NoteRefused("メモが空です。 / There is nothing in the note.")
    if len(kept) > NOTE_LIMIT:
        raise NoteRefused(
            f"メモは{NOTE_LIMIT:,}文字までです。 / A note has {NOTE_LIMIT:,} characters at most."
        )
    if _is_last(work, case.id, kept):
        return False
    today = work.shop.calendar.local_day(work.now)
    work.uow.steps.add(Step(case.id, Matter.NOTE, NOTE_WORD, today, kept), work.now)
    work.uow.events.note(case.id, "noted", work.now)
    return True


def _is_last(work: Work, case_id: int, text: str) -> bool:
    written = work.uow.steps.of_case(case_id, Matter.NOTE)
    return bool(written) and written[-1].detail == text
