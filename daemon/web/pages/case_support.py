"""The text for Amazon's seller support, ready to be copied; nothing is sent from here."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from daemon.aftercare.support import matter_of, note_prepared, write_support
from daemon.showing.reader import clean, clean_lines
from daemon.web.case_heads import met
from daemon.web.rooms import Room
from daemon.words import SUPPORT_MATTERS
from state.steps import Matter
from templates.escalating import MATTERS

if TYPE_CHECKING:
    from starlette.responses import Response

    from daemon.showing.reader import Reader
    from daemon.web.visit import Visit
    from daemon.work import Work
    from state.model import Case


@dataclass(frozen=True, slots=True)
class SupportPage:
    """What the page shows.

    Attributes:
        number: of the case.
        buyer: the name that Amazon showed; empty where there is none.
        about: word of `MATTERS`, what the text is about.
        choices: word and name of everything that it may be about.
        text: to be copied.
        path: where in Seller Central it goes.
        blanks: it has places that a person has to fill in.
        asked: days on which it was handed in before, as people write them.
    """

    number: int
    buyer: str = field(repr=False)
    about: str
    choices: tuple[tuple[str, str], ...]
    text: str = field(repr=False)
    path: str
    blanks: bool
    asked: tuple[str, ...]


def show(visit: Visit) -> Response:
    """The text, about what the case seems to be about or what was chosen."""
    wanted = visit.query.line("about", 20)
    with visit.considering() as work:
        page = _page(work, met(work, visit.number()), wanted, visit.reader)
    return visit.page("support.j2", view=page)


def _page(work: Work, case: Case, wanted: str, reader: Reader) -> SupportPage:
    about, rendered = write_support(work, case, wanted if wanted in MATTERS else None)
    steps = work.uow.steps.of_case(case.id, Matter.SUPPORT)
    return SupportPage(
        number=case.id,
        buyer=clean(case.buyer_name),
        about=about,
        choices=tuple((word, reader.word(SUPPORT_MATTERS, word)) for word in MATTERS),
        text=clean_lines(rendered.text),
        path=_menus(work, case, about, reader),
        blanks="〔" in rendered.text,
        asked=tuple(f"{step.done_on:%Y-%m-%d}" for step in steps),
    )


def _menus(work: Work, case: Case, about: str, reader: Reader) -> str:
    """The menus as this person reads them; the text itself is in the shop's language, for Amazon reads it."""
    read_here = replace(work, shop=replace(work.shop, language=reader.language))
    return write_support(read_here, case, about)[1].path


def note_asked(visit: Visit) -> Response:
    """The person handed the text in; twice on a day about the same is once."""
    wanted = visit.form.line("about", 20)
    with visit.deciding() as work:
        case = met(work, visit.number())
        about = wanted if wanted in MATTERS else matter_of(work, case, work.uow.messages.of_case(case.id))
        known = _noted_today(work, case, about)
        if not known:
            note_prepared(work, case, about)
    return visit.go(f"/case/{case.id}", done="nothing" if known else "support_noted")


def _noted_today(work: Work, case: Case, about: str) -> bool:
    today = work.shop.calendar.local_day(work.now)
    steps = work.uow.steps.of_case(case.id, Matter.SUPPORT)
    return any(step.detail == about and step.done_on == today for step in steps)


ROOMS = (
    Room("/case/{number:int}/support", show),
    Room("/case/{number:int}/support", note_asked, "POST"),
)
