"""A return as a checklist: what was done, and what is next."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from daemon.aftercare.returns import next_step, return_of
from daemon.showing.reader import clean
from daemon.words import CONDITIONS, RETURN_STEPS
from state.item_conditions import Condition
from state.returns import Progress, ReturnWord, Stage

if TYPE_CHECKING:
    from collections.abc import Iterator

    from daemon.showing.reader import Reader
    from daemon.work import Work
    from state.model import Case
    from state.steps import Step

_DETAIL = 200
_DONE, _TO_DO = "[x]", "[ ]"
AHEAD = {
    Stage.EXPECTED: ("arrived", "inspect", "settled"),
    Stage.UNOPENED: ("settled",),
    Stage.OPENED: ("inspect", "settled"),
    Stage.INSPECTED: ("settled",),
    Stage.SETTLED: (),
}
"""What is still ahead at each stage; an unopened item need not be inspected."""


def section_lines(work: Work, case: Case, reader: Reader) -> tuple[str, ...]:
    """What `case N` shows of a return; nothing where there is none."""
    progress = return_of(work, case)
    return () if progress is None else tuple(checklist(work, case, progress, reader))


def checklist(work: Work, case: Case, progress: Progress, reader: Reader) -> Iterator[str]:
    """Every step that was done or is ahead, and what to do now."""
    for step in progress.steps:
        yield f"{_DONE} {step.done_on:%Y-%m-%d} {said(step, reader)}"
    for word in AHEAD[progress.stage]:
        yield f"{_TO_DO} {reader.word(RETURN_STEPS, word)}"
    yield f"{reader.say('次にすること', 'Next')}: {next_step(work, case, progress)}"


def said(step: Step, reader: Reader) -> str:
    """A step of a return in words."""
    word = reader.word(RETURN_STEPS, step.word)
    if not step.detail:
        return word
    if step.word == ReturnWord.RELISTED and step.detail in set(Condition):
        return f"{word}: {reader.word(CONDITIONS, step.detail)}"
    return f"{word}: {clean(step.detail, _DETAIL)}"


def record_of(work: Work, case: Case, progress: Progress) -> dict[str, Any]:
    """The same for scripts."""
    return {
        "case": case.id,
        "order_ids": list(case.order_ids),
        "stage": progress.stage.value,
        "since": progress.since.isoformat(),
        "steps": [
            {"word": one.word, "done_on": one.done_on.isoformat(), "detail": one.detail}
            for one in progress.steps
        ],
        "next": next_step(work, case, progress),
    }
