"""What the SMTP server took, as a person would see it."""

from __future__ import annotations

from dataclasses import dataclass
from email import message_from_bytes, policy
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from daemon.demo.servers import Handed


class Writer(StrEnum):
    """Whose mail it is; the values are what RFC 3834's header says."""

    ACKNOWLEDGMENT = "auto-replied"
    ALERT = "auto-generated"
    PERSON = "no"


@dataclass(frozen=True, slots=True)
class Letter:
    """One mail that left.

    Attributes:
        at: when, on the story's clock.
        writer: who made it.
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


def open_letter(handed: Handed, at: datetime) -> Letter:
    """Read a mail that was handed in."""
    mail = message_from_bytes(handed.content, policy=policy.default)
    body = mail.get_body(("plain",))
    return Letter(
        at=at,
        writer=Writer(str(mail.get("Auto-Submitted", Writer.PERSON))),
        recipient=handed.recipient,
        sender=str(mail["From"]),
        subject=str(mail["Subject"]),
        text="" if body is None else body.get_content().replace("\r\n", "\n").strip("\n"),
        message_id=str(mail["Message-ID"]).strip(),
    )
