"""Decides on, and words, the immediate "we are checking this" to a buyer."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from daemon.compose import compose_reply, message_id_for
from daemon.identifiers import fresh_token
from parsers.values import Authenticity, Kind, Refusal
from state.acknowledgment_rules import CAP_WINDOW, Circumstances, plain_refusal, refusal_of
from state.deadlines import Deadlines, promise
from state.model import DELAYED, OutboxItem
from state.outbox_rules import OutboxKind, OutboxState
from templates.contexts import AcknowledgmentContext
from templates.render import render_acknowledgment

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from daemon.shop import Account
    from daemon.work import Work
    from state.model import Case, Message
    from state.restorations import Restoration
    from state.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class Wording:
    """An acknowledgment as it goes out.

    Attributes:
        subject: of the message that it answers.
        text: what the buyer reads.
        content: the whole mail.
    """

    subject: str
    text: str
    content: bytes


def consider(work: Work, case: Case, message: Message, refusals: tuple[Refusal, ...]) -> Refusal | None:
    """Queue the acknowledgment of a buyer message, or note why there is none."""
    uow, now = work.uow, work.now
    account = work.shop.accounts[message.place.mailbox]
    refusal = plain_refusal(refusals, account.policy) or _refusal(work, case, message, account)
    if refusal is None:
        uow.outbox.add(_queued(account, case, message, now))
        uow.events.note(case.id, "acknowledgment_queued", now)
    else:
        uow.messages.change(message.id, refusal=refusal)
        uow.events.note(case.id, "acknowledgment_refused", now, refusal)
        _tell_cap(work, account, refusal)
    return refusal


def _refusal(work: Work, case: Case, message: Message, account: Account) -> Refusal | None:
    recent = work.uow.outbox.acknowledgments_since(account.name, work.now - CAP_WINDOW)
    facts = replace(_circumstances(work, case, message), recent_in_mailbox=recent)
    return refusal_of(facts, account.policy, work.now)


def still_allowed(work: Work, item: OutboxItem) -> Refusal | None:
    """Judge a queued acknowledgment again in the transaction that is about to claim it."""
    case, message = _case_and_message(work.uow, item)
    account = work.shop.accounts.get(item.mailbox)
    if account is None:
        return Refusal.DISABLED
    if message.authenticity is not Authenticity.PASS:
        return Refusal.NOT_PROVEN
    return refusal_of(_circumstances(work, case, message, besides=item.id), account.policy, work.now)


def word(work: Work, item: OutboxItem) -> Wording:
    """Write the mail, with the time by which a person answers as it is true now."""
    shop = work.shop
    case, message = _case_and_message(work.uow, item)
    answered_by = _promise(work, message)
    if answered_by is None:
        raise ValueError("an acknowledgment without a time to name was claimed")
    context = AcknowledgmentContext(
        shop_name=shop.name,
        buyer_name=case.buyer_name,
        order_id=case.order_ids[0] if len(case.order_ids) == 1 else None,
        answered_by=answered_by.astimezone(shop.calendar.zone),
        phone_unstaffed=not shop.calendar.is_open_on(shop.calendar.local_day(work.now)),
    )
    text = render_acknowledgment(context, shop.language_for(case.marketplace))
    return _composed(work, item, message, text)


def _composed(work: Work, item: OutboxItem, message: Message, text: str) -> Wording:
    content = compose_reply(
        sender_address=work.shop.accounts[item.mailbox].address,
        sender_name=work.shop.name,
        recipient=item.recipient,
        subject=message.subject,
        text=text,
        message_id=item.message_id,
        in_reply_to=message.message_id,
        references=message.reply_chain,
        at=work.now.astimezone(work.shop.calendar.zone),
        automatic=True,
    )
    return Wording(message.subject, text, content)


def _circumstances(work: Work, case: Case, message: Message, *, besides: int = 0) -> Circumstances:
    """What is known about a message, leaving out the outgoing mail that is being judged."""
    earlier = (item for item in work.uow.outbox.of_case(case.id) if item.id != besides)
    last = _last_to_buyer(work.uow, case, besides)
    restorations = work.uow.runs.restorations()
    promised = _promised_at(work.uow, case, besides, restorations, known=last is not None)
    return Circumstances(
        refusals=(),
        received_at=message.received_at,
        history="history" in message.facts,
        look_back="look_back" in message.facts or _is_before_any(restorations, message),
        answered=not message.unanswered or _perhaps_answered(work.uow, message),
        acknowledged=any(item.kind is OutboxKind.ACKNOWLEDGMENT for item in earlier),
        last_to_buyer_at=last,
        promised_at=promised,
        answered_buyer_at=None if promised is None else _answered_buyer(work.uow, case),
        recent_in_mailbox=0,
        promise=_promise(work, message),
    )


def _perhaps_answered(uow: UnitOfWork, message: Message) -> bool:
    """An answer from while this mail was on its way: the owner is alerted, the buyer is not written to."""
    answers = uow.answers.of_case(message.case_id) if DELAYED in message.facts else ()
    return any(one.at >= message.received_at and not one.withdrawn for one in answers)


def _last_to_buyer(uow: UnitOfWork, case: Case, besides: int) -> datetime | None:
    if case.buyer_key is None:
        return None
    return uow.outbox.last_acknowledgment_to(case.buyer_key, besides=besides)


def _is_before_any(restorations: Sequence[Restoration], message: Message) -> bool:
    """Whether it may have been acknowledged in a time of which the restored database knows nothing."""
    return any(one.may_have_acknowledged(message.received_at) for one in restorations)


def _promised_at(
    uow: UnitOfWork, case: Case, besides: int, restorations: Sequence[Restoration], *, known: bool
) -> datetime | None:
    """When the buyer was last told to wait, or may have been in a time of which nothing is known."""
    # Where no acknowledgment to this buyer is on record there is no need to look for its matter.
    promises = (
        _last_promise(uow, case, besides) if known else None,
        _perhaps_promised(uow, case, restorations),
    )
    return max((at for at in promises if at is not None), default=None)


def _perhaps_promised(uow: UnitOfWork, case: Case, restorations: Sequence[Restoration]) -> datetime | None:
    """When the buyer last wrote in such a time: whatever it was about, it may have been acknowledged."""
    if case.buyer_key is None:
        return None
    spans = ((one.unknown_from, one.unknown_until) for one in restorations)
    wrote = (uow.messages.last_of_buyer(case.buyer_key, since, until) for since, until in spans)
    return max((at for at in wrote if at is not None), default=None)


def _last_promise(uow: UnitOfWork, case: Case, besides: int) -> datetime | None:
    """When the buyer was last told to wait on this matter; another order is another matter."""
    cases = uow.cases.with_buyer([case.buyer_key]) if case.buyer_key else ()
    alike = (one for one in cases if _is_same_matter(one, case))
    items = (item for one in alike for item in uow.outbox.of_case(one.id) if item.id != besides)
    return max((at for item in items if (at := item.promised_at) is not None), default=None)


def _is_same_matter(one: Case, other: Case) -> bool:
    orders = set(one.order_ids)
    return not orders or not other.order_ids or not orders.isdisjoint(other.order_ids)


def _answered_buyer(uow: UnitOfWork, case: Case) -> datetime | None:
    return None if case.buyer_key is None else uow.answers.last_to_buyer(case.buyer_key)


def _promise(work: Work, message: Message) -> datetime | None:
    if message.respond_by is None:
        return None
    return promise(work.now, Deadlines(message.amazon_by, message.respond_by), work.shop.calendar)


def _queued(account: Account, case: Case, message: Message, now: datetime) -> OutboxItem:
    return OutboxItem(
        id=0,
        purpose=f"acknowledgment:{case.id}",
        kind=OutboxKind.ACKNOWLEDGMENT,
        state=OutboxState.QUEUED,
        mailbox=account.name,
        case_id=case.id,
        answers_message=message.id,
        buyer_key=case.buyer_key,
        recipient=case.alias or "",
        message_id=message_id_for(fresh_token(), account.address),
        created_at=now,
        next_attempt_at=now,
    )


def _case_and_message(uow: UnitOfWork, item: OutboxItem) -> tuple[Case, Message]:
    case = uow.cases.get(item.case_id or 0)
    message = uow.messages.get(item.answers_message or 0)
    if case is None or message is None or message.kind is not Kind.BUYER_MESSAGE:
        raise ValueError(f"outgoing mail {item.id} answers no stored buyer message")
    return case, message


def _tell_cap(work: Work, account: Account, refusal: Refusal) -> None:
    if refusal is Refusal.HOURLY_CAP:
        key = f"hourly_cap:{account.name}:{work.now:%Y-%m-%dT%H}"
        work.uow.notices.raise_once(key, "hourly_cap", work.now, detail=account.name)
