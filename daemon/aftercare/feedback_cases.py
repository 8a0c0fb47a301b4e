"""A case about a rating: what Amazon may do about it, until when, and the texts that answer it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from daemon.drafting import buyers_language
from daemon.errors import SokuresuError
from daemon.order_facts import UNKNOWN, shipping_of
from daemon.review import blank_draft, case_of, revise
from parsers.comments import read_comment
from parsers.values import Authenticity, Fulfilment, Kind, Topic
from state.drafts import DraftSource
from state.feedback_policy import Ground, assess, buyer_until, request_by
from state.feedback_score import score
from state.model import LOW_RATING, CaseState
from state.removals import BOUGHT_LABEL, GONE, Objection, Word, objection_to, removal_of
from state.repository.orders import OrderFacts
from state.steps import Matter, Step
from templates.contexts import FeedbackContext
from templates.feedback import render_feedback

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from daemon.work import Work
    from parsers.values import CommentPart
    from state.drafts import Draft
    from state.feedback_policy import Assessment
    from state.feedback_score import Tally
    from state.model import Case
    from state.ratings import Rating
    from state.removals import Removal
    from state.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class RatedCase:
    """A case with the rating that it is about.

    Attributes:
        case: the case.
        stars: 1 to 5; None if a notice did not tell.
        comment: the buyer's words.
        response: the shop's public reply, as far as a report told it.
        order_id: the order; None where unknown.
        rated_on: the local date; None where unknown.
        fulfilment: ``fba``, ``own`` or ``unknown``.
        assessment: whether Amazon may remove or strike it.
        removal: what was done about that.
        matter: what the comment is about, for the texts.
        alias_case: the case of the same order by which the buyer can be written to; None if there is none.
    """

    case: Case
    stars: int | None
    comment: str = field(repr=False)
    response: str = field(repr=False)
    order_id: str | None
    rated_on: date | None
    fulfilment: str
    assessment: Assessment
    removal: Removal
    matter: str
    alias_case: int | None

    @property
    def ground(self) -> str | None:
        """The word of what Amazon may be asked for; None if there is no ground."""
        return None if self.assessment.ground is Ground.NONE else self.assessment.ground.value

    @property
    def request_by(self) -> date | None:
        """The last local date for a request."""
        return None if self.rated_on is None else request_by(self.rated_on)

    @property
    def change_by(self) -> date | None:
        """The last local date on which the buyer can change the rating; nobody asks, it is only shown."""
        return None if self.rated_on is None else buyer_until(self.rated_on)

    @property
    def settled(self) -> bool:
        """It hurts no more: gone, or raised by the buyer."""
        return self.removal.gone or self.raised

    @property
    def raised(self) -> bool:
        """It counts as good, so there is nothing to ask of Amazon and nothing to apologise for."""
        return self.stars is not None and self.stars > LOW_RATING


@dataclass(frozen=True, slots=True)
class Texts:
    """What can be copied; each is empty where there is nothing to say.

    Attributes:
        request: to Amazon, for the removal.
        buyer: to the buyer, in the buyer's language.
        reply: for the public, in the language of the marketplace.
    """

    request: str
    buyer: str
    reply: str


def rated_case(work: Work, case_id: int) -> RatedCase:
    """The case of a rating, also one that is closed.

    Raises:
        SokuresuError: there is no such case, or it is about no rating.
    """
    case = work.uow.cases.get(case_id)
    found = None if case is None else find_rating(work, case)
    if found is None:
        raise SokuresuError(
            f"案件 {case_id} は評価の案件ではありません。一覧: sokuresu feedback list"
            f" / Case {case_id} is about no rating; list them with: sokuresu feedback list"
        )
    return found


@dataclass(frozen=True, slots=True)
class _Told:
    """What is known of a rating, from its record or, where nothing proved it, from its notice alone."""

    stars: int | None
    comment: str = field(repr=False)
    response: str = field(repr=False)
    order_id: str | None
    rated_on: date | None


def find_rating(work: Work, case: Case) -> RatedCase | None:
    """The rating of a case; None if it is about none."""
    told = _told(work, case)
    if told is None:
        return None
    orders = () if told.order_id is None else (told.order_id,)
    fulfilment = shipping_of(work, replace(case, order_ids=orders)).fulfilment
    parts = read_comment(told.comment)
    removal = removal_of(work.uow.steps.of_case(case.id, Matter.REMOVAL))
    return RatedCase(
        case=case,
        stars=told.stars,
        comment=told.comment,
        response=told.response,
        order_id=told.order_id,
        rated_on=told.rated_on,
        fulfilment=fulfilment,
        assessment=assess_parts(parts, told.stars, fulfilment, bought_label=removal.bought_label),
        removal=removal,
        matter=matter_of(parts, fulfilment),
        alias_case=_alias_case(work, case, orders),
    )


def _told(work: Work, case: Case) -> _Told | None:
    rating = next(reversed(work.uow.ratings.of_case(case.id)), None)
    messages = work.uow.messages.of_case(case.id)
    notice = next((one for one in reversed(messages) if one.kind is Kind.FEEDBACK), None)
    if rating is not None:
        text = rating.comment or (notice.text if notice is not None else "")
        return _Told(rating.rating, text, rating.response, rating.order_id, rating.rated_on)
    if notice is None:
        return None
    day = work.shop.calendar.local_day(notice.received_at)
    return _Told(case.rating, notice.text, "", next(iter(case.order_ids), None), day)


def assess_parts(
    parts: tuple[CommentPart, ...], stars: int | None, fulfilment: str, *, bought_label: bool
) -> Assessment:
    """The assessment of a comment; a rating whose stars nobody told is taken for a bad one."""
    way = None if fulfilment == UNKNOWN else Fulfilment(fulfilment)
    return assess(parts, rating=stars or 1, fulfilment=way, bought_label_on_time=bought_label)


_MATTERS = {
    Topic.DELIVERY: "delivery",
    Topic.PRODUCT: "product",
    Topic.DAMAGE: "product",
    Topic.SELLER: "service",
    Topic.PACKING: "service",
}
_SILENT = frozenset({Topic.NEUTRAL, Topic.OBSCENE, Topic.PERSONAL_INFORMATION})


def matter_of(parts: Iterable[CommentPart], fulfilment: str) -> str:
    """The one thing that a comment is about, for the texts that answer it; several are ``other``."""
    topics = {one.topic for one in parts} - _SILENT
    named = {_MATTERS.get(topic, "other") for topic in topics}
    if fulfilment == Fulfilment.FBA and Topic.PACKING in topics:
        # Amazon packs what it ships, so the seller's service is not what failed.
        named = (named - {"service"}) | {"service" if Topic.SELLER in topics else "delivery"}
    return named.pop() if len(named) == 1 else "other"


def _alias_case(work: Work, case: Case, order_ids: tuple[str, ...]) -> int | None:
    """The newest case of the very same order in which a proven message shows the buyer's address."""
    if not order_ids:
        return None
    related = sorted(work.uow.cases.with_orders(order_ids), key=lambda one: (one.id == case.id, one.id))
    return next((one.id for one in reversed(related) if _is_reachable(work, one)), None)


def _is_reachable(work: Work, case: Case) -> bool:
    if case.alias is None or case.state is CaseState.CLOSED:
        return False
    messages = work.uow.messages.of_case(case.id)
    return any(one.kind is Kind.BUYER_MESSAGE and one.authenticity is Authenticity.PASS for one in messages)


def texts_of(work: Work, rated: RatedCase) -> Texts:
    """The texts to copy: to the buyer in the buyer's own language, the others in that of the marketplace."""
    context, language = context_of(work, rated), work.shop.language_for(rated.case.marketplace)
    buyers = buyers_language(work.shop, rated.case, [rated.comment])
    removable = rated.ground is not None and not rated.settled
    return Texts(
        request=render_feedback("removal_request", context, language) if removable else "",
        buyer=render_feedback("buyer", context, buyers),
        reply=render_feedback("public_reply", context, language),
    )


def context_of(work: Work, rated: RatedCase) -> FeedbackContext:
    """What the templates may see of a rating."""
    return FeedbackContext(
        shop_name=work.shop.name,
        order_id=rated.order_id,
        matter=rated.matter,
        fulfilment=rated.fulfilment,
        ground=rated.ground,
        request_by=rated.request_by,
    )


_OBJECTIONS = {
    Objection.TWICE: ("すでにそう記録してあります。", "that is on record already."),
    Objection.NEVER_REQUESTED: ("まだ申請していません。", "nothing was requested yet."),
    Objection.SETTLED: ("すでに決着しています。", "that is settled already."),
    Objection.TOO_OFTEN: (
        "再申請も退けられました。これ以上は申請しません。",
        "it was refused twice; that is enough.",
    ),
    Objection.BEFORE_THE_LAST: ("前の記録より前の日付です。", "that day is before the last step."),
    Objection.IN_THE_FUTURE: ("先の日付です。", "that day is still to come."),
}


def note_step(work: Work, case_id: int, word: Word, on: date) -> RatedCase:
    """Record what became of a request to Amazon.

    Args:
        work: the transaction.
        case_id: the case of the rating.
        word: what happened.
        on: the shop's local date of it.

    Returns:
        The case as it stands now.

    Raises:
        SokuresuError: there is no such case, or the step cannot follow on the last one.
    """
    rated = rated_case(work, case_id)
    today = work.shop.calendar.local_day(work.now)
    objection = objection_to(rated.removal, word, on, today)
    if objection is not None:
        ja, en = _OBJECTIONS[objection]
        raise SokuresuError(f"案件 {case_id}: {ja} / Case {case_id}: {en}")
    work.uow.steps.add(Step(case_id, Matter.REMOVAL, word, on), work.now)
    work.uow.events.note(case_id, "removal_step", work.now, word)
    return rated_case(work, case_id)


def note_bought_label(work: Work, case_id: int) -> RatedCase:
    """Record that the order was shipped in time with a label bought through Amazon; twice is once.

    Raises:
        SokuresuError: there is no such case.
    """
    rated = rated_case(work, case_id)
    if not rated.removal.bought_label:
        today = work.shop.calendar.local_day(work.now)
        work.uow.steps.add(Step(case_id, Matter.REMOVAL, BOUGHT_LABEL, today), work.now)
        work.uow.events.note(case_id, "removal_step", work.now, BOUGHT_LABEL)
    return rated_case(work, case_id)


def note_fulfilment(work: Work, case_id: int, way: Fulfilment) -> RatedCase:
    """Record who shipped the order of a rating, as a person knows it.

    Raises:
        SokuresuError: there is no such case, or nobody knows its order.
    """
    rated = rated_case(work, case_id)
    if rated.order_id is None:
        raise SokuresuError(
            f"案件 {case_id} の注文番号が分かりません。 / Nobody knows the order of case {case_id}."
        )
    work.uow.orders.note(OrderFacts(rated.order_id, way), work.now)
    return rated_case(work, case_id)


def draft_to_buyer(work: Work, case_id: int) -> Draft:
    """Keep the text for the buyer as the next version of the case that has the buyer's address.

    It goes the way of every draft: nothing leaves without an approval.

    Raises:
        SokuresuError: there is no such case, or no open case of the same order has the address.
    """
    rated = rated_case(work, case_id)
    if rated.alias_case is None:
        raise SokuresuError(
            f"案件 {case_id}: 同じ注文の案件に購入者のアドレスがないため、下書きにできません。"
            f"文面をコピーしてお使いください: sokuresu feedback show {case_id}"
            f" / Case {case_id}: no case of the same order has the buyer's address, so there is nothing to"
            f" draft to; copy the text: sokuresu feedback show {case_id}"
        )
    text = texts_of(work, rated).buyer
    case_of(work, rated.alias_case)
    language = buyers_language(work.shop, rated.case, [rated.comment])
    based_on = replace(blank_draft(work, rated.alias_case), fulfilment=rated.fulfilment, language=language)
    return revise(work, based_on, text, DraftSource.COMMAND)


def removal_words(uow: UnitOfWork, ratings: Iterable[Rating]) -> dict[int, Word]:
    """What happened last to the removal of ratings, by their numbers; the others are left out."""
    bound = {one.id: one.case_id for one in ratings if one.case_id is not None}
    by_case: dict[int, list[Step]] = {}
    for step in uow.steps.of_cases(set(bound.values()), Matter.REMOVAL):
        by_case.setdefault(step.case_id, []).append(step)
    words = {number: removal_of(by_case.get(case_id, ())).word for number, case_id in bound.items()}
    return {number: word for number, word in words.items() if word is not None}


def current_score(work: Work) -> tuple[Tally, ...]:
    """The score of the shop as Amazon counts it, as far as the ratings are known."""
    return score_of(work, work.uow.ratings.all())


def score_of(work: Work, ratings: Sequence[Rating]) -> tuple[Tally, ...]:
    """The score that these ratings make."""
    today = work.shop.calendar.local_day(work.now)
    gone = {number for number, word in removal_words(work.uow, ratings).items() if word in GONE}
    return score(ratings, today, gone)
