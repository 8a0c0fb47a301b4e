"""What `case N` shows of the order: item, price, who ships, dates, and what else this buyer ordered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daemon.drafting import earlier_cases
from daemon.order_facts import orders_of_buyer, say_price, shipping_of
from daemon.showing.reader import NOTHING, clean
from daemon.words import FULFILMENTS
from state.refunds import say_amount

if TYPE_CHECKING:
    from collections.abc import Iterator

    from daemon.order_facts import Shipping
    from daemon.showing.reader import Reader
    from daemon.work import Work
    from state.model import Case
    from state.repository.orders import OrderFacts, OrderItem

_LINES_SHOWN = 10
_ORDERS_SHOWN = 5


def order_lines(work: Work, case: Case, reader: Reader) -> tuple[str, ...]:
    """What is known of the orders of a case and of their buyer; nothing where no order is known."""
    if not work.uow.orders.of(case.order_ids):
        return ()
    shipping, items = shipping_of(work, case), work.uow.orders.items_of(case.order_ids)
    several = () if shipping.item else _items(items, shipping, reader)
    return (*_facts(shipping, reader), *several, *_history(work, case, reader))


def _facts(shipping: Shipping, reader: Reader) -> Iterator[str]:
    told = (
        (("商品", "item"), clean(shipping.item)),
        (("支払額 (送料を除く)", "paid, without shipping"), say_price(shipping, reader.language)),
        (("発送", "shipped by"), reader.word(FULFILMENTS, shipping.fulfilment)),
        (("購入日", "bought"), shipping.ordered_on),
        (("出荷日", "shipped"), shipping.shipped_on),
        (("配達日", "delivered"), shipping.delivered_on),
    )
    yield from (f"{reader.say(*label)}: {value}" for label, value in told if value)


def _items(items: tuple[OrderItem, ...], shipping: Shipping, reader: Reader) -> Iterator[str]:
    """Each line of the orders where there are several."""
    for item in items[:_LINES_SHOWN]:
        words = [clean(item.title or item.sku or item.asin) or NOTHING]
        if item.quantity is not None:
            words.append(f"×{item.quantity}")
        if item.price is not None and shipping.currency is not None:
            words.append(say_amount(item.price, shipping.currency, reader.language))
        yield "・" + " ".join(words)
    hidden = len(items) - _LINES_SHOWN
    if hidden > 0:
        yield reader.say(f"ほか {hidden} 点", f"and {hidden} more")


def _history(work: Work, case: Case, reader: Reader) -> Iterator[str]:
    """A repeat buyer's orders and cases."""
    orders = orders_of_buyer(work.uow, case)
    if len(orders) > 1:
        yield reader.say(
            f"この購入者の注文は {len(orders)} 件 (リピーターです)",
            f"this buyer ordered {len(orders)} times (a repeat customer)",
        )
        others = [one for one in reversed(orders) if one.order_id not in case.order_ids]
        yield from (f"・{_order(one)}" for one in others[:_ORDERS_SHOWN])
    earlier = earlier_cases(work.uow, case) if orders else ()
    if earlier:
        numbers = " ".join(map(str, earlier))
        yield reader.say(f"この購入者の前の案件: {numbers}", f"earlier cases of this buyer: {numbers}")


def _order(facts: OrderFacts) -> str:
    return facts.order_id if facts.ordered_on is None else f"{facts.ordered_on} {facts.order_id}"
