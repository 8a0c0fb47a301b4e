"""What is known of a case for whoever writes the answer: the order, the days, the buyer, the advice."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from daemon.drafting import days_since, earlier_cases
from daemon.order_facts import say_price, shipping_of
from daemon.showing.case_lines import say_notes
from daemon.showing.reader import NOTHING, clean
from daemon.words import FULFILMENTS, LANGUAGES, SITUATIONS
from parsers.values import Kind
from state.leading import leading_intent
from templates.drafting import advice, situation_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from daemon.order_facts import Shipping
    from daemon.showing.case_lines import CaseLine
    from daemon.showing.reader import Reader
    from daemon.work import Work
    from state.drafts import Draft


@dataclass(frozen=True, slots=True)
class Since:
    """A day that counts for returns.

    Attributes:
        on: the local date; None where unknown.
        days: how many have passed; None where unknown.
    """

    on: date | None
    days: int | None


@dataclass(frozen=True, slots=True)
class DraftFacts:
    """What an answer is based on.

    Attributes:
        fulfilment: ``fba``, ``own`` or ``unknown``.
        purchase, delivery: of the order.
        earlier_cases: numbers of the buyer's cases before this one.
        attachments: names of the files that came.
        language: in which the buyer is answered.
        situation: what it seems to be about.
        sure: that may be relied on.
        advice: what to do besides answering, in the owner's language.
        shipping: what is known of the order.
    """

    fulfilment: str
    purchase: Since
    delivery: Since
    earlier_cases: tuple[int, ...]
    attachments: tuple[str, ...]
    language: str
    situation: str
    sure: bool
    advice: tuple[str, ...]
    shipping: Shipping

    def record(self) -> dict[str, Any]:
        """The same for scripts; days are ISO dates."""
        return {
            "fulfilment": self.fulfilment,
            "purchased_on": self.purchase.on and self.purchase.on.isoformat(),
            "days_since_purchase": self.purchase.days,
            "delivered_on": self.delivery.on and self.delivery.on.isoformat(),
            "days_since_delivery": self.delivery.days,
            "earlier_cases": list(self.earlier_cases),
            "attachments": list(self.attachments),
            "language": self.language,
            "situation": self.situation,
            "sure": self.sure,
            "advice": list(self.advice),
            "item": self.shipping.item,
            "price": self.shipping.price,
            "currency": self.shipping.currency,
        }


def facts_of(work: Work, line: CaseLine, draft: Draft | None) -> DraftFacts:
    """What is known; a draft's own words count, for a person may have chosen them."""
    shipping = shipping_of(work, line.case)
    purchase, delivery = _since(work, shipping.ordered_on), _since(work, shipping.delivered_on)
    situation, sure = _situation(line, draft, purchase, delivery)
    fulfilment = draft.fulfilment if draft else shipping.fulfilment
    return DraftFacts(
        fulfilment=fulfilment,
        purchase=purchase,
        delivery=delivery,
        earlier_cases=earlier_cases(work.uow, line.case),
        attachments=tuple(name for one in line.pressing for name in one.attachments),
        language=draft.language if draft else work.shop.language_for(line.case.marketplace),
        situation=situation,
        sure=sure,
        advice=advice(situation, fulfilment, work.shop.language),
        shipping=shipping,
    )


def _since(work: Work, day: date | None) -> Since:
    return Since(day, days_since(work, day))


def _situation(line: CaseLine, draft: Draft | None, purchase: Since, delivery: Since) -> tuple[str, bool]:
    if draft is not None and draft.situation is not None:
        return draft.situation, draft.sure or draft.source.by_person
    written = [one for one in line.pressing if one.kind is Kind.BUYER_MESSAGE]
    if not written:
        return "other", False
    leading = leading_intent(written)
    return situation_of(leading.intent, delivery.days, purchase.days), leading.sure


def fact_lines(line: CaseLine, facts: DraftFacts, reader: Reader) -> Iterator[str]:
    """What is known, for a person."""
    doubt = "" if facts.sure else reader.say(" (自信のない見立てです)", " (a guess)")
    earlier = " ".join(str(number) for number in facts.earlier_cases)
    told = (
        (("購入者", "buyer"), clean(line.case.buyer_name) or NOTHING),
        (("注文", "order"), " ".join(line.case.order_ids) or NOTHING),
        (("商品", "item"), clean(facts.shipping.item) or NOTHING),
        (("支払額", "paid"), say_price(facts.shipping, reader.language) or NOTHING),
        (("発送", "shipped by"), reader.word(FULFILMENTS, facts.fulfilment)),
        (("購入日", "bought"), _say_since(facts.purchase, reader)),
        (("配達日", "delivered"), _say_since(facts.delivery, reader)),
        (("内容", "about"), reader.word(SITUATIONS, facts.situation) + doubt),
        (("添付", "attached"), ", ".join(clean(name) for name in facts.attachments) or NOTHING),
        (("返信の言語", "language"), reader.word(LANGUAGES, facts.language)),
        (("この購入者の前の案件", "earlier cases"), earlier or reader.say("なし", "none")),
        (("店の期限", "respond by"), _say_deadline(line, reader)),
        (("備考", "notes"), say_notes(line, reader) or NOTHING),
    )
    yield from (f"  {reader.say(*label)}: {value}" for label, value in told)


def _say_since(since: Since, reader: Reader) -> str:
    if since.on is None:
        return reader.say("不明", "unknown")
    if since.days is None:
        return since.on.isoformat()
    ago = reader.say(f"{since.days}日前", f"{since.days} day{'s'[: since.days != 1]} ago")
    return f"{since.on.isoformat()} ({ago})"


def _say_deadline(line: CaseLine, reader: Reader) -> str:
    by = line.respond_by
    return NOTHING if by is None else f"{reader.moment(by)} ({reader.left(by)})"
