"""Follows an item that a buyer sends back until it is sold again or written off."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from daemon.errors import SokuresuError
from daemon.order_facts import shipping_of
from parsers.values import Kind
from state.returns import EXPECTED_WITHIN, Progress, ReturnWord, Stage, after, progress_of
from state.steps import Matter, Step
from templates.instructions import instruct

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from daemon.work import Work
    from state.model import Case, Message

_LOOKED_BACK = timedelta(days=120)
"""Older returns are not reminded of any more."""


class OutOfOrder(SokuresuError):  # noqa: N818 - reads as what it is
    """A step cannot follow on where a return stands."""

    def __init__(self, case_id: int, stage: Stage) -> None:
        ja, en = (instruct("returns", stage, language, n=case_id) for language in ("ja", "en"))
        super().__init__(f"今は記録できない手順です。次にすること: {ja} / Not yet. What is next: {en}")


def return_of(work: Work, case: Case) -> Progress | None:
    """How far the return of a case is; None if none was announced and nothing was recorded."""
    steps = work.uow.steps.of_case(case.id, Matter.RETURN)
    # A notice of the time before the shop's first start announces nothing any more.
    messages = work.uow.messages.of_case(case.id)
    asked = [one for one in messages if one.kind is Kind.RETURN_REQUEST and one.wants_answer]
    return _progress(work, case, steps, asked) if steps or asked else None


def begun(work: Work, case: Case) -> Progress:
    """The same, a return that nobody announced included: the checklist begins when somebody looks at it."""
    return return_of(work, case) or _progress(work, case, (), ())


def _progress(work: Work, case: Case, steps: Iterable[Step], asked: Sequence[Message]) -> Progress:
    days = [work.shop.calendar.local_day(one.received_at) for one in asked]
    days = days or [work.shop.calendar.local_day(case.opened_at)]
    return progress_of(steps, days[0], days[-1])


def record(work: Work, case: Case, words: Iterable[tuple[ReturnWord, str]]) -> Progress:
    """Write down what was done, one step after the other.

    Args:
        work: the transaction.
        case: the case.
        words: each step with a line about it.

    Raises:
        OutOfOrder: a step cannot follow on where the return stands; nothing may be committed then.
    """
    progress = begun(work, case)
    for word, detail in words:
        if not progress.allows(word):
            raise OutOfOrder(case.id, progress.stage)
        step = Step(case.id, Matter.RETURN, word, work.shop.calendar.local_day(work.now), detail)
        work.uow.steps.add(step, work.now)
        progress = after(progress, step)
    return progress


def record_once(work: Work, case: Case, word: ReturnWord, detail: str, seen: int) -> bool:
    """Write down a step that a person decided on with the return before them.

    Args:
        work: the transaction.
        case: the case.
        word: the step.
        detail: a line about it.
        seen: number of the last step that the person saw; 0 if there was none.

    Returns:
        False if this very step was recorded since, such as by a second click; then nothing is written.

    Raises:
        OutOfOrder: another step was recorded since, or this one cannot follow on.
    """
    progress = begun(work, case)
    last = progress.steps[-1] if progress.steps else None
    if last is None or last.id == seen:
        record(work, case, [(word, detail)])
        return True
    if last.word == word and last.detail == detail:
        return False
    raise OutOfOrder(case.id, progress.stage)


def next_step(work: Work, case: Case, progress: Progress) -> str:
    """What is to be done next, in the owner's language."""
    return instruct("returns", next_word(work, case, progress), work.shop.language, n=case.id)


def next_word(work: Work, case: Case, progress: Progress) -> str:
    """The same as a word of the instructions about returns."""
    at_amazon = progress.stage is Stage.EXPECTED and _goes_to_amazon(work, case)
    return "expected_at_amazon" if at_amazon else progress.stage.value


def _goes_to_amazon(work: Work, case: Case) -> bool:
    """What Amazon shipped goes back to Amazon, and most of it never comes to the shop."""
    return shipping_of(work, case).fulfilment == "fba"


def advise_on_return(work: Work, case: Case, messages: Sequence[Message]) -> tuple[str, ...]:
    """The next step of a return that is not settled."""
    del messages
    progress = return_of(work, case)
    if progress is None or progress.stage is Stage.SETTLED:
        return ()
    return (next_step(work, case, progress),)


def remind(work: Work) -> None:
    """Tell the owner, once for the parcel and once for the item, of returns that were forgotten.

    Only in opening hours: it is nothing to be woken for.
    """
    calendar = work.shop.calendar
    closed_from, _ = calendar.closed_time(work.now)
    if closed_from <= work.now:
        return
    today = calendar.local_day(work.now)
    for case in _with_returns(work):
        progress = return_of(work, case)
        if progress is not None and progress.is_forgotten(today):
            if progress.stage is Stage.EXPECTED and _goes_to_amazon(work, case):
                continue
            detail = "return_expected" if progress.stage is Stage.EXPECTED else "return_arrived"
            key = f"return_open:{case.id}:{detail}:{progress.since.isoformat()}"
            work.uow.notices.raise_once(key, "return_open", work.now, case_id=case.id, detail=detail)


def _with_returns(work: Work) -> list[Case]:
    """The cases of late with a return; closed ones too, for a case is closed before a slow parcel is here."""
    since = work.now - _LOOKED_BACK
    asked = work.uow.messages.cases_wanting(Kind.RETURN_REQUEST, since, work.now - EXPECTED_WITHIN)
    numbers = sorted(asked | work.uow.steps.cases_with(Matter.RETURN, since))
    cases = (work.uow.cases.get(number) for number in numbers)
    return [one for one in cases if one is not None]
