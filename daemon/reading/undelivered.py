"""A mail to a buyer did not arrive: the answer is withdrawn and the case is open again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daemon.aftercare import inquiries
from daemon.settling import settle_case
from parsers.values import Authenticity
from state.model import CaseState
from state.outbox_rules import OutboxKind

if TYPE_CHECKING:
    from datetime import datetime

    from daemon.work import Work
    from parsers.values import DeliveryFailure, Reading
    from state.unit_of_work import UnitOfWork


def take_failure(work: Work, notice: DeliveryFailure, reading: Reading, *, at: datetime) -> int | None:
    """Take in a delivery failure; None if it concerns nothing that we know.

    A report that names a Message-ID of ours is believed, for nobody else knows those. Amazon's own notice
    names only an order; it must be proven.

    Args:
        work: the transaction.
        notice: what the mail tells.
        reading: the mail, for its proof and its name.
        at: when it arrived, in UTC; what a person sent later did not fail by this.
    """
    asked = _failed_inquiry(work, notice, at)
    if asked is not None:
        return asked
    case_id = _named_case(work, notice, at)
    if case_id is None and reading.authenticity is Authenticity.PASS:
        case_id = _case_of_order(notice, work.uow)
    if case_id is None:
        return None
    _reopen(work, case_id, at)
    key = f"undelivered:{_name_of_failure(notice, reading, case_id, work.now)}"[:400]
    work.uow.notices.raise_once(key, "undelivered", work.now, case_id=case_id, detail=notice.reason)
    return case_id


def _failed_inquiry(work: Work, notice: DeliveryFailure, at: datetime) -> int | None:
    """The case of an inquiry that did not reach the agent; of the buyer's answer this says nothing."""
    named = work.uow.outbox.with_message_ids(notice.about_message_ids)
    failed = [item for item in named if item.kind is OutboxKind.INQUIRY]
    for item in failed:
        work.uow.outbox.annotate(item.id, undelivered_at=at, reason=f"not delivered: {notice.reason}")
        inquiries.tell_failure(work, item, notice.reason)
    return next((item.case_id for item in failed), None)


def _name_of_failure(notice: DeliveryFailure, reading: Reading, case_id: int, now: datetime) -> str:
    """What failed, so that a server that returns one mail for ever is told of once; else what tells of it."""
    named = next(iter(notice.about_message_ids), None)
    return named or reading.envelope.message_id or f"case-{case_id}-{now.isoformat()}"


def _named_case(work: Work, notice: DeliveryFailure, at: datetime) -> int | None:
    """The case of the mail that the report names, sent by us or by a person."""
    uow = work.uow
    ours = [
        item for item in uow.outbox.with_message_ids(notice.about_message_ids) if item.case_id is not None
    ]
    for item in ours:
        uow.outbox.annotate(item.id, undelivered_at=at, reason=f"not delivered: {notice.reason}")
    if ours:
        return ours[0].case_id
    sent = [f"sent:{message_id}" for message_id in notice.about_message_ids]
    return next(iter(uow.answers.cases_of_references(sent)), None)


def _case_of_order(notice: DeliveryFailure, uow: UnitOfWork) -> int | None:
    candidates = uow.cases.related(
        case_key=None, buyer_key=notice.about_buyer_key, order_ids=notice.frame.order_ids
    )
    alive = [case for case in candidates if case.state is not CaseState.CLOSED]
    orders = set(notice.frame.order_ids)
    of_order = [case for case in alive if not orders.isdisjoint(case.order_ids)]
    return max((case.id for case in of_order or alive), default=None)


def _reopen(work: Work, case_id: int, at: datetime) -> None:
    """Withdraw the answer that failed; the deadlines stay as they were, for the buyer still waits."""
    uow, now = work.uow, work.now
    withdrawn = uow.answers.withdraw_last(case_id, now, given_by=at)
    if settle_case(uow, case_id) is CaseState.OPEN or withdrawn:
        uow.cases.change(case_id, undelivered_at=at)
    uow.events.note(case_id, "undelivered", now, "the answer is withdrawn" if withdrawn else "")
