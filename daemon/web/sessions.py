"""Sessions of the desk: who is signed in, by which token, and until when."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from state.desk_sessions import ABSOLUTE, IDLE, DeskSession

if TYPE_CHECKING:
    from datetime import datetime

    from state.unit_of_work import UnitOfWork

COOKIE = "sokuresu_desk"

_NOTED_EVERY = timedelta(minutes=1)
"""Being seen is written down at most so often; a page that is read needs no write for each request."""


@dataclass(frozen=True, slots=True)
class Seat:
    """A session together with the token that a request came with.

    Attributes:
        session: as it is stored.
        token: what the browser sent.
        fresh: a new token for the browser to keep; None if the one it has stays.
    """

    session: DeskSession
    token: str = field(repr=False)
    fresh: str | None = field(default=None, repr=False)

    @property
    def csrf(self) -> str:
        """What every form of this session carries; it stays through changes of the token."""
        whose = f"{self.session.id}:{self.session.began_at.isoformat()}"
        return hmac.new(_KEY, whose.encode(), hashlib.sha256).hexdigest()


_KEY = secrets.token_bytes(32)
"""Of this process; a form that was open over a restart is asked for once more."""


def digest_of(token: str) -> str:
    """The form in which a token is stored."""
    return hashlib.sha256(token.encode()).hexdigest()


def begin(uow: UnitOfWork, now: datetime, language: str | None = None) -> Seat:
    """Sign a person in: a session of its own, with a token that nobody could have set before."""
    token = secrets.token_urlsafe(32)
    uow.desk.end_older(now - ABSOLUTE, now - IDLE)
    session = DeskSession(0, digest_of(token), None, now, now, now, language)
    return Seat(uow.desk.begin(session), token, fresh=token)


def find(uow: UnitOfWork, token: str | None, now: datetime) -> Seat | None:
    """The session that a token belongs to; None if there is none, or it has ended."""
    if not token or len(token) > 100:
        return None
    digest = digest_of(token)
    session = uow.desk.session(digest)
    if session is None or not session.lives(now):
        return None
    if session.digest != digest and not session.takes_previous(now):
        return None
    return Seat(session, token)


def wants_note(seat: Seat, now: datetime) -> bool:
    """Whether using the session has to be written down now."""
    return now - seat.session.seen_at >= _NOTED_EVERY or seat.session.wants_rotation(now)


def note_use(uow: UnitOfWork, seat: Seat, now: datetime) -> Seat:
    """Write down that a person used the session, and change its token when it is time."""
    uow.desk.change(seat.session.id, seen_at=now)
    current = digest_of(seat.token) == seat.session.digest
    if not (current and seat.session.wants_rotation(now)):
        return seat
    token = secrets.token_urlsafe(32)
    uow.desk.change(seat.session.id, digest=digest_of(token), previous=seat.session.digest, rotated_at=now)
    return Seat(seat.session, token, fresh=token)
