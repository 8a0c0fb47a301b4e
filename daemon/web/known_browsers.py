"""Browsers that signed in before: strangers who guess, maybe behind the same proxy, hold none of them up."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.responses import Response

    from daemon.web.visit import Visit

_YEAR = 365 * 24 * 60 * 60
_NAME = "sokuresu_known"
_LONGEST = 120


def who_asks(visit: Visit, hashed: str | None) -> str:
    """Whose tries are counted: a known browser's own, else those of whoever is connected.

    Args:
        visit: the request.
        hashed: the password as it is stored; by it the mark was made, and with it the mark ends.
    """
    mark = visit.request.cookies.get(_name(visit), "")
    number, _, seal = mark.partition(".")
    if (
        hashed is not None
        and len(mark) <= _LONGEST
        and hmac.compare_digest(seal.encode(), _seal(hashed, number))
    ):
        return f"browser {number}"
    # Behind a proxy it is the proxy who is connected.
    return visit.request.client.host if visit.request.client else ""


def remember(response: Response, visit: Visit, hashed: str) -> Response:
    """Mark the browser of somebody who knew the password. The mark opens nothing."""
    number = secrets.token_urlsafe(16)
    response.set_cookie(
        _name(visit),
        f"{number}.{_seal(hashed, number).decode()}",
        max_age=_YEAR,
        httponly=True,
        samesite="strict",
        secure=visit.desk.secure,
    )
    return response


def _name(visit: Visit) -> str:
    return f"__Host-{_NAME}" if visit.desk.secure else _NAME


def _seal(hashed: str, number: str) -> bytes:
    return hmac.new(hashed.encode(), number.encode(), hashlib.sha256).hexdigest().encode()
