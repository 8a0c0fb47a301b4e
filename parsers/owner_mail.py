"""What the owner writes to the program: the mark of a command in the subject, and words of their own."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from parsers.authenticity import judge
from parsers.autoreply import is_automatic, is_automatic_text, names_robot
from parsers.folding import fold_width
from parsers.html import html_reply_to_text
from parsers.mime import parse_mime
from parsers.own_words import own_words
from parsers.signatures import own_check_of

if TYPE_CHECKING:
    from datetime import datetime

    from parsers.mime import Mail
    from parsers.values import Authenticity, Envelope, Trust

TOKEN_LENGTH = 26
"""Characters of a token: 128 bits in base32."""

_SUBJECT_LENGTH = 2_000
# Mail programs fold a subject in front of a long word, and leave a blank there.
_MARK = re.compile(rf"\[\s*sokuresu\s*:\s*(?P<token>[a-z2-7]{{{TOKEN_LENGTH}}})\s*\]", re.ASCII)

_REPLY = re.compile(r"\s*(?:re|aw|sv|antw|返信|回复|答复)\s*(?:\[[0-9]{1,3}\]\s*)?:", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class OwnerMail:
    """One mail of the owner's.

    Attributes:
        envelope: the identifying headers.
        token: what the mark in the subject holds; None if there is no mark, or several that differ.
        text: the person's own words; empty if nothing but quoted mail and signatures is there.
        automatic: a robot wrote it, or it is our own mail coming back.
        authenticity: whether the sender is proven.
        reason: one short sentence of why.
    """

    # The subject and the token open a door, and the words are private: neither belongs into a log.
    envelope: Envelope = field(repr=False)
    token: str | None = field(repr=False)
    text: str = field(repr=False)
    automatic: bool
    authenticity: Authenticity
    reason: str


def make_subject_mark(token: str) -> str:
    """The mark of a command as it stands in a subject.

    Args:
        token: `TOKEN_LENGTH` characters of lower-case base32.
    """
    return f"[sokuresu:{token}]"


def read_owner_mail(content: bytes, trust: Trust, received_at: datetime | None = None) -> OwnerMail:
    """Read one mail of the owner's; never raises, what cannot be read is empty.

    Args:
        content: the mail as the server holds it.
        trust: whose proof is believed.
        received_at: when the server took it in; None where nobody knows.
    """
    mail = parse_mime(content)
    own_check = own_check_of(content, mail, trust, received_at)
    authenticity, why = judge(mail, trust.authserv_id, own_check)
    token, text = _token(mail.envelope.subject), own_words(_text(mail))
    automatic = is_automatic(mail) or (
        names_robot(text) if token and _is_new(mail.envelope) else is_automatic_text(text)
    )
    return OwnerMail(mail.envelope, token, text, automatic, authenticity, why)


def carries_mark(subject: str) -> bool:
    """Whether a subject holds the mark of a command; linear in its first part."""
    return _MARK.search(fold_width(subject[:_SUBJECT_LENGTH]).lower()) is not None


def _is_new(envelope: Envelope) -> bool:
    """Whether the mail answers none: a person opened it with a link, for robots only answer.

    Then its text may well tell a buyer that the shop is on holiday.
    """
    answers = envelope.in_reply_to or envelope.references
    return not answers and _REPLY.match(fold_width(envelope.subject[:_SUBJECT_LENGTH])) is None


def _token(subject: str) -> str | None:
    """The token of the only mark; widths and case do not count."""
    marks = {found["token"] for found in _MARK.finditer(fold_width(subject[:_SUBJECT_LENGTH]).lower())}
    return marks.pop() if len(marks) == 1 else None


def _text(mail: Mail) -> str:
    """The plain part, or the HTML part as text."""
    if mail.plain and mail.plain.strip():
        return mail.plain
    return html_reply_to_text(mail.html) if mail.html else ""
