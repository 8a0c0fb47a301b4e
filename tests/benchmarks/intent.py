"""How well the buyers' intents are guessed: on messages never trained on, and cross-validated on the others.

``./dev bench intent`` prints accuracy, the confident share, precision and recall of each intent and who is
taken for whom; ``python -m tests.benchmarks.intent [--json FILE]`` does so for each part, with every miss.

``heldout.toml`` was written by the hand that wrote the training sentences, the parts with a number by a hand
that had not read them. Those showed faults that were then mended, with other sentences; so their honest
figures are those of the first run, which they carry.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tomllib
from dataclasses import dataclass
from functools import cache
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from parsers.intent import guess, guess_with
from parsers.ngrams import load
from parsers.training import make_table, read_sentences
from parsers.values import Intent
from tests.benchmarks.figures import Bound, Figure

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from parsers.values import IntentGuess

HELD_OUT = ("heldout", "heldout-2", "heldout-3")
FOLDS = 8
SEED = 20261122
ACCURACY, CONFIDENT_SHARE, CONFIDENT_ACCURACY = 0.85, 0.40, 0.97
_DATA = Path(__file__).parents[1] / "data" / "intent"


@dataclass(frozen=True, slots=True)
class Example:
    """One message, and the subject that Amazon gave it."""

    text: str
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Trial:
    """One message, what it means, and what was guessed."""

    text: str
    meant: Intent
    guessed: IntentGuess

    @property
    def right(self) -> bool:
        """Whether the guess is what was meant."""
        return self.guessed.intent is self.meant


@dataclass(frozen=True, slots=True)
class Score:
    """What came out of many trials; all shares from 0 to 1."""

    trials: tuple[Trial, ...]

    @property
    def accuracy(self) -> float:
        """Share of right guesses."""
        return _share_right(self.trials)

    @property
    def confident(self) -> tuple[Trial, ...]:
        """The trials whose guess was confident."""
        return tuple(trial for trial in self.trials if trial.guessed.confident)

    @property
    def confident_share(self) -> float:
        """Share of confident guesses."""
        return len(self.confident) / len(self.trials)

    @property
    def confident_accuracy(self) -> float:
        """Share of right ones among the confident guesses."""
        return _share_right(self.confident)

    def precision(self, intent: Intent) -> float:
        """Of those taken for this intent, how many mean it."""
        return _share_right([trial for trial in self.trials if trial.guessed.intent is intent])

    def recall(self, intent: Intent) -> float:
        """Of those that mean this intent, how many are found."""
        return _share_right([trial for trial in self.trials if trial.meant is intent])

    def confusions(self) -> Mapping[Intent, Mapping[Intent, int]]:
        """How often each intent was taken for each."""
        table = {meant: dict.fromkeys(Intent, 0) for meant in Intent}
        for trial in self.trials:
            table[trial.meant][trial.guessed.intent] += 1
        return table

    def as_json(self) -> dict[str, Any]:
        """Everything but the texts, for machines."""
        return {
            "messages": len(self.trials),
            "accuracy": self.accuracy,
            "confident_share": self.confident_share,
            "confident_accuracy": self.confident_accuracy,
            "intents": {
                intent.value: {"precision": self.precision(intent), "recall": self.recall(intent)}
                for intent in Intent
            },
            "confusions": {
                meant.value: {taken.value: number for taken, number in row.items() if number}
                for meant, row in self.confusions().items()
            },
        }


def read_messages(name: str) -> Mapping[Intent, Sequence[Example]]:
    """The messages of a held-out part or of ``untrained``, by what they mean."""
    table = _read(name)
    return {intent: [_example(entry) for entry in table[intent]] for intent in Intent if intent in table}


@cache
def judge(name: str) -> Score:
    """Guess every message of a file with the classifier that is shipped."""
    pairs = [(meant, example) for meant, examples in read_messages(name).items() for example in examples]
    return Score(tuple(_try(meant, example) for meant, example in pairs))


def judge_held_out() -> Score:
    """All held-out parts together."""
    return Score(tuple(chain.from_iterable(judge(name).trials for name in HELD_OUT)))


@cache
def cross_validate() -> Score:
    """Guess every training sentence with a classifier that has not seen it.

    The rules have been written with half of these sentences in view, so this flatters them; what it shows
    is how the parts work together.
    """
    pairs = [(intent, text) for intent, texts in read_sentences().items() for text in texts]
    random.Random(SEED).shuffle(pairs)
    return Score(tuple(trial for fold in range(FOLDS) for trial in _judge_fold(pairs, fold)))


def measure() -> list[Figure]:
    """The figures for the table of all benchmarks."""
    parts = [(name, judge(name), _read(name).get("first_run")) for name in HELD_OUT]
    return [
        *_figures("all held out", judge_held_out()),
        *(figure for name, score, _ in parts for figure in _figures(name, score)),
        *(figure for name, _, seen in parts if seen for figure in _first_run(name, seen)),
        *_figures("training sentences, cross-validated", cross_validate(), bound=False),
        *_figures("languages without training, by the rules", judge("untrained"), bound=False),
    ]


def explain() -> str:
    """What the figures leave out: who is taken for whom."""
    return report(judge_held_out(), misses=False)


def report(score: Score, *, misses: bool = True) -> str:
    """One score as text: the three figures, each intent, who is taken for whom, and each miss."""
    head = (
        f"{len(score.trials)} messages: {score.accuracy:.1%} right, {score.confident_share:.1%} confident, "
        f"{score.confident_accuracy:.1%} of the confident right"
    )
    return "\n".join((head, "", *_table(score), "", *(_misses(score) if misses else ())))


def main(arguments: Sequence[str]) -> int:
    """Print the report; 1 if a bound is missed."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.intent", description=__doc__)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there, too")
    options = parser.parse_args(arguments)
    scores = {name: judge(name) for name in (*HELD_OUT, "untrained")} | {"cross-validated": cross_validate()}
    for name, score in scores.items():
        print(f"── {name} " + "─" * 60, report(score), sep="\n", end="\n\n")
    if options.json:
        told = {name: score.as_json() for name, score in scores.items()}
        options.json.write_text(json.dumps(told, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    return 1 if any(figure.verdict.startswith("misses") for figure in measure()) else 0


def _judge_fold(pairs: Sequence[tuple[Intent, str]], fold: int) -> Iterator[Trial]:
    learnt: dict[Intent, list[str]] = {intent: [] for intent in Intent}
    for place, (intent, text) in enumerate(pairs):
        if place % FOLDS != fold:
            learnt[intent].append(text)
    model = load(make_table(learnt))
    for meant, text in pairs[fold::FOLDS]:
        yield Trial(text, meant, guess_with(model, text))


@cache
def _read(name: str) -> Mapping[str, Any]:
    """The table of a part."""
    return tomllib.loads((_DATA / f"{name}.toml").read_text(encoding="utf-8"))


def _example(entry: str | Mapping[str, str]) -> Example:
    """A message of a part; most have no subject."""
    return Example(entry) if isinstance(entry, str) else Example(**entry)


def _try(meant: Intent, example: Example) -> Trial:
    """One guess with what the program would know."""
    return Trial(example.text, meant, guess(example.text, subject=example.subject))


def _share_right(trials: Sequence[Trial]) -> float:
    return sum(trial.right for trial in trials) / len(trials) if trials else 0.0


def _figures(what: str, score: Score, *, bound: bool = True) -> Iterator[Figure]:
    rows = (
        ("right", score.accuracy, ACCURACY),
        ("confident", score.confident_share, CONFIDENT_SHARE),
        ("right of the confident", score.confident_accuracy, CONFIDENT_ACCURACY),
    )
    for name, share, least in rows:
        limit = Bound(100 * least, at_most=False, of_floor=False) if bound else None
        yield Figure(f"intent, {what}: {name}", "%", 100 * share, bound=limit)


def _first_run(name: str, seen: Mapping[str, int]) -> Iterator[Figure]:
    """What a part gave before anything was mended for its sake."""
    shares = (
        ("right", "right", "messages"),
        ("confident", "confident", "messages"),
        ("right of the confident", "confident_right", "confident"),
    )
    for what, part, whole in shares:
        share = 100 * seen[part] / seen[whole]
        note = f"{seen[part]} of {seen[whole]}"
        yield Figure(f"intent, {name}, first run: {what}", "%", share, note=note)


def _table(score: Score) -> Iterator[str]:
    """Precision and recall, then the row of the confusion table, whose columns have the rows' numbers."""
    confusions = score.confusions()
    numbers = "".join(f"{place:4}" for place in range(1, len(Intent) + 1))
    yield f"{'':4}{'meant':20}{'precision':>10}{'recall':>8}{numbers}  ← taken for"
    for place, meant in enumerate(Intent, 1):
        cells = "".join(f"{number or '·':>4}" for number in confusions[meant].values())
        yield f"{place:2}  {meant:20}{score.precision(meant):>10.0%}{score.recall(meant):>8.0%}{cells}"


def _misses(score: Score) -> Iterator[str]:
    for trial in sorted(score.trials, key=lambda trial: not trial.guessed.confident):
        if not trial.right:
            sure = "SURE " if trial.guessed.confident else ""
            yield f"  {sure}{trial.meant} taken for {trial.guessed.intent}: {trial.text!r}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
