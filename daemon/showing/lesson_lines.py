"""What is shown of what was learnt from a case."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daemon.aftercare.closing import PREVENTION_LIMIT
from daemon.showing.reader import clean
from daemon.words import CAUSES

if TYPE_CHECKING:
    from daemon.showing.reader import Reader
    from daemon.work import Work
    from state.model import Case


def lesson_lines(work: Work, case: Case, reader: Reader) -> tuple[str, ...]:
    """Its cause and its prevention; nothing before a person said so."""
    lesson = work.uow.lessons.of_cases([case.id]).get(case.id)
    if lesson is None:
        return ()
    cause = reader.word(CAUSES, lesson.cause)
    prevention = clean(lesson.prevention, PREVENTION_LIMIT)
    promised = reader.say(f"再発防止: {prevention}", f"prevention: {prevention}")
    return (cause, promised) if prevention else (cause,)
