"""Pages for what went wrong: what a browser asked for in vain, and faults of our own."""

from __future__ import annotations

import traceback
from pathlib import Path
from typing import TYPE_CHECKING

from daemon.log import get_logger

if TYPE_CHECKING:
    from starlette.responses import Response

    from daemon.web.forms import Form
    from daemon.web.visit import Visit

_log = get_logger(__name__)

_ROOT = Path(__file__).parents[2]

_SECRET = {"csrf", "token", "password", "again", "present", "next", "back"}
_NOBODYS_WORDS = {"digest", "fingerprint"}
"""Marks that a page puts into its form."""

_WORTH_KEEPING = 40
"""Characters."""

_REASONS = {
    401: (
        "ログインの期限が切れています。ログインし直してください。",
        "You were signed out; please sign in again.",
    ),
    403: (
        "この画面の有効期限が切れています。もう一度開いてやり直してください。",
        "This page is out of date; open it again and repeat.",
    ),
    400: ("送られた内容を読めません。", "What was sent cannot be read."),
    404: ("そのページはありません。", "There is no such page."),
    405: ("その操作はできません。", "That cannot be done here."),
    408: ("内容が途中で届かなくなりました。", "What was sent did not arrive whole."),
    413: ("送られた内容が長すぎます。", "What was sent is too long."),
    415: ("送られた内容の形式が違います。", "What was sent is no form."),
}
_TROUBLE = (
    "うまく表示できませんでした。受信と送信のサービスには影響ありません。もう一度お試しください。",
    "Something went wrong here. The service that reads and sends is not concerned. Please try again.",
)


def refused(visit: Visit, status: int) -> Response:
    """The page for a status of HTTP; what somebody wrote at length is handed back, for it took them time."""
    message = visit.say(*_REASONS.get(status, _TROUBLE))
    kept = typed(visit.form)
    if kept:
        return visit.page("lost.j2", code=status, message=message, kept=kept)
    return visit.page("error.j2", code=status, message=message)


def typed(form: Form) -> list[str]:
    """The texts of a form that it would be a pity to lose."""
    fields = form.fields()
    return [
        form.text(name)
        for name in fields
        if name not in _SECRET | _NOBODYS_WORDS and len(fields[name]) >= _WORTH_KEEPING
    ]


def note_fault(error: Exception, room: str) -> None:
    """Write down that a page failed, and where: an error's own words may be a buyer's, and are left out.

    Args:
        error: what was raised.
        room: the path of the page with its placeholders.
    """
    _log.error("a page failed", error=type(error).__name__, room=room, where=_where(error))


def _where(error: Exception) -> list[str]:
    """Our own lines on the way to the fault."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if Path(frame.filename).is_relative_to(_ROOT)]
    return [f"{Path(one.filename).relative_to(_ROOT)}:{one.lineno}" for one in ours or frames[-1:]][-6:]
