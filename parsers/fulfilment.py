"""Who ships an order, as far as a notice about it tells."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from parsers.fields import read_column
from parsers.folding import fold, fold_width
from parsers.rules import load_rules
from parsers.values import Fulfilment, Kind

if TYPE_CHECKING:
    from collections.abc import Mapping

_TEXT_LENGTH = 20_000
_LINE_LENGTH = 300
_LABEL = re.compile(r"[^:]{1,40}(?=:)")


@dataclass(frozen=True, slots=True)
class _Cue:
    """Wording that goes with one way of shipping.

    Attributes:
        kinds: the notices in which it counts.
        fulfilment: what it stands for.
        patterns: all of them must be found.
    """

    kinds: frozenset[Kind]
    fulfilment: Fulfilment
    patterns: tuple[re.Pattern[str], ...]


def find_fulfilment(kind: Kind, subject: str, text: str, html: str = "") -> Fulfilment | None:
    """Say who ships; None if nothing tells, or if the notice tells both.

    Args:
        kind: what the notice is.
        subject: its subject.
        text: its text.
        html: its HTML part, for the columns that name products; empty if it has none.
    """
    words = f"{fold_width(subject)}\n{_without_products(text, html)}"
    cues = (cue for cue in _cues() if kind in cue.kinds)
    told = {cue.fulfilment for cue in cues if all(pattern.search(words) for pattern in cue.patterns)}
    return told.pop() if len(told) == 1 else None


def _without_products(text: str, html: str) -> str:
    """The lines that show no product: its title may name any way of shipping."""
    names = load_rules("orders")["products"]["labels"]
    labels, titles = frozenset(map(fold, names)), frozenset(map(_first_words, read_column(html, names)))
    lines = fold_width(text[:_TEXT_LENGTH]).split("\n")
    return "\n".join(line for line in lines if not _shows_product(line, labels, titles))


def _shows_product(line: str, labels: frozenset[str], titles: frozenset[str]) -> bool:
    label = _LABEL.match(line[:_LINE_LENGTH])
    named = label is not None and fold(label[0].lstrip("-*•・■●◆○□ ")) in labels
    return named or "ASIN:" in line or _first_words(line) in titles


def _first_words(line: str) -> str:
    return fold(line[:_LINE_LENGTH])


@cache
def _cues() -> tuple[_Cue, ...]:
    """The table, compiled once."""
    return tuple(map(_cue, load_rules("orders")["cue"]))


def _cue(row: Mapping[str, Any]) -> _Cue:
    patterns = tuple(re.compile(pattern, re.IGNORECASE) for pattern in row["patterns"])
    return _Cue(frozenset(map(Kind, row["kinds"])), Fulfilment(row["fulfilment"]), patterns)
