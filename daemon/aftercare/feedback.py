"""Records the ratings of the seller; those that hurt become cases, all others bother nobody."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from daemon.aftercare import by_hand
from parsers.values import Authenticity, FeedbackNotice, Kind
from state.feedback_policy import request_by
from state.model import DELAYED, LOW_RATING
from state.ratings import Rating, RatingSource

if TYPE_CHECKING:
    from datetime import date

    from daemon.reading.arrivals import Arrival
    from daemon.work import Work
    from state.model import Case

SAME_RATING_WITHIN = timedelta(days=3)
"""How far the day of a notice may be from that of the report that tells the same words."""

IMPORTED = "from the report that the owner imported"
"""How the message of a rating is known that a report told."""

_TELLING = 10
"""Characters of a comment's beginning by which it is known."""

_PROOFS = {
    RatingSource.REPORT: IMPORTED,
    RatingSource.HAND: "entered by hand",
}


@dataclass(frozen=True, slots=True)
class Recorded:
    """What became of a rating.

    Attributes:
        rating: as it is stored now.
        case_id: the case that it opened or joined, now or earlier; None if it has none.
        fresh: nobody had told of it before.
        changed: it was known, and this told something new.
    """

    rating: Rating
    case_id: int | None
    fresh: bool
    changed: bool


def record(work: Work, rating: Rating) -> Recorded:
    """Store a rating that a report or a person told; told again it changes nothing twice.

    A fresh one of at most three stars joins or opens a case and alerts, unless it is too old for anything to
    be done. One that the buyer lowered again is as good as fresh; one that was raised only says so.
    """
    known = _known(work, rating)
    if known is None:
        stored = work.uow.ratings.add(rating, work.now)
        return _recorded(_with_case(work, stored), fresh=True)
    renewed = _renewed(known, rating)
    if renewed == known:
        return _recorded(known)
    _save(work, known, renewed)
    if renewed.rating < known.rating:
        renewed = _with_case(work, renewed)
    if renewed.rating != known.rating:
        _note_change(work, known, renewed)
    return _recorded(renewed, changed=True)


def _recorded(rating: Rating, *, fresh: bool = False, changed: bool = False) -> Recorded:
    return Recorded(rating, rating.case_id, fresh, changed)


def _known(work: Work, rating: Rating) -> Rating | None:
    return work.uow.ratings.with_keys([rating.key]).get(rating.key) or _twin(work, rating)


def _twin(work: Work, rating: Rating) -> Rating | None:
    """The same rating as it was told without its order, or is now; known by its words and its day.

    Only those that would alert are worth the search.
    """
    if not rating.comment or rating.rated_on is None or not wants_case(rating, work):
        return None
    near = work.uow.ratings.all(since=rating.rated_on - SAME_RATING_WITHIN)
    twin = next((one for one in near if _is_twin(one, rating, rating.rated_on)), None)
    if twin is None or rating.order_id is None:
        return twin
    work.uow.ratings.change(twin.id, key=rating.key, order_id=rating.order_id)
    if twin.case_id is not None:
        work.uow.cases.add_orders(twin.case_id, (rating.order_id,))
    return replace(twin, order_id=rating.order_id)


def _is_twin(one: Rating, told: Rating, day: date) -> bool:
    """Two tell the same, and only one of them tells the order."""
    near = one.rated_on is not None and abs(one.rated_on - day) <= SAME_RATING_WITHIN
    alike = (one.rating, one.comment.split()) == (told.rating, told.comment.split())
    return near and alike and (one.order_id is None) is not (told.order_id is None)


def _renewed(known: Rating, told: Rating) -> Rating:
    """What is known with what was told now; words that came later count, an older report only fills gaps.

    One whose buyer was erased has lost what made its key, and stays as empty as it is.
    """
    if known.key != told.key:
        return known
    older = (
        told.rated_on is not None
        and known.rated_on is not None
        and known.source is told.source is RatingSource.REPORT
        and told.rated_on < known.rated_on
    )
    # The comment of a notice may be cut short, and its day is that of the mail: a report knows better.
    only_fills = older or (told.source is RatingSource.NOTICE and told.rating == known.rating)
    first, second = (known, told) if only_fills else (told, known)
    return replace(
        known,
        rating=known.rating if older else told.rating,
        comment=first.comment or second.comment,
        response=first.response or second.response,
        rated_on=first.rated_on or second.rated_on,
        rater_print=known.rater_print or told.rater_print,
    )


_TOLD = ("rating", "comment", "response", "rated_on", "rater_print")


def _save(work: Work, known: Rating, renewed: Rating) -> None:
    changes: dict[str, Any] = {
        name: value for name in _TOLD if (value := getattr(renewed, name)) != getattr(known, name)
    }
    if changes:
        work.uow.ratings.change(known.id, **changes)


def _note_change(work: Work, known: Rating, renewed: Rating) -> None:
    """The case of a rating shows its stars as they are now."""
    if renewed.case_id is None:
        return
    work.uow.cases.change(renewed.case_id, rating=renewed.rating)
    detail = f"{known.rating}>{renewed.rating}"
    work.uow.events.note(renewed.case_id, "rating_changed", work.now, detail)


def _with_case(work: Work, rating: Rating) -> Rating:
    """The rating bound to the case that has to do with it; alerts."""
    if not wants_case(rating, work):
        return rating
    bars = partial(_is_taken, work, rating.id)
    case = by_hand.case_for(work, Kind.FEEDBACK, rating.order_id, rating=rating.rating, bars=bars)
    if not _is_told_in(work, case, rating):
        work.uow.cases.change(case.id, rating=rating.rating)
        message = by_hand.enter(work, case, _entry(work, rating))
        work.uow.notices.raise_once(f"feedback:{message.id}", "feedback", work.now, case_id=case.id)
    work.uow.ratings.change(rating.id, case_id=case.id)
    return replace(rating, case_id=case.id)


def _is_taken(work: Work, number: int, case: Case) -> bool:
    """Whether a case, which is about one rating with its outlook and its removal, is about another one."""
    return any(one.id != number for one in work.uow.ratings.of_case(case.id))


def _is_told_in(work: Work, case: Case, rating: Rating) -> bool:
    """Whether a notice alerted of these very stars and words, proven or not, and waits for somebody."""
    if case.rating != rating.rating or rating.order_id not in case.order_ids:
        return False
    waiting = (one for one in work.uow.messages.of_case(case.id) if one.unanswered)
    return any(one.kind is Kind.FEEDBACK and _says_the_same(one.text, rating.comment) for one in waiting)


def _says_the_same(notice: str, comment: str) -> bool:
    """Whether a notice tells a comment; it may tell its beginning alone."""
    told, whole = "".join(notice.split()).rstrip(".…"), "".join(comment.split()).rstrip(".…")
    return told == whole or (len(told) >= _TELLING and whole.startswith(told))


def wants_case(rating: Rating, work: Work) -> bool:
    """Whether somebody has to do something about a rating: it is low, and not too old."""
    today = work.shop.calendar.local_day(work.now)
    recent = rating.rated_on is None or today <= request_by(rating.rated_on)
    return rating.rating <= LOW_RATING and recent


def _entry(work: Work, rating: Rating) -> by_hand.Entry:
    at = _rated_at(work, rating)
    return by_hand.Entry(
        kind=Kind.FEEDBACK,
        number=_place(work, rating),
        received_at=at,
        text=rating.comment,
        proof=_PROOFS[rating.source],
        order_id=rating.order_id,
        rating=rating.rating,
        # What was answered between the rating and its report did not mean it.
        facts=(DELAYED,) if at < work.now else (),
    )


def _rated_at(work: Work, rating: Rating) -> datetime:
    """Noon of the day, for nobody knows the hour; now where that is still to come or the day is unknown."""
    if rating.rated_on is None:
        return work.now
    noon = datetime.combine(rating.rated_on, time(12), work.shop.calendar.zone).astimezone(UTC)
    return min(noon, work.now)


def _place(work: Work, rating: Rating) -> int:
    """A number that no other entry has, however often one rating is lowered and raised."""
    orders = () if rating.order_id is None else (rating.order_id,)
    cases: tuple[Case, ...] = work.uow.cases.with_orders(orders) if orders else ()
    messages = (one for case in cases for one in work.uow.messages.of_case(case.id))
    earlier = sum(one.kind is Kind.FEEDBACK and not one.place.folder for one in messages)
    return (earlier << 32) + rating.id


def rating_in(work: Work, arrival: Arrival) -> Rating | None:
    """The rating that a mail tells; None if it tells none, or nothing proves it."""
    return _claimed_in(work, arrival) if _is_proven(arrival) else None


def _is_proven(arrival: Arrival) -> bool:
    return arrival.reading.authenticity is Authenticity.PASS


def _claimed_in(work: Work, arrival: Arrival) -> Rating | None:
    """The rating that a mail claims to tell."""
    notice = arrival.reading.notification
    if not isinstance(notice, FeedbackNotice) or notice.rating is None:
        return None
    orders = notice.frame.order_ids
    return Rating(
        rating=notice.rating,
        source=RatingSource.NOTICE,
        order_id=orders[0] if len(orders) == 1 else None,
        comment=notice.text,
        rated_on=work.shop.calendar.local_day(arrival.received_at),
    )


def is_about_another(work: Work, arrival: Arrival, case: Case) -> bool:
    """Whether a mail tells a rating, and a case is about another one."""
    rating = rating_in(work, arrival)
    known = None if rating is None else _known(work, rating)
    return rating is not None and _is_taken(work, 0 if known is None else known.id, case)


def case_told(work: Work, arrival: Arrival) -> Case | None:
    """The case of a rating that was known before its mail came; the mail then is news to nobody.

    The same notice may come to two mailboxes, proven in one of them alone.
    """
    rating = _claimed_in(work, arrival)
    if rating is None:
        return None
    known = _known(work, rating) if _is_proven(arrival) else _known_alike(work, rating)
    if known is not None and known.case_id is not None and rating.rating >= known.rating:
        return work.uow.cases.get(known.case_id)
    named = work.uow.cases.with_orders(() if rating.order_id is None else (rating.order_id,))
    return next((case for case in named if _is_told_in(work, case, rating)), None)


def _known_alike(work: Work, rating: Rating) -> Rating | None:
    """What is known of a rating, if a mail that nothing proves tells nothing else."""
    known = work.uow.ratings.with_keys([rating.key]).get(rating.key)
    alike = known is not None and known.rating == rating.rating
    return known if known and alike and _says_the_same(rating.comment, known.comment) else None


def note_mail(work: Work, arrival: Arrival, case_id: int | None, *, quiet: bool = False) -> None:
    """Record the rating that a mail tells, if it tells one; whether to alert is decided where it is stored.

    Args:
        work: the transaction.
        arrival: the mail.
        case_id: the case that it belongs to; None if it has none.
        quiet: it is history, which fills gaps and overrules nothing.
    """
    rating = rating_in(work, arrival)
    if rating is None:
        return
    known = _known(work, rating)
    if known is None:
        work.uow.ratings.add(replace(rating, case_id=case_id), work.now)
        return
    renewed = _renewed(known, replace(rating, rating=known.rating) if quiet else rating)
    renewed = replace(renewed, case_id=_bound(known, renewed, case_id))
    _save(work, known, renewed)
    if renewed.case_id != known.case_id:
        work.uow.ratings.change(known.id, case_id=renewed.case_id)
    if renewed.rating != known.rating:
        _note_change(work, known, renewed)


def _bound(known: Rating, renewed: Rating, case_id: int | None) -> int | None:
    """Which case a rating belongs to: the first that had to do with it, or that of new trouble."""
    lowered = renewed.rating < known.rating
    return case_id if case_id is not None and (lowered or known.case_id is None) else known.case_id
