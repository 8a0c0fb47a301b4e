"""Puts into a case what no mail brought: a rating from a report, a telephone call that was written down."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from daemon.settling import settle_case
from parsers.values import Authenticity, Kind
from state.deadlines import deadlines_of
from state.matching import Subject, match
from state.model import Case, CaseState, Message, Place

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from daemon.work import Work

_SHELVES = {Kind.FEEDBACK: 1, Kind.CALL: 2}
"""Stands for the UIDVALIDITY of a mail; no folder of a server has the empty name."""


@dataclass(frozen=True, slots=True)
class Entry:
    """Something that a person entered, and that somebody has to react to.

    Attributes:
        kind: what it is.
        number: of its own row, which makes its place unlike every other.
        received_at: when it happened, in UTC.
        text: what was said.
        proof: one sentence of how it is known.
        order_id: the order that it is about; None where unknown.
        rating: stars of a feedback.
        respond_by: by when it wants a reaction, in UTC; the shop's own deadline if not given.
        facts: machine words about it.
    """

    kind: Kind
    number: int
    received_at: datetime
    text: str = field(repr=False)
    proof: str
    order_id: str | None = None
    rating: int | None = None
    respond_by: datetime | None = None
    facts: tuple[str, ...] = ()


def case_for(
    work: Work,
    kind: Kind,
    order_id: str | None,
    *,
    rating: int | None = None,
    bars: Callable[[Case], bool] = lambda _: False,
) -> Case:
    """The newest case of the order that is not closed, else one that is opened now.

    Args:
        work: the transaction.
        kind: what opens it, if anything does.
        order_id: the order; None where unknown, which always opens a case.
        rating: stars of a feedback.
        bars: tells of a case that it is not to be joined; then one is opened that is linked to it.
    """
    orders = () if order_id is None else (order_id,)
    subject = Subject(kind, order_ids=orders, rating=rating)
    related = work.uow.cases.related(case_key=None, buyer_key=None, order_ids=orders)
    found = match(subject, related, work.now)
    if found.case is not None and not bars(found.case):
        return found.case
    linked_to = found.linked_to if found.case is None else found.case.id
    case = work.uow.cases.open(_new_case(work, kind, orders, rating))
    if linked_to is not None:
        work.uow.cases.change(case.id, linked_to=linked_to)
    return replace(case, linked_to=linked_to)


def case_to_join(work: Work, kind: Kind, order_id: str) -> Case | None:
    """The case that an entry about an order would join now; None if it would open one."""
    related = work.uow.cases.with_orders((order_id,))
    return match(Subject(kind, order_ids=(order_id,)), related, work.now).case


def _new_case(work: Work, kind: Kind, order_ids: tuple[str, ...], rating: int | None) -> Case:
    return Case(
        id=0,
        kind=kind,
        state=CaseState.OPEN,
        mailbox=work.shop.first_account.name,
        case_key=None,
        buyer_key=None,
        alias=None,
        marketplace=None,
        buyer_name=None,
        subject="",
        order_ids=order_ids,
        opened_at=work.now,
        rating=rating,
    )


def enter(work: Work, case: Case, entry: Entry) -> Message:
    """Store an entry as a message of its case, which is then open again."""
    respond_by = entry.respond_by or _shops_deadline(work, entry)
    message = work.uow.messages.add(
        Message(
            id=0,
            case_id=case.id,
            kind=entry.kind,
            place=Place(case.mailbox, "", _SHELVES[entry.kind], entry.number),
            received_at=entry.received_at,
            stored_at=work.now,
            wants_answer=True,
            amazon_by=None,
            respond_by=respond_by,
            authenticity=Authenticity.PASS,
            proof=entry.proof,
            message_id=None,
            message_key=None,
            subject="",
            text=entry.text,
            full_text=entry.text,
            facts=entry.facts,
        )
    )
    work.uow.cases.change(case.id, snoozed_until=None)
    work.uow.events.note(case.id, "entered", work.now, entry.kind)
    settle_case(work.uow, case.id)
    return message


def _shops_deadline(work: Work, entry: Entry) -> datetime:
    """The shop's closing time: of what was entered late, that of today."""
    since = max(entry.received_at, work.now)
    return deadlines_of(since, work.shop.calendar, timed_by_amazon=False).respond_by
