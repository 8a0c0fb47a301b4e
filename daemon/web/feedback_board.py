"""The board of all ratings: the score, those that want something, and page by page those that do not."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, TypeVar

from daemon.aftercare.feedback_advice import is_worth_asking
from daemon.aftercare.feedback_cases import find_rating, removal_words, score_of
from daemon.showing.feedback_lines import day_of
from daemon.showing.reader import clean
from daemon.web.feedback_view import chips_of, outlook_word
from daemon.words import REMOVALS
from parsers.values import Kind
from state.model import LOW_RATING, CaseState
from state.removals import GONE, Word

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from daemon.aftercare.feedback_cases import RatedCase
    from daemon.showing.reader import Reader
    from daemon.web.feedback_view import DayChip
    from daemon.work import Work
    from state.feedback_score import Tally
    from state.model import Case
    from state.ratings import Rating

PAGE_LENGTH = 20
"""Ratings of each list on one page."""

_SAID_LIMIT = 200
_Item = TypeVar("_Item")


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
class Shelf:
    """One page of one list of the board.

    Attributes:
        cards: on this page.
        count: how many the whole list has.
        page: from 0 up.
    """

    cards: tuple[RatingCard, ...]
    count: int
    page: int

    @property
    def has_more(self) -> bool:
        """There is a page behind this one."""
        return (self.page + 1) * PAGE_LENGTH < self.count


@dataclass(frozen=True, slots=True)
class Board:
    """All ratings, those that want something first.

    Attributes:
        scores: the tiles.
        waiting: low ratings whose case is open, the most urgent first.
        requested: those whose removal was requested and not decided, likewise.
        settled: all others, newest first.
    """

    scores: tuple[ScoreTile, ...]
    waiting: Shelf
    requested: Shelf
    settled: Shelf


@dataclass(frozen=True, slots=True)
class Leaf:
    """Which page of each list is looked at, from 0 up."""

    waiting: int = 0
    requested: int = 0
    settled: int = 0


@dataclass(frozen=True, slots=True)
class _Known:
    """What the lists are made by, without reading each case to its end.

    Attributes:
        ratings: all of them.
        words: what happened last to their removal, by their numbers.
        newest: the rating that counts for a case, by the case's number.
    """

    ratings: tuple[Rating, ...]
    words: Mapping[int, Word]
    newest: Mapping[int, Rating]

    def word(self, case: Case) -> Word | None:
        """What happened last to the removal of a case's rating."""
        rating = self.newest.get(case.id)
        return None if rating is None else self.words.get(rating.id)

    def is_settled(self, case: Case) -> bool:
        """Its rating hurts no more: gone, or raised by the buyer."""
        rating = self.newest.get(case.id)
        stars = case.rating if rating is None else rating.rating
        return self.word(case) in GONE or (stars is not None and stars > LOW_RATING)

    def urgency(self, work: Work, case: Case) -> tuple[bool, date, int]:
        """By how much time is left for a request, which runs from the day of the rating."""
        rating = self.newest.get(case.id)
        opened = work.shop.calendar.local_day(case.opened_at)
        day = opened if rating is None else rating.rated_on or date.max
        return self.is_settled(case), day, case.id


def read_board(work: Work, reader: Reader, leaf: Leaf, *, only_low: bool) -> Board:
    """The board at one page of each of its lists.

    Args:
        work: the transaction.
        reader: whoever looks.
        leaf: the pages.
        only_low: leaves the good ratings out of the settled ones.
    """
    known = _known(work)
    open_ones = _open_cases(work, known)
    waiting = [one for one in open_ones if known.word(one) is not Word.REQUESTED]
    requested = [one for one in _asked(work, known) if not known.is_settled(one)]
    shown = {one.id for one in (*open_ones, *requested)}
    rest = [
        one
        for one in known.ratings
        if one.case_id not in shown and not (only_low and one.rating > LOW_RATING)
    ]
    return Board(
        scores=tuple(_tile(one, reader) for one in score_of(work, known.ratings)),
        waiting=_shelf(work, known, waiting, leaf.waiting, reader),
        requested=_shelf(work, known, requested, leaf.requested, reader),
        settled=Shelf(
            tuple(
                _settled_card(one, known.words, reader)
                for one in _leaf(sorted(rest, key=_newest_first), leaf.settled)
            ),
            len(rest),
            leaf.settled,
        ),
    )


def _known(work: Work) -> _Known:
    ratings = tuple(sorted(work.uow.ratings.all(), key=lambda one: one.id))
    newest = {one.case_id: one for one in ratings if one.case_id is not None}
    return _Known(ratings, removal_words(work.uow, ratings), newest)


def _shelf(work: Work, known: _Known, cases: Sequence[Case], page: int, reader: Reader) -> Shelf:
    """Only the cases of one page are read to their end."""
    ordered = sorted(cases, key=lambda one: known.urgency(work, one))
    rated = (find_rating(work, one) for one in _leaf(ordered, page))
    today = work.shop.calendar.local_day(work.now)
    return Shelf(tuple(_card(one, today, reader) for one in rated if one is not None), len(cases), page)


def _leaf(items: Sequence[_Item], page: int) -> Sequence[_Item]:
    return items[page * PAGE_LENGTH : (page + 1) * PAGE_LENGTH]


def _open_cases(work: Work, known: _Known) -> list[Case]:
    """The open cases that are about a rating, also about one that nothing proves and that never counts."""
    cases = work.uow.cases.in_state(CaseState.OPEN)
    return [
        one for one in cases if one.id in known.newest or one.kind is Kind.FEEDBACK or one.rating is not None
    ]


def _asked(work: Work, known: _Known) -> tuple[Case, ...]:
    """The cases, open or not, for whose rating Amazon was asked last."""
    asked = [number for number, one in known.newest.items() if known.words.get(one.id) is Word.REQUESTED]
    return work.uow.cases.numbered(sorted(asked))


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
