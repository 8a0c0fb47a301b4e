"""What is written into files for spreadsheets, row by row; the newest comes last."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, func, select, true

from parsers.values import Kind
from state import tables

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date, datetime

    from sqlalchemy import Connection, Select

    Days = tuple[date | None, date | None]
    Instants = tuple[datetime | None, datetime | None]

_CASE = tables.case.c
_ORDER = tables.case_order.c
_MESSAGE = tables.message.c
_LESSON = tables.lesson.c
_RATING = tables.feedback.c
_CALL = tables.telephone_call.c
_FACT = tables.order_fact.c
_ITEM = tables.order_item.c

_AT_ONCE = 500
"""Rows that are held in memory."""


class Exports:
    """Reads everything of one kind, however much there is; each row is a tuple."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def cases(self, span: Instants) -> Iterator[tuple[Any, ...]]:
        """Cases by when they were opened.

        Number, kind, state, orders, what the buyer's last message seemed to want, stars; when it was opened,
        acknowledged, answered and closed; cause and prevention.

        Args:
            span: from an instant to another one that does not belong to it; None is no limit.
        """
        orders = (
            select(func.aggregate_strings(_ORDER.order_id, " "))
            .where(_ORDER.case_id == _CASE.id)
            .scalar_subquery()
        )
        intent = (
            select(_MESSAGE.intent)
            .where(_MESSAGE.case_id == _CASE.id, _MESSAGE.kind == Kind.BUYER_MESSAGE)
            .order_by(_MESSAGE.id.desc())
            .limit(1)
            .scalar_subquery()
        )
        moments = (_CASE.opened_at, _CASE.acknowledged_at, _CASE.answered_at, _CASE.closed_at)
        query = (
            select(_CASE.id, _CASE.kind, _CASE.state, orders, intent, _CASE.rating, *moments)
            .add_columns(_LESSON.cause, _LESSON.prevention)
            .outerjoin(tables.lesson, _LESSON.case_id == _CASE.id)
            .order_by(_CASE.opened_at, _CASE.id)
        )
        return self._rows(query.where(_within(_CASE.opened_at, span)))

    def feedback(self, span: Days) -> Iterator[tuple[Any, ...]]:
        """Ratings by their day: day, stars, order, case, comment, the shop's reply, how they became known.

        Args:
            span: the first and the last local day; None is no limit. Without limits also what has no day.
        """
        columns = (_RATING.rated_on, _RATING.rating, _RATING.order_id, _RATING.case_id)
        words = (_RATING.comment, _RATING.response, _RATING.source)
        query = select(*columns, *words).order_by(_RATING.rated_on, _RATING.id)
        return self._rows(query.where(_days(_RATING.rated_on, span)))

    def calls(self, span: Instants) -> Iterator[tuple[Any, ...]]:
        """Telephone calls by when they came: time, case, caller, wishes, number, address, hours, promised by.

        Args:
            span: from an instant to another one that does not belong to it; None is no limit.
        """
        who = (_CALL.called_at, _CALL.case_id, _CALL.caller, _CALL.wishes, _CALL.number)
        query = select(*who, _CALL.address, _CALL.hours, _CALL.promised_by)
        query = query.order_by(_CALL.called_at, _CALL.id)
        return self._rows(query.where(_within(_CALL.called_at, span)))

    def orders(self, span: Days) -> Iterator[tuple[Any, ...]]:
        """Orders by their day, a row for each line.

        Number, who ships, days of order, shipping and delivery; ASIN, SKU, title, quantity, price, shipping,
        currency. Prices are in the currency's smallest unit.

        Args:
            span: the first and the last local day; None is no limit. Without limits also what has no day.
        """
        facts = (_FACT.order_id, _FACT.fulfilment, _FACT.ordered_on, _FACT.shipped_on, _FACT.delivered_on)
        lines = (_ITEM.asin, _ITEM.sku, _ITEM.title, _ITEM.quantity, _ITEM.price, _ITEM.shipping)
        query = (
            select(*facts, *lines, _FACT.currency)
            .outerjoin(tables.order_item, _ITEM.order_id == _FACT.order_id)
            .order_by(_FACT.ordered_on, _FACT.order_id, _ITEM.line)
        )
        return self._rows(query.where(_days(_FACT.ordered_on, span)))

    def _rows(self, query: Select[Any]) -> Iterator[tuple[Any, ...]]:
        options = {"yield_per": _AT_ONCE}
        return (tuple(row) for row in self._connection.execute(query, execution_options=options))


def _within(column: Any, span: Instants) -> Any:
    since, until = span
    limits = [column >= since] if since is not None else []
    return and_(true(), *limits, *([column < until] if until is not None else []))


def _days(column: Any, span: Days) -> Any:
    first, last = span
    limits = [column >= first] if first is not None else []
    return and_(true(), *limits, *([column <= last] if last is not None else []))
