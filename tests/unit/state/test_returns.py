"""A returned item from its announcement to the shelf or the bin."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from state.item_conditions import CHECKS, Checked, Condition, best_condition, objections
from state.returns import ReturnWord, Stage, progress_of
from state.steps import Matter, Step

REQUESTED = date(2026, 11, 1)
ARRIVED = date(2026, 11, 10)
UNOPENED, OPENED, INSPECTED, RELISTED, WRITTEN_OFF = ReturnWord


def after(*words, on=ARRIVED):
    """The return once these steps are recorded."""
    return progress_of([Step(1, Matter.RETURN, word, on) for word in words], REQUESTED)


@pytest.mark.parametrize(
    ("words", "stage", "allowed"),
    [
        ((), Stage.EXPECTED, {UNOPENED, OPENED, WRITTEN_OFF}),
        ((UNOPENED,), Stage.UNOPENED, {OPENED, INSPECTED, RELISTED, WRITTEN_OFF}),
        ((OPENED,), Stage.OPENED, {UNOPENED, INSPECTED}),
        ((OPENED, INSPECTED), Stage.INSPECTED, {INSPECTED, RELISTED, WRITTEN_OFF}),
        ((UNOPENED, RELISTED), Stage.SETTLED, {UNOPENED, OPENED}),
        ((OPENED, INSPECTED, WRITTEN_OFF), Stage.SETTLED, {UNOPENED, OPENED}),
    ],
)
def test_what_may_follow(words, stage, allowed):
    """Nothing opened is sold or thrown away unseen, and a second parcel begins anew."""
    progress = after(*words)
    assert progress.stage is stage
    assert {word for word in ReturnWord if progress.allows(word)} == allowed


def test_steps_of_other_matters_are_passed_over():
    """A refund of the same case moves no parcel."""
    assert progress_of([Step(1, Matter.REFUND, "proposed", ARRIVED)], REQUESTED).stage is Stage.EXPECTED


def test_another_announcement_begins_anew():
    """A second parcel of the order is waited for; what was done with the first stays on record."""
    done = [Step(1, Matter.RETURN, word, ARRIVED) for word in (UNOPENED, RELISTED)]
    later = ARRIVED + timedelta(days=2)
    again = progress_of(done, REQUESTED, later)
    assert (again.stage, again.since, again.opened, len(again.steps)) == (Stage.EXPECTED, later, None, 2)
    assert progress_of(done, REQUESTED, ARRIVED).stage is Stage.SETTLED
    assert progress_of(done[:1], REQUESTED, later).stage is Stage.UNOPENED


def test_opened_is_what_the_last_arrival_said():
    """A second look may correct the first."""
    assert after().opened is None
    assert after(UNOPENED).opened is False
    assert after(UNOPENED, OPENED, INSPECTED).opened is True


@pytest.mark.parametrize(
    ("words", "since", "days", "forgotten"),
    [
        ((), REQUESTED, 14, False),
        ((), REQUESTED, 15, True),
        ((OPENED,), ARRIVED, 3, False),
        ((OPENED,), ARRIVED, 4, True),
        ((OPENED, INSPECTED), ARRIVED, 4, True),
        ((UNOPENED, RELISTED), ARRIVED, 400, False),
    ],
)
def test_a_return_is_forgotten_after_a_while(words, since, days, forgotten):
    """Two weeks for the parcel, three days for the item, and never once it is settled."""
    assert after(*words).is_forgotten(since + timedelta(days=days)) is forgotten


ALL_GOOD = Checked(opened=True, box="intact", accessories="complete", scratches="none", tested="works")


@pytest.mark.parametrize(
    ("checked", "best"),
    [
        (ALL_GOOD, Condition.LIKE_NEW),
        (replace(ALL_GOOD, box="damaged"), Condition.VERY_GOOD),
        (replace(ALL_GOOD, scratches="slight"), Condition.VERY_GOOD),
        (replace(ALL_GOOD, accessories="missing"), Condition.GOOD),
        (replace(ALL_GOOD, scratches="clear"), Condition.GOOD),
        (replace(ALL_GOOD, tested=None), Condition.VERY_GOOD),
        (replace(ALL_GOOD, tested="fails"), None),
    ],
)
def test_a_condition_is_no_better_than_what_was_found(checked, best):
    """Like new wants everything checked; what does not work is not offered."""
    assert best_condition(checked) is best
    allowed = [one for one in Condition if not objections(one, checked)]
    assert allowed == ([] if best is None else list(Condition)[list(Condition).index(best) :])


def test_what_nobody_checked_is_named():
    """So that the listing can say it."""
    assert Checked(box="intact").unchecked == ("accessories", "scratches", "tested")
    assert Checked().unchecked == tuple(CHECKS)
