"""Ratings of the seller at the desk: the board, one with its steps and texts, and one entered by hand."""

from __future__ import annotations

import html
from datetime import date, timedelta

import pytest

from daemon.aftercare.feedback import record
from daemon.work import Work
from parsers.values import Fulfilment
from state.model import CaseState
from state.ratings import Rating, RatingSource
from state.repository.orders import OrderFacts
from state.steps import Matter
from tests.beds.desk import words_of
from tests.beds.post import buyer, feedback, name_of, order_of
from tests.beds.reviewing import day_goes_on, drafts
from tests.unit.state.examples import DAY

TODAY = date(2026, 11, 17)
LATE = "配送が遅いです。予定日を三日過ぎて届きました。"
REVIEW = "画質が悪く、すぐに充電できなくなりました。"
HOSTILE = '<script>alert("x")</script><img src=x onerror=alert(1)> 配送が遅いです。'
ASKS_FOR_CHANGE = "評価の変更をお願いいたします。"


def tell(floor, stars=1, number=1, comment=LATE, way=None, **values):
    """A report tells a rating of that buyer's order."""
    told = {"source": RatingSource.REPORT, "rated_on": TODAY - timedelta(days=2), "comment": comment}
    with floor.database.write() as uow:
        if way is not None:
            uow.orders.note(OrderFacts(order_of(number), way), floor.clock.now())
        work = Work(uow, floor.shop, floor.clock.now())
        found = record(work, Rating(stars, **({"order_id": order_of(number)} | told | values)))
        uow.commit()
    return found


def steps(floor, case=1):
    """What was noted about the removal, in order."""
    with floor.database.read() as uow:
        return [one.word for one in uow.steps.of_case(case, Matter.REMOVAL)]


def ratings(floor):
    """Every rating that is stored."""
    with floor.database.read() as uow:
        return uow.ratings.all()


def seen(browser, number=1):
    """What the button that ends a rating says the person had read."""
    page = browser.get(f"/feedback/{number}").text
    return page.partition('name="seen" value="')[2].partition('"')[0]


def test_an_empty_board_says_so_kindly(browser):
    """Nothing to do is good news, and the page says that no report was ever imported."""
    text = browser.text("/feedback")
    assert "困った評価はありません" in text
    assert "まだありません" in text


def test_the_board_puts_first_what_wants_something(floor, browser):
    """Waiting ratings, then those that Amazon looks at, then all others; each with its outlook in words."""
    tell(floor, 1, 1, way=Fulfilment.FBA)
    tell(floor, 2, 2, REVIEW)
    tell(floor, 3, 3, "配送が遅かったです。")
    tell(floor, 5, 4, "ありがとうございました。")
    browser.post("/feedback/2/step", word="requested")
    text = browser.text("/feedback")
    places = [text.index(word) for word in ("取り消し線の見込み", "申請済み", "ありがとうございました")]
    assert places == sorted(places)
    assert "判断できない" in text
    assert "申請 あと88日" in text
    assert "25%" in text


def test_the_settled_ones_come_by_pages(floor, browser):
    """A page holds twenty; the next one the rest; the filter leaves the good ones out."""
    for number in range(1, 24):
        tell(floor, 5, number, f"良い取引{number:02d}。", rated_on=TODAY - timedelta(days=number))
    first, second = browser.text("/feedback"), browser.text("/feedback?page=1")
    assert "良い取引20" in first
    assert "良い取引21" not in first
    assert "良い取引23" in second
    assert "良い取引" not in browser.text("/feedback?low=1")


def test_many_that_want_something_come_by_pages_too(floor, browser):
    """The most urgent first, and no more of them are read to their end than the page shows."""
    for number in range(1, 24):
        tell(floor, 1, number, f"悪い取引{number:02d}。", rated_on=TODAY - timedelta(days=number))
    first, second = browser.text("/feedback"), browser.text("/feedback?waiting=1")
    assert "対応すること (23)" in first
    assert first.index("悪い取引23") < first.index("悪い取引04")
    assert "悪い取引03" not in first
    assert ["悪い取引03" in second, "悪い取引04" in second] == [True, False]
    assert 'href="/feedback?waiting=1#waiting"' in browser.get("/feedback").text
    assert "悪い取引" not in browser.text("/feedback?waiting=99999")


def test_a_page_tells_everything_of_one_rating(floor, browser):
    """Comment, outlook with its sentences, deadlines, the request with its steps, and both other texts."""
    tell(floor, way=Fulfilment.FBA)
    text = browser.text("/feedback/1")
    for part in (
        "取り消し線の見込み",
        "予定日を三日過ぎて届きました",
        "確かです",
        "申請 あと88日",
        "購入者の変更 あと58日",
        "Amazonから発送 (FBA): はい",
        "「Amazonから発送 (FBA)」にチェックを入れる",
        "未申請",
        "お届けでご不便とご心配",
        "購入者の宛先が分かる案件がない",
    ):
        assert part in text, part
    assert "sokuresu feedback" not in text


def test_a_strangers_words_stay_words(floor, browser):
    """Neither the comment nor the buyer's name makes markup on any page."""
    day_goes_on(floor, buyer(1, name='<b onclick="x">山田</b>'))
    tell(floor, comment=HOSTILE)
    for path in ("/feedback", "/feedback/1"):
        page = browser.get(path).text
        assert "<script>alert" not in page
        assert "<img" not in page
        assert html.escape("<script>alert", quote=False) in page


@pytest.mark.parametrize("word", ["requested", "removed", "struck"])
def test_a_step_counts_once(floor, browser, word):
    """Pressed twice it is one step, and the second time says that nothing changed."""
    tell(floor, way=Fulfilment.FBA)
    first = browser.post("/feedback/1/step", word=word, on="2026-11-16")
    again = browser.post("/feedback/1/step", word=word, on="2026-11-16")
    assert first.headers["location"] == f"/feedback/1?done=removal_{word}"
    assert again.headers["location"] == "/feedback/1?done=nothing"
    assert steps(floor) == [word]
    assert "2026年11月16日" in browser.text("/feedback/1")


def test_a_step_that_cannot_follow_is_explained(floor, browser):
    """A day that is still to come, and an outcome of what was never requested, leave everything as it was."""
    tell(floor)
    future = browser.post("/feedback/1/step", word="requested", on="2026-11-18")
    refused = browser.post("/feedback/1/step", word="refused")
    assert (future.status_code, refused.status_code) == (409, 409)
    assert "先の日付です" in future.text
    assert "まだ申請していません" in refused.text
    assert browser.post("/feedback/1/step", word="burnt").status_code == 400
    assert steps(floor) == []


def test_who_shipped_changes_the_outlook(floor, browser):
    """The same comment is struck where Amazon shipped, and where a bought label was in time."""
    tell(floor)
    assert "判断できない" in browser.text("/feedback/1")
    browser.post("/feedback/1/shipped", way="own")
    assert "残る見込み" in browser.text("/feedback/1")
    browser.post("/feedback/1/label")
    browser.post("/feedback/1/label")
    assert "取り消し線の見込み" in browser.text("/feedback/1")
    assert steps(floor) == ["bought_label_on_time"]
    assert browser.post("/feedback/1/shipped", way="pigeon").status_code == 400


def test_a_late_request_is_warned_of(floor, browser):
    """After 90 days it may be refused for that alone; it is recorded all the same."""
    tell(floor, rated_on=TODAY - timedelta(days=90))
    floor.clock.set(floor.clock.now() + DAY)
    browser.sign_in()
    answer = browser.post("/feedback/1/step", word="requested")
    assert "90日を過ぎている" in browser.text(answer.headers["location"])
    assert steps(floor) == ["requested"]


def test_wide_digits_are_taken_for_a_day(floor, browser):
    """A Japanese keyboard writes them, and nobody minds."""
    tell(floor)
    browser.post("/feedback/1/step", word="requested", on="２０２６-１１-１６")
    assert "2026年11月16日" in browser.text("/feedback/1")


def test_the_text_for_the_buyer_becomes_one_draft(floor, browser):
    """Where a case of the order has the address; pressed twice there is one version more, not two."""
    day_goes_on(floor, buyer(1))
    before = len(drafts(floor))
    tell(floor, way=Fulfilment.FBA)
    assert "下書きにする" in browser.text("/feedback/1")
    answers = [browser.post("/feedback/1/draft").headers["location"] for _ in range(2)]
    assert answers == ["/case/1?done=drafted", "/case/1?done=nothing"]
    assert len(drafts(floor)) == before + 1


def test_without_an_address_nothing_is_drafted(floor, browser):
    """A notice carries none; the button is not there, and asking for it anyway does nothing."""
    tell(floor)
    assert browser.post("/feedback/1/draft").status_code == 404
    assert drafts(floor) == []


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (f"注文 {order_of(1)} の件です。", "注文番号"),
        (ASKS_FOR_CHANGE, "評価"),
        ("お詫びします。" * 100, "短く"),
        (f"{name_of(1).split()[1]}にはご迷惑をおかけしました。", "名前"),
    ],
)
def test_the_public_reply_is_checked_while_it_is_written(floor, browser, words, reason):
    """An order number, a wish for another rating, too many words, and the name that only the case knows."""
    day_goes_on(floor, buyer(1))
    tell(floor)
    live = browser.post("/feedback/1/check-reply", {"hx-request": "true"}, reply=words)
    assert "<h1" not in live.text
    assert "直してください" in words_of(live.text)
    assert reason in words_of(live.text)
    whole = browser.post("/feedback/1/check-reply", reply=words)
    assert "直してください" in words_of(whole.text)
    assert html.escape(words, quote=False) in whole.text


def test_the_proposed_texts_pass_their_checks(floor, browser):
    """Nothing that the page offers asks for another rating or names anybody."""
    tell(floor, way=Fulfilment.FBA)
    text = browser.text("/feedback/1")
    assert "直してください" not in text
    assert "規約上の問題は見つかりませんでした" in text


def test_the_person_is_done_once(floor, browser):
    """The case is answered, the rating leaves the list of what waits, and a second press changes nothing."""
    tell(floor)
    number = seen(browser)
    first = browser.post("/feedback/1/finish", seen=number)
    again = browser.post("/feedback/1/finish", seen=number)
    assert first.headers["location"] == "/feedback/1?done=rating_finished"
    assert again.headers["location"] == "/feedback/1?done=nothing"
    assert floor.case().state is CaseState.ANSWERED
    assert "困った評価はありません" in browser.text("/feedback")


def test_what_came_while_the_page_was_open_stays_open(floor, browser):
    """The buyer lowered the rating again, and a press from before does not settle that."""
    tell(floor, 2)
    number = seen(browser)
    tell(floor, 1, comment="もっとひどいです。")
    answer = browser.post("/feedback/1/finish", seen=number)
    assert answer.status_code == 409
    assert "新しい知らせ" in answer.text
    assert floor.case().state is CaseState.OPEN
    assert seen(browser) != number


def test_a_raised_rating_needs_no_texts(floor, browser):
    """Who raised it is asked nothing and apologised to for nothing."""
    tell(floor)
    tell(floor, 5, rated_on=TODAY)
    text = browser.text("/feedback/1")
    assert "購入者が評価を上げました" in text
    assert "公開の返信" not in text
    browser.post("/feedback/1/finish", seen=seen(browser))
    assert floor.case().state is CaseState.ANSWERED


def test_a_case_about_something_else_has_no_rating(floor, browser):
    """Neither its number nor one that does not exist opens a page or takes a step."""
    day_goes_on(floor, buyer(1))
    for path in ("/feedback/1", "/feedback/99"):
        assert browser.get(path).status_code == 404
    assert browser.post("/feedback/1/step", word="removed").status_code == 404
    assert browser.post("/feedback/99/finish").status_code == 404


def test_a_notice_that_nothing_proves_is_on_the_board_too(floor, browser):
    """It never counts for the score, and yet somebody has to look."""
    floor.work(feedback(1).replace(b"dkim=pass", b"dkim=none").replace(b"dmarc=pass", b"dmarc=none"))
    assert "箱がつぶれていました" in browser.text("/feedback")


def test_a_rating_by_hand_joins_its_orders_case(floor, browser):
    """Wide digits and missing dashes are understood; who shipped is kept; told twice it is one rating."""
    day_goes_on(floor, buyer(1))
    fields = {
        "order": "２５０００００００１７６５４３２１",
        "stars": "1",
        "on": "2026-11-15",
        "comment": LATE,
        "way": "fba",
    }
    answers = [browser.post("/feedback/new", **fields).headers["location"] for _ in range(2)]
    assert answers == ["/feedback/1?done=rating_entered", "/feedback/1?done=rating_known"]
    (found,) = ratings(floor)
    assert (found.order_id, found.rating, found.case_id) == (order_of(1), 1, 1)
    assert found.source is RatingSource.HAND
    assert "取り消し線の見込み" in browser.text("/feedback/1")


def test_a_good_rating_by_hand_bothers_nobody(floor, browser):
    """It goes back to the board, which counts it."""
    answer = browser.post("/feedback/new", order=order_of(1), stars="5", on="", comment="", way="")
    assert answer.headers["location"] == "/feedback?done=rating_entered"
    assert floor.cases() == ()


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"order": ""}, "注文番号は"),
        ({"order": "12345"}, "注文番号は"),
        ({"stars": ""}, "星の数を選んでください"),
        ({"stars": "6"}, "星の数を選んでください"),
        ({"on": "2026-11-18"}, "先の日付です"),
        ({"on": "きのう"}, "日付は"),
    ],
)
def test_what_is_missing_is_asked_for_and_nothing_is_lost(floor, browser, changes, reason):
    """The fault stands at its field, the comment in its box, and nothing was stored."""
    fields = {"order": order_of(1), "stars": "1", "on": "2026-11-15", "comment": HOSTILE, "way": "own"}
    answer = browser.post("/feedback/new", **(fields | changes))
    assert answer.status_code == 422
    assert reason in words_of(answer.text)
    assert html.escape(HOSTILE, quote=False).replace('"', "&#34;") in answer.text
    assert 'value="own" checked' in answer.text
    assert ratings(floor) == ()


@pytest.mark.parametrize(
    ("comment", "way", "outlook"),
    [
        (LATE, "fba", "取り消し線の見込み"),
        (LATE, "", "判断できない"),
        (REVIEW, "own", "削除の見込み"),
        ("商品は良かったですが、お店の対応が悪く、返信もありません。", "fba", "残る見込み"),
        (HOSTILE, "own", "残る見込み"),
    ],
)
def test_a_comment_is_tried_out(floor, browser, comment, way, outlook):
    """Outlook, certainty and reason in words; nothing is stored, and nothing becomes markup."""
    answer = browser.post("/feedback/assess", comment=comment, stars="1", way=way)
    text = words_of(answer.text)
    assert outlook in text
    assert "fba_delivery" not in text
    assert "<script>alert" not in answer.text
    assert ratings(floor) == ()


def test_a_bought_label_is_tried_out(browser):
    """Ticked, it makes Amazon answer for the delay; a good rating needs no request."""
    answer = browser.post("/feedback/assess", comment=LATE, stars="4", way="own", label="1")
    assert "取り消し線の見込み" in answer.text
    assert "申請は不要です" in answer.text


def test_the_pages_speak_english(floor, browser):
    """Whoever reads English sees no Japanese frame around the buyer's words."""
    tell(floor, way=Fulfilment.FBA, comment="Late.")
    with browser.desk.deciding() as work:
        work.uow.desk.change(browser.seat.session.id, language="en")
    expected = {
        "/feedback": "To be dealt with",
        "/feedback/1": "Public reply",
        "/feedback/new": "Enter a rating by hand",
        "/feedback/assess": "Try a comment out",
    }
    for path, words in expected.items():
        assert words in browser.text(path)
    assert "Choose how many stars" in browser.post("/feedback/new", order=order_of(1)).text
