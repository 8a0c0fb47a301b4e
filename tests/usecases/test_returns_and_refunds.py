"""Returns, refunds, and what Amazon wants to be answered in Seller Central, up to the last step."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from daemon.cli import asking
from daemon.housekeeping import tidy
from parsers.values import Fulfilment
from state.repository.orders import OrderFacts, OrderItem
from state.steps import Matter
from tests.beds.commands import Counter
from tests.beds.post import buyer, claim, order_of, sample
from tests.unit.parsers.mails import notice
from tests.unit.state.examples import DAY, HOUR, local

MINUTE = timedelta(minutes=1)
ORDER = order_of(1)


@pytest.fixture
def counter(floor, tmp_path):
    """Where the seller types."""
    return Counter(floor, tmp_path)


def return_request(number=1):
    """A buyer sends something back and says nothing."""
    order = order_of(number)
    return notice(
        f"注文番号 {order} の返品リクエスト",
        f"<ul><li><b>Order ID:</b> {order}</li></ul>",
        kind="RETURN_REQUEST",
    )


def refund_notice(amount="3,000円", proof="pass"):
    """Amazon tells that money goes back."""
    return notice(
        f"返金手続き開始のお知らせ {amount} - 注文 {ORDER}", "<p>x</p>", kind="REFUND_ISSUED", proof=proof
    )


def cancellation():
    """A buyer does not want it any more."""
    return notice(
        f"注文 {ORDER} のキャンセルリクエスト", f"<p>注文番号 {ORDER}</p>", kind="BRC_SELLER_NOTIFICATION"
    )


def steps(floor, matter, case=1):
    """What is recorded: the words with their details."""
    with floor.database.read() as uow:
        return [(one.word, one.detail) for one in uow.steps.of_case(case, matter)]


def sell(floor, price=9_800, shipping=500):
    """The order as a report told it."""
    with floor.database.write() as uow:
        uow.orders.note(OrderFacts(ORDER, Fulfilment.OWN, currency="JPY"), floor.clock.now())
        item = OrderItem(ORDER, "1", quantity=1, price=price, shipping=shipping)
        uow.orders.keep_items([item], floor.clock.now())
        uow.commit()


# Returns


@pytest.mark.playbook("a return without any word")
def test_a_silent_return_is_followed_to_its_end(counter):
    """It waits for the note that comes with the item; what was opened is looked at before it is sold."""
    counter.floor.work(return_request())
    page = counter.call("returns", "1").output
    assert "メモ" in page
    assert "sokuresu returns 1 --arrived" in page
    assert "返品" in counter.call("case", "1").output
    assert counter.call("returns", "1", "--relisted").exit_code == 1
    assert counter.json("returns", "1", "--arrived", "opened")["stage"] == "opened"
    assert counter.call("returns", "1", "--relisted").exit_code == 1
    assert counter.call("returns", "1", "--inspected", " ").exit_code == 2
    page = counter.call("returns", "1", "--inspected", "メモあり: サイズ違い。傷なし").output
    assert "--condition good" in page
    assert "サイズ違い" in page
    page = counter.call("returns", "1", "--relisted", "--condition", "good").output
    assert "次の点は確認していません" in page
    assert counter.json("returns", "1")["stage"] == "settled"
    assert [word for word, _ in steps(counter.floor, Matter.RETURN)] == [
        "arrived_opened",
        "inspected",
        "relisted",
    ]


def test_several_steps_at_once_are_one_decision(counter):
    """If one of them cannot follow, none is recorded."""
    counter.floor.work(return_request())
    assert counter.call("returns", "1", "--arrived", "opened", "--written-off").exit_code == 1
    assert steps(counter.floor, Matter.RETURN) == []
    assert counter.call("returns", "1", "--arrived", "unopened", "--relisted").exit_code == 0
    assert counter.call("returns", "1", "--relisted", "--written-off").exit_code == 2
    assert counter.call("returns", "9").exit_code == 1


def test_a_condition_that_is_too_good_is_refused(counter, monkeypatch):
    """What is not said on the line is asked at a terminal, and unchecked is an answer."""
    counter.floor.work(return_request())
    refused = counter.call("returns", "1", "--condition", "very_good", "--scratches", "clear")
    assert (refused.exit_code, "いちばん良くて good" in refused.output) == (1, True)
    monkeypatch.setattr(asking, "at_terminal", lambda: True)
    asked = counter.call(
        "returns", "1", "--condition", "good", "--box", "intact", input="complete\n\nworks\n"
    )
    assert "付属品はそろっています" in asked.output
    assert "次の点は確認していません: 傷や汚れ" in asked.output


def test_a_forgotten_return_is_called_out_once(floor):
    """After two weeks without the parcel, and after three days with it; in opening hours."""
    floor.work(return_request())
    floor.clock.set(local("2026-12-02 05:00"))
    tidy(floor.database, floor.shop, floor.clock)
    assert "return_open" not in floor.words()
    floor.clock.set(local("2026-12-02 11:00"))
    for _ in range(2):
        tidy(floor.database, floor.shop, floor.clock)
    assert floor.words().count("return_open") == 1
    (notice_,) = [one for one in floor.notices() if one.word == "return_open"]
    assert (notice_.case_id, notice_.detail) == (1, "return_expected")
    assert any("2週間" in alert.text for alert in floor.alert())


def test_a_settled_return_is_not_called_out(counter):
    """Nor one that is on its way for a few days."""
    counter.floor.work(return_request())
    counter.floor.clock.advance(3 * DAY)
    tidy(counter.floor.database, counter.floor.shop, counter.floor.clock)
    counter.call("returns", "1", "--written-off")
    counter.floor.clock.advance(30 * DAY)
    tidy(counter.floor.database, counter.floor.shop, counter.floor.clock)
    assert "return_open" not in counter.floor.words()


def test_what_goes_back_to_amazon_is_not_waited_for(floor):
    """Amazon keeps it; the checklist says so, and nobody is reminded of a parcel that never comes."""
    floor.start(usual_fulfilment="fba")
    floor.work(return_request())
    floor.clock.set(local("2026-11-17 12:00"))
    floor.read()
    (alert,) = floor.alert()
    assert "Amazonの倉庫に戻ります" in alert.text
    floor.clock.set(local("2026-12-02 11:00"))
    tidy(floor.database, floor.shop, floor.clock)
    assert "return_open" not in floor.words()


# Refunds


@pytest.mark.playbook("Situations and what the draft says / Partial refund")
def test_a_partial_refund_is_prepared_and_made_by_a_person(counter):
    """New 9,800 and almost new 6,800: 3,000 yen, the message, the steps; nothing leaves by itself."""
    counter.floor.work(buyer(1))
    sell(counter.floor)
    before = len(counter.floor.sent())
    page = counter.call("refund", "1", "--new", "9800", "--almost-new", "6800", "--draft").output
    for part in (
        "返金額 (一部): 3,000円",
        "代金の一部として 3,000円",
        "一部返金",
        "注文管理",
        ORDER,
        "approve 1",
    ):
        assert part in page, page
    draft = counter.json("drafts")[0]
    assert ("3,000円" in draft["text"], draft["findings"], draft["ready"]) == (True, [], True)
    assert steps(counter.floor, Matter.REFUND) == [("proposed", "JPY 3000")]
    assert "sokuresu refund 1 --done" in counter.call("case", "1").output
    counter.floor.send()
    assert len(counter.floor.sent()) == before
    assert "3,000円" in counter.call("refund", "1", "--done").output
    assert steps(counter.floor, Matter.REFUND)[-1] == ("refunded", "JPY 3000")


def test_a_refund_in_full_is_what_the_order_cost(counter):
    """Item and shipping as the report tells them; what is given on the line goes first."""
    counter.floor.work(buyer(1))
    sell(counter.floor)
    assert counter.json("refund", "1", "--full")["amount"] == 10_300
    told = counter.json("refund", "1", "--full", "--paid", "5,000", "--shipping", "0")
    assert (told["amount"], told["full"], told["order_id"]) == (5_000, True, ORDER)


@pytest.mark.parametrize(
    ("line", "status"),
    [
        (("--new", "9800", "--almost-new", "6800"), 2),
        (("--new", "9800", "--paid", "9800"), 2),
        (("--new", "-1", "--almost-new", "1", "--paid", "1"), 2),
        (("--new", "9800.5", "--almost-new", "1", "--paid", "1"), 2),
        (("--full", "--paid", "9800"), 2),
        (("--full", "--paid", "1", "--order", "250-0000000-0000000"), 2),
        (("--new", "1", "--almost-new", "2", "--paid", "1", "--note"), 1),
        (("--new", "1", "--almost-new", "2", "--paid", "1"), 0),
    ],
)
def test_what_is_missing_or_nonsense_is_told(counter, line, status):
    """Nobody sits at the terminal, and the order's price is unknown."""
    counter.floor.work(buyer(1))
    result = counter.call("refund", "1", *line)
    assert result.exit_code == status, result.output
    assert steps(counter.floor, Matter.REFUND) == []


def test_a_case_without_an_address_has_no_draft(counter):
    """A return notice names nobody to write to; the text is there to copy."""
    counter.floor.work(return_request())
    line = ("refund", "1", "--full", "--paid", "9800", "--shipping", "0")
    assert counter.call(*line, "--draft").exit_code == 1
    assert steps(counter.floor, Matter.REFUND) == []
    assert "全額 9,800円" in counter.call(*line).output


def test_amazons_notice_closes_a_refund(counter):
    """Once, with the amount that it tells; what is not proven closes nothing until a proven copy comes."""
    floor = counter.floor
    floor.work(buyer(1))
    unproven = refund_notice().replace(b"Authentication-Results", b"X-Nothing")
    floor.work(unproven, message_id="refund@amazon.example")
    assert steps(floor, Matter.REFUND) == []
    for _ in range(2):
        floor.work(refund_notice(), message_id="refund@amazon.example")
    assert steps(floor, Matter.REFUND) == [("refunded", "JPY 3000 amazon")]
    assert "返金しました: 3,000円 (Amazonのお知らせ)" in counter.call("case", "1").output


# Amazon's own deadlines


@pytest.mark.playbook("a claim (A-to-z), a cancellation request")
def test_a_claim_is_called_out_before_amazons_limit(counter):
    """Four hours and one hour before its 48 hours end; Message.amazon_by stays empty."""
    floor = counter.floor
    floor.work(claim(1))
    floor.alert()
    (stored,) = floor.messages()
    limit = stored.received_at + 48 * HOUR
    assert stored.amazon_by is None
    page = counter.call("case", "1").output
    assert re.search(r"Amazonの期限: 11月19日\(木\) 10:30", page), page
    assert "メールでの返信は回答になりません" in page
    assert counter.json("cases")[0]["amazon_by"] is None
    calls = []
    for ahead in (4 * HOUR + MINUTE, 4 * HOUR, HOUR, 0 * HOUR):
        floor.clock.set(limit - ahead)
        floor.read()
        subjects = [str(one.message["Subject"]) for one in floor.alert()]
        calls.append([one for one in subjects if "至急" in one])
    assert calls == [
        [],
        ["【即レス・至急】Amazonの期限まであと4時間・案件1"],
        ["【即レス・至急】Amazonの期限まであと1時間・案件1"],
        [],
    ]


@pytest.mark.playbook("a claim (A-to-z), a cancellation request")
def test_a_cancellation_is_told_at_once_and_a_return_is_not(floor):
    """Before it ships every hour counts."""
    floor.work(return_request(2))
    assert floor.alert() == []
    floor.work(cancellation())
    (alert,) = floor.alert()
    assert "至急" in str(alert.message["Subject"])
    assert "まず出荷を止めてください" in alert.text


def test_amazons_limit_is_never_later_than_the_shops(shop_database, counter):
    """Over a long weekend the 24 hours of a cancellation end before the shop closes next."""
    floor = counter.floor
    floor.clock.set(local("2026-11-20 19:30"))
    floor.work(cancellation())
    (stored,) = floor.messages()
    assert stored.respond_by == stored.received_at + DAY


def test_a_decided_claim_wants_nothing(floor):
    """Neither a deadline nor a call."""
    floor.work(buyer(1))
    decided = claim(1).replace(b"A_Z_CLAIM_RESPONDENT_NOTIFY", b"A_Z_CLAIM_RESPONDENT_CLOSE")
    floor.work(decided)
    assert floor.messages()[-1].respond_by is None


def test_samples_are_read_as_before(floor):
    """The refund of the samples joins no case and records nothing."""
    floor.work(sample("refund-ja"))
    assert floor.cases() == ()


def test_a_refund_that_is_told_twice_is_one(counter):
    """Typed again, or after Amazon's notice, `--done` adds nothing; with figures it is another refund."""
    counter.floor.work(buyer(1))
    sell(counter.floor)
    assert counter.call("refund", "1", "--full", "--note").exit_code == 0
    assert "記録しました" in counter.call("refund", "1", "--done").output
    again = counter.call("refund", "1", "--done")
    assert (again.exit_code, "すでに記録してあります" in again.output) == (0, True)
    assert [word for word, _ in steps(counter.floor, Matter.REFUND)] == ["proposed", "refunded"]
    counter.call("refund", "1", "--full", "--done")
    assert len(steps(counter.floor, Matter.REFUND)) == 3


def test_a_buyer_who_writes_english_reads_english(counter):
    """The message of a refund is in the language of the draft that it takes the place of."""
    counter.floor.work(buyer(1, text="It arrived broken. What can you do about it?"))
    sell(counter.floor)
    line = ("refund", "1", "--new", "9800", "--almost-new", "6800", "--draft")
    text = counter.json(*line)["text"]
    (draft,) = counter.json("drafts")
    assert (draft["intent"], draft["fulfilment"], draft["language"]) == ("damaged", "own", "en")
    assert re.search(r"^1 +1 +破損 +自社発送", counter.call("drafts").stdout, re.MULTILINE)
    assert ("Dear" in text, "返金" in text, "3,000" in text) == (True, False, True)
