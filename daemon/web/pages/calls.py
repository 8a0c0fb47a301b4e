"""The telephone: the log, and the form for writing while somebody is speaking."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from daemon.aftercare.call_log import newest_lines, waiting_numbers
from daemon.aftercare.call_times import read_call_time, read_promise
from daemon.aftercare.calls import (
    HOURS_LIMIT,
    NAME_LIMIT,
    WISHES_LIMIT,
    CallEntry,
    CallRefused,
    case_of_same,
    log_call,
    read_address,
    read_number,
    read_order,
    script_for,
    usual_promise,
)
from daemon.web.calls_view import PAGE_LENGTH, card_of, known_order
from daemon.web.rooms import Room
from daemon.web.typed import Typed

if TYPE_CHECKING:
    from starlette.responses import Response

    from daemon.web.calls_view import KnownOrder
    from daemon.web.visit import Visit
    from daemon.work import Work

_FIELDS = (
    "caller",
    "order",
    "wishes",
    "number",
    "hours",
    "address",
    "promised_day",
    "promised_time",
    "called_day",
    "called_time",
)


def show_log(visit: Visit) -> Response:
    """The log, newest first."""
    page, waiting = visit.query.number("page", 100_000) or 0, visit.query.has("waiting")
    with visit.considering() as work:
        lines, count = newest_lines(work, page * PAGE_LENGTH, PAGE_LENGTH, only_waiting=waiting)
        waiting_count = len(waiting_numbers(work))
    kept = "&waiting=1" if waiting else ""
    return visit.page(
        "calls.j2",
        cards=tuple(map(card_of, lines)),
        waiting=waiting,
        waiting_count=waiting_count,
        newer=f"/calls?page={page - 1}{kept}" if page else "",
        older=f"/calls?page={page + 1}{kept}" if (page + 1) * PAGE_LENGTH < count else "",
    )


def ask(visit: Visit) -> Response:
    """The empty form; whoever reads the script aloud promises what stands in it."""
    with visit.considering() as work:
        promised = usual_promise(work).astimezone(visit.reader.zone)
    told = {
        "order": visit.query.line("order", 40),
        "promised_day": promised.date().isoformat(),
        "promised_time": f"{promised:%H:%M}",
    }
    return _form(visit, dict.fromkeys(_FIELDS, "") | told, {})


def enter(visit: Visit) -> Response:
    """Write the call down, and go to its case; a form that was sent twice is one call."""
    with visit.considering() as work:
        typed, entry = _entry(visit, work)
    if entry is None:
        return _again(visit, typed)
    try:
        with visit.deciding() as work:
            known = case_of_same(work, entry)
            if known is not None:
                return visit.go(f"/case/{known}", done="call_known")
            logged = log_call(work, entry)
    except CallRefused:
        # Minutes may pass between the fields and the record: a promise may have passed meanwhile.
        return _again(visit, _entry(visit, work)[0])
    return visit.go(f"/case/{logged.case.id}", done="call_joined" if logged.joined else "call_opened")


def _again(visit: Visit, typed: Typed) -> Response:
    """The form as it was typed, with what is wrong."""
    return _form(visit, {name: visit.form.text(name) for name in _FIELDS}, typed.troubles)


def _entry(visit: Visit, work: Work) -> tuple[Typed, CallEntry | None]:
    """What was typed, and the call if it can be meant."""
    typed = Typed(visit)
    wishes = typed.need("wishes", _wishes, typed.text("wishes"))
    entry = CallEntry(
        wishes=wishes or "",
        caller=typed.line("caller"),
        number=typed.read("number", read_number) or "",
        address=typed.read("address", read_address) or "",
        hours=typed.line("hours"),
        order_id=typed.read("order", read_order),
        called_at=typed.read("called_time", partial(read_call_time, work), _joined(typed, "called")),
        promised_by=typed.read("promised_time", partial(read_promise, work), _joined(typed, "promised")),
    )
    return typed, None if typed.troubles else entry


def _wishes(text: str) -> str:
    """The one thing that must be known.

    Raises:
        CallRefused: nothing was written.
    """
    if not text.strip():
        raise CallRefused("ご用件を入れてください。 / Say what the caller wants.")
    return text


def _joined(typed: Typed, name: str) -> str:
    """A day and a time from the two fields for them."""
    return f"{typed.line(f'{name}_day')} {typed.line(f'{name}_time')}".strip()


def _form(visit: Visit, told: dict[str, str], troubles: dict[str, str]) -> Response:
    """The form.

    Args:
        visit: the request.
        told: what stands in its fields.
        troubles: what is wrong with them.
    """
    other = "en" if visit.reader.language == "ja" else "ja"
    with visit.considering() as work:
        scripts = [script_for(work, language) for language in (visit.reader.language, other)]
        known = _known(visit, work, told["order"])
    return visit.page(
        "calls_new.j2",
        code=422 if troubles else 200,
        told=told,
        troubles=troubles,
        script=scripts[0],
        other_script=scripts[1],
        known=known,
        limits={"caller": NAME_LIMIT, "wishes": WISHES_LIMIT, "hours": HOURS_LIMIT},
    )


def look_up(visit: Visit) -> Response:
    """What is known of the order that is being typed; nothing while it is not whole."""
    with visit.considering() as work:
        known = _known(visit, work, visit.query.line("order"))
    return visit.page("_calls_order.j2", known=known)


def _known(visit: Visit, work: Work, typed: str) -> KnownOrder | None:
    try:
        return known_order(work, read_order(typed), visit.reader)
    except CallRefused:
        return None


ROOMS = (
    Room("/calls", show_log),
    Room("/calls/new", ask),
    Room("/calls/new", enter, "POST"),
    Room("/calls/order", look_up, quiet=True),
)
