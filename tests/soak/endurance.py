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
"""Rounds: by then every module, statement and connection was used once."""

_LONG = 40
"""Rounds of a life that is long enough to be judged."""

_GROWTH = 8_000
"""Kilobytes by which the medians of two quarters may differ: the allocator's own breathing, and caches that are
bounded and fill slowly."""

_FILES = 10
"""Connections and pooled database handles come and go; a leak brings one a round."""


def look_for_leaks(lives: Sequence[Life]) -> Iterator[Violation]:
    """Everything that grew where nothing should."""
    for life in lives:
        warm = [] if life.threaded else life.reports[WARM_AFTER:]
        if len(warm) >= _LONG:
            yield from _growth(life.number, warm)
    same_age = by_quarters([life.reports[-1].kilobytes for life in lives if len(life.reports) in _SAME_AGE])
    if same_age and same_age[-1] - same_age[0] > _GROWTH:
        yield Violation(Wrong.LEAK, f"later lives are larger than earlier ones: {same_age} kB")


_SAME_AGE = range(WARM_AFTER, 3 * WARM_AFTER)


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
        ("threads", [one.threads for one in warm], 2),
    ):
        quarters = by_quarters(values)
        if quarters[-1] - quarters[0] > most:
            yield Violation(Wrong.LEAK, f"life {number} grows by quarters: {quarters} {what}")
