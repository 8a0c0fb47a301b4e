"""Which mails may be acknowledged as far as the mail itself tells."""

from __future__ import annotations

import pytest

from parsers.values import (
    Authenticity,
    BuyerAlias,
    BuyerMessage,
    Frame,
    Intent,
    IntentGuess,
    Notification,
    Refund,
    Refusal,
)
from parsers.verdict import refusals_of


def message(*, relayed: bool = False, attachments: tuple[str, ...] = ()) -> BuyerMessage:
    """A buyer's message with the two fields that matter here."""
    alias = BuyerAlias("k3f8q2m9x1c7v5b", None, "co.jp")
    return BuyerMessage(Frame(), alias, None, None, (), (), "x", "x", attachments, relayed)


PASS, FAIL, NONE = Authenticity.PASS, Authenticity.FAIL, Authenticity.NONE
SURE = IntentGuess(Intent.THANKS, confident=True)
UNSURE = IntentGuess(Intent.THANKS, confident=False)
ASKED = IntentGuess(Intent.QUESTION, confident=True)
TABLE = [
    (message(), PASS, False, False, ASKED, ()),
    (message(), PASS, False, False, None, ()),
    (message(), PASS, False, False, UNSURE, ()),
    (message(), PASS, False, False, SURE, (Refusal.THANKS,)),
    (message(attachments=("a.jpg",)), PASS, False, False, SURE, ()),
    (message(), FAIL, False, False, ASKED, (Refusal.FORGED,)),
    (message(), NONE, False, False, ASKED, (Refusal.NOT_PROVEN,)),
    (message(), PASS, True, False, ASKED, (Refusal.SEVERAL_SENDERS,)),
    (message(), PASS, False, True, ASKED, (Refusal.AUTOMATIC,)),
    (message(relayed=True), PASS, False, False, ASKED, (Refusal.RELAYED,)),
    (
        message(relayed=True),
        FAIL,
        True,
        True,
        SURE,
        (Refusal.FORGED, Refusal.SEVERAL_SENDERS, Refusal.AUTOMATIC, Refusal.RELAYED, Refusal.THANKS),
    ),
    (Refund(Frame()), PASS, False, False, None, (Refusal.NOT_A_BUYER_MESSAGE,)),
    (Refund(Frame()), FAIL, True, True, None, (Refusal.NOT_A_BUYER_MESSAGE,)),
]


@pytest.mark.parametrize(("told", "proof", "several", "automatic", "intent", "expected"), TABLE)
def test_every_reason_is_named(  # noqa: PLR0917 - the six columns of the table
    told: Notification,
    proof: Authenticity,
    several: bool,
    automatic: bool,
    intent: IntentGuess | None,
    expected: tuple[Refusal, ...],
) -> None:
    """Each fact gives its own reason, and all of them are given."""
    found = refusals_of(told, proof, several_senders=several, automatic=automatic, intent=intent)
    assert found == expected
