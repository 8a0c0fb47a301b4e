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
        "cancellation",
        "claim",
        "delivery_deferred",
        "escalation",
        "feedback",
        "hourly_cap",
        "junk",
        "login_refused",
        "mailbox_silent",
        "quarantine_grows",
        "refused",
        "return_request",
        "save_sent_failed",
        "uncertain",
        "undelivered",
        "unrecognised",
    }
)
"""The machine words of `AlertEvent.word`; every language has a headline and an advice for each."""

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
class AlertCase:
    """One case that waits for the owner.

    Attributes:
        number: the N of the commands.
        kind: word of `parsers.values.Kind` for the mail that waits.
        buyer_name: as Amazon shows it; None where unknown.
        order_ids: the case's orders.
        waiting_since: when the oldest unanswered message came.
        respond_by: the shop's own deadline; None where it has none.
        amazon_by: end of Amazon's 24 hours; None for everything but buyer messages.
        acknowledged_at: when the buyer got the automatic confirmation; None if none was sent.
        excerpt: what the buyer wrote, hostile.
        rating: stars of a feedback, 1 to 5.
        notes: words of `NOTE_WORDS`.
        runs_out_before_opening: a deadline falls before the shop opens again.

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
    runs_out_before_opening: bool = False

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

    def __post_init__(self) -> None:
        if self.situation not in SITUATIONS:
            raise ValueError(f"no situation: {self.situation!r}")
        if self.fulfilment not in FULFILMENTS:
            raise ValueError(f"no fulfilment: {self.fulfilment!r}")
