"""The owner's own words among quotations, signatures and our own alerts."""

from __future__ import annotations

import time
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.own_words import own_words
from parsers.owner_mail import read_owner_mail
from parsers.values import Trust
from tests.unit.parsers.mails import message

DATA = Path(__file__).parents[2] / "data"
REPLIES: list[dict[str, Any]] = tomllib.loads(
    (DATA / "owner_mails" / "replies.toml").read_text(encoding="utf-8")
)["reply"]
ALERTS = sorted((DATA / "golden").glob("alert-*.txt"))


def alert_text(file: Path) -> str:
    """The body of one of our alerts: it stands between subject and short form."""
    return file.read_text(encoding="utf-8").split("\n=====\n")[1]


def quote(text: str) -> str:
    """Every line with the sign of a quotation."""
    return "\n".join(f"> {line}" for line in text.split("\n"))


def written(reply: dict[str, Any]) -> bytes:
    """The reply as a mail, our alert put in."""
    alert = alert_text(DATA / "golden" / "alert-slot.ja.txt")
    text = reply["text"].replace("@alert", alert).replace("@quoted", quote(alert))
    kind = "text/html" if reply.get("html") else "text/plain"
    content = message([("From", "owner@shop.example")], [(kind, text)])
    parameters = reply.get("parameters", "format=fixed")
    return content.replace(b'charset="utf-8"', f'charset="utf-8"; {parameters}'.encode())


@pytest.mark.parametrize("reply", REPLIES, ids=lambda reply: reply["name"])
def test_replies_leave_the_owners_words(reply: dict[str, Any]) -> None:
    """Whatever app wrote it, nothing of ours or the buyer's is left and nothing of the owner's is lost."""
    assert read_owner_mail(written(reply), Trust()).text == reply["words"]


def test_there_are_enough_replies() -> None:
    """The table is broad, and no name stands twice."""
    assert len({reply["name"] for reply in REPLIES}) == len(REPLIES) >= 50


@pytest.mark.parametrize("file", ALERTS, ids=lambda file: file.stem)
def test_no_alert_of_ours_passes_for_the_owners_words(file: Path) -> None:
    """Quoted with signs or without, introduced or not."""
    alert = alert_text(file)
    assert own_words(alert) == ""
    assert own_words(quote(alert)) == ""
    assert own_words(f"承知しました。\n\n{alert}") == "承知しました。"
    assert own_words(f"承知しました。\n{quote(alert)}\n続きです。") == "承知しました。\n\n続きです。"


@pytest.mark.parametrize(
    "line",
    [
        *(
            "iPhoneから送信",
            "iPadから送信",
            "Androidから送信",
            "AQUOSから送信しました。",
            "私のiPhoneから送信",
        ),
        *("Gmail モバイルから送信", "Yahoo!メールアプリから送信", "SoftBank スマートフォンから送信"),
        *("Windows 10 版のメールから送信", "iOS 版 Outlook を入手", "Outlook for Android を取得"),
        *("Sent from my iPad", "Sent from Outlook for iOS", "Sent from Yahoo Mail for iPhone"),
        *("Sent from my Android device", "Sent via the Samsung Galaxy S24, an AT&T 5G smartphone"),
        *("Sent from Mail for Windows", "Get Outlook for Mac", "sent with Proton Mail secure email."),
    ],
)
def test_apps_sign_at_the_end_only(line: str) -> None:
    """The line goes where the words end, and stays where they go on."""
    assert own_words(f"はい。\n\n{line}\n") == "はい。"
    assert own_words(f"はい。\n{line}\n> 前のメール") == "はい。"
    assert line in own_words(f"はい。\n{line}\nいいえ。")


@pytest.mark.parametrize(
    "line",
    [
        *(
            "倉庫から送信しました。",
            "別のメールアドレスから送信しました。",
            "スマートフォンを送信先に設定してください。",
        ),
        *(
            "お客様のスマートフォンに通知が届きます。",
            "iPhoneは対応していません。",
            "Outlookをご利用ください。",
        ),
        *("Sent yesterday.", "Sent from Osaka on Monday", "Get well soon", "I sent mail to you."),
    ],
)
def test_sentences_are_no_signatures(line: str) -> None:
    """A last line that speaks of devices or of sending is part of the answer."""
    assert own_words(f"はい。\n{line}") == f"はい。\n{line}"


def test_text_without_anything_old_is_kept_as_it_is() -> None:
    """Most texts hold nothing else."""
    text = "一行目\n\n  二行目\n\n\n三行目"
    assert own_words(f"\n{text}\n\n") == text


_PIECES = st.sampled_from(
    [
        *("> 引用", "│ 購入者", "はい。", "", "-- ", "--", "iPhoneから送信", "-----", "________"),
        *(
            "2026/11/21 19:30、即レス <a@b.example>のメール:",
            "-----Original Message-----",
            "【即レス】未回答",
        ),
        *("差出人: a", "送信日時: b", "件名: c", "▼ 案件1 x", "2026年11月21日 10:00", "On 1 May, x wrote:"),
    ]
)


@given(st.lists(_PIECES, max_size=25).map("\n".join))
def test_every_line_left_is_a_line_of_the_text(text: str) -> None:
    """Nothing is invented, the order stays, and nothing quoted is left."""
    lines = iter(text.split("\n"))
    for line in own_words(text).split("\n"):
        assert line == "" or line in lines
        assert not line.startswith((">", "│", "【即レス】"))


@given(st.lists(_PIECES, max_size=25).map("\n".join))
def test_what_is_left_is_left_again(text: str) -> None:
    """A text made of own words alone keeps them, but for a signature that only now ends it."""
    once = own_words(text)
    assert set(own_words(once).split("\n")) <= {*once.split("\n"), ""}


@given(st.text())
def test_no_text_raises(text: str) -> None:
    """Every text gets an answer."""
    assert isinstance(own_words(text), str)


@pytest.mark.no_cover
@pytest.mark.parametrize(
    "unit",
    [
        *(
            "--\n",
            "-- \n",
            "-----Original Message-----\n> x\n",
            "--\n\n\n\n\n\n\n\n",
            "差出人: a\n",
            "2026/1/1 10:00\n\n",
        ),
        *(
            "未回答",
            "現在)。",
            "iphone",
            "(",
            "2026年1月1日 10:00 ",
            "から送信",
            "【",
            "> ",
            "On 1 ",
            "wrote",
            " has 1 case",
        ),
        *(
            "未回答(現在)。\n",
            "iphone" * 60 + "から送信\n",
            "On 1 " * 79 + "\n",
            "sent from my iphone " * 18 + "!\n",
        ),
    ],
)
def test_hostile_texts_cost_little(unit: str) -> None:
    """The work grows no faster than the text."""
    started = time.process_time()
    own_words(unit * 200_000)
    assert time.process_time() - started < 20


def test_words_copied_from_a_draft_lose_its_bar():
    """Whoever copies the draft out of an alert's plain text sends the words, not the marks."""
    copied = "┃ 山田 様\n┃\n┃ 本日発送いたします。\nまい商店"
    assert own_words(copied) == "山田 様\n\n本日発送いたします。\nまい商店"
