"""Attaches what a shipping agent answers to the case that was asked about; nothing else of theirs is kept."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from daemon.aftercare.agents import agent_at
from daemon.identifiers import content_digest
from daemon.log import get_logger
from daemon.reading.arrivals import Outcome, Taken
from daemon.reading.case_mail import Era, era_at
from daemon.reading.sent_watch import our_ids
from daemon.settling import had_begun
from parsers.values import Authenticity, Kind
from state.deadlines import received_at
from state.model import CaseState, Message
from state.outbox_rules import OutboxKind

if TYPE_CHECKING:
    from datetime import datetime

    from daemon.ports import MailHead
    from daemon.work import Work
    from parsers.agent_mail import AgentMail
    from state.model import Case, Place

AUTOMATIC = "automatic"
"""The fact about a message that a robot wrote it."""

_log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class AgentArrival:
    """One mail that names a shipping agent as its sender, and where it lies."""

    mail: AgentMail
    place: Place
    # It may be about anybody.
    content: bytes = field(repr=False)
    head: MailHead

    @property
    def received_at(self) -> datetime:
        """When it arrived."""
        return received_at(self.mail.envelope.date, self.head.internal_date)


def take_agent_mail(arrival: AgentArrival, work: Work) -> Taken:
    """Take in one mail of an agent's: a message of the case that it answers, else nothing but a number.

    It settles nothing, voids nothing and is never answered: the buyer still waits.
    """
    case = None if _is_foreign(arrival, work) else _case_of(arrival, work)
    if case is None:
        work.uow.counts.add(Kind.UNRELATED, 1, work.now)
        return Taken(Outcome.IGNORED)
    if not _claim(arrival, work):
        return Taken(Outcome.ALREADY_KNOWN)
    work.uow.counts.add(Kind.AGENT_REPLY, 1, work.now)
    message = work.uow.messages.add(_message(arrival, case, work))
    work.uow.raw_mail.keep(message.id, arrival.content, work.now)
    work.uow.events.note(case.id, "agent_answered", work.now)
    if not arrival.mail.automatic:
        key = f"agent_answered:{message.id}"
        work.uow.notices.raise_once(key, "agent_answered", work.now, case_id=case.id)
    _log.info("mail of an agent", action="attached", case=case.id)
    return Taken(Outcome.JOINED, case.id)


def _is_foreign(arrival: AgentArrival, work: Work) -> bool:
    """Not an agent's after all, perhaps somebody else's, our own coming back, or from before the start."""
    envelope = arrival.mail.envelope
    if agent_at(work.shop, envelope.from_address) is None:
        return True
    if arrival.mail.authenticity is Authenticity.FAIL:
        return True
    if envelope.outbox_id is not None or work.uow.outbox.with_message_ids(our_ids(envelope)):
        return True
    start = work.uow.mailboxes.get(arrival.place.mailbox)
    return start is not None and era_at(start, arrival.received_at) is Era.HISTORY


def _case_of(arrival: AgentArrival, work: Work) -> Case | None:
    """The case of the inquiry that it answers, else of the only order that it names."""
    envelope = arrival.mail.envelope
    named = [one for one in (envelope.in_reply_to, *reversed(envelope.references)) if one]
    items = work.uow.outbox.with_message_ids(list(dict.fromkeys(named)))
    # Of an erased case the recipient is gone, and what belongs to it is not to come back.
    ours = (item for item in items if item.kind is OutboxKind.INQUIRY and item.recipient)
    asked = {item.message_id: item.case_id for item in ours}
    number = next((asked[one] for one in named if asked.get(one) is not None), None)
    return _case_of_order(arrival, work) if number is None else work.uow.cases.get(number)


def _case_of_order(arrival: AgentArrival, work: Work) -> Case | None:
    """A list of many parcels is about no case in particular."""
    if len(arrival.mail.order_ids) != 1:
        return None
    alive = [
        case
        for case in work.uow.cases.with_orders(arrival.mail.order_ids)
        if case.state is not CaseState.CLOSED and had_begun(work.uow, case.id, arrival.received_at)
    ]
    return max(alive, key=lambda case: (case.state is CaseState.OPEN, case.id), default=None)


def _claim(arrival: AgentArrival, work: Work) -> bool:
    """Whether this mail is seen for the first time.

    The name is kept apart from those of Amazon's mail, so that no agent can take the place of a buyer's.
    """
    key = f"agent:{arrival.mail.envelope.message_id or content_digest(arrival.content)}"[:400]
    if work.uow.identities.holders([key]):
        return False
    authenticity = arrival.mail.authenticity
    work.uow.identities.claim([key], message=None, authenticity=authenticity, at=work.now)
    return True


def _message(arrival: AgentArrival, case: Case, work: Work) -> Message:
    mail = arrival.mail
    return Message(
        id=0,
        case_id=case.id,
        kind=Kind.AGENT_REPLY,
        place=arrival.place,
        received_at=arrival.received_at,
        stored_at=work.now,
        wants_answer=False,
        amazon_by=None,
        respond_by=None,
        authenticity=mail.authenticity,
        proof=mail.reason,
        message_id=mail.envelope.message_id,
        message_key=None,
        subject=mail.envelope.subject,
        text=mail.text,
        full_text=mail.full_text,
        reply_chain=mail.envelope.references,
        attachments=mail.attachments,
        facts=(AUTOMATIC,) if mail.automatic else (),
    )
