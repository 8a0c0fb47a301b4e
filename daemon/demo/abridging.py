"""Leaves out of a mail to the owner what the spectator has seen, and says where something is left out."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from templates.marks import DRAFT_MARK

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

DRAFT_LINES = 5
"""Lines of a draft that are shown; all of it stands in the mail, and in the answer that leaves."""

_SECTION = "■ "
_ADVICE = "対応: "
_EXPLAINING = frozenset({"■ 操作(▶)の使い方", "■ このお知らせを止めるには"})
"""Sections that say the same every time."""


class Abridgment:
    """What was shown before; one for the whole story."""

    def __init__(self) -> None:
        self._explained: set[str] = set()
        self._shown: set[tuple[str, ...]] = set()

    def shorten(self, text: str) -> list[str]:
        """The lines of a mail without what was explained before, and with the long parts cut short."""
        left_out: list[str] = []
        lines: list[str] = []
        for section in _sections(text.split("\n")):
            title = section[0]
            if title in self._explained:
                left_out.append(title.removeprefix(_SECTION))
            else:
                lines += self._cut(section)
            self._explained |= {title} & _EXPLAINING
        if left_out:
            lines.append(f"(以下は前と同じなので省きます: {'、'.join(left_out)})")
        return lines

    def _cut(self, section: Iterable[str]) -> Iterator[str]:
        """Drafts and advice are cut short, and stand there once."""
        for mark, group in groupby(section, _mark):
            lines = tuple(group)
            if not mark:
                yield from lines
            elif lines in self._shown:
                yield f"{mark}…(前と同じ)"
            else:
                yield from _first(lines, DRAFT_LINES if mark == DRAFT_MARK else 1, mark)
                self._shown.add(lines)


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
    return next((mark for mark in (DRAFT_MARK, _ADVICE) if line.startswith(mark.rstrip())), "")


def _first(lines: Sequence[str], number: int, mark: str) -> list[str]:
    if len(lines) <= number + 1:
        return list(lines)
    return [*lines[:number], f"{mark}…(あと{len(lines) - number}行)"]
