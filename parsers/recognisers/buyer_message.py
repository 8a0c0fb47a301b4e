"""A buyer wrote through Amazon, or Amazon's customer service for one."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

from parsers.folding import fold_width
from parsers.layout import cut_footer
from parsers.order_ids import find_order_ids
from parsers.quoting import strip_history
from parsers.values import Asin, BuyerMessage, Kind

if TYPE_CHECKING:
    from parsers.evidence import Evidence
    from parsers.values import OrderId

_ASIN = re.compile(r"ASIN\s?:\s?([A-Z0-9]{10})(?![A-Za-z0-9])")
_BLANKS = re.compile(r"[ \t\r\n]+")
"""What folding leaves; the wide blank of a Japanese name is part of the name."""

_OLD_DISPLAY = re.compile(r"\s?(?:[-–—(（]|\bvia\b)[^-–—(（]{0,40}$")


@dataclass(frozen=True, slots=True)
class _Words:
    """The buyer's words and Amazon's text around them, with the rule that told them apart."""

    rule: str
    confidence: str
    frame: str
    text: str
    relayed: bool = False


def recognise(evidence: Evidence) -> BuyerMessage | None:
    """Read a buyer's message: from a buyer's alias, and by its type or its frame.

    A type that names something else, or something unknown, is never read as a buyer's message, for what is
    read as one may be answered.
    """
    alias = evidence.alias
    if alias is None or not evidence.from_amazon or not _is_message(evidence):
        return None
    words = _words(evidence)
    text = strip_history(words.text)
    return BuyerMessage(
        frame=evidence.frame(_order_ids(evidence, words), f"buyer_message/{words.rule}", words.confidence),
        alias=alias,
        buyer_name=display_name(evidence.mail.sender_name),
        message_key=evidence.message_key,
        asins=tuple(dict.fromkeys(map(Asin, _ASIN.findall(fold_width(words.frame))))),
        mentioned_order_ids=find_order_ids(text),
        text=text,
        full_text=words.text,
        attachments=evidence.mail.attachments,
        relayed=words.relayed,
    )


def display_name(name: str | None) -> str | None:
    """The buyer's name without what older mails put behind it (``Alisa - Amazon Marketplace``)."""
    bare = _BLANKS.sub(" ", name or "").strip().strip("\"'")
    tail = _OLD_DISPLAY.search(bare)
    words = unicodedata.normalize("NFKC", tail[0]).casefold() if tail else ""
    if tail and "amazon" in words and ("marketplace" in words or "マーケットプレイス" in words):
        bare = bare[: tail.start()]
    return bare.strip() or None


def _is_message(evidence: Evidence) -> bool:
    """Whether the type says so, or, where none is declared, the shape."""
    if evidence.declared_type:
        return evidence.rule is not None and evidence.rule.kind is Kind.BUYER_MESSAGE
    return bool(evidence.layout or evidence.relay or evidence.message_key)


def _words(evidence: Evidence) -> _Words:
    """Find the words: the service's details, the frame's content, else everything above the footer."""
    layout, relay = evidence.layout, evidence.relay
    if relay:
        around = f"{layout.head if layout else ''}\n{relay.around}"
        return _Words("relay", relay.confidence, around, relay.details, relayed=True)
    if layout:
        return _Words(layout.name, layout.confidence, layout.head, layout.message)
    return _Words("bare", "assumed", "", cut_footer(evidence.text).strip())


def _order_ids(evidence: Evidence, words: _Words) -> tuple[OrderId, ...]:
    """The numbers of Amazon's frame; the subject's only where it has none, for it carries a buyer's name."""
    return find_order_ids(words.frame) or find_order_ids(evidence.subject)
