"""A mail to a buyer did not arrive: Amazon's notice, or a bounce from any mail server."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from parsers import html as markup
from parsers.notices import opted_out_words
from parsers.order_ids import find_order_ids
from parsers.values import BuyerAlias, DeliveryFailure, Frame, Kind

if TYPE_CHECKING:
    from parsers.evidence import Evidence

_MESSAGE_ID = re.compile(
    r"^(?:[A-Za-z-]{0,40}Message-ID|In-Reply-To|References):((?:[^\n]|\n[ \t]){1,4000})",
    re.IGNORECASE | re.MULTILINE,
)
_BRACKETED = re.compile(r"<([^<>\s]{3,400})>")
_ALIAS = re.compile(
    r"(?<![\w.+-])[a-z0-9]{8,40}(?:\+[A-Za-z0-9-]{1,64})?@marketplace\.amazon\.[a-z.]{2,6}(?![\w-])"
)
_BOUNCE_LOCALS = frozenset({"mailer-daemon", "mailerdaemon", "postmaster", "mail-daemon"})
_TEXT_LENGTH = 20_000
_SENDER_OF_FAILURES = "auto-communication"


def recognise(evidence: Evidence) -> DeliveryFailure | None:
    """Read Amazon's own notice first, then anything that has the shape of a bounce."""
    rule = evidence.rule
    if rule and rule.kind is Kind.DELIVERY_FAILURE:
        return _notice(evidence, rule.name, rule.confidence)
    if rule is None and evidence.alias is None and _is_bounce(evidence):
        return _bounce(evidence)
    return None


def _notice(evidence: Evidence, name: str, confidence: str) -> DeliveryFailure:
    """Amazon says that a message was not delivered, and mostly why."""
    frame = evidence.frame(evidence.order_ids, f"delivery_failure/{name}", confidence)
    opted_out = name.startswith("BUYER_OPTED_OUT") or any(
        pattern.search(f"{evidence.subject}\n{evidence.text[:_TEXT_LENGTH]}") for pattern in opted_out_words()
    )
    reason = "opted_out" if opted_out else "bounced"
    return DeliveryFailure(frame, reason, _about(evidence), _buyer_key(evidence))


def _bounce(evidence: Evidence) -> DeliveryFailure:
    """A mail server says that a mail came back; it may be about anybody's mail."""
    order_ids = find_order_ids(evidence.subject)
    frame = (
        evidence.frame(order_ids, "delivery_failure/bounce", "secondary")
        if evidence.from_amazon
        else Frame(None, order_ids, "delivery_failure/bounce", "secondary")
    )
    return DeliveryFailure(frame, "bounced", _about(evidence), _buyer_key(evidence))


def _is_bounce(evidence: Evidence) -> bool:
    """A delivery report, a mail server's own sender, or Amazon's bounce domain."""
    if evidence.local in _BOUNCE_LOCALS or evidence.local.startswith("mailer-daemon"):
        return True
    if evidence.from_amazon and evidence.domain.startswith("bounces.amazon."):
        return True
    answers = evidence.mail.envelope.in_reply_to or evidence.mail.envelope.references
    if evidence.from_amazon and evidence.local == _SENDER_OF_FAILURES and answers:
        return True
    return _is_delivery_report(evidence.mail.headers.first("Content-Type") or "")


def _is_delivery_report(content_type: str) -> bool:
    """``multipart/report``, unless it reports that a mail was read or complained about."""
    shape = content_type[:500].lower()
    others = ("disposition-notification", "feedback-report")
    return shape.lstrip().startswith("multipart/report") and not any(other in shape for other in others)


def _about(evidence: Evidence) -> tuple[str, ...]:
    """The Message-IDs that the report names, then those that the mail answers."""
    found = [
        identifier
        for field in evidence.mail.report_fields
        for header in _MESSAGE_ID.findall(field[:_TEXT_LENGTH])
        for identifier in _BRACKETED.findall(header)
    ]
    envelope = evidence.mail.envelope
    named = (*found, *filter(None, [envelope.in_reply_to]), *reversed(envelope.references))
    return tuple(dict.fromkeys(named))


def _buyer_key(evidence: Evidence) -> str | None:
    """The alias that the notice shows: in its mailto link, its text, or the report."""
    html = markup.links(evidence.mail.html) if evidence.mail.html else ()
    mailto = " ".join(link for link in html if link.lower().startswith("mailto:"))
    places = (
        mailto,
        evidence.text[:_TEXT_LENGTH],
        *(field[:_TEXT_LENGTH] for field in evidence.mail.report_fields),
    )
    for place in places:
        for address in _ALIAS.findall(place.replace("%2B", "+").replace("%40", "@")):
            alias = BuyerAlias.parse(address.rstrip("."))
            if alias:
                return alias.buyer_key
    return None
