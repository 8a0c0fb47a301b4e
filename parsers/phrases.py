"""Long lists of alternatives as regular expressions, of which a text is only put to those that it can match.

A list of hundreds of alternatives is tried from left to right at every letter of a text. But each alternative
needs certain letters in a row, so one look at the letters that the text holds leaves a handful; these alone
are compiled, when first met, and searched. What is found, and in which order, is what the whole list finds.

Which letters an alternative needs is worked out beforehand, by `parsers.training`, and read here as a table.
A list that is not in the table is matched as a whole: slower, and to the same effect.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import chain
from operator import add
from typing import TYPE_CHECKING

from parsers.rules import load_text

if TYPE_CHECKING:
    from collections.abc import Iterable

TABLE = "intent_phrases.txt"
HEAD = "= "
"""Begins the line of a whole list; below it are its alternatives, each with the letters that it needs."""

Sifted = Mapping[str, Sequence[str]]
"""By list, the alternatives that a text can match. What is cut out of that text, and what is left of it with
spaces in the gaps, can match no others: no alternative is listed by letters with a space among them."""

_MOST = 3


@dataclass(frozen=True, slots=True)
class Phrases:
    """A list of alternatives, by the regular expression of the whole.

    Attributes:
        source: that regular expression.
        listed: the table knows it; `load_phrases` finds that out.
    """

    source: str
    listed: bool = False

    def occur(self, words: str, sifted: Sifted) -> bool:
        """Whether one of them is in the words."""
        return any(_compiled(phrase).search(words) for phrase in self._possible(sifted))

    def find(self, words: str, sifted: Sifted) -> list[str]:
        """The first few places where one matches, as text; the same as `re.finditer` finds."""
        patterns = [_compiled(phrase) for phrase in self._possible(sifted)]
        searched = [(pattern, pattern.search(words)) for pattern in patterns]
        found: list[str] = []
        while len(found) < _MOST and (matches := [match for _, match in searched if match]):
            # Of those that begin at one letter the first listed is taken, and `min` returns the first.
            nearest = min(matches, key=re.Match[str].start)
            found.append(nearest[0])
            searched = [_skip(pattern, match, nearest.end()) for pattern, match in searched]
        return found

    def remove(self, words: str, sifted: Sifted) -> str:
        """The words with a space in the place of each."""
        return _compiled(self.source).sub(" ", words) if self._possible(sifted) else words

    def _possible(self, sifted: Sifted) -> Sequence[str]:
        """Those of its alternatives that may match, in order."""
        return sifted.get(self.source, ()) if self.listed else (self.source,)


def load_phrases(sources: Iterable[str]) -> tuple[Phrases, ...]:
    """Lists by their regular expressions."""
    return tuple(Phrases(source, source in _index().sources) for source in sources)


@dataclass(frozen=True, slots=True)
class _Index:
    """All alternatives by the letters that they need.

    Attributes:
        sources: the lists that it knows.
        alternatives: each with its list, in order.
        needing: places of the alternatives that need these letters, or others beside them.
        letters: the same letters as a set.
        always: places of those of which nothing is known.
    """

    sources: frozenset[str]
    alternatives: Sequence[tuple[str, str]]
    needing: Mapping[str, Sequence[int]]
    letters: frozenset[str]
    always: Sequence[int]


def _skip(
    pattern: re.Pattern[str], match: re.Match[str] | None, end: int
) -> tuple[re.Pattern[str], re.Match[str] | None]:
    """An alternative with its first match that begins at a place or behind it."""
    if match is None or match.start() >= end:
        return pattern, match
    return pattern, pattern.search(match.string, end)


@lru_cache(maxsize=4)
def sift(words: str) -> Sifted:
    """The alternatives that words can match; kept a little, for the same words are asked about in turn."""
    known = _index()
    pairs = list(map(add, words, words[1:]))
    held = known.letters.intersection(chain(words, pairs, map(add, pairs, words[2:])))
    places = sorted({*known.always, *chain.from_iterable(known.needing[letters] for letters in held)})
    found: dict[str, list[str]] = {}
    for place in places:
        source, phrase = known.alternatives[place]
        found.setdefault(source, []).append(phrase)
    return found


@cache
def _index() -> _Index:
    """The table, read at first use."""
    alternatives: list[tuple[str, str]] = []
    needing: dict[str, list[int]] = {}
    always: list[int] = []
    source = ""
    for line in load_text(TABLE).splitlines():
        if line.startswith(HEAD):
            source = line.removeprefix(HEAD)
            continue
        phrase, *needed = line.split("\t")
        for letters in needed:
            needing.setdefault(letters, []).append(len(alternatives))
        always += [] if needed else [len(alternatives)]
        alternatives.append((source, phrase))
    sources = frozenset(source for source, _ in alternatives)
    return _Index(sources, alternatives, needing, frozenset(needing), always)


@cache
def _compiled(source: str) -> re.Pattern[str]:
    """A pattern for prepared words; a caret means the beginning of any line."""
    return re.compile(source, re.MULTILINE)
