"""What becomes of an item that a buyer sends back, one step after the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daemon.aftercare.returns import OutOfOrder, record_once
from daemon.errors import SokuresuError
from daemon.showing.inspections import write_inspection
from daemon.web.case_heads import met
from daemon.web.return_view import check_choices, checks_in, relisting_of, return_view
from daemon.web.rooms import Room
from state.item_conditions import Checked
from state.returns import ReturnWord

if TYPE_CHECKING:
    from starlette.responses import Response

    from daemon.web.return_view import ReturnView
    from daemon.web.visit import Visit


def show(visit: Visit) -> Response:
    """The checklist, with the form of the next step."""
    return _page(visit, _view(visit))


def word_condition(visit: Visit) -> Response:
    """The words for the listing alone, while a person chooses."""
    view = _view(visit)
    return visit.page(
        "_return_wording.j2", view=view, relisting=relisting_of(view, visit.query, visit.reader)
    )


def arrive(visit: Visit) -> Response:
    """The parcel is here."""
    words = {"unopened": ReturnWord.ARRIVED_UNOPENED, "opened": ReturnWord.ARRIVED_OPENED}
    word = words.get(visit.form.line("how"))
    if word is None:
        told = visit.say("未開封か開封済みかを選んでください。", "Say whether it was opened.")
        return _page(visit, _view(visit), told)
    return _record(visit, word)


def inspect(visit: Visit) -> Response:
    """The item was looked at."""
    detail = write_inspection(checks_in(visit.form, Checked()), visit.form.text("note", 2_000), visit.reader)
    if not detail:
        told = visit.say(
            "確かめたことを選ぶか、メモに書いてください。", "Choose what you found, or write a note."
        )
        return _page(visit, _view(visit), told)
    return _record(visit, ReturnWord.INSPECTED, detail)


def relist(visit: Visit) -> Response:
    """The item is offered again, in a condition that the findings allow."""
    view = _view(visit)
    relisting = relisting_of(view, visit.form, visit.reader)
    if relisting.objection:
        return _page(visit, view, relisting.objection)
    return _record(visit, ReturnWord.RELISTED, relisting.conditions.chosen)


def write_off(visit: Visit) -> Response:
    """The item is thrown away, or never came."""
    return _record(visit, ReturnWord.WRITTEN_OFF)


def _view(visit: Visit) -> ReturnView:
    with visit.considering() as work:
        return return_view(work, met(work, visit.number()), visit.reader)


def _page(visit: Visit, view: ReturnView, trouble: str = "") -> Response:
    """The page, with what was typed and why it was not taken where that is so."""
    typed = visit.form if trouble else visit.query
    return visit.page(
        "return.j2",
        code=409 if trouble else 200,
        view=view,
        trouble=trouble,
        checks=check_choices(checks_in(typed, Checked()), visit.reader),
        note=typed.text("note", 2_000),
        relisting=relisting_of(view, typed, visit.reader),
    )


def _record(visit: Visit, word: ReturnWord, detail: str = "") -> Response:
    """Write a step down once; a second click on the same button finds it done.

    Raises:
        SokuresuError: something else was recorded since the page was opened.
    """
    number, seen = visit.number(), visit.form.number("seen") or 0
    try:
        with visit.deciding() as work:
            done = record_once(work, met(work, number), word, detail, seen)
    except OutOfOrder as error:
        raise SokuresuError(_MOVED_ON) from error
    return visit.go(f"/case/{number}/return", done="recorded" if done else "nothing")


_MOVED_ON = (
    "この画面を開いたあとに、この返品は先へ進んでいます。返品の画面を開き直してください。"
    " / The return has moved on since you opened this; open its page again."
)

ROOMS = (
    Room("/case/{number:int}/return", show),
    Room("/case/{number:int}/return/wording", word_condition, quiet=True),
    Room("/case/{number:int}/return/arrived", arrive, "POST"),
    Room("/case/{number:int}/return/inspected", inspect, "POST"),
    Room("/case/{number:int}/return/relisted", relist, "POST"),
    Room("/case/{number:int}/return/written-off", write_off, "POST"),
)
