"""What becomes of an item that a buyer sends back: a checklist. Pure: steps in, what is next out.

The order is the playbook's: a silent return is judged by the note that comes with the item; what comes back
unopened is listed again; what was opened is inspected, then listed with an honest condition or written off.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from state.steps import Matter

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from state.steps import Step

EXPECTED_WITHIN = timedelta(days=14)
"""A parcel that is longer on its way is looked for; Amazon gives buyers about as long to send it."""

SETTLED_WITHIN = timedelta(days=3)
"""An item that lies about longer is forgotten, and its buyer waits for money."""


class ReturnWord(StrEnum):
    """What is recorded of a return; the words of `Matter.RETURN`."""

    ARRIVED_UNOPENED = "arrived_unopened"
    ARRIVED_OPENED = "arrived_opened"
    INSPECTED = "inspected"
    RELISTED = "relisted"
    WRITTEN_OFF = "written_off"


class Stage(StrEnum):
    """Where a return stands."""

    EXPECTED = "expected"
    UNOPENED = "unopened"
    OPENED = "opened"
    INSPECTED = "inspected"
    SETTLED = "settled"


_LEADS_TO = {
    ReturnWord.ARRIVED_UNOPENED: Stage.UNOPENED,
    ReturnWord.ARRIVED_OPENED: Stage.OPENED,
    ReturnWord.INSPECTED: Stage.INSPECTED,
    ReturnWord.RELISTED: Stage.SETTLED,
    ReturnWord.WRITTEN_OFF: Stage.SETTLED,
}
_ARRIVALS = frozenset({ReturnWord.ARRIVED_UNOPENED, ReturnWord.ARRIVED_OPENED})
_ENDS = frozenset({ReturnWord.RELISTED, ReturnWord.WRITTEN_OFF})
_ALLOWED = {
    # What never comes back can be written off too.
    Stage.EXPECTED: _ARRIVALS | {ReturnWord.WRITTEN_OFF},
    # On a second look it may turn out to have been opened.
    Stage.UNOPENED: _ENDS | {ReturnWord.ARRIVED_OPENED, ReturnWord.INSPECTED},
    # Nothing that was opened is sold, or thrown away, unseen.
    Stage.OPENED: frozenset({ReturnWord.ARRIVED_UNOPENED, ReturnWord.INSPECTED}),
    Stage.INSPECTED: _ENDS | {ReturnWord.INSPECTED},
    # A second parcel of the same order begins anew.
    Stage.SETTLED: _ARRIVALS,
}


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a return is.

    Attributes:
        stage: where it stands.
        since: the local date since when it waits for the next step: of the request or of the arrival.
        opened: whether the item that arrived was opened; None before it arrives.
        steps: what was recorded, oldest first.
    """

    stage: Stage
    since: date
    opened: bool | None = None
    steps: tuple[Step, ...] = ()

    def allows(self, word: ReturnWord) -> bool:
        """Whether this may be recorded next."""
        return word in _ALLOWED[self.stage]

    def is_forgotten(self, today: date) -> bool:
        """Whether it waits too long: two weeks for the parcel, three days for what becomes of the item."""
        if self.stage is Stage.SETTLED:
            return False
        limit = EXPECTED_WITHIN if self.stage is Stage.EXPECTED else SETTLED_WITHIN
        return today - self.since > limit


def progress_of(steps: Iterable[Step], requested_on: date, again_on: date | None = None) -> Progress:
    """Add up a return.

    Args:
        steps: of the case, oldest first; those of other matters are passed over.
        requested_on: the local date on which the return was announced.
        again_on: the local date of the last announcement, which may be of another parcel.
    """
    progress = Progress(Stage.EXPECTED, requested_on)
    for step in steps:
        if step.matter is Matter.RETURN:
            progress = after(progress, step)
    if progress.stage is Stage.SETTLED and again_on and again_on > progress.steps[-1].done_on:
        return replace(progress, stage=Stage.EXPECTED, since=again_on, opened=None)
    return progress


def after(progress: Progress, step: Step) -> Progress:
    """The return once a step is recorded; the time to settle an item runs from its arrival."""
    word = ReturnWord(step.word)
    arrives = word in _ARRIVALS
    return Progress(
        _LEADS_TO[word],
        step.done_on if arrives else progress.since,
        word is ReturnWord.ARRIVED_OPENED if arrives else progress.opened,
        (*progress.steps, step),
    )
