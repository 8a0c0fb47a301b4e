"""The telephone log as its page shows it, and what is known of an order while its buyer is speaking."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from daemon.aftercare.by_hand import case_to_join
from daemon.order_facts import shipping_of_orders
from daemon.showing.feedback_lines import day_of
from daemon.showing.reader import clean, clean_lines
from parsers.values import Kind

if TYPE_CHECKING:
    from datetime import datetime

    from daemon.aftercare.call_log import LogLine
    from daemon.showing.reader import Reader
    from daemon.work import Work
    from state.model import Case

PAGE_LENGTH = 20
"""Calls on one page of the log."""

_LONG = 254


@dataclass(frozen=True, slots=True)
class CallCard:
    """A call in the log.

    Attributes:
        case: the number of its case.
        called_at: when it came, in UTC.
        caller, wishes, number, hours, address: as they were written down; empty where they were not.
        promised_by: what was promised, in UTC; None if nothing was.
        waiting: nobody has reacted yet.
        kept: the promise was; None where there is nothing to say.
    """

    case: int
    called_at: datetime
    caller: str = field(repr=False)
    wishes: str = field(repr=False)
    number: str = field(repr=False)
    hours: str = field(repr=False)
    address: str = field(repr=False)
    promised_by: datetime | None
    waiting: bool
    kept: bool | None


@dataclass(frozen=True, slots=True)
class KnownOrder:
    """What is known of an order that a caller names.

    Attributes:
        order_id: Amazon's number.
        joins: the case that the call will join; None if it opens one.
        cases: all cases of the order, newest first.
        item: what was ordered; empty where unknown.
        fulfilment: ``fba``, ``own`` or ``unknown``.
        ordered, delivered: the days in words; empty where unknown.
    """

    order_id: str
    joins: Case | None
    cases: tuple[Case, ...]
    item: str
    fulfilment: str
    ordered: str
    delivered: str


def card_of(line: LogLine) -> CallCard:
    """A call of the log; what a stranger said is made harmless."""
    call = line.call
    return CallCard(
        case=line.case.id,
        called_at=call.called_at,
        caller=clean(call.caller, _LONG),
        wishes=clean_lines(call.wishes),
        number=clean(call.number),
        hours=clean(call.hours, _LONG),
        address=clean(call.address, _LONG),
        promised_by=call.promised_by,
        waiting=line.waiting,
        kept=line.kept,
    )


def known_order(work: Work, order_id: str, reader: Reader) -> KnownOrder:
    """What is known of an order, and which case a call about it joins."""
    cases = sorted(work.uow.cases.with_orders((order_id,)), key=lambda one: -one.id)
    shipping = shipping_of_orders(work, (order_id,))
    return KnownOrder(
        order_id=order_id,
        joins=case_to_join(work, Kind.CALL, order_id),
        cases=tuple(cases),
        item=clean(shipping.item, _LONG),
        fulfilment=shipping.fulfilment,
        ordered="" if shipping.ordered_on is None else day_of(shipping.ordered_on, reader),
        delivered="" if shipping.delivered_on is None else day_of(shipping.delivered_on, reader),
    )
