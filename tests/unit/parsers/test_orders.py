"""Who ships an order, and its days, as notices tell them."""

from __future__ import annotations

import time
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.days import find_day, read_day
from parsers.fulfilment import find_fulfilment
from parsers.reading import read
from parsers.rules import load_rules
from parsers.values import Fulfilment, Kind, OrderNotice, Refund, Trust
from tests.unit.parsers.mails import notice

FBA, OWN = Fulfilment.FBA, Fulfilment.OWN
ORDER = "249-1234567-7654321"
SENDER = "seller-notification@amazon.co.jp"

SAME_DAY = (
    """
2026/07/09 | 2026/7/9 12:34 | 2026年7月9日 | 2026年07月09日(木) | 2026 年 7 月 9 日 | 2026-07-09
2026-07-09T03:00:00Z | 2026.7.9 | ２０２６／０７／０９ | Jul 9, 2026 | July 9 2026 | Jul. 9th, 2026
9 Jul 2026 | 9 July, 2026 | 9-Jul-2026 | 09.07.2026 | Thu, Jul 9, 2026 | Thursday, 9 July 2026
木曜日, 2026/07/09 | JULY 9, 2026 10:00 AM JST
""".strip()
    .replace("\n", " | ")
    .split(" | ")
)
NO_DAY = (
    """
1994/12/31 | 2101/01/01 | 2026/13/01 | 2026/02/30 | 2026/07/091 | 12026/07/09 | 09/07/2026 | 7/9
Juli 9, 2026 | 249-1234567-7654321 | なし | 約2026/07/09 | 0000/00/00 | Jul 99, 2026 | |
""".strip()
    .replace("\n", " | ")
    .split(" | ")
)


def order_notice(body: str, subject: str = "注文確定", form: str = "plain") -> OrderNotice:
    """What is read of one notice of an order."""
    found = read(notice(subject, body, sender=SENDER, form=form), Trust()).notification
    assert isinstance(found, OrderNotice)
    return found


def refund(body: str, subject: str = f"返金手続き開始のお知らせ {ORDER}") -> Refund:
    """What is read of one notice of a refund."""
    found = read(notice(subject, body, kind="REFUND_ISSUED"), Trust()).notification
    assert isinstance(found, Refund)
    return found


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("Amazonで新規の注文がありました。\n出荷予定日2026/07/09までに出荷してください。", OWN),
        ("出荷予定日２０２６／０７／０９までに、出荷通知を送信してください。", OWN),
        ("新規の注文がありました。\n出荷通知を送信してください。", OWN),
        ("Please ship this order by July 9.", OWN),
        ("新規の注文がありました。\nAmazonが商品を発送しました。", FBA),
        ("新規の注文がありました。\nAmazonから発送されます。", FBA),
        ("新規の注文がありました。\n発送元: Amazon", FBA),
        ("This order was fulfilled by Amazon.", FBA),
        ("This order was not fulfilled by Amazon.", None),
        ("新規の注文がありました。\n注文番号：249-1234567-7654321", None),
        ("出荷予定日2026/07/09までに…\nAmazonが商品を発送しました。", None),
        ("新規の注文がありました。\n商品名：FBA風 Fulfilled by Amazon ステッカー", None),
        (
            "新規の注文がありました。\n・商品名: 出品者出荷ラベル\n1 / Shipped by Amazon [ASIN: B0ABCDEFGH]",
            None,
        ),
        ("新規の注文がありました。\nAmazonが商品を発送しません。", None),
    ],
)
def test_order_notices_tell_who_ships(body: str, expected: Fulfilment | None) -> None:
    """Who is asked to ship ships; contradicting wording, and the title of a product, prove nothing."""
    assert order_notice(body).fulfilment is expected


@pytest.mark.parametrize("subject", ["Sold, ship now: headphones", "Sold, dispatch now: headphones"])
def test_subjects_tell_who_ships(subject: str) -> None:
    """The English notices ask in their subject."""
    assert order_notice("Hello", subject).fulfilment is OWN


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("<p>Order ID: x</p><p>Rete logistica di Amazon: Gestito dal venditore</p>", OWN),
        ("<p>フルフィルメント by Amazon: 出品者が出荷</p>", OWN),
        ("<p>Fulfilled by Amazon: Fulfilled by seller</p>", OWN),
        ("<p>Fulfillment: Fulfilled by merchant</p>", OWN),
        ("<p>45日以内にAmazonフルフィルメントセンターに返送されない場合</p>", FBA),
        ("<p>返品は４５ 日以内に、フルフィルメント センターへ</p>", FBA),
        ("<p>returned to the fulfilment centre within 45 days</p>", FBA),
        ("<p>returned to our fulfillment center</p>", None),
        ("<p>within 45 days</p>", None),
        ("<p>フルフィルメントセンター 145日</p>", None),
        ("<p>出品者が出荷</p><p>フルフィルメントセンターに45日以内に</p>", None),
        ("<table><tr><th>商品名</th></tr><tr><td>Fulfilled by Amazon の箱</td></tr></table>", None),
        ("<p>返金しました。</p>", None),
    ],
)
def test_refunds_tell_who_shipped(body: str, expected: Fulfilment | None) -> None:
    """The seller's layout names the seller, Amazon's names its centre together with the 45 days."""
    assert refund(body).fulfilment is expected


def test_cues_count_only_in_their_notices() -> None:
    """What a refund says about a planned day asks nobody to ship."""
    text = "出荷予定日2026/07/09までに"
    assert find_fulfilment(Kind.ORDER_NOTICE, "", text) is OWN
    assert find_fulfilment(Kind.REFUND, "", text) is None
    assert find_fulfilment(Kind.BUYER_MESSAGE, "", text) is None


def test_wording_for_amazons_shipping_is_marked_as_assumed() -> None:
    """Nobody has shown such a notice of an order yet."""
    cues = [cue for cue in load_rules("orders")["cue"] if cue["fulfilment"] == "fba"]
    assert cues
    assert all(cue["confidence"] == "assumed" for cue in cues if "order_notice" in cue["kinds"])


@pytest.mark.parametrize("text", SAME_DAY)
def test_days_are_read_in_many_forms(text: str) -> None:
    """With or without a weekday before, and a time behind."""
    assert read_day(text) == date(2026, 7, 9)


@pytest.mark.parametrize("text", NO_DAY)
def test_other_texts_are_no_day(text: str) -> None:
    """Only whole, plausible and unambiguous ones count."""
    assert read_day(text) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Sept 1, 2026", date(2026, 9, 1)),
        ("May 1, 2026", date(2026, 5, 1)),
        ("1995/01/01", date(1995, 1, 1)),
        ("2100-12-31", date(2100, 12, 31)),
    ],
)
def test_edges_of_the_calendar(text: str, expected: date) -> None:
    """The first and the last day that are believed, and months with short names."""
    assert read_day(text) == expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("新規の注文\n注文日：2026/07/09", date(2026, 7, 9)),
        ("・注文日 ： 2026年7月9日 (木)", date(2026, 7, 9)),
        ("【注文日】2026/07/09", date(2026, 7, 9)),
        ("注文日\n\n2026/07/09", date(2026, 7, 9)),
        ("注文日2026/07/09", date(2026, 7, 9)),
        ("注文日時：2026/07/09 10:00", date(2026, 7, 9)),
        ("Order date: Jul 9, 2026", date(2026, 7, 9)),
        ("注文日：2026/07/09\n注文日：2026/07/09", date(2026, 7, 9)),
        ("注文日：2026/07/09\n注文日：2026/07/10", None),
        ("出荷予定日：2026/07/09\n配達予定日：2026/07/09", None),
        ("注文日：\n商品名：x\n2026/07/09", None),
        ("お客様の注文日：2026/07/09", None),
        ("注文日：2030/07/09", None),
        ("", None),
    ],
)
def test_the_day_of_the_order_is_read(body: str, expected: date | None) -> None:
    """From its labelled line; two that differ are none, and so is one behind the mail's own date."""
    found = order_notice(f"新規の注文がありました。\n{body}")
    assert (found.ordered_on, found.shipped_on, found.delivered_on) == (expected, None, None)


def test_days_of_shipping_and_delivery_have_their_own_labels() -> None:
    """All three in one notice, in HTML."""
    days = "<li><b>注文日：</b> 2026/11/01</li><li>出荷日：2026/11/02</li><li>配達日：2026/11/04</li>"
    found = order_notice(f"<p>新規の注文がありました。</p><ul>{days}</ul>", form="html")
    assert (found.ordered_on, found.shipped_on, found.delivered_on) == (
        date(2026, 11, 1),
        date(2026, 11, 2),
        date(2026, 11, 4),
    )


def test_days_stand_in_columns_too() -> None:
    """Below a heading, once or in every row the same."""
    row = "<tr><td>x</td><td>2026/07/09</td></tr>"
    table = f"<table><tr><th>商品</th><th>注文日</th></tr>{row}{row}</table>"
    assert find_day("", table, ["注文日"]) == date(2026, 7, 9)
    assert find_day("注文日：2026/07/10", table, ["注文日"]) is None


@given(st.dates(date(1995, 1, 1), date(2100, 12, 31)))
def test_every_plausible_day_is_read(day: date) -> None:
    """In the three forms that Amazon prints most."""
    for form in ("%Y/%m/%d", "%Y-%m-%d", "%Y年%m月%d日", "%b %d, %Y", "%d %B %Y"):
        assert read_day(day.strftime(form)) == day


@given(st.text(), st.text())
def test_no_text_raises(text: str, html: str) -> None:
    """Every text gets an answer."""
    assert find_fulfilment(Kind.REFUND, text, text, html) in {None, *Fulfilment}
    assert find_day(text, html, ["注文日", "Order date"]) is None or text
    assert read_day(text) is None or text


@pytest.mark.parametrize(
    "unit",
    [
        *(
            "出荷予定日",
            "amazonが",
            "フルフィルメント",
            "45日",
            "注文日\n",
            "注文日：2026/07/09\n",
            "fulfilled by ",
            "商品名：",
        ),
        *("please ship ", "amazon has shipped ", "出品者が", "January ", "1 jan ", "2026/"),
    ],
)
def test_hostile_notices_cost_little(unit: str) -> None:
    """The work grows no faster than the text."""
    started = time.process_time()
    find_fulfilment(Kind.REFUND, unit * 100, unit * 100_000)
    find_day(unit * 100_000, "", load_rules("orders")["days"]["ordered"])
    assert time.process_time() - started < 20
