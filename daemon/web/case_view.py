"""The page of a case, read once and frozen: whose it is, what is known, what to do, what happened."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from daemon import no_reply
from daemon.aftercare.advising import advise
from daemon.order_facts import say_price
from daemon.showing.case_cards import LOUD_NOTES
from daemon.showing.case_lines import open_order
from daemon.showing.draft_facts import DraftFacts, Since, facts_of
from daemon.showing.events import say_deed
from daemon.showing.reader import NOTHING, clean
from daemon.web.case_book import stamp
from daemon.web.case_sections import Deed, Section, deeds_of, sections_of
from daemon.web.signposts import Words, signposted
from daemon.web.thread_view import Said, Thread, thread_of
from daemon.words import FULFILMENTS, LANGUAGES, NOTES
from parsers.values import Kind
from state.model import CaseState
from state.outbox_rules import OutboxState
from state.steps import Matter
from templates.wording import LONG_DAYS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from daemon.showing.case_lines import CaseLine
    from daemon.showing.reader import Reader
    from daemon.web.case_book import Book
    from daemon.work import Work
    from state.model import Case
    from state.unit_of_work import UnitOfWork

_NOTED = "noted"
_VERSION = re.compile(r": v([0-9]{1,9})(?= |$)")
"""Where the record names a draft as the commands do."""
_ITEMS_SHOWN = 10
_LONG_CELL = 200


@dataclass(frozen=True, slots=True)
class Badge:
    """A word on top of the page; loud if a person should see it."""

    text: str
    loud: bool


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that is known, with its label."""

    label: str
    value: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Happening:
    """A line of the record: when, and what, commands replaced by links."""

    at: datetime
    words: tuple[Words, ...]


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The unanswered cases beside this one, in the order of their deadlines; None at the ends."""

    before: int | None
    after: int | None


@dataclass(frozen=True, slots=True)
class AmazonsSide:
    """What is left to do at Amazon where no reply is needed.

    Attributes:
        link: Amazon's own, from a proven mail; None where there is none.
    """

    link: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class CaseView:
    """The whole page but the draft; strangers' words in it are one printable line each.

    Attributes:
        number: of the case.
        state: word of `CaseState`.
        kind: word of `Kind`.
        buyer: the name that Amazon showed; empty where there is none.
        rating: stars of a rating.
        respond_by, amazon_by: the two clocks; None where none runs.
        badges: what is unusual about it.
        snoozed_until: until when it was put off; None if it is not, or that is over.
        to_confirm: it was perhaps answered.
        erased: the buyer was forgotten.
        may_close: nothing of it waits, so it can be closed.
        reachable: there is an address to answer to.
        thread: the conversation.
        facts: of the order and the buyer.
        items: what was ordered, where it was several things.
        earlier_cases: numbers of the buyer's cases before this one.
        to_do: advice, a sentence each.
        sections: what was noted of return, refund, rating, telephone and lesson.
        deeds: pages on which something can be done.
        timeline: every decision with its reason.
        beside: the cases before and after it.
        amazons_side: what is left at Amazon; None where nothing is.
        seen: what stood on the page, for the look for news.
    """

    number: int
    state: str
    kind: str
    buyer: str = field(repr=False)
    rating: int | None
    respond_by: datetime | None
    amazon_by: datetime | None
    badges: tuple[Badge, ...]
    snoozed_until: datetime | None
    to_confirm: bool
    erased: bool
    may_close: bool
    reachable: bool
    thread: Thread
    facts: tuple[Fact, ...]
    items: tuple[str, ...]
    earlier_cases: tuple[int, ...]
    to_do: tuple[tuple[Words, ...], ...]
    sections: tuple[Section, ...]
    deeds: tuple[Deed, ...]
    timeline: tuple[Happening, ...]
    beside: Neighbours
    amazons_side: AmazonsSide | None
    seen: str

    @property
    def waits(self) -> bool:
        """A person has yet to answer."""
        return self.state == CaseState.OPEN

    @property
    def closed(self) -> bool:
        """It is over."""
        return self.state == CaseState.CLOSED


def case_view(work: Work, book: Book, reader: Reader) -> CaseView:
    """The page as it stands now."""
    case, line = book.case, book.line
    waits = any(one.unanswered for one in line.messages)
    facts = facts_of(work, line, work.uow.drafts.open_of(case.id))
    asleep = case.snoozed_until is not None and case.snoozed_until > reader.now
    # Advice speaks the shop's language, which may not be that of whoever reads.
    spoken = replace(work, shop=replace(work.shop, language=reader.language))
    return CaseView(
        number=case.id,
        state=case.state.value,
        kind=case.kind.value,
        buyer=clean(case.buyer_name),
        rating=case.rating,
        respond_by=line.respond_by if waits else None,
        amazon_by=line.amazon_limit if waits else None,
        badges=tuple(_badges(book, reader)),
        snoozed_until=case.snoozed_until if asleep else None,
        to_confirm=case.to_confirm_at is not None and case.state is not CaseState.CLOSED,
        erased=book.erased,
        may_close=not waits and case.state is not CaseState.CLOSED,
        reachable=case.alias is not None,
        thread=thread_of(_said(work, book), reader),
        facts=tuple(_facts(case, facts, reader)),
        items=tuple(_items(work, case, facts)),
        earlier_cases=facts.earlier_cases,
        to_do=_to_do(spoken, line, reader),
        sections=tuple(sections_of(spoken, book, reader)),
        deeds=tuple(deeds_of(work, case, reader)),
        timeline=tuple(_timeline(book, reader)),
        beside=neighbours_of(work.uow, line),
        amazons_side=_amazons_side(work, book),
        seen=stamp(line.messages, book.events),
    )


def _badges(book: Book, reader: Reader) -> Iterator[Badge]:
    words = book.line.notes(reader.now)
    if any(one.state is OutboxState.UNCERTAIN for one in book.outgoing):
        words.insert(0, "uncertain")
    # Until when it is put off stands in a line of its own, and the draft is in sight.
    told = (word for word in words if word not in {"snoozed", "drafted"})
    yield from (Badge(reader.word(NOTES, word), word in LOUD_NOTES) for word in told)


def _said(work: Work, book: Book) -> Said:
    written = [step for step in book.steps if step.matter is Matter.NOTE]
    at = [at for at, action, _ in book.events if action == _NOTED]
    return Said(
        case=book.case,
        shop_name=work.shop.name,
        messages=book.line.messages,
        outgoing=book.outgoing,
        answers=book.answers,
        # A note and its line of the record are written together, so they are of the same number.
        notes=tuple(zip(at, written, strict=False)),
        erased=book.erased,
    )


def _facts(case: Case, facts: DraftFacts, reader: Reader) -> Iterator[Fact]:
    """What is known of the order and the buyer; what is not known is left out."""
    shipping = facts.shipping
    told = (
        (("注文", "Order"), " ".join(case.order_ids)),
        (("商品", "Item"), clean(shipping.item, _LONG_CELL)),
        (("支払額", "Paid"), say_price(shipping, reader.language)),
        (("発送", "Shipped by"), reader.word(FULFILMENTS, facts.fulfilment)),
        (("購入日", "Bought"), _day(facts.purchase, reader)),
        (("配達日", "Delivered"), _day(facts.delivery, reader)),
        (("返信の言語", "Language"), reader.word(LANGUAGES, facts.language)),
        (("件名", "Subject"), clean(case.subject, _LONG_CELL)),
    )
    yield from (Fact(reader.say(*label), value) for label, value in told if value)


def _day(since: Since, reader: Reader) -> str:
    if since.on is None:
        return ""
    ago = (
        ""
        if since.days is None
        else reader.say(f" ({since.days}日前)", f" ({since.days} day{'s'[: since.days != 1]} ago)")
    )
    return LONG_DAYS[reader.language](since.on) + ago


def _items(work: Work, case: Case, facts: DraftFacts) -> Iterator[str]:
    """What was ordered, where it was several things."""
    if facts.shipping.item is not None or not case.order_ids:
        return
    for one in work.uow.orders.items_of(case.order_ids)[:_ITEMS_SHOWN]:
        name = clean(one.title or one.sku or one.asin, _LONG_CELL) or NOTHING
        yield name + (f" ×{one.quantity}" if one.quantity else "")


def _timeline(book: Book, reader: Reader) -> Iterator[Happening]:
    for at, action, detail in book.events:
        said = _VERSION.sub(
            reader.say(r": 第\1版", r": version \1"), say_deed(action, detail, reader), count=1
        )
        yield Happening(at, signposted(said, book.case.id, reader))


def _to_do(work: Work, line: CaseLine, reader: Reader) -> tuple[tuple[Words, ...], ...]:
    waiting = [one for one in line.messages if one.unanswered]
    said = advise(work, line.case, waiting) if waiting else ()
    return tuple(signposted(one, line.case.id, reader) for one in said)


def neighbours_of(uow: UnitOfWork, line: CaseLine) -> Neighbours:
    """The unanswered cases before and after this one; of a settled case the first one comes after."""
    order = open_order(uow)
    if line.case.id not in order:
        return Neighbours(None, next(iter(order), None))
    place = order.index(line.case.id)
    before = order[place - 1] if place else None
    return Neighbours(before, order[place + 1] if place + 1 < len(order) else None)


def _amazons_side(work: Work, book: Book) -> AmazonsSide | None:
    """Shown while Amazon's clock still runs; whoever decided comes back for the link."""
    wrote = [one for one in book.line.messages if one.kind is Kind.BUYER_MESSAGE]
    runs = bool(wrote) and wrote[-1].amazon_by is not None and wrote[-1].amazon_by > work.now
    if not runs or not no_reply.was_decided(book.answers):
        return None
    return AmazonsSide(no_reply.amazons_link(work.uow, book.line.messages))
