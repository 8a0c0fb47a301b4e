"""Gathers the facts of a case for Amazon's seller support, in order; the text is copied by a person."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from daemon.aftercare.feedback_cases import find_rating
from daemon.aftercare.inquiries import inquiries_of
from daemon.aftercare.outside_help import situation_of_case
from daemon.order_facts import UNKNOWN
from parsers.values import Fulfilment, Intent, Kind
from state.model import AnswerSource
from state.outbox_rules import OutboxState
from state.steps import Matter, Step
from templates.escalating import (
    RenderedSupport,
    SupportContext,
    SupportItem,
    SupportOrder,
    TimelineEntry,
    render_support,
)
from templates.hiding import hide_contacts

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from daemon.work import Work
    from state.model import Case, Message
    from state.repository.orders import OrderFacts, OrderItem

_WORDS = {
    Kind.BUYER_MESSAGE: "buyer_message",
    Kind.CLAIM: "claim",
    Kind.RETURN_REQUEST: "return_request",
    Kind.CANCELLATION_REQUEST: "cancellation_request",
    Kind.REFUND: "refund",
    Kind.CALL: "call",
    Kind.AGENT_REPLY: "agent_answered",
    Kind.FEEDBACK: "feedback",
}
"""What a message of a case is in the record for Amazon."""

_TOLD = frozenset({Matter.REMOVAL, Matter.RETURN, Matter.REFUND, Matter.SUPPORT})
"""Steps that no message tells of."""

_DELIVERIES = frozenset({Intent.NOT_DELIVERED.value, Intent.WRONG_ADDRESS.value})


def write_support(work: Work, case: Case, about: str | None = None) -> tuple[str, RenderedSupport]:
    """The text for Amazon's seller support in the owner's language; nothing is stored.

    Args:
        work: the transaction.
        case: the case; any kind, any state.
        about: one of `templates.escalating.MATTERS`; what the case seems to be about if not given.

    Returns:
        What it is about, and the text.
    """
    messages = work.uow.messages.of_case(case.id)
    matter = about or matter_of(work, case, messages)
    quoted = _as_it_is_now(work, case, _quoted_message(messages, matter))
    context = SupportContext(
        shop_name=work.shop.name,
        about=matter,
        marketplace=case.marketplace,
        orders=tuple(_orders(work, case)),
        timeline=tuple(_timeline(work, case, messages)),
        rating=case.rating,
        quote="" if quoted is None else _excerpt(work, case, quoted),
        quoted_on=None if quoted is None else work.shop.calendar.local_day(quoted.received_at),
    )
    return matter, render_support(context, work.shop.language)


def matter_of(work: Work, case: Case, messages: Sequence[Message]) -> str:
    """What a case is to be put to Amazon as."""
    kinds = {one.kind for one in messages}
    if Kind.CLAIM in kinds:
        return "claim"
    situation, fulfilment = situation_of_case(work, case, messages)
    if situation == Intent.DAMAGED and fulfilment == Fulfilment.FBA:
        return "crushed"
    if situation in _DELIVERIES:
        return "delivery"
    return "feedback" if Kind.FEEDBACK in kinds else "other"


def note_prepared(work: Work, case: Case, about: str) -> None:
    """A person took the text to Amazon: that it was asked stands on the case."""
    today = work.shop.calendar.local_day(work.now)
    work.uow.steps.add(Step(case.id, Matter.SUPPORT, "prepared", today, about), work.now)
    work.uow.events.note(case.id, "support_prepared", work.now, about)


def _orders(work: Work, case: Case) -> Iterator[SupportOrder]:
    known = {facts.order_id: facts for facts in work.uow.orders.of(case.order_ids)}
    items = work.uow.orders.items_of(case.order_ids)
    for order_id in case.order_ids:
        lines = tuple(_item(one) for one in items if one.order_id == order_id)
        yield _order(order_id, known.get(order_id), lines, work.shop.usual_fulfilment)


def _order(
    order_id: str, facts: OrderFacts | None, items: tuple[SupportItem, ...], usual: str | None
) -> SupportOrder:
    if facts is None:
        return SupportOrder(order_id, usual or UNKNOWN, items=items)
    way = facts.fulfilment or usual or UNKNOWN
    return SupportOrder(order_id, way, facts.ordered_on, facts.shipped_on, facts.delivered_on, items)


def _item(line: OrderItem) -> SupportItem:
    return SupportItem(line.title, line.asin, line.sku, line.quantity)


def _timeline(work: Work, case: Case, messages: Sequence[Message]) -> list[TimelineEntry]:
    """Everything that happened, oldest first; of one day what has no time comes last."""
    told = (*_told_by_messages(work, case, messages), *_told_by_us(work, case), *_told_by_steps(work, case))
    return sorted(told, key=lambda one: (one.on, one.at or "24:00"))


def _told_by_messages(work: Work, case: Case, messages: Sequence[Message]) -> Iterator[TimelineEntry]:
    for message in messages:
        word = _WORDS.get(message.kind)
        if word is not None:
            stars = f"{case.rating}/5" if message.kind is Kind.FEEDBACK and case.rating else ""
            entry = _entry(work, message.received_at, word, stars)
            # A rating has a day; the hour under which it is kept is nobody's.
            dated = message.kind is Kind.FEEDBACK and not message.place.folder
            yield replace(entry, at="") if dated else entry


def _told_by_us(work: Work, case: Case) -> Iterator[TimelineEntry]:
    if case.acknowledged_at is not None:
        yield _entry(work, case.acknowledged_at, "acknowledged")
    for answer in work.uow.answers.of_case(case.id):
        if answer.source is not AnswerSource.NO_REPLY_NEEDED:
            yield _entry(work, answer.at, "answer_failed" if answer.withdrawn else "answered")
    for item in inquiries_of(work, case.id):
        if item.state is OutboxState.SENT and item.sent_at is not None:
            yield _entry(work, item.sent_at, "agent_asked")


def _told_by_steps(work: Work, case: Case) -> Iterator[TimelineEntry]:
    for step in work.uow.steps.of_case(case.id):
        if step.matter in _TOLD:
            yield TimelineEntry(step.done_on, "", "step", f"{step.matter}.{step.word}")


def _entry(work: Work, at: datetime, word: str, detail: str = "") -> TimelineEntry:
    local = at.astimezone(work.shop.calendar.zone)
    return TimelineEntry(local.date(), f"{local:%H:%M}", word, detail)


def _quoted_message(messages: Sequence[Message], matter: str) -> Message | None:
    """The newest words of the buyer's that say what is wrong: of a rating the comment, else a message."""
    kinds = (Kind.BUYER_MESSAGE, Kind.FEEDBACK, Kind.RETURN_REQUEST)
    said = [one for one in messages if one.kind in kinds and one.text.strip() and one.intent != Intent.THANKS]
    fitting = [one for one in said if (one.kind is Kind.FEEDBACK) is (matter == "feedback")]
    return next(reversed(fitting or said), None)


def _as_it_is_now(work: Work, case: Case, quoted: Message | None) -> Message | None:
    """A comment that the buyer changed is not what came first."""
    rated = find_rating(work, case) if quoted is not None and quoted.kind is Kind.FEEDBACK else None
    return quoted if quoted is None or rated is None else replace(quoted, text=rated.comment or quoted.text)


def _excerpt(work: Work, case: Case, message: Message) -> str:
    """What the buyer says, without the ways to reach them."""
    calls = work.uow.calls.of_case(case.id)
    numbers, addresses = [one.number for one in calls], [one.address for one in calls]
    return hide_contacts(message.text, numbers=numbers, addresses=addresses)
