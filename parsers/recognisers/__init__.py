"""What a mail is: one recogniser for each kind, tried in one order, the first that answers wins."""

from __future__ import annotations

from typing import TYPE_CHECKING

from parsers.evidence import Evidence
from parsers.recognisers import (
    amazon_notice,
    buyer_message,
    cancellation_request,
    claim,
    delivery_failure,
    feedback,
    order_notice,
    refund,
    reply_copy,
    return_request,
    unrecognised_amazon,
    unrelated,
)

if TYPE_CHECKING:
    from parsers.mime import Mail
    from parsers.values import Notification, Trust

RECOGNISERS = (
    reply_copy.recognise,
    return_request.recognise,
    refund.recognise,
    cancellation_request.recognise,
    claim.recognise,
    delivery_failure.recognise,
    order_notice.recognise,
    buyer_message.recognise,
    feedback.recognise,
    unrecognised_amazon.recognise,
    amazon_notice.recognise,
)
"""All that may say no. Copies come first, since they carry the same frame as a buyer's message."""


def recognise(mail: Mail, trust: Trust) -> Notification:
    """Say what a mail is; `Unrelated` where nobody claims it."""
    evidence = Evidence(mail, trust)
    found = (recogniser(evidence) for recogniser in RECOGNISERS)
    return next((notification for notification in found if notification), None) or unrelated.recognise(
        evidence
    )
