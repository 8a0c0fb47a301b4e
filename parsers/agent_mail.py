"""What a shipping agent wrote: the words, what they answer, and whether the sender is proven."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from parsers.authenticity import judge
from parsers.autoreply import is_automatic, is_automatic_text
from parsers.html import html_to_text
from parsers.mime import parse_mime
from parsers.order_ids import find_order_ids
from parsers.quoting import strip_history
from parsers.signatures import own_check_of

if TYPE_CHECKING:
    from datetime import datetime

    from parsers.mime import Mail
    from parsers.values import Authenticity, Envelope, OrderId, Trust

_LENGTH = 200_000
"""Characters of a text that are looked at."""


@dataclass(frozen=True, slots=True)
class AgentMail:
    """One mail that names a shipping agent as its sender.

    Attributes:
        envelope: the identifying headers.
        text: what the agent wrote, the quoted mail at its end removed.
        full_text: the same with the quoted mail.
        order_ids: every order number of the subject and the whole text.
        attachments: file names of what came with it.
        automatic: a robot wrote it.
        authenticity: whether the sender is proven.
        reason: one short sentence of why.
    """

    # What an agent writes may name a buyer.
    envelope: Envelope = field(repr=False)
    text: str = field(repr=False)
    full_text: str = field(repr=False)
    order_ids: tuple[OrderId, ...]
    attachments: tuple[str, ...] = field(repr=False)
    automatic: bool
    authenticity: Authenticity
    reason: str


def read_agent_mail(content: bytes, trust: Trust, received_at: datetime | None = None) -> AgentMail:
    """Read one mail of an agent's; never raises, what cannot be read is empty.

    Args:
        content: the mail as the server holds it.
        trust: whose proof is believed.
        received_at: when the server took it in; None where nobody knows.
    """
    mail = parse_mime(content)
    authenticity, why = judge(mail, trust.authserv_id, own_check_of(content, mail, trust, received_at))
    whole = _text(mail)
    words = strip_history(whole)
    return AgentMail(
        envelope=mail.envelope,
        text=words,
        full_text=whole,
        order_ids=find_order_ids(f"{mail.envelope.subject}\n{whole}"),
        attachments=mail.attachments,
        automatic=is_automatic(mail) or is_automatic_text(words),
        authenticity=authenticity,
        reason=why,
    )


def _text(mail: Mail) -> str:
    """The plain part, or the HTML part as text."""
    if mail.plain and mail.plain.strip():
        return mail.plain[:_LENGTH]
    return html_to_text(mail.html)[:_LENGTH] if mail.html else ""
