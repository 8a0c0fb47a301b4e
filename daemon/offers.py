"""Commands that a mail to the owner offers, and the tokens that make each of its copies obey once."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from daemon.identifiers import command_token, content_digest
from parsers.owner_mail import make_subject_mark
from state.approval_rules import voiding_message
from state.command_rules import Action, Offer
from templates.contexts import AlertOffer

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from daemon.work import Work
    from state.drafts import Draft
    from state.model import Message

_WORDS = {
    Action.APPROVE: ("案件{n}の下書きを送る", "send the draft of case {n}"),
    Action.EDIT: ("案件{n}の文面を書き直す", "write the answer of case {n} anew"),
    Action.NO_REPLY_NEEDED: ("案件{n}は返信不要", "case {n} needs no answer"),
    Action.SNOOZE: ("案件{n}をあとで知らせる", "remind me of case {n} later"),
}
"""What stands behind the mark in the subject, so that the person sees what is about to be sent."""


def digest_of(token: str) -> str:
    """What is stored of a token."""
    return content_digest(token.encode("ascii"))


def plan(action: Action, case_id: int, messages: Sequence[Message], draft: Draft | None = None) -> Offer:
    """An offer that is yet to be put into a mail.

    Args:
        action: what it does.
        case_id: the case.
        messages: all of the case; a newer one that voids kills the offer.
        draft: the version that it is about; left out for what concerns no draft.
    """
    return Offer(
        id=0,
        outbox_id=0,
        case_id=case_id,
        action=action,
        draft_id=None if draft is None else draft.id,
        message=voiding_message(messages),
        seen=max((one.id for one in messages), default=0),
        asked_back=False,
        placeholder=command_token(),
    )


def show(offer: Offer, address: str, language: str) -> AlertOffer:
    """The offer as a link, with the placeholder where the token is going to stand.

    The mail that it opens has a subject only: the command is there, and what is written below is a person's.
    """
    words = _WORDS[offer.action][0 if language == "ja" else 1].format(n=offer.case_id)
    subject = quote(f"{make_subject_mark(offer.placeholder)} {words}", safe="")
    return AlertOffer(offer.action, f"mailto:{quote(address, safe='@+')}?subject={subject}")


def fill(work: Work, text: str, offers: Iterable[Offer]) -> str:
    """Write a fresh token in the place of each placeholder; only its digest is kept.

    A mail that is offered again after an unknown outcome gets others: the first may have arrived all the
    same, and its commands live as well.
    """
    for offer in offers:
        token = command_token()
        work.uow.offers.issue(offer.id, digest_of(token), work.now)
        text = text.replace(offer.placeholder, token)
    return text
