"""The one way from the bytes of a mail to everything that it says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from parsers.authenticity import judge
from parsers.autoreply import is_automatic, is_automatic_text
from parsers.intent import guess
from parsers.mime import parse_mime
from parsers.recognisers import recognise
from parsers.signatures import own_check_of
from parsers.values import BuyerMessage, FeedbackNotice, Kind, Reading, ReturnRequest
from parsers.verdict import refusals_of

if TYPE_CHECKING:
    from datetime import datetime

    from parsers.mime import Mail
    from parsers.values import IntentGuess, Notification, Trust


def read(content: bytes, trust: Trust, received_at: datetime | None = None) -> Reading:
    """Read one mail: what it is, whether it is proven, what the buyer wants, what forbids an acknowledgment.

    It never raises on any content and touches no clock or database, and no network but through the keys of
    its trust.

    Args:
        content: the mail as the server holds it.
        trust: whose proof is believed, and the seller's own rules for feedback.
        received_at: when the server took it in; None where nobody knows.
    """
    mail = parse_mime(content)
    notification = recognise(mail, trust)
    own_check = own_check_of(content, mail, trust, received_at) if _needs_proof(notification) else None
    authenticity, why = judge(mail, trust.authserv_id, own_check)
    automatic = _is_automatic(mail, notification)
    intent = _intent(mail, notification)
    refusals = refusals_of(
        notification,
        authenticity,
        several_senders=mail.several_senders,
        automatic=automatic,
        intent=intent,
    )
    return Reading(mail.envelope, notification, authenticity, why, automatic, intent, refusals)


def _needs_proof(notification: Notification) -> bool:
    """Whether anything hangs on the sender, so that it is worth a question to DNS.

    A stranger's bounce is believed for the Message-ID in it alone. Nobody is to make us wait for the name
    servers of a domain of his own choice.
    """
    strange = notification.frame.marketplace is None
    return notification.kind is not Kind.UNRELATED and not (
        strange and notification.kind is Kind.DELIVERY_FAILURE
    )


def _is_automatic(mail: Mail, notification: Notification) -> bool:
    """Whether a robot wrote it: by its headers, and by its words where a buyer's are known."""
    if is_automatic(mail):
        return True
    return isinstance(notification, BuyerMessage) and is_automatic_text(notification.text)


def _intent(mail: Mail, notification: Notification) -> IntentGuess | None:
    """What the buyer wants, wherever a buyer's own words are read."""
    if isinstance(notification, BuyerMessage):
        return guess(notification.text, subject=mail.envelope.subject)
    if isinstance(notification, FeedbackNotice | ReturnRequest) and notification.text:
        return guess(notification.text)
    return None
