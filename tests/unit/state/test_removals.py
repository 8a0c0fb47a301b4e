"""Which steps may follow each other when Amazon is asked to remove a rating."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from state.removals import BOUGHT_LABEL, Objection, Removal, Word, objection_to, removal_of
from state.steps import Matter, Step

DAY = date(2026, 11, 17)


def taken(*words, matter=Matter.REMOVAL):
    """Steps of these words, one a day, the last one today."""
    days = range(len(words) - 1, -1, -1)
    return tuple(
        Step(1, matter, word, DAY - timedelta(days=back)) for word, back in zip(words, days, strict=True)
    )


@pytest.mark.parametrize(
    ("before", "word", "objection"),
    [
        ((), "requested", None),
        ((), "struck", None),
        ((), "removed", None),
        ((), "refused", Objection.NEVER_REQUESTED),
        (("requested",), "requested", Objection.TWICE),
        (("requested",), "removed", None),
        (("requested",), "struck", None),
        (("requested",), "refused", None),
        (("requested", "refused"), "requested", None),
        (("requested", "refused"), "removed", None),
        (("requested", "refused", "requested", "refused"), "requested", Objection.TOO_OFTEN),
        (("requested", "struck"), "removed", None),
        (("requested", "struck"), "refused", Objection.SETTLED),
        (("removed",), "struck", Objection.SETTLED),
        (("removed",), "requested", Objection.SETTLED),
    ],
)
def test_which_step_follows_which(before, word, objection):
    """Asked once, decided once; a refused request may be put once more, and what is gone is gone."""
    assert objection_to(removal_of(taken(*before)), Word(word), DAY, DAY) is objection


@pytest.mark.parametrize(
    ("on", "objection"),
    [
        (DAY, None),
        (DAY - timedelta(days=1), Objection.BEFORE_THE_LAST),
        (DAY + timedelta(days=1), Objection.IN_THE_FUTURE),
    ],
)
def test_a_step_lies_between_the_last_one_and_today(on, objection):
    """Nothing is decided before it was asked for, nor tomorrow."""
    assert objection_to(removal_of(taken("requested")), Word.REMOVED, on, DAY) is objection


def test_where_a_removal_stands():
    """The last step says it; the label is a fact beside it, and other matters do not count."""
    steps = (*taken("unopened", matter=Matter.RETURN), *taken("requested", "refused"), *taken(BOUGHT_LABEL))
    assert removal_of(steps) == Removal(Word.REFUSED, DAY, requests=1, bought_label=True)
    assert removal_of(()) == Removal()
    assert [removal_of(taken(one)).gone for one in ("requested", "removed", "struck")] == [False, True, True]
