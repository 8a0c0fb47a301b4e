"""The mail of a shop's day: buyers, Amazon and people, each mail dated and named as a test needs it."""

from __future__ import annotations

import itertools
import re
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.unit.parsers.mails import BuyerMail, notice

if TYPE_CHECKING:
    from datetime import datetime

_DATED = re.compile(rb"^(?:Date|Message-ID):[^\n]*\n(?:[ \t][^\n]*\n)*", re.IGNORECASE | re.MULTILINE)
_SAMPLES = Path(__file__).parent.parent / "data" / "samples"
_NUMBERS = itertools.count(1)


def sample(name: str) -> bytes:
    """One of the sample mails."""
    return (_SAMPLES / f"{name}.eml").read_bytes()


def order_of(number: int) -> str:
    """The order of the buyer with that number."""
    return f"250-{number:07d}-7654321"


def name_of(number: int) -> str:
    """The name of the buyer with that number."""
    return f"山田 {'一二三四五六七八九十'[number % 10]}郎" + ("" if number < 10 else f" {number}")


def buyer(number: int = 1, **changes: Any) -> BuyerMail:
    """A message of the buyer with that number, about that buyer's order."""
    order = changes.get("order", order_of(number))
    about = f"(注文: {order})" if order else ""
    mail = BuyerMail(
        local=f"buyer{number:010d}",
        case=f"0f3b21c9-3fc2-4b43-8b26-{number:012d}",
        key=f"A0KEY{number:015d}",
        order=order,
        name=name_of(number),
        subject=f"Amazonのカスタマー {name_of(number)} 様からお問い合わせ{about}",
    )
    return mail.but(**changes)


def dated(content: bytes, at: datetime, message_id: str | None = "") -> bytes:
    """The mail with another Date and Message-ID.

    Args:
        content: the mail.
        at: its Date.
        message_id: without brackets; empty makes a new one, None leaves it out.
    """
    head, blank, body = content.partition(b"\r\n\r\n")
    kept = _DATED.sub(b"", head + b"\r\n")
    named = f"{next(_NUMBERS)}.fresh@mail.example" if message_id == "" else message_id
    fresh = f"Date: {format_datetime(at)}\r\n" + (f"Message-ID: <{named}>\r\n" if named else "")
    return kept + fresh.encode() + blank[2:] + body


def reply_copy(
    text: str, *, order: str | None = order_of(1), name: str = name_of(1), proof: str = "pass"
) -> bytes:
    """Amazon's copy of a mail to a buyer; it re-wraps the words and shows no address."""
    lines = "<br>".join(text.split("\n"))
    head = f"<p>Order ID: {order}</p>" if order else ""
    body = (
        f"<p>{name} 様に送信したEメールのコピーです。</p>{head}"
        "<p>------------- メッセージはここから -------------</p>"
        f"<blockquote>{lines}</blockquote>"
        "<p>------------- メッセージはここまで -------------</p>"
    )
    return notice(
        f"{name} 様へのEメール",
        body,
        kind="BBC_MESSAGE_CONFIRMATION_TO_MERCHANT",
        linked_kind="BBC_MESSAGE_CONFIRMATION_TO_MERCHANT",
        proof=proof,
    )


def opted_out(number: int = 1, *, proof: str = "pass") -> bytes:
    """Amazon tells that a mail about that buyer's order was not handed on."""
    order = order_of(number)
    return notice(
        "購入者へのメッセージを送信できませんでした",
        f"<p>注文 [{order}] に関するメッセージを送信できませんでした。</p>",
        kind="BUYER_OPTED_OUT_BSM_MESSAGES",
        sender="auto-communication@amazon.co.jp",
        proof=proof,
    )


def feedback(number: int = 1, rating: int = 1, comment: str = "箱がつぶれていました。") -> bytes:
    """A buyer's rating of the shop."""
    order = order_of(number)
    body = f"<ul><li>注文番号: {order}</li><li>評価: {rating}</li><li>コメント: {comment}</li></ul>"
    subject = f"購入者から評価がありました (注文番号: {order})"
    return notice(subject, f"<p>購入者が出品者の評価を投稿しました。</p>{body}")


def claim(number: int = 1) -> bytes:
    """A buyer claims under Amazon's guarantee."""
    return notice(
        f"注文 {order_of(number)} の返金リクエストを受領しました",
        f"<p>注文 {order_of(number)} について、マーケットプレイス保証の申請を受け付けました。</p>",
        kind="A_Z_CLAIM_RESPONDENT_NOTIFY",
        sender="atoz-guarantee-no-reply@amazon.co.jp",
    )


def answer_mail(recipient: str, text: str = "本日発送いたしました。", **headers: str) -> bytes:
    """A mail that a person wrote to a buyer in another mail program."""
    mail = EmailMessage()
    mail["From"] = "shop@shop.example"
    mail["To"] = recipient
    mail["Subject"] = "Re: お問い合わせ"
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    mail.set_content(text, cte="base64")
    return bytes(mail).replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
