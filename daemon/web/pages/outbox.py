"""Outgoing mail: what waits, what left, and what a person decides about mail that perhaps left."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException

from daemon import commands
from daemon.errors import SokuresuError
from daemon.showing.reasons import say_reason
from daemon.web.outbox_view import read_outbox, sheet_of
from daemon.web.rooms import Room
from state.outbox_rules import OutboxState

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.responses import Response

    from daemon.web.visit import Visit
    from daemon.work import Work
    from state.model import OutboxItem

    Decision = Callable[[Work, int], None]


def show_list(visit: Visit) -> Response:
    """What is not settled, and what left lately."""
    with visit.considering() as work:
        outbox = read_outbox(work)
    return visit.page("outbox.j2", outbox=outbox, reason=partial(say_reason, reader=visit.reader))


def show_one(visit: Visit) -> Response:
    """One mail, word for word."""
    return _show(visit, "outbox_item.j2")


def ask_to_resend(visit: Visit) -> Response:
    """One mail once more, before it is offered again."""
    return _show(visit, "outbox_resend.j2")


def _show(visit: Visit, template: str) -> Response:
    with visit.considering() as work:
        item = _item(visit, work)
        sheet = sheet_of(work, item)
    return visit.page(template, mail=sheet, reason=partial(say_reason, reader=visit.reader))


def say_sent(visit: Visit) -> Response:
    """A person found out that it left."""
    return _decide(visit, commands.outbox_sent, "outbox_sent")


def drop(visit: Visit) -> Response:
    """A person gives it up."""
    return _decide(visit, commands.outbox_drop, "outbox_dropped")


def resend(visit: Visit) -> Response:
    """A person wants it to be offered once more."""
    return _decide(visit, commands.outbox_resend, "outbox_resent")


def _decide(visit: Visit, decision: Decision, done: str) -> Response:
    """Carry a decision out, unless somebody decided before, or it was tried again since the page was made."""
    with visit.deciding() as work:
        decided = _is_undecided(visit, _item(visit, work)) and _carried_out(decision, work, visit.number())
    return visit.go(f"/outbox/{visit.number()}", done=done if decided else "outbox_unchanged")


def _carried_out(decision: Decision, work: Work, number: int) -> bool:
    """Whether the rules allowed it; they refuse before anything is changed, and the page says why."""
    try:
        decision(work, number)
    except SokuresuError:
        return False
    return True


def _is_undecided(visit: Visit, item: OutboxItem) -> bool:
    return item.state is OutboxState.UNCERTAIN and visit.form.number("attempts") == item.attempts


def _item(visit: Visit, work: Work) -> OutboxItem:
    item = work.uow.outbox.get(visit.number())
    if item is None:
        raise HTTPException(404)
    return item


ROOMS = (
    Room("/outbox", show_list),
    Room("/outbox/{number:int}", show_one),
    Room("/outbox/{number:int}/resend", ask_to_resend),
    Room("/outbox/{number:int}/sent", say_sent, "POST"),
    Room("/outbox/{number:int}/drop", drop, "POST"),
    Room("/outbox/{number:int}/resend", resend, "POST"),
)
