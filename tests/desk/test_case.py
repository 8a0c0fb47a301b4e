"""The page of a case: the conversation, what is known, what happened, and nothing that a stranger wrote."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser

import pytest

from daemon.aftercare.calls import CallEntry, log_call
from daemon.erasure import buyer_of, erase
from daemon.notes import write_note
from daemon.ports import Verdict
from daemon.shop import Agent
from daemon.showing.case_lines import open_lines, open_order
from daemon.work import Work
from parsers.values import Fulfilment, Kind
from state.model import Case, CaseState
from state.repository.orders import OrderFacts, OrderItem
from tests.beds.desk import Browser, make_desk, words_of
from tests.beds.post import buyer, claim, feedback, order_of, sample
from tests.beds.reviewing import OWN_WORDS, approve, complaint, day_goes_on, say_answered, write_anew
from tests.beds.shopfloor import OPENED, Shopfloor, make_shop
from tests.unit.parsers.mails import encoded, message, proof_headers

AGENT = Agent("desk@logi.example", "青空ロジ")
HOSTILE = (
    "<script>alert(1)</script>\"'><img src=https://evil.example/p.png onerror=alert(1)>"
    '<a href="javascript:alert(1)">x</a> https://evil.example/x {{ 7*7 }} </textarea></pre>\u202e'
)
OURS = ("/static/vendor/htmx.min.js", "/static/desk.js")


class _Tags(HTMLParser):
    """Every tag of a page with its attributes."""

    def __init__(self, page):
        super().__init__()
        self.found = []
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        """Keep it."""
        self.found.append((tag, dict(attributes)))


def assert_inert(page):
    """Nothing on the page runs, loads or leads anywhere but to pages of ours."""
    for tag, attributes in _Tags(page).found:
        assert tag not in {"img", "iframe", "object", "embed", "style", "base"}, tag
        assert tag != "script" or (attributes.get("src") or "").startswith(OURS), attributes
        assert not [name for name in attributes if name.startswith("on") or name == "style"], attributes
        for name in ("href", "src", "action"):
            place = attributes.get(name) or "/"
            ours = place.startswith(("/", "#")) and not place.startswith("//")
            assert ours or place.startswith("https://sellercentral"), (tag, place)
    assert "\u202e" not in page


def decide(floor, act):
    """Do something to the books."""
    with floor.database.write() as uow:
        found = act(Work(uow, floor.shop, floor.clock.now()))
        uow.commit()
    return found


def know(floor, number=1, **item):
    """What reports told of an order."""
    described = {"asin": "B0TESTASIN", "sku": "SKU-1", "title": "電気ケトル", "quantity": 1} | item
    day = OPENED.date()
    facts = OrderFacts(
        order_of(number), Fulfilment.FBA, day - timedelta(days=7), day, day - timedelta(days=4)
    )
    decide(floor, lambda work: work.uow.orders.note(facts, OPENED))
    one = OrderItem(order_of(number), "1", **described)
    decide(floor, lambda work: work.uow.orders.keep_items([one], OPENED))


def agent_says(text, number=1):
    """A mail of the shipping agent about an order."""
    fields = [("From", AGENT.address), ("Subject", encoded(f"注文 {order_of(number)}"))]
    return message([*fields, *proof_headers("pass", "logi.example")], [("text/plain", text)])


@pytest.fixture
def with_agent(shop_database, tmp_path):
    """A shop with a shipping agent, and somebody at its desk."""
    floor = Shopfloor(shop_database, shop=make_shop(agents=(AGENT,)))
    floor.read()
    return floor, Browser(make_desk(floor, tmp_path)).sign_in()


def test_a_case_shows_its_conversation_and_what_is_known(floor, browser):
    """What was written and sent, the two clocks, the order, the days since, and what happened and why."""
    know(floor)
    day_goes_on(floor, complaint(1))
    page = browser.text("/case/1")
    told = (
        *("山田 二郎 様", "未回答", "店の期限", "Amazonの期限", "受付確認済み", "新着", "箱がつぶれて"),
        *("受付確認 (自動)", order_of(1), "電気ケトル", "FBA", "2026年11月13日 (4日前)", "日本語"),
        *("すること", "経緯", "受付確認を送りました", "下書きを作りました"),
    )
    assert [word for word in told if word not in page] == []
    assert "sokuresu" not in page


def test_everything_a_stranger_wrote_is_inert(with_agent):
    """Name, subject, words, history, file names, item, agent and caller come out as text alone."""
    floor, browser = with_agent
    know(floor, title=HOSTILE)
    quoted = f"{HOSTILE}\n\n2026年11月10日 10:00 まい商店 <shop@shop.example>:\n> {HOSTILE}"
    mail = buyer(1, name=HOSTILE, subject=f"{HOSTILE} {order_of(1)}", text=quoted)
    day_goes_on(floor, mail.but(attachments=("<svg onload=alert(1)>.jpg",)))
    approve(floor, write_anew(floor, OWN_WORDS))
    floor.exits["main"].answer(Verdict.UNKNOWN, HOSTILE)
    day_goes_on(floor)
    day_goes_on(floor, agent_says(f"{HOSTILE}\n{order_of(1)} は発送しました。\n"))
    decide(
        floor,
        lambda work: log_call(
            work,
            CallEntry(HOSTILE, caller=HOSTILE, number="090-1111-2222", hours=HOSTILE, order_id=order_of(1)),
        ),
    )
    decide(floor, lambda work: write_note(work, 1, HOSTILE))
    page = browser.get("/case/1").text
    assert page.count("&lt;script&gt;alert(1)") >= 6
    assert "{{ 7*7 }}" in page
    assert_inert(page)
    assert_inert(browser.get("/case/1/support").text)


def test_a_forged_order_and_an_unproven_mail_say_so(floor, browser):
    """What is not proven shows why; a number that nobody proved stands there as text."""
    day_goes_on(floor, buyer(1, proof="none", order="<b>250-1</b>", text="本物ですか?"))
    page = browser.get("/case/1").text
    assert "送信元未確認" in page
    assert "送信元を確認できません: " in words_of(page)
    assert "受付確認なし" in page
    assert_inert(page)


def test_quoted_history_is_folded_and_files_are_named(floor, browser):
    """The buyer's own words stand alone, what they quote is folded away, files are never opened."""
    text = "まだです。\n\n2026年11月10日 10:00 まい商店 <shop@shop.example>:\n> 確認いたします。"
    day_goes_on(floor, buyer(1, text=text, attachments=("写真.jpg",)))
    page = browser.get("/case/1").text
    own, _, rest = page.partition('<details class="history">')
    assert "確認いたします" not in own.partition('id="message-1"')[2]
    assert "確認いたします" in rest
    assert "写真.jpg" in page


def test_a_long_conversation_shows_its_end(floor, browser):
    """What is long past is folded away, the newest unanswered one is marked once, and can be reached."""
    for turn in range(5):
        day_goes_on(floor, buyer(1, key=f"A0LONG{turn:014d}", text=f"{turn + 1}回目です。"))
        approve(floor, write_anew(floor, OWN_WORDS))
        floor.clock.advance(timedelta(minutes=1))
        day_goes_on(floor)
        floor.clock.advance(timedelta(minutes=1))
    day_goes_on(floor, buyer(1, key="A0LONGLAST", text="最後です。"))
    page = browser.get("/case/1").text
    folded = page.partition('<details class="earlier">')[2].partition("</details>")[0]
    assert "1回目です" in folded
    assert "最後です" not in folded
    assert page.count('id="newest"') == 1


def test_cases_without_an_address_or_any_message_show_well(floor, browser):
    """A rating leads to its page, a claim has Amazon's clock, an empty case says so."""
    day_goes_on(floor, feedback(1))
    day_goes_on(floor, claim(2))
    first = floor.case(1)
    empty = Case(0, Kind.CALL, CaseState.OPEN, first.mailbox, None, None, None, None, None, "", (), OPENED)
    decide(floor, lambda work: work.uow.cases.open(empty))
    rating = browser.get("/case/1").text
    assert 'href="/feedback/1"' in rating
    assert "★☆☆☆☆" in rating
    assert "アドレスがないため" in rating
    assert "Amazonの期限" in browser.text("/case/2")
    assert "まだメッセージはありません" in browser.text("/case/3")


def test_a_call_shows_its_number_here_alone(floor, browser):
    """The number to call back and the promise stand in a section of their own."""
    entry = CallEntry("折り返してください。", caller="佐藤", number="090-1111-2222", hours="18時以降")
    decide(floor, lambda work: log_call(work, entry))
    page = browser.text("/case/1")
    assert "090-1111-2222" in page
    assert "18時以降" in page


def test_closed_and_erased_cases_show_what_is_left(floor, browser):
    """A closed case offers no decisions; an erased one, its notes too, has no words any more."""
    day_goes_on(floor, buyer(1, text="秘密の言葉です。"))
    decide(floor, lambda work: write_note(work, 1, "秘密のメモ"))
    assert "秘密のメモ" in browser.text("/case/1")
    say_answered(floor)
    decide(floor, lambda work: erase(work, buyer_of(work, case=1)))
    page = browser.get("/case/1").text
    assert "終了" in page
    assert "この購入者の情報は消去されています" in page
    assert "秘密" not in page
    assert "秘密" not in floor.everything()
    assert 'action="/case/1/answered"' not in page
    assert browser.get("/case/1/raw/1").status_code == 404


def test_advice_speaks_the_language_of_whoever_reads(floor, browser):
    """At a Japanese shop an English reader finds what to do in English, and one day is no days."""
    day_goes_on(floor, sample("return-request-ja"))
    floor.clock.advance(timedelta(days=1))
    late = Browser(browser.desk).sign_in()
    late.post("/language", language="en")
    page = late.text("/case/1")
    for ours in ("すること", "届いたら", "次にすること", "Amazonの期限"):
        assert ours not in page
    assert "1 days" not in page
    late.post("/language", language="ja")
    assert "届いたら" in late.text("/case/1")


def test_an_uncertain_mail_is_decided_beside_its_text(floor, browser):
    """It left, is sent again, or is dropped: each is one press, and about the last attempt alone."""
    day_goes_on(floor, complaint(1))
    approve(floor, write_anew(floor, OWN_WORDS))
    floor.exits["main"].answer(Verdict.UNKNOWN, "lost")
    day_goes_on(floor)
    page = browser.get("/case/1").text
    number = floor.outbox()[-1].id
    assert "送れたか不明" in page
    for way in ("sent", "resend", "drop"):
        assert f"/outbox/{number}/{way}" in page
    browser.post(f"/outbox/{number}/sent", attempts="1")
    assert floor.case().state is CaseState.ANSWERED
    assert "送れたか不明" not in browser.get("/case/1").text


def test_the_mail_as_it_came_is_handed_out_as_a_file(floor, browser):
    """Bytes for bytes, named, never shown by the browser, and only from its own case."""
    day_goes_on(floor, buyer(1, text="<script>alert(1)</script>"))
    day_goes_on(floor, buyer(2))
    answer = browser.get("/case/1/raw/1")
    with floor.database.read() as uow:
        assert answer.content == uow.raw_mail.get(1)
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"] == 'attachment; filename="case-1-message-1.eml"'
    assert answer.headers["x-content-type-options"] == "nosniff"
    strange = ("/case/1/raw/2", "/case/9/raw/1", "/case/1/raw/..%2f1", "/case/1/raw/1%00", "/case/1/raw/-1")
    larger = ("/case/1/raw/99999999999999999999", "/case/99999999999999999999")
    assert {browser.get(path).status_code for path in (*strange, *larger)} == {404}


def test_a_mail_that_was_cleared_is_told_kindly(floor, browser):
    """Once its time is over the text stands on the case and the mail is gone."""
    day_goes_on(floor, buyer(1))
    decide(floor, lambda work: work.uow.raw_mail.drop_before(floor.clock.now() + timedelta(days=1)))
    answer = browser.get("/case/1/raw/1")
    assert answer.status_code == 404
    assert "保存期間" in words_of(answer.text)


def test_news_are_told_and_change_nothing_by_themselves(floor, browser):
    """Nothing while nothing happened, else a bar that leads to the page anew."""
    day_goes_on(floor, buyer(1))
    seen = browser.get("/case/1").text.partition("news?seen=")[2].partition('"')[0]
    assert browser.get(f"/case/1/news?seen={seen}").status_code == 204
    decide(floor, lambda work: write_note(work, 1, "メモ"))
    assert "変更がありました" in words_of(browser.get(f"/case/1/news?seen={seen}").text)
    day_goes_on(floor, buyer(1, key="A0SECOND", text="<b>もう一度</b>"))
    bar = browser.get(f"/case/1/news?seen={seen}").text
    assert "新しいメッセージが届きました" in bar
    assert "もう一度" not in bar
    assert "<textarea" not in bar


def test_the_next_case_is_the_next_most_urgent(floor, browser):
    """The keys follow the order of the deadlines; from a settled case the first one comes next."""
    for number in (1, 2, 3):
        day_goes_on(floor, buyer(number))
        floor.clock.advance(timedelta(minutes=10))
    day_goes_on(floor, claim(4))
    with floor.database.read() as uow:
        assert open_order(uow) == tuple(line.case.id for line in open_lines(uow))
    page = browser.get("/case/2").text
    assert 'rel="prev" href="/case/1"' in page
    assert 'rel="next" href="/case/3"' in page
    say_answered(floor, 2)
    page = browser.get("/case/2").text
    assert 'rel="next" href="/case/1"' in page
    assert 'rel="prev"' not in page


def test_english_readers_read_english(floor, browser):
    """Every word of ours follows the shop's language."""
    day_goes_on(floor, complaint(1))
    english = Browser(replace(browser.desk, shop=replace(floor.shop, language="en"))).sign_in()
    page = english.text("/case/1")
    for word in ("Conversation", "Open", "Acknowledgment (automatic)", "What happened", "To do"):
        assert word.lower() in page.lower(), word
