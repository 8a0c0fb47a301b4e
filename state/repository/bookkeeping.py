"""How far each folder was read, how the mailboxes fare, and which runs there were."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, select

from state import tables
from state.repository.records import change, insert_all
from state.restorations import Restoration

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection


_CURSOR = select(tables.cursor).where(
    tables.cursor.c.mailbox == bindparam("account"), tables.cursor.c.folder == bindparam("name")
)
_MOVE = tables.cursor.update().where(
    tables.cursor.c.mailbox == bindparam("account"), tables.cursor.c.folder == bindparam("name")
)
_MAILBOX = select(tables.mailbox).where(tables.mailbox.c.name == bindparam("account"))
_COUNT_MORE = (
    tables.count.update()
    .where(tables.count.c.kind == bindparam("which_kind"))
    .values(seen=tables.count.c.seen + bindparam("number"), last_seen_at=bindparam("at"))
)


_BACKUP = "backup"
"""Stands for the making of a copy among the runs; a run's own name is longer."""

_RESTORED = "restored:"
"""Begins the name of what stands for a start with a copy among the runs; a run's own name has no colon."""

_IS_RUN = (tables.run.c.id != _BACKUP) & tables.run.c.id.not_like(f"{_RESTORED}%")
_RESTORATIONS = (
    select(tables.run.c.started_at, tables.run.c.ended_at)
    .where(tables.run.c.id.like(f"{_RESTORED}%"))
    .order_by(tables.run.c.ended_at)
)


@dataclass(frozen=True, slots=True)
class Cursor:
    """How far a folder was read; moves in the transaction that stores what was read."""

    mailbox: str
    folder: str
    uidvalidity: int
    last_uid: int


@dataclass(frozen=True, slots=True)
class MailboxHealth:
    """How one account fares; instants in UTC.

    Attributes:
        name: the account.
        first_start_at: older mail is history.
        look_back_from: mail from here to the first start opens cases without acknowledgment.
        last_full_pass_at: when all its folders were last read to the end.
        failing_since: since when it cannot be read; None if all is well.
        failure: why.
    """

    name: str
    first_start_at: datetime
    look_back_from: datetime | None
    last_full_pass_at: datetime | None
    failing_since: datetime | None
    failure: str | None


@dataclass(frozen=True, slots=True)
class Run:
    """One life of the service."""

    id: str
    started_at: datetime
    last_turn_at: datetime
    ended_at: datetime | None
    described: str


class Cursors:
    """The reading positions."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get(self, mailbox: str, folder: str) -> Cursor | None:
        """The position in one folder; None if it was never opened."""
        row = self._connection.execute(_CURSOR, {"account": mailbox, "name": folder}).first()
        return None if row is None else Cursor(*row)

    def move(self, cursor: Cursor) -> None:
        """Set the position of a folder."""
        here = {"account": cursor.mailbox, "name": cursor.folder}
        values: dict[str, Any] = {"uidvalidity": cursor.uidvalidity, "last_uid": cursor.last_uid}
        if self._connection.execute(_MOVE, here | values).rowcount == 0:
            values |= {"mailbox": cursor.mailbox, "folder": cursor.folder}
            insert_all(self._connection, tables.cursor, [values])


class Mailboxes:
    """The accounts and their health; what was asked once is kept until it changes or the transaction ends."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._asked: dict[str, MailboxHealth] = {}

    def get(self, name: str) -> MailboxHealth | None:
        """One account; None before its first start."""
        if name not in self._asked:
            row = self._connection.execute(_MAILBOX, {"account": name}).first()
            if row is None:
                return None
            self._asked[name] = MailboxHealth(*row)
        return self._asked[name]

    def all(self) -> tuple[MailboxHealth, ...]:
        """Every account that was ever started."""
        rows = self._connection.execute(select(tables.mailbox).order_by(tables.mailbox.c.name))
        return tuple(MailboxHealth(*row) for row in rows)

    def start(self, name: str, at: datetime, look_back_from: datetime | None = None) -> None:
        """Remember the first start of an account."""
        values = {"name": name, "first_start_at": at, "look_back_from": look_back_from}
        insert_all(self._connection, tables.mailbox, [values])

    def change(self, name: str, **columns: Any) -> None:
        """Set columns of one account."""
        self._asked.pop(name, None)
        change(self._connection, tables.mailbox.c.name, name, columns)


class Runs:
    """The lives of the service."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def begin(self, run_id: str, at: datetime, described: str) -> None:
        """A run took the lock."""
        values = {"id": run_id, "started_at": at, "last_turn_at": at, "described": described}
        insert_all(self._connection, tables.run, [values])

    def turn(self, run_id: str, at: datetime) -> None:
        """The run is alive."""
        change(self._connection, tables.run.c.id, run_id, {"last_turn_at": at})

    def end(self, run_id: str, at: datetime) -> None:
        """The run stopped in good order."""
        change(self._connection, tables.run.c.id, run_id, {"ended_at": at})

    def mark_backup(self, at: datetime, described: str) -> None:
        """Remember in a copy of the database that it is one, and of when.

        A copy of a copy that no service has gone on with knows no more than the older one.
        """
        if self.backup_taken_at() is not None:
            return
        values = {"id": _BACKUP, "started_at": at, "last_turn_at": at, "ended_at": at, "described": described}
        insert_all(self._connection, tables.run, [values])

    def backup_taken_at(self) -> datetime | None:
        """When the copy was made that this database came from; None if it is none, or that was settled."""
        query = select(tables.run.c.started_at).where(tables.run.c.id == _BACKUP)
        return self._connection.execute(query).scalar()

    def settle_backup(self, at: datetime) -> None:
        """From now on this is no copy any more, but the shop's database; that it was one is remembered."""
        values = {"id": f"{_RESTORED}{at:%Y%m%dT%H%M%S%f}", "last_turn_at": at, "ended_at": at}
        marked = tables.run.update().where(tables.run.c.id == _BACKUP)
        self._connection.execute(marked.values(**values))

    def restorations(self) -> tuple[Restoration, ...]:
        """Every start with a copy, oldest first."""
        return tuple(Restoration(*row) for row in self._connection.execute(_RESTORATIONS))

    def last(self) -> Run | None:
        """The run that was alive last."""
        return next(iter(self.recent(1)), None)

    def recent(self, number: int) -> tuple[Run, ...]:
        """The runs that were alive last, the latest first."""
        columns = tables.run.c
        query = (
            select(tables.run).where(_IS_RUN).order_by(columns.last_turn_at.desc(), columns.started_at.desc())
        )
        return tuple(Run(*row) for row in self._connection.execute(query.limit(number)))


class Counts:
    """How many mails of each kind were seen, which is all that is kept of most; written at the commit."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._waiting: dict[str, tuple[int, datetime]] = {}

    def add(self, kind: str, number: int, at: datetime) -> None:
        """Count some more of a kind."""
        self._waiting[kind] = (self._waiting.get(kind, (0, at))[0] + number, at)

    def flush(self) -> None:
        """Write what was counted."""
        for kind, (number, at) in self._waiting.items():
            more = {"which_kind": kind, "number": number, "at": at}
            if self._connection.execute(_COUNT_MORE, more).rowcount == 0:
                row = {"kind": kind, "seen": number, "last_seen_at": at}
                insert_all(self._connection, tables.count, [row])
        self._waiting = {}

    def all(self) -> dict[str, int]:
        """The number seen of each kind."""
        self.flush()
        query = select(tables.count.c.kind, tables.count.c.seen)
        return {row.kind: row.seen for row in self._connection.execute(query)}
