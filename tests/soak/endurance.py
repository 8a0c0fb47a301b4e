"""Looks for what grows in a life or from life to life: memory, open files, threads."""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING

from tests.soak.oracle import Violation, Wrong

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tests.soak.life import Report
    from tests.soak.lifeline import Life

WARM_AFTER = 8
"""Rounds: by then nearly every statement and connection of a life was used once."""

_AGE = 4
"""Rounds after which lives are compared with each other; few live much longer."""

_LONG = 40
"""Rounds of a life that is long enough to be judged by itself."""

_GROWTH = 8_000
"""Kilobytes by which the medians of two quarters may differ: memory breathes, and bounded caches fill."""

_FILES = 10
"""Connections and pooled database handles come and go; a leak brings one a round."""

_THREADS = 2


def look_for_leaks(lives: Sequence[Life]) -> Iterator[Violation]:
    """Everything that grew where nothing should."""
    for life in lives:
        warm = [] if life.threaded else life.reports[WARM_AFTER:]
        if len(warm) >= _LONG:
            yield from _growth(life.number, warm)
    sizes = sizes_by_quarters(lives)
    if sizes and sizes[-1] - sizes[0] > _GROWTH:
        yield Violation(Wrong.LEAK, f"later lives are larger than earlier ones: {sizes} kB")


def sizes_by_quarters(lives: Sequence[Life]) -> tuple[int, ...]:
    """Median kilobytes of the lives of each quarter of a soak, each at the same age."""
    grown = [life for life in lives if not life.threaded and len(life.reports) >= _AGE]
    return by_quarters([life.reports[_AGE - 1].kilobytes for life in grown])


def longest_by_quarters(lives: Sequence[Life]) -> tuple[int, ...]:
    """Median kilobytes of the longest life in each quarter of its time, warm."""
    longest = max((life for life in lives if not life.threaded), key=lambda one: len(one.reports))
    return by_quarters([report.kilobytes for report in longest.reports[WARM_AFTER:]])


def by_quarters(values: Sequence[int]) -> tuple[int, ...]:
    """The median of each quarter; nothing of too few values."""
    size = len(values) // 4
    if not size:
        return ()
    return tuple(int(median(values[start * size : (start + 1) * size])) for start in range(4))


def _growth(number: int, warm: Sequence[Report]) -> Iterator[Violation]:
    for what, values, most in (
        ("kB", [one.kilobytes for one in warm], _GROWTH),
        ("open files", [one.files for one in warm], _FILES),
        ("threads", [one.threads for one in warm], _THREADS),
    ):
        quarters = by_quarters(values)
        if quarters[-1] - quarters[0] > most:
            yield Violation(Wrong.LEAK, f"life {number} grows by quarters: {quarters} {what}")
