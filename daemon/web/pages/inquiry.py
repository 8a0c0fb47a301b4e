"""Asks the shipping agent about a parcel: drafted, read as it leaves, sent once on a person's word."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daemon.aftercare.agents import AGENT_LINES, NO_AGENTS
from daemon.aftercare.inquiries import queue
from daemon.aftercare.inquiry_refusals import REFUSALS, InquiryRefusal
from daemon.showing.liveness import is_alive
from daemon.web.case_heads import met
from daemon.web.forms import Form
from daemon.web.inquiry_view import inquiry_view
from daemon.web.rooms import Room

if TYPE_CHECKING:
    from starlette.responses import Response

    from daemon.web.inquiry_view import InquiryView
    from daemon.web.visit import Visit
    from daemon.work import Work


def show(visit: Visit) -> Response:
    """The inquiry as it is proposed, to be edited; its words never come by a link."""
    chosen = [(name, value) for name, value in visit.query.fields().items() if name != "text"]
    return _edit(visit, _view(visit, Form(chosen)))


def change(visit: Visit) -> Response:
    """Back from the check, with the text as it stood there."""
    return _edit(visit, _view(visit, visit.form))


def check(visit: Visit) -> Response:
    """The mail exactly as it will leave; or the text again with what is wrong with it."""
    view = _view(visit, visit.form)
    if _may_be_shown(view):
        return visit.page("inquiry_send.j2", view=view, trouble=_said_before(view, visit))
    return _edit(visit, view, _trouble(view, visit))


def send(visit: Visit) -> Response:
    """Hand exactly what was shown to the service, once."""
    number = visit.number()
    with visit.deciding() as work:
        view = _decided(work, visit)
        done = _queue(work, view, visit)
    if done:
        return visit.go(f"/case/{number}", done=done)
    if not _may_be_shown(view):
        return _edit(visit, view, _trouble(view, visit))
    changed = visit.say(
        "この画面を開いたあとに、送る内容が変わりました。読み直してからお決めください。",
        "What is sent has changed since you opened this; read it again before you decide.",
    )
    return visit.page("inquiry_send.j2", code=409, view=view, trouble=_said_before(view, visit) or changed)


def _view(visit: Visit, form: Form) -> InquiryView:
    with visit.considering() as work:
        return inquiry_view(work, met(work, visit.number()), form, visit.reader)


def _decided(work: Work, visit: Visit) -> InquiryView:
    """The inquiry that the form brings; to send a text anew counts only if nothing was sent since."""
    case = met(work, visit.number())
    view = inquiry_view(work, case, visit.form, visit.reader)
    if visit.form.has("again") and view.asked == visit.form.number("asked"):
        return inquiry_view(work, case, visit.form, visit.reader, again=True)
    return view


def _queue(work: Work, view: InquiryView, visit: Visit) -> str:
    """Queue it if it is what the person saw; tells with which word, none if it was not."""
    is_behind = view.asked != visit.form.number("asked")
    if is_behind and view.refusal is InquiryRefusal.SAME_TEXT:
        return "inquiry_before"
    if view.shown is None or view.refusal is not None or view.shown.code != visit.form.line("code"):
        return ""
    queue(work, view.shown, again=visit.form.has("again"))
    return "inquiry_queued" if is_alive(work.uow.runs.last(), work.now) else "inquiry_waiting"


def _may_be_shown(view: InquiryView) -> bool:
    """A text that went before may go once more, if the person says so there."""
    return view.shown is not None and view.refusal in (None, InquiryRefusal.SAME_TEXT)


def _said_before(view: InquiryView, visit: Visit) -> str:
    if view.refusal is not InquiryRefusal.SAME_TEXT:
        return ""
    return visit.say(f"{view.reason}。", f"Mind: {view.reason}.")


def _trouble(view: InquiryView, visit: Visit) -> str:
    reason = view.reason or visit.say(*REFUSALS[InquiryRefusal.NO_AGENT])
    return visit.say(f"まだ送れません: {reason}。", f"It may not go yet: {reason}.")


def _edit(visit: Visit, view: InquiryView, trouble: str = "") -> Response:
    return visit.page(
        "inquiry.j2",
        code=409 if trouble else 200,
        view=view,
        trouble=trouble,
        no_agents=visit.say(*NO_AGENTS),
        lines=AGENT_LINES,
    )


ROOMS = (
    Room("/case/{number:int}/inquiry", show),
    Room("/case/{number:int}/inquiry/edit", change, "POST"),
    Room("/case/{number:int}/inquiry/check", check, "POST"),
    Room("/case/{number:int}/inquiry/send", send, "POST"),
)
