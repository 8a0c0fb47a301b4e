"""Mail to read: buyers' messages as Amazon sends them, each another buyer's, and other people's mail."""

from __future__ import annotations

from email.utils import format_datetime
from typing import TYPE_CHECKING

from tests.unit.parsers.mails import BuyerMail, ordinary

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

WORDS = (
    "先週注文した商品が本日届きましたが、箱の角が潰れていて、中の部品が一つ割れていました。"
    "写真を添付します。\n週末に使う予定でしたので、できれば早めに新しいものと交換していただけますか。"
    "返金でも構いません。お手数ですがよろしくお願いいたします。"
)
"""A buyer's complaint of the usual length."""

_SIGNATURE = " ".join("wJ8kZp3vQy6tLr2xNc5mBd9fHg4sAa7e1uTiYoPqRsWv0XzKjMnEbCdFhGl=" for _ in range(6))
_ON_THE_WAY = (
    (
        "Received",
        "from a1-2.smtp-out.ap-northeast-1.amazonses.com (a1-2.smtp-out [54.0.2.1])\r\n by mx.shop.example",
    ),
    (
        "Received",
        "from mail-relay.shop.example (mail-relay.shop.example [192.0.2.8])\r\n by imap.shop.example",
    ),
    *(
        (
            "DKIM-Signature",
            f"v=1; a=rsa-sha256; q=dns/txt; c=relaxed/simple; s=x; d={domain};\r\n b={_SIGNATURE}",
        )
        for domain in ("amazon.co.jp", "amazonses.com")
    ),
    ("ARC-Seal", f"i=1; a=rsa-sha256; cv=none; d=mx.shop.example; s=arc;\r\n b={_SIGNATURE}"),
    ("Feedback-ID", "1.ap-northeast-1.x3kQ9w:AmazonSES"),
    ("X-SES-Outgoing", "2026.11.21-54.0.2.1"),
)
"""What servers write on such a mail; with it a mail has the usual seven kilobytes."""

_FIXED_ID = b"<0106-000000@eu-west-1.amazonses.com>"
_FIXED_DATE = b"Sat, 21 Nov 2026 10:12:00 +0900"


def buyer_mail(number: int, at: datetime) -> bytes:
    """The message of a buyer who wrote nothing before: about 7 kB, with its own order, key and Message-ID."""
    order = f"250-{number:07d}-{number * 7 % 10_000_000:07d}"
    mail = BuyerMail(
        text=f"{number} 番の件です。{WORDS}",
        order=order,
        key=f"A0{number:018d}",
        name="山田 太郎",
        local=f"buyer{number:010d}",
        case=f"{number:08x}-3fc2-4b43-8b26-01cce1a75d7b",
        extra=_ON_THE_WAY,
        subject=f"Amazonのカスタマー 山田 太郎 様から商品の詳細情報に関するお問い合わせ(注文: {order})",
    )
    own_id = f"<0106-{number:012x}@ap-northeast-1.amazonses.com>".encode()
    return _dated(mail.build().replace(_FIXED_ID, own_id), at)


def buyer_mails(count: int, at: datetime, *, first: int = 1) -> Iterator[bytes]:
    """So many of them."""
    return (buyer_mail(number, at) for number in range(first, first + count))


def other_mails(count: int, at: datetime) -> Iterator[bytes]:
    """Mail that is nobody's business: newsletters, receipts, friends."""
    mail = _dated(ordinary("news@letters.example", "今週のお知らせ", "こんにちは。" * 40), at)
    for number in range(count):
        yield mail.replace(_FIXED_ID, f"<{number}@letters.example>".encode())


def _dated(content: bytes, at: datetime) -> bytes:
    return content.replace(_FIXED_DATE, format_datetime(at).encode())
