"""How well it is told whether Amazon may remove or strike a comment on the seller.

``comments.tsv`` was written by the hand that wrote the rules: its first half was at hand meanwhile, its
second half, the third and the fourth part came last. ``holdout.tsv`` was written by a hand that had not seen
the rules, and nobody who changes the rules reads it: ``python -m tests.benchmarks.feedback`` tells of it only
how many were taken for what. The counts did steer the rules, so the honest figures are those of the first
run, which are kept. ``unseen.tsv``, by a third hand, steered nothing at all. What must hold before everything
else is that no mixed comment is confidently called removable.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from parsers.comments import read_comment
from parsers.values import Fulfilment
from state.feedback_policy import Ground, assess
from tests.benchmarks.figures import Bound, Figure

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from state.feedback_policy import Assessment

RIGHT = 0.90
SETS = {"comments": "own comments", "holdout": "held out", "unseen": "unseen"}
FIRST_RUN = {
    "own comments, second half": (75, 98),
    "own comments, third part": (40, 43),
    "own comments, fourth part": (48, 60),
    "held out": (258, 296),
    "unseen": (111, 114),
}
"""How many of a set were right before any rule was changed for what it showed."""

_DATA = Path(__file__).parents[1] / "data" / "feedback"
_FULFILMENTS = {"fba": Fulfilment.FBA, "own": Fulfilment.OWN, "unknown": None}
_SECOND_HALF = "# second half"


@dataclass(frozen=True, slots=True)
class Example:
    """One comment with the truth about it."""

    rating: int
    fulfilment: Fulfilment | None
    bought_label: bool
    ground: Ground
    mixed: bool
    text: str
    second_half: bool = False


@dataclass(frozen=True, slots=True)
class Trial:
    """One comment and its assessment."""

    example: Example
    found: Assessment

    @property
    def right(self) -> bool:
        """Whether the ground is the true one."""
        return self.found.ground is self.example.ground

    @property
    def removable(self) -> bool:
        """Confidently called removable or to be struck."""
        return self.found.confident and self.found.ground is not Ground.NONE


@dataclass(frozen=True, slots=True)
class Score:
    """What came out of many trials."""

    trials: tuple[Trial, ...]
    seconds: float

    @property
    def accuracy(self) -> float:
        """Share of right grounds, from 0 to 1."""
        return sum(trial.right for trial in self.trials) / len(self.trials)

    @property
    def mixed_removable(self) -> int:
        """Mixed comments that stay and are confidently called removable: there must be none.

        One with obscene words or personal data is removed for these, however mixed it is otherwise.
        """
        return sum(trial.removable and trial.example.mixed and not trial.right for trial in self.trials)

    @property
    def wrongly_removable(self) -> int:
        """Other comments confidently given a ground that is not theirs."""
        return sum(trial.removable and not trial.right for trial in self.trials) - self.mixed_removable

    @property
    def confident_share(self) -> float:
        """Share of confident ones among those that are rightly removable, from 0 to 1."""
        rightly = [one for one in self.trials if one.right and one.found.ground is not Ground.NONE]
        return sum(trial.removable for trial in rightly) / max(1, len(rightly))

    @property
    def confusions(self) -> Counter[tuple[Ground, Ground]]:
        """How many of each true ground were taken for each."""
        return Counter((trial.example.ground, trial.found.ground) for trial in self.trials)


def read_examples(name: str) -> Iterator[Example]:
    """The comments of a set; its first line and those that begin with # are none.

    Args:
        name: one of `SETS`.
    """
    second = False
    for line in (_DATA / f"{name}.tsv").read_text(encoding="utf-8").splitlines():
        second = second or line.startswith(_SECOND_HALF)
        cells = line.split("\t", 5)
        if cells[0].isdigit():
            yield _example([*cells, ""][:6], second)


@cache
def judge(name: str) -> Score:
    """Assess every comment of a set."""
    return judge_examples(tuple(read_examples(name)))


def judge_examples(examples: Sequence[Example]) -> Score:
    """Assess comments."""
    read_comment("")
    begun = time.perf_counter()
    trials = tuple(Trial(example, _assess(example)) for example in examples)
    return Score(trials, time.perf_counter() - begun)


def measure() -> list[Figure]:
    """The figures for the table of all benchmarks."""
    now = [figure for name, what in SETS.items() for figure in _figures(what, judge(name))]
    return [*now, *(_first_run(what, *counts) for what, counts in FIRST_RUN.items())]


def explain() -> str:
    """Of each set who was taken for whom; no comment is shown."""
    return "\n".join(line for name, what in SETS.items() for line in _lines(what, judge(name)))


def main(names: Sequence[str]) -> int:
    """Print totals, and of the own comments the misses; 1 if a bound is missed."""
    for name in names or SETS:
        score = judge(name)
        print(*_lines(SETS[name], score), sep="\n")
        for trial in score.trials if name == "comments" else ():
            if not trial.right or (trial.removable and trial.example.mixed):
                sure = "SURE " if trial.found.confident else ""
                print(f"  {sure}{trial.example.ground} as {trial.found.ground}: {trial.example.text!r}")
    return int(any(figure.verdict.startswith("misses") for figure in measure()))


def _example(cells: Sequence[str], second_half: bool) -> Example:
    rating, fulfilment, label, ground, mixed, text = cells
    return Example(
        int(rating), _FULFILMENTS[fulfilment], label == "1", Ground(ground), mixed == "1", text, second_half
    )


def _assess(example: Example) -> Assessment:
    return assess(
        read_comment(example.text),
        rating=example.rating,
        fulfilment=example.fulfilment,
        bought_label_on_time=example.bought_label,
    )


def _figures(what: str, score: Score) -> Iterator[Figure]:
    number = len(score.trials)
    note = f"{number} comments"
    at_least = Bound(100 * RIGHT, at_most=False, of_floor=False)
    yield Figure(f"feedback, {what}: right", "%", 100 * score.accuracy, bound=at_least, note=note)
    # Half a comment is the limit, for a share of nothing is none.
    none = Bound(0.5, of_floor=False)
    yield Figure(f"feedback, {what}: mixed, surely removable", "", score.mixed_removable, bound=none)
    yield Figure(f"feedback, {what}: others surely given a wrong ground", "", score.wrongly_removable)
    yield Figure(f"feedback, {what}: sure of the rightly removable", "%", 100 * score.confident_share)
    yield Figure(f"feedback, {what}: speed", "/s", number / score.seconds)


def _first_run(what: str, right: int, number: int) -> Figure:
    note = f"{right} of {number}"
    return Figure(f"feedback, {what}, first run: right", "%", 100 * right / number, note=note)


def _lines(what: str, score: Score) -> Iterator[str]:
    number = len(score.trials)
    yield (
        f"{what}: {number} comments, {score.accuracy:.1%} right, {score.mixed_removable} mixed surely "
        f"removable, {score.wrongly_removable} others surely wrong, {score.confident_share:.0%} of the "
        f"rightly removable sure, {number / score.seconds:.0f}/s"
    )
    for (meant, taken), number in sorted(score.confusions.items()):
        if meant is not taken:
            yield f"  {number:3} {meant} taken for {taken}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
