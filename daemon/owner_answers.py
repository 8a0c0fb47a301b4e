"""Tells the owner what became of a mail of theirs; there is an answer to every command."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from daemon import letters, offers
from daemon.aftercare.amazons_limits import is_timed_by_amazon
from daemon.alert_cases import Shown, show_case, show_draft, show_in_full
from daemon.identifiers import command_token
from daemon.log import get_logger
from state.command_rules import Action, CommandRefusal
from state.drafts import DraftState
from templates.contexts import AlertCase, AlertDraft, AlertOffer, AnswerContext
from templates.render import render_answer

if TYPE_CHECKING:
    from daemon.work import Work
    from state.command_rules import Offer
    from state.drafts import Draft

ANSWERS_AN_HOUR = 30
"""More mails than a person writes in an hour are a robot's: two that answer each other never end."""

IDLE_ANSWERS_AN_HOUR = 10
"""Of these so many may say that a mail was no command; the others are kept for those that were."""

IDLE = "answer:idle:"
"""How the purpose of an answer begins that tells no more than that nothing was done."""

_IDLE_WORDS = frozenset({"nothing_sent", CommandRefusal.UNKNOWN})
_log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class OwnerAnswer:
    """What the owner is told.

    Attributes:
        word: of `templates.contexts.ANSWER_WORDS`.
        case_id: the case that it was about.
        detail: what the word says that it is.
        shows_case: the case follows as it stands now.
        earlier: with ``text_with_approval`` the version that may still go as it was.
        again: the offer that has to be confirmed.
    """

    word: str
    case_id: int | None = None
    detail: str = ""
    shows_case: bool = True
    earlier: Draft | None = None
    again: Offer | None = None


def _is_too_much(work: Work, *, idle: bool) -> bool:
    outbox, since = work.uow.outbox, work.now - timedelta(hours=1)
    if outbox.queued_since("alert:answer:", since) >= ANSWERS_AN_HOUR:
        return True
    return idle and outbox.queued_since(f"alert:{IDLE}", since) >= IDLE_ANSWERS_AN_HOUR


def answer_owner(work: Work, answer: OwnerAnswer, name: str) -> None:
    """Queue the answer to one mail.

    Args:
        work: the transaction.
        answer: what became of it.
        name: of the mail, so that it is answered once.
    """
    idle = answer.word in _IDLE_WORDS
    if _is_too_much(work, idle=idle):
        _log.warning("mail of the owner is not answered", action="too_many", case=answer.case_id)
        return
    shown = _shown(work, answer)
    extra = _extra(work, answer)
    context = AnswerContext(
        shop_name=work.shop.name,
        now=work.now.astimezone(work.shop.calendar.zone),
        word=answer.word,
        case_number=answer.case_id,
        detail=answer.detail,
        case=shown.case if shown else None,
        earlier_draft=_earlier(work, answer),
        earlier_offer=extra[0] if extra else None,
        timed_by_amazon=_is_timed(work, answer),
    )
    rendered = render_answer(context, work.shop.language)
    planned = [*(shown.offers if shown else ()), *([extra[1]] if extra else ())]
    purpose = f"{IDLE}{name}" if idle else f"answer:{name}"
    letters.queue(work, purpose, rendered.subject, rendered.text, planned)


def _is_timed(work: Work, answer: OwnerAnswer) -> bool:
    case = work.uow.cases.get(answer.case_id or 0)
    return case is None or is_timed_by_amazon(case, work.uow.messages.of_case(case.id))


def _shown(work: Work, answer: OwnerAnswer) -> Shown | None:
    case = work.uow.cases.get(answer.case_id or 0)
    if case is None or not (answer.shows_case or answer.again):
        return None
    messages = [one for one in work.uow.messages.of_case(case.id) if one.unanswered]
    if not messages:
        return None
    short = show_case(work, case, messages)
    if answer.again is None:
        return show_in_full(work, short, messages)
    return _asked_back(work, short, answer.again)


def _asked_back(work: Work, short: AlertCase, offer: Offer) -> Shown:
    """Only the one command, to be given again by answering the mail that went to the owner's address."""
    again = replace(_anew(offer), asked_back=True)
    link = offers.show(again, work.shop.first_account.address, work.shop.language)
    draft = work.uow.drafts.get(offer.draft_id or 0)
    case = work.uow.cases.get(offer.case_id)
    reviewed = show_draft(work, draft, case) if draft is not None and case is not None else None
    return Shown(replace(short, draft=reviewed, offers=(link,)), (again,))


def _extra(work: Work, answer: OwnerAnswer) -> tuple[AlertOffer, Offer] | None:
    """The link that sends the version before a person's text as it was."""
    if answer.earlier is None:
        return None
    messages = work.uow.messages.of_case(answer.earlier.case_id)
    offer = replace(
        offers.plan(Action.APPROVE, answer.earlier.case_id, messages, answer.earlier), asked_back=True
    )
    return offers.show(offer, work.shop.first_account.address, work.shop.language), offer


def _anew(offer: Offer) -> Offer:
    return replace(offer, id=0, outbox_id=0, placeholder=command_token(), used_at=None)


def _earlier(work: Work, answer: OwnerAnswer) -> AlertDraft | None:
    case = work.uow.cases.get(answer.case_id or 0)
    if answer.earlier is None or case is None:
        return None
    return show_draft(work, replace(answer.earlier, state=DraftState.REPLACED), case)
