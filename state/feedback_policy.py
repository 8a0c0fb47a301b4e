"""Whether Amazon may remove a comment on the seller, or strike it through. Pure.

Amazon's criteria (Seller Central help page 20231, and 202126280 for Japan): a comment is removed if it holds
obscene words or personal information of the seller, or if the *whole* of it reviews the product. It is
struck through, and no longer counts, if the *whole* of it is about the delivery and Amazon answers for that:
it shipped the order, or the seller shipped on time with a label bought from Amazon. A mixed comment stays.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from parsers.values import Fulfilment, Topic

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from datetime import date

    from parsers.values import CommentPart

REQUEST_DAYS = 90
"""Amazon takes a seller's request within 90 days of the rating; known from others' procedures only."""

BUYER_DAYS = 60
"""A buyer may change or remove a rating for 60 days from the day it was first given (help page 202126280)."""

GOOD = 4
"""From this rating on Amazon counts a rating as positive (Japanese help page 761)."""


class Ground(StrEnum):
    """On which of Amazon's criteria a request may rest; the words are the command line's promise."""

    PRODUCT_REVIEW = "product_review"
    OBSCENE = "obscene"
    PERSONAL_INFORMATION = "personal_information"
    FBA_DELIVERY = "fba_delivery"
    BOUGHT_LABEL = "bought_label"
    NONE = "none"


class Remedy(StrEnum):
    """What Amazon does on a ground."""

    REMOVAL = "removal"
    STRIKE = "strike"
    STAYS = "stays"


class AssessmentReason(StrEnum):
    """Why the assessment came out as it did."""

    PRODUCT_REVIEW = "product_review"
    OBSCENE = "obscene"
    PERSONAL_INFORMATION = "personal_information"
    FBA_DELIVERY = "fba_delivery"
    BOUGHT_LABEL = "bought_label"
    EMPTY = "empty"
    MIXED = "mixed"
    SELLER = "seller"
    OWN_DELIVERY = "own_delivery"
    UNKNOWN_FULFILMENT = "unknown_fulfilment"
    NOTHING_NAMED = "nothing_named"


SENTENCES: dict[AssessmentReason, tuple[str, str]] = {
    AssessmentReason.PRODUCT_REVIEW: (
        "コメント全体が商品のレビューです。",
        "The whole comment is a review of the product.",
    ),
    AssessmentReason.OBSCENE: (
        "わいせつ・下品な言葉が含まれています。",
        "The comment holds obscene or profane words.",
    ),
    AssessmentReason.PERSONAL_INFORMATION: (
        "出品者を特定できる個人情報 (メールアドレス・電話番号・氏名) が含まれています。",
        "The comment holds personal information: a mail address, a telephone number or a full name.",
    ),
    AssessmentReason.FBA_DELIVERY: (
        "コメント全体が配送についてで、Amazonが出荷した注文 (FBA) です。",
        "The whole comment is about the delivery of an order that Amazon fulfilled.",
    ),
    AssessmentReason.BOUGHT_LABEL: (
        "コメント全体が配送についてで、Amazonで購入したラベルで期日どおりに出荷した注文です。",
        "The whole comment is about the delivery of an order shipped on time with a bought label.",
    ),
    AssessmentReason.EMPTY: (
        "コメントがないため、削除の対象になりません。",
        "There is no comment, so no ground applies.",
    ),
    AssessmentReason.MIXED: (
        "商品・配送・出品者の対応のうち二つ以上に触れているため、対象になりません。",
        "The comment speaks of more than one matter (product, delivery, seller), so it stays.",
    ),
    AssessmentReason.SELLER: (
        "出品者の対応・商品の状態・説明・価格などについてのため、対象になりません。",
        "The comment is about what the seller answers for (service, condition, listing, price), so it stays.",
    ),
    AssessmentReason.OWN_DELIVERY: (
        (
            "配送についてですが、出品者が出荷した注文で、"
            "Amazonで購入したラベルで期日どおりに出荷した記録がありません。"
        ),
        "It is about the delivery, but the seller shipped, and not known to be on time with a bought label.",
    ),
    AssessmentReason.UNKNOWN_FULFILMENT: (
        (
            "配送についてのコメントです。"
            "Amazonが出荷した注文 (FBA) なら取り消し線 (fba_delivery) の対象です。出荷元を確認してください。"
        ),
        (
            "It is about the delivery. If Amazon fulfilled the order it may be struck (fba_delivery): "
            "look who shipped."
        ),
    ),
    AssessmentReason.NOTHING_NAMED: (
        "商品とも配送とも読み取れないため、対象になりません。",
        "Neither product nor delivery is named, so no ground applies.",
    ),
}
"""The reasons as sentences, Japanese and English."""


@dataclass(frozen=True, slots=True)
class Assessment:
    """Whether a request is worth making.

    Attributes:
        ground: the criterion that applies.
        confident: every part that says anything clearly supports it.
        reason: why.
        speaks_for: clauses that support the ground, as the buyer wrote them.
        speaks_against: clauses that speak, or may speak, against it.
        good_rating: 4 or 5 stars: the same criteria hold, but nobody needs to bother.
    """

    ground: Ground
    confident: bool
    reason: AssessmentReason
    speaks_for: tuple[str, ...] = field(default=(), repr=False)
    speaks_against: tuple[str, ...] = field(default=(), repr=False)
    good_rating: bool = False

    @property
    def remedy(self) -> Remedy:
        """What Amazon does on this ground."""
        return _REMEDIES.get(self.ground, Remedy.REMOVAL)

    def say(self, language: str) -> str:
        """The reason in ``ja`` or ``en``."""
        return SENTENCES[self.reason][language != "ja"]


_REMEDIES = {
    Ground.FBA_DELIVERY: Remedy.STRIKE,
    Ground.BOUGHT_LABEL: Remedy.STRIKE,
    Ground.NONE: Remedy.STAYS,
}
_ONE_IS_ENOUGH = {
    Topic.OBSCENE: (Ground.OBSCENE, AssessmentReason.OBSCENE),
    Topic.PERSONAL_INFORMATION: (Ground.PERSONAL_INFORMATION, AssessmentReason.PERSONAL_INFORMATION),
}
_SILENT = frozenset({Topic.NEUTRAL, Topic.UNKNOWN})
# Topics of which nobody can be sure that Amazon counts them as its own delivery.
_DISPUTABLE = frozenset({Topic.DAMAGE})
# With a bought label Amazon answers for the way, not for the packing.
_OF_DELIVERY = {
    Fulfilment.FBA: frozenset({Topic.DELIVERY, Topic.PACKING, Topic.DAMAGE}),
    Fulfilment.OWN: frozenset({Topic.DELIVERY}),
    None: frozenset({Topic.DELIVERY, Topic.PACKING, Topic.DAMAGE}),
}


def assess(
    parts: Sequence[CommentPart],
    *,
    rating: int,
    fulfilment: Fulfilment | None,
    bought_label_on_time: bool = False,
) -> Assessment:
    """Find the ground on which Amazon may remove or strike a comment.

    Args:
        parts: what the comment is about; see `parsers.comments.read_comment`.
        rating: stars, 1 to 5; the criteria are the same for all.
        fulfilment: who shipped the order; None where nobody knows.
        bought_label_on_time: the seller shipped on time with a label bought from Amazon.
    """
    good = rating >= GOOD
    for topic, (ground, reason) in _ONE_IS_ENOUGH.items():
        if any(part.topic is topic for part in parts):
            return _removable(ground, reason, parts, {topic}, good=good)
    delivery = _OF_DELIVERY[Fulfilment.OWN if bought_label_on_time and fulfilment is None else fulfilment]
    named = {part.topic for part in parts} - _SILENT
    # A price beside the product is what the product is worth to the buyer; alone it is the seller's matter.
    if Topic.PRODUCT in named and named <= {Topic.PRODUCT, Topic.PRICE}:
        wanted = {Topic.PRODUCT}
        return _removable(Ground.PRODUCT_REVIEW, AssessmentReason.PRODUCT_REVIEW, parts, wanted, good=good)
    if named and named <= delivery:
        return _assess_delivery(parts, fulfilment, named, label=bought_label_on_time, good=good)
    return _staying(_why_it_stays(parts, named), parts, good=good)


def request_by(rated_on: date) -> date:
    """The last local day on which the seller may ask Amazon, see `REQUEST_DAYS`."""
    return rated_on + timedelta(days=REQUEST_DAYS)


def buyer_until(rated_on: date) -> date:
    """The last local day on which the buyer may change or remove the rating, see `BUYER_DAYS`."""
    return rated_on + timedelta(days=BUYER_DAYS)


def _assess_delivery(
    parts: Sequence[CommentPart],
    fulfilment: Fulfilment | None,
    named: Collection[Topic],
    *,
    label: bool,
    good: bool,
) -> Assessment:
    """A comment about nothing but the delivery: what it is worth depends on who shipped."""
    if fulfilment is Fulfilment.FBA:
        return _removable(Ground.FBA_DELIVERY, AssessmentReason.FBA_DELIVERY, parts, named, good=good)
    if label:
        return _removable(Ground.BOUGHT_LABEL, AssessmentReason.BOUGHT_LABEL, parts, named, good=good)
    if fulfilment is None:
        return _staying(AssessmentReason.UNKNOWN_FULFILMENT, parts, good=good)
    return _staying(AssessmentReason.OWN_DELIVERY, parts, good=good)


def _removable(
    ground: Ground,
    reason: AssessmentReason,
    parts: Sequence[CommentPart],
    wanted: Collection[Topic],
    *,
    good: bool,
) -> Assessment:
    """A ground applies; it is certain where no part leaves a doubt, or where one word is enough."""
    supporting = [part for part in parts if part.topic in wanted]
    against = [part for part in parts if part.topic not in {*wanted, Topic.NEUTRAL}]
    if wanted & _ONE_IS_ENOUGH.keys():
        confident, against = any(part.sure for part in supporting), []
    else:
        confident = not against and all(part.sure and part.topic not in _DISPUTABLE for part in supporting)
    return Assessment(ground, confident, reason, _texts(supporting), _texts(against), good)


def _staying(reason: AssessmentReason, parts: Sequence[CommentPart], *, good: bool) -> Assessment:
    """No ground applies; that is certain where what speaks against one is."""
    against = [part for part in parts if part.topic not in _SILENT]
    open_question = reason in {AssessmentReason.UNKNOWN_FULFILMENT, AssessmentReason.NOTHING_NAMED}
    confident = not open_question and all(part.sure for part in against)
    return Assessment(Ground.NONE, confident, reason, (), _texts(against), good)


def _why_it_stays(parts: Sequence[CommentPart], named: Collection[Topic]) -> AssessmentReason:
    """Why neither the product nor the delivery is all that is spoken of."""
    if not parts:
        return AssessmentReason.EMPTY
    if not named:
        return AssessmentReason.NOTHING_NAMED
    matters = {_MATTERS.get(topic, topic) for topic in named}
    return AssessmentReason.MIXED if len(matters) > 1 else AssessmentReason.SELLER


_MATTERS = {Topic.PRICE: Topic.SELLER, Topic.PACKING: Topic.SELLER, Topic.DAMAGE: Topic.SELLER}


def _texts(parts: Iterable[CommentPart]) -> tuple[str, ...]:
    """The clauses, each once."""
    return tuple(dict.fromkeys(part.text for part in parts))
