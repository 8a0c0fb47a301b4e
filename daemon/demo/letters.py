"""What the SMTP server took, as a person would see it."""

from __future__ import annotations

from dataclasses import dataclass
from email import message_from_bytes, policy
from email.utils import parseaddr
from enum import StrEnum
from typing import TYPE_CHECKING

from daemon.compose import OUTBOX_HEADER
from daemon.demo.premises import AGENT_ADDRESS

if TYPE_CHECKING:
    from datetime import datetime
    from email.message import EmailMessage

    from daemon.demo.servers import Handed


class Writer(StrEnum):
    """Whose mail it is; the values of the robots' are what RFC 3834's header says."""

    ACKNOWLEDGMENT = "auto-replied"
    ALERT = "auto-generated"
    REPORT = "report"
    APPROVED = "approved"
    INQUIRY = "inquiry"
    PERSON = "no"


@dataclass(frozen=True, slots=True)
class Letter:
    """One mail that left.

    Attributes:
        at: when, on the story's clock.
        writer: who made it; a report tells the owner what became of a command.
        recipient: whom it goes to.
        sender: what stands in From.
        subject: decoded.
        text: the body.
        message_id: with angle brackets.
    """

    at: datetime
    writer: Writer
    recipient: str
    sender: str
    subject: str
    text: str
    message_id: str

    @property
    def address(self) -> str:
        """The address in From, without the name."""
        return parseaddr(self.sender)[1]


@dataclass(frozen=True, slots=True)
class LaidDraft:
    """One mail of the Drafts folder.

    Attributes:
        recipient: whom it would go to.
        subject: decoded.
        text: the body.
        passes_for_ours: its copy in Sent would be taken for a mail that the service sent.
    """

    recipient: str
    subject: str
    text: str
    passes_for_ours: bool


def open_draft(content: bytes) -> LaidDraft:
    """Read a mail of the Drafts folder."""
    mail = message_from_bytes(content, policy=policy.default)
    marked = OUTBOX_HEADER in mail or "Message-ID" in mail
    return LaidDraft(str(mail["To"]), str(mail["Subject"]), _text(mail), marked)


def open_letter(handed: Handed, at: datetime) -> Letter:
    """Read a mail that was handed in."""
    mail = message_from_bytes(handed.content, policy=policy.default)
    return Letter(
        at=at,
        writer=_writer(mail),
        recipient=handed.recipient,
        sender=str(mail["From"]),
        subject=str(mail["Subject"]),
        text=_text(mail),
        message_id=str(mail["Message-ID"]).strip(),
    )


def _text(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    return "" if body is None else str(body.get_content()).replace("\r\n", "\n").strip("\n")


def _writer(mail: EmailMessage) -> Writer:
    """The service marks all that it sends; of that, what is no robot's was approved by a person."""
    if "Auto-Submitted" not in mail and OUTBOX_HEADER in mail:
        return Writer.INQUIRY if AGENT_ADDRESS in str(mail["To"]) else Writer.APPROVED
    return Writer(str(mail.get("Auto-Submitted", Writer.PERSON)))
