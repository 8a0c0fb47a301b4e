"""A telephone call from the first word that was written down to the last trace that is erased."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from daemon.aftercare.call_log import log_lines
from daemon.aftercare.calls import CallEntry, CallRefused, log_call
from daemon.aftercare.feedback import record
from daemon.backup import restore, write_backup
from daemon.commands import answered
from daemon.erasure import ErasureRefused, buyer_of, erase
from daemon.housekeeping import CLOSED_AFTER, tidy
from daemon.ports import Verdict
from daemon.review import snooze
from daemon.shop import SecondPathUse
from daemon.work import Work
from parsers.values import Fulfilment, Kind
from state.engine import open_engine
from state.lessons import Cause, Lesson
from state.model import CaseState
from state.outbox_rules import OutboxState
from state.ratings import Rating, RatingSource
from state.repository.orders import OrderFacts, OrderItem
from state.steps import Matter, Step
from state.unit_of_work import Database
from tests.beds.fake_submission import FakeSubmission
from tests.beds.post import buyer, order_of
from tests.beds.reviewing import DAMAGED
from tests.beds.shopfloor import Shopfloor, make_shop
from tests.unit.state.examples import DAY, HOUR, local
from tests.usecases.test_data_care import ignore, work_of

MINUTE = timedelta(minutes=1)
NUMBER = "090-1234-5678"
SPELLINGS = (
    "090-1234-5678",
    "09012345678",
    "1234-5678",
    "０９０-１２３４-５６７８",
    "０９０１２３４５６７８",
    "〇九〇一二三四五六七八",
    "+81 90 1234 5678",
)
ADDRESS = "taro.yamada@caller.example"
EVENING = local("2026-11-17 18:00")


def ring(floor, **told):
    """Somebody called, and it is written down now."""
    values = {"wishes": "箱がつぶれていたので返品したい。", "number": NUMBER} | told
    with floor.database.write() as uow:
        logged = log_call(work_of(floor, uow), CallEntry(**values))
        uow.commit()
    return logged


def decide(floor, decision, *args):
    """A person decides something about a case."""
    with floor.database.write() as uow:
        decision(Work(uow, floor.shop, floor.clock.now()), *args)
        uow.commit()


def subjects(mails):
    return [str(mail.message["Subject"]) for mail in mails]


def words_of(mail):
    """All that a mail says, as it is read."""
    texts = [part.get_content() for part in mail.message.walk() if part.get_content_maintype() == "text"]
    return "\n".join((*texts, *map(str, mail.message.values())))


def at(floor, when):
    """What the owner gets at an instant."""
    floor.clock.set(when)
    floor.read()
    return floor.alert()


# The case


@pytest.mark.playbook("a telephone call from an unknown number")
def test_a_call_is_a_case_with_a_deadline_and_alerts(floor):
    """It wants an answer by closing time, and the daily alert says where the number stands."""
    logged = ring(floor, caller="佐藤", hours="平日18時以降", order_id=order_of(1))
    assert (logged.joined, logged.case.kind, logged.case.state) == (False, Kind.CALL, CaseState.OPEN)
    assert logged.case.order_ids == (order_of(1),)
    assert logged.message.respond_by == floor.shop.calendar.closing_on(date(2026, 11, 17))
    (alert,) = at(floor, local("2026-11-17 12:00"))
    text = words_of(alert)
    for part in ("案件1 電話", "返品したい", order_of(1), "sokuresu case 1", "sokuresu answered 1"):
        assert part in text


def test_a_call_joins_the_case_of_its_order(floor):
    """However the number of the order is typed; a closed case is followed by a new one."""
    floor.work(buyer(1))
    logged = ring(floor, order_id="２５０ー０００００01ー7654321")
    assert (logged.joined, logged.case.id, len(floor.cases())) == (True, 1, 1)
    assert ring(floor).case.id == 2


def test_a_call_that_is_noted_late_is_not_answered_yet(floor):
    """What the buyer was sent between the call and its note did not mean it."""
    floor.work(buyer(1))
    floor.clock.advance(HOUR)
    decide(floor, answered, 1)
    floor.clock.advance(HOUR)
    logged = ring(floor, order_id=order_of(1), called_at=floor.clock.now() - 90 * MINUTE)
    assert (logged.joined, logged.case.state) == (True, CaseState.OPEN)


@pytest.mark.playbook("a telephone call from an unknown number")
def test_who_called_and_then_writes_is_one_case(floor):
    """The message through Amazon joins the case of the call, which then has an address to answer to."""
    ring(floor, order_id=order_of(1))
    floor.clock.advance(HOUR)
    (taken,) = floor.work(buyer(1))
    case = floor.case()
    assert (taken.case_id, len(floor.cases()), taken.acknowledged) == (1, 1, True)
    assert (case.alias, case.buyer_key is not None, case.marketplace) == (buyer(1).address, True, "co.jp")
    floor.work(buyer(1, key="A0SECOND000000000001"))
    assert [one.kind for one in floor.messages()] == [Kind.CALL, Kind.BUYER_MESSAGE, Kind.BUYER_MESSAGE]


def test_what_is_not_proven_claims_no_call(floor):
    """A mail that may be anybody's opens a case of its own; so does a buyer once the caller has written."""
    ring(floor, order_id=order_of(1))
    floor.work(buyer(2, order=order_of(1), proof="none"))
    assert (len(floor.cases()), floor.case().buyer_key) == (2, None)
    floor.work(buyer(1))
    (taken,) = floor.work(buyer(7, order=order_of(1)))
    assert (taken.case_id, floor.case().alias) == (3, buyer(1).address)


@pytest.mark.parametrize(
    "told",
    [
        {"wishes": "  "},
        {"order_id": "251-1234"},
        {"order_id": f"{order_of(1)} {order_of(2)}"},
        {"number": "お母さん"},
        {"number": "0" * 50},
        {"address": "taro"},
        {"promised_by": local("2026-11-17 10:30")},
        {"promised_by": local("2028-11-17 10:30")},
        {"called_at": local("2026-11-17 12:00")},
    ],
)
def test_what_cannot_be_meant_is_refused_whole(floor, told):
    """In a sentence in both languages, which repeats nothing; nothing is stored."""
    with pytest.raises(CallRefused, match=" / ") as caught:
        ring(floor, **told)
    assert floor.cases() == ()
    assert not any(str(value) in str(caught.value) for value in told.values() if len(str(value)) > 5)


def test_long_texts_are_cut(floor):
    """A whole novel fits into no alert and into no table."""
    ring(floor, wishes="あ" * 100_000, caller="い" * 5_000, hours="う" * 5_000)
    (line,) = lines(floor)
    assert max(map(len, (line.call.wishes, line.call.caller, line.call.hours))) == 3_000


def lines(floor, **how):
    with floor.database.read() as uow:
        return log_lines(work_of(floor, uow), **how)


# The promise


def test_a_promised_call_is_called_out_once_an_hour_before(floor):
    """At once, urgent, beside the daily alerts, whatever is snoozed; and never again."""
    ring(floor, promised_by=EVENING)
    decide(floor, snooze, 1, local("2026-11-18 10:00"))
    assert at(floor, EVENING - HOUR - MINUTE) == []
    # The daily alert of 17:00 has nothing to list, for the case is put off.
    (alert,) = at(floor, EVENING - HOUR)
    assert subjects([alert]) == ["【即レス・至急】お電話でお約束した時刻が近づいています・案件1"]
    assert at(floor, EVENING - MINUTE) == []
    floor.start()
    assert at(floor, EVENING + MINUTE) == []


def test_what_is_settled_or_was_not_promised_is_not_called_out(floor):
    """A call without a promise has its deadline, and one that was answered has none."""
    ring(floor, promised_by=EVENING)
    ring(floor)
    decide(floor, answered, 1)
    mails = at(floor, EVENING - MINUTE)
    assert not any("お約束" in subject for subject in subjects(mails))
    assert floor.case(1).state is CaseState.ANSWERED


def test_a_promise_far_away_is_the_deadline_and_survives_an_outage(floor):
    """The service was down at the hour; it says so as soon as it is up."""
    logged = ring(floor, promised_by=EVENING + 3 * DAY)
    assert logged.message.respond_by == EVENING + 3 * DAY
    mails = at(floor, EVENING + 3 * DAY + 2 * HOUR)
    assert any("お約束した時刻" in subject for subject in subjects(mails))


def test_the_log_lists_what_waits(floor):
    """Until a person says that the case is answered; then it is only in the list of all."""
    ring(floor)
    assert [line.waiting for line in lines(floor)] == [True]
    decide(floor, answered, 1)
    assert lines(floor) == ()
    assert [line.waiting for line in lines(floor, everything=True)] == [False]


# The number


@pytest.mark.playbook("a telephone call from an unknown number")
def test_the_number_goes_into_no_mail(shop_database):
    """A day of alerts, short alerts and drafts, with the number in every field; the log alone holds it."""
    shop = make_shop(
        second_paths=("webhook",), second_path_use=SecondPathUse.ALWAYS, usual_fulfilment=Fulfilment.FBA
    )
    floor = Shopfloor(shop_database, shop, beside={"webhook": FakeSubmission()})
    floor.read()
    spelled = "、または".join(SPELLINGS)
    wishes = f"至急 {spelled} か {ADDRESS} へ。注文 {order_of(1)} の箱がつぶれていた。"
    ring(
        floor,
        wishes=wishes,
        number=NUMBER,
        address=ADDRESS,
        caller=f"佐藤 {spelled}",
        hours=f"18時に {spelled}",
        order_id=order_of(1),
        promised_by=EVENING,
    )
    floor.work(buyer(1, text=DAMAGED))
    floor.drafter.turn()
    for when in ("12:00", "16:59", "17:00", "19:30", "20:00"):
        at(floor, local(f"2026-11-17 {when}"))
    with floor.database.read() as uow:
        drafts = [one.text for one in uow.drafts.of_case(1)]
        rows = [*uow.outbox.in_state(*OutboxState)]
        told = uow.events.of_case(1)
    mails = [words_of(one) for one in floor.sent()]
    beside = [str(one.content) for one in floor.webhook.mails]
    assert drafts
    assert len(floor.alerts()) >= 5
    assert len(beside) >= 5
    written = "\n".join((*drafts, *mails, *beside, *map(str, told)))
    stored = "\n".join(f"{row.subject}{row.text}{(row.content or b'').decode()}" for row in rows)
    for needle in (*SPELLINGS, "90-1234", ADDRESS, "caller.example", "佐藤"):
        assert needle not in written
        assert needle not in stored
    assert order_of(1) in words_of(floor.alerts()[0])
    assert NUMBER in floor.everything()


def test_who_calls_again_is_known_by_the_first_number(floor):
    """In the words of the second call, which brings no number of its own."""
    ring(floor, number="03-3456-7890", order_id=order_of(1))
    again = ring(floor, number="", wishes="先ほどの三四五六 七八九〇の者です。", order_id=order_of(1))
    assert again.message.text == "先ほどの***の者です。"


def test_nothing_of_a_call_is_logged(floor, capsys):
    """Neither the number nor the words reach the log, whose lines others may read."""
    ring(floor, caller="佐藤太郎", address=ADDRESS)
    at(floor, EVENING)
    said = "".join(capsys.readouterr())
    assert not any(needle in said for needle in (NUMBER, "佐藤", ADDRESS, "つぶれ"))
    logged = ring(floor)
    assert NUMBER not in repr(CallEntry("x", number=NUMBER)) + repr(logged) + repr(lines(floor))


# Copies, retention and erasure


def test_a_backup_holds_the_log(floor, tmp_path):
    """Restored, every word of every call is there."""
    ring(floor, caller="佐藤", address=ADDRESS, hours="夜", promised_by=EVENING, order_id=order_of(1))
    file = tmp_path / "backup.db"
    write_backup(floor.database._engine, file, floor.clock.now(), ignore)
    engine = open_engine(f"sqlite:///{tmp_path / 'new.db'}")
    restore(file, engine, ignore)
    again = Shopfloor(Database(engine), clock=floor.clock, accounts=floor.accounts)
    assert lines(again) == lines(floor)
    engine.dispose()


def test_an_old_call_of_a_closed_case_is_emptied(floor):
    """With the raw mail; one that still waits keeps its number, however old it is."""
    ring(floor, order_id=order_of(1))
    ring(floor, order_id=order_of(2), number="03-9876-5432")
    decide(floor, answered, 1)
    for days in (CLOSED_AFTER + DAY, floor.shop.raw_retention):
        floor.clock.advance(days)
        tidy(floor.database, floor.shop, floor.clock)
    first, second = lines(floor, everything=True)
    assert (first.call.number, first.call.wishes, second.call.number) == ("", "", "03-9876-5432")


NEEDLES = (
    *("佐藤", "1234 ま", ADDRESS, "つぶれ", "遅い"),
    *("こちらこそ", "傷あり", "確認", "青い箱", "p-digest"),
)


def leave_traces(floor):
    """A buyer with a call, a message, a rating, an order, notes, and a second order known by its digest."""
    ring(floor, caller="佐藤", address=ADDRESS, hours="1234 まで", order_id=order_of(1))
    floor.work(buyer(1, text="佐藤です。箱がつぶれていました。"))
    with floor.database.write() as uow:
        work = work_of(floor, uow)
        stars = {"source": RatingSource.REPORT, "rated_on": date(2026, 11, 17), "rater_print": "p-digest"}
        record(work, Rating(1, order_id=order_of(1), comment="遅い", response="こちらこそ", **stars))
        for number in (1, 2):
            uow.orders.note(OrderFacts(order_of(number), Fulfilment.OWN, buyer_print="p-digest"), work.now)
            uow.orders.keep_items([OrderItem(order_of(number), "1", title="青い箱")], work.now)
        record(work, Rating(5, order_id=order_of(2), comment="遅いが佐藤は満足", **stars))
        uow.steps.add(Step(1, Matter.RETURN, "inspected", date(2026, 11, 17), "傷あり 佐藤"), work.now)
        uow.lessons.note(Lesson(1, Cause.CARRIER, "佐藤に確認する", work.now))
        uow.commit()
    floor.alert()


def erase_buyer(floor, **who):
    with floor.database.write() as uow:
        work = work_of(floor, uow)
        erased = erase(work, buyer_of(work, **who))
        uow.commit()
    return erased


@pytest.mark.parametrize(
    "who",
    [
        {"case": 1},
        {"order": order_of(1)},
        {"order": order_of(2)},
        {"alias": buyer(1).address},
        {"number": "+81 90 1234 5678"},
    ],
    ids=lambda who: next(iter(who)),
)
def test_nothing_of_an_erased_buyer_is_left(floor, who):
    """In no column of any table, by whatever the buyer is named; other buyers are left alone."""
    leave_traces(floor)
    ring(floor, wishes="別の方です。", number="03-9876-5432", order_id=order_of(3))
    at(floor, local("2026-11-17 12:00"))
    with pytest.raises(ErasureRefused, match="unanswered"):
        erase_buyer(floor, **who)
    for case in floor.cases():
        if case.order_ids != (order_of(3),):
            decide(floor, answered, case.id)
    erase_buyer(floor, **who)
    left = floor.everything()
    for needle in (*NEEDLES, order_of(1), order_of(2), buyer(1).local):
        assert needle not in left, needle
    assert "03-9876-5432" in left
    with floor.database.read() as uow:
        assert [(one.rating, one.comment) for one in uow.ratings.all()] == [(1, ""), (5, "")]
        assert uow.lessons.all()[1].cause is Cause.CARRIER


def test_an_alert_that_waits_is_not_left_behind(floor):
    """It holds the buyer's words and must be told: the erasure waits until it has left, and empties it."""
    floor.exits["main"].answer(Verdict.DEFERRED)
    ring(floor, wishes="青い箱がつぶれていた。", order_id=order_of(1))
    at(floor, local("2026-11-17 12:00"))
    decide(floor, answered, 1)
    with pytest.raises(ErasureRefused, match="waits to leave"):
        erase_buyer(floor, case=1)
    floor.clock.advance(HOUR)
    floor.delivery.turn()
    erase_buyer(floor, case=1)
    assert "青い箱" not in floor.everything()


def test_the_same_report_does_not_bring_an_erased_buyer_back(floor):
    """It counts once in the score, says nothing, and opens no case."""
    leave_traces(floor)
    decide(floor, answered, 1)
    erase_buyer(floor, order=order_of(1))
    with floor.database.write() as uow:
        told = Rating(1, RatingSource.REPORT, order_id=order_of(1), comment="遅い", rater_print="p-digest")
        recorded = record(work_of(floor, uow), told)
        uow.commit()
    left = floor.everything()
    assert (recorded.fresh, "遅い" in left, "p-digest" in left, order_of(1) in left) == (False,) * 4
    assert len(floor.cases()) == 1


def test_an_order_without_a_case_is_erased(floor):
    """A good rating and an imported order are of a person too; an unknown order is nobody's."""
    with floor.database.write() as uow:
        work = work_of(floor, uow)
        uow.orders.note(OrderFacts(order_of(1), buyer_print="p-digest"), work.now)
        record(work, Rating(5, RatingSource.REPORT, order_id=order_of(1), comment="遅い"))
        uow.commit()
    assert erase_buyer(floor, order=order_of(1)).cases == 0
    assert not any(needle in floor.everything() for needle in (order_of(1), "p-digest", "遅い"))
    for who in ({"order": order_of(1)}, {"number": NUMBER}, {"case": 9}):
        with pytest.raises(ErasureRefused, match="belongs to that"):
            erase_buyer(floor, **who)
