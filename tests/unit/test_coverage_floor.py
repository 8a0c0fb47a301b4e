"""The floor of coverage counts branches by themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import coverage
import pytest

from tests.coverage_floor import Coverage, main

if TYPE_CHECKING:
    from pathlib import Path

BRANCHING = "def sign(x):\n    if x:\n        return 1\n    return 0\n"
STRAIGHT = "ANSWER = 42\n"


@pytest.fixture
def measured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> coverage.CoverageData:
    """An empty measurement of branches in a project whose parsers branch and whose state does not."""
    for name, text in (("parsers/signs.py", BRANCHING), ("state/answers.py", STRAIGHT)):
        path = tmp_path / name
        path.parent.mkdir()
        path.write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COVERAGE_FILE", str(tmp_path / "measured"))
    data = coverage.CoverageData(str(tmp_path / "measured"))
    data.add_arcs({str(tmp_path / "state/answers.py"): [(-1, 1), (1, -1)]})
    return data


def test_every_branch_taken_is_enough(measured: coverage.CoverageData, tmp_path: Path) -> None:
    """With both ways of the only branch taken the floor holds."""
    taken = [(-1, 1), (1, -1), (-1, 2), (2, 3), (3, -1), (2, 4), (4, -1)]
    measured.add_arcs({str(tmp_path / "parsers/signs.py"): taken})
    measured.write()
    assert main() == 0


def test_untaken_branch_is_reported_with_its_file(
    measured: coverage.CoverageData, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One way not taken fails the floor, and the file is named."""
    measured.add_arcs({str(tmp_path / "parsers/signs.py"): [(-1, 1), (1, -1), (-1, 2), (2, 3), (3, -1)]})
    measured.write()
    assert main() == 1
    output = capsys.readouterr().out.splitlines()
    assert output[0].startswith("coverage of parsers: branches 50.0 %, overall ")
    assert output[1] == "coverage of state: branches 100.0 %, overall 100.0 %: ok"
    assert output[2].startswith("coverage of parsers + state: branches 50.0 %")
    assert output[3].endswith(" %  parsers/signs.py")


def test_branches_alone_must_reach_the_floor() -> None:
    """Many plain statements cannot make up for branches that were not taken."""
    assert not Coverage(("parsers",), overall=97.0, branches=94.9, weakest=()).reaches_floor
    assert Coverage(("parsers",), overall=95.0, branches=95.0, weakest=()).reaches_floor
