"""The same text as it would read without its disguises, and the way back to what was really written.

A seller who wants to get a telephone number past a check writes it in wide digits, in kanji, with dots
between them or with letters that only look like digits. Each view undoes the disguises of one kind. Every
character of a view knows which part of the original it stands for, so that a person is shown his own words.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from itertools import pairwise
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

VIEWS = ("words", "lines", "tight", "address", "digits")
"""For English, for Japanese with its blanks and without them, for links, for numbers."""

MASK = "\ue000"
"""Stands in a view for what was judged already; a private letter, of which no text keeps one in its views."""

# A letter and the marks on it make one character; more than four marks are no writing.
_MARK = re.compile(r"[\u0300-\u036f\u20d0-\u20ff\u3099\u309a\ufe00-\ufe0f\uff9e\uff9f]")
_CLUSTER = re.compile(rf".{_MARK.pattern}{{0,4}}", re.DOTALL)
_BACK_REFERENCE = re.compile(r"\\([1-9])")
_INVISIBLE = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
_LATIN_END = "\u0250"
_KATAKANA = {code: code - 0x60 for code in range(ord("ァ"), ord("ヶ") + 1)}


@dataclass(frozen=True, slots=True)
class View:
    """A text, and for each of its characters the part of the original that it stands for."""

    text: str
    starts: Sequence[int]
    ends: Sequence[int]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The part of the original that a part of this view stands for; neither is empty."""
        return self.starts[start], self.ends[end - 1]

    def replace(self, pattern: re.Pattern[str], replacement: str) -> View:
        """The view with every match replaced; a backslash and a digit in the replacement keep a group."""
        pieces = [
            _Piece(found.start(), found.end(), _fill(replacement, found))
            for found in _found(pattern, self.text)
        ]
        return self._rebuilt(pieces) if pieces else self

    def mask(self, patterns: Iterable[re.Pattern[str]]) -> View:
        """The view with every match of any pattern made unreadable, at the same length."""
        text = self.text
        for pattern in patterns:
            text = pattern.sub(lambda found: MASK * len(found[0]), text)
        return View(text, self.starts, self.ends)

    def _rebuilt(self, pieces: Sequence[_Piece]) -> View:
        text: list[str] = []
        starts: list[int] = []
        ends: list[int] = []
        for before, piece in pairwise(
            [_Piece(0, 0, ""), *pieces, _Piece(len(self.text), len(self.text), "")]
        ):
            text += (self.text[before.end : piece.start], piece.text)
            starts += self.starts[before.end : piece.start]
            ends += self.ends[before.end : piece.start]
            if piece.text:
                start, end = self.span(piece.start, piece.end)
                starts += [start] * len(piece.text)
                ends += [end] * len(piece.text)
        return View("".join(text), starts, ends)


@dataclass(frozen=True, slots=True)
class _Piece:
    """What stands in place of a part of a view."""

    start: int
    end: int
    text: str


def plain_view(text: str) -> View:
    """Width, case, accents and look-alikes made one, and what cannot be seen removed."""
    if not _MARK.search(text):
        alone = [_fold(letter) for letter in text]
        if all(len(letter) == 1 for letter in alone):
            return View("".join(alone), range(len(text)), range(1, len(text) + 1))
    letters: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for found in _CLUSTER.finditer(text):
        folded = _fold(found[0])
        letters.append(folded)
        starts += [found.start()] * len(folded)
        ends += [found.end()] * len(folded)
    return View("".join(letters), starts, ends)


def special_view(plain: View, name: str) -> View:
    """One of `VIEWS`.

    Args:
        plain: the text's plain view.
        name: which.
    """
    view = plain
    for step, replacement in _steps(name):
        view = view.replace(step, replacement)
    return View(fold_kana(view.text), view.starts, view.ends) if name == "tight" else view


def fold_kana(text: str) -> str:
    """Katakana as hiragana, so that neither text nor patterns have to care."""
    return text.translate(_KATAKANA)


@lru_cache(maxsize=8192)
def _fold(cluster: str) -> str:
    """One character and its marks in the plainest spelling; empty if nobody could see it."""
    if cluster in {"\n", "\t"}:
        return cluster
    if all(
        letter in _INVISIBLE or unicodedata.category(letter) in {"Cc", "Cf", "Mn", "Me"} for letter in cluster
    ):
        return ""
    folded = unicodedata.normalize("NFKC", cluster).lower()
    return "".join(_plainest(letter) for letter in folded)


def _plainest(letter: str) -> str:
    if letter in _lookalikes():
        return _lookalikes()[letter]
    if letter in _INVISIBLE or unicodedata.category(letter) in {"Cf", "Me"} or "\u0300" <= letter <= "\u036f":
        return ""
    if letter < _LATIN_END:
        return unicodedata.normalize("NFKD", letter)[0]
    return "\ufffd" if letter == MASK else letter


def _found(pattern: re.Pattern[str], text: str) -> list[re.Match[str]]:
    return [found for found in pattern.finditer(text) if found[0]]


def _fill(replacement: str, found: re.Match[str]) -> str:
    return _BACK_REFERENCE.sub(lambda reference: found[int(reference[1])] or "", replacement)


@cache
def _folds() -> dict[str, Any]:
    return tomllib.loads(resources.files(__package__).joinpath("folds.toml").read_text(encoding="utf-8"))


@cache
def _lookalikes() -> dict[str, str]:
    """Every letter of a look-alike table with the one that it is taken for."""
    return {like: plain for plain, likes in _folds()["lookalikes"].items() for like in likes}


@cache
def _steps(name: str) -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple((re.compile(find), put) for find, put in _folds()[name])
