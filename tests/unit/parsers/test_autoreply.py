"""Robots are recognised, people are not taken for them."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.autoreply import is_automatic, is_automatic_text
from parsers.mime import parse_mime

SAMPLES = sorted((Path(__file__).parents[2] / "data" / "samples").glob("*.eml"))
ALIAS = "From: abc12345+1@marketplace.amazon.co.jp\n"


def automatic(head: str) -> bool:
    """Whether a mail with these headers is a robot's."""
    return is_automatic(parse_mime(f"{head}\n\ntext".encode()))


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.stem)
def test_no_sample_is_automatic(sample: Path) -> None:
    """Amazon's genuine notifications are not taken for auto-replies."""
    assert not is_automatic(parse_mime(sample.read_bytes()))


@pytest.mark.parametrize(
    "head",
    [
        "Auto-Submitted: auto-replied",
        "AUTO-SUBMITTED: Auto-Generated (failure)",
        "Auto-Submitted: auto-replied; owner=x",
        "X-Autoreply: yes",
        "X-Autorespond: Re: x",
        "X-Amazon-Auto-Reply: true",
        "Precedence: auto_reply",
        "Precedence: AUTO_REPLY\nFrom: abc12345+1@marketplace.amazon.co.jp",
        "Precedence: bulk\nFrom: news@tool.example",
        "Precedence: junk",
        "X-Sokuresu-Outbox: 4",
        "From: MAILER-DAEMON@mx.example",
        "From: Postmaster <postmaster@amazon.co.jp>",
        "Return-Path: <>",
        "Return-Path: < >",
        'Content-Type: multipart/report; boundary="x"',
        "Subject: Automatic reply: Re: your message",
        "Subject: Out of Office",
        "Subject: AW: Abwesenheitsnotiz: Frage",
        "Subject: =?utf-8?q?R=C3=A9ponse_automatique_=3A_Re?=",
        "Subject: Respuesta automática",
        "Subject: Risposta automatica: x",
        "Subject: Automatisch antwoord: x",
        "Subject: 自動返信: お問い合わせ",
        "Subject: 【自動返信】お問い合わせありがとうございます",
        "Subject: Re: 自動応答: 不在",
        "Subject: 不在のお知らせ：山田",
        "Subject: 休業のお知らせ",
        "Subject: 自动回复: 你好",
    ],
)
def test_robots_are_known_by_headers_and_subjects(head: str) -> None:
    """One sound sign is enough."""
    assert automatic(head)


@pytest.mark.parametrize(
    "head",
    [
        "Auto-Submitted: no",
        "Auto-Submitted:",
        "X-Autoreply: no",
        "X-Auto-Response-Suppress: All",
        "X-Amazon-Mail-Relay-Type: notification",
        "List-Unsubscribe: <https://www.amazon.co.jp/x>",
        ALIAS + "Precedence: bulk",
        ALIAS + "Precedence: list",
        "Precedence: first-class",
        "X-Sokuresu-Draft: 4",
        "Return-Path: <x@bounces.amazon.co.jp>",
        "Subject: 自動返信メールが届きましたが",
        "Subject: 不在通知が入っていました",
        "Subject: 不在のお知らせについて",
        "Subject: Amazonのカスタマー 自動返信 様から商品の詳細情報に関するお問い合わせ",
        "Subject: Inquiry from Amazon customer Out of Office (Order: 112-1165562-4655946)",
        "Subject: Frage zur automatischen Antwort",
    ],
)
def test_weak_signs_prove_nothing(head: str) -> None:
    """What genuine notifications carry, or a buyer may write about, is no proof."""
    assert not automatic(head)


@pytest.mark.parametrize(
    "text",
    [
        "これは自動返信メールです。\nただいま休暇中です。",
        "【自動返信】\nお問い合わせありがとうございます。",
        "※このメールはシステムより自動送信されています。",
        "ご連絡ありがとうございます。\n本メールは自動応答です。",
        "自動返信にて失礼いたします。",
        "お世話になります。\n誠に勝手ながら12/29〜1/3まで休業とさせていただきます。ご返信は1/4以降となります。",
        "現在休暇をいただいております。メールの確認が遅れます。",
        "ただいま外出しております。お急ぎの場合は携帯までお電話ください。",
        "夏季休暇中です。8/16以降に順次ご対応いたします。",
        "Automatic reply: I am away.",
        "This is an automated response. Please do not reply.",
        "Hello,\nthis email is an automatically generated message",
        "I am out of the office until Monday. For urgent matters please call my colleague.",
        "I’m on annual leave and will reply to you when I return.",
        "I will be on vacation with limited access to email.",
        "Dies ist eine automatische Antwort.",
        "Ich bin bis 3.1. nicht im Büro. In dringenden Fällen wenden Sie sich an meine Vertretung.",
        "Réponse automatique : je suis absent",
        "Je suis en congés jusqu'au 5. Je vous répondrai à mon retour.",
        "Estoy fuera de la oficina. Para asuntos urgentes llame.",
        "Sono in ferie, risponderò al mio rientro.",
        "Estou de férias. Em caso de urgência ligue.",
        "Ik ben afwezig. Bij dringende zaken bel.",
        "自动回复：我不在",
        "这是一封自动回复邮件，我将尽快处理。",
        "您好，我目前休假中，将于11月30日返回。这是一封自动回复邮件。",
        "我正在出差，无法及时查看邮件，回来后会尽快回复您。",
        "자동 회신: 부재중입니다",
        "현재 휴가 중이며 11월 30일에 복귀합니다. 이 메일은 자동 응답입니다.",
        "お問い合わせありがとうございます。\n※本メールは送信専用です。",
        "本日の営業は終了しました。翌営業日に返信いたします。",
        "Thank you for your mail.\nPlease do not reply to this email.",
        "This mailbox is not monitored.",
        "We have received your message and will answer within 2 days. This is an automated message.",
        "受け付けました。このメールは自動送信です。",
    ],
)
def test_a_robots_words(text: str) -> None:
    """A robot names itself, or is away and cares for its mail."""
    assert is_automatic_text(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "自動返信メールが届きましたが、まだ返事がありません。",
        "これは自動返信ですか?",
        "自動返信ですか？人と話したいです。",
        "現在不在にしておりますので、来週届けてください。",
        "不在通知が入っていました。再配達をお願いします。",
        "休暇中に使いたいので、急いで送ってください。",
        "出張のため受け取れません。",
        "自動で動くと書いてありますが動きません。",
        "このメールは自動販売機の件です。",
        "I am on vacation, please deliver on Monday.",
        "I am out of office until Friday so please leave the parcel with my neighbour.",
        "Is this an automatic reply?",
        "I got an automatic reply but no answer.",
        "このメールは送信専用ですか？",
        "先日問い合わせました。自動返信にて受け付けたとありましたが、まだです。",
        "御社の営業時間は終了していましたか。翌営業日に発送してください。",
        "현재 출장 중이니 다음 주에 배송해 주세요.",
        "我目前出差，请在下周一之后送货，回来之后再联系您。",
        "这是自动回复吗？我想和人沟通。",
        "Ich bin im Urlaub, bitte liefern Sie am Montag.",
        "Je suis absent lundi, livrez mardi svp.",
        "届いた箱が潰れていました。",
    ],
)
def test_a_buyers_words(text: str) -> None:
    """A buyer may be away, or write about robots, and is still a person."""
    assert not is_automatic_text(text)


@pytest.mark.parametrize(
    "unit", ["ich bin ", "現在", "mail ", " ", "-", "i am on ", "メールの確認", "\n", "re:", "自動返信メール"]
)
def test_hostile_texts_cost_little(unit: str) -> None:
    """Only the start of a text is looked at."""
    started = time.process_time()
    is_automatic_text(unit * 100_000)
    automatic(f"Subject: {unit * 10_000}")
    assert time.process_time() - started < 20


@given(st.text())
def test_no_text_raises(text: str) -> None:
    """Every text gets an answer."""
    assert is_automatic_text(text) in {True, False}


@given(st.binary())
def test_no_mail_raises(content: bytes) -> None:
    """Every mail gets an answer."""
    assert is_automatic(parse_mime(b"Precedence: " + content)) in {True, False}
