"""What the last daily look for missed mail found (decision 15 of the design)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from state import tables
from state.repository.records import change, insert_all

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

_COLUMNS = tables.completeness.c


@dataclass(frozen=True, slots=True)
class Missing:
    """One mail of Amazon's on the server that nobody had read.

    Attributes:
        folder: where it lies.
        uid: its number there.
        at: when the server took it in, in ISO 8601, UTC.
        watched: the folder is one that is read, so the mail was missed and has been taken in since; of any
            other folder the owner is told.
    """

    folder: str
    uid: int
    at: str
    watched: bool


@dataclass(frozen=True, slots=True)
class Completeness:
    """The outcome of the last look at one account.

    Attributes:
        mailbox: the account.
        checked_at: when, in UTC.
        seen: how many mails of Amazon's were looked at.
        missing: those among them that were not known.
    """

    mailbox: str
    checked_at: datetime
    seen: int
    missing: tuple[Missing, ...] = ()


class Completenesses:
    """The last look at each account."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get(self, mailbox: str) -> Completeness | None:
        """The last look; None before the first."""
        row = self._connection.execute(select(tables.completeness).where(_COLUMNS.mailbox == mailbox)).first()
        if row is None:
            return None
        return Completeness(
            row.mailbox, row.checked_at, row.seen, tuple(Missing(*one) for one in row.missing)
        )

    def note(self, found: Completeness) -> None:
        """Remember a look in the place of the one before."""
        missing = [[one.folder, one.uid, one.at, one.watched] for one in found.missing]
        values = {"checked_at": found.checked_at, "seen": found.seen, "missing": missing}
        if not change(self._connection, _COLUMNS.mailbox, found.mailbox, values):
            insert_all(self._connection, tables.completeness, [{"mailbox": found.mailbox} | values])
