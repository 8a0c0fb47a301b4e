"""Ends a case with what was learnt from it: one cause, and one line of prevention."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from daemon.aftercare.closing import PREVENTION_LIMIT, StillWaiting, close, propose_lesson
from daemon.showing.reader import clean
from daemon.web.case_heads import head_of, met
from daemon.web.rooms import Room
from daemon.words import CAUSES, FULFILMENTS, SITUATIONS
from state.lessons import Cause
from state.model import CaseState
from templates.cleaning import one_line

if TYPE_CHECKING:
    from starlette.responses import Response

    from daemon.showing.reader import Reader
    from daemon.web.case_heads import CaseHead
    from daemon.web.visit import Visit
    from daemon.work import Work
    from state.model import Case


@dataclass(frozen=True, slots=True)
class LessonView:
    """What is proposed, or was noted before.

    Attributes:
        head: the case.
        causes: each cause with its words.
        cause: the proposed one.
        prevention: one line; empty where nothing is proposed.
        situation: what the case is about, in words; empty where nobody knows.
        fulfilment: who shipped, in words.
        same_fault: how many cases of this fault the item has had with own shipping.
    """

    head: CaseHead
    causes: tuple[tuple[str, str], ...]
    cause: str
    prevention: str = field(repr=False)
    situation: str
    fulfilment: str
    same_fault: int


def show(visit: Visit) -> Response:
    """The proposal, to be changed or taken as it is."""
    try:
        with visit.considering() as work:
            view = _view(work, met(work, visit.number()), visit.reader)
    except StillWaiting as error:
        return _wait(visit, error)
    return visit.page("close.j2", view=view, trouble="", limit=PREVENTION_LIMIT)


def end(visit: Visit) -> Response:
    """Note it and close the case; a second click finds it done."""
    number, cause = visit.number(), _cause(visit.form.line("cause"))
    try:
        if cause is None:
            return _ask_again(visit)
        with visit.deciding() as work:
            done = _close(work, met(work, number), cause, visit.form.text("prevention", 2_000))
    except StillWaiting as error:
        return _wait(visit, error, code=409)
    return visit.go(f"/case/{number}", done=done)


def _close(work: Work, case: Case, cause: Cause, prevention: str) -> str:
    """Close it; tells with which word."""
    noted = work.uow.lessons.of_cases([case.id]).get(case.id)
    same = noted and (noted.cause, noted.prevention) == (cause, one_line(prevention, PREVENTION_LIMIT))
    if same and case.state is CaseState.CLOSED:
        return "nothing"
    return "closed" if close(work, case.id, cause, prevention) else "lesson_noted"


def _view(work: Work, case: Case, reader: Reader) -> LessonView:
    proposed = propose_lesson(work, case.id)
    return LessonView(
        head_of(case),
        tuple((one.value, reader.word(CAUSES, one)) for one in Cause),
        proposed.cause.value,
        clean(proposed.prevention, PREVENTION_LIMIT),
        reader.word(SITUATIONS, proposed.situation) if proposed.situation else "",
        reader.word(FULFILMENTS, proposed.fulfilment),
        proposed.same_fault,
    )


def _cause(word: str) -> Cause | None:
    return next((one for one in Cause if one.value == word), None)


def _ask_again(visit: Visit) -> Response:
    with visit.considering() as work:
        view = _view(work, met(work, visit.number()), visit.reader)
    typed = visit.form.line("prevention", PREVENTION_LIMIT)
    told = visit.say("原因を選んでください。", "Choose a cause.")
    return visit.page(
        "close.j2", code=409, view=replace(view, prevention=typed), trouble=told, limit=PREVENTION_LIMIT
    )


def _wait(visit: Visit, error: StillWaiting, code: int = 200) -> Response:
    """Nobody closes what is unanswered; the page says so, and where to go."""
    with visit.considering() as work:
        head = head_of(met(work, visit.number()))
    return visit.page("close_waits.j2", code=code, head=head, reason=visit.say(*error.reason))


ROOMS = (
    Room("/case/{number:int}/close", show),
    Room("/case/{number:int}/close", end, "POST"),
)
