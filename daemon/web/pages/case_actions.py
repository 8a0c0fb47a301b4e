"""What a person decides about a case besides its answer: each by the use case of its command."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from daemon import commands
from daemon.confirming import still_unanswered
from daemon.errors import SokuresuError
from daemon.moments import instant_of, local_moment
from daemon.notes import NOTE_LIMIT, NoteRefused, write_note
from daemon.review import SNOOZE, case_of, snooze
from daemon.web.case_heads import LARGEST, met
from daemon.web.pages.case import Slips, case_page
from daemon.web.rooms import Room, said

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.responses import Response

    from daemon.web.visit import Visit
    from daemon.work import Work


def say_answered(visit: Visit) -> Response:
    """The person answered in a way that the program cannot see."""
    return _settle(visit, commands.answered, "answered")


def say_no_reply(visit: Visit) -> Response:
    """The person decided that it needs no answer; the page then tells what is left at Amazon."""
    return _settle(visit, commands.no_reply_needed, "no_reply_needed")


def _settle(visit: Visit, decide: Callable[..., bool], word: str) -> Response:
    """Decide about what stood on the page, and nothing that came later."""
    seen = _last_seen(visit)
    with visit.deciding() as work:
        number = met(work, visit.number()).id
        changed = _waits(work, number, seen) and decide(work, number, last_seen=seen)
        word = _outcome(work, number, word, changed=changed)
    return visit.go(f"/case/{number}", done=word)


def _last_seen(visit: Visit) -> int:
    """Number of the newest message that stood on the page, or none: what came later is not decided about."""
    digits = visit.form.line("seen", 40).partition("-")[0]
    known = digits.isascii() and digits.isdigit() and int(digits) <= LARGEST
    return int(digits) if known else 0


def _waits(work: Work, number: int, last_seen: int = LARGEST) -> bool:
    """Whether anything up to a message is unanswered; a closed case is told as such."""
    case_of(work, number)
    return any(one.unanswered and one.id <= last_seen for one in work.uow.messages.of_case(number))


def _outcome(work: Work, number: int, word: str, *, changed: bool) -> str:
    if not changed:
        return "nothing"
    return "newer_waits" if _waits(work, number) else word


def deny_answered(visit: Visit) -> Response:
    """What may have answered the case did not."""
    with visit.deciding() as work:
        number = met(work, visit.number()).id
        changed = still_unanswered(work, number)
    return visit.go(f"/case/{number}", done="not_answered" if changed else "nothing")


def put_off(visit: Visit) -> Response:
    """Keep the case out of the daily alerts; a time that cannot be meant stays in its field."""
    with visit.considering() as work:
        number = case_of(work, met(work, visit.number()).id).id
    try:
        with visit.deciding() as work:
            snooze(work, number, _until(visit, work))
    except SokuresuError as error:
        slips = Slips(snooze=said(error, visit.reader), until=visit.form.line("until", 40))
        return case_page(visit, slips, code=409)
    return visit.go(f"/case/{number}", done="snoozed")


def _until(visit: Visit, work: Work) -> datetime:
    """The instant that is meant; what is typed is meant in the shop's time."""
    how, calendar = visit.form.line("how", 20), work.shop.calendar
    if how == "hours":
        return work.now + SNOOZE
    if how == "opening":
        return calendar.closed_time(work.now)[1]
    # A browser's own field for a day and a time puts a T between them.
    typed = local_moment(visit.form.line("until", 40).replace("T", " "))
    if isinstance(typed, datetime):
        return instant_of(calendar, typed)
    today = calendar.local_day(work.now)
    end = calendar.at(today, typed)
    return end if end > work.now else calendar.at(today + timedelta(days=1), typed)


def keep_note(visit: Visit) -> Response:
    """Keep a note; one that cannot be kept stays in its field."""
    text = visit.form.text("text", NOTE_LIMIT * 5)
    try:
        with visit.deciding() as work:
            number = met(work, visit.number()).id
            kept = write_note(work, number, text)
    except NoteRefused as error:
        return case_page(visit, Slips(note=said(error, visit.reader), text=text), code=409)
    return visit.go(f"/case/{number}", done="noted" if kept else "nothing")


ROOMS = (
    Room("/case/{number:int}/answered", say_answered, "POST"),
    Room("/case/{number:int}/no-reply-needed", say_no_reply, "POST"),
    Room("/case/{number:int}/not-answered", deny_answered, "POST"),
    Room("/case/{number:int}/snooze", put_off, "POST"),
    Room("/case/{number:int}/note", keep_note, "POST"),
)
