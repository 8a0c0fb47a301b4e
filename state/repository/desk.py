"""Who may sit at the desk: the password, links to set it, sessions."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import or_, select

from state import tables
from state.desk_sessions import DeskSession
from state.repository.records import change, dicts, insert

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

_INVITATION = tables.desk_invitation.c
_SESSION = tables.desk_session.c
_PASSWORD = tables.desk_password.c
_THE_ONE = 1


class DeskAccess:
    """The keys of the desk."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def password_hash(self) -> str | None:
        """The hash of the one password; None before it is set."""
        found: str | None = self._connection.execute(select(_PASSWORD.hash)).scalar()
        return found

    def set_password(self, hashed: str, at: datetime) -> None:
        """Put another password in the place of the one there was; links and sessions end with it."""
        for table in (tables.desk_password, tables.desk_invitation, tables.desk_session):
            self._connection.execute(table.delete())
        row = {"id": _THE_ONE, "hash": hashed, "changed_at": at}
        self._connection.execute(tables.desk_password.insert().values(**row))

    def strengthen(self, hashed: str) -> None:
        """The same password under a better hash."""
        self._connection.execute(tables.desk_password.update().values(hash=hashed))

    def invite(self, digest: str, expires_at: datetime) -> None:
        """Remember a link that sets the password; the links before it are worth nothing."""
        self._connection.execute(tables.desk_invitation.delete())
        values = {"digest": digest, "expires_at": expires_at}
        self._connection.execute(tables.desk_invitation.insert().values(**values))

    def invited(self, digest: str, now: datetime) -> bool:
        """Whether this link may still be used."""
        query = select(_INVITATION.digest).where(_INVITATION.digest == digest, _INVITATION.expires_at > now)
        return self._connection.execute(query).first() is not None

    def begin(self, session: DeskSession) -> DeskSession:
        """Store a session and give it its number."""
        values = {name: getattr(session, name) for name in DeskSession.__slots__ if name != "id"}
        return replace(session, id=insert(self._connection, tables.desk_session, values))

    def session(self, digest: str) -> DeskSession | None:
        """The session whose token, or token before, has this digest; it may have ended."""
        query = select(tables.desk_session).where(or_(_SESSION.digest == digest, _SESSION.previous == digest))
        rows = dicts(self._connection.execute(query))
        return next((DeskSession(**row) for row in rows), None)

    def change(self, session_id: int, **columns: Any) -> None:
        """Set columns of one session."""
        change(self._connection, _SESSION.id, session_id, columns)

    def end(self, session_id: int) -> None:
        """A person signed out."""
        self._connection.execute(tables.desk_session.delete().where(_SESSION.id == session_id))

    def end_all(self) -> None:
        """Nobody is signed in any more."""
        self._connection.execute(tables.desk_session.delete())

    def shut(self) -> None:
        """Nobody is signed in any more, and no link sets the password."""
        for table in (tables.desk_session, tables.desk_invitation):
            self._connection.execute(table.delete())

    def end_older(self, began_before: datetime, seen_before: datetime) -> None:
        """Forget sessions that have ended by themselves."""
        gone = (_SESSION.began_at < began_before) | (_SESSION.seen_at < seen_before)
        self._connection.execute(tables.desk_session.delete().where(gone))
