"""What the list of quarantined mail shows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from daemon.showing.reader import clean

if TYPE_CHECKING:
    from datetime import datetime

    from daemon.work import Work
    from state.repository.quarantine import Entry, Format

MOST_SHOWN = 200
_LONG_CELL = 120


@dataclass(frozen=True, slots=True)
class EntryRow:
    """One mail of the list; strangers' words are one printable line each.

    Attributes:
        number: of the entry.
        word: why, a word of `daemon.words.QUARANTINE`.
        received_at: when the server took it in, in UTC.
        sender: the address in From; empty where there is none.
        subject: likewise.
        reason: one sentence of why, as it is stored.
    """

    number: int
    word: str
    received_at: datetime
    sender: str = field(repr=False)
    subject: str = field(repr=False)
    reason: str


@dataclass(frozen=True, slots=True)
class ShapeRow:
    """Mails that look alike and that no rule reads.

    Attributes:
        fingerprint: what they have in common.
        waiting: how many nobody has settled.
        seen: how many ever came.
        first_at, last_at: when the first and the last of them came, in UTC.
        subject: of the newest.
        may_have_changed: there are so many that Amazon may have changed the form of a mail.
    """

    fingerprint: str
    waiting: int
    seen: int
    first_at: datetime
    last_at: datetime
    subject: str = field(repr=False)
    may_have_changed: bool


@dataclass(frozen=True, slots=True)
class QuarantineList:
    """All mail that was put aside.

    Attributes:
        rows: the newest first.
        hidden: how many more there are.
        shapes: of what no rule reads, the most frequent first.
        newest: the largest number on the page.
    """

    rows: tuple[EntryRow, ...]
    hidden: int
    shapes: tuple[ShapeRow, ...]
    newest: int


def read_quarantine(work: Work) -> QuarantineList:
    """What a person has yet to look at."""
    entries = work.uow.quarantine.unsettled()[::-1]
    return QuarantineList(
        rows=tuple(map(_row, entries[:MOST_SHOWN])),
        hidden=max(0, len(entries) - MOST_SHOWN),
        shapes=tuple(map(_shape, work.uow.quarantine.formats())),
        newest=max((entry.id for entry in entries), default=0),
    )


def _row(entry: Entry) -> EntryRow:
    return EntryRow(
        entry.id,
        entry.word,
        entry.internal_date,
        clean(entry.sender, _LONG_CELL),
        clean(entry.subject, _LONG_CELL),
        entry.reason,
    )


def _shape(one: Format) -> ShapeRow:
    return ShapeRow(
        one.fingerprint,
        one.waiting,
        one.seen,
        one.first_at,
        one.last_at,
        clean(one.subject, _LONG_CELL),
        one.may_have_changed,
    )
