"""Amazon's copy of what the seller wrote to a buyer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from parsers.layout import cut_footer
from parsers.notices import copied_to, is_seller_sender
from parsers.order_ids import find_order_ids
from parsers.values import Kind, ReplyCopy

if TYPE_CHECKING:
    from parsers.evidence import Evidence

_SUBJECT_LENGTH = 500


def recognise(evidence: Evidence) -> ReplyCopy | None:
    """Read a copy: by type, by subject, or by a frame around words in a mail from a no-reply sender."""
    rule = evidence.rule
    if rule and rule.kind is Kind.REPLY_COPY:
        name, confidence = rule.name, rule.confidence
    elif rule is None and _has_frame(evidence):
        name, confidence = "structure", "secondary"
    else:
        return None
    layout = evidence.layout
    text = layout.message if layout else cut_footer(evidence.text).strip()
    head = layout.head if layout else text
    order_ids = find_order_ids(f"{head}\n{evidence.subject}")
    frame = evidence.frame(order_ids, f"reply_copy/{name}", confidence)
    return ReplyCopy(frame, copied_to(head, evidence.mail.envelope.subject[:_SUBJECT_LENGTH]), text)


def _has_frame(evidence: Evidence) -> bool:
    """A frame with known markers, from a sender that no buyer has."""
    if not evidence.from_amazon or evidence.alias or not is_seller_sender(evidence.local):
        return False
    layout = evidence.layout
    return layout is not None and layout.name.startswith(("old-", "new-")) and evidence.declared_type is None
