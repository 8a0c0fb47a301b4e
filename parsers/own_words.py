"""A person's own words in a reply: the mail that they answer and signatures taken away.

`parsers.quoting` keeps what a buyer wrote in doubt, for nobody reads it twice. Here nothing that we wrote
may pass for the owner's words, and what is left comes back to the owner before it goes anywhere.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from parsers.folding import fold, fold_width
from parsers.quoting import attribution_length, is_history_head, is_quoted, labels_header
from parsers.rules import load_rules

if TYPE_CHECKING:
    from collections.abc import Sequence

_LENGTH = 200_000
_LINES = 3_000
_LINE_LENGTH = 400
_BAR = "│"
_DRAFT_BAR = re.compile(r"┃ ?")
_SIGNATURE_LINES = 8
_RULE = re.compile(r"[-_=─━]{3,}")
_UNSEEN = dict.fromkeys((0xFEFF, 0x200B, 0x2060))


def own_words(text: str) -> str:
    """Take everything away that the person did not write; empty if nothing is left.

    Quoted lines go wherever they stand, and so do the lines of date and name above them. Where an old mail
    is introduced that carries no signs, nobody can tell its end, so the words end there. What was copied
    out of the draft in our alert is kept without the bar that our alert puts before it.
    """
    lines = text[:_LENGTH].translate(_UNSEEN).split("\n")[:_LINES]
    return _Reply([_without_draft_bar(line) for line in lines]).words()


class _Reply:
    """The lines of one reply, walked once from the top."""

    def __init__(self, lines: list[str]) -> None:
        self.lines = lines
        self.last_quoted = max((at for at, line in enumerate(lines) if _is_marked(line)), default=-1)
        self.blocks: list[list[str]] = [[]]
        self.introductions: dict[int, int] = {}

    def words(self) -> str:
        """All blocks of own lines, with a blank line for what was quoted between them."""
        at = 0
        while at < len(self.lines):
            at = self._take(at)
        self._close(old_below=False)
        return "\n\n".join("\n".join(block) for block in self.blocks if block)

    def _take(self, at: int) -> int:
        """Judge the line and say which one comes next."""
        line = self.lines[at]
        if _is_marked(line):
            self._close()
            return at + 1
        if _is_signature_mark(line) and (end := self._signature_end(at)):
            self._close(old_below=False)
            return end
        if length := self._introduction(at):
            if _is_alert_head(line):
                self._drop_head(with_headers=labels_header(line))
            self._close()
            return at + length
        self.blocks[-1].append(line.rstrip())
        return at + 1

    def _introduction(self, at: int) -> int:
        """How many lines introduce an old mail: all the rest where it carries no signs, 0 if none does.

        A line below the mark of a signature is asked for more than once, so the answer is kept.
        """
        if at not in self.introductions:
            self.introductions[at] = self._measure_introduction(at) if self.lines[at].strip() else 0
        return self.introductions[at]

    def _measure_introduction(self, at: int) -> int:
        rest = len(self.lines) - at
        if _is_alert_head(self.lines[at]):
            return rest
        if is_history_head(self.lines, at):
            return 1 if self._is_quoted_below(at + 1) else rest
        length = attribution_length(self.lines, at)
        # An app that marks what it quotes marks all of it, so an unmarked line under a date is an answer.
        return (length if self.last_quoted >= at + length else rest) if length else 0

    def _is_quoted_below(self, start: int) -> bool:
        """Whether the next line that is not blank carries the sign of a quotation."""
        below = (self.lines[at] for at in range(start, len(self.lines)) if self.lines[at].strip())
        return _is_marked(next(below, ""))

    def _signature_end(self, at: int) -> int:
        """Where a signature ends whose mark stands here; 0 if it is bare and too much stands below it."""
        filled = 0
        for end in range(at + 1, len(self.lines)):
            if _is_marked(self.lines[end]) or self._introduction(end):
                return end
            filled += bool(self.lines[end].strip())
            if filled > _SIGNATURE_LINES and self.lines[at] != "-- ":
                return 0
        return len(self.lines)

    def _drop_head(self, *, with_headers: bool) -> None:
        """Take off what stands right above the head of an alert: other headers of it, or its greeting."""
        block = self.blocks[-1]
        while with_headers and block and labels_header(block[-1]):
            block.pop()
        while block and not block[-1].strip():
            block.pop()
        if block and fold(block[-1][:_LINE_LENGTH]) in _greetings():
            block.pop()

    def _close(self, *, old_below: bool = True) -> None:
        """End a block: without blank lines around it, without what an app signs with.

        Args:
            old_below: an old mail follows, so a rule at the end belongs to it.
        """
        block = self.blocks[-1]
        while block and _is_idle(block[-1], old_below=old_below):
            block.pop()
        while block and not block[0].strip():
            block.pop(0)
        if block:
            self.blocks.append([])


def _without_draft_bar(line: str) -> str:
    found = _DRAFT_BAR.match(line)
    return line[found.end() :] if found else line


def _is_marked(line: str) -> bool:
    """Whether a line is quoted by an app, or by our own alert."""
    return is_quoted(line) or line.lstrip().startswith(_BAR)


def _is_idle(line: str, *, old_below: bool) -> bool:
    """Whether a line at the end of somebody's words is none of them."""
    bare = line.strip()
    if not bare or (old_below and _RULE.fullmatch(bare)):
        return True
    return _matches(bare, "sign_off")


def _is_signature_mark(line: str) -> bool:
    """Whether a line is the mark of RFC 3676, which many apps rob of its blank."""
    return line in {"-- ", "--"}


def _is_alert_head(line: str) -> bool:
    """Whether one of our own alerts begins here."""
    return _matches(line, "alert_head")


def _matches(line: str, table: str) -> bool:
    """Whether a line is one of those that a table describes."""
    bare = fold_width(line[:_LINE_LENGTH]).strip()
    return any(pattern.search(bare) for pattern in _patterns(table))


@cache
def _patterns(table: str) -> Sequence[re.Pattern[str]]:
    """One list of the table, compiled once."""
    return tuple(re.compile(row["pattern"], re.IGNORECASE) for row in load_rules("owner_mail")[table])


@cache
def _greetings() -> frozenset[str]:
    """How alerts greet, folded."""
    return frozenset(map(fold, load_rules("owner_mail")["greetings"]["lines"]))
