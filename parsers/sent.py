"""What the seller sent from another program, as it lies in the Sent folder."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

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
    """

    envelope: Envelope
    aliases: tuple[BuyerAlias, ...]
    text: str


def read_sent(content: bytes) -> SentMail:
    """Read a mail of the Sent folder; never raises, what is missing is empty."""
    mail = parse_mime(content)
    return SentMail(mail.envelope, _aliases(mail), strip_history(_text(mail)))


def _aliases(mail: Mail) -> tuple[BuyerAlias, ...]:
    """The buyers among the To and Cc addresses."""
    found = filter(None, map(BuyerAlias.parse, mail.envelope.to_addresses))
    return tuple(dict.fromkeys(found))


def _text(mail: Mail) -> str:
    """The plain part, or the HTML part as text."""
    if mail.plain and mail.plain.strip():
        return mail.plain
    return html_to_text(mail.html) if mail.html else ""
