"""A refund was started."""

from __future__ import annotations

from typing import TYPE_CHECKING

from parsers.fulfilment import find_fulfilment
from parsers.money import find_refund
from parsers.values import Kind, Refund

if TYPE_CHECKING:
    from parsers.evidence import Evidence


def recognise(evidence: Evidence) -> Refund | None:
    """Read the notice that money goes back to a buyer."""
    rule = evidence.rule
    if rule is None or rule.kind is not Kind.REFUND:
        return None
    html = evidence.mail.html or ""
    money = find_refund(evidence.subject, evidence.text)
    return Refund(
        frame=evidence.frame(evidence.order_ids, f"refund/{rule.name}", rule.confidence),
        fulfilment=find_fulfilment(Kind.REFUND, evidence.subject, evidence.text, html),
        amount=money.amount if money else None,
        currency=money.currency if money else None,
    )
