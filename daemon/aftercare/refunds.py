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
from state.refunds import BY_NOTICE, RefundWord, currency_of, note_amount, noted_amount, say_amount
from state.steps import Matter, Step
from templates.guidelines import check
from templates.instructions import explain, instruct
from templates.refunding import RefundContext, render_refund

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from daemon.work import Work
    from parsers.values import Reading
    from state.drafts import Draft
    from state.model import Case
    from state.refunds import Refund
    from templates.guidelines import Finding


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


def steps_of(case: Case, refund: Refund, order_id: str | None, language: str) -> tuple[str, ...]:
    """What the owner does in Seller Central, in order, with the command that notes it at the end."""
    return tuple(_steps(instruct, case, refund, order_id, language))


def steps_explained(case: Case, refund: Refund, order_id: str | None, language: str) -> tuple[str, ...]:
    """The same without the command, for pages that have buttons."""
    return tuple(_steps(explain, case, refund, order_id, language))


def _steps(
    say: Callable[..., str], case: Case, refund: Refund, order_id: str | None, language: str
) -> Iterator[str]:
    unknown = "(注文番号をご確認ください)" if language == "ja" else "(look the order up)"
    words = ("find", "open", "full" if refund.full else "partial", "message", "send")
    values = {
        "order": order_id or unknown,
        "amount": say_amount(refund.amount, refund.currency, language),
        "n": case.id,
    }
    return (say("refund", word, language, **values) for word in words)


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


@dataclass(frozen=True, slots=True)
class Prepared:
    """A refund that is worked out, with all that goes with it.

    Attributes:
        case: the case.
        refund: the figures.
        text: the message to the buyer; empty where nothing is given back.
        findings: what the check of Amazon's rules says of that.
        order_id: which order; None where none is known.
        draft: the version that the message was kept as, if it was.
        set_aside: the version that waited before that.
    """

    case: Case
    refund: Refund
    text: str
    findings: tuple[Finding, ...]
    order_id: str | None
    draft: int | None = None
    set_aside: int | None = None


def prepare(work: Work, case: Case, refund: Refund, order_id: str | None) -> Prepared:
    """The refund with its message, nothing of it recorded."""
    text = word_refund(work, case, refund, order_id) if refund.amount else ""
    findings = check(text, order_id=order_id, language=work.shop.language) if text else ()
    return Prepared(case, refund, text, tuple(findings), order_id)


def keep(work: Work, prepared: Prepared, *, draft: bool, note: bool, done: bool) -> Prepared:
    """Record a refund as far as the person asked for it.

    Args:
        work: the transaction.
        prepared: what the person saw.
        draft: the message becomes the case's draft, and the amount is noted.
        note: the amount is noted as decided.
        done: it is noted as given back.

    Raises:
        ReviewRefused: there is nobody to write to, or the case was answered meanwhile.
        SokuresuError: nothing is given back, or the case is closed and a draft is wanted.
    """
    if prepared.refund.amount == 0 and (draft or note or done):
        raise SokuresuError(
            "返金額が0なので、記録も下書きもしません。 / The refund is 0; nothing is noted or drafted."
        )
    case, amount = prepared.case, (prepared.refund.amount, prepared.refund.currency)
    before = work.uow.drafts.open_of(case.id) if draft else None
    version = draft_refund(work, case, prepared.text).version if draft else None
    if draft or note:
        note_step(work, case, RefundWord.PROPOSED, amount)
    if done:
        note_step(work, case, RefundWord.REFUNDED, amount)
    return replace(prepared, draft=version, set_aside=None if before is None else before.version)


def note_made(work: Work, case: Case) -> bool:
    """Note the refund that was proposed last as made; False if it is on record as made already."""
    steps = work.uow.steps.of_case(case.id, Matter.REFUND)
    if steps and steps[-1].word == RefundWord.REFUNDED:
        # Said twice, or after Amazon's notice came: one refund is not two.
        return False
    proposed = [noted_amount(one.detail) for one in steps if one.word == RefundWord.PROPOSED]
    note_step(work, case, RefundWord.REFUNDED, proposed[-1] if proposed else None)
    return True


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
