"""A mail on its way into the shop, what identifies it, and what became of it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from parsers.fingerprints import fingerprint_text
from parsers.values import Authenticity, BuyerMessage, ReplyCopy
from state.deadlines import received_at

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from daemon.ports import FolderRole
    from parsers.values import Reading
    from state.model import Place
    from state.repository.mail import Claim

SAME_COPY_WITHIN = timedelta(minutes=10)
"""Amazon's copies of one mail to several addresses come within this time of each other."""


class Outcome(StrEnum):
    """What became of a mail."""

    IGNORED = "ignored"
    COUNTED = "counted"
    ALREADY_KNOWN = "already_known"
    PROVEN_LATER = "proven_later"
    QUARANTINED = "quarantined"
    COPY_MATCHED = "copy_matched"
    COPY_ANSWERED = "copy_answered"
    COPY_TO_CONFIRM = "copy_to_confirm"
    FAILURE_NOTED = "failure_noted"
    OPENED = "opened"
    JOINED = "joined"
    HISTORY = "history"


@dataclass(frozen=True, slots=True)
class Arrival:
    """One fetched mail and what it says.

    Attributes:
        place: where it lies.
        role: what kind of folder that is.
        internal_date: when the server took it in, in UTC.
        content: the raw mail.
        reading: what it says.
        accepted: a person took it out of quarantine, so its age is no reason to leave it alone.
    """

    place: Place
    role: FolderRole
    internal_date: datetime
    content: bytes
    reading: Reading
    accepted: bool = False

    @property
    def received_at(self) -> datetime:
        """When it arrived."""
        return received_at(self.reading.envelope.date, self.internal_date)


@dataclass(frozen=True, slots=True)
class Taken:
    """The outcome for one mail, for the log and the demonstration.

    Attributes:
        outcome: what became of it.
        case_id: the case that it concerns.
        refusal: why a buyer message was not acknowledged; None if it was, or is none.
        acknowledged: an acknowledgment was queued.
    """

    outcome: Outcome
    case_id: int | None = None
    refusal: str | None = None
    acknowledged: bool = False


def identity_keys(arrival: Arrival) -> tuple[str, ...]:
    """What identifies a mail beyond its place: its Message-ID, Amazon's key of a message, a copy's words.

    A mail that has no Message-ID is itself its name, or it would be new again in a renumbered folder.
    """
    keys = [_name_key(arrival)]
    notification = arrival.reading.notification
    if isinstance(notification, BuyerMessage) and notification.message_key:
        # A key outlives the buyer's erasure, so it must not hold the address.
        whose = hashlib.sha256(notification.alias.buyer_key.encode()).hexdigest()
        keys.append(f"message_key:{whose}:{notification.message_key}"[:400])
    if isinstance(notification, ReplyCopy):
        keys += _copy_keys(notification, arrival.received_at)
    return tuple(keys)


def _copy_keys(copy: ReplyCopy, at: datetime) -> Iterator[str]:
    """One copy may be mailed to several addresses at once; the same words a while later are another mail."""
    said = "|".join([*copy.frame.order_ids, copy.buyer_name or "", fingerprint_text(copy.text)])
    digest = hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()
    started = int(at.timestamp() // SAME_COPY_WITHIN.total_seconds())
    yield from (f"copy:{digest}:{spell}" for spell in (started, started + 1))


def name_key(message_id: str) -> str:
    """The identity of a mail by its Message-ID, wherever that was read."""
    return f"message_id:{message_id}"[:400]


def _name_key(arrival: Arrival) -> str:
    message_id = arrival.reading.envelope.message_id
    if message_id:
        return name_key(message_id)
    return f"content:{hashlib.sha256(arrival.content).hexdigest()}"


def outranked(reading: Reading, holders: tuple[Claim, ...]) -> bool:
    """Whether a mail of equal or better proof holds this identity."""
    proven = reading.authenticity is Authenticity.PASS
    return any(not proven or held.authenticity is Authenticity.PASS for held in holders)
