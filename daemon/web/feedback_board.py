"""The board of all ratings: the score, those that want something, and page by page those that do not."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from daemon.aftercare.feedback_advice import is_worth_asking
from daemon.aftercare.feedback_cases import find_rating, removal_words, score_of
from daemon.showing.feedback_lines import day_of
from daemon.showing.reader import clean
from daemon.web.feedback_view import chips_of, outlook_word
from daemon.words import REMOVALS
from parsers.values import Kind
from state.model import LOW_RATING, CaseState
from state.removals import Word

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from daemon.aftercare.feedback_cases import RatedCase
    from daemon.showing.reader import Reader
    from daemon.web.feedback_view import DayChip
    from daemon.work import Work
    from state.feedback_score import Tally
    from state.model import Case
    from state.ratings import Rating

PAGE_LENGTH = 20
"""Settled ratings on one page."""

_SAID_LIMIT = 200


@dataclass(frozen=True, slots=True)
class RatingCard:
    """A rating in a list.

    Attributes:
        case: the number of its case; None where it has none.
        stars: 1 to 5; None where nobody told.
        day: when it was given, in words.
        order: Amazon's number; empty where unknown.
        comment: how it begins.
        badge: the outlook, or what became of it.
        loud: the badge says that something can be done.
        chips: its last days.
    """

    case: int | None
    stars: int | None
    day: str
    order: str
    comment: str = field(repr=False)
    badge: str
    loud: bool = False
    chips: tuple[DayChip, ...] = ()


@dataclass(frozen=True, slots=True)
class ScoreTile:
    """The score of one window.

    Attributes:
        window: such as 「30日間」.
        good: the share of good ratings; empty where there are none.
        count: how many ratings, in words.
        shares: the three kinds in words.
    """

    window: str
    good: str
    count: str
    shares: str


@dataclass(frozen=True, slots=True)
class Board:
    """All ratings, those that want something first.

    Attributes:
        scores: the tiles.
        waiting: low ratings whose case is open.
        requested: those whose removal was requested and not decided.
        settled: a page of all others, newest first.
        count: how many the settled ones are.
    """

    scores: tuple[ScoreTile, ...]
    waiting: tuple[RatingCard, ...]
    requested: tuple[RatingCard, ...]
    settled: tuple[RatingCard, ...]
    count: int


def read_board(work: Work, reader: Reader, page: int, *, only_low: bool) -> Board:
    """The board at one page of its settled ratings.

    Args:
        work: the transaction.
        reader: whoever looks.
        page: from 0 up.
        only_low: leaves the good ratings out of the settled ones.
    """
    ratings = work.uow.ratings.all()
    words = removal_words(work.uow, ratings)
    open_ones = _rated(work, _open_cases(work, ratings))
    asked = {one.case_id for one in ratings if words.get(one.id) is Word.REQUESTED and one.case_id}
    requested = [one for one in _rated(work, _cases(work, asked)) if not one.settled]
    shown = {one.case.id for one in (*open_ones, *requested)}
    rest = [one for one in ratings if one.case_id not in shown and not (only_low and one.rating > LOW_RATING)]
    rest.sort(key=_newest_first)
    today = work.shop.calendar.local_day(work.now)
    waiting = [one for one in open_ones if one.removal.word is not Word.REQUESTED]
    start = page * PAGE_LENGTH
    return Board(
        scores=tuple(_tile(one, reader) for one in score_of(work, ratings)),
        waiting=tuple(_card(one, today, reader) for one in _most_urgent_first(waiting)),
        requested=tuple(_card(one, today, reader) for one in _most_urgent_first(requested)),
        settled=tuple(_settled_card(one, words, reader) for one in rest[start : start + PAGE_LENGTH]),
        count=len(rest),
    )


def _open_cases(work: Work, ratings: Sequence[Rating]) -> list[Case]:
    """The open cases that are about a rating, also about one that nothing proves and that never counts."""
    numbers = {one.case_id for one in ratings}
    cases = work.uow.cases.in_state(CaseState.OPEN)
    return [one for one in cases if one.id in numbers or one.kind is Kind.FEEDBACK or one.rating is not None]


def _cases(work: Work, numbers: Iterable[int]) -> list[Case]:
    found = (work.uow.cases.get(number) for number in sorted(numbers))
    return [one for one in found if one is not None]


def _rated(work: Work, cases: Iterable[Case]) -> list[RatedCase]:
    found = (find_rating(work, case) for case in cases)
    return [one for one in found if one is not None]


def _most_urgent_first(rated: Iterable[RatedCase]) -> list[RatedCase]:
    return sorted(rated, key=lambda one: (one.settled, one.request_by is None, one.request_by, one.case.id))


def _newest_first(rating: Rating) -> tuple[int, int]:
    return -(rating.rated_on.toordinal() if rating.rated_on else 0), -rating.id


def _tile(tally: Tally, reader: Reader) -> ScoreTile:
    kinds = (
        (("良い", "good"), tally.positive),
        (("普通", "neutral"), tally.neutral),
        (("悪い", "bad"), tally.negative),
    )
    good = tally.share(tally.positive)
    return ScoreTile(
        window=reader.say("全期間", "Lifetime")
        if tally.days is None
        else reader.say(f"{tally.days}日間", f"{tally.days} days"),
        good="" if good is None else f"{good}%",
        count=reader.say(f"{tally.count}件", f"{tally.count} rating{'s'[: tally.count != 1]}"),
        shares=reader.say("・", ", ").join(f"{reader.say(*name)} {count}" for name, count in kinds),
    )


def _card(rated: RatedCase, today: date, reader: Reader) -> RatingCard:
    badge, loud = _badge(rated, reader)
    return RatingCard(
        case=rated.case.id,
        stars=rated.stars,
        day=day_of(rated.rated_on, reader),
        order=clean(rated.order_id),
        comment=clean(rated.comment, _SAID_LIMIT),
        badge=badge,
        loud=loud,
        chips=() if rated.settled else tuple(chips_of(rated, today, reader)),
    )


def _badge(rated: RatedCase, reader: Reader) -> tuple[str, bool]:
    """What a card says of a rating, and whether that wants to be seen."""
    if rated.removal.word is not None:
        return reader.word(REMOVALS, rated.removal.word), False
    if rated.raised:
        return reader.say("購入者が上げました", "raised by the buyer"), False
    return outlook_word(rated.assessment, reader), is_worth_asking(rated)


def _settled_card(rating: Rating, words: Mapping[int, Word], reader: Reader) -> RatingCard:
    word = words.get(rating.id)
    return RatingCard(
        case=rating.case_id,
        stars=rating.rating,
        day=day_of(rating.rated_on, reader),
        order=clean(rating.order_id),
        comment=clean(rating.comment, _SAID_LIMIT),
        badge="" if word is None else reader.word(REMOVALS, word),
    )
