"""What a seller sees and does about a rating: the outlook, the texts to copy, and the steps taken."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from daemon.work import Work
from parsers.values import Authenticity, Fulfilment
from state.drafts import DraftSource
from state.repository.orders import OrderFacts
from tests.beds.commands import Counter
from tests.beds.post import buyer, feedback, order_of
from tests.unit.state.examples import DAY

FBA = "配送が遅いです。予定日を三日過ぎて届きました。"
REVIEW = "画質が悪く、すぐに充電できなくなりました。"
MIXED = "商品は良かったですが、お店の対応が悪く、返信もありません。"


@pytest.fixture
def counter(floor, tmp_path):
    """Somebody types beside the shop."""
    return Counter(floor, tmp_path)


def shipped(floor, way=Fulfilment.FBA, number=1):
    """Who shipped an order is known."""
    with floor.database.write() as uow:
        uow.orders.note(OrderFacts(order_of(number), way), floor.clock.now())
        uow.commit()


def add(counter, comment, stars="1", number=1, date="2026-11-15"):
    """A rating is entered by hand."""
    line = ("feedback", "add", "--order", order_of(number), "--rating", stars, "--date", date)
    result = counter.call(*line, "--comment", comment)
    assert result.exit_code == 0, result.output
    return result.output


@pytest.mark.playbook("Feedback of 1 to 3 / Can Amazon remove it?")
@pytest.mark.parametrize(
    ("comment", "way", "ground", "words"),
    [
        (FBA, Fulfilment.FBA, "fba_delivery", "FBA): はい"),
        (REVIEW, Fulfilment.OWN, "product_review", "これは商品のレビューです"),
        (MIXED, Fulfilment.FBA, "none", ""),
    ],
)
def test_the_ground_comes_with_its_request(counter, comment, way, ground, words):
    """What Amazon strikes, what it removes and what stays, each with the text to paste or with none."""
    shipped(counter.floor, way)
    add(counter, comment)
    shown = counter.json("feedback", "show", "1")
    assert (shown["ground"], words in shown["request"]) == (ground, True)
    assert (order_of(1) in shown["request"]) is (ground != "none")
    assert (shown["request_by"], shown["change_by"]) == ("2027-02-13", "2027-01-14")


@pytest.mark.playbook("Feedback of 1 to 3 / Whether or not")
def test_a_page_has_everything_to_copy(counter):
    """Outlook with the sentences for it, request, steps with the order, both texts, and where to go."""
    shipped(counter.floor)
    add(counter, FBA)
    page = counter.call("feedback", "show", "1").output
    for part in (
        "評価 1/5", "取り消し線", "根拠になる文: 「配送が遅いです", "2027年2月13日 (あと88日)",
        f"注文番号で評価を探す: {order_of(1)}", "公開の返信", "フィードバックマネージャー",
        "sokuresu feedback step 1 requested", "sokuresu answered 1",
    ):  # fmt: skip
        assert part in page
    assert "feedback draft" not in page


@pytest.mark.playbook("Feedback of 1 to 3 / The buyer can change or delete within 60 days")
def test_the_clock_of_the_buyer_is_only_shown(counter):
    """The page and the alert say how long the buyer can change the rating, and that nobody asks."""
    add(counter, FBA)
    (alert,) = counter.floor.alert()
    for text in (counter.call("feedback", "show", "1").output, alert.text):
        assert "2027年1月14日" in text
        assert "お願いしません" in text
    counter.floor.clock.advance(59 * DAY)
    assert "(期限切れ)" in counter.call("feedback", "show", "1").output


def test_what_a_person_knows_changes_the_outlook(counter):
    """Once it is said that Amazon shipped, or that a label was bought, there is a ground."""
    add(counter, FBA)
    assert counter.json("feedback", "show", "1")["ground"] == "none"
    assert "取り消し線" in counter.call("feedback", "step", "1", "fba").output
    assert counter.json("feedback", "show", "1")["ground"] == "fba_delivery"
    counter.call("feedback", "step", "1", "own")
    assert counter.json("feedback", "show", "1")["ground"] == "none"
    counter.call("feedback", "step", "1", "bought-label-on-time")
    assert counter.json("feedback", "show", "1")["ground"] == "bought_label"


def test_a_removal_goes_its_way(counter):
    """Requested, refused, requested once more, struck: each is on record, and what cannot be is refused."""
    shipped(counter.floor)
    add(counter, FBA)
    add(counter, "", "5", 2)
    step = ("feedback", "step", "1")
    assert counter.call(*step, "refused").exit_code == 1
    for word in ("requested", "refused", "requested"):
        assert counter.call(*step, word).exit_code == 0
    assert counter.call(*step, "struck", "--on", "2026-11-18").exit_code == 1
    result = counter.call(*step, "struck")
    assert "点数に数えません" in result.output
    assert counter.json("feedback", "show", "1")["removal"] == "struck"
    case = counter.call("case", "1").output
    assert "申請の状況: 取り消し線が引かれました" in case
    assert "評価の削除申請: 認められませんでした" in case


def test_the_list_shows_the_score_without_what_was_struck(counter):
    """A rating that Amazon struck is listed and does not count."""
    shipped(counter.floor)
    add(counter, FBA)
    add(counter, "", "5", 2)
    add(counter, MIXED, "3", 3)
    counter.call("feedback", "step", "1", "struck")
    found = counter.json("feedback", "list")
    month = {name: found["score"][0][name] for name in ("days", "count", "positive_percent", "negative")}
    assert month == {"days": 30, "count": 2, "positive_percent": 50, "negative": 0}
    assert [(one["rating"], one["removal"]) for one in found["ratings"]] == [
        (3, None),
        (5, None),
        (1, "struck"),
    ]
    assert [one["rating"] for one in counter.json("feedback", "list", "--low")["ratings"]] == [3, 1]
    listing = counter.call("feedback", "list").output
    assert "30日間: 2件 — 良い (4・5) 1 (50%)" in listing
    assert order_of(1) in listing


def test_an_entry_is_asked_for_only_at_a_terminal(counter, monkeypatch):
    """A script that leaves something out is told so; a person is asked, and a wrong order is asked again."""
    assert counter.call("feedback", "add", "--rating", "1").exit_code == 2
    monkeypatch.setattr("daemon.cli.asking.at_terminal", lambda: True)
    monkeypatch.setattr("daemon.cli.feedback_add.at_terminal", lambda: True)
    typed = f"123\n{order_of(1)}\n2\n{MIXED}\n\n"
    result = counter.call("feedback", "add", input=typed)
    assert result.exit_code == 0, result.output
    (rating,) = counter.json("feedback", "list")["ratings"]
    assert (rating["rating"], rating["comment"], rating["rated_on"]) == (2, MIXED, "2026-11-17")


def test_the_same_entry_twice_says_so(counter):
    """A second entry of one order is no second rating; a comment can come from the standard input."""
    add(counter, FBA)
    assert "記録してあります" in add(counter, FBA)
    line = ("feedback", "add", "--order", order_of(2), "--rating", "2", "--comment", "-")
    assert counter.call(*line, input="遅い\n").exit_code == 0
    assert [one["comment"] for one in counter.json("feedback", "list")["ratings"]] == [FBA, "遅い"]


def test_a_text_becomes_a_draft_only_by_an_address_of_the_same_order(counter):
    """Where the buyer wrote about the same order the text waits for an approval; else it is refused."""
    floor = counter.floor
    floor.work(buyer(2))
    add(counter, FBA)
    refused = counter.call("feedback", "draft", "2")
    assert (refused.exit_code, "アドレスがない" in refused.output) == (1, True)
    floor.work(buyer(1))
    assert counter.json("feedback", "show", "2")["draft_case"] == 3
    assert counter.call("feedback", "draft", "2").exit_code == 0
    with floor.database.read() as uow:
        draft = uow.drafts.open_of(3)
    assert (draft.source, draft.text) == (DraftSource.COMMAND, counter.json("feedback", "show", "2")["buyer"])
    assert floor.acknowledgments()[-1].text != draft.text


def test_an_unproven_address_is_not_written_to(counter):
    """A mail without proof that names the order does not say where its buyer is."""
    floor = counter.floor
    floor.work(buyer(1))
    with floor.database.write() as uow:
        uow.messages.change(1, authenticity=Authenticity.NONE)
        uow.commit()
    add(counter, FBA)
    assert counter.json("feedback", "show", "1")["draft_case"] is None


@pytest.mark.playbook("First principles / Never ask for a rating to be changed")
def test_no_advice_and_no_step_asks_for_a_change(counter):
    """Whatever is known, nothing that the owner reads says that the buyer should be asked."""
    for number, comment in enumerate((FBA, REVIEW, MIXED, ""), 1):
        add(counter, comment, number=number)
        page = counter.call("feedback", "show", str(number)).output
        assert not [line for line in page.splitlines() if "お願い" in line and "しません" not in line]


def test_a_notice_of_which_nothing_is_proven_can_be_judged_too(counter):
    """What it says is shown as it came; it is no rating on record."""
    counter.floor.work(feedback(1, comment=REVIEW).replace(b"Authentication-Results", b"X-Nothing"))
    assert counter.json("feedback", "show", "1")["ground"] == "product_review"
    assert counter.json("feedback", "list")["ratings"] == []


def test_a_case_without_a_rating_says_so(counter):
    """Neither a buyer's message nor a number that does not exist has a page here."""
    counter.floor.work(buyer(1))
    for number in ("1", "9"):
        result = counter.call("feedback", "show", number)
        assert (result.exit_code, "feedback list" in result.output) == (1, True)


def test_a_raised_rating_says_that_it_is_done(counter):
    """The case asks for nothing more than to be closed; a good rating is not to be removed."""
    shipped(counter.floor)
    add(counter, FBA)
    add(counter, FBA, "4")
    assert "sokuresu no-reply-needed 1" in counter.call("case", "1").output
    page = counter.call("feedback", "show", "1").output
    assert "sokuresu no-reply-needed 1" in page
    assert not any(words in page for words in ("5段階の4", "申請文", "公開の返信", "申し訳", "requested"))


def test_status_says_how_old_the_last_report_is(counter):
    """Notices may never come, so the age of the last import stands beside them."""
    line = "評価のお知らせ: まだ一度も届いていません"
    assert line in counter.call("status").output
    assert json.loads(counter.call("status", "--json").stdout)["feedback_imported_at"] is None
    with counter.floor.database.write() as uow:
        work = Work(uow, counter.floor.shop, counter.floor.clock.now())
        uow.imports.note("feedback", work.now - timedelta(days=12), read=3, taken=3, faulty=0)
        uow.commit()
    assert "最後に評価レポートを取り込んだのは 12日前" in counter.call("status").output


def test_an_english_shop_reads_english(counter):
    """Page, list and advice are in the owner's language."""
    counter.floor.start(language="en")
    shipped(counter.floor)
    add(counter, "Delivery took three weeks.")
    page = counter.call("feedback", "show", "1").output
    due = "request due (90 days): 13 February 2027 (88 days left)"
    for part in ("Amazon may strike it through", due, "Steps in Seller Central", "Do it by"):
        assert part in page
    assert "lifetime: 1 rating —" in counter.call("feedback", "list").output
    assert not [sign for sign in page.replace("まい", "") if "\u3040" <= sign <= "\u30ff"]


def test_the_alert_of_a_one_says_what_can_be_done(counter):
    """Stars in the subject, the comment, the outlook, the last day and the next command, in this order."""
    shipped(counter.floor)
    counter.floor.work(feedback(1, rating=1, comment=FBA))
    (alert,) = counter.floor.alert()
    assert "低い評価が届きました(5段階の1)" in str(alert.message["Subject"])
    parts = (FBA, "取り消し線を引き", "2027年2月15日、あと90日", "sokuresu feedback show 1")
    places = [alert.text.index(part) for part in parts]
    assert places == sorted(places)


def test_an_own_public_reply_is_checked(counter):
    """A reply that names the buyer must not be published; one that does not may."""
    line = ("feedback", "reply", "-")
    bad = counter.call(*line, input="佐藤様、申し訳ございません。")
    assert (bad.exit_code, "お客様" in bad.output) == (1, True)
    assert counter.call(*line, "--json", input="お客様、申し訳ございません。改めます。").exit_code == 0


def test_the_advice_follows_the_request(counter):
    """What is to be done changes with what was done, and ends when the rating is gone."""
    shipped(counter.floor)
    add(counter, FBA)

    def advice(*step):
        if step:
            assert counter.call("feedback", "step", "1", *step).exit_code == 0
        return counter.call("case", "1").output.partition("すること")[2].partition("\n\n")[0]

    assert "申請の期限は 2027年2月13日" in advice()
    assert "feedback step 1 removed" in advice("requested")
    assert "公開の返信と、購入者への対応が残って" in advice("refused")
    assert "no-reply-needed 1" in advice("removed")


def test_a_late_request_is_recorded_with_a_warning(counter):
    """After ninety days the page says that it is over; who asks all the same has it on record."""
    shipped(counter.floor)
    add(counter, FBA)
    counter.floor.clock.advance(89 * DAY)
    assert "申請の期限 (2027年2月13日) は過ぎました" in counter.call("case", "1").output
    result = counter.call("feedback", "step", "1", "requested")
    assert (result.exit_code, "90日を過ぎて" in result.output) == (0, True)


@pytest.mark.parametrize(
    "line",
    [
        ("add", "--order", "123", "--rating", "1"),
        ("add", "--order", order_of(1), "--rating", "6"),
        ("add", "--order", order_of(1), "--rating", "1", "--date", "2026-11-18"),
        ("add", "--order", order_of(1), "--rating", "1", "--date", "yesterday"),
        ("step", "1", "forgotten"),
        ("nonsense",),
    ],
)
def test_what_cannot_be_meant_is_a_usage_error(counter, line):
    """A wrong order, star, day or word is told before anything is done."""
    assert counter.call("feedback", *line).exit_code == 2
    assert counter.json("feedback", "list")["ratings"] == []


def test_an_empty_list_says_so(counter):
    """Nothing on record is a sentence and no empty table."""
    assert "記録した評価はありません" in counter.call("feedback", "list").output


def test_a_rating_in_english_is_answered_in_english(counter):
    """The text to the buyer follows the comment; what Amazon and the public read follows the marketplace."""
    shipped(counter.floor)
    add(counter, "The parcel arrived two weeks late.")
    shown = counter.json("feedback", "show", "1")
    assert ("sorry" in shown["buyer"], "お詫び" in shown["buyer"]) == (True, False)
    assert ("注文番号" in shown["request"], "申し訳" in shown["public_reply"]) == (True, True)


def test_a_rating_has_no_24_hours_of_amazons(counter):
    """Putting off or closing what no buyer wrote says nothing of Amazon's clock or of its message page."""
    add(counter, REVIEW)
    put_off = counter.call("snooze", "1").output
    done = counter.call("no-reply-needed", "1").output
    assert ("後回しにしました" in put_off, "返信不要にしました" in done) == (True, True)
    assert "24時間" not in put_off + done
    counter.floor.work(buyer(2))
    assert "24時間" in counter.call("snooze", "2").output
