"""What the owner was told, and what is still to be told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from state import tables

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Connection


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that the owner has to hear at once.

    Attributes:
        id: its number.
        key: what makes it once.
        word: machine word of what happened.
        case_id: the case that it concerns.
        detail: one line without the buyer's words.
        raised_at: when it happened.
    """

    id: int
    key: str
    word: str
    case_id: int | None
    detail: str
    raised_at: datetime


_NOTICES = select(
    *(tables.notice.c[name] for name in ("id", "key", "word", "case_id", "detail", "raised_at"))
)


class Alerts:
    """The alerts that were decided; each key once."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def decided(self, keys: Sequence[str]) -> frozenset[str]:
        """Those of the keys that were decided before."""
        if not keys:
            return frozenset()
        query = select(tables.alert.c.key).where(tables.alert.c.key.in_(keys))
        return frozenset(self._connection.execute(query).scalars())

    def decide(self, keys: Sequence[str], at: datetime, outbox_id: int | None) -> None:
        """Remember that these are settled, with the mail that tells them or without any."""
        rows = [{"key": key, "decided_at": at, "outbox_id": outbox_id} for key in keys]
        if rows:
            self._connection.execute(tables.alert.insert(), rows)


class Notices:
    """Events that alert at once."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def raise_once(
        self, key: str, word: str, at: datetime, *, case_id: int | None = None, detail: str = ""
    ) -> bool:
        """Store an event; False if this key was raised before."""
        columns = tables.notice.c
        if self._connection.execute(select(columns.id).where(columns.key == key)).first() is not None:
            return False
        values = {"key": key, "word": word, "raised_at": at, "case_id": case_id, "detail": detail}
        self._connection.execute(tables.notice.insert().values(**values))
        return True

    def untold(self) -> tuple[Notice, ...]:
        """Events that no alert has told yet, oldest first."""
        query = _NOTICES.where(tables.notice.c.told_at.is_(None)).order_by(tables.notice.c.id)
        return tuple(Notice(*row) for row in self._connection.execute(query))

    def latest(self, key: str) -> Notice | None:
        """The newest event, told or not, whose key begins so."""
        columns = tables.notice.c
        alike = _NOTICES.where(columns.key.startswith(key, autoescape=True))
        row = self._connection.execute(alike.order_by(columns.id.desc()).limit(1)).first()
        return None if row is None else Notice(*row)

    def mark_told(self, ids: Sequence[int], at: datetime) -> None:
        """Remember that an alert told these."""
        change = tables.notice.update().where(tables.notice.c.id.in_(ids))
        self._connection.execute(change.values(told_at=at))
