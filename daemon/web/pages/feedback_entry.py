"""A rating entered by hand, and a comment tried out: what would Amazon do about it?"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from daemon.aftercare.rating_entry import COMMENT_LIMIT, RatingEntry, enter_rating, read_stars
from daemon.moments import past_day
from daemon.order_entry import read_order
from daemon.showing.reader import clean_lines
from daemon.web.feedback_view import read_outlook
from daemon.web.rooms import Room
from daemon.web.typed import Typed
from parsers.comments import read_comment
from parsers.values import Fulfilment
from state.feedback_policy import assess

if TYPE_CHECKING:
    from starlette.responses import Response

    from daemon.aftercare.feedback import Recorded
    from daemon.web.visit import Visit

_SHIPPERS = {one.value: one for one in Fulfilment}
_FIELDS = ("order", "stars", "on", "comment", "way")


def ask(visit: Visit) -> Response:
    """The form for a rating; the address may name its order."""
    today = visit.desk.shop.calendar.local_day(visit.now)
    told = {"order": visit.query.line("order", 40), "on": today.isoformat()}
    return _form(visit, dict.fromkeys(_FIELDS, "") | told, {})


def enter(visit: Visit) -> Response:
    """Take the form; told twice it is one rating."""
    typed = Typed(visit)
    today = visit.desk.shop.calendar.local_day(visit.now)
    order = typed.need("order", read_order)
    stars = typed.need("stars", read_stars)
    day = typed.read("on", partial(past_day, today=today))
    if typed.troubles or order is None or stars is None:
        told = {name: visit.form.text(name) for name in _FIELDS}
        return _form(visit, told, typed.troubles)
    entry = RatingEntry(order, stars, clean_lines(typed.text("comment")), day, _way(visit))
    with visit.deciding() as work:
        recorded = enter_rating(work, entry)
    return _go_on(visit, recorded)


def _form(visit: Visit, told: dict[str, str], troubles: dict[str, str]) -> Response:
    return visit.page(
        "feedback_new.j2",
        code=422 if troubles else 200,
        told=told,
        troubles=troubles,
        comment_limit=COMMENT_LIMIT,
        today=visit.desk.shop.calendar.local_day(visit.now),
    )


def _way(visit: Visit) -> Fulfilment | None:
    return _SHIPPERS.get(visit.form.line("way"))


def _go_on(visit: Visit, recorded: Recorded) -> Response:
    """To the rating's own page, where something is to be done about it."""
    done = "rating_entered" if recorded.fresh else "rating_added_to" if recorded.changed else "rating_known"
    path = "/feedback" if recorded.case_id is None else f"/feedback/{recorded.case_id}"
    return visit.go(path, done=done)


def ask_comment(visit: Visit) -> Response:
    """The form for a comment that is to be tried out."""
    return visit.page("feedback_assess.j2", told={"stars": "1"}, label=False, outlook=None, good=False)


def try_out(visit: Visit) -> Response:
    """Say what Amazon would do about a comment; nothing is stored."""
    comment = visit.form.text("comment", COMMENT_LIMIT)
    stars, label = visit.form.number("stars", 5) or 1, visit.form.has("label")
    found = assess(read_comment(comment), rating=stars, fulfilment=_way(visit), bought_label_on_time=label)
    told = {"stars": str(stars), "comment": comment, "way": visit.form.line("way")}
    return visit.page(
        "feedback_assess.j2",
        told=told,
        label=label,
        outlook=read_outlook(found, visit.reader),
        good=found.good_rating,
    )


ROOMS = (
    Room("/feedback/new", ask),
    Room("/feedback/new", enter, "POST"),
    Room("/feedback/assess", ask_comment),
    Room("/feedback/assess", try_out, "POST"),
)
