"""Holds the floor of coverage: ``python -m tests.coverage_floor`` after a test run that measured branches.

Coverage's own percentage mixes statements and branches; here the branches must reach the floor alone too.
"""

from __future__ import annotations

import json
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import coverage

FLOOR = 95.0
"""Percent that statements with branches, and branches alone, must reach."""

ROOMS = (("parsers",), ("state",), ("parsers", "state"))
"""The folders that are held to it, each alone and both together."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much of some folders the tests ran.

    Attributes:
        folders: which folders.
        overall: percent of statements and branches together, as coverage reports it.
        branches: percent of branches alone; 100 if there are none.
        weakest: the files below the floor, lowest first, each with its percentage.
    """

    folders: tuple[str, ...]
    overall: float
    branches: float
    weakest: tuple[tuple[str, float], ...]

    @property
    def reaches_floor(self) -> bool:
        """Whether both percentages do."""
        return min(self.overall, self.branches) >= FLOOR

    def __str__(self) -> str:
        verdict = "ok" if self.reaches_floor else f"below {FLOOR:g} %"
        name = " + ".join(self.folders)
        return f"coverage of {name}: branches {self.branches:.1f} %, overall {self.overall:.1f} %: {verdict}"


def measure(measured: coverage.Coverage, folders: tuple[str, ...]) -> Coverage:
    """Sum up what a loaded measurement says about some folders.

    Raises:
        coverage.exceptions.NoDataError: if nothing of them was measured.
    """
    with tempfile.TemporaryDirectory() as scratch:
        outfile = Path(scratch, "coverage.json")
        measured.json_report(outfile=str(outfile), include=[f"{folder}/*" for folder in folders])
        report = json.loads(outfile.read_text(encoding="utf-8"))
    totals = report["totals"]
    files = {name: entry["summary"]["percent_covered"] for name, entry in report["files"].items()}
    weakest = sorted(
        ((name, value) for name, value in files.items() if value < FLOOR), key=lambda pair: pair[1]
    )
    return Coverage(
        folders=folders,
        overall=totals["percent_covered"],
        branches=_percent(totals["covered_branches"], totals["num_branches"]),
        weakest=tuple(weakest),
    )


def _percent(part: int, whole: int) -> float:
    return 100.0 * part / whole if whole else 100.0


def main() -> int:
    """Print each room's coverage; below the floor its weakest files too.

    Returns:
        The exit status: 1 if a room is below the floor.
    """
    measured = coverage.Coverage()
    measured.load()
    rooms = [measure(measured, folders) for folders in ROOMS]
    for room in rooms:
        print(room)
    short = [room for room in rooms if not room.reaches_floor]
    for name, percent in short[0].weakest if short else ():
        print(f"  {percent:5.1f} %  {name}")
    return 1 if short else 0


if __name__ == "__main__":
    sys.exit(main())
