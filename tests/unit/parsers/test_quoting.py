"""Quoted history at the end goes, a quotation that is answered stays."""

# ruff: noqa: E501 - a mail is easier to read when it is one row of a table
from __future__ import annotations

import time

import pytest

from parsers.quoting import strip_history

OWN = "まだ届きません。\n確認をお願いします。"
ALIAS = "k3f8q2m9x1c7v5b+0f3b21c9@marketplace.amazon.co.jp"
HISTORY = {
    "gmail-ja": f"2026年11月20日(金) 10:00 まい商店 <{ALIAS}>:\n\n> お待ちください。\n> まい商店\n",
    "gmail-ja-broken": f"2026年11月20日(金) 10:00 まい商店 - Amazonマーケットプレイス\n<{ALIAS}>:\n> お待ちください。\n",
    "gmail-ja-unsigned": f"2026年11月20日(金) 10:00 まい商店 <{ALIAS}>:\n\nお待ちください。\nまい商店\n",
    "gmail-ja-nameless": "2026年11月20日(金) 10:00 まい商店:\n> お待ちください。\n",
    "gmail-en": "On Fri, Nov 20, 2026 at 10:00 AM Shop <a@b.example> wrote:\n> Please wait.\n",
    "gmail-en-broken": f"On Fri, Nov 20, 2026 at 10:00 AM Shop - Amazon Marketplace <\n{ALIAS}> wrote:\n\n> Please wait.\n",
    "gmail-de": "Am Fr., 20. Nov. 2026 um 10:00 Uhr schrieb Shop <a@b.example>:\n> Bitte warten\n",
    "gmail-fr": "Le ven. 20 nov. 2026 à 10:00, Shop <a@b.example> a écrit :\n> Attendez\n",
    "gmail-it": "Il giorno ven 20 nov 2026 alle ore 10:00 Shop <a@b.example> ha scritto:\n> Aspetti\n",
    "gmail-es": "El vie, 20 nov 2026 a las 10:00, Shop (<a@b.example>) escribió:\n> Espere\n",
    "gmail-pt": "Em sex., 20 de nov. de 2026 às 10:00, Shop <a@b.example> escreveu:\n> Aguarde\n",
    "outlook-ja": "________________________________\n差出人: まい商店 <a@b.example>\n送信日時: 2026年11月20日 10:00\n宛先: 山田\n件名: Re: お問い合わせ\n\nお待ちください。\n",
    "outlook-ja-wide": "差出人： まい商店\n送信日時： 2026年11月20日\n宛先： 山田\n件名： Re\n\nお待ちください。\n",
    "outlook-en": "From: Shop <a@b.example>\nSent: Friday, November 20, 2026 10:00 AM\nTo: Max\nSubject: Re: Order\n\nPlease wait.\n",
    "outlook-de": "Von: Shop\nGesendet: Freitag, 20. November 2026\nAn: Max\nBetreff: AW\n\nBitte warten.\n",
    "outlook-fr": "De : Shop\nEnvoyé : vendredi 20 novembre\nÀ : Max\nObjet : RE\n\nAttendez.\n",
    "original-en": "-----Original Message-----\nFrom: Shop\nSubject: x\n\nPlease wait.\n",
    "original-ja": "-----元のメッセージ-----\n差出人: まい商店\n\nお待ちください。\n",
    "docomo": "-------- 元のメール --------\nFrom: まい商店\nDate: 2026/11/20 10:00\n\nお待ちください。\n",
    "iphone-ja": "iPhoneから送信\n\n2026/11/20 10:00、まい商店 <a@b.example>のメール:\n\n> お待ちください。\n",
    "iphone-ja-curly": "iPhoneから送信\n\n> 2026/11/20 10:00、まい商店 <a@b.example>のメール:\n> \n> ﻿お待ちください。\n",
    "iphone-en": "Sent from my iPhone\n\nOn Nov 20, 2026, at 10:00, Shop <a@b.example> wrote:\n\n> Please wait.\n",
    "yahoo": "----- Original Message -----\nFrom: まい商店\nTo: 山田\nDate: 2026/11/20, Fri 10:00\n\nお待ちください。\n",
    "yahoo-wrote": "--- shop@b.example さんは書きました:\n> お待ちください。\n",
    "thunderbird-ja": "(2026/11/20 10:00), まい商店 wrote:\n> お待ちください。\n",
    "signs-only": "> お待ちください。\n>> 前の文\n> まい商店\n",
    "wide-signs": "＞お待ちください。\n",
    "amazon-frame": "# 250-1234567-7654321:\n1 / ライト [ASIN: B0ABCDEFGH]\n\n------------- メッセージ: -------------\n\nお待ちください。\n\n------------- メッセージはここまで -------------\n",
    "amazon-frame-greeting": "メッセージを受信しました。\n\n------------- メッセージ: -------------\n\nお待ち\n\n------------- メッセージはここまで -------------\n\nこのEメールは役に立ちましたか?\nhttps://www.amazon.co.jp/x\nCopyright\nSPC-JPAmazon-1\n",
    "amazon-frame-old-en": "Order ID 112-1234567-1234567:\n1 of Lamp [ASIN: B0ABCDEFGH]\n\n------------- Begin message -------------\nWait\n------------- End message -------------\n",
    "gmail-over-frame": f"2026年11月20日(金) 10:00 まい商店 <{ALIAS}>:\n\n------------- メッセージ: -------------\nお待ち\n------------- メッセージはここまで -------------\n",
    "nested": f"2026年11月20日(金) 10:00 まい商店 <{ALIAS}>:\n> お待ち\n\n2026年11月19日(木) 10:00 山田 <a@b.example>:\n> いつ\n",
    "chinese-unsigned": '在 2026-11-20 10:00:00，"Shop" <a@b.example> 写道：\n\n请稍等\n',
    "chinese-gmail": "Shop <a@b.example> 于2026年11月20日周五 10:00写道：\n\n> 请稍等\n",
    "korean": "2026년 11월 20일 (금) 오전 10:00, Shop <a@b.example>님이 작성:\n\n> 잠시만\n",
    "name-before-day": "Shop <a@b.example> schrieb am Fr. 20. Nov. 2026 um 10:00:\n\n> Bitte warten\n",
    "person-ja": f"まい商店 <{ALIAS}> 様からのメッセージ:\n> お待ちください。\n",
    "polish": "W dniu 20.11.2026 o 10:00, Shop pisze:\n> Proszę\n",
    "turkish": "20 Kasım 2026 Cuma 10:00 tarihinde Shop <a@b.example> yazdı:\n\n> Bekleyin\n",
    "outlook-zh-tw": "寄件者: Shop\n寄件日期: 2026年11月20日 10:00\n收件者: 陳\n主旨: RE\n\n請稍候\n",
    "outlook-ko": "보낸 사람: Shop\n보낸 날짜: 2026년 11월 20일\n받는 사람: 김\n제목: RE\n\n잠시만\n",
    "chinese": "在 2026年11月20日 10:00,Shop <a@b.example> 写道:\n> 请稍等\n",
}  # fmt: skip


@pytest.mark.parametrize("history", HISTORY)
def test_history_at_the_end_goes(history: str) -> None:
    """What the buyer's mail program quoted below the words is not the buyer's."""
    assert strip_history(f"{OWN}\n\n{HISTORY[history]}") == OWN


ANSWERED = {
    "signs": "> お待ちください。\n",
    "gmail-ja": f"2026年11月20日(金) 10:00 まい商店 <{ALIAS}>:\n\n> お待ちください。\n",
    "gmail-en": "On Fri, Nov 20, 2026 at 10:00 AM Shop <a@b.example> wrote:\n> Please wait.\n",
    "amazon-frame": HISTORY["amazon-frame"],
    "amazon-frame-footer": HISTORY["amazon-frame-greeting"],
    "gmail-over-frame": HISTORY["gmail-over-frame"],
}


@pytest.mark.parametrize("quotation", ANSWERED)
def test_quotation_with_words_below_stays(quotation: str) -> None:
    """A quotation that the buyer answers below is part of what the buyer says."""
    text = f"こんにちは。\n\n{ANSWERED[quotation]}\nこれはいつですか？"
    assert strip_history(text) == text


def test_line_above_an_unknown_introduction_stays() -> None:
    """An introduction that is known by day, hour and colon alone takes no line of the buyer's with it."""
    text = "Still nothing here\n20 Kasım 2026 Cuma 10:00 tarihinde Shop yazdı:\n> Bekleyin"
    assert strip_history(text) == "Still nothing here"


def test_answers_between_quotations_stay() -> None:
    """Only the last quotation, which nothing follows, goes."""
    text = "> 色は？\n赤です。\n> 数は？\n2個です。\n> 以上\n"
    assert strip_history(text) == "> 色は？\n赤です。\n> 数は？\n2個です。"


def test_nothing_but_history_stays() -> None:
    """An empty message would say less than the quotation."""
    text = "> お待ちください。\n> まい商店"
    assert strip_history(text) == text


def test_telephone_signature_without_history_stays() -> None:
    """What stands at the end of a text without a quotation is the buyer's own."""
    text = "届きません。\n\niPhoneから送信"
    assert strip_history(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "2026年11月20日 10:00に届くと言われましたが届きません。\n山田",
        "11月20日(金) 10:00:\n届きませんでした。",
        "From: 大阪\nに引っ越しました。",
        "差出人: 不明\nと書いてありました。宛先: 合っています。",
        "On Monday my neighbour wrote:\nno parcel came.",
        "> と < の記号が逆です",
        "------------- メモ -------------\n箱が潰れています",
        "価格: 1000\n件名: なし\n届きません",
        "",
    ],
)
def test_own_words_that_look_like_headers_stay(text: str) -> None:
    """Losing the buyer's words is worse than showing a quotation."""
    assert strip_history(text) == text.strip()


def test_endless_text_is_left_alone() -> None:
    """Nobody writes thousands of lines; such a text is shown as it is."""
    text = "> a\n" * 4000 + "b"
    assert strip_history(text) == text


@pytest.mark.no_cover
def test_hostile_text_takes_no_time() -> None:
    """Neither many quotations nor many markers nor long lines make the work grow faster than the text."""
    texts = (
        "> a\nb\n" * 1400,
        "------------- Message: -------------\n" * 2900,
        "2026年11月20日(金) 10:00 " * 2900,
        ("On 1 " + "x" * 390 + "\n") * 2900,
        "\n" * 2900 + "x",
        "-" * 100_000,
    )
    started = time.process_time()
    for text in texts:
        strip_history(text)
    assert time.process_time() - started < 20
