"""What is known of a case's orders: who ships, and since when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, TypeVar

from parsers.values import Authenticity, OrderNotice, Refund
from state.refunds import say_amount
from state.repository.orders import OrderFacts
from templates.instructions import instruct

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from daemon.work import Work
    from parsers.values import Reading
    from state.model import Case, Message
    from state.unit_of_work import UnitOfWork

_Value = TypeVar("_Value")

UNKNOWN = "unknown"
"""The word for who ships where nothing tells, or where the orders of a case differ."""


@dataclass(frozen=True, slots=True)
class Shipping:
    """What a draft may say of a case's order.

    Attributes:
        fulfilment: ``fba``, ``own`` or ``unknown``.
        ordered_on, shipped_on, delivered_on: local dates; None where unknown or where the orders differ.
        item: what was ordered; None where unknown, or where it was several things.
        price: what was paid for it with tax and without shipping, in the currency's smallest unit; None where
            it is not known of every line, or where there are several orders.
        currency: three letters; None where unknown.
    """

    fulfilment: str = UNKNOWN
    ordered_on: date | None = None
    delivered_on: date | None = None
    shipped_on: date | None = None
    item: str | None = None
    price: int | None = None
    currency: str | None = None


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
    return shipping_of_orders(work, case.order_ids)


def shipping_of_orders(work: Work, order_ids: Sequence[str]) -> Shipping:
    """What is known of these orders, as far as they agree."""
    usual = work.shop.usual_fulfilment or UNKNOWN
    known = work.uow.orders.of(order_ids)
    if not known or len(known) < len(order_ids):
        return Shipping(usual)
    ways = {facts.fulfilment for facts in known}
    items = work.uow.orders.items_of(order_ids)
    return Shipping(
        fulfilment=_agreed(ways) or (UNKNOWN if len(ways) > 1 else usual),
        ordered_on=_agreed(facts.ordered_on for facts in known),
        delivered_on=_agreed(facts.delivered_on for facts in known),
        shipped_on=_agreed(facts.shipped_on for facts in known),
        item=_agreed(item.title for item in items),
        price=_sum([item.price for item in items]) if len(known) == 1 else None,
        currency=_agreed(facts.currency for facts in known),
    )


def advise_on_history(work: Work, case: Case, messages: Sequence[Message]) -> tuple[str, ...]:
    """Says that a buyer is a loyal one, who deserves more than an angry customer of one order."""
    del messages
    count = len(orders_of_buyer(work.uow, case))
    if count < 2:
        return ()
    return (instruct("orders", "repeat", work.shop.language, count=count, n=case.id),)


def say_price(shipping: Shipping, language: str) -> str | None:
    """What was paid, in words of a language; None where it is not known."""
    if shipping.price is None or shipping.currency is None:
        return None
    return say_amount(shipping.price, shipping.currency, language)


def _agreed(values: Iterable[_Value | None]) -> _Value | None:
    """The one value that all have; None where they differ."""
    found = set(values)
    return found.pop() if len(found) == 1 else None


def _sum(amounts: Sequence[int | None]) -> int | None:
    known = [amount for amount in amounts if amount is not None]
    return sum(known) if known and len(known) == len(amounts) else None


def orders_of_buyer(uow: UnitOfWork, case: Case) -> tuple[OrderFacts, ...]:
    """Every known order of whoever ordered what a case is about, oldest first; none where no report told."""
    prints = {one.buyer_print for one in uow.orders.of(case.order_ids) if one.buyer_print}
    found = {one.order_id: one for each in prints for one in uow.orders.of_buyer(each)}
    return tuple(sorted(found.values(), key=lambda one: (one.ordered_on or date.min, one.order_id)))
