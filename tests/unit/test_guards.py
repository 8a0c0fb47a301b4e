"""The table of safeguards must fit the code and the page that names them."""

from __future__ import annotations

import re
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


def test_the_page_names_every_guard():
    """With what would happen without it."""
    page = (ROOT / "docs" / "reliability.md").read_text("utf-8")
    rows = [f"| {guard.name} | {guard.against} | `{guard.file}` |" for guard in GUARDS]
    assert [row for row in rows if row not in page] == []


def test_the_tests_that_the_page_names_exist():
    """Whoever wants to see how a promise is kept finds it."""
    page = (ROOT / "docs" / "reliability.md").read_text("utf-8")
    named = set(re.findall(r"`(test_\w+)`", page))
    there = {path.stem for path in (ROOT / "tests").rglob("test_*.py")}
    assert named
    assert named - there == set()
