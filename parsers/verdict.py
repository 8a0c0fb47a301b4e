"""The stateless part of "may this be acknowledged": what the mail itself forbids."""

from __future__ import annotations

from typing import TYPE_CHECKING

from parsers.values import Authenticity, BuyerMessage, Intent, Refusal

if TYPE_CHECKING:
    from parsers.values import IntentGuess, Notification


def refusals_of(
    notification: Notification,
    authenticity: Authenticity,
    *,
    several_senders: bool,
    automatic: bool,
    intent: IntentGuess | None,
) -> tuple[Refusal, ...]:
    """Name every reason in the mail itself why its buyer gets no acknowledgment; empty means none.

    A mail that is no buyer's message has this one reason: the others would say nothing about it.
    """
    if not isinstance(notification, BuyerMessage):
        return (Refusal.NOT_A_BUYER_MESSAGE,)
    merely_thanks = intent is not None and intent.confident and intent.intent is Intent.THANKS
    reasons = {
        Refusal.FORGED: authenticity is Authenticity.FAIL,
        Refusal.NOT_PROVEN: authenticity is Authenticity.NONE,
        Refusal.SEVERAL_SENDERS: several_senders,
        Refusal.AUTOMATIC: automatic,
        Refusal.RELAYED: notification.relayed,
        # A photo without a usable word may show a broken thing, so it is never taken for thanks alone.
        Refusal.THANKS: merely_thanks and not notification.attachments,
    }
    return tuple(reason for reason, holds in reasons.items() if holds)
