"""Whether Amazon may remove or strike a comment, out of what its parts are about."""

from __future__ import annotations

from datetime import date

import pytest

from parsers.values import CommentPart, Fulfilment, Topic
from state.feedback_policy import (
    SENTENCES,
    AssessmentReason,
    Ground,
    Remedy,
    assess,
    buyer_until,
    request_by,
)

FBA, OWN = Fulfilment.FBA, Fulfilment.OWN


def judge(*topics, fulfilment=None, label=False, rating=1, sure=True):
    """Assess a comment with one part a topic."""
    parts = [CommentPart(f"clause about {topic}", topic, sure) for topic in topics]
    return assess(parts, rating=rating, fulfilment=fulfilment, bought_label_on_time=label)


def outcome(*topics, **facts):
    """Its ground and whether that is sure."""
    found = judge(*topics, **facts)
    return found.ground, found.confident


@pytest.mark.playbook("Feedback of 1 to 3 / Can Amazon remove it?")
def test_a_review_of_the_product_is_removed():
    """(a) The whole comment is about the product, whoever shipped it."""
    for fulfilment in (FBA, OWN, None):
        found = judge(Topic.PRODUCT, Topic.NEUTRAL, fulfilment=fulfilment)
        assert (found.ground, found.confident, found.remedy) == (Ground.PRODUCT_REVIEW, True, Remedy.REMOVAL)
    assert found.speaks_for == ("clause about product",)
    assert found.speaks_against == ()


@pytest.mark.playbook("Feedback of 1 to 3 / Can Amazon remove it?")
@pytest.mark.parametrize(
    ("topic", "ground"),
    [(Topic.OBSCENE, Ground.OBSCENE), (Topic.PERSONAL_INFORMATION, Ground.PERSONAL_INFORMATION)],
)
def test_one_such_word_is_enough(topic, ground):
    """(b), (c) Obscene words and personal data are removed whatever else is said."""
    found = judge(Topic.PRODUCT, Topic.DELIVERY, Topic.SELLER, topic, fulfilment=OWN)
    assert (found.ground, found.confident, found.remedy) == (ground, True, Remedy.REMOVAL)
    assert found.speaks_against == ()
    assert outcome(topic, sure=False) == (ground, False)


@pytest.mark.playbook("Feedback of 1 to 3 / Can Amazon remove it?")
def test_a_delivery_by_amazon_is_struck():
    """(d) The whole comment is about the delivery or packing of an order that Amazon shipped."""
    found = judge(Topic.DELIVERY, Topic.PACKING, Topic.NEUTRAL, fulfilment=FBA)
    assert (found.ground, found.confident, found.remedy) == (Ground.FBA_DELIVERY, True, Remedy.STRIKE)
    assert outcome(Topic.DELIVERY, fulfilment=FBA, label=True) == (Ground.FBA_DELIVERY, True)


@pytest.mark.playbook("Feedback of 1 to 3 / Can Amazon remove it?")
def test_a_delivery_with_a_bought_label_is_struck():
    """(e) Shipped on time with a bought label: the way is Amazon's, the packing the seller's."""
    found = judge(Topic.DELIVERY, fulfilment=OWN, label=True)
    assert (found.ground, found.confident, found.remedy) == (Ground.BOUGHT_LABEL, True, Remedy.STRIKE)
    assert outcome(Topic.DELIVERY, label=True)[0] is Ground.BOUGHT_LABEL
    assert outcome(Topic.DELIVERY, Topic.PACKING, fulfilment=OWN, label=True)[0] is Ground.NONE


@pytest.mark.playbook("Feedback of 1 to 3 / Can Amazon remove it?")
@pytest.mark.parametrize(
    "topics",
    [
        (Topic.PRODUCT, Topic.DELIVERY),
        (Topic.PRODUCT, Topic.SELLER),
        (Topic.DELIVERY, Topic.SELLER),
        (Topic.DELIVERY, Topic.PRICE),
        (Topic.PRODUCT, Topic.PACKING, Topic.NEUTRAL),
    ],
)
def test_a_mixed_comment_stays(topics):
    """Whoever shipped, and on however many grounds a half of it would be removed."""
    for fulfilment in (FBA, OWN, None):
        found = judge(*topics, fulfilment=fulfilment, label=True)
        assert (found.ground, found.remedy) == (Ground.NONE, Remedy.STAYS)
        assert found.reason is AssessmentReason.MIXED
        assert len(found.speaks_against) == len(set(topics) - {Topic.NEUTRAL})


def test_an_unknown_shipper_is_asked_for():
    """The reason names the ground that would apply, and nothing is sure."""
    for topic in (Topic.DELIVERY, Topic.PACKING):
        found = judge(topic)
        assert (found.ground, found.confident) == (Ground.NONE, False)
        assert found.reason is AssessmentReason.UNKNOWN_FULFILMENT
        assert all("fba_delivery" in found.say(language) for language in ("ja", "en"))


@pytest.mark.parametrize(
    ("topics", "fulfilment", "reason"),
    [
        ((), FBA, AssessmentReason.EMPTY),
        ((Topic.NEUTRAL,), FBA, AssessmentReason.NOTHING_NAMED),
        ((Topic.UNKNOWN,), FBA, AssessmentReason.NOTHING_NAMED),
        ((Topic.SELLER,), FBA, AssessmentReason.SELLER),
        ((Topic.PRICE,), FBA, AssessmentReason.SELLER),
        ((Topic.PACKING,), OWN, AssessmentReason.SELLER),
        ((Topic.DAMAGE,), OWN, AssessmentReason.SELLER),
        ((Topic.DELIVERY,), OWN, AssessmentReason.OWN_DELIVERY),
    ],
)
def test_why_it_stays(topics, fulfilment, reason):
    """No comment, nothing said, or what the seller answers for."""
    found = judge(*topics, fulfilment=fulfilment)
    assert (found.ground, found.reason) == (Ground.NONE, reason)


def test_any_doubt_takes_the_confidence():
    """An unknown part, an unsure one, a price, and damage, of which nobody knows whose it is."""
    assert outcome(Topic.PRODUCT, Topic.UNKNOWN) == (Ground.PRODUCT_REVIEW, False)
    assert outcome(Topic.PRODUCT, sure=False) == (Ground.PRODUCT_REVIEW, False)
    assert outcome(Topic.PRODUCT, Topic.PRICE) == (Ground.PRODUCT_REVIEW, False)
    assert outcome(Topic.DAMAGE, fulfilment=FBA) == (Ground.FBA_DELIVERY, False)


def test_a_good_rating_needs_no_request():
    """The criteria are the same; that it counts as positive is told beside."""
    assert [judge(Topic.PRODUCT, rating=stars).good_rating for stars in range(1, 6)] == [False] * 3 + [
        True
    ] * 2
    assert judge(Topic.PRODUCT, rating=5).ground is Ground.PRODUCT_REVIEW


def test_every_reason_has_its_sentences():
    """Japanese and English, neither empty."""
    assert set(SENTENCES) == set(AssessmentReason)
    assert all(ja != en and ja and en for ja, en in SENTENCES.values())


def test_the_days_are_counted_on_the_calendar():
    """Ninety days for the request, sixty for the buyer, across months and years."""
    assert request_by(date(2026, 11, 22)) == date(2027, 2, 20)
    assert buyer_until(date(2026, 11, 22)) == date(2027, 1, 21)


def test_an_assessment_shows_no_words():
    """What a buyer wrote stands in no log."""
    assert "clause" not in repr(judge(Topic.PRODUCT, Topic.UNKNOWN))
