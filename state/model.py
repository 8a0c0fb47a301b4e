"""Cases, messages and outgoing mail, and what may become of them. Pure: no storage, no clock.

What people wrote and whom they are is left out of every representation, for those end up in logs.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from parsers.values import Kind
from state.outbox_rules import OutboxKind, OutboxState

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from parsers.values import Authenticity


DELAYED = "delayed"
"""The fact about a message that it was long on its way: an answer from meanwhile cannot have meant it."""

RELAYED = "relayed"
"""The fact about a message that Amazon's customer service wrote it for the buyer, under a name of its own."""


PROMISED = "promised"
"""The fact about a telephone call that its caller was told by when they hear of us."""


class CaseState(StrEnum):
    """Where a case stands; acknowledged, snoozed or not proven are facts on it, no states."""

    OPEN = "open"
    ANSWERED = "answered"
    CLOSED = "closed"


class AnswerSource(StrEnum):
    """How we know that a person answered."""

    APPROVED = "approved"
    SENT_MAIL = "sent_mail"
    COPY = "copy"
    COMMAND = "command"
    NO_REPLY_NEEDED = "no_reply_needed"


@dataclass(frozen=True, slots=True)
class Case:
    """All that was said about one matter of one buyer; instants in UTC.

    Attributes:
        id: the N of the commands.
        kind: what opened it.
        state: open, answered or closed.
        mailbox: the account it came in by and is answered from.
        case_key: Amazon's id of the conversation.
        buyer_key: the buyer's address without suffix.
        alias: the address to answer to, with suffix; None for notices.
        marketplace: such as ``co.jp``.
        buyer_name: as Amazon showed it.
        subject: of the last message, to be answered with one ``Re:``.
        order_ids: the orders that Amazon's frame named.
        opened_at: when it was stored.
        acknowledged_at: when the acknowledgment left; it stops no clock.
        answered_at: when a person answered; None while anything is unanswered.
        closed_at: when it was closed.
        to_confirm_at: a copy came that may or may not have answered it; a person has to look.
        undelivered_at: our last mail to the buyer did not arrive.
        snoozed_until: hidden from the daily alerts until then.
        linked_to: the earlier case of the same matter or buyer.
        rating: stars of a feedback.
    """

    id: int
    kind: Kind
    state: CaseState
    mailbox: str
    case_key: str | None = field(repr=False)
    buyer_key: str | None = field(repr=False)
    alias: str | None = field(repr=False)
    marketplace: str | None
    buyer_name: str | None = field(repr=False)
    subject: str = field(repr=False)
    order_ids: tuple[str, ...]
    opened_at: datetime
    acknowledged_at: datetime | None = None
    answered_at: datetime | None = None
    closed_at: datetime | None = None
    to_confirm_at: datetime | None = None
    undelivered_at: datetime | None = None
    snoozed_until: datetime | None = None
    linked_to: int | None = None
    rating: int | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where a mail lies on a server: its first identity."""

    mailbox: str
    folder: str
    uidvalidity: int
    uid: int


@dataclass(frozen=True, slots=True)
class Message:
    """One stored mail of a case; instants in UTC.

    Attributes:
        id: its number; 0 before it is stored.
        case_id: the case it belongs to.
        kind: what it is.
        place: where it was read.
        received_at: when it arrived (decision 7 of the design).
        stored_at: when this program saw it.
        wants_answer: a person has to react; notices that only inform do not.
        amazon_by: Amazon's deadline; None for what Amazon does not time.
        respond_by: the earlier of Amazon's and the shop's deadline; None if it wants no answer.
        answered_at: when a person answered it; None if it is open or wants none.
        alerted_at: when it first stood in an alert.
        authenticity: whether its sender is proven.
        proof: one sentence of why; None where an earlier version stored it.
        message_id: the Message-ID header without brackets.
        message_key: Amazon's ``m=`` id.
        reply_chain: the References of the mail, oldest first.
        subject: of the mail.
        text: the buyer's words, without quoted history.
        full_text: the same with the history.
        attachments: file names.
        intent: what it seems to want.
        intent_confident: whether that may be relied on.
        facts: machine words about it, such as ``relayed`` or ``found_in_junk``.
        refusal: why it was not acknowledged; None if it was.
    """

    id: int
    case_id: int
    kind: Kind
    place: Place
    received_at: datetime
    stored_at: datetime
    wants_answer: bool
    amazon_by: datetime | None
    respond_by: datetime | None
    authenticity: Authenticity
    message_id: str | None
    message_key: str | None
    subject: str = field(repr=False)
    text: str = field(repr=False)
    full_text: str = field(repr=False)
    answered_at: datetime | None = None
    alerted_at: datetime | None = None
    reply_chain: tuple[str, ...] = ()
    attachments: tuple[str, ...] = field(default=(), repr=False)
    intent: str | None = None
    intent_confident: bool | None = None
    facts: tuple[str, ...] = ()
    proof: str | None = None
    refusal: str | None = None

    @property
    def unanswered(self) -> bool:
        """A person still has to react."""
        return self.wants_answer and self.answered_at is None


@dataclass(frozen=True, slots=True)
class OutboxItem:
    """One outgoing mail, committed before anything is sent; instants in UTC.

    Attributes:
        id: its number; 0 before it is stored.
        purpose: what makes it once, such as ``acknowledgment:12``.
        kind: acknowledgment, approved answer, inquiry of a shipping agent, alert, or short alert beside mail
            (``webhook``).
        state: where it stands.
        mailbox: the account it leaves by.
        case_id: the case it belongs to.
        answers_message: the message it answers; also the fence of decision 3.
        buyer_key: whom it goes to, for the cool-down.
        recipient: the address; for a short alert the name of its way, as is its mailbox.
        message_id: fixed before the first attempt, without brackets.
        subject: as it will be sent.
        text: as it will be sent; empty until an acknowledgment is claimed.
        text_print: the text in the form in which copies are compared.
        content: the whole mail as handed to the server.
        created_at: when the decision was stored.
        next_attempt_at: not before this.
        attempts: how often it was claimed.
        run_id: the run that claimed it last.
        claimed_at: when that was.
        sent_at: when the server took it.
        filed_at: when its copy was seen in, or put into, the Sent folder.
        copy_confirmed_at: when Amazon's copy of it came, or an unknown one that was taken for it.
        undelivered_at: when it turned out not to have arrived.
        reason: why it stands where it stands.
        draft_id: the approved version.
        cleared_at: when the account's folders were last found to allow an approved mail; it leaves soon after
            or is looked at again.
    """

    id: int
    purpose: str
    kind: OutboxKind
    state: OutboxState
    mailbox: str
    recipient: str = field(repr=False)
    message_id: str
    created_at: datetime
    next_attempt_at: datetime
    case_id: int | None = None
    answers_message: int | None = None
    buyer_key: str | None = field(default=None, repr=False)
    subject: str = field(default="", repr=False)
    text: str = field(default="", repr=False)
    text_print: str = field(default="", repr=False)
    content: bytes | None = field(default=None, repr=False)
    attempts: int = 0
    run_id: str | None = None
    claimed_at: datetime | None = None
    sent_at: datetime | None = None
    filed_at: datetime | None = None
    copy_confirmed_at: datetime | None = None
    undelivered_at: datetime | None = None
    reason: str | None = None
    draft_id: int | None = None
    cleared_at: datetime | None = None

    @property
    def promised_at(self) -> datetime | None:
        """When this told, or is to tell, a buyer to wait for a person; None if it does not, or never left."""
        gone = self.state is OutboxState.WITHDRAWN and self.claimed_at is None
        if self.kind is not OutboxKind.ACKNOWLEDGMENT or gone:
            return None
        return self.claimed_at or self.created_at


@dataclass(frozen=True, slots=True)
class Answer:
    """Something that a person sent or decided for a case.

    Attributes:
        at: when it was given, in UTC; answers every message received up to then.
        source: how we know.
        withdrawn: it turned out not to have reached the buyer.
        last_seen: number of the newest message that the person had seen, where that is known: then it answers
            the messages up to that one, whatever else had arrived by then.
    """

    at: datetime
    source: AnswerSource
    withdrawn: bool = False
    last_seen: int | None = None


@dataclass(frozen=True, slots=True)
class Settlement:
    """What the messages and answers of a case add up to.

    Attributes:
        state: open while any message is unanswered, else answered.
        answered_at: the answer that settled the last message; None while open or when nothing wanted one.
        message_answers: for each message in order the instant that answered it, or None.
    """

    state: CaseState
    answered_at: datetime | None
    message_answers: tuple[datetime | None, ...]


def settle(messages: Iterable[Message], answers: Iterable[Answer]) -> Settlement:
    """Add up a case: a reply at t answers the messages received up to t, a withdrawn one answers nothing."""
    valid = sorted((one for one in answers if not one.withdrawn), key=lambda one: one.at)
    wanting = list(messages)
    given = tuple(_first_answer(message, valid) for message in wanting)
    pairs = [(message, at) for message, at in zip(wanting, given, strict=True) if message.wants_answer]
    if any(at is None for _, at in pairs):
        return Settlement(CaseState.OPEN, None, given)
    last = max((at for _, at in pairs if at is not None), default=None)
    return Settlement(CaseState.ANSWERED, last, given)


def _first_answer(message: Message, answers: list[Answer]) -> datetime | None:
    if not message.wants_answer:
        return None
    return next((one.at for one in answers if _answers(one, message)), None)


def _answers(answer: Answer, message: Message) -> bool:
    if answer.last_seen is not None:
        return message.id <= answer.last_seen
    # A mail that hung about on its way was not there to be answered before.
    return answer.at >= (message.stored_at if DELAYED in message.facts else message.received_at)


LOW_RATING = 3
"""Buyers mean 3 as normal, but it hurts: up to here a feedback opens a case and alerts at once."""


def wants_answer(kind: Kind, *, rating: int | None = None, closed_claim: bool = False) -> bool:
    """Whether a person has to react to this kind of mail (decision 10 of the design)."""
    if kind is Kind.FEEDBACK:
        return rating is None or rating <= LOW_RATING
    if kind is Kind.CLAIM:
        return not closed_claim
    return kind in {Kind.BUYER_MESSAGE, Kind.CANCELLATION_REQUEST, Kind.RETURN_REQUEST, Kind.CALL}
