"""A return as its page shows it: what was done, what is next, and how the item is offered again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from daemon.aftercare.returns import begun, next_word
from daemon.showing.inspections import FINDINGS, read_inspection
from daemon.showing.return_lines import AHEAD, said
from daemon.web.case_heads import head_of
from daemon.words import CHECKS as CHECK_WORDS
from daemon.words import CONDITIONS, RETURN_STEPS
from state.item_conditions import CHECKS, Checked, Condition, best_condition, objections
from state.returns import ReturnWord, Stage
from templates.instructions import explain
from templates.relisting import ConditionContext, render_condition
from templates.wording import LONG_DAYS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from daemon.showing.reader import Reader
    from daemon.web.case_heads import CaseHead
    from daemon.web.forms import Form
    from daemon.work import Work
    from state.model import Case
    from state.returns import Progress
    from state.steps import Step


@dataclass(frozen=True, slots=True)
class Choice:
    """A field with a few possible values.

    Attributes:
        name: of the field.
        label: what is asked.
        options: each value with its words.
        chosen: the present value; empty where nothing is chosen.
    """

    name: str
    label: str
    options: tuple[tuple[str, str], ...]
    chosen: str = ""


@dataclass(frozen=True, slots=True)
class ReturnView:
    """A return.

    Attributes:
        head: the case.
        stage: where it stands.
        done: each step that was recorded, with its day.
        ahead: what is still to come, in words; the first is next.
        instruction: what to do now.
        waits: since when, and that this is too long where it is.
        allowed: the words that may be recorded next.
        seen: number of the last recorded step, 0 if there is none; a form brings it back.
        checked: what the last inspection found.
    """

    head: CaseHead
    stage: str
    done: tuple[tuple[str, str], ...]
    ahead: tuple[str, ...]
    instruction: str
    waits: str
    allowed: frozenset[str]
    seen: int
    checked: Checked


def return_view(work: Work, case: Case, reader: Reader) -> ReturnView:
    """The return of a case; of one that nobody announced too."""
    progress, day = begun(work, case), LONG_DAYS[reader.language]
    return ReturnView(
        head_of(case),
        progress.stage.value,
        tuple((day(step.done_on), said(step, reader)) for step in progress.steps),
        tuple(reader.word(RETURN_STEPS, word) for word in AHEAD[progress.stage]),
        explain("returns", next_word(work, case, progress), reader.language, n=case.id),
        _waits(work, progress, reader),
        frozenset(word.value for word in ReturnWord if progress.allows(word)),
        progress.steps[-1].id if progress.steps else 0,
        read_inspection(_last_inspection(progress.steps), opened=progress.opened),
    )


def _waits(work: Work, progress: Progress, reader: Reader) -> str:
    if progress.stage is Stage.SETTLED:
        return ""
    today, since = work.shop.calendar.local_day(work.now), LONG_DAYS[reader.language](progress.since)
    days = (today - progress.since).days
    if days < 1:
        return reader.say(f"{since}から", f"since {since}")
    late = reader.say("。長くかかっています", ", which is long") if progress.is_forgotten(today) else ""
    return reader.say(f"{since}から{days}日{late}", f"since {since}, {days} day{'s'[: days != 1]}{late}")


def _last_inspection(steps: Sequence[Step]) -> str:
    """The line of the last inspection of this very parcel; empty if it was not looked at."""
    for step in reversed(steps):
        if step.word == ReturnWord.INSPECTED:
            return step.detail
        if step.word in (ReturnWord.ARRIVED_OPENED, ReturnWord.ARRIVED_UNOPENED):
            break
    return ""


def checks_in(form: Form, known: Checked) -> Checked:
    """The findings of a form; what it does not mention is as it was known."""
    return Checked(known.opened, **{name: _found(form, name, known) for name in CHECKS})


def _found(form: Form, name: str, known: Checked) -> str | None:
    if not form.has(name):
        found: str | None = getattr(known, name)
        return found
    value = form.line(name)
    return value if value in CHECKS[name] else None


def check_choices(checked: Checked, reader: Reader) -> tuple[Choice, ...]:
    """A field for each check."""
    return tuple(
        Choice(
            name,
            reader.word(CHECK_WORDS, name),
            tuple((value, reader.word(FINDINGS[name], value)) for value in CHECKS[name]),
            getattr(checked, name) or "",
        )
        for name in CHECKS
    )


@dataclass(frozen=True, slots=True)
class Relisting:
    """In which words an item is offered again.

    Attributes:
        checks: the fields of what was found.
        conditions: the field of the condition.
        text: to copy into the listing; empty where no condition is chosen or it is too good.
        objection: why that condition cannot be chosen, and which can.
        hopeless: the item does not work, so that it cannot be offered at all.
    """

    checks: tuple[Choice, ...]
    conditions: Choice
    text: str
    objection: str
    hopeless: bool


def relisting_of(view: ReturnView, form: Form, reader: Reader) -> Relisting:
    """The words for what a person chose, else for the best that the findings allow."""
    checked = checks_in(form, view.checked)
    best = best_condition(checked)
    condition = _chosen(form, best, view)
    against = objections(condition, checked) if condition else ()
    return Relisting(
        check_choices(checked, reader),
        _conditions(condition, reader),
        "" if condition is None or against else _text(checked, reader.language),
        _objection(condition, against, best, reader) if condition and against else "",
        hopeless=best is None,
    )


def _chosen(form: Form, best: Condition | None, view: ReturnView) -> Condition | None:
    """What comes back unopened is listed as it was, so nothing is proposed for that."""
    if form.has("condition"):
        return next((one for one in Condition if one.value == form.line("condition")), None)
    return None if view.stage == Stage.UNOPENED else best


def _conditions(chosen: Condition | None, reader: Reader) -> Choice:
    options = tuple((one.value, reader.word(CONDITIONS, one)) for one in Condition)
    return Choice("condition", reader.say("コンディション", "condition"), options, chosen or "")


def _text(checked: Checked, language: str) -> str:
    context = ConditionContext(
        checked.opened,
        checked.box,
        checked.accessories,
        checked.scratches,
        checked.tested,
        checked.unchecked,
    )
    return render_condition(context, language)


def _objection(condition: Condition, against: tuple[str, ...], best: Condition | None, reader: Reader) -> str:
    names = reader.say("、", ", ").join(reader.word(CHECK_WORDS, name) for name in against)
    word = reader.word(CONDITIONS, condition)
    if best is None:
        return reader.say(
            "動作しない商品は出品できません。廃棄してください。",
            "What does not work cannot be offered; write it off.",
        )
    highest = reader.word(CONDITIONS, best)
    return reader.say(
        f"「{word}」では出品できません ({names})。いちばん良くて「{highest}」です。",
        f"It cannot be offered as {word} ({names}); at best as {highest}.",
    )
