"""All that a template may see: frozen values, put together by the use cases.

Every instant is aware and already in the shop's time zone, for templates print wall-clock times and
know no zone of their own. Texts that a buyer wrote arrive as they are; `templates.cleaning` makes them
harmless before a template sees them.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date, datetime

OCCASIONS = frozenset({"slot", "new", "running_out", "event"})
"""Why an alert goes: a time of the day's plan, new mail after it, Amazon's 24 hours, something at once."""

NOTE_WORDS = frozenset(
    {
        "escalation",  # a threat, a lawyer, an injury: no draft, quick help
        "found_in_junk",  # lay in the junk folder
        "found_late",  # first seen long after it came, so nothing was acknowledged
        "not_proven",  # nothing proves that Amazon sent it
        "relayed",  # Amazon's customer service wrote for the buyer
        "repeat",  # this buyer wrote in other cases before
        "snoozed",  # put off by a person
        "thanks",  # merely thanks, an answer may not be needed
        "to_confirm",  # a copy came that may be a person's answer
        "undelivered",  # an answer did not reach the buyer
    }
)
"""The machine words of `AlertCase.notes`; every language has a sentence for each."""

EVENT_WORDS = frozenset(
    {
        "agent_answered",  # the shipping agent that was asked; what it says stands in no alert
        "approval_void",  # an approved draft was not sent; the detail is a word of `VOID_WORDS`
        "call_due",  # the time that a caller was promised is near
        "cancellation",
        "claim",
        "command_refused",  # a mail that claims to be the owner's failed its proof
        "delivery_deferred",
        "discard_draft",  # a draft that is out of date lies in the Drafts folder and cannot be removed
        "edited_draft",  # likewise, and a person has edited it
        "escalation",
        "feedback",
        "format_changed",  # several mails of one unknown shape; the detail is the subject of one
        "hourly_cap",
        "inquiry_refused",  # the shipping agent did not get what was asked; the detail says why
        "junk",
        "login_refused",
        "mail_missed",  # the daily look found mail that had not been read; the detail counts it by folder
        "mail_unwatched",  # likewise, in folders that are not watched
        "mailbox_back",  # it is read again after a trouble that was told; the detail says since when
        "mailbox_silent",
        "quarantine_grows",
        "quarantine_readable",  # what waits there can be read by now; the detail says how much of it
        "refused",
        "reload_refused",  # a new configuration is faulty, the old one goes on; the detail names the faults
        "restored",  # the service goes on with a backup; the detail says of when
        "return_open",  # a return that nobody has followed up; the detail says whether it has arrived
        "return_request",
        "save_sent_failed",
        "second_path_failed",  # a short alert did not arrive beside the mail; the detail names the path
        "template_fault",  # a template of the shop's own is faulty; the detail names file and line
        "uncertain",
        "undelivered",
        "unrecognised",
    }
)
"""The machine words of `AlertEvent.word`; every language has a headline and an advice for each."""

VOID_WORDS = frozenset(
    {
        "answered_meanwhile",  # another answer went to the buyer since
        "being_sent",  # an answer of this case is on its way already
        "buyer_wrote_again",
        "discarded",
        "draft_edited",  # the copy in the Drafts folder is not as it was put there
        "draft_gone",  # it is not there any more: somebody sent or deleted it
        "forbidden_words",
        "no_address",
        "no_draft",
        "old_version",
        "already_sent",
        "uncertain",  # nobody knows whether the answer before it left
        "warnings",
    }
)
"""Why an answer was not sent; every language has a sentence for each."""

ACTIONS = frozenset({"approve", "edit", "no_reply_needed", "snooze"})
"""What the owner can command by a mail that a link in an alert opens."""

ANSWER_WORDS = frozenset(
    {
        "approved",  # the draft goes to the buyer now
        "confirm_approve",  # nothing happened yet: nothing proves the sender, so a second mail asks
        "confirm_no_reply_needed",
        "no_reply_needed",  # the case is closed without an answer
        "snoozed",  # put off until the detail, a moment in words
        "text_taken",  # the text of the mail is the draft's next version; nothing was sent
        "text_with_approval",  # the same; and with a link to send the version before it as it was
        "no_text",  # a new text was to come and the mail had none
        "nothing_sent",  # any other reply to our mail: nothing was sent to the buyer
        "unknown_command",  # the link is not known
        "used",  # it was carried out before
        "expired",  # older than 48 hours
        "buyer_wrote_again",  # the buyer wrote after the link was made
        "refused",  # the decision could not be carried out; the detail is a word of `VOID_WORDS`
        "failed",  # the same, with the detail as a sentence
    }
)
"""What became of a mail from the owner."""

SITUATIONS = frozenset(
    {
        "how_to_use",
        "damaged",
        "defective",
        "after_30_days",  # a return, a defect or a question when Amazon's time for returns is over
        "not_delivered",
        "wrong_address",
        "wrong_item",
        "missing_part",
        "return_or_exchange",
        "cancel",
        "receipt",
        "question",
        "thanks",
        "escalation",
        "other",
    }
)
"""What a buyer may write about; chooses the draft of the answer."""

FULFILMENTS = frozenset({"fba", "own", "unknown"})
"""Who delivers: Amazon, the shop itself, or nobody knows and the draft leaves the choice to a person."""

COMMENT_MATTERS = frozenset({"delivery", "product", "service", "other"})
"""What the comment of a rating may be about; chooses the texts that answer it."""

REMOVAL_GROUNDS = frozenset(
    {
        "product_review",  # the whole comment is about the product
        "obscene",
        "personal_information",
        "fba_delivery",  # the whole comment is about a delivery that was Amazon's
        "bought_label",  # likewise, shipped in time with a label bought through Amazon
    }
)
"""Why Amazon may remove a rating or strike its comment through."""


def _refuse_naive(value: object) -> None:
    """Stop a naive instant at the door, where the mistake was made.

    Raises:
        ValueError: an instant of the value carries no time zone.
    """
    for one in fields(value):  # type: ignore[arg-type]
        instant = getattr(value, one.name)
        if isinstance(instant, datetime) and instant.tzinfo is None:
            raise ValueError(f"{one.name} needs a time zone")


@dataclass(frozen=True, slots=True)
class AcknowledgmentContext:
    """What the immediate "we are checking this" to a buyer is made of.

    Attributes:
        shop_name: signs the text.
        buyer_name: as Amazon shows it; None where it shows none. Left out of the text if it is no name.
        order_id: the order the buyer writes about; None where unknown, for example before buying.
        answered_by: by when a person answers, in the shop's time zone; the only promise of the text.
        phone_unstaffed: it is a closed day: nobody is at the telephone.

    Raises:
        ValueError: `answered_by` carries no time zone.
    """

    shop_name: str
    buyer_name: str | None
    order_id: str | None
    answered_by: datetime
    phone_unstaffed: bool = False

    def __post_init__(self) -> None:
        _refuse_naive(self)


@dataclass(frozen=True, slots=True)
class AlertOffer:
    """A command that the owner can give with one tap.

    Attributes:
        action: one of `ACTIONS`.
        link: a ``mailto:`` address with the subject that is the command.
    """

    action: str
    link: str


@dataclass(frozen=True, slots=True)
class AlertDraft:
    """The draft of a case's answer, as the owner reviews it.

    Attributes:
        version: counts the versions of this case's draft.
        text: as it would be sent.
        ready: it has neither blanks nor forbidden words, so it may be sent as it is.
        sure: what the buyer wants is well recognised; else the draft may be about the wrong thing.
        reasons: what forbids sending it, or warns, one sentence each in the owner's language.
    """

    version: int
    text: str
    ready: bool
    sure: bool = True
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AlertCase:
    """One case that waits for the owner.

    Attributes:
        number: the N of the commands.
        kind: word of `parsers.values.Kind` for the mail that waits.
        buyer_name: as Amazon shows it; None where unknown.
        order_ids: the case's orders.
        waiting_since: when the oldest unanswered message came.
        respond_by: the shop's own deadline; None where it has none.
        amazon_by: end of Amazon's 24 hours, or of the time it gives for a claim, a cancellation or a return.
        acknowledged_at: when the buyer got the automatic confirmation; None if none was sent.
        excerpt: what the buyer wrote, hostile.
        rating: stars of a feedback, 1 to 5.
        notes: words of `NOTE_WORDS`.
        proof: with the note ``not_proven`` why, as the parsers word it; empty where nobody knows.
        runs_out_before_opening: a deadline falls before the shop opens again.
        draft: what waits for the owner's approval; None if there is none.
        advice: what to do besides answering, a sentence or two each in the owner's language.
        offers: what can be commanded with one tap, in the order in which it is shown.
        page: the address of the case at the review desk; empty where nobody configured how that is reached.

    Raises:
        ValueError: an instant carries no time zone.
    """

    number: int
    kind: str
    buyer_name: str | None
    order_ids: tuple[str, ...]
    waiting_since: datetime
    respond_by: datetime | None = None
    amazon_by: datetime | None = None
    acknowledged_at: datetime | None = None
    excerpt: str = ""
    rating: int | None = None
    notes: tuple[str, ...] = ()
    proof: str = ""
    runs_out_before_opening: bool = False
    draft: AlertDraft | None = None
    advice: tuple[str, ...] = ()
    offers: tuple[AlertOffer, ...] = ()
    page: str = ""

    def __post_init__(self) -> None:
        _refuse_naive(self)


@dataclass(frozen=True, slots=True)
class AlertEvent:
    """Something that the owner is told whether or not a case waits.

    Attributes:
        word: one of `EVENT_WORDS`.
        case_number: the case it belongs to; None where there is none.
        detail: one line for the owner, such as a mailbox's name or a server's reply; hostile.
    """

    word: str
    case_number: int | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class AlertContext:
    """What one alert mail to the owner is made of.

    Attributes:
        shop_name: whose alert it is; an owner may have several shops.
        now: the instant of the alert, in the shop's time zone.
        occasion: one of `OCCASIONS`.
        label: the slot as the owner configured it (``19:30``); None outside slots.
        cases: what is unanswered, most urgent first.
        events: what happened since the last alert.
        quarantined: mails that could not be read and wait in quarantine, forged-looking ones not counted.
        unproven: forged-looking mails that wait in quarantine.
        uncertain: outgoing mails of which nobody knows whether they left.
        next_opening: when the shop opens next; None where the calendar knows none.
        is_last_of_day: no other planned alert follows today.

    Raises:
        ValueError: an instant carries no time zone.
    """

    shop_name: str
    now: datetime
    occasion: str
    label: str | None = None
    cases: tuple[AlertCase, ...] = ()
    events: tuple[AlertEvent, ...] = ()
    quarantined: int = 0
    unproven: int = 0
    uncertain: int = 0
    next_opening: datetime | None = None
    is_last_of_day: bool = False

    def __post_init__(self) -> None:
        _refuse_naive(self)


@dataclass(frozen=True, slots=True)
class RenderedAlert:
    """An alert in words.

    Attributes:
        subject: one line.
        text: the mail, plain text.
        brief: a few lines for a second path such as a webhook: numbers, orders and times, and nothing
            that a buyer wrote or is called.
    """

    subject: str
    text: str
    brief: str


@dataclass(frozen=True, slots=True)
class DraftContext:
    """What the draft of an answer to a buyer is made of; a person reads it before it goes.

    Attributes:
        shop_name: signs the text.
        buyer_name: as Amazon shows it; None where it shows none. Left out of the text if it is no name.
        order_id: the order the buyer writes about; None where unknown, for example before buying.
        situation: word of `SITUATIONS`.
        fulfilment: word of `FULFILMENTS`.
        purchased_on: the shop's local date; None where unknown.
        days_since_purchase: whole days; None where unknown.
        delivered_on: the shop's local date; None where unknown.
        days_since_delivery: whole days; None where unknown.
        earlier_cases: how many cases the same buyer had before.
        attachments: names of the files that the buyer sent, hostile; only their kind is looked at.
        item: what was ordered, as its listing is called; None where unknown or where it was several things.
        price: what was paid for it, in words; None where unknown.

    Raises:
        ValueError: the situation or the fulfilment is none of the words.
    """

    shop_name: str
    buyer_name: str | None
    order_id: str | None
    situation: str
    fulfilment: str
    purchased_on: date | None = None
    days_since_purchase: int | None = None
    delivered_on: date | None = None
    days_since_delivery: int | None = None
    earlier_cases: int = 0
    attachments: tuple[str, ...] = ()
    item: str | None = None
    price: str | None = None

    def __post_init__(self) -> None:
        if self.situation not in SITUATIONS:
            raise ValueError(f"no situation: {self.situation!r}")
        if self.fulfilment not in FULFILMENTS:
            raise ValueError(f"no fulfilment: {self.fulfilment!r}")


@dataclass(frozen=True, slots=True)
class FeedbackContext:
    """What the texts after a bad rating are made of.

    Attributes:
        shop_name: signs the text to the buyer.
        order_id: the order that was rated; None where unknown.
        matter: word of `COMMENT_MATTERS`.
        fulfilment: word of `FULFILMENTS`.
        ground: word of `REMOVAL_GROUNDS`; None where none applies, and nothing is asked of Amazon.
        request_by: the last local date for a request; None where the date of the rating is unknown.

    Raises:
        ValueError: a word is none of its set.
    """

    shop_name: str
    order_id: str | None
    matter: str
    fulfilment: str
    ground: str | None = None
    request_by: date | None = None

    def __post_init__(self) -> None:
        if self.matter not in COMMENT_MATTERS:
            raise ValueError(f"no comment is about {self.matter!r}")
        if self.fulfilment not in FULFILMENTS:
            raise ValueError(f"no fulfilment: {self.fulfilment!r}")
        if self.ground is not None and self.ground not in REMOVAL_GROUNDS:
            raise ValueError(f"no ground for a removal: {self.ground!r}")


@dataclass(frozen=True, slots=True)
class AnswerContext:
    """What the answer to a mail of the owner's is made of.

    Attributes:
        shop_name: whose shop; an owner may have several.
        now: the instant, in the shop's time zone.
        word: one of `ANSWER_WORDS`.
        case_number: the case that the mail was about; None where nobody knows.
        detail: what the word says that it is; hostile.
        case: the case as it stands now, with draft and offers; None where it is not shown.
        earlier_draft: with ``text_with_approval`` the version that can still be sent as it was.
        earlier_offer: and the link that does so.
        timed_by_amazon: Amazon gives a time for something in the case; for a rating or a call it gives none.

    Raises:
        ValueError: an instant carries no time zone, or the word is none of `ANSWER_WORDS`.
    """

    shop_name: str
    now: datetime
    word: str
    case_number: int | None = None
    detail: str = ""
    case: AlertCase | None = None
    earlier_draft: AlertDraft | None = None
    earlier_offer: AlertOffer | None = None
    timed_by_amazon: bool = True

    def __post_init__(self) -> None:
        _refuse_naive(self)
        if self.word not in ANSWER_WORDS:
            raise ValueError(f"no answer is called {self.word!r}")


@dataclass(frozen=True, slots=True)
class RenderedAnswer:
    """An answer to the owner in words; no path but mail is given it.

    Attributes:
        subject: one line.
        text: the mail, plain text.
    """

    subject: str
    text: str
