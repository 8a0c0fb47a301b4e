"""Outgoing mail on pages: what stands where, and uncertain mail settled once and only once."""

from __future__ import annotations

import pytest

from daemon.ports import Verdict
from daemon.showing.reader import Reader
from daemon.showing.reasons import say_reason
from tests.beds.desk import words_of
from tests.beds.post import name_of, order_of
from tests.beds.reviewing import OWN_WORDS, approve, complaint, day_goes_on, say_answered, write_anew

TEXT = f'{OWN_WORDS}\n"A" & B < C\n{order_of(1)}'


@pytest.fixture
def uncertain(floor) -> int:
    """An approved answer of which nobody knows whether it left, by its number."""
    day_goes_on(floor, complaint(1, name="<b>山田</b>"))
    item = approve(floor, write_anew(floor, TEXT))
    floor.exits["main"].answer(Verdict.UNKNOWN, "lost <i>after</i> 354")
    day_goes_on(floor)
    return item.id


def state(floor, number: int) -> str:
    """Where a mail stands."""
    with floor.database.read() as uow:
        return uow.outbox.get(number).state.value


def decisions(floor) -> list[str]:
    """What persons decided about mails of the case."""
    with floor.database.read() as uow:
        return [action for _, action, _ in uow.events.of_case(1) if action.startswith("person_")]


REASONS = [
    ("the connection was lost", "接続が切れました", "the connection was lost"),
    (
        "connect: [Errno 111] Connection refused",
        "サーバーにつなぐとき: サーバーが接続を受け付けません",
        "connecting:",
    ),
    (
        "given up: content: timed out",
        "あきらめました: 本文を渡したあと: サーバーから返事がありません",
        "in time",
    ),
    ("RCPT: 550 5.1.1 timed out / x", "宛先を伝えたとき: 550 5.1.1 timed out / x", "550 5.1.1 timed out / x"),
    ("だめです。 / It is not allowed.", "だめです。", "It is not allowed."),
    ("lost after 354", "lost after 354", "lost after 354"),
]


@pytest.mark.parametrize(("reason", "ja", "en"), REASONS)
def test_what_went_wrong_on_the_way_is_in_the_reader_s_words(floor, reason, ja, en):
    """How far the mail had come and what happened; a server's own answer, and what is unknown, stays."""
    zone, now = floor.shop.calendar.zone, floor.clock.now()
    assert say_reason(reason, Reader("ja", zone, now)) == ja
    assert en in say_reason(reason, Reader("en", zone, now))


WAYS = [
    ("sent", "sent", "person_says_sent", "送信済みにしました。"),
    ("drop", "withdrawn", "person_drops", "取り下げました。"),
    ("resend", "queued", "person_resends", "もう一度送ります。"),
]


def test_the_list_tells_what_to_do(floor, browser, uncertain):
    """Uncertain mail first, with its reason; then what left lately; strangers' words as words."""
    page = browser.get("/outbox").text
    shown = words_of(page)
    assert "lost <i>after</i> 354" in shown
    assert "届いたか確かめて、決める" in shown
    assert shown.index("送れたか不明") < shown.index("この7日間に送ったもの")
    assert "受付確認 <b>山田</b> 様" in shown
    assert ("<i>" in page, "<b>" in page) == (False, False)


def test_an_uncertain_mail_is_shown_word_for_word(browser, uncertain):
    """To whom, what, when it was tried, and the three ways."""
    page = browser.get(f"/outbox/{uncertain}").text
    shown = words_of(page)
    for words in (OWN_WORDS, '"A" & B < C', "@marketplace.amazon.co.jp", "本日 10:30"):
        assert words in shown
    assert "&amp; B &lt; C" in page
    assert page.count('method="post"') == 2
    assert f'href="/outbox/{uncertain}/resend"' in page


@pytest.mark.parametrize("settled", WAYS, ids=[way for way, *_ in WAYS])
def test_uncertain_mail_is_settled_once(floor, browser, uncertain, settled):
    """The second press of the button, and every other button, changes nothing and says so."""
    way, stands, noted, told = settled
    answer = browser.post(f"/outbox/{uncertain}/{way}", attempts="1")
    assert answer.status_code == 303
    assert told in browser.text(answer.headers["location"])
    assert (state(floor, uncertain), decisions(floor)) == (stands, [noted])
    for other, *_ in WAYS:
        again = browser.post(f"/outbox/{uncertain}/{other}", attempts="1")
        assert "何もしていません。" in browser.text(again.headers["location"])
    assert (state(floor, uncertain), decisions(floor)) == (stands, [noted])
    assert "/drop" not in browser.get(f"/outbox/{uncertain}").text


def test_sending_again_shows_the_words_and_asks(floor, browser, uncertain):
    """The question stands above the very words; one yes sends them once."""
    shown = browser.text(f"/outbox/{uncertain}/resend")
    assert "同じものが 2 通届きます。" in shown
    assert OWN_WORDS in shown
    assert state(floor, uncertain) == "uncertain"
    browser.post(f"/outbox/{uncertain}/resend", attempts="1")
    day_goes_on(floor)
    assert state(floor, uncertain) == "sent"
    left = [mail.text.split() for mail in floor.acknowledgments() if OWN_WORDS in mail.text]
    assert left == [TEXT.split()]


def test_a_decision_about_an_earlier_attempt_is_refused(floor, browser, uncertain):
    """It was tried again since the page was made, so the person has to look again."""
    browser.post(f"/outbox/{uncertain}/resend", attempts="1")
    floor.exits["main"].answer(Verdict.UNKNOWN, "lost again")
    day_goes_on(floor)
    assert state(floor, uncertain) == "uncertain"
    answer = browser.post(f"/outbox/{uncertain}/sent", attempts="1")
    assert "その間に状態が変わりました" in browser.text(answer.headers["location"])
    assert state(floor, uncertain) == "uncertain"
    browser.post(f"/outbox/{uncertain}/sent", attempts="2")
    assert state(floor, uncertain) == "sent"


def test_what_may_not_go_again_has_no_button(floor, browser, uncertain):
    """The case was answered meanwhile: sending again is refused with its reason."""
    say_answered(floor, 1)
    page = browser.get(f"/outbox/{uncertain}").text
    assert f"/outbox/{uncertain}/resend" not in page
    assert "もう一度送ることはできません: ほかの返信が送られました" in words_of(page)
    assert 'method="post"' not in browser.get(f"/outbox/{uncertain}/resend").text
    browser.post(f"/outbox/{uncertain}/resend", attempts="1")
    assert state(floor, uncertain) == "uncertain"


def test_other_mail_has_no_buttons(floor, browser):
    """What waits and what was sent is only shown; while the service is down the page says what follows."""
    day_goes_on(floor, complaint(1))
    item = approve(floor, write_anew(floor, f"{OWN_WORDS}\n{order_of(1)}"))
    assert "サービスが動き出したら送ります" in browser.text("/outbox")
    for number in (1, item.id):
        assert 'method="post"' not in browser.get(f"/outbox/{number}").text
    assert name_of(1) in browser.text("/outbox/1")
    assert browser.get("/outbox/99").status_code == 404
    assert browser.post("/outbox/99/sent", attempts="0").status_code == 404


def test_what_was_refused_says_what_to_do_instead(floor, browser):
    """The buyer has to be answered another way."""
    day_goes_on(floor, complaint(1))
    approve(floor, write_anew(floor, f"{OWN_WORDS}\n{order_of(1)}"))
    floor.exits["main"].answer(Verdict.REFUSED, "550 <b>no</b>")
    day_goes_on(floor)
    page = browser.get("/outbox").text
    assert "送れませんでした" in page
    assert "案件を開き、別の方法で回答する" in page
    assert "550 &lt;b&gt;no" in page
