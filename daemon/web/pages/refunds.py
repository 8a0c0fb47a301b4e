"""Works a refund out and prepares it; the money goes back in Seller Central alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daemon.aftercare.refunds import keep, note_made
from daemon.errors import SokuresuError
from daemon.web.case_heads import met
from daemon.web.forms import Form
from daemon.web.refund_view import refund_view
from daemon.web.refusals import say_error
from daemon.web.rooms import Room
from state.steps import Matter

if TYPE_CHECKING:
    from starlette.responses import Response

    from daemon.web.refund_view import RefundView
    from daemon.web.visit import Visit
    from daemon.work import Work


def show(visit: Visit) -> Response:
    """The calculator, with what is known of the order filled in."""
    with visit.considering() as work:
        view = refund_view(work, met(work, visit.number()), visit.query, visit.reader)
    return visit.page("refund.j2", view=view, trouble="")


def work_out(visit: Visit) -> Response:
    """The sum alone, while a person types."""
    with visit.considering() as work:
        view = refund_view(work, met(work, visit.number()), visit.query, visit.reader)
    return visit.page("_refund_sum.j2", view=view, live=True)


def draft(visit: Visit) -> Response:
    """The message becomes the draft of the answer, and the amount is noted; both once."""
    return _keep(visit, "refund_drafted", draft=True)


def note(visit: Visit) -> Response:
    """The amount alone is noted."""
    return _keep(visit, "refund_noted", note=True)


def made(visit: Visit) -> Response:
    """A person gave the money back in Seller Central: this amount, or else what was noted before."""
    if visit.form.has("kind"):
        return _keep(visit, "refund_made", done=True)
    with visit.deciding() as work:
        case = met(work, visit.number())
        view = refund_view(work, case, Form(), visit.reader)
        seen = view.seen == visit.form.number("seen")
        done = seen and note_made(work, case)
    if not (seen or view.made):
        return visit.page("refund.j2", code=409, view=view, trouble=visit.say(*_MOVED_ON))
    return visit.go(f"/case/{case.id}/refund", done="refund_made" if done else "nothing")


def _keep(
    visit: Visit, word: str, *, draft: bool = False, note: bool = False, done: bool = False
) -> Response:
    """Record what the page showed, once; where that is refused, show it again with all that was typed."""
    number = visit.number()
    with visit.considering() as work:
        view = refund_view(work, met(work, number), visit.form, visit.reader)
    if draft and view.result and view.result.noted and view.result.drafted:
        return visit.go(f"/case/{number}/refund", done="nothing", **view.fields)
    if view.result is None or view.seen != visit.form.number("seen"):
        return _not_kept(visit, view)
    try:
        with visit.deciding() as work:
            _check_seen(work, view)
            keep(work, view.result.prepared, draft=draft, note=note, done=done)
    except SokuresuError as error:
        told = say_error(error, visit.reader)
        return visit.page("refund.j2", code=409, view=view, trouble=told)
    return visit.go(f"/case/{number}/refund", done=word, **view.fields)


def _not_kept(visit: Visit, view: RefundView) -> Response:
    """Something is missing; or a button was pressed twice, or the page is behind."""
    if view.result is None:
        told = visit.say("金額がまだそろっていません。", "Some amounts are still missing.")
        return visit.page("refund.j2", code=409, view=view, trouble=told)
    if view.result.noted or view.made:
        return visit.go(f"/case/{view.head.number}/refund", done="nothing", **view.fields)
    return visit.page("refund.j2", code=409, view=view, trouble=visit.say(*_MOVED_ON))


def _check_seen(work: Work, view: RefundView) -> None:
    """Between looking and deciding nothing may have been noted.

    Raises:
        SokuresuError: it was.
    """
    steps = work.uow.steps.of_case(view.head.number, Matter.REFUND)
    if (steps[-1].id if steps else 0) != view.seen:
        raise SokuresuError(" / ".join(_MOVED_ON))


_MOVED_ON = (
    "この画面を開いたあとに、返金の記録が増えました。確かめてからもう一度どうぞ。",
    "Something was noted of the refund since you opened this; look before you go on.",
)

ROOMS = (
    Room("/case/{number:int}/refund", show),
    Room("/case/{number:int}/refund/work-out", work_out, quiet=True),
    Room("/case/{number:int}/refund/draft", draft, "POST"),
    Room("/case/{number:int}/refund/note", note, "POST"),
    Room("/case/{number:int}/refund/made", made, "POST"),
)
