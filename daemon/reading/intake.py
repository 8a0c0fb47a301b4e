"""Turns one read mail into what it means for the shop, inside the caller's transaction."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from daemon.growth import note_growth
from daemon.order_facts import note_order_facts
from daemon.reading.arrivals import Arrival, Outcome, Taken, identity_keys, outranked
from daemon.reading.case_mail import CaseMail, take_case_mail
from daemon.reading.copies import take_copy
from daemon.reading.undelivered import take_failure
from parsers.values import (
    Authenticity,
    DeliveryFailure,
    Kind,
    Refusal,
    ReplyCopy,
    UnrecognisedAmazon,
)
from state.repository.quarantine import Entry

if TYPE_CHECKING:
    from daemon.work import Work
    from parsers.values import Reading

UNKEPT = frozenset({Kind.UNRELATED, Kind.AMAZON_NOTICE, Kind.ORDER_NOTICE})
"""Mail of which nothing is kept but that it came."""


def take_in(arrival: Arrival, work: Work) -> Taken:
    """Take in one mail; called once for each, in the transaction that moves the cursor past it."""
    reading = arrival.reading
    work.uow.counts.add(reading.kind, 1, work.now)
    note_order_facts(work, reading)
    if reading.kind in UNKEPT:
        return Taken(Outcome.IGNORED if reading.kind is Kind.UNRELATED else Outcome.COUNTED)
    if reading.authenticity is Authenticity.FAIL and not _is_strangers_bounce(reading):
        return quarantine(arrival, work, "forged", reading.authenticity_reason)
    notification = reading.notification
    if isinstance(notification, UnrecognisedAmazon):
        return _take_unrecognised(arrival, work, notification.fingerprint)
    if isinstance(notification, DeliveryFailure):
        return _take_failure(arrival, notification, work)
    if isinstance(notification, ReplyCopy):
        return _take_copy(arrival, notification, work)
    assert isinstance(notification, CaseMail)
    return take_case_mail(arrival, notification, work)


def _is_strangers_bounce(reading: Reading) -> bool:
    """A bounce of another provider, believed for the Message-ID that it names and for nothing else."""
    return reading.kind is Kind.DELIVERY_FAILURE and reading.notification.frame.marketplace is None


def take_accepted(arrival: Arrival, work: Work) -> Taken:
    """Take in a mail that looked forged and that a person believes all the same.

    It counts as not proven, whatever it says of itself: a case opens, nothing is acknowledged.
    """
    reading = arrival.reading
    if not isinstance(reading.notification, CaseMail):
        return Taken(Outcome.IGNORED)
    refusals = (Refusal.NOT_PROVEN, *(one for one in reading.refusals if one is not Refusal.FORGED))
    unproven = replace(reading, authenticity=Authenticity.NONE, refusals=tuple(dict.fromkeys(refusals)))
    return take_case_mail(replace(arrival, reading=unproven, accepted=True), reading.notification, work)


def take_again(arrival: Arrival, work: Work) -> Taken:
    """Take in a mail from quarantine as far as it can be read by now; `Outcome.QUARANTINED` if it stays."""
    reading = arrival.reading
    forged = reading.authenticity is Authenticity.FAIL and not _is_strangers_bounce(reading)
    if forged or isinstance(reading.notification, UnrecognisedAmazon):
        return Taken(Outcome.QUARANTINED)
    if isinstance(reading.notification, DeliveryFailure):
        # Its identity was claimed when it came; only the case was missing.
        case_id = take_failure(work, reading.notification, reading, at=arrival.received_at)
        return Taken(Outcome.QUARANTINED if case_id is None else Outcome.FAILURE_NOTED, case_id)
    return take_in(arrival, work)


def quarantine(arrival: Arrival, work: Work, word: str, reason: str) -> Taken:
    """Keep a mail whole, where a person can look at it and decide."""
    reading = arrival.reading
    fingerprint = getattr(reading.notification, "fingerprint", None)
    entry = Entry(
        word=word,
        reason=reason,
        fingerprint=fingerprint,
        mailbox=arrival.place.mailbox,
        folder=arrival.place.folder,
        sender=reading.envelope.from_address,
        subject=reading.envelope.subject,
        internal_date=arrival.internal_date,
        stored_at=work.now,
        content=arrival.content,
    )
    if work.uow.quarantine.add(entry) is None:
        return Taken(Outcome.ALREADY_KNOWN)
    note_growth(work, entry)
    return Taken(Outcome.QUARANTINED)


def _take_unrecognised(arrival: Arrival, work: Work, fingerprint: str) -> Taken:
    taken = quarantine(arrival, work, "unrecognised", "no rule reads this mail from Amazon")
    key = f"unrecognised:{fingerprint}"
    work.uow.notices.raise_once(key, "unrecognised", work.now, detail=arrival.reading.envelope.subject)
    return taken


def _take_failure(arrival: Arrival, notice: DeliveryFailure, work: Work) -> Taken:
    if _known(arrival, work):
        return Taken(Outcome.ALREADY_KNOWN)
    case_id = take_failure(work, notice, arrival.reading, at=arrival.received_at)
    if case_id is None and notice.frame.marketplace is None:
        # A bounce of somebody's mail that we did not send is nobody's business; not even its name is kept.
        return Taken(Outcome.IGNORED)
    _remember(arrival, work)
    if case_id is not None:
        return Taken(Outcome.FAILURE_NOTED, case_id)
    work.uow.notices.raise_once(f"undelivered:{_name(arrival)}", "undelivered", work.now)
    return quarantine(arrival, work, "undelivered", "no case has the order of this delivery failure")


def _take_copy(arrival: Arrival, copy: ReplyCopy, work: Work) -> Taken:
    if _known(arrival, work):
        return Taken(Outcome.ALREADY_KNOWN)
    _remember(arrival, work)
    proven = arrival.reading.authenticity is Authenticity.PASS
    result = take_copy(work, copy, at=arrival.received_at, reference=_name(arrival), proven=proven)
    return Taken(Outcome(f"copy_{result.word}"), result.case_id)


def _name(arrival: Arrival) -> str:
    place = arrival.place
    unnamed = f"{place.mailbox}/{place.folder}/{place.uidvalidity}/{place.uid}"
    return arrival.reading.envelope.message_id or unnamed


def _known(arrival: Arrival, work: Work) -> bool:
    """Whether this notice had its effect already."""
    return outranked(arrival.reading, work.uow.identities.holders(identity_keys(arrival)))


def _remember(arrival: Arrival, work: Work) -> None:
    keys, authenticity = identity_keys(arrival), arrival.reading.authenticity
    work.uow.identities.claim(keys, message=None, authenticity=authenticity, at=work.now)
