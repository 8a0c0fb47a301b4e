"""The page of a case: the conversation, the draft beside it, what is known, and what happened."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException
from starlette.responses import Response

from daemon.web.case_book import read_book, seen_of
from daemon.web.case_heads import LARGEST, met
from daemon.web.case_view import case_view
from daemon.web.draft_view import panel_of
from daemon.web.rooms import Room

if TYPE_CHECKING:
    from daemon.web.visit import Visit
    from daemon.work import Work
    from state.model import Case, Message


@dataclass(frozen=True, slots=True)
class Slips:
    """What a person typed that could not be taken, and why; empty where nothing was wrong.

    Attributes:
        snooze: why it was not put off.
        until: what they typed for that.
        note: why the note was not kept.
        text: the note.
    """

    snooze: str = ""
    until: str = ""
    note: str = ""
    text: str = field(default="", repr=False)


def show(visit: Visit) -> Response:
    """The whole page."""
    return case_page(visit, Slips())


def case_page(visit: Visit, slips: Slips, code: int = 200) -> Response:
    """The page of the case that the path names.

    Args:
        visit: the request.
        slips: what could not be taken of what was typed on it.
        code: the status of HTTP.
    """
    with visit.considering() as work:
        book = read_book(work, met(work, visit.number()))
        view = case_view(work, book, visit.reader)
        panel = panel_of(work, book.line, visit.reader)
    return visit.page("case.j2", code=code, view=view, panel=panel, slips=slips)


def tell_news(visit: Visit) -> Response:
    """Whether anything came since the page was made; nothing is said while nothing did."""
    before = visit.query.line("seen", 40)
    with visit.considering() as work:
        now = seen_of(work.uow, met(work, visit.number()).id)
    if now == before:
        return Response(status_code=204)
    mail = now.partition("-")[0] != before.partition("-")[0]
    return visit.page("_news.j2", number=visit.number(), seen=now, mail=mail)


def hand_raw(visit: Visit) -> Response:
    """A mail of the case as it came, to be kept as a file and never shown by the browser."""
    number, wanted = visit.number(), visit.number("message")
    with visit.considering() as work:
        message = _message(work, met(work, number), wanted)
        content = work.uow.raw_mail.get(message.id)
    if content is None:
        gone = visit.say(
            "このメールの原本は保存期間が過ぎたか、消去されたため、もうありません。本文は案件の画面に残っています。",
            "The mail as it came was cleared when its time was over, or erased; its text stands on the case.",
        )
        return visit.page("error.j2", code=404, message=gone)
    name = f"case-{number}-message-{wanted}.eml"
    return Response(
        content,
        media_type="application/octet-stream",
        headers={
            "content-disposition": f'attachment; filename="{name}"',
            "x-content-type-options": "nosniff",
        },
    )


def _message(work: Work, case: Case, wanted: int) -> Message:
    found = work.uow.messages.get(wanted) if wanted <= LARGEST else None
    if found is None or found.case_id != case.id or not found.place.folder:
        raise HTTPException(404)
    return found


ROOMS = (
    Room("/case/{number:int}", show),
    Room("/case/{number:int}/news", tell_news, quiet=True),
    Room("/case/{number:int}/raw/{message:int}", hand_raw),
)
