"""What the reports are made from, read with few queries; no buyer's words and no names."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, or_, select

from parsers.values import Kind
from state import tables
from state.leading import leading_intent
from state.model import AnswerSource
from state.outbox_rules import OutboxKind, OutboxState
from state.removals import BOUGHT_LABEL, GONE
from state.reporting import CaseRow, MessageRow, RatingRow, ReturningOrder
from state.steps import Matter

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date, datetime, timedelta
    from zoneinfo import ZoneInfo

    from sqlalchemy import Connection, Select

_CASE = tables.case.c
_MESSAGE = tables.message.c
_DRAFT = tables.draft.c
_ANSWER = tables.answer.c
_ORDER = tables.case_order.c
_ITEM = tables.order_item.c
_FACT = tables.order_fact.c
_RATING = tables.feedback.c
_STEP = tables.case_step.c
_OUTBOX = tables.outbox.c


@dataclass(frozen=True, slots=True)
class Guess:
    """What one message seems to want."""

    intent: str | None
    intent_confident: bool | None


@dataclass(frozen=True, slots=True)
class Week:
    """What happened between two instants, for the weekly line.

    Attributes:
        mails: stored messages of cases by kind.
        opened: cases that were opened.
        answered: cases that a person answered, or said to need no answer.
    """

    mails: Mapping[Kind, int]
    opened: int
    answered: int


Span = tuple["datetime", "datetime"]
"""From an instant to another one that does not belong to it any more, in UTC."""


class Reporting:
    """Reads for reports; changes nothing."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def cases(self, span: Span, also: Iterable[int] = ()) -> dict[int, CaseRow]:
        """The cases with a message in a time, those with a lesson, and others by number.

        Args:
            span: the time.
            also: numbers of further cases.
        """
        chosen = or_(
            _CASE.id.in_(_numbers_between(span)),
            _CASE.id.in_(select(tables.lesson.c.case_id)),
            _CASE.id.in_(list(also)),
        )
        numbers = select(_CASE.id).where(chosen)
        situations = self._situations(numbers)
        items = self._items(numbers)
        promised = self._promised(numbers)
        shippers = self._shippers(numbers)
        query = (
            select(_CASE.id, _CASE.kind, _CASE.rating, func.min(_MESSAGE.received_at).label("began_at"))
            .join(tables.message, _MESSAGE.case_id == _CASE.id)
            .where(_CASE.id.in_(numbers))
            .group_by(_CASE.id, _CASE.kind, _CASE.rating)
        )
        return {
            row.id: CaseRow(
                row.id,
                Kind(row.kind),
                situations.get(row.id, (None, False))[0],
                row.began_at,
                row.rating,
                items.get(row.id, frozenset()),
                promised.get(row.id),
                situations.get(row.id, (None, False))[1],
                shippers.get(row.id),
            )
            for row in self._connection.execute(query)
        }

    def _situations(self, numbers: Select[tuple[int]]) -> dict[int, tuple[str | None, bool]]:
        """By case what it is about, if a buyer wrote: the newest draft's word, else the messages'."""
        guesses: dict[int, list[Guess]] = defaultdict(list)
        query = (
            select(_MESSAGE.case_id, _MESSAGE.intent, _MESSAGE.intent_confident)
            .where(_MESSAGE.kind == Kind.BUYER_MESSAGE, _MESSAGE.case_id.in_(numbers))
            .order_by(_MESSAGE.received_at, _MESSAGE.id)
        )
        for row in self._connection.execute(query):
            guesses[row.case_id].append(Guess(row.intent, row.intent_confident))
        drafted = self._drafted(numbers)
        return {
            number: (drafted.get(number) or leading_intent(found).intent, True)
            for number, found in guesses.items()
        }

    def _drafted(self, numbers: Select[tuple[int]]) -> dict[int, str]:
        """By case the situation of its newest draft that has one."""
        query = (
            select(_DRAFT.case_id, _DRAFT.situation)
            .where(_DRAFT.situation.is_not(None), _DRAFT.case_id.in_(numbers))
            .order_by(_DRAFT.id)
        )
        return {row.case_id: row.situation for row in self._connection.execute(query)}

    def _items(self, numbers: Select[tuple[int]]) -> dict[int, frozenset[str]]:
        """By case the ASINs and SKUs of its orders."""
        query = (
            select(_ORDER.case_id, _ITEM.asin, _ITEM.sku)
            .join(tables.order_item, _ITEM.order_id == _ORDER.order_id)
            .where(_ORDER.case_id.in_(numbers))
        )
        found: dict[int, set[str]] = defaultdict(set)
        for row in self._connection.execute(query):
            found[row.case_id].update(one for one in (row.asin, row.sku) if one)
        return {number: frozenset(items) for number, items in found.items()}

    def _shippers(self, numbers: Select[tuple[int]]) -> dict[int, str]:
        """By case who ships, where its orders tell and agree."""
        query = (
            select(_ORDER.case_id, func.min(_FACT.fulfilment))
            .join(tables.order_fact, _FACT.order_id == _ORDER.order_id)
            .where(_ORDER.case_id.in_(numbers))
            .group_by(_ORDER.case_id)
            .having(func.count(_FACT.fulfilment.distinct()) == 1)
        )
        return {row[0]: row[1] for row in self._connection.execute(query)}

    def _promised(self, numbers: Select[tuple[int]]) -> dict[int, timedelta]:
        """By case how soon its acknowledgment left after the message that it acknowledges."""
        query = (
            select(_OUTBOX.case_id, _OUTBOX.sent_at, _MESSAGE.received_at)
            .join(tables.message, _MESSAGE.id == _OUTBOX.answers_message)
            .where(_OUTBOX.kind == OutboxKind.ACKNOWLEDGMENT, _OUTBOX.state == OutboxState.SENT)
            .where(_OUTBOX.sent_at.is_not(None), _OUTBOX.case_id.in_(numbers))
        )
        return {row.case_id: row.sent_at - row.received_at for row in self._connection.execute(query)}

    def messages(self, span: Span) -> list[MessageRow]:
        """The messages of a time that wanted an answer, and how each was answered."""
        sources = self._sources(span)
        columns = (_MESSAGE.case_id, _MESSAGE.received_at, _MESSAGE.amazon_by, _MESSAGE.answered_at)
        since, until = span
        query = (
            select(*columns)
            .where(_MESSAGE.wants_answer, _MESSAGE.received_at >= since, _MESSAGE.received_at < until)
            .order_by(_MESSAGE.id)
        )
        return [
            MessageRow(*row, source=sources.get((row.case_id, row.answered_at)))
            for row in self._connection.execute(query)
        ]

    def _sources(self, span: Span) -> dict[tuple[int, datetime], AnswerSource]:
        query = (
            select(_ANSWER.case_id, _ANSWER.at, _ANSWER.source)
            .where(_ANSWER.withdrawn_at.is_(None), _ANSWER.case_id.in_(_numbers_between(span)))
            .order_by(_ANSWER.id.desc())
        )
        return {(row.case_id, row.at): AnswerSource(row.source) for row in self._connection.execute(query)}

    def ratings(self, since: date, zone: ZoneInfo) -> list[RatingRow]:
        """The ratings from a local date on; one without a date counts on the day on which it became known."""
        lifted = self._lifted()
        query = select(_RATING.rating, _RATING.rated_on, _RATING.noted_at, _RATING.case_id)
        rows = (
            RatingRow(row.rating, row.rated_on or row.noted_at.astimezone(zone).date(), row.case_id in lifted)
            for row in self._connection.execute(query)
        )
        return [one for one in rows if one.rated_on >= since]

    def _lifted(self) -> frozenset[int]:
        """The cases whose rating Amazon removed or struck through, by the last step of the removal."""
        query = (
            select(_STEP.case_id, _STEP.word)
            .where(_STEP.matter == Matter.REMOVAL, _STEP.word != BOUGHT_LABEL)
            .order_by(_STEP.id)
        )
        last = {row.case_id: row.word for row in self._connection.execute(query)}
        return frozenset(number for number, word in last.items() if word in GONE)

    def returning(self, first: date, last: date, zone: ZoneInfo) -> list[ReturningOrder]:
        """Orders of some days by buyers who had a case about another order on an earlier day.

        Args:
            first: the first local date.
            last: the last one.
            zone: in which a case's day is told.
        """
        order, before = tables.order_fact.alias("later"), tables.order_fact.alias("earlier")
        began = (
            select(_MESSAGE.case_id, func.min(_MESSAGE.received_at).label("began_at"))
            .group_by(_MESSAGE.case_id)
            .subquery()
        )
        query = (
            select(order.c.buyer_print, order.c.ordered_on, _ORDER.case_id, began.c.began_at)
            .join(before, before.c.buyer_print == order.c.buyer_print)
            .join(tables.case_order, _ORDER.order_id == before.c.order_id)
            .join(began, began.c.case_id == _ORDER.case_id)
            .where(order.c.ordered_on.between(first, last), before.c.order_id != order.c.order_id)
        )
        return [
            ReturningOrder(row.buyer_print, row.ordered_on, row.case_id)
            for row in self._connection.execute(query)
            if row.began_at.astimezone(zone).date() < row.ordered_on
        ]

    def sharing_items(self, items: Sequence[str], since: datetime) -> dict[int, str]:
        """Cases about one of these ASINs or SKUs with a message from an instant on, and who shipped each.

        Returns:
            By the number of the case ``fba`` or ``own``; those of which nobody knows are left out.
        """
        query = (
            select(_ORDER.case_id, _FACT.fulfilment)
            .join(tables.order_item, _ITEM.order_id == _ORDER.order_id)
            .join(tables.order_fact, _FACT.order_id == _ORDER.order_id)
            .join(tables.message, _MESSAGE.case_id == _ORDER.case_id)
            .where(or_(_ITEM.asin.in_(items), _ITEM.sku.in_(items)))
            .where(_MESSAGE.received_at >= since, _FACT.fulfilment.is_not(None))
            .distinct()
        )
        return {row.case_id: row.fulfilment for row in self._connection.execute(query)}

    def items_of(self, case_id: int) -> frozenset[str]:
        """The ASINs and SKUs that a case is about; empty where unknown."""
        number = select(_CASE.id).where(_CASE.id == case_id)
        return self._items(number).get(case_id, frozenset())

    def week(self, span: Span) -> Week:
        """What happened in a time."""
        since, until = span
        mails = (
            select(_MESSAGE.kind, func.count())
            .where(_MESSAGE.stored_at >= since, _MESSAGE.stored_at < until)
            .group_by(_MESSAGE.kind)
        )
        opened = select(func.count()).where(_CASE.opened_at >= since, _CASE.opened_at < until)
        answered = select(func.count(_ANSWER.case_id.distinct())).where(
            _ANSWER.recorded_at >= since, _ANSWER.recorded_at < until, _ANSWER.withdrawn_at.is_(None)
        )
        return Week(
            {Kind(kind): number for kind, number in self._connection.execute(mails)},
            self._connection.execute(opened).scalar_one(),
            self._connection.execute(answered).scalar_one(),
        )


def _numbers_between(span: Span) -> Select[tuple[int]]:
    """The numbers of the cases with a message in a time."""
    since, until = span
    return select(_MESSAGE.case_id).where(_MESSAGE.received_at >= since, _MESSAGE.received_at < until)
