"""Leaves out of a mail to the owner what the spectator has seen, and says where something is left out."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from templates.marks import DRAFT_MARK, HEADING_MARKS, QUOTE_MARK, TITLE_MARKS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

DRAFT_LINES = 5
"""Lines of a draft that are shown; all of it stands in the mail, and in the answer that leaves."""

_SECTION = HEADING_MARKS[0]
_HEAD_AND_ONE = 2
_CASE = TITLE_MARKS[0]
_ADVICE = "対応: "
_FACTS = ("届いた日時: ", "購入者: ", "注文番号: ", "受付確認: ", "注意: ", QUOTE_MARK)
"""Lines about a case that stay the same, or that only grow older."""

_EXPLAINING = frozenset({"■ 操作(▶)の使い方", "■ このお知らせを止めるには"})
"""Sections that say the same every time, but for an example."""


class Abridgment:
    """What was shown before; one for the whole story."""

    def __init__(self) -> None:
        self._sections: set[tuple[str, ...]] = set()
        self._shown: set[tuple[str, ...]] = set()

    def shorten(self, text: str) -> list[str]:
        """The lines of a mail without what was told before, and with the long parts cut short."""
        left_out: list[str] = []
        lines: list[str] = []
        sections = _sections(text.split("\n"))
        for section in sections:
            name = (section[0],) if section[0] in _EXPLAINING else tuple(section)
            if name in self._sections and len(sections) > _HEAD_AND_ONE:
                left_out.append(section[0].removeprefix(_SECTION))
            else:
                lines += self._cut(section)
            if section[0].startswith(_SECTION):
                self._sections.add(name)
        if left_out:
            lines.append(f"(前と同じなので省きます: {'、'.join(left_out)})")
        return lines

    def _cut(self, section: Iterable[str]) -> Iterator[str]:
        """Drafts and advice are cut short, and stand there once; so do the facts of a case."""
        case = ""
        for mark, group in groupby(section, _mark):
            lines = tuple(group)
            if mark == _CASE:
                case = lines[0]
                yield from lines
            elif mark == _FACTS[0]:
                yield from self._fresh(case, lines)
            elif not mark:
                yield from lines
            elif lines in self._shown:
                yield f"{mark}…(前と同じ)"
            else:
                yield from _first(lines, DRAFT_LINES if mark == DRAFT_MARK else 1, mark)
                self._shown.add(lines)

    def _fresh(self, case: str, facts: Sequence[str]) -> Iterator[str]:
        """The facts of a case that were not shown; how long it waits is told by its deadlines as well."""
        known = [(case, fact.split(" ")[0] if fact.startswith(_FACTS[0]) else fact) for fact in facts]
        yield from (fact for fact, name in zip(facts, known, strict=True) if name not in self._shown)
        if any(name in self._shown for name in known):
            yield "…(ほかは前と同じ)"
        self._shown.update(known)


def first_lines(text: str, number: int = DRAFT_LINES) -> list[str]:
    """The beginning of a text, with how many lines are left out."""
    return _first(text.strip("\n").split("\n"), number, "")


def _sections(lines: Iterable[str]) -> list[list[str]]:
    sections: list[list[str]] = [[]]
    for line in lines:
        if line.startswith(_SECTION) and sections[-1]:
            sections.append([])
        sections[-1].append(line)
    return sections


def _mark(line: str) -> str:
    if line.startswith(_FACTS):
        return _FACTS[0]
    marks = (DRAFT_MARK, _ADVICE, _CASE)
    return next((mark for mark in marks if line.startswith(mark.rstrip())), "")


def _first(lines: Sequence[str], number: int, mark: str) -> list[str]:
    if len(lines) <= number + 1:
        return list(lines)
    return [*lines[:number], f"{mark}…(あと{len(lines) - number}行)"]
