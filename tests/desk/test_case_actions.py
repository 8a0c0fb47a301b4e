"""What a person decides about a case at the desk: once each, kept when it cannot be, and never unseen."""

from __future__ import annotations

from datetime import timedelta

import pytest
from markupsafe import escape

from daemon.confirming import still_unanswered
from daemon.notes import NOTE_LIMIT, write_note
from daemon.work import Work
from state.model import AnswerSource, CaseState
from state.steps import Matter
from tests.beds.desk import words_of
from tests.beds.post import buyer, order_of
from tests.beds.reviewing import answers_of, complaint, day_goes_on, say_answered
from tests.unit.state.examples import local


@pytest.fixture
def waiting(floor):
    """A shop with one unanswered case."""
    day_goes_on(floor, complaint(1))
    return floor


def steps_of(floor, matter):
    """What was written down of a matter."""
    with floor.database.read() as uow:
        return uow.steps.of_case(1, matter)


def close(floor):
    """The case is over."""
    say_answered(floor)
    with floor.database.write() as uow:
        uow.cases.change(1, state=CaseState.CLOSED, closed_at=floor.clock.now())
        uow.commit()


def done(answer):
    """Where a form led, with the word of what was done."""
    assert answer.status_code == 303, words_of(answer.text)
    return answer.headers["location"]


@pytest.mark.parametrize(
    ("deed", "source", "word"),
    [
        ("answered", AnswerSource.COMMAND, "answered"),
        ("no-reply-needed", AnswerSource.NO_REPLY_NEEDED, "no_reply_needed"),
    ],
)
def test_a_case_is_settled_once(waiting, browser, deed, source, word):
    """The second press finds it done, and the page says what was decided."""
    told = [done(browser.post(f"/case/1/{deed}", seen="1-4")) for _ in range(2)]
    assert told == [f"/case/1?done={word}", "/case/1?done=nothing"]
    assert [one.source for one in answers_of(waiting)] == [source]
    assert waiting.case().state is CaseState.ANSWERED
    assert "回答済み" in browser.text(told[0])


def test_what_the_person_did_not_see_stays_unanswered(waiting, browser):
    """A message that came after the page was made is not decided about, by whichever button."""
    seen = browser.get("/case/1").text.partition('name="seen" value="')[2].partition('"')[0]
    day_goes_on(waiting, buyer(1, key="A0LATER", text="まだ話があります。"))
    for deed, word in (("answered", "newer_waits"), ("no-reply-needed", "nothing")):
        assert done(browser.post(f"/case/1/{deed}", seen=seen)).endswith(word)
    assert waiting.case().state is CaseState.OPEN
    assert [message.unanswered for message in waiting.messages()] == [False, True]


def test_who_saw_nothing_decides_nothing(waiting, browser):
    """A form that does not say what stood on its page is none of ours."""
    for seen in ("", "x", "-", "9" * 30):
        for deed in ("answered", "no-reply-needed"):
            assert done(browser.post(f"/case/1/{deed}", seen=seen)).endswith("nothing")
    assert waiting.case().state is CaseState.OPEN


def test_no_reply_needed_leads_to_amazons_own_page(waiting, browser):
    """While its clock goes on its own link from the proven mail is shown, and never one of a buyer's."""
    forged = "https://sellercentral.amazon.co.jp/messaging/no-response-needed?x=evil"
    day_goes_on(waiting, buyer(2, text=f"返信不要です {forged}"))
    for number in (1, 2):
        browser.post(f"/case/{number}/no-reply-needed", seen="9")
    page = browser.get("/case/1").text
    assert "Amazonの24時間は、これでは止まりません" in page
    assert "Amazonで「返信不要」にする" in page
    assert f'href="{forged}' not in browser.get("/case/2").text
    waiting.clock.advance(timedelta(hours=25))
    assert "これでは止まりません" not in browser.get("/case/1").text


@pytest.mark.parametrize(
    ("fields", "end"),
    [
        ({"how": "hours"}, "2026-11-17 13:30"),
        ({"how": "opening"}, "2026-11-18 10:00"),
        ({"how": "typed", "until": "2026-11-18 09:15"}, "2026-11-18 09:15"),
        ({"how": "typed", "until": "2026-11-18T09:15"}, "2026-11-18 09:15"),
        ({"how": "typed", "until": "１８：３０"}, "2026-11-17 18:30"),
        ({"how": "typed", "until": "9:00"}, "2026-11-18 09:00"),
    ],
)
def test_a_case_is_put_off(waiting, browser, fields, end):
    """For three hours, until the shop opens next, or until a time of the shop's; the page says until when."""
    assert done(browser.post("/case/1/snooze", **fields)) == "/case/1?done=snoozed"
    assert waiting.case().snoozed_until == local(end)
    assert "後回し中" in browser.text("/case/1")


@pytest.mark.parametrize(
    "typed", ["", "明日", "2026-11-17 09:00", "2027-11-17 09:00", "9999-12-31 23:59", '"><script>']
)
def test_a_time_that_cannot_be_meant_stays_in_its_field(waiting, browser, typed):
    """The page comes again with what was typed and the reason; nothing was changed."""
    answer = browser.post("/case/1/snooze", how="typed", until=typed)
    page = answer.text
    assert answer.status_code == 409
    assert 'id="snooze-wrong"' in page
    assert f'value="{escape(typed)}"' in page
    assert waiting.case().snoozed_until is None


def test_a_note_is_kept_once_and_shown(waiting, browser):
    """It stands in the conversation with its time, in no mail, and not twice for two presses."""
    told = [done(browser.post("/case/1/note", text="電話済み\n<b>折り返し待ち</b>")) for _ in range(2)]
    assert told == ["/case/1?done=noted", "/case/1?done=nothing"]
    page = browser.get("/case/1").text
    assert "電話済み\n&lt;b&gt;折り返し待ち" in page
    assert [step.detail for step in steps_of(waiting, Matter.NOTE)] == ["電話済み\n<b>折り返し待ち</b>"]
    assert "電話済み" not in browser.text("/case/1/support")


@pytest.mark.parametrize("text", [" \n ", "あ" * (NOTE_LIMIT + 1)])
def test_a_note_that_cannot_be_kept_stays_in_its_field(waiting, browser, text):
    """Nobody writes it twice."""
    answer = browser.post("/case/1/note", text=text)
    assert answer.status_code == 409
    assert 'id="note-wrong"' in answer.text
    assert text.strip() in answer.text
    assert steps_of(waiting, Matter.NOTE) == ()


def test_perhaps_answered_is_settled_either_way(waiting, browser):
    """Yes answers the case; no takes the question away once, and the clocks go on."""

    def ask():
        with waiting.database.write() as uow:
            uow.cases.change(1, to_confirm_at=waiting.clock.now())
            uow.commit()

    ask()
    assert "もう回答済みですか" in browser.text("/case/1")
    told = [done(browser.post("/case/1/not-answered")) for _ in range(2)]
    assert told == ["/case/1?done=not_answered", "/case/1?done=nothing"]
    assert waiting.case().state is CaseState.OPEN
    assert "もう回答済みですか" not in browser.text("/case/1")
    ask()
    browser.post("/case/1/answered", seen="9")
    case = waiting.case()
    assert (case.state, case.to_confirm_at) == (CaseState.ANSWERED, None)


def test_the_text_for_support_is_ready_to_copy(waiting, browser):
    """It can be had about everything that it may be about, the crushed box too, and is noted once a day."""
    page = browser.get("/case/1/support?about=crushed").text
    assert order_of(1) in page
    assert "箱がつぶれたのが" in page
    assert 'data-copies="support-text"' in page
    assert "配送" in browser.text("/case/1/support?about=delivery")
    assert "セラーセントラル → ヘルプ" in browser.text("/case/1/support?about=delivery")
    browser.post("/language", language="en")
    english = browser.text("/case/1/support?about=delivery")
    assert "Seller Central → Help" in english
    assert "注文" in english
    browser.post("/language", language="ja")
    assert browser.get("/case/1/support?about=<script>").status_code == 200
    told = [done(browser.post("/case/1/support", about="crushed")) for _ in range(2)]
    assert told == ["/case/1?done=support_noted", "/case/1?done=nothing"]
    assert [step.detail for step in steps_of(waiting, Matter.SUPPORT)] == ["crushed"]
    assert "出品者サポートに相談しました" in browser.text("/case/1")


def test_a_closed_case_refuses_kindly(waiting, browser):
    """Nothing is decided about what is over, except that a note may be kept."""
    close(waiting)
    for deed in ("answered", "no-reply-needed", "snooze", "not-answered"):
        answer = browser.post(f"/case/1/{deed}", how="hours")
        assert answer.status_code == 409
        assert "終了しています" in words_of(answer.text)
        assert "sokuresu " not in words_of(answer.text)
    assert done(browser.post("/case/1/note", text="あとで分かったこと")).endswith("noted")
    assert waiting.case().state is CaseState.CLOSED


def test_an_unknown_case_is_not_found(browser):
    """Whatever is asked of it."""
    for deed in ("answered", "no-reply-needed", "snooze", "not-answered", "note", "support"):
        assert browser.post(f"/case/7/{deed}", text="x", how="hours").status_code == 404
        assert browser.post(f"/case/99999999999999999999/{deed}").status_code == 404


def test_the_use_cases_say_whether_anything_changed(waiting):
    """A note of other words is another note; what nobody asked cannot be denied."""
    with waiting.database.write() as uow:
        work = Work(uow, waiting.shop, waiting.clock.now())
        assert [write_note(work, 1, text) for text in ("一", "一", "二", "一")] == [True, False, True, True]
        assert still_unanswered(work, 1) is False
