"""Why a mail of ours stands where it stands, and why one that came is proven or not, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daemon.showing.reader import clean
from daemon.words import (
    APPROVAL_REFUSALS,
    INQUIRY_REFUSALS,
    REFUSALS,
    SENDING_STAGES,
    SENDING_TROUBLES,
)
from templates.proofs import explain_proof

if TYPE_CHECKING:
    from daemon.showing.reader import Reader

_LONG_CELL = 200
REASONS = {**REFUSALS, **APPROVAL_REFUSALS, **INQUIRY_REFUSALS}
"""Why a mail to a buyer or an agent did not go."""


def say_reason(reason: str, reader: Reader) -> str:
    """Why a mail stands where it stands: a word of ours, or what a server said.

    A reason may begin with how far the mail had come, such as in ``connect: timed out``. What a server
    answered begins with a number and stays as it is: its keeper knows it by these words.
    """
    if reason in REASONS:
        return reader.word(REASONS, reason)
    stage, colon, rest = reason.partition(": ")
    if colon and stage in SENDING_STAGES:
        return f"{reader.word(SENDING_STAGES, stage)}: {say_reason(rest, reader)}"
    return _say_trouble(reason, reader)


def _say_trouble(reason: str, reader: Reader) -> str:
    """What went wrong on the way, as far as it is known; some reasons hold both languages already."""
    if reason[:3].isdecimal():
        return clean(reason, _LONG_CELL)
    known = next((words for part, words in SENDING_TROUBLES.items() if part in reason), None)
    if known is not None:
        return reader.say(*known)
    ja, slash, en = reason.partition(" / ")
    return clean(reader.say(ja, en) if slash and " / " not in en else reason, _LONG_CELL)


def say_proof(reason: str, reader: Reader) -> str:
    """Why a mail is proven, or is not."""
    return clean(reader.say(explain_proof(reason, "ja"), explain_proof(reason, "en")), _LONG_CELL)
