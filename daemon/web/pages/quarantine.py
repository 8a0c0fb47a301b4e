"""Mail that was put aside: why, what it says, and what a person decides about it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException
from starlette.responses import Response

from daemon import quarantined_mail
from daemon.quarantined_mail import Stays
from daemon.showing.quarantine_lines import quarantine_sheet
from daemon.showing.reasons import say_proof
from daemon.web.notices import NOTICES
from daemon.web.quarantine_view import read_quarantine
from daemon.web.rooms import Room

if TYPE_CHECKING:
    from collections.abc import Callable

    from daemon.reading.arrivals import Arrival
    from daemon.showing.quarantine_lines import QuarantineSheet
    from daemon.web.visit import Visit
    from daemon.work import Work
    from state.repository.quarantine import Entry

    Decision = Callable[[Visit, int, Arrival], Response]

_MOST_AT_ONCE = 100
"""So many mails one press of a button reads anew; name servers may be asked for each."""


def show_list(visit: Visit) -> Response:
    """What was put aside, and the shapes of what no rule reads."""
    with visit.considering() as work:
        quarantine = read_quarantine(work)
    outcome = visit.query.number("read"), visit.query.number("stayed")
    return visit.page("quarantine.j2", quarantine=quarantine, outcome=outcome, proof=_proof(visit))


def show_one(visit: Visit) -> Response:
    """One mail as text; who comes back to one that was settled meanwhile is told so."""
    with visit.considering() as work:
        waits = work.uow.quarantine.get(visit.number()) is not None
    if not waits:
        return visit.page("error.j2", code=404, message=visit.say(*NOTICES["quarantine_settled"]))
    return _page(visit, _sheet(visit))


def download(visit: Visit) -> Response:
    """One mail as it came; nothing that a stranger wrote names the file, and no browser opens it."""
    with visit.considering() as work:
        entry = _entry(visit, work)
    return Response(
        entry.content,
        media_type="application/octet-stream",
        headers={"content-disposition": f'attachment; filename="quarantine-{entry.id}.eml"'},
    )


def accept(visit: Visit) -> Response:
    """A person knows that it is genuine."""
    return _decide(visit, _accept)


def retry(visit: Visit) -> Response:
    """Read it as this version and configuration do."""
    return _decide(visit, _retry)


def drop(visit: Visit) -> Response:
    """A person has seen it and wants nothing done."""
    with visit.deciding() as work:
        if work.uow.quarantine.get(visit.number()) is None:
            return _settled_before(visit)
        quarantined_mail.drop_quarantined(work, visit.number())
    return visit.go("/quarantine", done="quarantine_dropped")


def drop_alike(visit: Visit) -> Response:
    """Settle all mails of one shape that stood on the page; what came since stays."""
    shape, newest = visit.form.line("fingerprint"), visit.form.number("newest") or 0
    with visit.deciding() as work:
        for entry in _alike(work, shape):
            if entry.id <= newest:
                quarantined_mail.drop_quarantined(work, entry.id)
    return visit.go("/quarantine", done="quarantine_dropped")


def retry_all(visit: Visit) -> Response:
    """Read all mails again, or all of one shape, each by itself."""
    shape = visit.form.line("fingerprint")
    with visit.considering() as work:
        entries = _alike(work, shape) if shape else list(work.uow.quarantine.unsettled())
    outcomes = [_was_read(visit, entry.id) for entry in entries[:_MOST_AT_ONCE]]
    return visit.go("/quarantine", read=outcomes.count(True), stayed=outcomes.count(False))


def _alike(work: Work, fingerprint: str) -> list[Entry]:
    return [entry for entry in work.uow.quarantine.unsettled() if entry.fingerprint == fingerprint]


def _was_read(visit: Visit, number: int) -> bool:
    try:
        _retry(visit, number, _read(visit, number))
    except Stays:
        return False
    return True


def _decide(visit: Visit, decision: Decision) -> Response:
    """Carry a decision out; whoever decided twice, or too late, is told so and nothing happens."""
    number = visit.number()
    with visit.considering() as work:
        if work.uow.quarantine.get(number) is None:
            return _settled_before(visit)
    try:
        return decision(visit, number, _read(visit, number))
    except Stays as error:
        return _page(visit, _sheet(visit), stays=error.word)


def _read(visit: Visit, number: int) -> Arrival:
    """What a mail says, read while no transaction is open: nobody need wait for name servers."""
    with visit.considering() as work:
        entry, shop = quarantined_mail.find_quarantined(work, number), work.shop
    return quarantined_mail.read_quarantined(shop, entry)


def _accept(visit: Visit, number: int, arrival: Arrival) -> Response:
    with visit.deciding() as work:
        case_id = quarantined_mail.accept_quarantined(work, number, arrival)
    return visit.go(f"/case/{case_id}", done="quarantine_accepted")


def _retry(visit: Visit, number: int, arrival: Arrival) -> Response:
    with visit.deciding() as work:
        taken = quarantined_mail.retry_quarantined(work, number, arrival)
    return visit.go(f"/case/{taken.case_id}" if taken.case_id else "/quarantine", done="quarantine_read")


def _settled_before(visit: Visit) -> Response:
    return visit.go("/quarantine", done="quarantine_settled")


def _sheet(visit: Visit) -> QuarantineSheet:
    with visit.considering() as work:
        entry = _entry(visit, work)
    account = visit.desk.shop.accounts.get(entry.mailbox)
    return quarantine_sheet(entry, None if account is None else account.trust)


def _page(visit: Visit, sheet: QuarantineSheet, stays: str = "") -> Response:
    code = 409 if stays else 200
    return visit.page("quarantine_item.j2", code=code, mail=sheet, stays=stays, proof=_proof(visit))


def _proof(visit: Visit) -> partial[str]:
    return partial(say_proof, reader=visit.reader)


def _entry(visit: Visit, work: Work) -> Entry:
    entry = work.uow.quarantine.get(visit.number())
    if entry is None:
        raise HTTPException(404)
    return entry


ROOMS = (
    Room("/quarantine", show_list),
    Room("/quarantine/retry", retry_all, "POST"),
    Room("/quarantine/drop", drop_alike, "POST"),
    Room("/quarantine/{number:int}", show_one),
    Room("/quarantine/{number:int}/raw", download),
    Room("/quarantine/{number:int}/accept", accept, "POST"),
    Room("/quarantine/{number:int}/retry", retry, "POST"),
    Room("/quarantine/{number:int}/drop", drop, "POST"),
)
