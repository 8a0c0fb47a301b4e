"""What was measured, beside its floor and its bound, and the table that shows it."""

from __future__ import annotations

import os
import platform
from dataclasses import asdict, dataclass
from statistics import median, quantiles
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class Bound:
    """A size to hold.

    Attributes:
        number: the limit.
        at_most: whether it is an upper limit.
        of_floor: whether it is compared with the ratio to the floor instead of with our own figure.
    """

    number: float
    at_most: bool = True
    of_floor: bool = True

    def miss(self, ours: float, floor: float | None) -> float | None:
        """By which share of the limit it is missed; 0 if it holds, None if there is no floor to compare."""
        if self.of_floor and not floor:
            return None
        seen = ours / floor if self.of_floor and floor else ours
        over = seen / self.number - 1 if self.at_most else 1 - seen / self.number
        return max(0.0, over)

    def __str__(self) -> str:
        sign = "≤" if self.at_most else "≥"
        return f"{sign} {_short(self.number)}{' ×' if self.of_floor else ''}"


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table.

    Attributes:
        what: what was measured.
        unit: of both figures.
        ours: the program's figure.
        floor: the same of what it is compared with; None if that could not be measured.
        beside: what it is compared with.
        bound: the size to hold, if there is one.
        note: one sentence on how it came about, or why a floor is missing.
    """

    what: str
    unit: str
    ours: float
    floor: float | None = None
    beside: str = ""
    bound: Bound | None = None
    note: str = ""

    @property
    def ratio(self) -> float | None:
        """Ours by the floor."""
        return self.ours / self.floor if self.floor else None

    @property
    def verdict(self) -> str:
        """Whether the bound holds, in words."""
        if self.bound is None:
            return ""
        miss = self.bound.miss(self.ours, self.floor)
        if miss is None:
            return "not measured"
        return f"misses by {miss:.0%}" if miss else "holds"

    def as_json(self) -> dict[str, Any]:
        """Everything, for machines."""
        return {
            **asdict(self),
            "bound": None if self.bound is None else str(self.bound),
            "ratio": self.ratio,
            "verdict": self.verdict,
        }


def table(figures: Sequence[Figure]) -> str:
    """The figures as aligned columns, the notes below."""
    rows = [("what", "ours", "floor", "", "ratio", "bound", ""), *map(_row, figures)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ["  ".join(_aligned(row, widths)).rstrip() for row in rows]
    lines.insert(1, "─" * max(map(len, lines)))
    notes = dict.fromkeys(f"{figure.what}: {figure.note}" for figure in figures if figure.note)
    return "\n".join([*lines, *(["", *notes] if notes else [])])


def surroundings() -> dict[str, Any]:
    """On what machine, and how busy it was."""
    return {
        "python": platform.python_version(),
        "system": platform.platform(),
        "processors": os.cpu_count(),
        "load": os.getloadavg()[0],
    }


def percentile(values: Sequence[float], per_hundred: int) -> float:
    """That percentile of the values."""
    return quantiles(values, n=100, method="inclusive")[per_hundred - 1]


def middle(values: Sequence[float]) -> float:
    """The median."""
    return median(values)


def _row(figure: Figure) -> tuple[str, ...]:
    return (
        figure.what,
        f"{_short(figure.ours)} {figure.unit}",
        "–" if figure.floor is None else f"{_short(figure.floor)} {figure.unit}",
        figure.beside,
        "–" if figure.ratio is None else f"{_short(figure.ratio)} ×",
        "" if figure.bound is None else str(figure.bound),
        figure.verdict,
    )


def _aligned(row: Sequence[str], widths: Sequence[int]) -> list[str]:
    numbers = {1, 2, 4}
    return [
        cell.rjust(width) if place in numbers else cell.ljust(width)
        for place, (cell, width) in enumerate(zip(row, widths, strict=True))
    ]


def _short(number: float) -> str:
    """Three digits that mean something."""
    if abs(number) >= 100 or number == int(number):
        return f"{number:,.0f}"
    return f"{number:.2f}" if abs(number) < 10 else f"{number:.1f}"
