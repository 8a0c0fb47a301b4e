"""Shows one case to the owner: what the buyer wrote, what is drafted, and what can be commanded."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from daemon import offers
from daemon.aftercare.advising import advise
from daemon.aftercare.amazons_limits import limit_of
from daemon.drafting import earlier_cases, is_overtaken
from daemon.review import check_draft, standing_of
from parsers.values import Authenticity, Intent
from state.approval_rules import refusal_of
from state.command_rules import Action
from state.model import RELAYED
from templates.cleaning import EXCERPT_LIMIT, EXCERPT_LINES
from templates.contexts import AlertCase, AlertDraft
from templates.guidelines import is_blocked

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime, tzinfo

    from daemon.shop import Shop
    from daemon.work import Work
    from state.command_rules import Offer
    from state.drafts import Draft
    from state.model import Case, Message


MESSAGES_SHOWN = 5
"""Unanswered messages of a case of which an alert shows a part each; the newest ones."""

_LABEL = 20
"""Characters that a message's time and its ellipsis take."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A case as a mail shows it, and the offers whose places the mail holds."""

    case: AlertCase
    offers: tuple[Offer, ...] = ()


def show_case(work: Work, case: Case, messages: Sequence[Message]) -> AlertCase:
    """A case in short.

    Args:
        work: the transaction.
        case: the case.
        messages: those of it that are unanswered, oldest first; at least one.
    """
    zone = work.shop.calendar.zone
    respond_by = min((at for one in messages if (at := one.respond_by) is not None), default=None)
    amazon_by = limit_of(case, messages)
    closed_from, opening = work.shop.calendar.closed_time(work.now)
    ends = [at for at in (respond_by, amazon_by) if at is not None]
    return AlertCase(
        number=case.id,
        kind=messages[0].kind,
        buyer_name=case.buyer_name,
        order_ids=case.order_ids,
        waiting_since=messages[0].received_at.astimezone(zone),
        respond_by=respond_by.astimezone(zone) if respond_by else None,
        amazon_by=amazon_by.astimezone(zone) if amazon_by else None,
        acknowledged_at=case.acknowledged_at.astimezone(zone) if case.acknowledged_at else None,
        excerpt=_excerpt(messages, zone),
        rating=case.rating,
        notes=_notes(case, messages, work.now),
        proof=_proof(messages),
        runs_out_before_opening=any(closed_from < at < opening for at in ends),
        page=page_of(work.shop, case.id),
    )


def page_of(shop: Shop, number: int) -> str:
    """The address of a case at the desk, which asks for the password; empty where none is configured."""
    return f"{shop.desk}/case/{number}" if shop.desk else ""


def _excerpt(messages: Sequence[Message], zone: tzinfo) -> str:
    """What was written, a part of each message, so that a long one hides no other."""
    if len(messages) == 1:
        return messages[0].text
    shown = messages[-MESSAGES_SHOWN:]
    return "\n".join(
        f"[{one.received_at.astimezone(zone):%m/%d %H:%M}] {_beginning(one.text, len(shown))}"
        for one in shown
    )


def _beginning(text: str, number: int) -> str:
    lines = [line for line in text.splitlines() if line.strip()]
    kept = "\n".join(lines[: EXCERPT_LINES // number])[: EXCERPT_LIMIT // number - _LABEL]
    return kept if kept == "\n".join(lines) else f"{kept}…"


def show_in_full(work: Work, short: AlertCase, messages: Sequence[Message]) -> Shown:
    """The same with the draft, what to do besides, and what can be commanded."""
    case = work.uow.cases.get(short.number)
    assert case is not None
    draft = _current(work, case)
    reviewed = None if draft is None else show_draft(work, draft, case)
    planned = _planned(work, case, draft, reviewed)
    address, language = work.shop.first_account.address, work.shop.language
    repeat = ("repeat",) if earlier_cases(work.uow, case) else ()
    full = replace(
        short,
        draft=reviewed,
        advice=advise(work, case, messages),
        notes=tuple(sorted({*short.notes, *repeat})),
        offers=tuple(offers.show(one, address, language) for one in planned),
    )
    return Shown(full, planned)


def _current(work: Work, case: Case) -> Draft | None:
    """The draft that waits; one that was overtaken a moment ago is not called ready any more."""
    draft = work.uow.drafts.open_of(case.id)
    return None if draft is None or is_overtaken(work.uow, draft) else draft


def show_draft(work: Work, draft: Draft, case: Case) -> AlertDraft:
    """A draft with what is to be said against sending it."""
    findings = check_draft(draft, case, work.shop.language)
    return AlertDraft(
        version=draft.version,
        text=draft.text,
        ready=not is_blocked(findings),
        sure=draft.sure or draft.source.by_person,
        reasons=tuple(dict.fromkeys(one.reason for one in findings)),
    )


def _planned(work: Work, case: Case, draft: Draft | None, reviewed: AlertDraft | None) -> tuple[Offer, ...]:
    """What can be commanded of a case as it stands."""
    messages = work.uow.messages.of_case(case.id)
    all_shown = sum(one.unanswered for one in messages) <= MESSAGES_SHOWN
    planned = []
    if draft is not None and reviewed is not None:
        # What may not be approved now is not offered for approval either.
        free = refusal_of(draft, standing_of(work, case)) is None
        if free and reviewed.ready and all_shown:
            planned.append(offers.plan(Action.APPROVE, case.id, messages, draft))
        if free:
            planned.append(offers.plan(Action.EDIT, case.id, messages, draft))
    if all_shown:
        # Nobody is to close by one tap what the mail does not show.
        planned.append(offers.plan(Action.NO_REPLY_NEEDED, case.id, messages))
    planned.append(offers.plan(Action.SNOOZE, case.id, messages))
    return tuple(planned)


def _proof(messages: Sequence[Message]) -> str:
    """Why the first message that is not proven is not."""
    unproven = (one for one in messages if one.authenticity is not Authenticity.PASS)
    return next((one.proof for one in unproven if one.proof), "")


def _notes(case: Case, messages: Sequence[Message], now: datetime) -> tuple[str, ...]:
    facts = {fact for message in messages for fact in message.facts}
    snoozed = case.snoozed_until is not None and case.snoozed_until > now
    applies = (
        ("escalation", any(one.intent == Intent.ESCALATION for one in messages)),
        ("found_in_junk", "found_in_junk" in facts),
        ("found_late", "look_back" in facts or any(one.refusal == "too_old" for one in messages)),
        ("not_proven", any(one.authenticity is not Authenticity.PASS for one in messages)),
        ("relayed", RELAYED in facts),
        ("snoozed", snoozed),
        ("thanks", all(one.intent == Intent.THANKS and one.intent_confident for one in messages)),
        ("to_confirm", case.to_confirm_at is not None),
        ("undelivered", case.undelivered_at is not None),
    )
    return tuple(word for word, true in applies if true)
