"""The text for Amazon's seller support tells every fact of a case in order, and nobody's number."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta

import pytest

from daemon.aftercare import inquiries, support
from daemon.aftercare.advising import advise
from daemon.aftercare.by_hand import Entry, case_for, enter
from daemon.aftercare.feedback import record
from daemon.shop import Agent
from daemon.work import Work
from parsers.values import Fulfilment, Kind
from state.calls import Call
from state.ratings import Rating, RatingSource
from state.repository.orders import OrderFacts, OrderItem
from state.steps import Matter, Step
from templates.escalating import MATTERS
from tests.beds.commands import Counter
from tests.beds.post import buyer, claim, feedback, order_of
from tests.beds.reviewing import OWN_WORDS, approve, day_goes_on, write_anew
from tests.beds.shopfloor import OPENED, Shopfloor, make_shop
from tests.unit.parsers.mails import encoded, message, proof_headers

AGENT = Agent("desk@logi.example", "青空ロジ")
CRUSHED = (
    "届いた箱がつぶれて、中身が割れていました。電話は ０９０－１１１１－２２２２、taro@home.example です。"
)


def text_of(floor, about=None, case=1):
    """What a person copies."""
    with floor.database.read() as uow:
        work = Work(uow, floor.shop, floor.clock.now())
        found = uow.cases.get(case)
        matter, rendered = support.write_support(work, found, about)
    return matter, rendered


def advised(floor, case=1):
    """What the owner is told to do."""
    with floor.database.read() as uow:
        work = Work(uow, floor.shop, floor.clock.now())
        return "\n".join(advise(work, uow.cases.get(case), uow.messages.of_case(case)))


def know(floor, fulfilment, *, item=True):
    """What reports and notices told of the order."""
    with floor.database.write() as uow:
        uow.orders.note(
            OrderFacts(order_of(1), fulfilment, date(2026, 11, 10), date(2026, 11, 11), date(2026, 11, 13)),
            OPENED,
        )
        if item:
            uow.orders.keep_items(
                [OrderItem(order_of(1), "1", asin="B0TESTASIN", sku="SKU-1", title="電気ケトル", quantity=2)],
                OPENED,
            )
        uow.commit()


@pytest.fixture
def troubled(shop_database):
    """A shop with an agent, in which one thing after the other happened to one order."""
    floor = Shopfloor(shop_database, shop=make_shop(agents=(AGENT,)))
    floor.read()
    know(floor, Fulfilment.FBA)
    day_goes_on(floor, buyer(1, text=CRUSHED))
    return floor


@pytest.mark.playbook("First principles / Ask for help early")
def test_all_facts_stand_in_order(troubled):
    """Order, item and days; then what was written, acknowledged, asked, answered and done, by the time."""
    for act in (
        lambda work, case: inquiries.queue(work, inquiries.draft(work, case.id, AGENT)),
        lambda work, case: work.uow.events.note(case.id, "snoozed", work.now),
        lambda work, case: enter(work, case, Entry(Kind.CALL, 1, work.now, "電話", "entered")),
    ):
        troubled.clock.advance(timedelta(minutes=5))
        with troubled.database.write() as uow:
            act(Work(uow, troubled.shop, troubled.clock.now()), uow.cases.get(1))
            uow.commit()
        day_goes_on(troubled)
    troubled.clock.advance(timedelta(minutes=5))
    fields = [("From", AGENT.address), ("Subject", encoded(f"注文 {order_of(1)}"))]
    fields += proof_headers("pass", "logi.example")
    day_goes_on(troubled, message(fields, [("text/plain", "無傷でした。\n")]))
    troubled.clock.advance(timedelta(minutes=5))
    approve(troubled, write_anew(troubled, OWN_WORDS))
    day_goes_on(troubled)
    with troubled.database.write() as uow:
        step = Step(1, Matter.RETURN, "arrived_opened", OPENED.date())
        uow.steps.add(step, troubled.clock.now())
        uow.commit()
    matter, rendered = text_of(troubled)
    assert matter == "crushed"
    told = (
        *("件名: 破損", order_of(1), "Amazon（FBA）", "2026年11月10日", "2026年11月11日", "2026年11月13日"),
        *("電気ケトル", "B0TESTASIN", "SKU-1", "数量: 2", "amazon.co.jp"),
        *(
            "10:30 購入者から問い合わせ",
            "10:30 受付の返事",
            "10:35 発送の委託先に確認",
            "10:45 購入者から電話",
        ),
        *("10:50 発送の委託先から返事", "10:55 購入者へ回答", "返品が開封", "│ 届いた箱がつぶれて"),
        *("損傷のない状態でFBA倉庫へ納品", "箱がつぶれたのが", "補填", "まい商店"),
    )
    place = 0
    for one in told:
        place = rendered.text.find(one, place)
        assert place >= 0, one
    assert "補填" in rendered.path


def test_no_way_to_reach_the_buyer_stands_in_it(troubled):
    """Neither a number in whatever digits, nor an address, nor the name."""
    with troubled.database.write() as uow:
        uow.calls.add(Call(1, OPENED, "山田", number="0311112222"), OPENED)
        uow.commit()
    for about in MATTERS:
        _, rendered = text_of(troubled, about)
        digits = re.sub(r"\D", "", rendered.text.replace(order_of(1), "")).translate(
            str.maketrans("０１２３４５６７８９", "0123456789")
        )
        assert "09011112222" not in digits
        assert "0311112222" not in digits
        assert not any(one in rendered.text for one in ("taro@home", "marketplace.amazon", "山田"))


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("mail", [claim(), feedback(), buyer(1, text="届きません。", order="")])
def test_every_kind_of_case_has_a_text(shop_database, language, mail):
    """What nobody knows is a blank that a person fills in, and no word is left without one."""
    floor = Shopfloor(shop_database, shop=make_shop(language=language))
    floor.read()
    day_goes_on(floor, mail)
    for about in (None, *MATTERS):
        matter, rendered = text_of(floor, about)
        assert matter == (about or matter)
        assert "〔" in rendered.text
        assert "None" not in rendered.text + rendered.path
        assert "Seller Central" in rendered.path or "セラーセントラル" in rendered.path


def test_claim_and_feedback_are_put_as_such(shop_database):
    """What is asked follows from what the case is; the person may say otherwise."""
    floor = Shopfloor(shop_database)
    floor.read()
    day_goes_on(floor, claim(2))
    day_goes_on(floor, feedback(3, 1, "最悪"))
    assert text_of(floor, case=1)[0] == "claim"
    matter, rendered = text_of(floor, case=2)
    assert (matter, "星1つ" in rendered.text, "│ 最悪" in rendered.text) == ("feedback", True, True)
    with floor.database.write() as uow:
        by_hand = case_for(Work(uow, floor.shop, floor.clock.now()), Kind.CALL, None)
        uow.commit()
    assert text_of(floor, case=by_hand.id)[0] == "other"


@pytest.mark.playbook("not arrived, late")
@pytest.mark.playbook("wrong address on the label")
def test_owner_is_told_whom_to_ask(shop_database):
    """Own shipping: the agent, where one is configured. FBA: Amazon. And what became of it."""
    floor = Shopfloor(shop_database, shop=make_shop(agents=(AGENT,), usual_fulfilment="own"))
    floor.read()
    day_goes_on(floor, buyer(1, text="まだ届きません。"))
    day_goes_on(floor, buyer(2, text="送り状の住所が間違っていました。"))
    assert "sokuresu inquiry 1" in advised(floor)
    assert "sokuresu inquiry 2" in advised(floor, 2)
    assert "sokuresu support" not in advised(floor)
    floor.start(agents=())
    assert "inquiry" not in advised(floor)
    floor.start(agents=(AGENT,))
    with floor.database.write() as uow:
        work = Work(uow, floor.shop, floor.clock.now())
        inquiries.queue(work, inquiries.draft(work, 1, AGENT))
        uow.commit()
    assert "返事はまだです" in advised(floor)


@pytest.mark.playbook("First principles / Ask for help early")
@pytest.mark.playbook("threat, lawyer, consumer centre, injury")
@pytest.mark.parametrize(
    ("words", "line"),
    [
        (CRUSHED, "sokuresu support 1 --about crushed"),
        ("まだ届きません。", "sokuresu support 1 --about delivery"),
        ("弁護士に相談し、消費者センターに通報します。", "sokuresu support 1"),
    ],
)
def test_amazon_is_asked_early(shop_database, words, line):
    """A crushed box or a lost parcel of FBA's, and whatever no shop should handle alone."""
    floor = Shopfloor(shop_database, shop=make_shop(agents=(AGENT,)))
    floor.read()
    know(floor, Fulfilment.FBA)
    day_goes_on(floor, buyer(1, text=words))
    assert line in advised(floor)
    assert "inquiry" not in advised(floor)


@pytest.fixture
def counter(troubled, tmp_path):
    """Where the seller types."""
    counter = Counter(troubled, tmp_path)
    agent = f'[[shipping_agent]]\naddress = "{AGENT.address}"\nname = "{AGENT.name}"\n'
    (tmp_path / "shop.toml").write_text(counter._configuration() + agent, "utf-8")
    return counter


def test_inquiry_is_sent_by_whoever_has_read_it(counter, troubled):
    """With its code it goes; with another code nothing does, nor where nobody can be asked."""
    shown = counter.json("inquiry", "1", "--about", "parcel")
    assert (shown["to"], shown["outbox"], shown["refusal"]) == (AGENT.address, None, None)
    page = counter.call("inquiry", "1", "--about", "parcel").stdout
    assert shown["code"] in page
    assert "送り状の宛先" not in page
    send = ("inquiry", "1", "--about", "parcel", "--send")
    assert counter.call(*send).exit_code == 2
    assert counter.call(*send, "--yes").exit_code == 2
    assert counter.call(*send, "--draft", "00000000", "--yes").exit_code == 2
    assert counter.call("inquiry", "1", "--send", "--text", "-", input="〔〕").exit_code == 1
    assert troubled.outbox(1)[-1].kind == "acknowledgment"
    sent = counter.json(*send, "--draft", shown["code"], "--yes")
    assert (sent["outbox"], sent["text"]) == (troubled.outbox(1)[-1].id, shown["text"])
    assert counter.call(*send, "--draft", shown["code"], "--yes").exit_code == 1
    assert "委託先への問い合わせ" in counter.call("outbox").stdout
    day_goes_on(troubled)
    assert [mail.recipient for mail in troubled.sent()][-1] == AGENT.address


def test_inquiry_without_an_agent_says_what_to_configure(counter):
    """The lines can be copied into the configuration."""
    (counter.folder / "shop.toml").write_text(counter._configuration(), "utf-8")
    refused = counter.call("inquiry", "1")
    assert (refused.exit_code, "[[shipping_agent]]" in refused.stderr) == (2, True)


def test_support_is_printed_and_noted_on_request(counter, troubled):
    """Nothing leaves the shop; the record says when it was asked."""
    before = len(troubled.sent())
    told = counter.json("support", "1", "--about", "crushed")
    assert (told["about"], told["noted"], told["blanks"] > 0) == ("crushed", False, True)
    page = counter.call("support", "1", "--note").stdout
    assert told["text"] in page
    assert told["path"] in page
    with troubled.database.read() as uow:
        assert [(one.matter, one.word, one.detail) for one in uow.steps.of_case(1)] == [
            (Matter.SUPPORT, "prepared", "crushed")
        ]
    day_goes_on(troubled)
    assert len(troubled.sent()) == before
    assert counter.call("support", "9").exit_code == 1


def test_person_at_the_terminal_chooses_and_agrees(counter, troubled, monkeypatch):
    """Several agents: the person says which; Enter alone is a no, and yes sends what was shown."""
    monkeypatch.setattr("daemon.cli.asking.at_terminal", lambda: True)
    monkeypatch.setattr("daemon.cli.inquiry.at_terminal", lambda: True)
    second = '[[shipping_agent]]\naddress = "help@other.example"\nlanguage = "en"\n'
    with (counter.folder / "shop.toml").open("a", encoding="utf-8") as file:
        file.write(second)
    assert counter.call("inquiry", "1", "--send", input="2\n\n").exit_code == 1
    agreed = counter.call("inquiry", "1", "--send", input="2\ny\n")
    assert agreed.exit_code == 0, agreed.output
    (item,) = [one for one in troubled.outbox(1) if one.kind == "inquiry"]
    assert item.recipient == "help@other.example"
    assert item.text.splitlines()[0] == "Hello,"
    assert "Hello," in agreed.output


def test_a_rating_is_put_to_amazon_in_its_own_words(troubled):
    """Of a case in which the buyer wrote too the comment is quoted; no hour is made up for the rating."""
    told = Rating(1, RatingSource.HAND, order_of(1), "配送が遅い。", rated_on=OPENED.date())
    with troubled.database.write() as uow:
        record(Work(uow, troubled.shop, troubled.clock.now()), told)
        uow.commit()
    quoted = text_of(troubled, "feedback")[1].text
    assert ("│ 配送が遅い。" in quoted, CRUSHED in quoted) == (True, False)
    assert re.search(r"^2026年11月17日 \D*1/5", quoted, re.MULTILINE)
    assert "│ 届いた箱がつぶれて" in text_of(troubled)[1].text
    with troubled.database.write() as uow:
        record(Work(uow, troubled.shop, troubled.clock.now()), replace(told, comment="遅いです。"))
        uow.commit()
    assert "│ 遅いです。" in text_of(troubled, "feedback")[1].text


def test_who_asks_the_wrong_one_is_told(counter, troubled):
    """Amazon, not the agent, knows of what Amazon shipped; and an agent is one that is configured."""
    asked = counter.call("inquiry", "1")
    assert (asked.exit_code, "sokuresu support 1" in asked.stderr) == (0, True)
    troubled.work(buyer(2))
    assert counter.call("inquiry", "2").stderr == ""
    refused = counter.call("inquiry", "1", "--agent", "stranger@evil.example")
    assert (refused.exit_code, AGENT.address in refused.stderr, "設定に 1 件" in refused.stderr) == (
        2,
        True,
        False,
    )


def test_who_asks_amazon_about_a_box_of_their_own_is_told(counter, troubled):
    """The text for a crushed box is for items of the FBA warehouse; it is shown all the same."""
    assert counter.call("support", "1", "--about", "crushed").stderr == ""
    troubled.work(buyer(2))
    with troubled.database.write() as uow:
        uow.orders.note(OrderFacts(order_of(2), Fulfilment.OWN), OPENED)
        uow.commit()
    asked = counter.call("support", "2", "--about", "crushed")
    assert (asked.exit_code, "自社発送" in asked.stderr, "FBA倉庫へ納品" in asked.stdout) == (0, True, True)
    assert counter.json("support", "2", "--about", "crushed")["for_fba_only"] is True
    assert counter.call("support", "2", "--about", "delivery").stderr == ""
