"""What a good seller says and does in each situation stands in the draft and in the advice beside it."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from templates.advising import advice
from templates.contexts import AlertContext, AlertEvent, DraftContext
from templates.drafting import DraftTemplates
from templates.guidelines import check
from templates.render import render_alert

DRAFTS = DraftTemplates()
ORDER = "250-3407084-0349098"
SOON = {"delivered_on": date(2026, 11, 3), "days_since_delivery": 18}
MONTHS_LATER = {"delivered_on": date(2026, 3, 5), "days_since_delivery": 261}
BOTH = ("fba", "own")
FBA = ("fba",)
OWN = ("own",)


def draft(situation, fulfilment):
    """The Japanese draft of a case about which the usual is known."""
    known = MONTHS_LATER if situation == "after_30_days" else SOON
    rendered = DRAFTS.render(DraftContext("まい商店", None, ORDER, situation, fulfilment, **known), "ja")
    assert rendered is not None
    return rendered.text


@pytest.mark.parametrize(
    ("situation", "fulfilments", "words"),
    [
        pytest.param(
            "how_to_use", BOTH, ("手順", "保証書", "お客様窓口"), marks=pytest.mark.playbook("how to use it")
        ),
        pytest.param(
            "damaged",
            BOTH,
            ("お詫び", "返品と全額のご返金", "お手元に残し、代金の一部をご返金"),
            marks=pytest.mark.playbook("damaged on arrival, box crushed"),
        ),
        pytest.param(
            "damaged", FBA, ("30日以内",), marks=pytest.mark.playbook("damaged on arrival, box crushed")
        ),
        pytest.param(
            "damaged", OWN, ("お写真",), marks=pytest.mark.playbook("damaged on arrival, box crushed")
        ),
        pytest.param(
            "defective",
            FBA,
            ("30日以内", "返品手続き"),
            marks=pytest.mark.playbook("defect, dead on arrival"),
        ),
        pytest.param(
            "defective",
            OWN,
            ("1. 交換", "全額のご返金"),
            marks=pytest.mark.playbook("defect, dead on arrival"),
        ),
        pytest.param(
            "after_30_days",
            BOTH,
            ("30日以内のお申し込みに限られ", "ご期待に沿えませんことをお詫び", "保証書", "メーカー"),
            marks=[
                pytest.mark.playbook("asks months later"),
                pytest.mark.playbook("defect, dead on arrival"),
            ],
        ),
        pytest.param(
            "not_delivered",
            FBA,
            ("カスタマーサービス", "当店からもAmazonに"),
            marks=pytest.mark.playbook("not arrived, late"),
        ),
        pytest.param(
            "not_delivered",
            OWN,
            ("申し訳", "配送業者", "〔結果をお伝えできる日〕までに"),
            marks=pytest.mark.playbook("not arrived, late"),
        ),
        pytest.param(
            "wrong_address",
            FBA,
            ("送り状の作成とお届けはAmazonが行っております",),
            marks=pytest.mark.playbook("wrong address on the label"),
        ),
        pytest.param(
            "wrong_item",
            FBA,
            ("返品手続き", "Amazonより全額返金"),
            marks=pytest.mark.playbook("wrong item, missing part"),
        ),
        pytest.param(
            "wrong_item",
            OWN,
            ("正しい商品を当店の費用でお送り", "着払い"),
            marks=pytest.mark.playbook("wrong item, missing part"),
        ),
        pytest.param(
            "missing_part", FBA, ("返品手続き",), marks=pytest.mark.playbook("wrong item, missing part")
        ),
        pytest.param(
            "missing_part",
            OWN,
            ("不足している品を当店の費用で",),
            marks=pytest.mark.playbook("wrong item, missing part"),
        ),
        pytest.param(
            "return_or_exchange",
            FBA,
            ("30日以内", "ご返金はAmazonが行います"),
            marks=pytest.mark.playbook("wants to return or exchange"),
        ),
        pytest.param(
            "return_or_exchange",
            OWN,
            ("返送先は返品の画面に表示", "開封された商品は", "返送料"),
            marks=pytest.mark.playbook("wants to return or exchange"),
        ),
        pytest.param(
            "cancel", BOTH, ("発送の前でしたら", "キャンセルの手続き"), marks=pytest.mark.playbook("cancel")
        ),
        pytest.param(
            "receipt", FBA, ("注文履歴", "適格請求書"), marks=pytest.mark.playbook("receipt, invoice")
        ),
        pytest.param("receipt", OWN, ("適格請求書", "添付"), marks=pytest.mark.playbook("receipt, invoice")),
        pytest.param(
            "question", BOTH, ("〔ご質問への回答〕",), marks=pytest.mark.playbook("question before buying")
        ),
    ],
)
def test_the_draft_says_it(situation, fulfilments, words):
    """The buyer reads what a good seller would write, by the channel that delivered."""
    for fulfilment in fulfilments:
        text = draft(situation, fulfilment)
        assert [word for word in words if word not in text] == []


@pytest.mark.playbook("wrong address on the label")
def test_a_wrong_address_is_answered_in_four_steps():
    """Apology for the worry, being checked with the agent, why nobody answered the call, apology again."""
    text = draft("wrong_address", "own")
    steps = [
        text.index(word) for word in ("申し訳", "発送の委託先", "お電話をいただきながら", "重ねてお詫び")
    ]
    assert steps == sorted(steps)
    assert "ご心配" in text[: steps[1]]


@pytest.mark.parametrize(
    ("situation", "fulfilments", "words"),
    [
        pytest.param(
            "how_to_use", BOTH, ("電話番号やリンクは書けません",), marks=pytest.mark.playbook("how to use it")
        ),
        pytest.param(
            "damaged",
            FBA,
            ("倉庫に送ったときに無傷", "出品者サポート"),
            marks=pytest.mark.playbook("First principles / Ask for help early"),
        ),
        pytest.param(
            "damaged",
            BOTH,
            ("新品の価格から同じ商品の「ほぼ新品」の価格を引いた額", "注文管理", "購入者へのメッセージ"),
            marks=pytest.mark.playbook("Situations and what the draft says / Partial refund"),
        ),
        pytest.param(
            "damaged",
            OWN,
            ("FBAへの切り替え",),
            marks=pytest.mark.playbook("First principles / Where the same delivery fault returns"),
        ),
        pytest.param(
            "defective", BOTH, ("メーカー保証",), marks=pytest.mark.playbook("defect, dead on arrival")
        ),
        pytest.param(
            "after_30_days",
            BOTH,
            ("メーカーの窓口は名前だけ", "断らずに"),
            marks=pytest.mark.playbook("asks months later"),
        ),
        pytest.param(
            "not_delivered",
            OWN,
            ("発送の委託先", "送り状の住所"),
            marks=pytest.mark.playbook("not arrived, late"),
        ),
        pytest.param(
            "not_delivered", FBA, ("出品者サポート",), marks=pytest.mark.playbook("not arrived, late")
        ),
        pytest.param(
            "wrong_address",
            OWN,
            ("電話に出られなかったとき", "二重確認"),
            marks=pytest.mark.playbook("wrong address on the label"),
        ),
        pytest.param(
            "wrong_item", OWN, ("着払いで引き取り",), marks=pytest.mark.playbook("wrong item, missing part")
        ),
        pytest.param(
            "return_or_exchange",
            OWN,
            ("返送先の住所はメッセージに書かない",),
            marks=pytest.mark.playbook("wants to return or exchange"),
        ),
        pytest.param("cancel", BOTH, ("発送前なら、セラーセントラル",), marks=pytest.mark.playbook("cancel")),
        pytest.param(
            "receipt", OWN, ("メールソフト", "添付"), marks=pytest.mark.playbook("receipt, invoice")
        ),
        pytest.param("question", BOTH, ("24時間",), marks=pytest.mark.playbook("question before buying")),
        pytest.param("thanks", BOTH, ("「返信不要」",), marks=pytest.mark.playbook("thanks")),
        pytest.param(
            "escalation",
            BOTH,
            ("受付確認のほかに、自動の下書きはありません", "出品者サポート"),
            marks=pytest.mark.playbook("threat, lawyer, consumer centre, injury"),
        ),
        pytest.param(
            "other",
            BOTH,
            ("今日中に答えられないときは、いつまでに",),
            marks=pytest.mark.playbook("First principles / Answer the same day"),
        ),
    ],
)
def test_the_advice_says_it(situation, fulfilments, words):
    """The owner reads what only a person can do."""
    for fulfilment in fulfilments:
        text = "\n".join(advice(situation, fulfilment, "ja"))
        assert [word for word in words if word not in text] == []


@pytest.mark.playbook("how to use it")
@pytest.mark.parametrize("number", ["0120-000-000", "https://maker.example/support"])
def test_the_makers_number_and_link_stay_out_of_the_mail(number):
    """The warranty card is named; what stands on it may not be copied."""
    text = draft("how_to_use", "fba").replace("〔使い方の手順を、短く順番に〕", "電源を入れてください。")
    assert check(text, language="ja") == ()
    assert any(one.severity == "error" for one in check(f"{text}\n{number}", language="ja"))


@pytest.mark.parametrize(
    ("word", "phrases"),
    [
        pytest.param(
            "undelivered",
            ("元のメッセージに返信", "送り直しはお控えください"),
            marks=pytest.mark.playbook(
                '"the mail to the buyer was not delivered" (the buyer refuses seller mail)'
            ),
        ),
        pytest.param(
            "feedback",
            ("まずお困りごとの解決を", "お願いすることは、Amazonの規約で禁じられています"),
            marks=pytest.mark.playbook("First principles / Never ask for a rating to be changed"),
        ),
        pytest.param(
            "claim",
            ("Amazonの示す期限までに", "メールへの返信は回答になりません"),
            marks=pytest.mark.playbook("a claim (A-to-z), a cancellation request"),
        ),
    ],
)
def test_the_alert_says_it(word, phrases):
    """What arrived is told together with what not to do about it."""
    now = datetime(2026, 11, 21, 10, tzinfo=UTC)
    told = render_alert(AlertContext("まい商店", now, "event", events=(AlertEvent(word, 12),)), "ja")
    assert "至急" in told.subject
    assert [phrase for phrase in phrases if phrase not in told.text] == []
