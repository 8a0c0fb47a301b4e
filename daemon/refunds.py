"""Prepares a refund, which a person makes in Seller Central; this program never gives money back."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from daemon.drafting import buyers_language
from daemon.errors import SokuresuError
from daemon.order_facts import shipping_of
from daemon.review import blank_draft, revise
from parsers.values import Authenticity, Kind
from parsers.values import Refund as RefundNotice
from state.drafts import DraftSource
from state.refunds import BY_NOTICE, RefundWord, currency_of, note_amount, say_amount
from state.steps import Matter, Step
from templates.instructions import instruct
from templates.refunding import RefundContext, render_refund

if TYPE_CHECKING:
    from daemon.work import Work
    from parsers.values import Reading
    from state.drafts import Draft
    from state.model import Case
    from state.refunds import Refund


@dataclass(frozen=True, slots=True)
class Paid:
    """What a buyer paid for an order, as far as it is known; in the currency's smallest unit.

    Attributes:
        currency: three letters.
        items: with tax, without shipping; None where unknown.
        shipping: None where unknown.
    """

    currency: str
    items: int | None = None
    shipping: int | None = None


def paid_for(work: Work, case: Case, order_id: str | None) -> Paid:
    """What the imported reports say was paid for an order; a sum only where each of its lines is known."""
    orders = [order_id] if order_id else []
    lines = work.uow.orders.items_of(orders)
    told = next((one.currency for one in work.uow.orders.of(orders) if one.currency), None)
    return Paid(
        told or currency_of(case.marketplace),
        _sum([one.price for one in lines]),
        _sum([one.shipping for one in lines]),
    )


def _sum(amounts: list[int | None]) -> int | None:
    known = [one for one in amounts if one is not None]
    return sum(known) if known and len(known) == len(amounts) else None


def word_refund(work: Work, case: Case, refund: Refund, order_id: str | None) -> str:
    """The message to the buyer, in the buyer's language.

    Raises:
        SokuresuError: there is nothing to give back, so there is nothing to write.
    """
    if refund.amount == 0:
        raise SokuresuError(
            "返金額が0なので、購入者への文面はありません。"
            " / The refund is 0, so there is no message to the buyer."
        )
    language = _language(work, case)
    context = RefundContext(
        work.shop.name,
        case.buyer_name,
        order_id,
        say_amount(refund.amount, refund.currency, language),
        full=refund.full,
        paid=say_amount(refund.paid, refund.currency, language),
        shipping=say_amount(refund.shipping, refund.currency, language) if refund.shipping else "",
        whole=refund.amount == refund.paid,
    )
    return render_refund(context, language)


def _language(work: Work, case: Case) -> str:
    written = [one.text for one in work.uow.messages.of_case(case.id) if one.kind is Kind.BUYER_MESSAGE]
    return buyers_language(work.shop, case, written)


def steps_of(work: Work, case: Case, refund: Refund, order_id: str | None) -> tuple[str, ...]:
    """What the owner does in Seller Central, in order and in the owner's language."""
    language = work.shop.language
    unknown = "(注文番号をご確認ください)" if language == "ja" else "(look the order up)"
    words = ("find", "open", "full" if refund.full else "partial", "message", "send")
    values = {
        "order": order_id or unknown,
        "amount": say_amount(refund.amount, refund.currency, language),
        "n": case.id,
    }
    return tuple(instruct("refund", word, language, **values) for word in words)


def draft_refund(work: Work, case: Case, text: str) -> Draft:
    """Keep the message as the next version of the case's draft; it goes only after an approval.

    Raises:
        ReviewRefused: there is nobody to write to, or the case was answered meanwhile.
        SokuresuError: the case is closed.
    """
    blank, shipping = blank_draft(work, case.id), shipping_of(work, case)
    known = replace(blank, fulfilment=shipping.fulfilment, language=_language(work, case))
    return revise(work, known, text, DraftSource.COMMAND)


def note_step(work: Work, case: Case, word: RefundWord, amount: tuple[int, str] | None) -> None:
    """Record that a refund was proposed or made, with its amount where that is known."""
    detail = "" if amount is None else note_amount(*amount)
    _add(work, case.id, word, detail)


def note_refund(work: Work, case_id: int, reading: Reading) -> None:
    """Amazon's own notice, if it is proven, settles the refund of its case."""
    notice = reading.notification
    if not isinstance(notice, RefundNotice) or reading.authenticity is not Authenticity.PASS:
        return
    known = notice.amount is not None and notice.currency is not None
    amount = f"{notice.currency} {notice.amount} " if known else ""
    _add(work, case_id, RefundWord.REFUNDED, amount + BY_NOTICE)


def _add(work: Work, case_id: int, word: RefundWord, detail: str) -> None:
    today = work.shop.calendar.local_day(work.now)
    work.uow.steps.add(Step(case_id, Matter.REFUND, word, today, detail), work.now)
