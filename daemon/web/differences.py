"""How one text became another, sentence by sentence and word by word, within bounded time."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import groupby
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

LONGEST = 20_000
"""Characters of each text that are compared; no draft is longer."""

MOST_SENTENCES = 400
"""Sentences of each text; more are not compared one by one, for that takes their product in time."""

MOST_WORDS = 300
"""Words of each changed stretch; more are shown as taken out and put in as a whole."""

_ALIKE = 0.3
"""Stretches that share less than this of their words are read more easily one after the other."""

_SENTENCE = re.compile(r"[^。.!?！？\n]{0,400}[。.!?！？\n]?[\n \u3000]{0,20}")
_WORD = re.compile(r"[A-Za-z0-9]{1,60}|[ァ-ヶー]{1,60}|[一-龠々]{1,60}|[ \u3000]{1,60}|.", re.DOTALL)

Kind = Literal["same", "in", "out"]


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text.

    Attributes:
        kind: ``same`` in both, only ``in`` the newer, or taken ``out`` of the older.
        text: its words.
    """

    kind: Kind
    text: str


def differences(before: str, after: str) -> tuple[Piece, ...]:
    """What was taken out of one text and put in to get the other, in the order of reading.

    Args:
        before: the older text.
        after: the newer text.
    """
    older, newer = before.strip()[:LONGEST], after.strip()[:LONGEST]
    return _joined(_by_sentences(older, newer))


def _joined(pieces: Iterator[Piece]) -> tuple[Piece, ...]:
    runs = groupby((one for one in pieces if one.text), key=lambda one: one.kind)
    return tuple(Piece(kind, "".join(one.text for one in run)) for kind, run in runs)


def _by_sentences(older: str, newer: str) -> Iterator[Piece]:
    left, right = _SENTENCE.findall(older), _SENTENCE.findall(newer)
    if max(len(left), len(right)) > MOST_SENTENCES:
        yield from _replaced(older, newer)
        return
    for tag, start, end, begin, stop in SequenceMatcher(None, left, right).get_opcodes():
        was, now = "".join(left[start:end]), "".join(right[begin:stop])
        if tag == "equal":
            yield Piece("same", now)
        else:
            yield from _by_words(was, now)


def _by_words(was: str, now: str) -> Iterator[Piece]:
    left, right = _WORD.findall(was), _WORD.findall(now)
    if not left or not right or max(len(left), len(right)) > MOST_WORDS:
        yield from _replaced(was, now)
        return
    matcher = SequenceMatcher(None, left, right)
    if matcher.quick_ratio() < _ALIKE:
        yield from _replaced(was, now)
        return
    yield from _opened(matcher.get_opcodes(), left, right)


def _opened(
    steps: Sequence[tuple[str, int, int, int, int]], left: Sequence[str], right: Sequence[str]
) -> Iterator[Piece]:
    for tag, start, end, begin, stop in steps:
        was, now = "".join(left[start:end]), "".join(right[begin:stop])
        if tag == "equal":
            yield Piece("same", now)
        else:
            yield from _replaced(was, now)


def _replaced(was: str, now: str) -> Iterator[Piece]:
    yield Piece("out", was)
    yield Piece("in", now)
