"""A buyer asked to cancel an order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from parsers.values import CancellationRequest, Kind

if TYPE_CHECKING:
    from parsers.evidence import Evidence


def recognise(evidence: Evidence) -> CancellationRequest | None:
    """Read the notice that a buyer wants an order cancelled."""
    rule = evidence.rule
    if rule is None or rule.kind is not Kind.CANCELLATION_REQUEST:
        return None
    frame = evidence.frame(evidence.order_ids, f"cancellation_request/{rule.name}", rule.confidence)
    return CancellationRequest(frame)
