"""Ratings of the seller, told by reports, by hand and by mail: what becomes a case, and what only counts."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from daemon.aftercare.by_hand import Entry
from daemon.aftercare.feedback import record
from daemon.ports import MailHead
from daemon.reading.taking import Unreadable
from daemon.settling import record_answer
from daemon.work import Work
from parsers.values import Kind
from state.model import Answer, AnswerSource, CaseState
from state.ratings import Rating, RatingSource
from templates.refunding import RefundContext
from tests.beds.post import buyer, feedback, order_of
from tests.unit.state.examples import DAY, HOUR
from tests.usecases.test_backfill import backfill

TODAY = date(2026, 11, 17)


def rated(stars=1, number=1, **values):
    """A rating of the order of buyer `number`, as the report tells it."""
    told = {"source": RatingSource.REPORT, "rated_on": TODAY, "comment": "配送が遅かったです。"}
    return Rating(stars, **({"order_id": order_of(number)} | told | values))


def tell(floor, *ratings):
    """Record ratings in one transaction, as an import does."""
    with floor.database.write() as uow:
        work = Work(uow, floor.shop, floor.clock.now())
        found = [record(work, one) for one in ratings]
        uow.commit()
    return found


def known(floor):
    """Every rating that is stored."""
    with floor.database.read() as uow:
        return uow.ratings.all()


def answer(floor, case=1):
    """A person says that the case is answered."""
    with floor.database.write() as uow:
        work = Work(uow, floor.shop, floor.clock.now())
        given = Answer(work.now, AnswerSource.COMMAND)
        assert record_answer(work, case, given, reference="by a person")
        uow.commit()


def events(floor, case=1):
    with floor.database.read() as uow:
        return [(action, detail) for _, action, detail in uow.events.of_case(case)]


@pytest.mark.playbook(
    "a feedback of 1, 2 or 3 out of the blue (buyers think 3 is normal; it hurts; 4 is the least to aim at)"
)
@pytest.mark.parametrize("stars", [1, 2, 3])
def test_a_low_rating_out_of_the_blue_is_a_case_at_once(floor, stars):
    """Up to three stars open a case with the comment, and the owner hears at once."""
    (found,) = tell(floor, rated(stars))
    assert (found.fresh, found.changed, found.case_id) == (True, False, 1)
    assert (floor.case().rating, floor.case().order_ids) == (stars, (order_of(1),))
    assert [one.text for one in floor.messages()] == ["配送が遅かったです。"]
    assert floor.words() == ["feedback"]


@pytest.mark.parametrize("rating", [rated(4), rated(5), rated(1, rated_on=TODAY - timedelta(days=91))])
def test_good_and_old_ratings_bother_nobody(floor, rating):
    """They are recorded for the score and nothing else happens."""
    (found,) = tell(floor, rating)
    assert (found.fresh, found.case_id, floor.cases(), floor.words()) == (True, None, (), [])
    assert [one.rating for one in known(floor)] == [rating.rating]


@pytest.mark.parametrize("day", [None, TODAY - timedelta(days=90)])
def test_a_rating_that_something_can_be_done_about_is_a_case(floor, day):
    """The last day for a request counts, and so does a rating of an unknown day."""
    assert tell(floor, rated(rated_on=day))[0].case_id == 1


def test_the_same_report_again_changes_nothing(floor):
    """A second import tells what is known: no second case, message or alert."""
    ratings = [rated(1), rated(5, 2)]
    tell(floor, *ratings)
    again = tell(floor, *ratings)
    assert [one.case_id for one in again] == [1, None]
    assert not any(one.fresh or one.changed for one in again)
    assert (len(floor.messages()), len(floor.words()), len(known(floor))) == (1, 1, 2)


def test_what_was_missing_is_filled_in(floor):
    """A rating entered by hand without words gets them from the report, and no second alert."""
    tell(floor, rated(comment="", rated_on=None, source=RatingSource.HAND))
    (found,) = tell(floor, rated(response="申し訳ございません。"))
    assert (found.fresh, found.changed) == (False, True)
    assert (found.rating.comment, found.rating.rated_on) == ("配送が遅かったです。", TODAY)
    assert (found.rating, len(floor.words())) == (known(floor)[0], 1)


def test_a_raised_rating_is_only_noted(floor):
    """The case shows the new stars and says when they came."""
    tell(floor, rated(1))
    (found,) = tell(floor, rated(4))
    assert (found.changed, found.rating.rating, floor.case().rating) == (True, 4, 4)
    assert ("rating_changed", "1>4") in events(floor)
    assert (len(floor.words()), len(floor.messages())) == (1, 1)


def test_a_rating_that_was_lowered_again_is_new_trouble(floor):
    """However often a buyer goes down, each time is told once."""
    tell(floor, rated(4), rated(2), rated(5), rated(1), rated(4), rated(3))
    assert [one.place.folder for one in floor.messages()] == ["", "", ""]
    assert floor.words() == ["feedback"] * 3
    assert [detail for word, detail in events(floor) if word == "rating_changed"] == [
        "4>2",
        "2>5",
        "5>1",
        "1>4",
        "4>3",
    ]


def test_an_older_report_does_not_overrule_a_newer_one(floor):
    """What the buyer said last counts, in whichever order the reports are imported."""
    tell(floor, rated(4, rated_on=TODAY))
    (found,) = tell(floor, rated(1, rated_on=TODAY - timedelta(days=3)))
    assert (found.changed, known(floor)[0].rating, floor.words()) == (False, 4, [])


def test_a_rating_joins_the_open_case_of_its_order(floor):
    """The buyer who wrote before rated now: one case tells both."""
    floor.work(buyer(1))
    assert tell(floor, rated(2))[0].case_id == 1
    assert (len(floor.messages()), floor.case().rating) == (2, 2)


def test_two_ratings_of_one_buyer_are_two_cases(floor):
    """Where a case has two orders, the second rating gets its own: each has its outlook and its removal."""
    floor.work(buyer(1))
    floor.work(buyer(1, order=order_of(2), key="A0KEYOFTHESECONDONE1"))
    assert floor.case().order_ids == (order_of(1), order_of(2))
    found = tell(floor, rated(1), rated(2, number=2, comment="対応が悪い。"))
    assert [one.case_id for one in found] == [1, 2]
    assert (floor.case(2).linked_to, floor.case(1).rating) == (1, 1)
    assert tell(floor, rated(4), rated(1))[-1].case_id == 1


def test_a_notice_of_another_rating_does_not_hide_the_first(floor):
    """A low one gets its own case, a good one none; a notice of the same rating is of the same case."""
    floor.work(buyer(1))
    floor.work(buyer(1, order=order_of(2), key="A0KEYOFTHESECONDONE1"))
    tell(floor, rated(1))
    floor.work(feedback(2, 5))
    assert [(one.order_id, one.case_id) for one in known(floor)] == [(order_of(1), 1), (order_of(2), None)]
    floor.work(feedback(2, 2))
    assert [(one.rating, one.case_id) for one in known(floor)] == [(1, 1), (2, 2)]
    assert (floor.case(1).rating, floor.case(2).linked_to) == (1, 1)
    floor.work(feedback(1, 1))
    assert [one.case_id for one in known(floor)] == [1, 2]


def test_an_answer_from_before_the_report_did_not_mean_the_rating(floor):
    """A rating of yesterday is unanswered though the buyer was answered this morning."""
    floor.work(buyer(1))
    answer(floor)
    floor.clock.set(floor.clock.now() + HOUR)
    tell(floor, rated(1, rated_on=TODAY - timedelta(days=1)))
    assert [one.kind for one in floor.messages() if one.unanswered] == [Kind.FEEDBACK]


def test_many_low_ratings_of_one_report_are_one_alert(floor):
    """An import with seven bad ratings sends one mail that lists them."""
    tell(floor, *(rated(1, number) for number in range(1, 8)))
    (mail,) = floor.alert()
    assert all(order_of(number) in mail.text for number in range(1, 8))


# by mail


def test_a_notice_records_its_rating_once(floor):
    """The rating of a proven notice belongs to its case; the report that tells it again is no news."""
    floor.work(feedback(1, rating=1))
    assert [(one.rating, one.case_id, one.source) for one in known(floor)] == [(1, 1, RatingSource.NOTICE)]
    told = tell(floor, rated(1))
    assert (told[0].fresh, told[0].case_id, len(floor.cases()), floor.words()) == (False, 1, 1, ["feedback"])


def test_a_notice_of_a_rating_that_a_report_told_alerts_nobody(floor):
    """It lies with the case, also where that was settled meanwhile, and wants nothing."""
    tell(floor, rated(1))
    floor.alert()
    with floor.database.write() as uow:
        uow.cases.change(1, state=CaseState.CLOSED)
        uow.commit()
    floor.work(feedback(1, rating=1))
    assert (len(floor.cases()), floor.words()) == (1, [])
    assert [one.unanswered for one in floor.messages()] == [True, False]


def test_a_notice_of_good_feedback_is_counted(floor):
    """Five stars open no case and stand in the score."""
    floor.work(feedback(1, rating=5))
    assert (floor.cases(), [one.rating for one in known(floor)]) == ((), [5])


def test_a_notice_of_a_lowered_rating_is_new_trouble(floor):
    """Five stars by a report, then one by mail: the mail opens the case that the rating is bound to."""
    tell(floor, rated(5))
    floor.work(feedback(1, rating=1))
    assert [(one.rating, one.case_id) for one in known(floor)] == [(1, 1)]
    assert (floor.words(), ("rating_changed", "5>1") in events(floor)) == (["feedback"], True)


def test_history_is_recorded_without_a_word(floor):
    """A notice from before the first start counts in the score; nobody hears of it."""
    floor.work(feedback(1, rating=1), at=floor.clock.now() - 5 * DAY)
    assert [one.rating for one in known(floor)] == [1]
    assert (floor.words(), floor.case().state) == ([], CaseState.CLOSED)


def test_only_a_proven_notice_records_a_rating(floor):
    """A notice without proof is a case and no rating; the copy that proves it records one, silently."""
    unproven = feedback(1).replace(b"Authentication-Results", b"X-Nothing")
    floor.work(unproven, message_id="rated@amazon.example")
    assert (known(floor), floor.words()) == ((), ["feedback"])
    floor.work(feedback(1), message_id="rated@amazon.example")
    assert ([one.case_id for one in known(floor)], floor.words()) == ([1], ["feedback"])


@pytest.mark.parametrize(
    ("stars", "comment", "alerts"),
    [(1, "箱がつぶれていました。返品します。", 1), (2, "箱がつぶれていました。", 2), (1, "偽物です。", 2)],
)
def test_a_report_of_what_an_unproven_notice_told_is_no_second_alert(floor, stars, comment, alerts):
    """The case that waits is bound to the rating; other stars or words than the notice told are news."""
    unproven = feedback(1, rating=1).replace(b"Authentication-Results", b"X-Nothing")
    floor.work(unproven, message_id="rated@amazon.example")
    tell(floor, rated(stars, comment=comment))
    assert ([one.case_id for one in known(floor)], floor.words()) == ([1], ["feedback"] * alerts)
    assert floor.case().rating == stars


@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize("second", [True, False])
def test_a_notice_in_two_mailboxes_alerts_once(floor, first, second):
    """Under two names, proven in each of them or not; what it tells otherwise is news."""
    whole, bare = feedback(1), feedback(1).replace(b"Authentication-Results", b"X-Nothing")
    for number, proven in enumerate((first, second)):
        floor.work(whole if proven else bare, message_id=f"{number}@amazon.example")
    assert (floor.words(), len(known(floor))) == (["feedback"], int(first or second))
    floor.work(feedback(1, comment="偽物です。").replace(b"Authentication-Results", b"X-Nothing"))
    assert [one.unanswered for one in floor.messages()] == [True, False, True]


@pytest.mark.parametrize("stars", [1, 5])
def test_a_look_into_the_past_records_ratings_silently(floor, stars):
    """Old notices count in the score, good ones too; a report that tells them again is no news."""
    floor.receive(feedback(1, rating=stars), at=floor.clock.now() - 30 * DAY)
    backfill(floor)
    assert [one.rating for one in known(floor)] == [stars]
    (told,) = tell(floor, rated(stars, rated_on=TODAY - timedelta(days=30)))
    assert (told.fresh, floor.words()) == (False, [])


def test_a_notice_without_an_order_is_the_rating_that_a_report_tells(floor):
    """The same stars and words within days are one rating; its case learns the order."""
    orderless = rated(1, order_id=None, rated_on=TODAY - timedelta(days=1))
    tell(floor, orderless)
    told, other = tell(floor, rated(1), rated(1, 2))
    assert (told.fresh, told.case_id, other.fresh, other.case_id) == (False, 1, True, 2)
    assert (floor.case().order_ids, len(known(floor))) == ((order_of(1),), 2)
    assert [one.fresh for one in tell(floor, rated(1), orderless)] == [False, False]


def test_nothing_of_a_buyers_is_told_by_accident(floor):
    """Whatever prints a value that is on its way shows neither words nor names."""
    shown = (
        Entry(Kind.FEEDBACK, 1, floor.clock.now(), "秘密", "proof"),
        RefundContext("shop", "秘密", None, "100円", full=True),
        Unreadable(MailHead(1, 1, floor.clock.now(), b""), "秘密".encode(), "reason"),
    )
    assert not any("秘密" in repr(one) or repr("秘密".encode()) in repr(one) for one in shown)
