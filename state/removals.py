"""What may become of a request that Amazon removes a rating. Pure: steps in, where it stands out."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from state.steps import Matter

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from state.steps import Step

BOUGHT_LABEL = "bought_label_on_time"
"""The step that is a fact: shipped in time with a label bought through Amazon."""

REQUESTS = 2
"""A refused request may be put once more, with better words and over the same page; then it is settled."""


class Word(StrEnum):
    """What happened to a request; struck through, a comment stays readable and counts no more."""

    REQUESTED = "requested"
    REMOVED = "removed"
    STRUCK = "struck"
    REFUSED = "refused"


class Objection(StrEnum):
    """Why a step cannot follow on those before it."""

    TWICE = "twice"
    NEVER_REQUESTED = "never_requested"
    SETTLED = "settled"
    TOO_OFTEN = "too_often"
    BEFORE_THE_LAST = "before_the_last"
    IN_THE_FUTURE = "in_the_future"


GONE = frozenset({Word.REMOVED, Word.STRUCK})
"""A rating of which this happened last does not count."""

# Amazon strikes comments on its own too, and buyers delete theirs: neither needs a request.
_FOLLOWING = {
    None: frozenset({Word.REQUESTED, Word.REMOVED, Word.STRUCK}),
    Word.REQUESTED: frozenset({Word.REMOVED, Word.STRUCK, Word.REFUSED}),
    Word.REFUSED: frozenset({Word.REQUESTED, Word.REMOVED, Word.STRUCK}),
    Word.STRUCK: frozenset({Word.REMOVED}),
    Word.REMOVED: frozenset[Word](),
}


@dataclass(frozen=True, slots=True)
class Removal:
    """Where the removal of a rating stands.

    Attributes:
        word: what happened last; None if nothing did.
        on: the shop's local date of it.
        requests: how often it was asked for.
        bought_label: the order was shipped in time with a label bought through Amazon.
    """

    word: Word | None = None
    on: date | None = None
    requests: int = 0
    bought_label: bool = False

    @property
    def gone(self) -> bool:
        """The rating does not count any more."""
        return self.word in GONE

    @property
    def may_be_requested(self) -> bool:
        """A request is still worth its while."""
        return Word.REQUESTED in _FOLLOWING[self.word] and self.requests < REQUESTS


def removal_of(steps: Iterable[Step]) -> Removal:
    """Add up the steps of one case, given in the order of recording; those of other matters are left out."""
    own = [one for one in steps if one.matter is Matter.REMOVAL]
    happened = [one for one in own if one.word != BOUGHT_LABEL]
    last = happened[-1] if happened else None
    return Removal(
        word=None if last is None else Word(last.word),
        on=None if last is None else last.done_on,
        requests=sum(one.word == Word.REQUESTED for one in happened),
        bought_label=len(own) > len(happened),
    )


def objection_to(removal: Removal, word: Word, on: date, today: date) -> Objection | None:
    """Why a step cannot follow; None if it can.

    Args:
        removal: where it stands.
        word: what is said to have happened.
        on: the local date of it.
        today: the shop's date.
    """
    if on > today:
        return Objection.IN_THE_FUTURE
    if removal.on is not None and on < removal.on:
        return Objection.BEFORE_THE_LAST
    if word is removal.word:
        return Objection.TWICE
    if word is Word.REQUESTED and removal.word is Word.REFUSED and not removal.may_be_requested:
        return Objection.TOO_OFTEN
    if word in _FOLLOWING[removal.word]:
        return None
    return Objection.NEVER_REQUESTED if removal.word is None else Objection.SETTLED
