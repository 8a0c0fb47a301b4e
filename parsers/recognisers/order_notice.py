"""An order came in, or waits to be shipped."""

from __future__ import annotations

from typing import TYPE_CHECKING

from parsers.values import Kind, OrderNotice

if TYPE_CHECKING:
    from parsers.evidence import Evidence


def recognise(evidence: Evidence) -> OrderNotice | None:
    """Read the notice of an order."""
    rule = evidence.rule
    if rule is None or rule.kind is not Kind.ORDER_NOTICE:
        return None
    return OrderNotice(evidence.frame(evidence.order_ids, f"order_notice/{rule.name}", rule.confidence))
