"""Carries out what the owner commands by mail, once, and answers every such mail with what was done."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from daemon import letters, offers, review
from daemon.alert_cases import Shown, show_case, show_draft, show_in_full
from daemon.commands import no_reply_needed
from daemon.errors import SokuresuError
from daemon.identifiers import command_token, content_digest
from daemon.log import get_logger
from daemon.sent_watch import our_ids
from parsers.folding import fold_width
from parsers.values import Authenticity
from state import approval_rules
from state.approval_rules import ApprovalRefusal, voiding_message
from state.command_rules import Action, CommandRefusal, must_ask_back, refusal_of
from state.drafts import DraftSource, DraftState
from state.model import AnswerSource
from state.outbox_rules import OutboxKind
from templates.contexts import AlertCase, AlertDraft, AlertOffer, AnswerContext
from templates.guidelines import is_blocked
from templates.render import render_answer

if TYPE_CHECKING:
    from daemon.work import Work
    from parsers.owner_mail import OwnerMail
    from parsers.values import Envelope
    from state.command_rules import Offer
    from state.drafts import Draft
    from state.model import OutboxItem

ANSWERS_AN_HOUR = 30
"""More mails than a person writes in an hour are a robot's: two that answer each other never end."""

IDLE_ANSWERS_AN_HOUR = 10
"""Of these so many may say that a mail was no command; the others are kept for those that were."""

ECHOES_A_DAY = 3
"""Where as many were told in a day that nothing was done, a reply to such a mail is a robot's."""

_IDLE_WORDS = frozenset({"nothing_sent", CommandRefusal.UNKNOWN})
_IDLE = "answer:idle:"
_INBOX = "inbox"
_SUBJECT_LENGTH = 2_000
_ATTEMPT = re.compile(r"\[\s{0,9}sokuresu\s{0,9}:|sokuresu\s{0,9}:\s{0,9}[a-z2-7]{10}", re.ASCII)
"""The mark of a command, or what is left of one."""

_LINKED = re.compile(r"sokuresu(?::|%3a)\s{0,9}[a-z2-7]{26}", re.ASCII | re.IGNORECASE)

_log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Answer:
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


def take_owner_mail(work: Work, mail: OwnerMail, *, folder: str, content: bytes, broken: bool = False) -> str:
    """Take in one mail that names the owner as its sender; tells in a word what became of it.

    Args:
        work: the transaction.
        mail: what it says.
        folder: where it lies; only what the server put into the inbox is obeyed.
        content: the raw mail.
        broken: carrying it out failed in a way that nobody foresaw; now the owner is only told.
    """
    ignored = _not_to_be_obeyed(work, mail, folder)
    if ignored is not None:
        return ignored
    if not concerns_us(work, mail.envelope):
        return "unrelated"
    forged = mail.authenticity is Authenticity.FAIL
    if not _claim(work, mail, content, "forged" if forged else "command"):
        return "known"
    if forged:
        return _refuse_forged(work, mail)
    answer = _Answer("failed", shows_case=False) if broken else _carry_out(work, mail)
    if answer.word == "nothing_sent" and _is_echo(work, mail.envelope):
        return "echo"
    _answer(work, answer, content_digest(content)[:32])
    _log.info("mail of the owner", action=answer.word, case=answer.case_id)
    return answer.word


def concerns_us(work: Work, mail: Envelope) -> bool:
    """Whether a mail from the owner's address is worth reading: it gives a command or answers our mail."""
    return _means_command(mail) or bool(_replied_to(work, mail))


def _not_to_be_obeyed(work: Work, mail: OwnerMail, folder: str) -> str | None:
    """What is refused before anything else is looked at."""
    if mail.envelope.outbox_id is not None or work.uow.outbox.with_message_ids(our_ids(mail.envelope)):
        return "own"
    if mail.automatic:
        return "automatic"
    if folder.lower() != _INBOX:
        return "elsewhere"
    return None if mail.envelope.from_address == work.shop.owner.lower() else "stranger"


def _means_command(mail: Envelope) -> bool:
    """Whether the subject holds a mark, or what is left of one: its sender believes it to do something."""
    return _ATTEMPT.search(fold_width(mail.subject[:_SUBJECT_LENGTH]).lower()) is not None


def _replied_to(work: Work, envelope: Envelope) -> list[OutboxItem]:
    """The mails to the owner that this one answers."""
    named = [one for one in (envelope.in_reply_to, *envelope.references) if one]
    items = work.uow.outbox.with_message_ids(list(dict.fromkeys(named)))
    return [item for item in items if item.kind is OutboxKind.ALERT]


def _is_echo(work: Work, envelope: Envelope) -> bool:
    """Whether it answers a mail that told no more than that nothing was done, and not for the first time.

    A person has understood by then, and two robots must come to an end.
    """
    idle = any(item.purpose.startswith(f"alert:{_IDLE}") for item in _replied_to(work, envelope))
    return (
        idle and work.uow.outbox.queued_since(f"alert:{_IDLE}", work.now - timedelta(days=1)) >= ECHOES_A_DAY
    )


def _refuse_forged(work: Work, mail: OwnerMail) -> str:
    """Somebody else may have written it: the owner hears of it, and no token is used up."""
    day = work.shop.calendar.local_day(work.now).isoformat()
    work.uow.notices.raise_once(f"command_refused:{day}", "command_refused", work.now, detail=mail.reason)
    return "forged"


def _claim(work: Work, mail: OwnerMail, content: bytes, word: str) -> bool:
    """Whether this mail is seen for the first time; a folder may be read anew from its beginning."""
    key = f"{word}:{mail.envelope.message_id or content_digest(content)}"[:400]
    if work.uow.identities.holders([key]):
        return False
    work.uow.identities.claim([key], message=None, authenticity=mail.authenticity, at=work.now)
    return True


def _carry_out(work: Work, mail: OwnerMail) -> _Answer:
    if mail.token is None:
        word = CommandRefusal.UNKNOWN if _means_command(mail.envelope) else "nothing_sent"
        return _Answer(word, shows_case=False)
    found = work.uow.offers.find(offers.digest_of(mail.token))
    if found is None:
        return _Answer(CommandRefusal.UNKNOWN, shows_case=False)
    offer, issued_at = found
    newest = voiding_message(work.uow.messages.of_case(offer.case_id))
    refusal = refusal_of(offer, issued_at, newest, work.now)
    if refusal is not None:
        return _refused(work, offer, refusal)
    try:
        return _obey(work, offer, mail)
    except review.ReviewRefused as refused:
        return _Answer("refused", offer.case_id, refused.refusal)
    except SokuresuError as error:
        return _Answer("failed", offer.case_id, str(error))


def _refused(work: Work, offer: Offer, refusal: CommandRefusal) -> _Answer:
    """Why a token is dead; what was never sent must not be called done."""
    draft = work.uow.drafts.get(offer.draft_id or 0)
    replaced = draft is not None and draft.state is DraftState.REPLACED
    if refusal is CommandRefusal.USED and offer.action is Action.APPROVE and replaced:
        return _Answer("refused", offer.case_id, ApprovalRefusal.OLD_VERSION)
    return _Answer(refusal, offer.case_id)


def _obey(work: Work, offer: Offer, mail: OwnerMail) -> _Answer:
    if offer.action is Action.EDIT:
        return _take_text(work, offer, mail)
    if offer.action is Action.APPROVE and _says_more(work, offer, mail):
        return _take_text(work, offer, mail)
    hindered = _hindrance(work, offer)
    if hindered is not None:
        return hindered
    if must_ask_back(offer, mail.authenticity):
        return _Answer(f"confirm_{offer.action}", offer.case_id, shows_case=False, again=offer)
    answer = _decide(work, offer)
    work.uow.offers.use(offer, work.now)
    return answer


def _says_more(work: Work, offer: Offer, mail: OwnerMail) -> bool:
    """Whether a person wrote something beside the command to send.

    Who chooses the version before his text sends the same words once more if they are an unknown signature.
    """
    current = work.uow.drafts.open_of(offer.case_id)
    is_repeated = offer.asked_back and current is not None and current.text.strip() == mail.text.strip()
    return bool(mail.text) and not is_repeated


def _hindrance(work: Work, offer: Offer) -> _Answer | None:
    """What speaks against a command by now: nobody is to confirm, or to believe done, what cannot be done."""
    case = review.case_of(work, offer.case_id)
    if offer.action is not Action.APPROVE:
        return _answered_before(work, offer)
    draft = work.uow.drafts.get(offer.draft_id or 0)
    if draft is None:
        return _Answer("refused", case.id, ApprovalRefusal.NO_DRAFT)
    refusal = approval_rules.refusal_of(draft, review.standing_of(work, case))
    if refusal is None and draft.state is DraftState.REPLACED and not offer.asked_back:
        refusal = ApprovalRefusal.OLD_VERSION
    if refusal is None and is_blocked(review.check_draft(draft, case, work.shop.language)):
        refusal = ApprovalRefusal.FORBIDDEN_WORDS
    return None if refusal is None else _Answer("refused", case.id, refusal)


def _answered_before(work: Work, offer: Offer) -> _Answer | None:
    """Nothing of the case waits any more, so there is nothing to close and nothing to put off."""
    if any(one.unanswered for one in work.uow.messages.of_case(offer.case_id)):
        return None
    given = [one for one in work.uow.answers.of_case(offer.case_id) if not one.withdrawn]
    if given and given[-1].source is AnswerSource.NO_REPLY_NEEDED:
        return _Answer(CommandRefusal.USED, offer.case_id)
    return _Answer("refused", offer.case_id, ApprovalRefusal.ANSWERED_MEANWHILE)


def _decide(work: Work, offer: Offer) -> _Answer:
    if offer.action is Action.APPROVE:
        # The mail that offered it showed the warnings too.
        older = offer.asked_back
        review.approve(work, offer.draft_id or 0, despite_warnings=True, how="reply", older=older)
        return _Answer("approved", offer.case_id, shows_case=False)
    if offer.action is Action.NO_REPLY_NEEDED:
        no_reply_needed(work, offer.case_id)
        return _Answer("no_reply_needed", offer.case_id, shows_case=False)
    until = review.snooze(work, offer.case_id).astimezone(work.shop.calendar.zone)
    return _Answer("snoozed", offer.case_id, f"{until:%Y-%m-%d %H:%M}", shows_case=False)


def _take_text(work: Work, offer: Offer, mail: OwnerMail) -> _Answer:
    """A text that came by mail is never sent in the same step: it comes back, checked, for approval."""
    before = work.uow.drafts.get(offer.draft_id or 0)
    if before is None or not mail.text:
        return _Answer("no_text", offer.case_id)
    # Whoever pastes an alert pastes its links: a token is stored nowhere.
    review.revise(work, before, _LINKED.sub("sokuresu:…", mail.text), DraftSource.REPLY)
    work.uow.offers.use(offer, work.now)
    if offer.action is Action.EDIT:
        return _Answer("text_taken", offer.case_id)
    # What was written may be no more than an unknown signature: the version itself can still be sent.
    return _Answer("text_with_approval", offer.case_id, earlier=before)


def _is_too_much(work: Work, *, idle: bool) -> bool:
    outbox, since = work.uow.outbox, work.now - timedelta(hours=1)
    if outbox.queued_since("alert:answer:", since) >= ANSWERS_AN_HOUR:
        return True
    return idle and outbox.queued_since(f"alert:{_IDLE}", since) >= IDLE_ANSWERS_AN_HOUR


def _answer(work: Work, answer: _Answer, name: str) -> None:
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
    )
    rendered = render_answer(context, work.shop.language)
    planned = [*(shown.offers if shown else ()), *([extra[1]] if extra else ())]
    purpose = f"{_IDLE}{name}" if idle else f"answer:{name}"
    letters.queue(work, purpose, rendered.subject, rendered.text, planned)


def _shown(work: Work, answer: _Answer) -> Shown | None:
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


def _extra(work: Work, answer: _Answer) -> tuple[AlertOffer, Offer] | None:
    """The link that sends the version before a person's text as it was."""
    if answer.earlier is None:
        return None
    message = voiding_message(work.uow.messages.of_case(answer.earlier.case_id))
    offer = replace(
        offers.plan(Action.APPROVE, answer.earlier.case_id, message, answer.earlier), asked_back=True
    )
    return offers.show(offer, work.shop.first_account.address, work.shop.language), offer


def _anew(offer: Offer) -> Offer:
    return replace(offer, id=0, outbox_id=0, placeholder=command_token(), used_at=None)


def _earlier(work: Work, answer: _Answer) -> AlertDraft | None:
    case = work.uow.cases.get(answer.case_id or 0)
    if answer.earlier is None or case is None:
        return None
    return show_draft(work, replace(answer.earlier, state=DraftState.REPLACED), case)
