"""What happens on Saturday afternoon: ratings, a call, a return, a refund, an inquiry, and what is learnt."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from daemon.demo import mails
from daemon.demo.events import TOKYO, AgentAnswers, Arrives, Event, Expected, ExpectedAlert, Runs
from daemon.demo.people import ENDO, INOUE, KOBAYASHI, OKADA, TANIGUCHI, WATANABE
from daemon.demo.premises import AGENT_ADDRESS
from daemon.demo.words import Line
from daemon.reading.arrivals import Outcome

if TYPE_CHECKING:
    from daemon.demo.mails import Buyer


def _at(hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, 21, hour, minute, tzinfo=TOKYO)


LATE_BY_AMAZON = "予定日を過ぎても届かず、配送がとても遅かったです。"
WEAK_MILL = "すぐに刃が欠けました。音も大きく、買って後悔しています。"
LATE_BUT_GOOD = "商品には満足していますが、問い合わせへの返事がなく、対応が不親切でした。"
WISHES = "加湿器の使い方を電話で聞きたい"
NUMBER = "090-0000-0000"
PREVENTION = "送り状の住所を委託先と二重に確かめる"
AGENTS_WORDS = (
    "まい商店 様\n\nお問い合わせの件、送り状の住所に番地が抜けておりました。申し訳ございません。\n"
    "本日中に正しい住所へ再配達いたします。\n\n発送代行センター"
)

_HEADINGS = (
    "order-id",
    "order-item-id",
    "purchase-date",
    "buyer-email",
    "product-name",
    "sku",
    "quantity-purchased",
    "currency",
    "item-price",
    "shipping-price",
    "fulfillment-channel",
)


def _line(buyer: Buyer, number: int, price: int, channel: str) -> str:
    cells = (
        buyer.order,
        f"{number:014}",
        "2026-11-16T10:00:00+09:00",
        f"buyer{number}@marketplace.amazon.co.jp",
        buyer.product or "",
        f"MAI-{number:02}",
        "1",
        "JPY",
        str(price),
        "0",
        channel,
    )
    return "\t".join(cells)


ORDERS = "\n".join(
    (
        "\t".join(_HEADINGS),
        _line(KOBAYASHI, 1, 4980, "Amazon"),
        _line(OKADA, 2, 3480, "Amazon"),
        _line(ENDO, 3, 1280, "Merchant"),
        _line(WATANABE, 4, 9800, "Merchant"),
        _line(INOUE, 5, 2480, "Merchant"),
        "",
    )
)
"""A report of orders as Seller Central exports it."""

END = _at(15, 30)

EVENTS: tuple[Event, ...] = (
    Runs(
        _at(13, 0),
        ("import", "orders", "-"),
        Line("注文レポートを取り込む", "takes in the report of orders"),
        ("5",),
        reads=ORDERS,
    ),
    Arrives(
        _at(13, 10),
        Line("出品者の評価: 1（配送について、FBAの注文）", "seller feedback of 1: a late delivery by Amazon"),
        mails.feedback(KOBAYASHI.order, 1, LATE_BY_AMAZON, _at(13, 10)),
        Expected(Outcome.JOINED),
        LATE_BY_AMAZON,
    ),
    Runs(
        _at(13, 12),
        ("feedback", "show", "{case}"),
        Line("Amazonに取り消してもらえるか", "can Amazon strike it?"),
        ("取り消し線", KOBAYASHI.order),
        order=KOBAYASHI.order,
    ),
    Runs(
        _at(13, 20),
        ("feedback", "step", "{case}", "requested"),
        Line("セラーセントラルで申請した", "asked for it in Seller Central"),
        order=KOBAYASHI.order,
    ),
    Arrives(
        _at(13, 30),
        Line("出品者の評価: 1（商品の感想だけ）", "seller feedback of 1: only about the product"),
        mails.feedback(OKADA.order, 1, WEAK_MILL, _at(13, 30)),
        Expected(Outcome.OPENED),
        WEAK_MILL,
    ),
    Runs(
        _at(13, 32),
        ("feedback", "show", "{case}"),
        Line("商品レビューとして削除を頼めるか", "can it go as a review of the product?"),
        ("商品のレビュー", OKADA.order),
        order=OKADA.order,
    ),
    Arrives(
        _at(13, 40),
        Line("出品者の評価: 2（商品と対応の両方）", "seller feedback of 2: product and service, mixed"),
        mails.feedback(ENDO.order, 2, LATE_BUT_GOOD, _at(13, 40)),
        Expected(Outcome.OPENED),
        LATE_BUT_GOOD,
    ),
    Runs(
        _at(13, 42),
        ("feedback", "show", "{case}"),
        Line("これは残る", "this one stays"),
        (ENDO.order,),
        order=ENDO.order,
    ),
    Runs(
        _at(14, 0),
        (
            "call",
            "--caller",
            TANIGUCHI.name,
            "--wishes",
            WISHES,
            "--number",
            NUMBER,
            "--hours",
            "平日の夕方",
            "--promised",
            "2026-11-24",
            "--order",
            TANIGUCHI.order,
        ),
        Line("知らない番号から電話があった", "an unknown number called"),
    ),
    Runs(
        _at(14, 10),
        ("returns", "{case}", "--arrived", "opened"),
        Line("ひと言もない返品が、開封されて届いた", "the silent return came back, opened"),
        order=WATANABE.order,
    ),
    Runs(
        _at(14, 20),
        ("refund", "{case}", "--new", "9800", "--almost-new", "6800"),
        Line("一部返金の額を決める", "works out a partial refund"),
        ("3,000",),
        order=WATANABE.order,
    ),
    Runs(
        _at(14, 30),
        ("inquiry", "{case}"),
        Line("発送の委託先への問い合わせを読む", "reads the inquiry to the shipping agent"),
        (AGENT_ADDRESS, INOUE.order),
        order=INOUE.order,
        finds=r"文面の番号: (\w+)",
    ),
    Runs(
        _at(14, 32),
        ("inquiry", "{case}", "--send", "--draft", "{found}", "--yes"),
        Line("それを送る", "and sends it"),
        order=INOUE.order,
    ),
    AgentAnswers(_at(14, 45), INOUE.order, AGENTS_WORDS),
    Runs(
        _at(15, 0),
        (
            "close",
            "{case}",
            "--cause",
            "agent_label",
            "--prevention",
            PREVENTION,
        ),
        Line("原因と再発防止を残して終える", "closes the case with its cause and prevention"),
        order=INOUE.order,
    ),
    Runs(_at(15, 20), ("report",), Line("今月の報告を見る", "looks at the month's report"), ("2026",)),
)

ALERTS = (
    ExpectedAlert(
        _at(13, 10),
        _at(13, 15),
        Line("評価1のお知らせ（FBAの配送）", "the alert for the late delivery by Amazon"),
        urgent=True,
        lists=(KOBAYASHI.order,),
    ),
    ExpectedAlert(
        _at(13, 30),
        _at(13, 35),
        Line("評価1のお知らせ（商品の感想）", "the alert for the review of the product"),
        urgent=True,
        lists=(OKADA.order,),
    ),
    ExpectedAlert(
        _at(13, 40),
        _at(13, 45),
        Line("評価2のお知らせ", "the alert for the feedback of 2"),
        urgent=True,
        lists=(ENDO.order,),
    ),
    ExpectedAlert(
        _at(14, 0),
        _at(14, 10),
        Line("電話のお知らせ", "the alert for the telephone call"),
        lists=(TANIGUCHI.order,),
        omits=(NUMBER,),
    ),
    ExpectedAlert(
        _at(14, 45),
        _at(14, 50),
        Line("委託先の返事のお知らせ", "the alert for the agent's answer"),
    ),
)

LEFT_OPEN = (OKADA, ENDO, TANIGUCHI)
"""Whose cases came without an address and wait at the end."""
