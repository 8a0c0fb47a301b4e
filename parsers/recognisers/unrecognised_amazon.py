"""Mail that looks meant for the seller and that no rule reads: shown, never acknowledged."""

from __future__ import annotations

from typing import TYPE_CHECKING

from parsers.fingerprints import fingerprint_shape
from parsers.notices import is_seller_sender
from parsers.order_ids import find_order_ids
from parsers.values import UnrecognisedAmazon

if TYPE_CHECKING:
    from parsers.evidence import Evidence
    from parsers.values import OrderId


def recognise(evidence: Evidence) -> UnrecognisedAmazon | None:
    """Keep what a marketplace sender, an unknown type, or a seller's sender with an order number sends."""
    if not evidence.from_amazon:
        return None
    if evidence.from_marketplace:
        # A buyer may have written the text, so only the subject is Amazon's.
        return _unrecognised(
            evidence, "marketplace", find_order_ids(evidence.subject) if evidence.alias else None
        )
    if evidence.declared_type:
        return _unrecognised(evidence, "type")
    if is_seller_sender(evidence.local) and evidence.order_ids:
        return _unrecognised(evidence, "sender")
    return None


def _unrecognised(
    evidence: Evidence, rule: str, order_ids: tuple[OrderId, ...] | None = None
) -> UnrecognisedAmazon:
    """The value, with a fingerprint that mails of the same unknown shape share."""
    ids = evidence.order_ids if order_ids is None else order_ids
    frame = evidence.frame(ids, f"unrecognised_amazon/{rule}", "assumed")
    return UnrecognisedAmazon(frame, _fingerprint(evidence))


def _fingerprint(evidence: Evidence) -> str:
    """The type where there is one; else the sender and the subject, a buyer's own parts left out."""
    if evidence.declared_type:
        return fingerprint_shape("type", evidence.declared_type)
    if evidence.alias:
        return fingerprint_shape("alias", evidence.domain)
    return fingerprint_shape("subject", evidence.sender, evidence.subject)
