"""Reads the Sent folder: our own copies confirm their rows, a person's mail to a buyer answers the case."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from daemon.reading.copies import COPY_AGE, ask_person, confirm, most_likely
from daemon.settling import had_begun, record_answer
from parsers.fingerprints import fingerprint_text
from state.matching import answered_by_mail
from state.model import Answer, AnswerSource
from state.outbox_rules import OutboxKind

if TYPE_CHECKING:
    from datetime import datetime

    from daemon.work import Work
    from parsers.sent import SentMail
    from parsers.values import Envelope
    from state.matching import Addressed
    from state.model import OutboxItem
    from state.unit_of_work import UnitOfWork

SENT_FIELDS = (
    "TO",
    "CC",
    "MESSAGE-ID",
    "X-SOKURESU-OUTBOX",
    "X-GOOGLE-ORIGINAL-MESSAGE-ID",
    "X-MICROSOFT-ORIGINAL-MESSAGE-ID",
)
"""What is read of every sent mail, to tell whether its body concerns us."""

_OWN_COPY_WITHIN = timedelta(hours=1)
"""A mail server that is slow may have filed the copy of a mail so long after it left."""


def our_ids(envelope: Envelope) -> tuple[str, ...]:
    """Every id under which this mail may be a row of the outbox; providers rewrite the Message-ID."""
    ids = (envelope.outbox_id, envelope.message_id, envelope.original_message_id)
    return tuple(dict.fromkeys(one for one in ids if one))


def take_sent(work: Work, mail: SentMail, *, at: datetime) -> str:
    """Take in one mail of the Sent folder; tells in a word what it was.

    Args:
        work: the transaction.
        mail: the mail.
        at: when it was sent, in UTC.
    """
    own = _own_mail(work, mail, at)
    if own is not None:
        confirm(work, own, filed_at=work.now)
        return "own"
    if mail.automatic:
        if mail.envelope.outbox_id is not None:
            _note_forgotten_acknowledgment(work, mail, at)
        return "automatic"
    # One with our mark was approved by a person before the database was restored, and it is here: it left.
    return _take_answer(work, mail, at)


def _own_mail(work: Work, mail: SentMail, at: datetime) -> OutboxItem | None:
    by_id = work.uow.outbox.with_message_ids(our_ids(mail.envelope))
    if by_id:
        return by_id[0]
    if mail.envelope.draft_id is not None:
        # A person sent it from the Drafts folder; an earlier answer may have had the very same words.
        return None
    aliases = {alias.address.lower() for alias in mail.aliases}
    text_print = fingerprint_text(mail.text)
    same = (
        item
        for item in work.uow.outbox.comparable(work.now - COPY_AGE)
        if item.recipient.lower() in aliases and item.text_print and item.text_print == text_print
    )
    return most_likely(item for item in same if not _is_later_answer(item, at))


def _is_later_answer(item: OutboxItem, at: datetime) -> bool:
    """A person sent the words of an approved mail again; its own copy bears the time at which it left."""
    return (
        item.kind is OutboxKind.APPROVED
        and item.claimed_at is not None
        and at - item.claimed_at > _OWN_COPY_WITHIN
    )


def _note_forgotten_acknowledgment(work: Work, mail: SentMail, at: datetime) -> None:
    """We wrote it before the database was restored; if its case is here and certain, it is noted there."""
    addressed = _addressed(work, mail, at)
    if len(addressed.cases) == 1 and addressed.certain and addressed.cases[0].acknowledged_at is None:
        work.uow.cases.change(addressed.cases[0].id, acknowledged_at=at)
        work.uow.events.note(addressed.cases[0].id, "acknowledged", at)


def _addressed(work: Work, mail: SentMail, at: datetime) -> Addressed:
    """The cases that a mail may have been written for."""
    aliases = [(alias.buyer_key, alias.case_key) for alias in mail.aliases]
    known = work.uow.cases.with_buyer([buyer for buyer, _ in aliases])
    candidates = [case for case in known if had_begun(work.uow, case.id, at)]
    named = [*_replied_to(mail.envelope, work.uow), *_drafted_for(mail.envelope, work.uow)]
    return answered_by_mail(aliases, named, candidates)


def _take_answer(work: Work, mail: SentMail, at: datetime) -> str:
    addressed = _addressed(work, mail, at)
    cases = addressed.cases
    if len(cases) != 1 or not addressed.certain:
        for case in cases:
            ask_person(work, case.id, "a sent mail may have answered this")
        return "to_confirm" if cases else "unrelated"
    reference = f"sent:{mail.envelope.message_id or f'{cases[0].id}-{at.isoformat()}'}"
    answer = Answer(at, AnswerSource.SENT_MAIL)
    text_print = fingerprint_text(mail.text)
    fresh = record_answer(work, cases[0].id, answer, reference=reference, text_print=text_print)
    return "answered" if fresh else "known"


def _replied_to(envelope: Envelope, uow: UnitOfWork) -> list[int]:
    named = [one for one in (envelope.in_reply_to, *envelope.references[-1:]) if one]
    holders = uow.identities.holders([f"message_id:{one}" for one in named])
    messages = [uow.messages.get(held.message) for held in holders if held.message is not None]
    return [message.case_id for message in messages if message is not None]


def _drafted_for(envelope: Envelope, uow: UnitOfWork) -> list[int]:
    """The case whose draft this was, where the mail program kept our header."""
    draft = uow.drafts.with_token(envelope.draft_id) if envelope.draft_id else None
    return [] if draft is None else [draft.case_id]
