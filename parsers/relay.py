"""Mail that Amazon's customer service writes for a buyer, through the buyer's alias."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from parsers.folding import fold
from parsers.rules import load_rules

if TYPE_CHECKING:
    from collections.abc import Callable

_LINE_LENGTH = 300
_LINES = 300
_OPENING_LINES = 6
_RULE = "-----"


@dataclass(frozen=True, slots=True)
class Relay:
    """What the service passed on.

    Attributes:
        confidence: how well the wording that gave it away is founded.
        details: what the buyer wants, in the service's or the buyer's words.
        around: the mail without the details: Amazon's own text.
    """

    confidence: str
    details: str
    around: str


@dataclass(frozen=True, slots=True)
class _Words:
    """Folded wording of one part, the well-founded first."""

    seen: tuple[str, ...]
    assumed: tuple[str, ...]

    def within(self, line: str) -> bool:
        """Whether a folded line contains one of them."""
        return any(word in line for word in self.seen + self.assumed)

    def label(self, line: str) -> str | None:
        """What a folded line says behind one of these words and a colon; None if it does not begin so."""
        for word in self.seen + self.assumed:
            rest = line[len(word) :].lstrip() if line.startswith(word) else ""
            if rest.startswith(":"):
                return rest[1:].strip()
        return None


def read_relay(text: str, *, framed: bool = False) -> Relay | None:
    """Recognise such a mail and take the details out of it; None for any other text.

    Args:
        text: the mail's text, or the words inside Amazon's frame.
        framed: the text comes from inside the frame, where a buyer may write anything: one sign that a buyer
            may use too, such as the rows of dashes, is not enough then.
    """
    lines = text.split("\n")
    folded = [fold(line[:_LINE_LENGTH]) for line in lines[:_LINES]]
    if not _is_relay(folded, framed=framed):
        return None
    start, end = _details(folded)
    details = _without_label(lines[start:end]) if start < end else ""
    return Relay(_confidence(folded), details, "\n".join(lines[:start] + lines[end:]))


def _is_relay(folded: list[str], *, framed: bool) -> bool:
    """The service's opening sentence, or its closing one, and labelled lines."""
    opening = [line for line in folded if line][:_OPENING_LINES]
    opened = any(_part("opening").within(line) for line in opening)
    labels = _has(folded, _part("order").label) + _has(folded, _part("details").label)
    labels += _has(folded, _part("reason").label)
    closed = any(_part("closing").within(line) for line in folded)
    ruled = sum(_is_rule(line) for line in folded) >= 2
    if framed:
        return labels > 0 and (opened or (closed and ruled and labels > 1))
    return labels >= 1 + (not opened) and (opened or closed or ruled)


def _details(folded: list[str]) -> tuple[int, int]:
    """The lines of the details, else of the reason: up to the next bare rule or the closing sentence."""
    for part in ("details", "reason"):
        for at, line in enumerate(folded):
            if _part(part).label(line) is not None:
                return at, _end(folded, at + 1)
    return 0, 0


def _end(folded: list[str], start: int) -> int:
    """Where the details end."""
    for at in range(start, len(folded)):
        if _is_rule(folded[at]) or _part("closing").within(folded[at]):
            return at
    return len(folded)


def _without_label(lines: list[str]) -> str:
    """The details without the word and the colon before them."""
    first = lines[0].replace("：", ":", 1).partition(":")[2]
    return "\n".join([first, *lines[1:]]).strip()


def _is_rule(line: str) -> bool:
    """Whether a line is a bare row of dashes."""
    return line.startswith(_RULE) and not line.strip("-")


def _has(folded: list[str], label: Callable[[str], str | None]) -> bool:
    """Whether one of the lines carries such a label."""
    return any(label(line) is not None for line in folded)


def _confidence(folded: list[str]) -> str:
    """``seen`` if a sentence of a real mail is in it."""
    seen = _part("opening").seen + _part("closing").seen
    return "seen" if any(word in line for line in folded for word in seen) else "assumed"


@cache
def _part(name: str) -> _Words:
    """The wording of one part, from the table."""
    table = load_rules("relay")[name]
    return _Words(*(tuple(fold(word) for word in table[key]) for key in ("seen", "assumed")))
