"""The draft beside the conversation: written, checked, kept, drafted anew, thrown away; no word is lost."""

from __future__ import annotations

import re
from html import unescape
from time import process_time

import pytest

from daemon.ports import Verdict
from daemon.showing.case_lines import line_of
from daemon.showing.reader import Reader
from daemon.web.differences import Piece, differences
from daemon.web.draft_view import Mode, panel_of
from daemon.work import Work
from state.model import CaseState
from tests.beds.post import buyer, claim
from tests.beds.reviewing import (
    OWN_WORDS,
    QUESTION,
    approve,
    complaint,
    day_goes_on,
    drafts,
    left,
    open_draft,
    say_answered,
    states,
    write_anew,
)

HOSTILE = '</textarea><script>alert(1)</script> "onfocus=alert(1) {{ 7*7 }} {% raw %}'


@pytest.fixture
def shop(floor):
    """A complaint whose draft is ready as it is, in a shop whose orders Amazon ships."""
    floor.start(usual_fulfilment="fba")
    day_goes_on(floor, complaint(1))
    return floor


def panel(floor, case=1, language="ja"):
    """What the page of a case shows of its draft."""
    with floor.database.read() as uow:
        now = floor.clock.now()
        reader = Reader(language, floor.shop.calendar.zone, now)
        return panel_of(Work(uow, floor.shop, now), line_of(uow, floor.case(case)), reader)


def form(floor, text=None, case=1, **more):
    """The fields of the form, with what a person has typed."""
    seen = panel(floor, case)
    fields = {
        "version": str(seen.version),
        "waiting": str(seen.waiting),
        "seen": str(seen.sight.message),
        "answer": str(seen.sight.answer),
        "text": seen.text if text is None else text,
    }
    return fields | more


def post(browser, what, fields, case=1, **more):
    return browser.post(f"/case/{case}/{what}", **(fields | more))


def typed(page):
    """What stands in the field of a page."""
    return unescape(re.search(r"<textarea[^>]*>\n?(.*?)</textarea>", page, re.DOTALL)[1])


def test_the_panel_shows_the_draft_that_waits(shop):
    """What it is about, its version, where its copy lies, and that nothing speaks against it."""
    seen = panel(shop)
    assert (seen.mode, seen.version, seen.waiting, seen.about) == (Mode.WRITE, 1, 1, "破損")
    assert (seen.sure, seen.findings, seen.hindrance) == (True, (), "")
    assert "下書きフォルダーにもあります" in seen.folder[0]
    assert panel(shop, language="en").about == "damaged"


def test_a_saved_text_is_the_next_version(shop, browser):
    """It is the person's, from the desk, and compared with the template that it began with."""
    answer = post(browser, "draft", form(shop, OWN_WORDS))
    assert (answer.status_code, answer.headers["location"]) == (303, "/case/1?done=saved")
    seen = panel(shop)
    assert (seen.version, seen.text.strip(), seen.source) == (2, OWN_WORDS, "画面で編集")
    assert states(shop) == ["replaced", "open"]
    assert (seen.changed_from, seen.changes[-1]) == ("もとの文例", Piece("in", OWN_WORDS))


def test_an_unchanged_text_makes_no_version(shop, browser):
    """Browsers send other line ends than we store, and people press twice."""
    for ends in ("\r\n", "\n", "\r"):
        text = f"\n\n{open_draft(shop).text} ".replace("\n", ends)
        answer = post(browser, "draft", form(shop, text), then="send")
        assert answer.headers["location"] == "/case/1/send?version=1"
    assert states(shop) == ["open"]


def test_the_primary_button_keeps_the_text_and_goes_to_the_check(shop, browser):
    """A double click makes one version."""
    fields = form(shop, OWN_WORDS)
    for _ in range(2):
        answer = post(browser, "draft", fields, then="send")
        assert answer.headers["location"] == "/case/1/send?version=2"
    assert states(shop) == ["replaced", "open"]


def test_a_text_that_another_tab_overtook_is_not_lost(shop, browser):
    """The second tab is told, keeps its text, sees the difference, and may then go on."""
    stale = form(shop, "別の画面の文です。")
    post(browser, "draft", form(shop, OWN_WORDS))
    answer = post(browser, "draft", stale)
    assert answer.status_code == 409
    assert "第2版ができていました" in answer.text
    assert typed(answer.text) == "別の画面の文です。"
    assert len(drafts(shop)) == 2
    assert re.search(r'name="waiting" value="2"', answer.text)
    assert post(browser, "draft", stale, waiting="2").status_code == 303
    assert open_draft(shop).text.strip() == "別の画面の文です。"


def test_news_of_the_buyer_is_shown_before_the_text_is_kept(shop, browser):
    """The text stays in the field, the message stands above it, and the next try has seen it."""
    fields = form(shop, OWN_WORDS)
    shop.receive(buyer(1, text="やはり返金にしてください。", key="A0SECOND"))
    shop.read()
    answer = post(browser, "draft", fields)
    assert answer.status_code == 409
    assert "やはり返金にしてください。" in answer.text
    assert typed(answer.text) == OWN_WORDS
    assert len(drafts(shop)) == 1
    assert post(browser, "draft", form(shop, OWN_WORDS)).status_code == 303
    assert open_draft(shop).sight.message == 2


def test_the_same_words_after_news_are_a_new_version(shop, browser):
    """Whoever has read the news may send the words that were voided, as a version that has seen it."""
    shop.receive(claim(1))
    shop.read()
    assert panel(shop).hindrance == "購入者から新しいメッセージが届きました"
    answer = post(browser, "draft", form(shop), then="send")
    assert answer.headers["location"] == "/case/1/send?version=2"
    assert browser.get("/case/1/send?version=2").status_code == 200


def test_the_words_of_an_old_tab_are_not_taken_for_those_that_saw_the_news(shop, browser):
    """The same words wait already, written in sight of the message; the old tab still shows it first."""
    fields = form(shop, OWN_WORDS)
    shop.receive(buyer(1, text="やはり返金にしてください。", key="A0SECOND"))
    shop.read()
    assert post(browser, "draft", form(shop, OWN_WORDS)).status_code == 303
    answer = post(browser, "draft", fields, then="send")
    assert answer.status_code == 409
    assert "やはり返金にしてください。" in answer.text


def test_a_forged_sight_reaches_no_further_than_the_present(shop, browser):
    """Nobody has seen what does not exist yet."""
    post(browser, "draft", form(shop, OWN_WORDS, seen="99999", answer="99999"))
    assert open_draft(shop).sight == panel(shop).sight


def close(shop):
    with shop.database.write() as uow:
        uow.cases.change(1, state=CaseState.CLOSED)
        uow.commit()


@pytest.mark.parametrize(
    ("before", "text", "told"),
    [
        (lambda shop: None, "長" * 20_001, "文面が長すぎます"),
        (lambda shop: None, " \n", "本文がありません"),
        (close, OWN_WORDS, "終了しています"),
        (approve, OWN_WORDS, "すでに承認され"),
        (say_answered, OWN_WORDS, "別の方法で回答済み"),
    ],
)
def test_what_cannot_be_kept_stays_on_the_page(shop, browser, before, text, told):
    """The reason is on top and the whole text below, wherever it can be copied or written on."""
    fields = form(shop, text)
    before(shop)
    answer = post(browser, "draft", fields)
    assert answer.status_code == 409
    assert told in answer.text
    assert text.strip() in answer.text
    assert len(drafts(shop)) == 1


def test_the_check_names_what_to_mend_and_to_fill_in(floor, browser):
    """Errors first, then warnings; blanks are links to the field. It is asked for while one writes."""
    day_goes_on(floor, buyer(1, text=QUESTION))
    blanks = panel(floor).concerns[0]
    assert (blanks.blank, blanks.severity) == (True, "error")
    answer = post(browser, "check", form(floor, "〔お返事〕 レビューをお願いします。"))
    assert answer.status_code == 200
    assert 'data-finds="〔お返事〕"' in answer.text
    assert "このままでは送れません" in answer.text
    assert "<html" not in answer.text
    assert "ここでAmazonの規約" in post(browser, "check", form(floor, "")).text


def test_the_check_is_bounded(shop, browser):
    """A text that is far too long is told to be so and not read."""
    before = process_time()
    answer = post(browser, "check", form(shop, "あ。" * 14_000))
    assert "長すぎます" in answer.text
    assert process_time() - before < 2


def test_another_template_keeps_what_was_written(shop, browser):
    """The person's text is a version of its own below the new one."""
    answer = post(browser, "situation", form(shop, OWN_WORDS), situation="not_delivered", fulfilment="own")
    assert answer.headers["location"] == "/case/1?done=redrafted"
    assert [one.text.strip() == OWN_WORDS for one in drafts(shop)] == [False, True, False]
    seen = panel(shop)
    assert (seen.situation, seen.fulfilment, seen.version, seen.waiting) == ("not_delivered", "own", 3, 3)


def test_an_unknown_situation_is_what_the_message_seems_to_be(shop, browser):
    """A forged word chooses nothing."""
    post(browser, "situation", form(shop), situation="../../etc", fulfilment="x")
    assert panel(shop).situation == "damaged"


def test_an_older_version_is_looked_at_and_taken_again(shop, browser):
    """It shows how the present one differs, and comes back as the newest."""
    first = open_draft(shop).text
    write_anew(shop, OWN_WORDS)
    page = browser.get("/case/1/draft/1")
    assert page.status_code == 200
    assert f"<ins>{OWN_WORDS}</ins>" in page.text
    fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', page.text.partition("この版に戻す")[0]))
    answer = browser.post(
        "/case/1/draft", **{name: unescape(fields[name]) for name in fields if name != "csrf"}
    )
    assert answer.headers["location"] == "/case/1?done=saved"
    assert (open_draft(shop).version, open_draft(shop).text) == (3, first)
    assert browser.get("/case/1/draft/9").status_code == 404


def test_discarding_is_harmless_twice(shop, browser):
    """The second click finds it done; the case stays."""
    for _ in range(2):
        answer = browser.post("/case/1/discard", version="1")
        assert answer.headers["location"] == "/case/1?done=discarded"
    assert states(shop) == ["discarded"]
    assert (panel(shop).mode, panel(shop).version, panel(shop).text) == (Mode.WRITE, 0, "")


def test_nobody_discards_what_they_did_not_see(shop, browser):
    """A newer version survives an older page."""
    write_anew(shop, OWN_WORDS)
    answer = browser.post("/case/1/discard", version="1")
    assert answer.status_code == 409
    assert "何も破棄していません" in answer.text
    assert states(shop) == ["replaced", "open"]


def test_an_approved_answer_can_be_stopped(shop, browser):
    """As long as it has not left, throwing the version away takes it back."""
    approve(shop)
    assert (panel(shop).mode, panel(shop).version) == (Mode.LEAVING, 1)
    assert browser.post("/case/1/discard", version="1").status_code == 303
    day_goes_on(shop)
    assert left(shop) == []


def test_a_text_from_scratch_is_kept_and_sent(shop, browser):
    """A case without a draft gets one from an empty field."""
    browser.post("/case/1/discard", version="1")
    answer = post(browser, "draft", form(shop, OWN_WORDS), then="send")
    assert answer.headers["location"] == "/case/1/send?version=2"
    assert open_draft(shop).template is None


def test_without_an_address_there_is_only_text(floor):
    """A claim has nobody to write to."""
    day_goes_on(floor, claim(3))
    seen = panel(floor)
    assert seen.mode is Mode.UNREACHABLE
    assert seen.seller_central == "https://sellercentral.amazon.co.jp"


def test_a_later_answer_is_compared_with_the_one_before(shop, browser):
    """After an answer was sent the next one shows what differs from it."""
    approve(shop)
    day_goes_on(shop)
    sent = drafts(shop)[0].text
    assert panel(shop).settled
    day_goes_on(shop, buyer(1, text="まだ届きません。", key="A0SECOND"))
    post(browser, "draft", form(shop, sent.replace("まい商店", "まい商店より")))
    seen = panel(shop)
    assert seen.changed_from == "前に送った返信"
    assert [one for one in seen.changes if one.kind != "same"] == [Piece("in", "より")]


def test_hostile_words_stay_words(shop, browser):
    """Nothing that a person or a template writes ends the field or becomes markup."""
    post(browser, "draft", form(shop, HOSTILE))
    stale = form(shop, HOSTILE, waiting="7")
    for page in (
        post(browser, "draft", stale, text=HOSTILE + "!").text,
        browser.get("/case/1/draft/2").text,
        post(browser, "check", stale).text,
    ):
        assert "<script>alert" not in page
    assert typed(post(browser, "draft", stale, text=HOSTILE + "!").text) == HOSTILE + "!"


def test_controls_are_not_kept(shop, browser):
    """What no database takes, and what moves a cursor, is left out."""
    post(browser, "draft", form(shop, f"\x00{OWN_WORDS}\x1b\x08"))
    assert open_draft(shop).text.strip() == OWN_WORDS


def test_a_case_that_is_not_there_is_not_found(browser):
    """Guessed numbers lead nowhere."""
    assert browser.get("/case/77/draft/1").status_code == 404
    for what in ("draft", "check", "situation", "discard"):
        assert browser.post(f"/case/77/{what}", text="x").status_code == 404


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("同じ文です。", "同じ文です。", [("same", "同じ文です。")]),
        ("明日に送ります。", "本日に送ります。", [("out", "明日"), ("in", "本日"), ("same", "に送ります。")]),
        (
            "一。ハイ。",
            "一。ではまたのちほど。",
            [("same", "一。"), ("out", "ハイ。"), ("in", "ではまたのちほど。")],
        ),
        ("", "新しい文。", [("in", "新しい文。")]),
        (
            "We ship today.",
            "We ship tomorrow.",
            [("same", "We ship "), ("out", "today"), ("in", "tomorrow"), ("same", ".")],
        ),
        ("a\r\nb".replace("\r\n", "\n"), "a\nb\n", [("same", "a\nb")]),
    ],
)
def test_differences_read_in_order(before, after, expected):
    """What was taken out stands before what came in its place."""
    assert [(one.kind, one.text) for one in differences(before, after)] == expected


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("あ。い。" * 5_000, "い。あ。" * 5_000),
        ("。" * 20_000, "。、" * 10_000),
        ("あい" * 10_000, "いあ" * 10_000),
        ("ab " * 6_000, "ba " * 6_000),
        ("漢かカ" * 98, "かカ漢" * 98),
        ("あ。" * 399, "い。" * 200 + "あ。" * 199),
    ],
)
def test_differences_are_bounded(before, after):
    """Even texts made for it are compared at once, and nothing of the newer one is lost."""
    begun = process_time()
    pieces = differences(before, after)
    assert process_time() - begun < 2
    assert "".join(one.text for one in pieces if one.kind != "out") == after.strip()
    assert "".join(one.text for one in pieces if one.kind != "in") == before.strip()


def test_a_draft_that_was_thrown_away_elsewhere_does_not_take_the_text_along(shop, browser):
    """The person is told, and the next try makes a version of it."""
    stale = form(shop, OWN_WORDS)
    browser.post("/case/1/discard", version="1")
    answer = post(browser, "draft", stale)
    assert (answer.status_code, typed(answer.text)) == (409, OWN_WORDS)
    assert "ほかの画面で破棄されました" in answer.text
    assert post(browser, "draft", stale, waiting="0").status_code == 303
    assert open_draft(shop).text.strip() == OWN_WORDS


def test_every_kind_of_blank_is_to_be_filled_in(shop, browser):
    """Wide or narrow, named or empty: the place is a link that leads to it."""
    for blank in ("〔日付〕", "〔　〕", "（　）", "[ ]", "【お名前】", "〔date〕"):
        answer = post(browser, "check", form(shop, f"ご注文 250-0000001-7654321 は{blank}に届きます。"))
        assert "記入してください (1か所)" in answer.text
        assert f'data-finds="{blank}"' in answer.text


def test_an_english_buyer_is_answered_in_english(floor, browser):
    """The field holds the buyer's language, the panel speaks the reader's."""
    floor.start(usual_fulfilment="fba")
    words = "The box was crushed and the lamp inside is broken. Please send another one to me."
    day_goes_on(floor, complaint(1, text=words))
    seen = panel(floor)
    assert "order" in seen.text.lower()
    assert seen.about == "破損"
    text = seen.text.replace("\n", "\r\n")
    assert post(browser, "draft", form(floor, text), then="send").headers["location"].endswith("version=1")


def test_while_nobody_knows_whether_an_answer_left_none_is_written(shop, browser):
    """The panel leads to what has to be settled first, and a form of before keeps its text."""
    before = form(shop, OWN_WORDS)
    approve(shop)
    shop.exits["main"].answer(Verdict.UNKNOWN, "lost", taken=True)
    day_goes_on(shop)
    assert panel(shop).mode is Mode.HELD
    assert 'href="/outbox"' in browser.get("/case/1").text
    answer = post(browser, "draft", before)
    assert (answer.status_code, OWN_WORDS in answer.text) == (409, True)
    assert "前の返信が届いたか分かりません" in answer.text
    assert len(drafts(shop)) == len(left(shop)) == 1
