"""The tables. Every unique key here makes some step of the program happen once."""

from __future__ import annotations

import hashlib
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)

if TYPE_CHECKING:
    from sqlalchemy.engine import Dialect


class Instant(TypeDecorator[datetime]):
    """An aware instant, kept in UTC on every database; naive ones are refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Refuse what has no time zone."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a datetime without a time zone was about to be stored")
        return value.astimezone(UTC)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """SQLite gives back what has no zone; it was UTC."""
        if value is None:
            return None
        instant: datetime = value.replace(tzinfo=UTC) if value.tzinfo is None else value
        return instant.astimezone(UTC)


_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
"""PostgreSQL keeps no NUL, and no database keeps half a character; a mail may contain both."""


def _storable(text: str) -> str:
    return text if text.isascii() and "\x00" not in text else _UNSTORABLE.sub("\ufffd", text)


def fit(text: str, length: int) -> str:
    """The form in which a bounded column keeps a text, the same on every database.

    What is too long ends in a digest of the whole, so that different texts stay different keys.
    """
    kept = _storable(text)
    if len(kept) <= length:
        return kept
    digest = hashlib.sha256(kept.encode()).hexdigest()[:32]
    return f"{kept[: length - 1 - len(digest)]}~{digest}"


class Line(TypeDecorator[str]):
    """A text of bounded length."""

    impl = String
    cache_ok = True

    def __init__(self, length: int) -> None:
        super().__init__(length)
        self.length = length

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002 - given by SQLAlchemy
        """Make it fit."""
        return None if value is None else fit(value, self.length)


class Prose(TypeDecorator[str]):
    """A text of any length."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002 - given by SQLAlchemy
        """Replace what no database keeps."""
        return None if value is None else _storable(value)


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

case = Table(
    "case_file",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("kind", Line(32), nullable=False),
    Column("state", Line(16), nullable=False, index=True),
    Column("mailbox", Line(64), nullable=False),
    Column("case_key", Line(80), index=True),
    Column("buyer_key", Line(120), index=True),
    Column("alias", Line(200)),
    Column("marketplace", Line(16)),
    Column("buyer_name", Prose()),
    Column("subject", Prose(), nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("acknowledged_at", Instant),
    Column("answered_at", Instant, index=True),
    Column("closed_at", Instant),
    Column("to_confirm_at", Instant),
    Column("undelivered_at", Instant),
    Column("snoozed_until", Instant),
    Column("linked_to", Integer, ForeignKey("case_file.id")),
    Column("rating", Integer),
)

case_order = Table(
    "case_order",
    metadata,
    Column("case_id", Integer, ForeignKey("case_file.id"), primary_key=True),
    Column("order_id", Line(24), primary_key=True, index=True),
)

message = Table(
    "message",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("case_id", Integer, ForeignKey("case_file.id"), nullable=False, index=True),
    Column("kind", Line(32), nullable=False),
    Column("mailbox", Line(64), nullable=False),
    Column("folder", Prose(), nullable=False),
    Column("uidvalidity", BigInteger, nullable=False),
    Column("uid", BigInteger, nullable=False),
    Column("message_id", Prose()),
    Column("message_key", Line(80)),
    Column("reply_chain", JSON, nullable=False),
    Column("received_at", Instant, nullable=False),
    Column("stored_at", Instant, nullable=False),
    Column("wants_answer", Boolean, nullable=False),
    Column("amazon_by", Instant),
    Column("respond_by", Instant),
    Column("answered_at", Instant),
    Column("alerted_at", Instant),
    Column("authenticity", Line(8), nullable=False),
    # One sentence of why it is or is not proven; none where a version before this column stored it.
    Column("proof", Prose()),
    Column("subject", Prose(), nullable=False),
    Column("text", Prose(), nullable=False),
    Column("full_text", Prose(), nullable=False),
    Column("attachments", JSON, nullable=False),
    Column("intent", Line(32)),
    Column("intent_confident", Boolean),
    Column("facts", JSON, nullable=False),
    Column("refusal", Line(32)),
    UniqueConstraint("mailbox", "folder", "uidvalidity", "uid"),
)
Index("ix_message_waiting", message.c.wants_answer, message.c.answered_at)

IDENTITY_LENGTH = 400

identity = Table(
    "identity",
    metadata,
    # ``message_id:<Message-ID>`` or ``message_key:<digest of the buyer key>:<Amazon's m=>``;
    # it outlives the message, and the buyer's erasure.
    Column("key", Line(IDENTITY_LENGTH), primary_key=True),
    Column("message", Integer, ForeignKey("message.id", ondelete="SET NULL")),
    Column("authenticity", Line(8), nullable=False),
    Column("claimed_at", Instant, nullable=False),
)

raw_mail = Table(
    "raw_mail",
    metadata,
    Column("message", Integer, ForeignKey("message.id"), primary_key=True),
    Column("content", LargeBinary, nullable=False),
    Column("stored_at", Instant, nullable=False, index=True),
)

answer = Table(
    "answer",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("case_id", Integer, ForeignKey("case_file.id"), nullable=False, index=True),
    Column("at", Instant, nullable=False),
    Column("source", Line(24), nullable=False),
    # ``sent:<Message-ID>``, ``copy:<Message-ID>``, ``outbox:<id>`` or ``command:<unique>``.
    Column("reference", Line(400), nullable=False, unique=True),
    Column("text_print", Prose(), nullable=False),
    Column("recorded_at", Instant, nullable=False),
    Column("withdrawn_at", Instant),
    Column("last_seen", Integer),
)

draft = Table(
    "draft",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("case_id", Integer, ForeignKey("case_file.id"), nullable=False),
    Column("version", Integer, nullable=False),
    Column("state", Line(16), nullable=False, index=True),
    Column("source", Line(16), nullable=False),
    Column("seen_message", Integer, nullable=False),
    Column("seen_answer", Integer, nullable=False),
    Column("situation", Line(32)),
    Column("sure", Boolean, nullable=False),
    Column("fulfilment", Line(16), nullable=False),
    Column("language", Line(8), nullable=False),
    Column("template", Line(200)),
    Column("text", Prose(), nullable=False),
    # Value of the draft header; it tells the copy in the Drafts folder from every other mail.
    Column("token", Line(40), nullable=False, unique=True),
    Column("made_at", Instant, nullable=False),
    Column("settled_at", Instant),
    UniqueConstraint("case_id", "version"),
)

folder_copy = Table(
    "folder_copy",
    metadata,
    Column("draft_id", Integer, ForeignKey("draft.id"), primary_key=True),
    Column("state", Line(16), nullable=False, index=True),
    Column("mailbox", Line(64), nullable=False),
    Column("folder", Prose(), nullable=False),
    Column("uidvalidity", BigInteger, nullable=False),
    Column("uid", BigInteger, nullable=False),
    Column("digest", Line(64), nullable=False),
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", Integer, primary_key=True),
    # ``acknowledgment:<case>``, ``alert:…``, ``webhook:…``: what makes it once.
    Column("purpose", Line(200), nullable=False, unique=True),
    Column("kind", Line(16), nullable=False),
    Column("state", Line(16), nullable=False, index=True),
    Column("mailbox", Line(64), nullable=False),
    Column("case_id", Integer, ForeignKey("case_file.id"), index=True),
    Column("answers_message", Integer, ForeignKey("message.id")),
    Column("buyer_key", Line(120), index=True),
    Column("recipient", Line(200), nullable=False),
    Column("message_id", Line(200), nullable=False, unique=True),
    Column("subject", Prose(), nullable=False),
    Column("text", Prose(), nullable=False),
    Column("text_print", Prose(), nullable=False),
    Column("content", LargeBinary),
    Column("created_at", Instant, nullable=False, index=True),
    Column("next_attempt_at", Instant, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("run_id", Line(40)),
    Column("claimed_at", Instant),
    Column("sent_at", Instant),
    Column("filed_at", Instant),
    Column("copy_confirmed_at", Instant),
    Column("undelivered_at", Instant),
    Column("reason", Prose()),
    Column("draft_id", Integer, ForeignKey("draft.id")),
    Column("cleared_at", Instant),
)

offer = Table(
    "offer",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("outbox_id", Integer, ForeignKey("outbox.id"), nullable=False, index=True),
    Column("case_id", Integer, ForeignKey("case_file.id"), nullable=False, index=True),
    Column("action", Line(24), nullable=False),
    Column("draft_id", Integer, ForeignKey("draft.id")),
    Column("message", Integer, nullable=False),
    Column("seen", Integer, nullable=False),
    Column("asked_back", Boolean, nullable=False),
    Column("placeholder", Line(40), nullable=False, unique=True),
    Column("used_at", Instant),
)

token = Table(
    "token",
    metadata,
    # SHA-256 of the token: whoever reads the database can give no command.
    Column("digest", Line(64), primary_key=True),
    Column("offer_id", Integer, ForeignKey("offer.id"), nullable=False, index=True),
    Column("issued_at", Instant, nullable=False),
)

order_fact = Table(
    "order_fact",
    metadata,
    Column("order_id", Line(24), primary_key=True),
    Column("fulfilment", Line(16)),
    Column("ordered_on", Date),
    Column("shipped_on", Date),
    Column("delivered_on", Date),
    # A keyed digest of who ordered: it says that two orders are of one buyer, and nothing else.
    Column("buyer_print", Line(64), index=True),
    Column("currency", Line(3)),
    Column("noted_at", Instant, nullable=False),
)

order_item = Table(
    "order_item",
    metadata,
    Column("order_id", Line(24), primary_key=True),
    # Amazon's number of the line in the order, else what was ordered.
    Column("line", Line(80), primary_key=True),
    Column("asin", Line(16), index=True),
    Column("sku", Line(120)),
    Column("title", Prose()),
    Column("quantity", Integer),
    # In the currency's smallest unit, of the whole line; with tax where the report counts it apart.
    Column("price", BigInteger),
    Column("shipping", BigInteger),
    Column("noted_at", Instant, nullable=False),
)

feedback = Table(
    "feedback",
    metadata,
    Column("id", Integer, primary_key=True),
    # The order, of which each has one rating; else a digest of what is known.
    Column("key", Line(80), nullable=False, unique=True),
    Column("order_id", Line(24), index=True),
    Column("case_id", Integer, ForeignKey("case_file.id"), index=True),
    Column("rating", Integer, nullable=False),
    Column("rated_on", Date, index=True),
    Column("comment", Prose(), nullable=False),
    Column("response", Prose(), nullable=False),
    Column("rater_print", Line(64)),
    Column("source", Line(16), nullable=False),
    Column("noted_at", Instant, nullable=False),
)

telephone_call = Table(
    "telephone_call",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("case_id", Integer, ForeignKey("case_file.id"), nullable=False, index=True),
    Column("called_at", Instant, nullable=False),
    Column("caller", Prose(), nullable=False),
    Column("wishes", Prose(), nullable=False),
    Column("number", Prose(), nullable=False),
    Column("address", Prose(), nullable=False),
    Column("hours", Prose(), nullable=False),
    Column("promised_by", Instant),
    Column("noted_at", Instant, nullable=False),
)

case_step = Table(
    "case_step",
    metadata,
    # What a person did outside this program, such as a return inspected or a removal asked for.
    Column("id", Integer, primary_key=True),
    Column("case_id", Integer, ForeignKey("case_file.id"), nullable=False, index=True),
    Column("matter", Line(16), nullable=False),
    Column("word", Line(32), nullable=False),
    Column("done_on", Date, nullable=False),
    Column("detail", Prose(), nullable=False),
    Column("noted_at", Instant, nullable=False),
)

lesson = Table(
    "lesson",
    metadata,
    Column("case_id", Integer, ForeignKey("case_file.id"), primary_key=True),
    Column("cause", Line(24), nullable=False),
    Column("prevention", Prose(), nullable=False),
    Column("noted_at", Instant, nullable=False),
)

report_import = Table(
    "report_import",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("report", Line(16), nullable=False),
    Column("imported_at", Instant, nullable=False),
    Column("read", Integer, nullable=False),
    Column("taken", Integer, nullable=False),
    Column("faulty", Integer, nullable=False),
)

alert = Table(
    "alert",
    metadata,
    # ``slot:<local date>:<label>``, ``new:<message>``, ``4h:<message>``, ``1h:<message>``, ``event:…``.
    Column("key", Line(400), primary_key=True),
    Column("decided_at", Instant, nullable=False),
    Column("outbox_id", Integer, ForeignKey("outbox.id")),
)

notice = Table(
    "notice",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("key", Line(400), nullable=False, unique=True),
    Column("word", Line(32), nullable=False),
    Column("case_id", Integer, ForeignKey("case_file.id")),
    Column("detail", Prose(), nullable=False),
    Column("raised_at", Instant, nullable=False),
    Column("told_at", Instant, index=True),
)

quarantine = Table(
    "quarantine",
    metadata,
    Column("id", Integer, primary_key=True),
    # SHA-256 of the raw mail: the same mail read again is the same entry.
    Column("digest", Line(64), nullable=False, unique=True),
    Column("word", Line(32), nullable=False),
    Column("reason", Prose(), nullable=False),
    Column("fingerprint", Line(80)),
    Column("mailbox", Line(64), nullable=False),
    Column("folder", Prose(), nullable=False),
    Column("sender", Prose()),
    Column("subject", Prose()),
    Column("internal_date", Instant, nullable=False),
    Column("stored_at", Instant, nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("settled_at", Instant, index=True),
    Column("settled_how", Line(32)),
)

cursor = Table(
    "cursor",
    metadata,
    Column("mailbox", Line(64), primary_key=True),
    Column("folder", Line(200), primary_key=True),
    Column("uidvalidity", BigInteger, nullable=False),
    Column("last_uid", BigInteger, nullable=False),
)

mailbox = Table(
    "mailbox",
    metadata,
    Column("name", Line(64), primary_key=True),
    Column("first_start_at", Instant, nullable=False),
    Column("look_back_from", Instant),
    Column("last_full_pass_at", Instant),
    Column("failing_since", Instant),
    Column("failure", Prose()),
)

completeness = Table(
    "completeness",
    metadata,
    # The last daily look at each account: whether all of Amazon's mail on the server is known.
    Column("mailbox", Line(64), primary_key=True),
    Column("checked_at", Instant, nullable=False),
    Column("seen", Integer, nullable=False),
    Column("missing", JSON, nullable=False),
)

ADDRESS_LENGTH = 320

addressed = Table(
    "addressed",
    metadata,
    # What stands in To of proven mail: by it a mail to another seller is told from ours.
    Column("mailbox", Line(64), primary_key=True),
    Column("address", Line(ADDRESS_LENGTH), primary_key=True),
    Column("first_seen_at", Instant, nullable=False),
)

run = Table(
    "run",
    metadata,
    Column("id", Line(40), primary_key=True),
    Column("started_at", Instant, nullable=False),
    Column("last_turn_at", Instant, nullable=False, index=True),
    Column("ended_at", Instant),
    Column("described", Prose(), nullable=False),
)

event = Table(
    "event",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("case_id", Integer, ForeignKey("case_file.id"), nullable=False, index=True),
    Column("at", Instant, nullable=False),
    Column("action", Line(40), nullable=False),
    Column("detail", Prose(), nullable=False),
)

count = Table(
    "count",
    metadata,
    # How many mails of each kind were seen; what is only counted is not stored.
    Column("kind", Line(32), primary_key=True),
    Column("seen", Integer, nullable=False),
    Column("last_seen_at", Instant, nullable=False),
)

# Who may sit at the desk. There is one person, so one password; of links and sessions only digests are kept.
desk_password = Table(
    "desk_password",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("hash", Line(200), nullable=False),
    Column("changed_at", Instant, nullable=False),
)

desk_invitation = Table(
    "desk_invitation",
    metadata,
    Column("digest", Line(64), primary_key=True),
    Column("expires_at", Instant, nullable=False),
)

desk_session = Table(
    "desk_session",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("digest", Line(64), nullable=False, unique=True),
    # The digest before the last change, which requests that are under way still carry.
    Column("previous", Line(64), index=True),
    Column("began_at", Instant, nullable=False),
    Column("seen_at", Instant, nullable=False),
    Column("rotated_at", Instant, nullable=False),
    Column("language", Line(2)),
)
