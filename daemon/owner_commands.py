"""Carries out what the owner commands by mail, once, and answers every such mail with what was done."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

from daemon import offers, review
from daemon.commands import no_reply_needed
from daemon.errors import SokuresuError
from daemon.identifiers import content_digest
from daemon.log import get_logger
from daemon.owner_answers import IDLE, OwnerAnswer, answer_owner
from daemon.reading.sent_watch import our_ids
from parsers.folding import fold_width
from parsers.values import Authenticity
from state.approval_rules import ApprovalRefusal, voiding_message
from state.command_rules import Action, CommandRefusal, must_ask_back, refusal_of
from state.drafts import DraftSource, DraftState
from state.model import AnswerSource
from state.outbox_rules import OutboxKind
from templates.guidelines import is_blocked

if TYPE_CHECKING:
    from daemon.work import Work
    from parsers.owner_mail import OwnerMail
    from parsers.values import Envelope
    from state.command_rules import Offer
    from state.model import OutboxItem

ECHOES_A_DAY = 3
"""Where as many were told in a day that nothing was done, a reply to such a mail is a robot's."""

_INBOX = "inbox"
_SUBJECT_LENGTH = 2_000
_ATTEMPT = re.compile(r"\[\s{0,9}sokuresu\s{0,9}:|sokuresu\s{0,9}:\s{0,9}[a-z2-7]{10}", re.ASCII)
"""The mark of a command, or what is left of one."""

_LINKED = re.compile(r"sokuresu(?::|%3a)\s{0,9}[a-z2-7]{26}", re.ASCII | re.IGNORECASE)

_log = get_logger(__name__)


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
    answer = OwnerAnswer("failed", shows_case=False) if broken else _carry_out(work, mail)
    if answer.word == "nothing_sent" and _is_echo(work, mail.envelope):
        return "echo"
    answer_owner(work, answer, content_digest(content)[:32])
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
    idle = any(item.purpose.startswith(f"alert:{IDLE}") for item in _replied_to(work, envelope))
    return (
        idle and work.uow.outbox.queued_since(f"alert:{IDLE}", work.now - timedelta(days=1)) >= ECHOES_A_DAY
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


def _carry_out(work: Work, mail: OwnerMail) -> OwnerAnswer:
    if mail.token is None:
        word = CommandRefusal.UNKNOWN if _means_command(mail.envelope) else "nothing_sent"
        return OwnerAnswer(word, shows_case=False)
    found = work.uow.offers.find(offers.digest_of(mail.token))
    if found is None:
        return OwnerAnswer(CommandRefusal.UNKNOWN, shows_case=False)
    offer, issued_at = found
    newest = voiding_message(work.uow.messages.of_case(offer.case_id))
    refusal = refusal_of(offer, issued_at, newest, work.now)
    if refusal is not None:
        return _refused(work, offer, refusal)
    try:
        return _obey(work, offer, mail)
    except review.ReviewRefused as refused:
        return OwnerAnswer("refused", offer.case_id, refused.refusal)
    except SokuresuError as error:
        return OwnerAnswer("failed", offer.case_id, str(error))


def _refused(work: Work, offer: Offer, refusal: CommandRefusal) -> OwnerAnswer:
    """Why a token is dead; what was never sent must not be called done."""
    draft = work.uow.drafts.get(offer.draft_id or 0)
    replaced = draft is not None and draft.state is DraftState.REPLACED
    if refusal is CommandRefusal.USED and offer.action is Action.APPROVE and replaced:
        return OwnerAnswer("refused", offer.case_id, ApprovalRefusal.OLD_VERSION)
    return OwnerAnswer(refusal, offer.case_id)


def _obey(work: Work, offer: Offer, mail: OwnerMail) -> OwnerAnswer:
    if offer.action is Action.EDIT:
        return _take_text(work, offer, mail)
    if offer.action is Action.APPROVE and _says_more(work, offer, mail):
        return _take_text(work, offer, mail)
    hindered = _hindrance(work, offer)
    if hindered is not None:
        return hindered
    if must_ask_back(offer, mail.authenticity):
        return OwnerAnswer(f"confirm_{offer.action}", offer.case_id, shows_case=False, again=offer)
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


def _hindrance(work: Work, offer: Offer) -> OwnerAnswer | None:
    """What speaks against a command by now: nobody is to confirm, or to believe done, what cannot be done."""
    case = review.case_of(work, offer.case_id)
    if offer.action is not Action.APPROVE:
        return _answered_before(work, offer)
    draft = work.uow.drafts.get(offer.draft_id or 0)
    if draft is None:
        return OwnerAnswer("refused", case.id, ApprovalRefusal.NO_DRAFT)
    refusal = review.refusal_of_approving(work, draft, case, older=offer.asked_back)
    if refusal is None and is_blocked(review.check_draft(draft, case, work.shop.language)):
        refusal = ApprovalRefusal.FORBIDDEN_WORDS
    return None if refusal is None else OwnerAnswer("refused", case.id, refusal)


def _answered_before(work: Work, offer: Offer) -> OwnerAnswer | None:
    """Nothing of the case waits any more, so there is nothing to close and nothing to put off."""
    if any(one.unanswered for one in work.uow.messages.of_case(offer.case_id)):
        return None
    given = [one for one in work.uow.answers.of_case(offer.case_id) if not one.withdrawn]
    if given and given[-1].source is AnswerSource.NO_REPLY_NEEDED:
        return OwnerAnswer(CommandRefusal.USED, offer.case_id)
    return OwnerAnswer("refused", offer.case_id, ApprovalRefusal.ANSWERED_MEANWHILE)


def _decide(work: Work, offer: Offer) -> OwnerAnswer:
    if offer.action is Action.APPROVE:
        # The mail that offered it showed the warnings too.
        older = offer.asked_back
        review.approve(work, offer.draft_id or 0, despite_warnings=True, how="reply", older=older)
        return OwnerAnswer("approved", offer.case_id, shows_case=False)
    if offer.action is Action.NO_REPLY_NEEDED:
        # What came since, and voids nothing, nobody has seen: it stays open, and follows.
        no_reply_needed(work, offer.case_id, last_seen=offer.seen)
        return OwnerAnswer("no_reply_needed", offer.case_id)
    until = review.snooze(work, offer.case_id).astimezone(work.shop.calendar.zone)
    return OwnerAnswer("snoozed", offer.case_id, f"{until:%Y-%m-%d %H:%M}", shows_case=False)


def _take_text(work: Work, offer: Offer, mail: OwnerMail) -> OwnerAnswer:
    """A text that came by mail is never sent in the same step: it comes back, checked, for approval."""
    before = work.uow.drafts.get(offer.draft_id or 0)
    if before is None or not mail.text:
        return OwnerAnswer("no_text", offer.case_id)
    current = work.uow.drafts.open_of(offer.case_id)
    replaces = current is not None and current.id != before.id and current.source.by_person
    if replaces and not offer.asked_back:
        # Somebody else has written meanwhile; whoever sees that text may still replace it.
        return OwnerAnswer("refused", offer.case_id, ApprovalRefusal.OLD_VERSION)
    # Whoever pastes an alert pastes its links: a token is stored nowhere.
    review.revise(work, before, _LINKED.sub("sokuresu:…", mail.text), DraftSource.REPLY)
    work.uow.offers.use(offer, work.now)
    if offer.action is Action.EDIT:
        return OwnerAnswer("text_taken", offer.case_id)
    # What was written may be no more than an unknown signature: the version itself can still be sent.
    return OwnerAnswer("text_with_approval", offer.case_id, earlier=before)
