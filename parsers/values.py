"""The words that all parsers speak: small frozen values, checked when they are made."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from datetime import date, datetime

ORDER_ID = re.compile(r"(?:\d{3}|[DPS]\d{2})-\d{7}-\d{7}")
ASIN = re.compile(r"[A-Z0-9]{10}")
_ALIAS = re.compile(
    r"(?P<local>[a-z0-9]{8,40})(?:\+(?P<suffix>[A-Za-z0-9-]{1,64}))?@marketplace\.amazon\.(?P<marketplace>[a-z.]{2,6})"
)

# fmt: off
MARKETPLACES = frozenset((
    "com", "ca", "com.mx", "com.br", "co.uk", "de", "fr", "it", "es", "nl", "se",
    "pl", "com.be", "ie", "com.tr", "co.jp", "com.au", "sg", "in", "ae", "sa", "eg",
))
# fmt: on
"""The top-level parts of Amazon's marketplace domains that accept mail (22 domains with an MX record)."""

_SYSTEM_LOCALS = frozenset({"donotreply", "noreply", "mailerdaemon", "postmaster"})


class OrderId(str):
    """Amazon's order number: three groups of digits, the first may name a digital or payment order.

    Raises:
        ValueError: the text is not exactly one order number.
    """

    __slots__ = ()

    def __new__(cls, text: str) -> Self:
        """Check the text and keep it as it is."""
        if not ORDER_ID.fullmatch(text):
            raise ValueError(f"not an Amazon order number: {text!r}")
        return super().__new__(cls, text)


class Asin(str):
    """Amazon's ten-character number of a product.

    Raises:
        ValueError: the text is not exactly one such number.
    """

    __slots__ = ()

    def __new__(cls, text: str) -> Self:
        """Check the text and keep it as it is."""
        if not ASIN.fullmatch(text):
            raise ValueError(f"not an ASIN: {text!r}")
        return super().__new__(cls, text)


@dataclass(frozen=True, slots=True)
class BuyerAlias:
    """The address under which Amazon hides one buyer from one seller.

    Attributes:
        local: the part that stays the same for this buyer and seller.
        case_key: Amazon's own id of the conversation, behind the plus sign; None where Amazon sent none.
        marketplace: the end of the domain, such as ``co.jp``.
    """

    local: str
    case_key: str | None
    marketplace: str

    @classmethod
    def parse(cls, address: str | None) -> BuyerAlias | None:
        """Read an address; None if it is no buyer's alias on a marketplace domain of the list.

        The domain is compared whole, so ``marketplace.amazon.co.jp.evil.example`` is none. Amazon's own
        senders on the same domain (``donotreply``) are no buyers.
        """
        local, _, domain = (address or "").strip().rpartition("@")
        found = _ALIAS.fullmatch(f"{local}@{domain.lower()}")
        if found is None or found["marketplace"] not in MARKETPLACES or found["local"] in _SYSTEM_LOCALS:
            return None
        return cls(found["local"], found["suffix"], found["marketplace"])

    @property
    def address(self) -> str:
        """The address to write to: the suffix is never dropped."""
        suffix = f"+{self.case_key}" if self.case_key else ""
        return f"{self.local}{suffix}@marketplace.amazon.{self.marketplace}"

    @property
    def buyer_key(self) -> str:
        """The address without its suffix: one buyer of one seller on one marketplace."""
        return f"{self.local}@marketplace.amazon.{self.marketplace}"


class Kind(StrEnum):
    """What a mail is; these words are part of the command line's promise.

    The last two are messages of a case that no mail of Amazon's brought: a telephone call that a person wrote
    down, and what a shipping agent answered. Reading a mail never yields them.
    """

    BUYER_MESSAGE = "buyer_message"
    REPLY_COPY = "reply_copy"
    DELIVERY_FAILURE = "delivery_failure"
    RETURN_REQUEST = "return_request"
    REFUND = "refund"
    CANCELLATION_REQUEST = "cancellation_request"
    CLAIM = "claim"
    FEEDBACK = "feedback"
    ORDER_NOTICE = "order_notice"
    AMAZON_NOTICE = "amazon_notice"
    UNRECOGNISED_AMAZON = "unrecognised_amazon"
    UNRELATED = "unrelated"
    CALL = "call"
    AGENT_REPLY = "agent_reply"


class Authenticity(StrEnum):
    """Whether a mail is proven to come from the domain that it names."""

    PASS = "pass"  # noqa: S105 - a verdict, no password
    FAIL = "fail"
    NONE = "none"


class Fulfilment(StrEnum):
    """Who ships an order."""

    FBA = "fba"
    OWN = "own"


class Intent(StrEnum):
    """What the buyer wants; it chooses a draft and an urgency and never sends anything."""

    HOW_TO_USE = "how_to_use"
    DAMAGED = "damaged"
    DEFECTIVE = "defective"
    NOT_DELIVERED = "not_delivered"
    WRONG_ADDRESS = "wrong_address"
    WRONG_ITEM = "wrong_item"
    MISSING_PART = "missing_part"
    RETURN_OR_EXCHANGE = "return_or_exchange"
    CANCEL = "cancel"
    RECEIPT = "receipt"
    QUESTION = "question"
    THANKS = "thanks"
    ESCALATION = "escalation"
    OTHER = "other"


class Refusal(StrEnum):
    """Why no acknowledgment goes to the buyer.

    The first block needs only the mail itself, the second what the shop knows.
    """

    NOT_A_BUYER_MESSAGE = "not_a_buyer_message"
    FORGED = "forged"
    NOT_PROVEN = "not_proven"
    SEVERAL_SENDERS = "several_senders"
    AUTOMATIC = "automatic"
    RELAYED = "relayed"
    THANKS = "thanks"

    ADDRESSED_ELSEWHERE = "addressed_elsewhere"
    DISABLED = "disabled"
    HISTORY = "history"
    LOOK_BACK = "look_back"
    TOO_OLD = "too_old"
    TOO_LATE = "too_late"
    ALREADY_ACKNOWLEDGED = "already_acknowledged"
    ALREADY_ANSWERED = "already_answered"
    COOL_DOWN = "cool_down"
    AWAITING_PERSON = "awaiting_person"
    HOURLY_CAP = "hourly_cap"


@dataclass(frozen=True, slots=True)
class IntentGuess:
    """What the text seems to want, and whether that may be relied on."""

    intent: Intent
    confident: bool


@dataclass(frozen=True, slots=True)
class Frame:
    """What Amazon itself put around a notification.

    Attributes:
        marketplace: end of the domain (``co.jp``), None where nothing in the mail tells.
        order_ids: order numbers from the subject and Amazon's frame, in order of appearance.
        rule: which rule read the mail, as ``group/name``, for ``parse`` and the log.
        confidence: how well that rule is founded: ``seen``, ``secondary`` or ``assumed``.
    """

    marketplace: str | None = None
    order_ids: tuple[OrderId, ...] = ()
    rule: str | None = None
    confidence: str | None = None


@dataclass(frozen=True, slots=True)
class BuyerMessage:
    """A buyer wrote through Amazon.

    Attributes:
        frame: what Amazon put around the message.
        alias: where a reply goes: Reply-To if its buyer key equals From's, else From.
        buyer_name: the name that Amazon shows; None if it shows none.
        message_key: Amazon's ``m=`` id; the same in every copy of one message.
        asins: products that Amazon's frame names.
        mentioned_order_ids: numbers that the buyer merely wrote; they bind nothing.
        text: the buyer's own words, quoted history at the end removed.
        full_text: the same with the history.
        attachments: file names of what came with it.
        relayed: written by Amazon's customer service for the buyer.
    """

    frame: Frame
    alias: BuyerAlias
    buyer_name: str | None
    message_key: str | None
    asins: tuple[Asin, ...]
    mentioned_order_ids: tuple[OrderId, ...]
    text: str
    full_text: str
    attachments: tuple[str, ...] = ()
    relayed: bool = False

    kind = Kind.BUYER_MESSAGE


@dataclass(frozen=True, slots=True)
class ReplyCopy:
    """Amazon's copy of a mail that the seller (or this program) sent to a buyer. It carries no address."""

    frame: Frame
    buyer_name: str | None
    text: str

    kind = Kind.REPLY_COPY


@dataclass(frozen=True, slots=True)
class DeliveryFailure:
    """A mail to the buyer did not arrive.

    Attributes:
        frame: what Amazon put around the notice; empty for a plain bounce.
        reason: ``opted_out`` or ``bounced``.
        about_message_ids: Message-IDs that the report names, without angle brackets.
        about_buyer_key: the buyer's alias without suffix, where the notice shows it.
    """

    frame: Frame
    reason: str
    about_message_ids: tuple[str, ...] = ()
    about_buyer_key: str | None = None

    kind = Kind.DELIVERY_FAILURE


@dataclass(frozen=True, slots=True)
class ReturnRequest:
    """A buyer asked to send something back."""

    frame: Frame
    reason: str | None
    text: str

    kind = Kind.RETURN_REQUEST


@dataclass(frozen=True, slots=True)
class Refund:
    """A refund was started.

    Attributes:
        frame: what Amazon put around the notice.
        fulfilment: who shipped the order; None where the notice does not tell, or tells both.
        amount: what goes back, in the currency's smallest unit; None where the notice does not tell.
        currency: its three letters; None likewise.
    """

    frame: Frame
    fulfilment: Fulfilment | None = None
    amount: int | None = None
    currency: str | None = None

    kind = Kind.REFUND


@dataclass(frozen=True, slots=True)
class CancellationRequest:
    """A buyer asked to cancel an order before it ships."""

    frame: Frame

    kind = Kind.CANCELLATION_REQUEST


@dataclass(frozen=True, slots=True)
class Claim:
    """A buyer claimed under Amazon's guarantee.

    Attributes:
        frame: what Amazon put around the notice.
        closed: the notice tells the decision, nothing is asked any more.
    """

    frame: Frame
    closed: bool = False

    kind = Kind.CLAIM


@dataclass(frozen=True, slots=True)
class FeedbackNotice:
    """A buyer rated the seller.

    Attributes:
        frame: what Amazon put around the notice.
        rating: 1 to 5 stars; None if the notice does not tell.
        text: the buyer's comment.
    """

    frame: Frame
    rating: int | None
    text: str

    kind = Kind.FEEDBACK


@dataclass(frozen=True, slots=True)
class OrderNotice:
    """An order came in or is to be shipped.

    Attributes:
        frame: what Amazon put around the notice.
        fulfilment: who ships the order; None where the notice does not tell, or tells both.
        ordered_on: the day of the order as the notice prints it; None if it prints none, or several.
        shipped_on: the day it was sent off, likewise.
        delivered_on: the day it arrived, likewise.
    """

    frame: Frame
    fulfilment: Fulfilment | None = None
    ordered_on: date | None = None
    shipped_on: date | None = None
    delivered_on: date | None = None

    kind = Kind.ORDER_NOTICE


@dataclass(frozen=True, slots=True)
class AmazonNotice:
    """Other mail from Amazon, for sellers buy there too: counted, never stored."""

    frame: Frame

    kind = Kind.AMAZON_NOTICE


@dataclass(frozen=True, slots=True)
class UnrecognisedAmazon:
    """Mail that looks meant for the seller and that no rule reads.

    Attributes:
        frame: what could be read.
        fingerprint: stable for mails of one unknown shape; alarms once.
    """

    frame: Frame
    fingerprint: str

    kind = Kind.UNRECOGNISED_AMAZON


@dataclass(frozen=True, slots=True)
class Unrelated:
    """Not from Amazon; nothing of it is kept."""

    frame: Frame = Frame()

    kind = Kind.UNRELATED


Notification = (
    BuyerMessage
    | ReplyCopy
    | DeliveryFailure
    | ReturnRequest
    | Refund
    | CancellationRequest
    | Claim
    | FeedbackNotice
    | OrderNotice
    | AmazonNotice
    | UnrecognisedAmazon
    | Unrelated
)
"""The closed union of all that a mail can be."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """The headers that identify and date a mail; hostile until `Reading.authenticity` says otherwise.

    Attributes:
        message_id: without angle brackets; None if missing.
        date: the Date header as an aware instant in UTC; None if missing or unreadable.
        subject: decoded, one line.
        from_address: the only From address in lower case; None if there is none or several.
        to_addresses: all To and Cc addresses in lower case.
        in_reply_to: the Message-ID this one answers.
        references: the chain of Message-IDs, oldest first.
        outbox_id: our own id header, as it came back in a copy.
        draft_id: our own draft header.
        original_message_id: ours, where Gmail or Outlook replaced the Message-ID.
        addressees: the addresses of the lowest To header in lower case; a signature of To holds for that one
            and never for a Cc that somebody added.
    """

    message_id: str | None
    date: datetime | None
    subject: str
    from_address: str | None
    to_addresses: tuple[str, ...] = ()
    in_reply_to: str | None = None
    references: tuple[str, ...] = ()
    outbox_id: str | None = None
    draft_id: str | None = None
    original_message_id: str | None = None
    addressees: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """Everything that one mail says, and whether it may be believed and acknowledged.

    Attributes:
        envelope: the identifying headers.
        notification: what the mail is.
        authenticity: whether the sender is proven.
        authenticity_reason: one short sentence of why, for the log and the desk.
        auto_reply: written by a robot.
        intent: what the buyer wants; None for mail without a buyer's words.
        refusals: why it may not be acknowledged as far as the mail itself tells; empty means it may.
    """

    envelope: Envelope
    notification: Notification
    authenticity: Authenticity
    authenticity_reason: str = ""
    auto_reply: bool = False
    intent: IntentGuess | None = None
    refusals: tuple[Refusal, ...] = ()

    @property
    def kind(self) -> Kind:
        """The word for what this mail is."""
        return self.notification.kind

    @property
    def may_acknowledge(self) -> bool:
        """Nothing in the mail itself forbids an acknowledgment."""
        return not self.refusals


class Topic(StrEnum):
    """What a part of a comment on the seller is about.

    `PACKING` and `DAMAGE` are matters of their own, for who answers for them depends on who shipped.
    """

    PRODUCT = "product"
    DELIVERY = "delivery"
    PACKING = "packing"
    DAMAGE = "damage"
    SELLER = "seller"
    PRICE = "price"
    OBSCENE = "obscene"
    PERSONAL_INFORMATION = "personal_information"
    NEUTRAL = "neutral"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class CommentPart:
    """A clause of a comment with one thing that it is about; a clause about two things makes two parts.

    Attributes:
        text: the clause as the buyer wrote it.
        topic: what it is about.
        sure: the words leave no doubt; rules and classifier agree.
    """

    text: str = field(repr=False)
    topic: Topic
    sure: bool = False


@dataclass(frozen=True, slots=True)
class FeedbackRule:
    """The seller's own rule for notices of feedback, for senders other than Amazon too.

    Attributes:
        sender: the exact From address, in lower case.
        subject: regular expression that the subject must contain; None accepts any.
        rating: regular expression whose first group is the rating; None uses the built-in ones.
    """

    sender: str
    subject: str | None = None
    rating: str | None = None


class KeyUnavailable(Exception):  # noqa: N818 - reads as what it is
    """DNS did not answer, so nobody knows whether there is a key."""


KeyLookup = Callable[[str], bytes | None]
"""Finds the TXT record of a DNS name; None if there is none. Raises `KeyUnavailable`, and nothing else."""


@dataclass(frozen=True, slots=True)
class Trust:
    """What the reader may believe and look for.

    Attributes:
        authserv_id: whose Authentication-Results header is believed; None believes none.
        feedback_rules: the seller's extra rules for feedback notices.
        keys: finds the keys for our own check of signatures, where no believed host wrote a result; None
            checks none and asks no network.
    """

    authserv_id: str | None = None
    feedback_rules: tuple[FeedbackRule, ...] = ()
    keys: KeyLookup | None = field(default=None, repr=False, compare=False)
