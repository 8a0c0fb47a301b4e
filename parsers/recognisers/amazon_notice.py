"""Other mail from Amazon: sellers buy there too."""

from __future__ import annotations

from typing import TYPE_CHECKING

from parsers.values import AmazonNotice

if TYPE_CHECKING:
    from parsers.evidence import Evidence


def recognise(evidence: Evidence) -> AmazonNotice | None:
    """Take every mail from Amazon that nobody else wanted."""
    if not evidence.from_amazon:
        return None
    return AmazonNotice(evidence.frame(evidence.order_ids, "amazon_notice/other", "assumed"))
