"""What letters a regular expression needs, for the table of `parsers.phrases`; the program itself never asks.

A list is split into its alternatives, and each is read as the parser of Python's own `re` reads it. Of the
letters in a row that every match must hold, those are noted that are rarest in what buyers write.
"""

from __future__ import annotations

import re
from collections import Counter
from importlib import import_module
from operator import add
from typing import TYPE_CHECKING, Any

from parsers.phrases import HEAD

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

# Python's own parser has no public name, and is needed only here, where no mail is read.
_parser: Any = import_module("re._parser")
_LONGEST = 3
_FEW = 64
_EDGES = re.compile(r"((?:\(\?<[!=][^()]*\)|\\b|\^)*)\(\?:")

Need = frozenset[str]
"""Letters in a row, of which every match holds at least one; empty if nothing is certain."""


def make_needs(lists: Iterable[str], texts: Iterable[str]) -> str:
    """The table of all lists.

    Args:
        lists: their regular expressions.
        texts: what buyers write, prepared, to tell which letters are rare.
    """
    common = Counter[str]()
    for text in texts:
        common.update(_rows(text))
    return "".join(line + "\n" for source in dict.fromkeys(lists) for line in _describe(source, common))


def _rows(text: str) -> set[str]:
    """All letters of a text, one, two and three in a row."""
    pairs = list(map(add, text, text[1:]))
    return {*text, *pairs, *map(add, pairs, text[2:])}


def _describe(source: str, common: Counter[str]) -> Iterator[str]:
    """The lines of one list."""
    yield HEAD + source
    for phrase in split(source):
        needed = _need(_parser.parse(phrase, re.MULTILINE), common)
        yield "\t".join((phrase, *sorted(needed)))


def split(source: str) -> list[str]:
    """The alternatives of a list, also of one in a group with nothing but conditions before it."""
    return [phrase for part in _parts(source) for phrase in _unwrap(part)]


def _unwrap(part: str) -> list[str]:
    """The alternatives of a group, each with what stands before and behind the group."""
    head = _EDGES.match(part)
    if not head or (end := _end_of_group(part, head.end())) is None:
        return [part]
    tail = part[end + 1 :]
    if tail[:1] and tail[0] in "*+?{":
        return [part]
    return [f"{head[1]}(?:{phrase}){tail}" for phrase in _parts(part[head.end() : end])]


def _parts(source: str) -> list[str]:
    """What stands between the bars that are in no group."""
    parts, begun = [], 0
    for place, letter, depth in _walk(source):
        if letter == "|" and not depth:
            parts.append(source[begun:place])
            begun = place + 1
    return [*parts, source[begun:]]


def _end_of_group(source: str, start: int) -> int | None:
    """Where the group ends whose inside begins at a place."""
    inside = (place for place, letter, depth in _walk(source[start:]) if letter == ")" and depth < 0)
    place = next(inside, None)
    return None if place is None else start + place


def _walk(source: str) -> Iterator[tuple[int, str, int]]:
    """Every sign that is neither escaped nor in a set, with the number of groups around it."""
    depth, place, in_set = 0, 0, False
    while place < len(source):
        letter = source[place]
        if letter == "\\":
            place += 1
        elif in_set:
            in_set = letter != "]"
        else:
            in_set = letter == "["
            depth += (letter == "(") - (letter == ")")
            yield place, letter, depth
        place += 1


def _need(tree: Any, common: Counter[str]) -> Need:
    """The rarest letters that a sequence cannot do without."""
    options = [need for need in _needs(tree, common) if need]
    return min(options, key=lambda need: (_frequency(need, common), sorted(need)), default=frozenset())


def _frequency(need: Need, common: Counter[str]) -> int:
    """How often letters like these are met; each costs a little even if it never is."""
    return sum(common[row] + 1 for row in need)


def _needs(tree: Any, common: Counter[str]) -> Iterator[Need]:
    """What each element of a sequence needs, letters in a row taken together."""
    row = ""
    for kind, value in tree:
        if str(kind) == "LITERAL":
            row += chr(value)
            continue
        yield from _windows(row)
        row = ""
        yield _element(str(kind), value, common)
    yield from _windows(row)


def _windows(row: str) -> Iterator[Need]:
    """Up to three letters at a time, none of them a space: see `parsers.phrases.Sifted`."""
    for word in row.split():
        for start in range(max(1, len(word) - _LONGEST + 1)):
            yield frozenset({word[start : start + _LONGEST]})


def _element(kind: str, value: Any, common: Counter[str]) -> Need:
    """What an element needs that is more than a letter."""
    if kind == "SUBPATTERN":
        return _need(value[-1], common)
    if kind == "BRANCH":
        return _all_of([_need(branch, common) for branch in value[1]])
    if kind in {"MAX_REPEAT", "MIN_REPEAT"} and value[0] >= 1:
        return _need(value[2], common)
    if kind == "IN":
        return _set(value)
    return frozenset()


def _all_of(needs: Sequence[Need]) -> Need:
    """What is needed where any of several may stand; nothing if one of them needs nothing."""
    return frozenset().union(*needs) if all(needs) else frozenset()


def _set(members: Any) -> Need:
    """The letters of a small set."""
    letters: set[str] = set()
    for kind, value in members:
        if str(kind) == "LITERAL":
            letters.add(chr(value))
        elif str(kind) == "RANGE" and value[1] - value[0] < _FEW:
            letters.update(map(chr, range(value[0], value[1] + 1)))
        else:
            return frozenset()
    return frozenset() if any(map(str.isspace, letters)) else frozenset(letters)
