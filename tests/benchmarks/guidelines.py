"""What the check of outgoing messages misses, and what it blocks without need.

The texts in ``tuned.toml`` were at hand while the rules were written; those in ``heldout.toml`` were written
afterwards and never used to change a rule.
"""

from __future__ import annotations

import sys
import time
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from templates.guidelines import check, is_blocked
from tests.benchmarks.figures import Bound, Figure, table

if TYPE_CHECKING:
    from collections.abc import Iterator

TEXTS = Path(__file__).parents[1] / "data" / "guidelines"
SETS = ("tuned", "heldout")


@dataclass(frozen=True, slots=True)
class Example:
    """One text with what is known about it.

    Attributes:
        text: what would be sent.
        rule: the rule that forbids it; None if it may be sent.
        blocked: whether the check blocks it.
        findings: the rules that it found broken.
    """

    text: str
    rule: str | None
    blocked: bool
    findings: tuple[str, ...]

    @property
    def is_right(self) -> bool:
        """Blocked if forbidden, let through if allowed."""
        return self.blocked == (self.rule is not None)


def examples(name: str) -> tuple[Example, ...]:
    """Every text of a set, checked.

    Args:
        name: one of `SETS`.
    """
    return tuple(_checked(text, rule) for text, rule in texts(name))


def texts(name: str) -> Iterator[tuple[str, str | None]]:
    """Every text of a set with the rule that forbids it."""
    known = tomllib.loads((TEXTS / f"{name}.toml").read_text(encoding="utf-8"))
    for rule, forbidden in known["forbidden"].items():
        yield from ((text, rule) for text in forbidden)
    for allowed in known["allowed"].values():
        yield from ((text, None) for text in allowed)


def measure() -> list[Figure]:
    """Misses and false blocks of both sets, and the time for a hostile text."""
    figures = [figure for name in SETS for figure in _figures(name)]
    hostile = "評価を" * 34_000
    begun = time.process_time()
    check(hostile)
    spent = time.process_time() - begun
    return [
        *figures,
        Figure(
            "100 kB of hostile text, processor time", "ms", spent * 1000, bound=Bound(200, of_floor=False)
        ),
    ]


def main() -> int:
    """Print the figures and every text that was judged wrongly.

    Returns:
        1 if a bound is missed.
    """
    for name in SETS:
        for example in examples(name):
            if not example.is_right:
                what = f"MISSED ({example.rule})" if example.rule else "BLOCKED"
                print(f"{name}: {what}: {example.text!r} {list(example.findings)}")
    figures = measure()
    print(table(figures))
    return int(any(figure.verdict.startswith("misses") for figure in figures))


def _checked(text: str, rule: str | None) -> Example:
    findings = check(text)
    return Example(text, rule, is_blocked(findings), tuple(f"{one.rule}:{one.text[:30]}" for one in findings))


def _figures(name: str) -> Iterator[Figure]:
    known = examples(name)
    forbidden = [example for example in known if example.rule]
    allowed = [example for example in known if not example.rule]
    missed = sum(not example.is_right for example in forbidden)
    blocked = sum(not example.is_right for example in allowed)
    every, few = Bound(100, at_most=False, of_floor=False), Bound(3, of_floor=False)
    note = f"{missed} of {len(forbidden)} forbidden texts pass"
    yield Figure(
        f"{name}: forbidden that are blocked",
        "%",
        100 - 100 * missed / len(forbidden),
        bound=every,
        note=note,
    )
    note = f"{blocked} of {len(allowed)} allowed texts are blocked"
    yield Figure(f"{name}: allowed that are blocked", "%", 100 * blocked / len(allowed), bound=few, note=note)


if __name__ == "__main__":
    sys.exit(main())
