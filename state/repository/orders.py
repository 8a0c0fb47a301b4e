"""What Amazon's notices and reports told of orders; no buyer's name, no address."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import bindparam, select

from parsers.values import Fulfilment
from state import tables
from state.repository.records import change, insert, insert_all

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date, datetime

    from sqlalchemy import Connection

_FACT = tables.order_fact.c
_NAMES = ("fulfilment", "ordered_on", "shipped_on", "delivered_on", "currency", "buyer_print")
_ITEM = tables.order_item.c
BY_WORDS = ("sku:", "asin:", "title:")
"""How the name of a line begins that Amazon's number does not name."""

_ITEM_NAMES = ("order_id", "line", "asin", "sku", "title", "quantity", "price", "shipping")
_FACTS_OF = select(_FACT.order_id, *(_FACT[name] for name in _NAMES)).where(
    _FACT.order_id.in_(bindparam("order_ids", expanding=True))
)
_ITEMS_OF = (
    select(*(_ITEM[name] for name in _ITEM_NAMES))
    .where(_ITEM.order_id.in_(bindparam("order_ids", expanding=True)))
    .order_by(_ITEM.order_id, _ITEM.line)
)


@dataclass(frozen=True, slots=True)
class OrderFacts:
    """What is known of one order; None where nothing told.

    Attributes:
        order_id: Amazon's order number.
        fulfilment: who ships.
        ordered_on, shipped_on, delivered_on: local dates as Amazon wrote them.
        currency: the three letters of its prices.
        buyer_print: a keyed digest of who ordered, the same for all orders of one buyer.
    """

    order_id: str
    fulfilment: Fulfilment | None = None
    ordered_on: date | None = None
    shipped_on: date | None = None
    delivered_on: date | None = None
    currency: str | None = None
    buyer_print: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class OrderItem:
    """One line of an order.

    Attributes:
        order_id: Amazon's order number.
        line: Amazon's number of the line, else what was ordered, behind a word of `BY_WORDS`; unique within
            the order.
        asin, sku, title: what was ordered; None where unknown.
        quantity: how many.
        price: what was paid for the whole line with tax, in the currency's smallest unit (yen, cents).
        shipping: what was paid for shipping it, likewise.
    """

    order_id: str
    line: str
    asin: str | None = None
    sku: str | None = None
    title: str | None = None
    quantity: int | None = None
    price: int | None = None
    shipping: int | None = None

    @property
    def is_numbered(self) -> bool:
        """Amazon's number names it, so that it is a line of its own whatever else was ordered."""
        return not self.line.startswith(BY_WORDS)

    def is_rival_of(self, other: OrderItem) -> bool:
        """They may be one line, of which one report tells Amazon's number and the other does not."""
        if self.is_numbered is other.is_numbered:
            return False
        pairs = ((self.sku, other.sku), (self.asin, other.asin), (self.title, other.title))
        return next((mine == theirs for mine, theirs in pairs if mine and theirs), False)


_Record = TypeVar("_Record", OrderFacts, OrderItem)


class Orders:
    """The orders of which anything is known."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def note(self, facts: OrderFacts, at: datetime) -> None:
        """Add what is new; what an earlier notice told and this one does not is kept."""
        told = {name: value for name in _NAMES if (value := getattr(facts, name)) is not None}
        values = told | {"noted_at": at}
        if not change(self._connection, _FACT.order_id, facts.order_id, values):
            insert(self._connection, tables.order_fact, {"order_id": facts.order_id} | values)

    def note_all(self, told: Iterable[OrderFacts], at: datetime) -> frozenset[str]:
        """Add what is new of many orders, as `note` does, and tell the orders of which something was new.

        An order that left in several parcels has the last one's date.
        """
        facts: dict[str, OrderFacts] = {}
        for one in told:
            facts[one.order_id] = _added(facts.get(one.order_id), one)
        known = {one.order_id: one for one in self.of(list(facts))}
        merged = [_added(known.get(order_id), one) for order_id, one in facts.items()]
        changed = [one for one in merged if known.get(one.order_id) != one]
        order_ids = frozenset(one.order_id for one in changed)
        self._connection.execute(tables.order_fact.delete().where(_FACT.order_id.in_(order_ids)))
        rows = [_values(one, ("order_id", *_NAMES)) | {"noted_at": at} for one in changed]
        insert_all(self._connection, tables.order_fact, rows)
        return order_ids

    def keep_items(self, told: Iterable[OrderItem], at: datetime) -> frozenset[tuple[str, str]]:
        """Store the lines of orders, and tell the orders and lines of which something was new.

        What an earlier report told and this one does not is kept. A line that Amazon's number names takes
        the place of one that says the same without a number, for two reports may tell of one purchase.
        """
        news: dict[str, list[OrderItem]] = {}
        for one in told:
            news.setdefault(one.order_id, []).append(one)
        known: dict[str, list[OrderItem]] = {}
        for one in self.items_of(list(news)):
            known.setdefault(one.order_id, []).append(one)
        plans = {order_id: _merged(known.get(order_id, ()), items) for order_id, items in news.items()}
        changed = {order_id: plan for order_id, plan in plans.items() if plan[1]}
        self._connection.execute(tables.order_item.delete().where(_ITEM.order_id.in_(list(changed))))
        kept = (item for items, _ in changed.values() for item in items)
        rows = [_values(one, _ITEM_NAMES) | {"noted_at": at} for one in kept]
        insert_all(self._connection, tables.order_item, rows)
        return frozenset((order_id, line) for order_id, (_, lines) in changed.items() for line in lines)

    def of(self, order_ids: Sequence[str]) -> tuple[OrderFacts, ...]:
        """What is known of these orders."""
        return tuple(map(_facts, self._connection.execute(_FACTS_OF, {"order_ids": list(order_ids)})))

    def items_of(self, order_ids: Sequence[str]) -> tuple[OrderItem, ...]:
        """The lines of these orders."""
        rows = self._connection.execute(_ITEMS_OF, {"order_ids": list(order_ids)})
        return tuple(OrderItem(*row) for row in rows)

    def of_buyer(self, buyer_print: str) -> tuple[OrderFacts, ...]:
        """Every known order of one buyer, oldest number first."""
        columns = (_FACT.order_id, *(_FACT[name] for name in _NAMES))
        query = select(*columns).where(_FACT.buyer_print == buyer_print).order_by(_FACT.order_id)
        rows = self._connection.execute(query)
        return tuple(map(_facts, rows))


def _facts(row: Sequence[Any]) -> OrderFacts:
    order_id, fulfilment, *rest = row
    return OrderFacts(order_id, None if fulfilment is None else Fulfilment(fulfilment), *rest)


def _values(record: OrderFacts | OrderItem, names: Sequence[str]) -> dict[str, Any]:
    return {name: getattr(record, name) for name in names}


def _added(known: OrderFacts | None, told: OrderFacts) -> OrderFacts:
    """What is told, and besides it what was known."""
    if known is None:
        return told
    whole = _filled(told, known)
    if known.shipped_on is None or whole.shipped_on is None or known.shipped_on <= whole.shipped_on:
        return whole
    return replace(whole, shipped_on=known.shipped_on)


def _filled(told: _Record, known: _Record) -> _Record:
    """What is told; where it says nothing what was known."""
    gaps = {name: getattr(known, name) for name in told.__slots__ if getattr(told, name) is None}
    return replace(told, **gaps) if any(value is not None for value in gaps.values()) else told


def _merged(
    known: Sequence[OrderItem], told: Sequence[OrderItem]
) -> tuple[tuple[OrderItem, ...], frozenset[str]]:
    """The lines of one order after a report, and the names of those that it told something new of."""
    lines = {one.line: one for one in known}
    news = set()
    for one in told:
        before = dict(lines)
        _put(lines, one)
        if lines != before:
            news.add(one.line)
    return tuple(lines.values()), frozenset(news)


def _put(lines: dict[str, OrderItem], told: OrderItem) -> None:
    """Add one line to those of its order."""
    rivals = [one for one in lines.values() if one.is_rival_of(told)]
    if rivals and not told.is_numbered:
        for one in rivals:
            lines[one.line] = replace(one, asin=one.asin or told.asin, title=one.title or told.title)
        return
    for one in rivals:
        del lines[one.line]
        told = replace(told, asin=told.asin or one.asin, title=told.title or one.title)
    known = lines.get(told.line)
    lines[told.line] = told if known is None else _filled(told, known)
