"""The one way from the bytes of a mail to everything that it says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from parsers.authenticity import judge
from parsers.autoreply import is_automatic, is_automatic_text
from parsers.intent import guess
from parsers.mime import parse_mime
from parsers.recognisers import recognise
from parsers.values import BuyerMessage, FeedbackNotice, Reading, ReturnRequest
from parsers.verdict import refusals_of

if TYPE_CHECKING:
    from parsers.mime import Mail
    from parsers.values import IntentGuess, Notification, Trust


def read(content: bytes, trust: Trust) -> Reading:
    """Read one mail: what it is, whether it is proven, what the buyer wants, what forbids an acknowledgment.

    It never raises on any content and touches no network, clock or database.

    Args:
        content: the mail as the server holds it.
        trust: whose proof is believed, and the seller's own rules for feedback.
    """
    mail = parse_mime(content)
    notification = recognise(mail, trust)
    authenticity, why = judge(mail, trust.authserv_id)
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
