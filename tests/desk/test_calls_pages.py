"""The telephone at the desk: a call is written down while it lasts, and the log tells what was promised."""

from __future__ import annotations

import html
import re

import pytest

from parsers.values import Fulfilment, Kind
from state.repository.orders import OrderFacts, OrderItem
from tests.beds.desk import words_of
from tests.beds.post import buyer, name_of, order_of
from tests.beds.reviewing import day_goes_on, say_answered
from tests.unit.state.examples import HOUR, local

NUMBER = "090-1234-5678"
ADDRESS = "taro.yamada@caller.example"
HOSTILE = '<script>alert("x")</script><a href="https://evil.example">箱が</a>'
TOLD = {
    "caller": "山田太郎",
    "order": order_of(1),
    "wishes": "箱がつぶれていたので返品したい。",
    "number": NUMBER,
    "hours": "18時以降",
    "address": ADDRESS,
    "promised_day": "2026-11-17",
    "promised_time": "18:00",
}


def calls(floor):
    """Every call that is stored."""
    with floor.database.read() as uow:
        return uow.calls.all()


def ring(browser, **changes):
    """A call is written down."""
    return browser.post("/calls/new", **(TOLD | changes))


def test_the_form_comes_with_the_script_and_the_promise_in_it(floor, browser):
    """Who reads the script aloud promises what stands in the fields already."""
    page = browser.get("/calls/new").text
    assert "お電話ありがとうございます。まい商店でございます。" in page
    assert "本日 20:00 までにご連絡いたします" in page
    assert 'value="2026-11-17"' in page
    assert 'value="20:00"' in page
    assert "Thank you for calling" in page
    places = [page.index(f'id="{name}"') for name in ("caller", "order", "wishes", "number", "promised_day")]
    assert places == sorted(places)


def test_a_call_opens_a_case(floor, browser):
    """Everything that was typed is kept, the promise is its deadline, and the browser goes to the case."""
    answer = ring(browser)
    assert answer.headers["location"] == "/case/1?done=call_opened"
    (call,) = calls(floor)
    assert (call.caller, call.number, call.address, call.hours) == ("山田太郎", NUMBER, ADDRESS, "18時以降")
    assert call.promised_by == local("2026-11-17 18:00")
    (message,) = floor.messages()
    assert (message.kind, message.respond_by) == (Kind.CALL, call.promised_by)


def test_the_case_of_a_call_leads_to_the_number(browser):
    """Who is to be called back is not sent to Seller Central alone; the number stands on the same page."""
    ring(browser)
    page = browser.get("/case/1").text
    place = re.search(r'href="#(section-\d+)">折り返しの番号を見る', page)[1]
    assert f'<h2 id="{place}">電話</h2>' in page


def test_a_call_joins_its_orders_case(floor, browser):
    """The buyer wrote before: one case tells both, and no second one is opened."""
    day_goes_on(floor, buyer(1))
    assert ring(browser).headers["location"] == "/case/1?done=call_joined"
    assert len(floor.cases()) == 1


def test_a_form_sent_twice_is_one_call(floor, browser):
    """A slip of the finger changes nothing; the same words about another order are another call."""
    ring(browser)
    floor.clock.set(floor.clock.now() + HOUR / 60)
    assert ring(browser).headers["location"] == "/case/1?done=call_known"
    assert len(calls(floor)) == 1
    ring(browser, order=order_of(2))
    floor.clock.set(floor.clock.now() + HOUR / 2)
    ring(browser)
    assert len(calls(floor)) == 3


def test_a_japanese_keyboard_is_understood(floor, browser):
    """Wide digits in every field, and an order number that was read out without its dashes."""
    answer = ring(
        browser,
        order="２５０ ０００００１２ ７６５４３２１",
        number="０９０－１２３４－５６７８",
        address="ｔａｒｏ＠ｃａｌｌｅｒ．ｅｘａｍｐｌｅ",
        promised_day="２０２６－１１－１８",
        promised_time="９：３０",
    )
    assert answer.status_code == 303, words_of(answer.text)
    (call,) = calls(floor)
    assert (call.number, call.address) == (NUMBER, "taro@caller.example")
    assert call.promised_by == local("2026-11-18 09:30")
    assert floor.case().order_ids == ("250-0000012-7654321",)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"wishes": " \n "}, "ご用件を入れてください"),
        ({"order": "250-12"}, "注文番号は"),
        ({"number": "ひみつ"}, "電話番号は"),
        ({"address": "どこか"}, "メールアドレスは"),
        ({"promised_day": "2026-11-16"}, "お約束の日時が過ぎています"),
        ({"promised_day": "2026-11-17", "promised_time": "09:00"}, "お約束の日時が過ぎています"),
        ({"promised_day": "2031-11-17"}, "1年より先"),
        ({"promised_time": "夕方"}, "のどれかの形で"),
        ({"called_day": "2026-11-18", "called_time": "09:00"}, "着信の日時がこれから"),
        ({"called_day": "2026-11-16"}, "のように"),
    ],
)
def test_what_cannot_be_meant_is_said_and_nothing_is_lost(floor, browser, changes, reason):
    """The fault stands on top and at its field; every other word is still there, and nothing is stored."""
    answer = ring(browser, **({"caller": HOSTILE} | changes))
    assert answer.status_code == 422
    assert words_of(answer.text).count(reason) == 2
    for kept in (TOLD | {"caller": HOSTILE} | changes).values():
        assert html.escape(kept, quote=False).replace('"', "&#34;").strip() in answer.text
    assert 'data-keeps="unsaved"' in answer.text
    assert calls(floor) == ()


def test_several_faults_are_told_together(floor, browser):
    """Nobody sends a form three times to hear of three faults."""
    text = words_of(ring(browser, wishes="", number="x", order="x").text)
    for reason in ("ご用件を入れて", "電話番号は", "注文番号は"):
        assert reason in text


def test_a_promise_may_be_left_out_or_told_in_part(floor, browser):
    """Without a day it is today, or tomorrow if the hour has passed; without an hour it is closing time."""
    ring(browser, promised_day="", promised_time="")
    ring(browser, promised_day="", promised_time="09:00")
    ring(browser, promised_day="2026-11-19", promised_time="")
    promised = [one.promised_by for one in calls(floor)]
    assert promised == [None, local("2026-11-18 09:00"), local("2026-11-19 20:00")]


def test_a_call_from_before_is_dated(floor, browser):
    """Written down in the evening, it still came in the morning."""
    ring(browser, called_day="", called_time="09:15")
    assert calls(floor)[0].called_at == local("2026-11-17 09:15")


def test_an_order_is_looked_up_while_it_is_typed(floor, browser):
    """Nothing while it is not whole; then what is known, and which case the call joins."""
    day_goes_on(floor, buyer(1, name="<i>山田</i>"))
    with floor.database.write() as uow:
        uow.orders.note(OrderFacts(order_of(1), Fulfilment.OWN), floor.clock.now())
        uow.orders.keep_items([OrderItem(order_of(1), "1", title="<b>スピーカー</b>")], floor.clock.now())
        uow.commit()
    assert words_of(browser.get("/calls/order?order=250-000").text) == ""
    page = browser.get(f"/calls/order?order={order_of(1)}").text
    for words in ("次の案件に加わります", "案件 1", "スピーカー", "自社発送"):
        assert words in words_of(page)
    assert "<b>" not in page
    assert "<i>" not in page
    assert "新しい案件になります" in browser.text(f"/calls/order?order={order_of(2)}")


def test_looking_up_is_no_sign_of_a_person(floor, browser):
    """The part asks by itself, so that it does not keep a session alive."""
    before = browser.desk.clock.now()
    floor.clock.set(before + HOUR / 2)
    browser.get("/calls/order?order=1")
    with floor.database.read() as uow:
        session = uow.desk.session(browser.seat.session.digest)
    assert session is not None
    assert session.seen_at == before


def test_the_log_tells_what_was_promised_and_whether_it_was_kept(floor, browser):
    """Newest first: one that waits with its time left, one in time, one too late, one without a promise."""
    for number, caller in enumerate(("早川", "遅井", "待田", "静"), 1):
        floor.clock.set(floor.clock.now() + HOUR / 60)
        when = {"promised_day": "", "promised_time": ""} if caller == "静" else {"promised_time": "12:00"}
        ring(browser, caller=caller, order=order_of(number), **when)
    say_answered(floor, 1)
    floor.clock.set(local("2026-11-17 12:05"))
    say_answered(floor, 2)
    browser.sign_in()
    text = browser.text("/calls")
    places = [text.index(name) for name in ("静", "待田", "遅井", "早川")]
    assert places == sorted(places)
    for words in ("約束どおり連絡", "約束より遅れた", "連絡待ち", "お約束 "):
        assert words in text
    assert NUMBER in text
    assert "早川" not in browser.text("/calls?waiting=1")
    assert 'href="tel:' not in browser.get("/calls").text


def test_the_log_comes_by_pages(floor, browser):
    """Twenty on a page, the rest behind it."""
    for number in range(21):
        ring(browser, caller=f"発信者{number:02d}", order="", wishes=f"用件{number}")
    assert "発信者00" not in browser.text("/calls")
    assert "発信者00" in browser.text("/calls?page=1")


def test_a_callers_words_stay_words(floor, browser):
    """Name, wishes and hours are text wherever the log shows them."""
    ring(browser, caller=HOSTILE, wishes=HOSTILE, hours=HOSTILE)
    page = browser.get("/calls").text
    assert "<script>alert" not in page
    assert 'href="https://evil' not in page
    assert page.count(html.escape("<script>", quote=False)) == 3


def test_number_and_address_stay_out_of_mail(floor, browser):
    """What the desk wrote down reaches the log alone: neither the alert nor the case's text has it."""
    ring(browser, wishes=f"{NUMBER} か {ADDRESS} に連絡してほしい。")
    floor.clock.set(local("2026-11-17 12:00"))
    floor.read()
    mails = [part for mail in floor.alert() for part in mail.message.walk()]
    texts = "".join(part.get_content() for part in mails if part.get_content_maintype() == "text")
    assert "連絡してほしい" in texts
    for hidden in (NUMBER, ADDRESS):
        assert hidden not in texts
        assert hidden not in floor.messages()[0].text


def test_the_pages_speak_english(floor, browser):
    """The script is English first then, and so is every reason."""
    day_goes_on(floor, buyer(1))
    ring(browser)
    with browser.desk.deciding() as work:
        work.uow.desk.change(browser.seat.session.id, language="en")
    assert "Telephone log" in browser.text("/calls")
    page = browser.text(f"/calls/new?order={order_of(1)}")
    assert page.index("Thank you for calling") < page.index("お電話ありがとうございます")
    assert name_of(1) in page
    assert "Say what the caller wants." in words_of(ring(browser, wishes="").text)
