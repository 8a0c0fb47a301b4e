"""One rating as its page shows it: words of the shop instead of words of the machine."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from daemon.aftercare.feedback_advice import is_worth_asking, left
from daemon.showing.feedback_lines import day_of
from daemon.showing.reader import clean, clean_lines
from daemon.words import GROUNDS, REMEDIES
from state.feedback_policy import AssessmentReason, Ground, Remedy
from state.removals import Word, objection_to

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from daemon.aftercare.feedback_cases import RatedCase
    from daemon.showing.reader import Reader
    from state.feedback_policy import Assessment

_CLAUSE_LIMIT = 300
_NEAR, _SOON = timedelta(days=3), timedelta(days=14)

_OUTLOOKS = {
    Remedy.REMOVAL: ("削除の見込み", "may be removed"),
    Remedy.STRIKE: ("取り消し線の見込み", "may be struck through"),
    Remedy.STAYS: ("残る見込み", "will most likely stay"),
}
_NOBODY_KNOWS = ("判断できない", "cannot be told yet")
_WHO_SHIPPED = (
    "配送についてのコメントです。Amazonの発送 (FBA) なら取り消し線の対象です。発送元をお確かめください。",
    "It is about the delivery. If Amazon fulfilled the order it may be struck through: look who shipped.",
)
_STEPS = {
    Word.REQUESTED: ("申請した", "Removal requested"),
    Word.REMOVED: ("削除された", "It was removed"),
    Word.STRUCK: ("取り消し線が引かれた", "It was struck through"),
    Word.REFUSED: ("認められなかった", "It was refused"),
}


@dataclass(frozen=True, slots=True)
class DayChip:
    """A last day, in short.

    Attributes:
        whose: what it is the last day for.
        left: how much is left, such as 「あと5日」.
        nearness: as the stylesheet calls it: ``calm``, ``soon``, ``near`` or ``over``.
        day: the day as letters write it.
        iso: the same for machines.
    """

    whose: str
    left: str
    nearness: str
    day: str
    iso: str


@dataclass(frozen=True, slots=True)
class Outlook:
    """What may be had of Amazon, in words.

    Attributes:
        short: such as 「削除の見込み」.
        loud: something can be done about it.
        ground: Amazon's criterion; empty where none applies.
        sure: how certain that is.
        reason: why.
        remedy: what Amazon does.
        speaks_for, speaks_against: the buyer's sentences.
    """

    short: str
    loud: bool
    ground: str
    sure: str
    reason: str
    remedy: str
    speaks_for: tuple[str, ...] = field(repr=False)
    speaks_against: tuple[str, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class StepButton:
    """Something that may have happened to a request.

    Attributes:
        word: the machine's.
        label: the reader's.
    """

    word: str
    label: str


def chips_of(rated: RatedCase, today: date, reader: Reader) -> Iterator[DayChip]:
    """The last day for a request, where one is worth its while, and the buyer's for a change."""
    if rated.request_by is not None and is_worth_asking(rated) and rated.removal.may_be_requested:
        yield _chip(reader.say("申請", "Request"), rated.request_by, today, reader)
    if rated.change_by is not None and today <= rated.change_by:
        yield _chip(reader.say("購入者の変更", "Buyer may change"), rated.change_by, today, reader, calm=True)


def _chip(whose: str, by: date, today: date, reader: Reader, *, calm: bool = False) -> DayChip:
    until = by - today
    # Nobody can do anything about a buyer's own time, so that it never looks urgent.
    near = "calm" if calm else _nearness(until)
    return DayChip(whose, reader.say(*left(by, today)), near, day_of(by, reader), by.isoformat())


def _nearness(until: timedelta) -> str:
    if until < timedelta():
        return "over"
    return "near" if until <= _NEAR else "soon" if until <= _SOON else "calm"


def outlook_word(found: Assessment, reader: Reader) -> str:
    """In short what may be had of Amazon."""
    unknown = found.reason is AssessmentReason.UNKNOWN_FULFILMENT
    return reader.say(*(_NOBODY_KNOWS if unknown else _OUTLOOKS[found.remedy]))


def read_outlook(found: Assessment, reader: Reader) -> Outlook:
    """An assessment in words."""
    unknown = found.reason is AssessmentReason.UNKNOWN_FULFILMENT
    return Outlook(
        short=outlook_word(found, reader),
        loud=unknown or found.remedy is not Remedy.STAYS,
        ground="" if found.ground is Ground.NONE else reader.word(GROUNDS, found.ground),
        sure=reader.say("確かです", "certain")
        if found.confident
        else reader.say("要確認 (コメントをお読みください)", "not certain: read the comment yourself"),
        reason=reader.say(*_WHO_SHIPPED) if unknown else found.say(reader.language),
        remedy="" if unknown else reader.word(REMEDIES, found.remedy),
        speaks_for=tuple(clean(one, _CLAUSE_LIMIT) for one in found.speaks_for),
        speaks_against=tuple(clean(one, _CLAUSE_LIMIT) for one in found.speaks_against),
    )


def comment_of(rated: RatedCase) -> str:
    """The buyer's words with their lines, and nothing that hides or moves."""
    return clean_lines(rated.comment)


def step_buttons(rated: RatedCase, today: date, reader: Reader) -> tuple[StepButton, ...]:
    """What may have happened to the request since it was last looked at."""
    if rated.raised:
        return ()
    possible = (word for word in Word if objection_to(rated.removal, word, today, today) is None)
    return tuple(StepButton(word.value, reader.say(*_STEPS[word])) for word in possible)


def wants_request(rated: RatedCase, today: date) -> bool:
    """The next thing to do is to ask Amazon."""
    in_time = rated.request_by is None or today <= rated.request_by
    wanted = rated.ground is not None and rated.removal.may_be_requested
    return wanted and in_time and not rated.settled
