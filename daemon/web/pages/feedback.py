"""Ratings of the seller: the board, and everything about one of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException

from daemon.aftercare.feedback_cases import (
    context_of,
    draft_to_buyer,
    find_rating,
    note_bought_label,
    note_fulfilment,
    note_step,
    texts_of,
)
from daemon.commands import answered, no_reply_needed
from daemon.errors import SokuresuError
from daemon.moments import past_day
from daemon.showing.feedback_lines import day_of
from daemon.web.feedback_board import Leaf, read_board
from daemon.web.feedback_view import chips_of, comment_of, read_outlook, step_buttons, wants_request
from daemon.web.rooms import Room, said
from parsers.values import Fulfilment, Kind
from state.model import CaseState
from state.removals import Word
from templates.feedback import render_steps, seller_page
from templates.guidelines import check, check_public_reply

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from starlette.responses import Response

    from daemon.aftercare.feedback_cases import RatedCase, Texts
    from daemon.web.feedback_board import Shelf
    from daemon.web.visit import Visit
    from daemon.work import Work
    from templates.contexts import FeedbackContext
    from templates.guidelines import Finding

_SHIPPERS = {one.value: one for one in Fulfilment}
_REPLY_LIMIT = 4_000


@dataclass(frozen=True, slots=True)
class _Page:
    """What the page of one rating is made of.

    Attributes:
        rated: the rating.
        texts: to copy.
        context: what the templates know of it.
        today: the shop's local date.
        names: what the buyer is called, as far as that is known.
        newest: the number of the case's newest message; 0 if it has none.
        letters: how many messages of the buyer wait in the same case.
    """

    rated: RatedCase
    texts: Texts
    context: FeedbackContext
    today: date
    names: tuple[str, ...]
    newest: int
    letters: int


def show_board(visit: Visit) -> Response:
    """All ratings, those that want something first."""
    low = visit.query.has("low")
    leaf = Leaf(*(visit.query.number(name, 100_000) or 0 for name in ("waiting", "requested", "page")))
    with visit.considering() as work:
        board = read_board(work, visit.reader, leaf, only_low=low)
        imported = work.uow.imports.newest("feedback")
    return visit.page(
        "feedback.j2",
        board=board,
        imported=imported,
        low=low,
        turn_waiting=_ways(board.waiting, "waiting", "#waiting"),
        turn_requested=_ways(board.requested, "requested", "#requested"),
        turn_settled=_ways(board.settled, "page", "&low#settled" if low else "#settled"),
    )


def _ways(shelf: Shelf, name: str, ending: str) -> tuple[str, str]:
    """The addresses of the pages before and behind one of a list; empty where there is none."""
    return (
        f"/feedback?{name}={shelf.page - 1}{ending}" if shelf.page else "",
        f"/feedback?{name}={shelf.page + 1}{ending}" if shelf.has_more else "",
    )


def show(visit: Visit) -> Response:
    """Everything about one rating."""
    return _page(visit)


def note(visit: Visit) -> Response:
    """Record what became of a request to Amazon."""
    word = visit.form.line("word")
    if word not in set(Word):
        raise HTTPException(400)

    def decide(work: Work) -> str:
        if _rated(work, visit).removal.word == word:
            return "nothing"
        today = work.shop.calendar.local_day(work.now)
        typed = visit.form.line("on", 40)
        on = past_day(typed, today) if typed else today
        rated = note_step(work, visit.number(), Word(word), on)
        late = rated.request_by is not None and on > rated.request_by
        return "removal_late" if late and word == Word.REQUESTED else f"removal_{word}"

    return _decided(visit, decide)


def note_shipper(visit: Visit) -> Response:
    """Record who shipped."""
    way = _SHIPPERS.get(visit.form.line("way"))
    if way is None:
        raise HTTPException(400)

    def decide(work: Work) -> str:
        _rated(work, visit)
        note_fulfilment(work, visit.number(), way)
        return "fact_noted"

    return _decided(visit, decide)


def note_label(visit: Visit) -> Response:
    """Record that the order was shipped in time with a label bought through Amazon."""

    def decide(work: Work) -> str:
        _rated(work, visit)
        note_bought_label(work, visit.number())
        return "fact_noted"

    return _decided(visit, decide)


def draft(visit: Visit) -> Response:
    """Make the text for the buyer a draft of the case that has the address, and go there."""
    with visit.deciding() as work:
        rated = _rated(work, visit)
        if rated.alias_case is None:
            raise HTTPException(404)
        waiting = work.uow.drafts.open_of(rated.alias_case)
        text = texts_of(work, rated).buyer
        # Pressed twice it stays one draft.
        known = waiting is not None and waiting.text.strip() == text.strip()
        if not known:
            draft_to_buyer(work, visit.number())
    return visit.go(f"/case/{rated.alias_case}", done="nothing" if known else "drafted")


def finish(visit: Visit) -> Response:
    """The person is done with a rating; what came after they looked stays open."""

    def decide(work: Work) -> str:
        rated = _rated(work, visit)
        if _newest(work, visit.number()) != (visit.form.number("seen") or 0):
            raise SokuresuError(
                "開いているあいだに新しい知らせが届きました。内容を確かめて、もう一度押してください。"
                " / Something new came while this page was open; read it, and press again."
            )
        # A closed case wants nothing more, and a slip of the finger says so twice.
        if rated.case.state is CaseState.CLOSED:
            return "nothing"
        changed = (no_reply_needed if rated.settled else answered)(work, visit.number())
        return "rating_finished" if changed else "nothing"

    return _decided(visit, decide)


def check_reply(visit: Visit) -> Response:
    """Say what must not stand in a public reply: beside the text, or without scripts on the whole page."""
    text = visit.form.text("reply", _REPLY_LIMIT)
    if visit.request.headers.get("hx-request") != "true":
        return _page(visit, reply=text)
    with visit.considering() as work:
        names = _names(work, _rated(work, visit))
    return visit.page("_feedback_reply.j2", findings=_check(visit, text, names), length=len(text.strip()))


def _decided(visit: Visit, decide: Callable[[Work], str]) -> Response:
    """Decide in one transaction and show the rating again, with the reason if it was refused."""
    try:
        with visit.deciding() as work:
            done = decide(work)
    except SokuresuError as error:
        return _page(visit, code=409, refusal=said(error, visit.reader))
    return visit.go(f"/feedback/{visit.number()}", done=done)


def _rated(work: Work, visit: Visit) -> RatedCase:
    """The rating that the path names.

    Raises:
        HTTPException: there is no such case, or it is about no rating.
    """
    case = work.uow.cases.get(visit.number())
    found = None if case is None else find_rating(work, case)
    if found is None:
        raise HTTPException(404)
    return found


def _read(work: Work, visit: Visit) -> _Page:
    rated = _rated(work, visit)
    messages = work.uow.messages.of_case(rated.case.id)
    return _Page(
        rated=rated,
        texts=texts_of(work, rated),
        context=context_of(work, rated),
        today=work.shop.calendar.local_day(work.now),
        names=_names(work, rated),
        newest=_newest(work, rated.case.id),
        letters=sum(one.unanswered and one.kind is Kind.BUYER_MESSAGE for one in messages),
    )


def _newest(work: Work, case_id: int) -> int:
    return max((one.id for one in work.uow.messages.of_case(case_id)), default=0)


def _names(work: Work, rated: RatedCase) -> tuple[str, ...]:
    """What the buyer is called in the cases of the order: no public reply may say it."""
    cases = (rated.case, *work.uow.cases.with_orders([rated.order_id] if rated.order_id else []))
    return tuple(dict.fromkeys(one.buyer_name for one in cases if one.buyer_name))


def _check(visit: Visit, text: str, names: tuple[str, ...]) -> tuple[Finding, ...]:
    return check_public_reply(text, names=names, language=visit.reader.language)


def _page(visit: Visit, code: int = 200, *, refusal: str = "", reply: str | None = None) -> Response:
    """The whole page.

    Args:
        visit: the request.
        code: the status of HTTP.
        refusal: why something was not done.
        reply: the public reply as a person typed it; the proposed one if not given.
    """
    reader = visit.reader
    with visit.considering() as work:
        read = _read(work, visit)
    rated, text = read.rated, read.texts.reply if reply is None else reply
    asks = wants_request(rated, read.today)
    finishable = rated.case.state is CaseState.OPEN
    return visit.page(
        "feedback_page.j2",
        code=code,
        refusal=refusal,
        rated=rated,
        read=read,
        texts=read.texts,
        comment=comment_of(rated),
        day=day_of(rated.rated_on, reader),
        since=day_of(rated.removal.on, reader),
        chips=tuple(chips_of(rated, read.today, reader)),
        outlook=read_outlook(rated.assessment, reader),
        steps=render_steps(read.context, reader.language) if read.texts.request else (),
        place=seller_page(reader.language),
        buttons=step_buttons(rated, read.today, reader),
        asks=asks,
        finishable=finishable,
        buyer_findings=check(read.texts.buyer, order_id=rated.order_id, language=reader.language),
        reply=text,
        typed=reply is not None,
        findings=_check(visit, text, read.names),
        length=len(text.strip()),
    )


ROOMS = (
    Room("/feedback", show_board),
    Room("/feedback/{number:int}", show),
    Room("/feedback/{number:int}/step", note, "POST"),
    Room("/feedback/{number:int}/shipped", note_shipper, "POST"),
    Room("/feedback/{number:int}/label", note_label, "POST"),
    Room("/feedback/{number:int}/draft", draft, "POST"),
    Room("/feedback/{number:int}/finish", finish, "POST"),
    Room("/feedback/{number:int}/check-reply", check_reply, "POST", quiet=True),
)
