"""What is known of a case's orders: who ships, and since when."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from parsers.values import Authenticity, OrderNotice, Refund
from state.repository.orders import OrderFacts

if TYPE_CHECKING:
    from datetime import date

    from daemon.work import Work
    from parsers.values import Reading
    from state.model import Case

UNKNOWN = "unknown"
"""The word for who ships where nothing tells, or where the orders of a case differ."""


@dataclass(frozen=True, slots=True)
class Shipping:
    """What a draft may say of a case's order.

    Attributes:
        fulfilment: ``fba``, ``own`` or ``unknown``.
        ordered_on, delivered_on: local dates; None where unknown or where the orders differ.
    """

    fulfilment: str = UNKNOWN
    ordered_on: date | None = None
    delivered_on: date | None = None


def note_order_facts(work: Work, reading: Reading) -> None:
    """Keep what a proven notice tells of an order; the notice itself is not stored."""
    notice = reading.notification
    if not isinstance(notice, OrderNotice | Refund) or reading.authenticity is not Authenticity.PASS:
        return
    # A notice of several orders does not say which of them its dates belong to.
    if len(notice.frame.order_ids) != 1:
        return
    facts = _facts(notice, notice.frame.order_ids[0])
    if facts != OrderFacts(facts.order_id):
        work.uow.orders.note(facts, work.now)


def _facts(notice: OrderNotice | Refund, order_id: str) -> OrderFacts:
    if isinstance(notice, Refund):
        return OrderFacts(order_id, notice.fulfilment)
    return OrderFacts(order_id, notice.fulfilment, notice.ordered_on, notice.shipped_on, notice.delivered_on)


def shipping_of(work: Work, case: Case) -> Shipping:
    """What is known of the orders of a case, as far as they agree."""
    usual = work.shop.usual_fulfilment or UNKNOWN
    known = work.uow.orders.of(case.order_ids)
    if not known or len(known) < len(case.order_ids):
        return Shipping(usual)
    ways = {facts.fulfilment for facts in known}
    ordered, delivered = {facts.ordered_on for facts in known}, {facts.delivered_on for facts in known}
    (way,) = ways if len(ways) == 1 else (None,)
    return Shipping(
        fulfilment=way or (UNKNOWN if len(ways) > 1 else usual),
        ordered_on=ordered.pop() if len(ordered) == 1 else None,
        delivered_on=delivered.pop() if len(delivered) == 1 else None,
    )
