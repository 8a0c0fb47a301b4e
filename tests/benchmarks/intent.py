"""How well the buyers' intents are guessed: on messages never trained on, and cross-validated on the others.

``python -m tests.benchmarks.intent [--json FILE]`` prints accuracy, the confident share, precision and recall
of each intent and who is taken for whom.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tomllib
from dataclasses import dataclass
from functools import cache
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

FOLDS = 8
SEED = 20261122
ACCURACY, CONFIDENT_SHARE, CONFIDENT_ACCURACY = 0.85, 0.40, 0.97
_DATA = Path(__file__).parents[1] / "data" / "intent"


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


def read_messages(name: str) -> Mapping[Intent, Sequence[str]]:
    """The messages of ``heldout`` or ``untrained``, by what they mean."""
    table = tomllib.loads((_DATA / f"{name}.toml").read_text(encoding="utf-8"))
    return {Intent(intent): texts for intent, texts in table.items()}


@cache
def judge(name: str) -> Score:
    """Guess every message of a file with the classifier that is shipped."""
    messages = read_messages(name)
    return Score(tuple(Trial(text, meant, guess(text)) for meant in messages for text in messages[meant]))


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
    return [
        *_figures("messages never trained on", judge("heldout")),
        *_figures("training sentences, cross-validated", cross_validate(), bound=False),
        *_figures("languages without training, by the rules", judge("untrained"), bound=False),
    ]


def report(score: Score) -> str:
    """One score as text: the three figures, each intent, who is taken for whom, and each miss."""
    head = (
        f"{len(score.trials)} messages: {score.accuracy:.1%} right, {score.confident_share:.1%} confident, "
        f"{score.confident_accuracy:.1%} of the confident right"
    )
    return "\n".join((head, "", *_table(score), "", *_misses(score)))


def main(arguments: Sequence[str]) -> int:
    """Print the report; 1 if a bound is missed."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.intent", description=__doc__)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there, too")
    options = parser.parse_args(arguments)
    scores = {name: judge(name) for name in ("heldout", "untrained")} | {"cross-validated": cross_validate()}
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
