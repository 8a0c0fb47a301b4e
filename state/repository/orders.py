"""What Amazon's notices told of orders; no buyer's name, no address."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from parsers.values import Fulfilment
from state import tables
from state.repository.records import change, insert

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from sqlalchemy import Connection

_FACT = tables.order_fact.c
_NAMES = ("fulfilment", "ordered_on", "shipped_on", "delivered_on")


@dataclass(frozen=True, slots=True)
class OrderFacts:
    """What is known of one order; None where nothing told.

    Attributes:
        order_id: Amazon's order number.
        fulfilment: who ships.
        ordered_on, shipped_on, delivered_on: local dates as Amazon wrote them.
    """

    order_id: str
    fulfilment: Fulfilment | None = None
    ordered_on: date | None = None
    shipped_on: date | None = None
    delivered_on: date | None = None


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
        return tuple(
            OrderFacts(row[0], None if row[1] is None else Fulfilment(row[1]), *row[2:]) for row in rows
        )
