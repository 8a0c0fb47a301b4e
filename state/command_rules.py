"""Commands that the owner gives by mail, and when one is carried out. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from parsers.values import Authenticity

if TYPE_CHECKING:
    from datetime import datetime

TOKEN_AGE = timedelta(hours=48)
"""A command that is offered in an alert is dead after this."""


class Action(StrEnum):
    """What an alert offers for a case."""

    APPROVE = "approve"
    NO_REPLY_NEEDED = "no_reply_needed"
    SNOOZE = "snooze"
    EDIT = "edit"

    @property
    def is_decisive(self) -> bool:
        """It sends or closes, so a mail without any proof of its sender is asked back first."""
        return self in {Action.APPROVE, Action.NO_REPLY_NEEDED}


class CommandRefusal(StrEnum):
    """Why a command was not carried out."""

    UNKNOWN = "unknown_command"
    USED = "used"
    EXPIRED = "expired"
    BUYER_WROTE_AGAIN = "buyer_wrote_again"


@dataclass(frozen=True, slots=True)
class Offer:
    """One command that a mail to the owner offers.

    Attributes:
        id: its number; 0 before it is stored.
        outbox_id: the mail that carries it.
        case_id: the case that it is about.
        action: what it does.
        draft_id: the version that it is about; None for what concerns no draft.
        message: number of the newest voiding message when it was offered; a newer one kills it.
        seen: number of the newest message that the mail showed; what it closes, it closes up to that one.
        asked_back: it stands in the second mail that was sent to make sure.
        placeholder: stands in the stored text where the token is written when the mail leaves.
        used_at: when it, or another of the same meaning, was carried out.
    """

    id: int
    outbox_id: int
    case_id: int
    action: Action
    draft_id: int | None
    message: int
    seen: int
    asked_back: bool
    placeholder: str
    used_at: datetime | None = None


def refusal_of(
    offer: Offer | None, issued_at: datetime | None, newest_message: int, now: datetime
) -> CommandRefusal | None:
    """Why a token is worth nothing; None if it is alive.

    Args:
        offer: what it stands for; None if nobody knows the token.
        issued_at: when it left.
        newest_message: number of the newest voiding message of the case.
        now: the present.
    """
    if offer is None or issued_at is None:
        return CommandRefusal.UNKNOWN
    if offer.used_at is not None:
        return CommandRefusal.USED
    if now - issued_at > TOKEN_AGE:
        return CommandRefusal.EXPIRED
    return CommandRefusal.BUYER_WROTE_AGAIN if newest_message > offer.message else None


def must_ask_back(offer: Offer, authenticity: Authenticity) -> bool:
    """Whether the command is to be confirmed by a second mail: nothing proves who sent the first.

    The second mail goes to the owner's address, so whoever answers it reads the owner's mail.
    """
    return offer.action.is_decisive and authenticity is not Authenticity.PASS and not offer.asked_back
