"""An order came in, or waits to be shipped."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from parsers.days import find_day
from parsers.fulfilment import find_fulfilment
from parsers.rules import load_rules
from parsers.values import Kind, OrderNotice

if TYPE_CHECKING:
    from datetime import date

    from parsers.evidence import Evidence


def recognise(evidence: Evidence) -> OrderNotice | None:
    """Read the notice of an order: its number, who ships it, and its days."""
    rule = evidence.rule
    if rule is None or rule.kind is not Kind.ORDER_NOTICE:
        return None
    return OrderNotice(
        frame=evidence.frame(evidence.order_ids, f"order_notice/{rule.name}", rule.confidence),
        fulfilment=find_fulfilment(
            Kind.ORDER_NOTICE, evidence.subject, evidence.text, evidence.mail.html or ""
        ),
        ordered_on=_day(evidence, "ordered"),
        shipped_on=_day(evidence, "shipped"),
        delivered_on=_day(evidence, "delivered"),
    )


def _day(evidence: Evidence, name: str) -> date | None:
    """A day of the notice; one that comes after the mail itself is a plan, not a fact."""
    day = find_day(evidence.text, evidence.mail.html or "", load_rules("orders")["days"][name])
    sent = evidence.mail.envelope.date
    # The mail's instant is in UTC, and the day is the marketplace's.
    return None if day and sent and day > sent.date() + timedelta(days=1) else day
