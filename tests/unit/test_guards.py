"""The table of safeguards must fit the code and the page that names them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.guards.table import GUARDS

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("guard", GUARDS, ids=lambda guard: guard.name)
def test_each_guard_stands_where_the_table_says(guard):
    """Exactly once, so that taking it out takes out that and nothing else."""
    assert (ROOT / guard.file).read_text("utf-8").count(guard.text) == 1
    assert guard.text != guard.without


@pytest.mark.parametrize("guard", GUARDS, ids=lambda guard: guard.name)
def test_its_tests_exist(guard):
    """A file that was renamed would select nothing."""
    files = [word for word in guard.tests if word.startswith("tests/")]
    assert files
    assert all((ROOT / name).exists() for name in files)


def test_names_are_told_apart():
    """Each guard once."""
    assert len({guard.name for guard in GUARDS}) == len(GUARDS) >= 10
