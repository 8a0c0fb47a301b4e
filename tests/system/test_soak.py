"""The soak in short: the real program, Dovecot and faults by the dozen; and that its oracle is no yes-man."""

from __future__ import annotations

import pytest

from tests.soak.oracle import Wrong
from tests.soak.plan import Plan, Scale
from tests.soak.run import soak
from tests.soak.story import Fate
from tests.soak.table import tell

pytestmark = [pytest.mark.dovecot, pytest.mark.timeout(1500)]

SHORT = Scale(seed=7, mails=100, faults=60)


def test_a_short_soak_loses_nothing_and_doubles_nothing(tmp_path):
    """Mails of every kind, faults of every kind and kills: nothing is wrong at any checkpoint."""
    outcome = soak(SHORT, tmp_path, minutes=20)
    assert outcome.violations == [], tell(outcome)
    assert sum(outcome.faults.values()) >= SHORT.faults, tell(outcome)
    assert len(outcome.truth.delivered) >= SHORT.mails


@pytest.mark.parametrize(
    ("broken", "found"), [("believe-forged", Wrong.MISDIRECTED), ("no-identity", Wrong.DOUBLED)]
)
def test_the_oracle_bites(tmp_path, broken, found):
    """A program that is broken on purpose does not pass."""
    outcome = soak(Scale(seed=7, mails=30, faults=5), tmp_path, minutes=20, sabotage=(broken,))
    assert found in {one.what for one in outcome.violations}, tell(outcome)


def test_a_seed_decides_everything_that_is_planned():
    """The same seed plans the same mails, faults, clocks, kills and deeds; another one does not."""
    steps = [[plan.next() for _ in range(40)] for plan in map(Plan, (SHORT, SHORT, Scale(8)))]
    assert steps[0] == steps[1]
    assert steps[0] != steps[2]
    assert {one.fate for step in steps[2] for one in step.postings} == set(Fate)
