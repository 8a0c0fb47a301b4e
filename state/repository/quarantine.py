"""Mail that could not be, or must not be, turned into a case: kept whole, shown, and settled by a person."""

from __future__ import annotations

import hashlib
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from state import tables
from state.repository.records import insert

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection


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

    def unsettled(self) -> tuple[Entry, ...]:
        """What a person has yet to look at, oldest first, without the mails themselves."""
        columns = tables.quarantine.c
        names = [columns[name] for name in (*_PLAIN, "id")]
        query = select(*names).where(columns.settled_at.is_(None)).order_by(columns.id)
        return tuple(Entry(**row, content=b"") for row in self._connection.execute(query).mappings())

    def settle(self, entry_id: int, how: str, at: datetime) -> bool:
        """Remember what a person decided; False if it was settled before."""
        columns = tables.quarantine.c
        change = tables.quarantine.update().where(columns.id == entry_id, columns.settled_at.is_(None))
        return self._connection.execute(change.values(settled_at=at, settled_how=how)).rowcount == 1

    def counts(self) -> dict[str, int]:
        """How many unsettled mails there are of each word."""
        columns = tables.quarantine.c
        number = func.count().label("number")
        query = select(columns.word, number).where(columns.settled_at.is_(None)).group_by(columns.word)
        return {row.word: row.number for row in self._connection.execute(query)}


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
