"""Tells once what was done: a cookie goes with the redirection, and the page that says it takes it back.

The word in the address alone says nothing. So the words do not come again with a reload, from the history
or a bookmark, and no link in a mail can claim that an answer was approved.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from daemon.web.notices import NOTICES

if TYPE_CHECKING:
    from starlette.responses import Response

    from daemon.web.visit import Visit

_COOKIE = "sokuresu_done"
_SECONDS = 60
_LONGEST = 40


def announce(response: Response, visit: Visit, path: str, word: str) -> Response:
    """Let the next page at a path say what was done.

    Args:
        response: leads there.
        visit: the request that did it.
        path: of our page, as it stands in the address.
        word: one of `NOTICES`.
    """
    _set(response, visit, path, word, _SECONDS)
    return response


def told(visit: Visit) -> str:
    """What this page says that was done, in the reader's words; empty where nothing was, or it was said."""
    word = visit.query.text("done", _LONGEST)
    if word not in NOTICES or visit.request.cookies.get(_COOKIE) != word:
        return ""
    from_us = visit.request.headers.get("sec-fetch-site", "same-origin") == "same-origin"
    return visit.say(*NOTICES[word]) if from_us else ""


def say_no_more(response: Response, visit: Visit) -> Response:
    """Take the cookie back with the page that said it."""
    if told(visit):
        _set(response, visit, visit.request.url.path, "", 0)
    return response


def _set(response: Response, visit: Visit, path: str, word: str, seconds: int) -> None:
    response.set_cookie(
        _COOKIE,
        word,
        max_age=seconds,
        path=path,
        httponly=True,
        samesite="strict",
        secure=visit.desk.secure,
    )
