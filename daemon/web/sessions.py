"""Sessions of the desk: who is signed in, by which token, and until when.

A token has two parts. The first is changed from time to time; the second stays as long as the session and is
what the forms are marked by, so that a form may be sent after the token changed, and after a restart. The
database keeps a digest of the two together and nothing else: only the browser's cookie knows either.
"""

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
"""Over HTTPS its name has a prefix; see `cookie_name`."""

_NOTED_EVERY = timedelta(minutes=1)
"""Being seen is written down at most so often; a page that is read needs no write for each request."""

_LONGEST = 100


def cookie_name(*, secure: bool) -> str:
    """How the cookie is called; with the prefix browsers take it from this very host, over HTTPS alone."""
    return f"__Host-{COOKIE}" if secure else COOKIE


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
        """What every form of this session carries; it stays through changes of the token and restarts."""
        return hmac.new(_lasting(self.token).encode(), b"form", hashlib.sha256).hexdigest()


def digest_of(token: str) -> str:
    """The form in which a token is stored."""
    return hashlib.sha256(token.encode()).hexdigest()


def begin(uow: UnitOfWork, now: datetime, language: str | None = None) -> Seat:
    """Sign a person in: a session of its own, with a token that nobody could have set before."""
    token = _changed(secrets.token_urlsafe(16))
    uow.desk.end_older(now - ABSOLUTE, now - IDLE)
    session = DeskSession(0, digest_of(token), None, now, now, now, language)
    return Seat(uow.desk.begin(session), token, fresh=token)


def find(uow: UnitOfWork, token: str | None, now: datetime) -> Seat | None:
    """The session that a token belongs to; None if there is none, or it has ended."""
    if not token or len(token) > _LONGEST or not token.isascii():
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
    unnoted = abs(now - seat.session.seen_at) >= _NOTED_EVERY
    return unnoted or (_is_current(seat) and seat.session.wants_rotation(now))


def note_use(uow: UnitOfWork, token: str, now: datetime) -> Seat | None:
    """Write down that a person used the session, and change its token when it is time.

    Another request of the same browser may have been quicker: the session is read again in the transaction
    that changes it, so that only one of them changes the token. None if the session ended meanwhile.
    """
    seat = find(uow, token, now)
    if seat is None:
        return None
    uow.desk.change(seat.session.id, seen_at=now)
    if not (_is_current(seat) and seat.session.wants_rotation(now)):
        return seat
    fresh = _changed(_lasting(token))
    uow.desk.change(seat.session.id, digest=digest_of(fresh), previous=seat.session.digest, rotated_at=now)
    return Seat(seat.session, token, fresh=fresh)


def _changed(lasting: str) -> str:
    return f"{secrets.token_urlsafe(32)}.{lasting}"


def _lasting(token: str) -> str:
    return token.partition(".")[2]


def _is_current(seat: Seat) -> bool:
    return digest_of(seat.token) == seat.session.digest
