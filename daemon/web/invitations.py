"""One-time links by which a password is set; of each only a digest is stored."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from daemon.web.sessions import digest_of
from state.desk_sessions import INVITATION

if TYPE_CHECKING:
    from datetime import datetime

    from state.unit_of_work import UnitOfWork

_LONGEST = 100


def invite(uow: UnitOfWork, now: datetime) -> str:
    """Make a link; the ones before it are worth nothing.

    Returns:
        Its token; a secret that nobody can find out again.
    """
    token = secrets.token_urlsafe(32)
    uow.desk.invite(digest_of(token), now + INVITATION)
    return token


def is_invited(uow: UnitOfWork, token: str, now: datetime) -> bool:
    """Whether this token may set the password now."""
    return 0 < len(token) <= _LONGEST and uow.desk.invited(digest_of(token), now)
