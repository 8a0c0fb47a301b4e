"""A small classifier of short texts: complement naive Bayes over runs of one to three characters.

Japanese needs no word boundaries this way, and a misspelt or dialectal word still shares most of its runs
with the usual one. English words say more than their letters: each is a run, too, and so are two in a row. A
run speaks for a label by how little of it occurs in the sentences of all *other* labels, which suits labels
with few sentences each (Rennie and others, "Tackling the Poor Assumptions of Naive Bayes Text Classifiers",
ICML 2003).

A model is a table of counts, written as text: one line for all runs that occur equally often in the same
labels. Reading it means splitting lines; what a line says is worked out when one of its runs is first met.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, pairwise
from math import log
from operator import add
from struct import unpack
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

# A longer run that one sentence alone has is most often an accident of that sentence.
_ACCIDENT = 3
_SMOOTHING = 1.0
# A sum of gains in one field of a number: 1200 letters have at most 6000 runs, no gain is above 20.
_FIELD = 64
_ONE = 1 << 40
_LENGTH = 1200
_NUMBER = re.compile(r"[0-9][0-9:,.\-]*")
_BREAK = re.compile(r"\s{0,9}\n\s*")
_REST = re.compile(r"[^\w?!|]+|_+")
_REPEATED = re.compile(r"([?!])[?!]+")
# Japanese is written with and without spaces, so they mean nothing beside its letters.
_LOOSE = re.compile("(?<=[\u3040-\u30ff\u3400-\u9fff々])_|_(?=[\u3040-\u30ff\u3400-\u9fff々])")
_HIRAGANA = {katakana: katakana - 0x60 for katakana in range(0x30A1, 0x30F7)}
_WORD = re.compile(r"[^\W\d_\u3040-\u9fff]+")
_ENGLISH = re.compile(r"[a-z]{2,}")
_JAPANESE = re.compile("[\u3040-\u30ff\u3400-\u9fff々]")


@dataclass(frozen=True, slots=True)
class Model:
    """What was learnt from sentences.

    Attributes:
        sizes: per label, in alphabetical order, the logarithm of how many runs all other labels hold.
        counts: per run the field of the table that tells its counts; a run without an entry is unknown.
        words: every word of an alphabet that was seen, to tell English from its neighbours.
    """

    sizes: Mapping[str, float]
    counts: Mapping[str, str]
    words: frozenset[str]


@dataclass(frozen=True, slots=True)
class Weighing:
    """What a model makes of one text.

    Attributes:
        scores: logarithms, comparable among the labels of one text only.
        runs: how many known runs they rest on.
        known: share of the text that the model has seen, from 0 to 1: of its words where it is written in an
            alphabet, else of its runs. It is low for languages and scripts without training sentences.
    """

    scores: Mapping[str, float]
    runs: int
    known: float

    @property
    def best(self) -> str:
        """The label with the highest score, the first of equals."""
        return max(self.scores, key=lambda label: self.scores[label])


def count(sentences: Mapping[str, Sequence[str]]) -> str:
    """Count the runs of sentences by label, each once a sentence, and write the table.

    The same sentences give the same table, in whatever order they come.
    """
    runs: dict[str, dict[int, int]] = {}
    for place, label in enumerate(sorted(sentences)):
        for run in chain.from_iterable(_cut(_fold(sentence)) for sentence in sentences[label]):
            counts = runs.setdefault(run, {})
            counts[place] = counts.get(place, 0) + 1
    kept = {run: counts for run, counts in runs.items() if len(run) < _ACCIDENT or sum(counts.values()) > 1}
    everything = chain.from_iterable(sentences.values())
    words = set(chain.from_iterable(_WORD.findall(_fold(sentence)) for sentence in everything))
    return _write(sorted(sentences), words, kept)


def _write(labels: Sequence[str], words: Iterable[str], runs: Mapping[str, Mapping[int, int]]) -> str:
    """The table: what the labels hold, the words, then the runs by their counts."""
    held = [sum(counts.get(place, 0) for counts in runs.values()) for place in range(len(labels))]
    heads = (f"{label}:{number}" for label, number in zip(labels, held, strict=True))
    lines: dict[str, list[str]] = {}
    for run in sorted(runs):
        key = ",".join(f"{place}:{number}" for place, number in sorted(runs[run].items()))
        lines.setdefault(key, []).append(run)
    body = (" ".join((key, *lines[key])) for key in sorted(lines))
    return "\n".join((" ".join(heads), " ".join(sorted(words)), *body)) + "\n"


def load(table: str) -> Model:
    """Read what `count` wrote."""
    heads, words, *lines = table.splitlines()
    counts: dict[str, str] = {}
    for line in lines:
        key, _, runs = line.partition(" ")
        counts.update(dict.fromkeys(runs.split(" "), key))
    return Model(_sizes(heads, len(counts)), counts, frozenset(words.split(" ")))


def _sizes(heads: str, runs: int) -> Mapping[str, float]:
    """Logarithms of how much the other labels hold, smoothed."""
    pairs = (head.split(":") for head in heads.split(" "))
    held = {label: int(number) for label, number in pairs}
    whole = sum(held.values()) + _SMOOTHING * runs
    return {label: log(whole - number) for label, number in held.items()}


def weigh(model: Model, text: str) -> Weighing:
    """Score a text, of which only the first 1200 characters count, for every label."""
    plain = _fold(text)
    runs = _cut(plain)
    met = list(filter(None, map(model.counts.get, runs)))
    gains = _unpack(sum(map(_gains, met)), len(model.sizes))
    scores = {
        label: len(met) * size + gain for (label, size), gain in zip(model.sizes.items(), gains, strict=True)
    }
    known = _share_of_words(model, plain)
    return Weighing(scores, len(met), len(met) / max(1, len(runs)) if known is None else known)


@lru_cache(maxsize=8192)
def _gains(key: str) -> int:
    """What a run adds to the labels where it occurred, to the others nothing; all labels in one number.

    Such numbers are added in one step for all labels, which is most of the work of weighing.
    """
    counts = [tuple(map(int, pair.split(":"))) for pair in key.split(",")]
    everywhere = sum(number for _, number in counts) + _SMOOTHING
    gains = ((place, log(everywhere / (everywhere - number))) for place, number in counts)
    return sum(round(gain * _ONE) << (_FIELD * place) for place, gain in gains)


def _unpack(packed: int, labels: int) -> Iterator[float]:
    """The sums of all labels out of one number."""
    return (
        number / _ONE for number in unpack(f"<{labels}Q", packed.to_bytes(labels * _FIELD // 8, "little"))
    )


def _cut(plain: str) -> set[str]:
    """The different runs; ``_`` is a space, ``|`` the end of a line."""
    flat = _flatten(plain)
    pairs = list(map(add, flat, flat[1:]))
    words = _ENGLISH.findall(plain)
    return {*flat, *pairs, *map(add, pairs, flat[2:]), *words, *map("_".join, pairwise(words))}


def _flatten(plain: str) -> str:
    """One spelling for what differs in kana, number or punctuation only."""
    flat = _BREAK.sub("|", plain.strip())
    flat = _REST.sub("_", _NUMBER.sub("0", flat)).translate(_HIRAGANA)
    flat = _LOOSE.sub("", _REPEATED.sub(r"\1", flat)).strip("_|")
    return f"|{flat}|" if flat else ""


def _fold(text: str) -> str:
    """Width and case made one, and the apostrophes gone: many leave them out."""
    plain = unicodedata.normalize("NFKC", text[:_LENGTH])[:_LENGTH].lower()
    return plain.replace("|", " ").replace("’", "").replace("'", "")


def _share_of_words(model: Model, plain: str) -> float | None:
    """How many of the words of an alphabet are known; None where Japanese or Chinese letters prevail."""
    words = _WORD.findall(plain)
    if sum(map(len, words)) <= 3 * len(_JAPANESE.findall(plain)):
        return None
    return sum(word in model.words for word in words) / len(words)
