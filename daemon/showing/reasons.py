"""Why a mail of ours stands where it stands, and why one that came is proven or not, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daemon.showing.reader import clean
from daemon.words import APPROVAL_REFUSALS, INQUIRY_REFUSALS, REFUSALS
from templates.proofs import explain_proof

if TYPE_CHECKING:
    from daemon.showing.reader import Reader

_LONG_CELL = 200
REASONS = {**REFUSALS, **APPROVAL_REFUSALS, **INQUIRY_REFUSALS}
"""Why a mail to a buyer or an agent did not go."""


def say_reason(reason: str, reader: Reader) -> str:
    """Why a mail stands where it stands: a word of ours, or what a server said."""
    return reader.word(REASONS, reason) if reason in REASONS else clean(reason, _LONG_CELL)


def say_proof(reason: str, reader: Reader) -> str:
    """Why a mail is proven, or is not."""
    return clean(reader.say(explain_proof(reason, "ja"), explain_proof(reason, "en")), _LONG_CELL)
