"""A buyer claimed under Amazon's guarantee, or Amazon decided such a claim."""

from __future__ import annotations

from typing import TYPE_CHECKING

from parsers.values import Claim, Kind

if TYPE_CHECKING:
    from parsers.evidence import Evidence


def recognise(evidence: Evidence) -> Claim | None:
    """Read the notice of a claim, and whether it is already decided."""
    rule = evidence.rule
    if rule is None or rule.kind is not Kind.CLAIM:
        return None
    return Claim(
        evidence.frame(evidence.order_ids, f"claim/{rule.name}", rule.confidence), closed=rule.closed
    )
