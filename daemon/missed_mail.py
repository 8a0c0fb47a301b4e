"""Whether one mail was overlooked: intake itself is asked, in a transaction that is never committed."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from daemon.reading.arrivals import Outcome, identity_keys
from daemon.reading.case_mail import START_TOLERANCE
from daemon.reading.intake import UNKEPT, take_in
from parsers.values import Authenticity, Claim, FeedbackNotice, Kind
from state.model import wants_answer

if TYPE_CHECKING:
    from datetime import datetime

    from daemon.reading.arrivals import Arrival
    from daemon.work import Work
    from parsers.values import Notification
    from state.repository.mail import Claim as IdentityClaim
    from state.unit_of_work import UnitOfWork


class Verdict(StrEnum):
    """What a look finds of one mail."""

    KNOWN = "known"
    FOREIGN = "foreign"
    MISSING = "missing"


_VERDICTS = {
    Outcome.IGNORED: Verdict.FOREIGN,
    Outcome.HISTORY: Verdict.FOREIGN,
    Outcome.COUNTED: Verdict.KNOWN,
    Outcome.ALREADY_KNOWN: Verdict.KNOWN,
}
"""What an outcome of intake says of a mail; every other one would leave a trace that is not there."""


def verdict_of(outcome: Outcome) -> Verdict:
    """What an outcome of intake says of a mail that a look has found."""
    return _VERDICTS.get(outcome, Verdict.MISSING)


def judge(arrival: Arrival, work: Work, *, watched: bool, history_before: datetime) -> Verdict:
    """Whether a mail is known or nothing is to be known of it; changes the transaction it is given.

    Args:
        arrival: the mail.
        work: a transaction that must not be committed.
        watched: it lies in a folder that is read.
        history_before: what arrived before this instant is nobody's fault.
    """
    reading = arrival.reading
    if reading.kind in UNKEPT:
        return Verdict.FOREIGN if reading.kind is Kind.UNRELATED else Verdict.KNOWN
    if arrival.received_at < history_before - START_TOLERANCE:
        return Verdict.FOREIGN
    holders = work.uow.identities.holders(identity_keys(arrival))
    if any(_is_this(holder, arrival, work.uow) for holder in holders):
        return Verdict.KNOWN
    if not watched and (holders or reading.authenticity is Authenticity.FAIL):
        # A copy of a known mail, or one that a stranger wrote, is nothing to watch a folder for.
        return Verdict.KNOWN if holders else Verdict.FOREIGN
    taken = take_in(arrival, work)
    if taken.outcome is Outcome.JOINED and _came_before_its_case(arrival, taken.case_id, work.uow):
        return Verdict.KNOWN
    return verdict_of(taken.outcome)


def _is_this(holder: IdentityClaim, arrival: Arrival, uow: UnitOfWork) -> bool:
    """Whether the holder of a mail's identity is as good as the mail, or is that very mail."""
    if holder.authenticity is Authenticity.PASS or holder.message is None:
        return True
    message = uow.messages.get(holder.message)
    return message is not None and message.place == arrival.place


def _came_before_its_case(arrival: Arrival, case_id: int | None, uow: UnitOfWork) -> bool:
    """A notice that opens no case was merely counted if it came before there was one."""
    case = uow.cases.get(case_id) if case_id is not None else None
    notification = arrival.reading.notification
    return case is not None and not _opens_case(notification) and case.opened_at > arrival.received_at


def _opens_case(notification: Notification) -> bool:
    return wants_answer(
        notification.kind,
        rating=notification.rating if isinstance(notification, FeedbackNotice) else None,
        closed_claim=isinstance(notification, Claim) and notification.closed,
    )
