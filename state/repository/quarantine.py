"""Mail that could not be, or must not be, turned into a case: kept whole, shown, and settled by a person."""

from __future__ import annotations

import hashlib
import zlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from state import tables
from state.repository.records import insert

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

FORMAT_CHANGED_FROM = 3
"""From so many mails of one unknown shape on, it is hardly a chance."""

UNRECOGNISED = "unrecognised"

_COLUMNS = tables.quarantine.c
_COUNTS = (
    select(_COLUMNS.word, func.count().label("number"))
    .where(_COLUMNS.settled_at.is_(None))
    .group_by(_COLUMNS.word)
)
_FORMATS = (
    select(
        _COLUMNS.fingerprint,
        (func.count() - func.count(_COLUMNS.settled_at)).label("waiting"),
        func.count().label("seen"),
        func.min(_COLUMNS.internal_date).label("first_at"),
        func.max(_COLUMNS.internal_date).label("last_at"),
        func.max(_COLUMNS.id).label("newest"),
    )
    .where(_COLUMNS.word == UNRECOGNISED, _COLUMNS.fingerprint.is_not(None))
    .group_by(_COLUMNS.fingerprint)
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One mail in quarantine.

    Attributes:
        word: ``forged``, ``failed``, ``unrecognised`` or ``undelivered``.
        reason: one sentence of why, without the mail's own text.
        fingerprint: equal for mails of one unknown shape.
        internal_date: when the server took it in.
        content: the raw mail.
        id: its number; 0 before it is stored.
    """

    word: str
    reason: str
    fingerprint: str | None
    mailbox: str
    folder: str
    sender: str | None
    subject: str | None
    internal_date: datetime
    stored_at: datetime
    content: bytes
    id: int = 0


@dataclass(frozen=True, slots=True)
class Format:
    """Mails from Amazon that no rule reads and that look alike, of which at least one waits for a person.

    Attributes:
        fingerprint: what they have in common.
        waiting: how many of them nobody has settled.
        seen: how many ever came, settled ones included.
        first_at: when the server took the first of them in, in UTC.
        last_at: likewise the last one.
        subject: of the newest.
    """

    fingerprint: str
    waiting: int
    seen: int
    first_at: datetime
    last_at: datetime
    subject: str | None = field(repr=False)

    @property
    def may_have_changed(self) -> bool:
        """So many look alike that Amazon may have changed the form of a mail that was readable before."""
        return self.seen >= FORMAT_CHANGED_FROM


class Quarantine:
    """The mails in quarantine."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, entry: Entry) -> int | None:
        """Keep a mail; None if the same mail is here already."""
        digest = hashlib.sha256(entry.content).hexdigest()
        columns = tables.quarantine.c
        known = self._connection.execute(select(columns.id).where(columns.digest == digest)).first()
        if known is not None:
            return None
        values = {name: getattr(entry, name) for name in _PLAIN}
        values |= {"digest": digest, "content": zlib.compress(entry.content)}
        return insert(self._connection, tables.quarantine, values)

    def get(self, entry_id: int) -> Entry | None:
        """One unsettled mail by its number."""
        columns = tables.quarantine.c
        query = select(tables.quarantine).where(columns.id == entry_id, columns.settled_at.is_(None))
        row = self._connection.execute(query).mappings().first()
        if row is None:
            return None
        values = {name: row[name] for name in _PLAIN}
        return Entry(**values, content=zlib.decompress(row["content"]), id=entry_id)

    def holds(self, content: bytes) -> bool:
        """Whether this mail is or ever was here, settled or not."""
        digest = hashlib.sha256(content).hexdigest()
        query = select(tables.quarantine.c.id).where(tables.quarantine.c.digest == digest)
        return self._connection.execute(query).first() is not None

    def unsettled(self) -> tuple[Entry, ...]:
        """What a person has yet to look at, oldest first, without the mails themselves."""
        columns = tables.quarantine.c
        names = [columns[name] for name in (*_PLAIN, "id")]
        query = select(*names).where(columns.settled_at.is_(None)).order_by(columns.id)
        return tuple(Entry(**row, content=b"") for row in self._connection.execute(query).mappings())

    def waiting(self) -> int:
        """How many mails a person has yet to look at."""
        query = select(func.count()).where(tables.quarantine.c.settled_at.is_(None))
        return int(self._connection.execute(query).scalar_one())

    def seen_of(self, fingerprint: str, since: datetime) -> tuple[int, int]:
        """How many mails of one shape no rule read, stored before an instant and from it on."""
        columns = tables.quarantine.c
        alike = (columns.word == UNRECOGNISED) & (columns.fingerprint == fingerprint)
        older = select(func.count()).where(alike, columns.stored_at < since)
        newer = select(func.count()).where(alike, columns.stored_at >= since)
        return (
            int(self._connection.execute(older).scalar_one()),
            int(self._connection.execute(newer).scalar_one()),
        )

    def formats(self) -> tuple[Format, ...]:
        """What no rule reads, by its shape, the most frequent first."""
        rows = [row for row in self._connection.execute(_FORMATS).mappings() if row["waiting"]]
        subjects = self._subjects([row["newest"] for row in rows])
        formats = [
            Format(**{name: row[name] for name in _COUNTED}, subject=subjects[row["newest"]]) for row in rows
        ]
        return tuple(sorted(formats, key=lambda one: (-one.seen, one.fingerprint)))

    def _subjects(self, ids: list[int]) -> dict[int, str | None]:
        columns = tables.quarantine.c
        query = select(columns.id, columns.subject).where(columns.id.in_(ids))
        return {row.id: row.subject for row in self._connection.execute(query)} if ids else {}

    def settle(self, entry_id: int, how: str, at: datetime) -> bool:
        """Remember what a person decided; False if it was settled before."""
        columns = tables.quarantine.c
        change = tables.quarantine.update().where(columns.id == entry_id, columns.settled_at.is_(None))
        return self._connection.execute(change.values(settled_at=at, settled_how=how)).rowcount == 1

    def counts(self) -> dict[str, int]:
        """How many unsettled mails there are of each word."""
        return {row.word: row.number for row in self._connection.execute(_COUNTS)}


_PLAIN = (
    "word",
    "reason",
    "fingerprint",
    "mailbox",
    "folder",
    "sender",
    "subject",
    "internal_date",
    "stored_at",
)
_COUNTED = ("fingerprint", "waiting", "seen", "first_at", "last_at")
