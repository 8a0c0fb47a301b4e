"""What the seller sent from another program, as it lies in the Sent folder."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from parsers.addresses import parse_addresses
from parsers.autoreply import is_automatic
from parsers.html import html_to_text
from parsers.mime import parse_mime
from parsers.quoting import strip_history
from parsers.values import BuyerAlias, Envelope

if TYPE_CHECKING:
    from parsers.mime import Mail


@dataclass(frozen=True, slots=True)
class SentMail:
    """One mail that left the mailbox.

    Attributes:
        envelope: its identifying headers; our own ids are among them if we sent it.
        aliases: the buyers among its recipients, each once.
        text: what the person wrote, the quoted mail at its end removed.
        automatic: a robot wrote it, such as the account's own vacation reply or our acknowledgment.
    """

    envelope: Envelope
    aliases: tuple[BuyerAlias, ...]
    text: str
    automatic: bool = False


def read_sent(content: bytes) -> SentMail:
    """Read a mail of the Sent folder; never raises, what is missing is empty."""
    mail = parse_mime(content)
    return SentMail(mail.envelope, _aliases(mail), strip_history(_text(mail)), _is_automatic(mail))


def _is_automatic(mail: Mail) -> bool:
    """Our own mail bears our mark whoever decided on it; what nobody decided on says so in two more headers.

    Either is enough: a server may leave one out of the copy that it keeps.
    """
    if mail.envelope.outbox_id is None:
        return is_automatic(mail)
    submitted = (mail.headers.first("Auto-Submitted") or "no").strip().lower()
    return submitted != "no" or mail.headers.first("X-Auto-Response-Suppress") is not None


def _aliases(mail: Mail) -> tuple[BuyerAlias, ...]:
    """The buyers among the To and Cc addresses, their case keys spelt as Amazon spells them."""
    headers = (value for name in ("To", "Cc") for value in mail.headers.raw_all(name))
    boxes = (box for value in headers for box in parse_addresses(value))
    return tuple(dict.fromkeys(filter(None, (BuyerAlias.parse(box.address) for box in boxes))))


def _text(mail: Mail) -> str:
    """The plain part, or the HTML part as text."""
    if mail.plain and mail.plain.strip():
        return mail.plain
    return html_to_text(mail.html) if mail.html else ""
