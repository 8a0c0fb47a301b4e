"""Inquiries of the agent at the desk: only to whom the configuration names, only what was shown, once."""

from __future__ import annotations

import re
from html import unescape

import pytest

from daemon.shop import Agent
from state.outbox_rules import OutboxKind
from tests.beds.desk import Browser, make_desk
from tests.beds.post import buyer, order_of
from tests.beds.reviewing import day_goes_on
from tests.beds.shopfloor import Shopfloor, make_shop

AGENT = Agent("desk@logi.example", "青空ロジ")
PAGE = "/case/1/inquiry"
OWN = "注文の送り状に、転送先が書かれていないかお調べください。"


@pytest.fixture
def asking(shop_database):
    """A shop with an agent, and a buyer whose parcel has not come."""
    floor = Shopfloor(shop_database, shop=make_shop(agents=(AGENT,)))
    floor.read()
    day_goes_on(floor, buyer(1, text="まだ届きません。電話は 090-1111-2222 です。"))
    return floor


@pytest.fixture
def person(asking, tmp_path):
    """Somebody at the desk of that shop."""
    return Browser(make_desk(asking, tmp_path)).sign_in()


def asked(floor):
    """Every inquiry of the case, with its recipient and text."""
    return [(one.recipient, one.text) for one in floor.outbox(1) if one.kind is OutboxKind.INQUIRY]


def brought(answer):
    """What the form of the last button brings, as the page holds it."""
    assert answer.status_code == 200, answer.text
    form = answer.text.partition("/inquiry/send")[2].partition("</form>")[0]
    return {
        name: unescape(value)
        for name, value in re.findall(r'name="([a-z]+)" value="([^"]*)"', form)
        if name != "csrf"
    }


def checked(person, **fields):
    """The check before sending."""
    return person.post(f"{PAGE}/check", **({"about": "both", "agent": AGENT.address, "text": OWN} | fields))


def test_the_mail_goes_exactly_as_it_was_shown_and_once(asking, person):
    """Recipient, subject and text stand on the check; the same button pressed again sends nothing."""
    assert order_of(1) in person.text(PAGE)
    page = checked(person)
    for words in (AGENT.address, "main@shop.example", order_of(1), OWN):
        assert words in page.text
    assert asked(asking) == []
    fields = brought(page)
    first = person.post(f"{PAGE}/send", **fields)
    assert first.headers["location"] == "/case/1?done=inquiry_waiting"
    assert person.post(f"{PAGE}/send", **fields).headers["location"] == "/case/1?done=inquiry_before"
    assert asked(asking) == [(AGENT.address, OWN)]
    asking.send()
    assert [one.recipient for one in asking.sent()].count(AGENT.address) == 1
    assert "送信済み" in person.text(PAGE)


def test_the_same_text_goes_again_only_if_that_is_ticked_and_then_once(asking, person):
    """The check says that it went before."""
    person.post(f"{PAGE}/send", **brought(checked(person)))
    page = checked(person)
    assert "同じ文面をすでに送っています" in page.text
    fields = brought(page) | {"again": "yes"}
    for _ in range(2):
        person.post(f"{PAGE}/send", **fields)
    assert len(asked(asking)) == 2


def test_what_was_not_shown_does_not_go(asking, person):
    """Neither another text behind the same code, nor to somebody whom nobody configured."""
    fields = brought(checked(person))
    other = person.post(f"{PAGE}/send", **fields | {"text": "別の文面です。返信をお願いします。"})
    assert (other.status_code, "送る内容が変わりました" in other.text) == (409, True)
    for path in ("check", "send"):
        refused = person.post(f"{PAGE}/{path}", **fields | {"agent": "x@evil.example"})
        assert (refused.status_code, "宛先が設定の" in refused.text) == (409, True)
    assert asked(asking) == []


def test_no_words_come_by_the_address(person):
    """A link in a mail opens the page with the shop's own proposal; whom and what to ask may be chosen."""
    page = person.get(f"{PAGE}?about=late&agent={AGENT.address}&text=PWNED")
    assert (page.status_code, "PWNED" in page.text) == (200, False)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "本文がありません"),
        ("〔追跡番号〕はどうなりましたか。", "記入されていない"),
        ("山田 二郎様の荷物です。", "購入者の名前"),
        ("お客様の電話は 090-1111-2222 です。", "購入者の電話番号"),
        ("あ" * 4_001, "4,000 文字"),
    ],
)
def test_a_text_that_may_not_go_comes_back_to_be_changed(asking, person, text, reason):
    """With the reason, with all that was written, and without the options of commands."""
    refused = checked(person, text=text)
    assert refused.status_code == 409
    assert reason in refused.text
    assert text in refused.text
    assert "--text" not in refused.text
    assert asked(asking) == []


def test_hostile_words_stay_words(person):
    """In the field and on the check alike."""
    hostile = "</pre></textarea><script>alert(1)</script> 調べてください。"
    for page in (checked(person, text=hostile), person.post(f"{PAGE}/edit", text=hostile)):
        assert "<script>alert" not in page.text
        assert "&lt;script&gt;alert(1)" in page.text


def test_without_an_agent_the_page_says_how_to_name_one(floor, browser):
    """The lines for the configuration are there to copy, and no form is."""
    day_goes_on(floor, buyer(1))
    page = browser.text(PAGE)
    assert "[[shipping_agent]]" in page
    assert "文面を作り直す" not in page
    refused = browser.post(f"{PAGE}/send", agent=AGENT.address, text=OWN, code="x", asked="0")
    assert (refused.status_code, asked(floor)) == (409, [])
