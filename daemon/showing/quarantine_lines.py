"""A mail in quarantine as people read it: what it says of itself, and nothing of it alive."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from daemon.showing.reader import clean, clean_lines
from parsers.reading import read
from parsers.sent import read_sent
from templates.cleaning import inert

if TYPE_CHECKING:
    from datetime import datetime

    from parsers.values import Trust
    from state.repository.quarantine import Entry

_LONG_CELL = 200
LONGEST_TEXT = 4_000
_LONGEST_HEAD = 16_000


@dataclass(frozen=True, slots=True)
class QuarantineSheet:
    """One mail that was put aside.

    Attributes:
        number: of the entry.
        word: why, a word of `daemon.words.QUARANTINE`.
        kind: word of `Kind`, as it is read now; None where its mailbox is not configured any more.
        authenticity: word of `Authenticity`, without a question to DNS; None likewise.
        sender: the address in From.
        subject: of the mail.
        place: mailbox and folder.
        received_at: when the server took it in, in UTC.
        reason: one sentence of why, as it is stored.
        text: its words, links inert; cut where it is long.
        is_cut: there is more.
        head: its header lines, links inert.
        size: of the mail, in bytes.
    """

    number: int
    word: str
    kind: str | None
    authenticity: str | None
    sender: str = field(repr=False)
    subject: str = field(repr=False)
    place: str
    received_at: datetime
    reason: str
    text: str = field(repr=False)
    is_cut: bool
    head: str = field(repr=False)
    size: int


def quarantine_sheet(entry: Entry, trust: Trust | None) -> QuarantineSheet:
    """What a mail in quarantine says.

    Args:
        entry: the mail.
        trust: whose proof is believed for its mailbox; None where that is not configured any more.
    """
    reading = None if trust is None else read(entry.content, replace(trust, keys=None), entry.internal_date)
    mail = read_sent(entry.content)
    return QuarantineSheet(
        number=entry.id,
        word=entry.word,
        kind=None if reading is None else reading.kind.value,
        authenticity=None if reading is None else reading.authenticity.value,
        sender=clean(mail.envelope.from_address, _LONG_CELL),
        subject=clean(mail.envelope.subject, _LONG_CELL),
        place=clean(f"{entry.mailbox} / {entry.folder}", _LONG_CELL),
        received_at=entry.internal_date,
        reason=entry.reason,
        text=inert(clean_lines(mail.text[:LONGEST_TEXT])),
        is_cut=len(mail.text) > LONGEST_TEXT,
        head=_head(entry.content),
        size=len(entry.content),
    )


def _head(content: bytes) -> str:
    """The header lines as they came; what is no text is replaced."""
    head = content[:_LONGEST_HEAD].replace(b"\r\n", b"\n").partition(b"\n\n")[0]
    return inert(clean_lines(head.decode("utf-8", "replace")))
