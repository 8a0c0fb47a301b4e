"""What Amazon's notices and reports told of orders; no buyer's name, no address."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from parsers.values import Fulfilment
from state import tables
from state.repository.records import change, insert

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from sqlalchemy import Connection

_FACT = tables.order_fact.c
_NAMES = ("fulfilment", "ordered_on", "shipped_on", "delivered_on", "currency", "buyer_print")
_ITEM = tables.order_item.c
_ITEM_NAMES = ("order_id", "line", "asin", "sku", "title", "quantity", "price", "shipping")


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
        line: Amazon's number of the line, else what was ordered; unique within the order.
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

    def of(self, order_ids: Sequence[str]) -> tuple[OrderFacts, ...]:
        """What is known of these orders."""
        columns = (_FACT.order_id, *(_FACT[name] for name in _NAMES))
        rows = self._connection.execute(select(*columns).where(_FACT.order_id.in_(order_ids)))
        return tuple(map(_facts, rows))

    def items_of(self, order_ids: Sequence[str]) -> tuple[OrderItem, ...]:
        """The lines of these orders."""
        columns = [_ITEM[name] for name in _ITEM_NAMES]
        query = select(*columns).where(_ITEM.order_id.in_(order_ids)).order_by(_ITEM.order_id, _ITEM.line)
        return tuple(OrderItem(*row) for row in self._connection.execute(query))

    def of_buyer(self, buyer_print: str) -> tuple[OrderFacts, ...]:
        """Every known order of one buyer, oldest number first."""
        columns = (_FACT.order_id, *(_FACT[name] for name in _NAMES))
        query = select(*columns).where(_FACT.buyer_print == buyer_print).order_by(_FACT.order_id)
        rows = self._connection.execute(query)
        return tuple(map(_facts, rows))


def _facts(row: Sequence[Any]) -> OrderFacts:
    order_id, fulfilment, *rest = row
    return OrderFacts(order_id, None if fulfilment is None else Fulfilment(fulfilment), *rest)
