"""Finds cases, settled ones too, a page at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daemon.showing.case_cards import cards_of
from daemon.showing.case_lines import lines_of
from daemon.web.rooms import Room
from daemon.web.search_view import KINDS, STATES, read_query
from state.repository.search import Found

if TYPE_CHECKING:
    from starlette.responses import Response

    from daemon.showing.case_cards import CaseCard
    from daemon.web.search_view import Query
    from daemon.web.visit import Visit

ON_A_PAGE = 30
_NOTHING = Found((), newer=False, older=False)


def show(visit: Visit) -> Response:
    """The form with what was found; without words the newest cases."""
    query = read_query(visit.query)
    found, cards = _find(visit, query) if query.span.fault is None else (_NOTHING, ())
    newer = query.address(after=found.cases[0]) if found.newer and found.cases else ""
    older = query.address(before=found.cases[-1]) if found.older and found.cases else ""
    return visit.page(
        "search.j2",
        query=query,
        cards=cards,
        newer=newer,
        older=older,
        states=STATES,
        kinds=KINDS,
        fault=visit.say(*query.span.fault) if query.span.fault else "",
    )


def _find(visit: Visit, query: Query) -> tuple[Found, tuple[CaseCard, ...]]:
    before, after = visit.query.number("before"), visit.query.number("after")
    with visit.considering() as work:
        wanted = query.wanted(work.shop.calendar.zone)
        found = work.uow.search.page(wanted, ON_A_PAGE, before=before, after=after)
        lines = lines_of(work.uow, found.cases)
        return found, cards_of(lines, work.now)


ROOMS = (Room("/search", show),)
