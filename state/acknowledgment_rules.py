"""When an acknowledgment may go, as far as the shop's state tells (decision 13 of the design). Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from parsers.values import Refusal

LATEST_FIRST_SIGHT = timedelta(hours=48)
"""A mail that is first seen later than this is never acknowledged, whatever the configuration says."""

CAP_WINDOW = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class AcknowledgmentPolicy:
    """What the shop configured.

    Attributes:
        enabled: acknowledgments are wanted for this mailbox.
        max_age: an older message is not acknowledged any more.
        cool_down: a buyer gets at most one within this time, whatever the case.
        hourly_cap: acknowledgments of one mailbox within an hour.
    """

    enabled: bool = True
    max_age: timedelta = timedelta(hours=24)
    cool_down: timedelta = timedelta(hours=12)
    hourly_cap: int = 20


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What is known about one buyer message at the moment of judging; instants in UTC.

    Attributes:
        refusals: what the mail itself already forbids.
        received_at: when it arrived.
        history: it is older than the mailbox's first start.
        look_back: it was taken in afterwards, on request, without acknowledging.
        answered: a person has answered it already.
        acknowledged: its case has, or had, an acknowledgment.
        last_to_buyer_at: when this buyer last got one, on any case.
        promised_at: when this buyer was last told to wait for a person on the same matter, which is any case
            with an order in common, or with no order on either side.
        answered_buyer_at: when a person last answered this buyer, on any case.
        recent_in_mailbox: acknowledgments of this mailbox within the last hour.
        promise: the time that it would name; None if none can be named.
    """

    refusals: tuple[Refusal, ...]
    received_at: datetime
    history: bool
    look_back: bool
    answered: bool
    acknowledged: bool
    last_to_buyer_at: datetime | None
    promised_at: datetime | None
    answered_buyer_at: datetime | None
    recent_in_mailbox: int
    promise: datetime | None


def plain_refusal(refusals: tuple[Refusal, ...], policy: AcknowledgmentPolicy) -> Refusal | None:
    """Why a message gets none, whatever else is known: what `refusal_of` would say first."""
    if refusals:
        return refusals[0]
    return None if policy.enabled else Refusal.DISABLED


def refusal_of(facts: Circumstances, policy: AcknowledgmentPolicy, now: datetime) -> Refusal | None:
    """Why this message gets no acknowledgment; None means that it may go."""
    plain = plain_refusal(facts.refusals, policy)
    if plain is not None:
        return plain
    age = now - facts.received_at
    cooling = facts.last_to_buyer_at is not None and now - facts.last_to_buyer_at < policy.cool_down
    reasons = (
        (facts.history, Refusal.HISTORY),
        (facts.look_back, Refusal.LOOK_BACK),
        (facts.answered, Refusal.ALREADY_ANSWERED),
        (facts.acknowledged, Refusal.ALREADY_ACKNOWLEDGED),
        (age > min(policy.max_age, LATEST_FIRST_SIGHT), Refusal.TOO_OLD),
        (cooling, Refusal.COOL_DOWN),
        (_still_promised(facts), Refusal.AWAITING_PERSON),
        (facts.promise is None, Refusal.TOO_LATE),
        (facts.recent_in_mailbox >= policy.hourly_cap, Refusal.HOURLY_CAP),
    )
    return next((refusal for applies, refusal in reasons if applies), None)


def _still_promised(facts: Circumstances) -> bool:
    """Whether this buyer was told that a person would answer on this matter, and none has since on any case.

    The cool-down alone lets two robots go on for ever, one mail in thirteen hours, under ever new cases and
    texts. RFC 3834 section 2 lets some days pass before a sender is told the same again, seven by default.
    Here a person ends the wait and no number of days, for a second promise before the first is kept helps no
    buyer. Another order is another matter: Amazon names it, so no robot can make one up. The owner is alerted
    of both messages all the same.
    """
    promised, answered = facts.promised_at, facts.answered_buyer_at
    return promised is not None and (answered is None or answered < promised)
