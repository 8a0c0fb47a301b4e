"""Asks a shipping agent about the parcel of a case: on a person's word alone, and each text at most once.

Only agents that the configuration names are written to, and the mail holds nothing of the buyer's.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from daemon.aftercare.agents import agent_at
from daemon.aftercare.inquiry_refusals import InquiryRefusal, InquiryRefused
from daemon.compose import compose_inquiry, message_id_for
from daemon.identifiers import fresh_token
from daemon.log import get_logger
from daemon.review import case_of
from parsers.fingerprints import fingerprint_text
from parsers.folding import fold_width
from parsers.values import Kind
from state.model import OutboxItem
from state.outbox_rules import OutboxEvent, OutboxKind, OutboxState
from state.repository.outbox import DROPPED
from state.steps import Matter, Step
from templates.guidelines import check
from templates.hiding import holds_number
from templates.inquiring import TEXT_LIMIT, InquiryContext, render_inquiry

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from daemon.shop import Account, Agent
    from daemon.work import Work
    from state.model import Case

PATIENCE = timedelta(hours=12)
"""An inquiry that could not leave for so long is withdrawn: by then a person has asked by other means."""

_SHORTEST_NAME = 2
_SHORTEST_QUOTE = 20
_SENTENCE_ENDS = re.compile(r"[\n。．｡！？!?]|\.(?=\s)")

_log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Inquiry:
    """A mail to an agent as a person sees it before it goes.

    Attributes:
        case_id: the case.
        agent: whom it goes to.
        mailbox: name of the account that it leaves by.
        sender: that account's address.
        subject: one line.
        text: the body.
    """

    case_id: int
    agent: Agent
    mailbox: str
    sender: str
    subject: str = field(repr=False)
    text: str = field(repr=False)

    @property
    def code(self) -> str:
        """Eight characters that only this very mail has; whoever repeats them has seen it."""
        whole = "\n".join((str(self.case_id), self.sender, self.agent.address, self.subject, self.text))
        return hashlib.sha256(whole.encode("utf-8", "replace")).hexdigest()[:8]


def draft(work: Work, case_id: int, agent: Agent, *, about: str = "both", text: str | None = None) -> Inquiry:
    """An inquiry as it would leave; nothing is stored.

    Args:
        work: the transaction.
        case_id: the case.
        agent: whom to ask.
        about: one of `templates.inquiring.ABOUT`.
        text: a person's own words in the place of the template's.

    Raises:
        SokuresuError: the case is closed or gone, or its mailbox is not configured any more.
    """
    case = case_of(work, case_id)
    account = _account(work, case)
    context = InquiryContext(work.shop.name, agent.name, case.order_ids, shipped_on(work, case), about)
    rendered = render_inquiry(context, agent.language)
    body = rendered.text if text is None else text.strip("\n").rstrip()
    return Inquiry(case.id, agent, account.name, account.address, rendered.subject, body)


def shipped_on(work: Work, case: Case) -> date | None:
    """The local date on which the orders of a case were sent off; None where unknown or where they differ."""
    known = work.uow.orders.of(case.order_ids)
    days = {facts.shipped_on for facts in known}
    return days.pop() if len(days) == 1 and len(known) == len(case.order_ids) else None


def _account(work: Work, case: Case) -> Account:
    account = work.shop.accounts.get(case.mailbox)
    if account is None:
        raise InquiryRefused(InquiryRefusal.NO_ACCOUNT, case.id)
    return account


def refusal_of(work: Work, inquiry: Inquiry, *, again: bool = False) -> InquiryRefusal | None:
    """Why an inquiry may not be sent; None if it may.

    Args:
        work: the transaction.
        inquiry: as it would leave.
        again: a person wants the same text to go once more.
    """
    if agent_at(work.shop, inquiry.agent.address) is None:
        return InquiryRefusal.NO_AGENT
    found = _fault_of_text(inquiry.text) or _leak(work, inquiry)
    if found is not None or again:
        return found
    return InquiryRefusal.SAME_TEXT if _was_sent(work, inquiry) else None


def _fault_of_text(text: str) -> InquiryRefusal | None:
    if not text.strip():
        return InquiryRefusal.EMPTY
    if len(text) > TEXT_LIMIT:
        return InquiryRefusal.TOO_LONG
    return InquiryRefusal.BLANKS if any(one.rule == "blank" for one in check(text)) else None


def _was_sent(work: Work, inquiry: Inquiry) -> bool:
    """Whether these words went, or are to go, or may have gone, to this agent for this case."""
    text_print = fingerprint_text(inquiry.text)
    return any(
        item.text_print == text_print and item.recipient.lower() == inquiry.agent.address.lower()
        for item in inquiries_of(work, inquiry.case_id)
        if item.state not in {OutboxState.WITHDRAWN, OutboxState.REFUSED} or item.reason == DROPPED
    )


def inquiries_of(work: Work, case_id: int) -> tuple[OutboxItem, ...]:
    """Every inquiry of a case, oldest first, sent or not."""
    return tuple(item for item in work.uow.outbox.of_case(case_id) if item.kind is OutboxKind.INQUIRY)


def _leak(work: Work, inquiry: Inquiry) -> InquiryRefusal | None:
    """What of the buyer's stands in a text; the agent needs the order number and nothing else."""
    case = case_of(work, inquiry.case_id)
    whole = f"{inquiry.subject}\n{inquiry.text}"
    for own in (work.shop.name, inquiry.agent.name or ""):
        whole = whole.replace(own, " ") if own else whole
    tight = _tight(whole)
    if any(name in tight for name in _names(work, case)):
        return InquiryRefusal.BUYER_NAME
    if "@marketplace.amazon" in tight or any(one in tight for one in _addresses(work, case)):
        return InquiryRefusal.BUYER_ADDRESS
    if any(holds_number(whole, number) for number in _buyers_numbers(work, case)):
        return InquiryRefusal.BUYER_NUMBER
    return InquiryRefusal.BUYER_WORDS if any(one in tight for one in _buyers_sentences(work, case)) else None


def _tight(text: str) -> str:
    """Widths, case and blanks do not count."""
    return "".join(fold_width(text).casefold().split())


def _names(work: Work, case: Case) -> Iterator[str]:
    """What the buyer is called, and who called about the case."""
    called = (call.caller for call in work.uow.calls.of_case(case.id))
    names = (_tight(name) for name in (case.buyer_name or "", *called))
    yield from (name for name in names if len(name) >= _SHORTEST_NAME)


def _addresses(work: Work, case: Case) -> Iterator[str]:
    """The mail addresses that are known of a buyer, and the part of the alias that names them."""
    local = (case.buyer_key or "").partition("@")[0]
    called = (call.address for call in work.uow.calls.of_case(case.id))
    yield from filter(None, map(_tight, (local, *called)))


def _buyers_numbers(work: Work, case: Case) -> set[str]:
    """The telephone numbers of calls, and those that stand in the buyer's messages."""
    called = (call.number for call in work.uow.calls.of_case(case.id))
    written = (one.text for one in work.uow.messages.of_case(case.id) if one.kind is Kind.BUYER_MESSAGE)
    told = (found.text for text in written for found in check(text) if found.rule == "telephone")
    return {*called, *told}


def _buyers_sentences(work: Work, case: Case) -> Iterator[str]:
    """Lines and sentences of the buyer's that are too long to be written twice by chance."""
    for message in work.uow.messages.of_case(case.id):
        if message.kind in {Kind.BUYER_MESSAGE, Kind.FEEDBACK}:
            pieces = (*message.text.splitlines(), *_SENTENCE_ENDS.split(message.text))
            yield from (piece for piece in map(_tight, pieces) if len(piece) >= _SHORTEST_QUOTE)


def queue(work: Work, inquiry: Inquiry, *, again: bool = False) -> OutboxItem:
    """Put an inquiry that a person approved into the outbox; the service sends it.

    Args:
        work: the transaction.
        inquiry: exactly what the person was shown.
        again: the person wants the same text to go once more.

    Raises:
        InquiryRefused: it may not go.
        SokuresuError: the case is closed or gone.
    """
    case = case_of(work, inquiry.case_id)
    refusal = refusal_of(work, inquiry, again=again)
    if refusal is not None:
        raise InquiryRefused(refusal, case.id)
    stored = work.uow.outbox.add(_item(work, inquiry))
    if stored is None:
        # Somebody else asked in the same moment and got the number.
        raise InquiryRefused(InquiryRefusal.SAME_TEXT, case.id)
    called = inquiry.agent.name or inquiry.agent.address
    today = work.shop.calendar.local_day(work.now)
    work.uow.steps.add(Step(case.id, Matter.INQUIRY, "asked", today, called), work.now)
    work.uow.events.note(case.id, "inquiry_queued", work.now, called)
    return stored


def _item(work: Work, inquiry: Inquiry) -> OutboxItem:
    number = len(inquiries_of(work, inquiry.case_id)) + 1
    return OutboxItem(
        id=0,
        purpose=f"inquiry:{inquiry.case_id}:{number}",
        kind=OutboxKind.INQUIRY,
        state=OutboxState.QUEUED,
        mailbox=inquiry.mailbox,
        case_id=inquiry.case_id,
        recipient=inquiry.agent.address,
        message_id=message_id_for(fresh_token(), inquiry.sender),
        subject=inquiry.subject,
        text=inquiry.text,
        text_print=fingerprint_text(inquiry.text),
        created_at=work.now,
        next_attempt_at=work.now,
    )


def still_allowed(work: Work, item: OutboxItem, *, anew: bool = False) -> InquiryRefusal | None:
    """Judge an inquiry again, in the transaction that claims it; None if it may go.

    Args:
        work: the transaction.
        item: the inquiry.
        anew: a person sends it once more, so its age does not count.
    """
    if agent_at(work.shop, item.recipient) is None:
        return InquiryRefusal.NO_AGENT
    if item.mailbox not in work.shop.accounts:
        return InquiryRefusal.NO_ACCOUNT
    return InquiryRefusal.TOO_OLD if not anew and work.now - item.created_at > PATIENCE else None


def take_back(work: Work, item: OutboxItem, refusal: InquiryRefusal) -> None:
    """Withdraw an inquiry that may not go any more, and tell the owner."""
    if work.uow.outbox.advance(item, OutboxEvent.FORBIDDEN, reason=refusal):
        tell_failure(work, item, refusal)
        _log.info("inquiry withdrawn", action="withdrawn", case=item.case_id, reason=refusal)


def tell_failure(work: Work, item: OutboxItem, detail: str) -> None:
    """The agent did not get an inquiry: the owner hears of it at once, and it stands on the case."""
    key = f"inquiry_refused:{item.id}:{item.attempts}:{detail}"[:400]
    work.uow.notices.raise_once(key, "inquiry_refused", work.now, case_id=item.case_id, detail=detail)
    if item.case_id is not None:
        work.uow.events.note(item.case_id, "inquiry_refused", work.now, detail)


def compose(work: Work, item: OutboxItem) -> bytes:
    """The mail as it leaves."""
    return compose_inquiry(
        sender_address=work.shop.accounts[item.mailbox].address,
        sender_name=work.shop.name,
        recipient=item.recipient,
        subject=item.subject,
        text=item.text,
        message_id=item.message_id,
        at=work.now.astimezone(work.shop.calendar.zone),
    )
