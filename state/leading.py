"""What the messages of a case want, taken together. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from parsers.values import Intent

if TYPE_CHECKING:
    from collections.abc import Sequence

_SAYS_LITTLE = frozenset({None, Intent.THANKS, Intent.OTHER})
"""Words that a later message of the same matter does not take the place of a clearer one with."""


class Guessed(Protocol):
    """Something that a buyer wrote, with what it seems to want."""

    @property
    def intent(self) -> str | None:
        """Word of `Intent`; None where nothing was guessed."""
        ...

    @property
    def intent_confident(self) -> bool | None:
        """Whether that may be relied on."""
        ...


@dataclass(frozen=True, slots=True)
class Leading:
    """What the unanswered messages of a case want, taken together.

    Attributes:
        intent: word of `Intent`; None where nothing was guessed.
        sure: it may be relied on.
    """

    intent: str | None
    sure: bool


def leading_intent(messages: Sequence[Guessed]) -> Leading:
    """The newest intent that says something; a threat anywhere is one, whatever was written after it."""
    if any(one.intent == Intent.ESCALATION for one in messages):
        return Leading(Intent.ESCALATION, sure=True)
    telling = [one for one in messages if one.intent not in _SAYS_LITTLE]
    chosen = next((one for one in reversed(telling) if one.intent_confident), None)
    chosen = chosen or (telling or list(messages))[-1]
    return Leading(chosen.intent, bool(chosen.intent_confident))
