"""What the check of outgoing messages misses, and what it blocks without need.

The texts in ``tuned.toml`` were at hand while the rules were written. Those in the ``heldout`` files were
written afterwards, one file after the other; the figures of each file's first run are kept with it and shown,
for what it showed was mended before the next was written.
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
    from collections.abc import Iterator, Sequence

TEXTS = Path(__file__).parents[1] / "data" / "guidelines"
LETTER = 3900
HELD_OUT = ("heldout", *(f"heldout_{number}" for number in range(2, 13)))
SETS = ("tuned", *HELD_OUT)


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
    """Misses and false blocks of all sets and the time for a hostile text; prints what is judged wrongly."""
    figures = [figure for name in SETS for figure in _figures(name, examples(name))]
    first = [figure for name in HELD_OUT for figure in _first_run(name)]
    return [*figures, *first, _letter(), _hostile()]


def main() -> int:
    """Print the figures and every text that was judged wrongly.

    Returns:
        1 if a bound is missed.
    """
    figures = measure()
    print(table(figures))
    return int(any(figure.verdict.startswith("misses") for figure in figures))


def _checked(text: str, rule: str | None) -> Example:
    findings = check(text)
    return Example(text, rule, is_blocked(findings), tuple(f"{one.rule}:{one.text[:30]}" for one in findings))


def _figures(name: str, known: Sequence[Example]) -> Iterator[Figure]:
    """Both shares of a set as they are now."""
    wrong = [example for example in known if not example.is_right]
    for example in wrong:
        what = f"MISSED ({example.rule})" if example.rule else "BLOCKED"
        print(f"{name}: {what}: {example.text!r} {list(example.findings)}")
    forbidden = sum(example.rule is not None for example in known)
    missed = sum(example.rule is not None for example in wrong)
    yield _share(f"{name}: forbidden that pass", missed, forbidden)
    blocked = len(wrong) - missed
    few = Bound(3, of_floor=False)
    yield _share(f"{name}: allowed that are blocked", blocked, len(known) - forbidden, few)


def _first_run(name: str) -> Iterator[Figure]:
    """Both shares of a set that was held out, as they were when the check first saw it."""
    seen = tomllib.loads((TEXTS / f"{name}.toml").read_text(encoding="utf-8"))["first_run"]
    yield _share(f"{name}, first run: forbidden that passed", seen["passed"], seen["forbidden"])
    yield _share(f"{name}, first run: allowed that were blocked", seen["blocked"], seen["allowed"])


def _share(what: str, part: int, whole: int, bound: Bound | None = None) -> Figure:
    return Figure(what, "%", 100 * part / whole, bound=bound, note=f"{part} of {whole}")


def _letter() -> Figure:
    """The processor time for an ordinary letter of nearly the length that Amazon takes, the best of five."""
    letters = [text for text, rule in texts("heldout_2") if rule is None and "\n" in text]
    text = "\n\n".join(letters * 4)[:LETTER]
    spent = min(_timed(text) for _ in range(5))
    return Figure("letter of 3,900 characters, processor time", "ms", spent)


def _timed(text: str) -> float:
    begun = time.process_time()
    check(text)
    return 1000 * (time.process_time() - begun)


def _hostile() -> Figure:
    """The processor time for 100 kB of what the rules look at most."""
    spent = _timed("評価を" * 34_000)
    return Figure("100 kB of hostile text, processor time", "ms", spent, bound=Bound(200, of_floor=False))


if __name__ == "__main__":
    sys.exit(main())
