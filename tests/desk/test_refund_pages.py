"""The refund's calculator at the desk: the sum, what is missing, and what is recorded of it, once."""

from __future__ import annotations

import re

import pytest

from parsers.values import Fulfilment
from state.repository.orders import OrderFacts, OrderItem
from state.steps import Matter
from tests.beds.desk import words_of
from tests.beds.post import buyer, order_of
from tests.beds.reviewing import day_goes_on, drafts, open_draft

PAGE = "/case/1/refund"
FIGURES = {"kind": "partial", "new": "９，８００円", "almost_new": "6,800", "paid": "9,800", "shipping": "0"}


@pytest.fixture
def sold(floor, browser):
    """A buyer complains of an order whose price a report told."""
    day_goes_on(floor, buyer(1))
    with floor.database.write() as uow:
        uow.orders.note(OrderFacts(order_of(1), Fulfilment.OWN, currency="JPY"), floor.clock.now())
        item = OrderItem(order_of(1), "1", quantity=1, price=9_800, shipping=500)
        uow.orders.keep_items([item], floor.clock.now())
        uow.commit()
    return browser


def steps(floor, case=1):
    """What is recorded of the refund."""
    with floor.database.read() as uow:
        return [(one.word, one.detail) for one in uow.steps.of_case(case, Matter.REFUND)]


def asked(browser, **fields):
    """The page with these figures."""
    return browser.client.get(PAGE, params=fields, headers={"sec-fetch-site": "same-origin"}).text


def test_three_thousand_yen_from_the_two_prices(floor, sold):
    """Wide digits count; the sum is there line by line, with message and steps; nothing is kept."""
    page = words_of(asked(sold, **FIGURES))
    for words in (
        "新品 9,800円 − ほぼ新品 6,800円",
        "= 返金額 (一部): 3,000円",
        "端数: ありません",
        "代金の一部として 3,000円",
        "「一部返金」を選び",
        "「返金を送信」を押します。",
    ):
        assert words in page, page
    assert "sokuresu" not in page
    assert "--full" not in page
    assert steps(floor) == []


def test_what_the_order_told_is_filled_in_and_enough_for_a_full_refund(sold):
    """Item and shipping come from the report; a full refund is worked out at once."""
    assert 'value="9,800"' in sold.get(PAGE).text
    assert "= 返金額 (全額): 10,300円" in sold.text(f"{PAGE}?kind=full")


def test_never_more_than_was_paid_and_never_below_nothing(sold):
    """A greater difference ends at what was paid; a dearer almost new one leaves nothing to draft."""
    page = words_of(asked(sold, **FIGURES | {"new": "30000"}))
    assert "9,800円 まで" in page
    assert "= 返金額 (一部): 9,800円" in page
    page = words_of(asked(sold, **FIGURES | {"new": "5000"}))
    assert "= 返金額 (一部): 0円" in page
    assert "下書きにする" not in page
    assert sold.post(f"{PAGE}/note", seen="0", **FIGURES | {"new": "5000"}).status_code == 409


def test_what_is_no_amount_is_said_beside_its_field_and_everything_stays(floor, sold):
    """Fractions of a yen, negative amounts and markup are refused; nothing that was typed is lost."""
    typed = FIGURES | {"new": '98.5"><script>alert(1)</script>', "almost_new": "-1", "paid": ""}
    page = asked(sold, **typed)
    assert page.count("0以上の金額を1円単位で") == 2
    assert page.count("金額を書いてください。") == 1
    assert "&lt;script&gt;" in page
    assert "<script>alert" not in page
    assert 'value="-1"' in page
    refused = sold.post(f"{PAGE}/draft", seen="0", **typed)
    assert (refused.status_code, 'value="-1"' in refused.text) == (409, True)
    assert steps(floor) == []


def test_the_part_that_is_fetched_while_typing(sold):
    """The sum alone, with the faults for their places; what is not typed yet is no fault."""
    part = sold.get(f"{PAGE}/work-out?kind=partial&new=9800&almost_new=&paid=x").text
    assert "<html" not in part
    assert "あと必要な金額" in part
    assert 'id="fault-almost_new" hx-swap-oob="true"></small>' in part
    assert part.count("1円単位で") == 1


def test_the_message_becomes_the_draft_once_and_the_refund_is_noted_once(floor, sold):
    """Each button pressed twice changes nothing the second time; nothing leaves."""
    fields = FIGURES | {"seen": "0"}
    assert "done=refund_drafted" in sold.post(f"{PAGE}/draft", **fields).headers["location"]
    for seen in ("0", "1"):
        again = sold.post(f"{PAGE}/draft", **fields | {"seen": seen})
        assert "done=nothing" in again.headers["location"]
    assert "3,000円" in open_draft(floor).text
    made, before = len(drafts(floor)), len(floor.sent())
    assert steps(floor) == [("proposed", "JPY 3000")]
    assert "返金待ち: 3,000円" in sold.text(PAGE)
    seen = re.search(r'refund/made".*?name="seen" value="(\d+)"', sold.get(PAGE).text)[1]
    assert [sold.post(f"{PAGE}/made", **old).status_code for old in ({}, {"seen": "0"})] == [409, 409]
    assert steps(floor) == [("proposed", "JPY 3000")]
    for told in ("refund_made", "nothing"):
        assert sold.post(f"{PAGE}/made", seen=seen).headers["location"] == f"{PAGE}?done={told}"
    assert steps(floor)[-1] == ("refunded", "JPY 3000")
    floor.send()
    assert (len(drafts(floor)), len(floor.sent())) == (made, before)
    assert "返金しました: 3,000円" in sold.text(PAGE)


def test_a_page_that_is_behind_decides_nothing(floor, sold):
    """Another amount was noted elsewhere meanwhile: the figures stay, and the person looks again."""
    sold.post(f"{PAGE}/note", seen="0", **FIGURES)
    late = sold.post(f"{PAGE}/made", seen="0", **FIGURES | {"almost_new": "5800"})
    assert (late.status_code, "返金の記録が増えました" in late.text, 'value="5800"' in late.text) == (
        409,
        True,
        True,
    )
    assert steps(floor) == [("proposed", "JPY 3000")]


def test_without_an_address_the_text_is_there_to_copy(floor, sold):
    """It says why it cannot become the draft, and the amount can be noted all the same."""
    with floor.database.write() as uow:
        uow.cases.change(1, alias=None)
        uow.commit()
    page = words_of(asked(sold, **FIGURES))
    assert "下書きにはできません: 返信先のアドレスがありません" in page
    assert "代金の一部として 3,000円" in page
    refused = sold.post(f"{PAGE}/draft", seen="0", **FIGURES)
    assert (refused.status_code, "sokuresu" in refused.text) == (409, False)
    assert "refund_made" in sold.post(f"{PAGE}/made", seen="0", **FIGURES).headers["location"]
    assert steps(floor) == [("refunded", "JPY 3000")]


def test_of_several_orders_one_has_to_be_chosen(floor, sold):
    """Nothing is worked out before, and an order of another case is none of them."""
    with floor.database.write() as uow:
        uow.cases.add_orders(1, [order_of(2)])
        uow.commit()
    for query in ("", f"?order={order_of(3)}&kind=full&paid=1&shipping=1"):
        page = sold.text(f"{PAGE}{query}")
        assert "どの注文の返金かを選んでください" in page
        assert "返金額" not in page
    assert sold.post(f"{PAGE}/made", seen="0", **FIGURES).status_code == 409
    page = sold.text(f"{PAGE}?order={order_of(1)}&kind=full")
    assert "= 返金額 (全額): 10,300円" in page
    assert f"検索します: {order_of(1)}" in page
    assert steps(floor) == []
