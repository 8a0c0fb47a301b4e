"""The report of a month: what came, how soon it was answered, what was learnt. Pure: rows in, figures out.

Every figure is defined where it stands. All instants are in UTC, all days and hours are the shop's own.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from math import ceil
from typing import TYPE_CHECKING, TypeVar

from parsers.values import Intent, Kind
from state.lesson_rules import DELIVERY_FAULTS, RETURNED_TIMES, RETURNED_WITHIN_DAYS
from state.lessons import Cause
from state.model import LOW_RATING, AnswerSource
from state.periods import Month, month_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from zoneinfo import ZoneInfo

    from state.lessons import Lesson

_Word = TypeVar("_Word", bound=str)

MONTHS_SHOWN = 12
"""So many months the trend of the ratings goes back, the reported one included."""

POSITIVE = 4
"""Amazon counts 4 and 5 stars as positive."""

TROUBLES = frozenset(
    {
        Intent.DAMAGED,
        Intent.DEFECTIVE,
        Intent.NOT_DELIVERED,
        Intent.WRONG_ADDRESS,
        Intent.WRONG_ITEM,
        Intent.MISSING_PART,
        Intent.RETURN_OR_EXCHANGE,
        Intent.ESCALATION,
        "after_30_days",
    }
)
"""Situations in which a buyer is let down; a question or a receipt is none."""

RETURNED_WITHIN = timedelta(days=RETURNED_WITHIN_DAYS)
"""How far back the same fault of an item is looked for."""

_ASIN_LENGTH = 10
_TROUBLED_KINDS = frozenset({Kind.RETURN_REQUEST, Kind.CLAIM})


@dataclass(frozen=True, slots=True)
class CaseRow:
    """A case as the report sees it.

    Attributes:
        id: its number.
        kind: what opened it.
        situation: word of the draft that stood last, else what its messages want; None where nobody knows.
        began_at: when its first message arrived, in UTC.
        rating: stars of a feedback.
        items: what it is about, as ASINs and SKUs; empty where unknown.
        promised_within: from the arrival of a message to its acknowledgment; None if none left.
        has_message: a buyer wrote, so that there was something to acknowledge.
        fulfilment: ``fba`` or ``own``; None where unknown, or where its orders differ.
    """

    id: int
    kind: Kind
    situation: str | None
    began_at: datetime
    rating: int | None = None
    items: frozenset[str] = frozenset()
    promised_within: timedelta | None = None
    has_message: bool = False
    fulfilment: str | None = None

    @property
    def is_trouble(self) -> bool:
        """Whether a buyer was let down: by what they write, a return, a claim, or a rating of 3 or less."""
        low = self.kind is Kind.FEEDBACK and (self.rating is None or self.rating <= LOW_RATING)
        return low or self.kind in _TROUBLED_KINDS or self.situation in TROUBLES


@dataclass(frozen=True, slots=True)
class MessageRow:
    """A message that wanted an answer; instants in UTC.

    Attributes:
        case_id: its case.
        received_at: when it arrived.
        amazon_by: Amazon's deadline; None for all but buyer messages.
        answered_at: when a person answered; None if nobody has.
        source: how that is known; None if nobody has, or if it is not known.
    """

    case_id: int
    received_at: datetime
    amazon_by: datetime | None = None
    answered_at: datetime | None = None
    source: AnswerSource | None = None


@dataclass(frozen=True, slots=True)
class RatingRow:
    """A rating of the seller.

    Attributes:
        stars: 1 to 5.
        rated_on: the local date.
        lifted: Amazon removed it or struck it through, so that it counts no more.
    """

    stars: int
    rated_on: date
    lifted: bool = False


@dataclass(frozen=True, slots=True)
class ReturningOrder:
    """An order of the month by a buyer who had trouble on an earlier day; each trouble is a row.

    Attributes:
        buyer_print: the keyed digest that stands for the buyer.
        ordered_on: the local date of the new order.
        case_id: the case of the trouble, which was about another order.
    """

    buyer_print: str = field(repr=False)
    ordered_on: date
    case_id: int


@dataclass(frozen=True, slots=True)
class Rows:
    """What a report is made from.

    Attributes:
        cases: those that began in the month or in the `RETURNED_WITHIN` before its end, and those that a
            lesson or an order of it refers to, by number.
        messages: those that arrived in the month and wanted an answer.
        ratings: those of the last twelve months.
        lessons: all that were noted, oldest first.
        returning: orders of the month by buyers who had a case on an earlier day.
    """

    cases: Mapping[int, CaseRow]
    messages: Sequence[MessageRow] = ()
    ratings: Sequence[RatingRow] = ()
    lessons: Sequence[Lesson] = ()
    returning: Sequence[ReturningOrder] = ()


@dataclass(frozen=True, slots=True)
class Spans:
    """Lengths of time in short.

    Attributes:
        number: how many were measured.
        median: half of them were no longer (nearest rank); None if nothing was measured.
        p95: nineteen of twenty were no longer (nearest rank).
        worst: the longest.
    """

    number: int = 0
    median: timedelta | None = None
    p95: timedelta | None = None
    worst: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many."""

    part: int
    whole: int

    @property
    def percent(self) -> float | None:
        """The share in percent; None of nothing."""
        return None if self.whole == 0 else 100 * self.part / self.whole


@dataclass(frozen=True, slots=True)
class Late:
    """A buyer message that was not answered within Amazon's 24 hours.

    Attributes:
        case_id: its case.
        received_at: when it arrived, in UTC.
        took: until the answer; None if nobody has answered yet.
    """

    case_id: int
    received_at: datetime
    took: timedelta | None


@dataclass(frozen=True, slots=True)
class Answering:
    """How soon buyers were answered; nothing but buyer messages of the month counts.

    Attributes:
        messages: how many arrived.
        no_reply_needed: of those, how many a person said need no answer; Amazon leaves these out, so does
            everything below.
        within_24h: answered by Amazon's deadline, of those answered or past it; what still has time is in
            neither number.
        same_day: answered on the local day of arrival, of those answered or whose day is over.
        spans: from arrival to answer, of those answered.
        buckets: how many were answered within 1, 4, 12 and 24 hours, later, and how many wait: six numbers
            that add up to the messages that needed an answer.
        late: those past Amazon's deadline, longest first.
    """

    messages: int
    no_reply_needed: int
    within_24h: Share
    same_day: Share
    spans: Spans
    buckets: tuple[int, ...]
    late: tuple[Late, ...]


BUCKETS = tuple(timedelta(hours=hours) for hours in (1, 4, 12, 24))


@dataclass(frozen=True, slots=True)
class MonthOfRatings:
    """The ratings of one month that still count.

    Attributes:
        month: in which they were given.
        stars: how many of 1, 2, 3, 4 and 5.
        lifted: how many besides were removed or struck through; they are not in `stars`.
    """

    month: Month
    stars: tuple[int, int, int, int, int]
    lifted: int = 0

    @property
    def positive(self) -> Share:
        """Ratings of 4 and 5 of all that count."""
        return Share(sum(self.stars[POSITIVE - 1 :]), sum(self.stars))


@dataclass(frozen=True, slots=True)
class Promise:
    """What was promised to prevent a cause, once or for several cases, and whether it came again.

    Attributes:
        cause: what it is to prevent.
        prevention: the promise.
        cases: the cases for which it was made, by number.
        noted_at: when it was made last, in UTC.
        again: cases with the same cause that began after a promise, in the reported month or since; of the
            same item where both are known.
    """

    cause: Cause
    prevention: str = field(repr=False)
    cases: tuple[int, ...]
    noted_at: datetime
    again: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Returned:
    """A delivery fault of one item that came again with own shipping: Amazon's shipping would answer for it.

    Attributes:
        item: SKU, or ASIN where it has none.
        situation: the fault.
        cases: two or more within `RETURNED_WITHIN` before the report's end, the last of them in its month.
    """

    item: str
    situation: str
    cases: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class MonthReport:
    """The report of one month.

    Attributes:
        month: which.
        until: up to where it reaches, in UTC: the month's end, or the present if that is earlier.
        complete: the month is over.
        kinds: cases that began in the month by what opened them, most frequent first.
        situations: cases of the month by situation, likewise; those where nobody knows are left out.
        cases: how many began in the month.
        acknowledged: cases with an acknowledgment, of those in which a buyer wrote.
        acknowledged_within: from the message's arrival to the acknowledgment.
        answering: how soon buyers were answered.
        arrivals: for each weekday from Monday 24 numbers: messages that wanted an answer by local hour.
        ratings: the last twelve months, oldest first.
        causes: of the month's cases that have one noted, most frequent first; without ``none``.
        without_cause: cases of the month whose lesson was that nothing was wrong.
        unlearnt: cases of the month that were trouble and for which nothing is noted yet.
        promises: those noted in the month, and earlier ones whose cause came again in it.
        troubled_buyers: buyers known by their print who ordered in the month and had trouble before that.
        won_back: cases of that trouble, oldest first.
        returned: delivery faults that came again, most frequent first; these items may better go by FBA.
    """

    month: Month
    until: datetime
    complete: bool
    kinds: tuple[tuple[Kind, int], ...]
    situations: tuple[tuple[str, int], ...]
    cases: int
    acknowledged: Share
    acknowledged_within: Spans
    answering: Answering
    arrivals: tuple[tuple[int, ...], ...]
    ratings: tuple[MonthOfRatings, ...]
    causes: tuple[tuple[Cause, int], ...]
    without_cause: int
    unlearnt: int
    promises: tuple[Promise, ...]
    troubled_buyers: int
    won_back: tuple[int, ...]
    returned: tuple[Returned, ...]


def report_month(rows: Rows, month: Month, zone: ZoneInfo, now: datetime) -> MonthReport:
    """Make the report.

    Args:
        rows: what was read.
        month: of which month; what lies outside of it is only looked at where a figure says so.
        zone: the shop's time zone.
        now: the present; what is still in time then is not late.
    """
    start, end = month.bounds(zone)
    cases = [one for one in rows.cases.values() if start <= one.began_at < end]
    lessons = {one.case_id: one for one in rows.lessons}
    learnt = Counter(lessons[one.id].cause for one in cases if one.id in lessons)
    promptly = [one.promised_within for one in cases if one.promised_within is not None]
    won_back = _won_back(rows)
    return MonthReport(
        month=month,
        until=min(end, now),
        complete=now >= end,
        kinds=_ranked(Counter(one.kind for one in cases)),
        situations=_ranked(Counter(one.situation for one in cases if one.situation is not None)),
        cases=len(cases),
        acknowledged=Share(len(promptly), sum(one.has_message for one in cases)),
        acknowledged_within=measure(promptly),
        answering=answering_of(rows.messages, zone, now),
        arrivals=arrivals_of(rows.messages, zone),
        ratings=trend_of(rows.ratings, month),
        causes=_ranked(Counter({cause: n for cause, n in learnt.items() if cause is not Cause.NONE})),
        without_cause=learnt[Cause.NONE],
        unlearnt=sum(one.is_trouble and one.id not in lessons for one in cases),
        promises=_promises_of(rows, month, zone),
        troubled_buyers=len({one.buyer_print for one in won_back}),
        won_back=tuple(sorted({one.case_id for one in won_back})),
        returned=_returned(rows.cases.values(), start, end),
    )


def _ranked(counted: Counter[_Word]) -> tuple[tuple[_Word, int], ...]:
    """Most frequent first, the same number by the word."""
    return tuple(sorted(counted.items(), key=lambda one: (-one[1], one[0])))


def measure(spans: Iterable[timedelta]) -> Spans:
    """Lengths of time in short; one below zero, from clocks that differ, counts as nothing."""
    ordered = sorted(max(one, timedelta(0)) for one in spans)
    if not ordered:
        return Spans()
    return Spans(len(ordered), _rank(ordered, 50), _rank(ordered, 95), ordered[-1])


def _rank(ordered: Sequence[timedelta], percent: int) -> timedelta:
    return ordered[ceil(len(ordered) * percent / 100) - 1]


def answering_of(messages: Iterable[MessageRow], zone: ZoneInfo, now: datetime) -> Answering:
    """How soon the buyers among these were answered."""
    timed = [one for one in messages if one.amazon_by is not None]
    wanting = [one for one in timed if one.source is not AnswerSource.NO_REPLY_NEEDED]
    answered = [one for one in wanting if one.answered_at is not None]
    late = [found for one in wanting if (found := _late(one, now)) is not None]
    in_time = sum(one.answered_at is not None for one in wanting) - sum(one.took is not None for one in late)
    return Answering(
        messages=len(timed),
        no_reply_needed=len(timed) - len(wanting),
        within_24h=Share(in_time, in_time + len(late)),
        same_day=_same_day(wanting, zone, now),
        spans=measure(_took(one) for one in answered),
        buckets=_buckets(answered, waiting=len(wanting) - len(answered)),
        late=tuple(
            sorted(late, key=lambda one: (one.took is not None, -(one.took or _NO_TIME), one.case_id))
        ),
    )


_NO_TIME = timedelta(0)


def _took(message: MessageRow) -> timedelta:
    assert message.answered_at is not None
    return message.answered_at - message.received_at


def _late(message: MessageRow, now: datetime) -> Late | None:
    assert message.amazon_by is not None
    if (message.answered_at or now) <= message.amazon_by:
        return None
    took = None if message.answered_at is None else _took(message)
    return Late(message.case_id, message.received_at, took)


def _same_day(wanting: Iterable[MessageRow], zone: ZoneInfo, now: datetime) -> Share:
    days = [
        (one.received_at.astimezone(zone).date(), one.answered_at and one.answered_at.astimezone(zone).date())
        for one in wanting
    ]
    today = now.astimezone(zone).date()
    over = [(came, answered) for came, answered in days if answered is not None or came < today]
    return Share(sum(came == answered for came, answered in over), len(over))


def _buckets(answered: Iterable[MessageRow], waiting: int) -> tuple[int, ...]:
    spans = [_took(one) for one in answered]
    up_to = [sum(one <= limit for one in spans) for limit in BUCKETS]
    steps = [count - before for count, before in zip(up_to, [0, *up_to], strict=False)]
    return (*steps, len(spans) - up_to[-1], waiting)


def arrivals_of(messages: Iterable[MessageRow], zone: ZoneInfo) -> tuple[tuple[int, ...], ...]:
    """For each weekday from Monday the number of messages of each of its 24 local hours."""
    local = (one.received_at.astimezone(zone) for one in messages)
    counted = Counter((at.weekday(), at.hour) for at in local)
    return tuple(tuple(counted[day, hour] for hour in range(24)) for day in range(7))


def trend_of(ratings: Iterable[RatingRow], month: Month) -> tuple[MonthOfRatings, ...]:
    """The ratings of twelve months up to this one; those that Amazon lifted do not count."""
    counted = Counter((month_of(one.rated_on), 0 if one.lifted else one.stars) for one in ratings)
    months = [month.moved(back) for back in range(1 - MONTHS_SHOWN, 1)]
    return tuple(
        MonthOfRatings(
            one,
            (counted[one, 1], counted[one, 2], counted[one, 3], counted[one, 4], counted[one, 5]),
            counted[one, 0],
        )
        for one in months
    )


def _promises_of(rows: Rows, month: Month, zone: ZoneInfo) -> tuple[Promise, ...]:
    """One for each cause and line, last promised first."""
    start, end = month.bounds(zone)
    recent = _recent_by_cause(rows, start)
    made: dict[tuple[Cause, str], list[Lesson]] = {}
    for lesson in rows.lessons:
        if lesson.prevention and lesson.cause is not Cause.NONE and lesson.noted_at < end:
            made.setdefault((lesson.cause, lesson.prevention), []).append(lesson)
    told = []
    for (cause, line), lessons in made.items():
        again = _again(_Promised(lessons, rows.cases), recent.get(cause, ()))
        noted_at = max(one.noted_at for one in lessons)
        if noted_at >= start or any(case.began_at < end for case in again):
            numbers = sorted(one.case_id for one in lessons)
            told.append(Promise(cause, line, tuple(numbers), noted_at, tuple(one.id for one in again)))
    return tuple(sorted(told, key=lambda one: (one.noted_at, one.cases), reverse=True))


def _recent_by_cause(rows: Rows, since: datetime) -> dict[Cause, list[CaseRow]]:
    """The cases from an instant on that have a cause, by it."""
    found: dict[Cause, list[CaseRow]] = {}
    for lesson in rows.lessons:
        case = rows.cases.get(lesson.case_id)
        if case is not None and case.began_at >= since:
            found.setdefault(lesson.cause, []).append(case)
    return found


class _Promised:
    """Since when something was promised: at all, of what nobody knows, and of each item."""

    def __init__(self, lessons: Sequence[Lesson], cases: Mapping[int, CaseRow]) -> None:
        self.at_all = min(one.noted_at for one in lessons)
        self._since: dict[str, datetime] = {}
        for one in lessons:
            case = cases.get(one.case_id)
            for item in (case.items if case is not None else ()) or ("",):
                self._since[item] = min(self._since.get(item, one.noted_at), one.noted_at)

    def covers(self, case: CaseRow) -> bool:
        """Whether a case is one that should not have come; where both items are known, they must agree."""
        if not case.items:
            return self.at_all < case.began_at
        known = (self._since.get(item) for item in ("", *case.items))
        return any(since is not None and since < case.began_at for since in known)


def _again(promised: _Promised, alike: Iterable[CaseRow]) -> list[CaseRow]:
    return sorted((one for one in alike if promised.covers(one)), key=lambda one: one.id)


def _won_back(rows: Rows) -> list[ReturningOrder]:
    """Orders by those who had been let down; a mere question before makes nobody won back."""
    return [
        one for one in rows.returning if (case := rows.cases.get(one.case_id)) is not None and case.is_trouble
    ]


def _returned(cases: Iterable[CaseRow], start: datetime, end: datetime) -> tuple[Returned, ...]:
    faults: dict[tuple[str, str], list[CaseRow]] = {}
    for case in cases:
        own = case.fulfilment == "own" and case.situation in DELIVERY_FAULTS
        if own and end - RETURNED_WITHIN <= case.began_at < end:
            for item in case.items:
                faults.setdefault((item, str(case.situation)), []).append(case)
    found: dict[tuple[str, tuple[int, ...]], str] = {}
    # An item has an ASIN and a SKU: sorted so, the SKU, which sellers know, comes last and stays.
    for (item, situation), alike in sorted(faults.items(), key=lambda one: (not _is_asin(one[0][0]), one[0])):
        if len(alike) >= RETURNED_TIMES and any(case.began_at >= start for case in alike):
            found[situation, tuple(sorted(case.id for case in alike))] = item
    told = (Returned(item, situation, numbers) for (situation, numbers), item in found.items())
    return tuple(sorted(told, key=lambda one: (-len(one.cases), one.item, one.situation)))


def _is_asin(item: str) -> bool:
    return len(item) == _ASIN_LENGTH and item.isalnum()
