"""The books of a shop after years: thousands of settled cases, and some that wait."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from state import tables

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from sqlalchemy import Engine

APART = timedelta(minutes=40)
_AT_ONCE = 1000
_SAID = (
    "先日注文した商品がまだ届きません。配達予定日を過ぎています。確認をお願いします。",
    "箱を開けたところ、部品が一つ足りませんでした。送っていただくことはできますか。",
    "電源が入らなくなりました。説明書のとおりに充電しましたが変わりません。交換を希望します。",
    "領収書の宛名を会社名にして発行してください。よろしくお願いいたします。",
)
_REPLY = "このたびはご不便をおかけし申し訳ございません。確認のうえ、本日中にご連絡いたします。\n" * 6


def fill(engine: Engine, cases: int, waiting: int, now: datetime) -> None:
    """Write cases as years of work leave them.

    Args:
        engine: an empty database at this program's version.
        cases: how many there are.
        waiting: how many of them, the newest, are unanswered, each with a draft.
        now: the newest one came a while before.
    """
    with engine.begin() as connection:
        for start in range(1, cases + 1, _AT_ONCE):
            numbers = range(start, min(start + _AT_ONCE, cases + 1))
            rows = [
                _rows(number, cases - number < waiting, now - APART * (cases - number + 1))
                for number in numbers
            ]
            for table in rows[0]:
                connection.execute(
                    tables.metadata.tables[table].insert(), [row for one in rows for row in one[table]]
                )


def _rows(number: int, waits: bool, at: datetime) -> dict[str, list[dict[str, Any]]]:
    """All rows of one case, by table, in the order in which they refer to each other."""
    answered = None if waits else at + timedelta(hours=3)
    said = f"{_SAID[number % len(_SAID)]}\n(お問い合わせ {number})\n" * 3
    return {
        "case_file": [_case(number, at, answered)],
        "case_order": [{"case_id": number, "order_id": order_of(number)}],
        "message": [_message(number, part, at, answered, said) for part in (0, 1)],
        "answer": [] if waits else [_answer(number, answered or at)],
        "draft": [_draft(number, waits, at)],
        "outbox": [_acknowledgment(number, at)],
        "event": list(_events(number, at)),
    }


def order_of(number: int) -> str:
    """The order of a case."""
    return f"250-{number:07d}-{number * 7 % 10_000_000:07d}"


def _case(number: int, at: datetime, answered: datetime | None) -> dict[str, Any]:
    key = f"{number:012x}"
    return {
        "id": number,
        "kind": "buyer_message",
        "state": "answered" if answered else "open",
        "mailbox": "main",
        "case_key": key,
        "buyer_key": f"b{number % 15_000}@marketplace.amazon.co.jp",
        "alias": f"b{number % 15_000}+{key}@marketplace.amazon.co.jp",
        "marketplace": "co.jp",
        "buyer_name": f"購入者{number % 15_000}",
        "subject": f"商品についてのお問い合わせ (注文: {order_of(number)})",
        "opened_at": at,
        "acknowledged_at": at,
        "answered_at": answered,
    }


def _message(number: int, part: int, at: datetime, answered: datetime | None, said: str) -> dict[str, Any]:
    return {
        "case_id": number,
        "kind": "buyer_message",
        "mailbox": "main",
        "folder": "INBOX",
        "uidvalidity": 1,
        "uid": number * 2 + part,
        "message_id": f"{number}.{part}@amazon.example",
        "message_key": None,
        "reply_chain": [],
        "received_at": at + timedelta(minutes=part),
        "stored_at": at + timedelta(minutes=part),
        "wants_answer": True,
        "amazon_by": at + timedelta(hours=24),
        "respond_by": at + timedelta(hours=9),
        "answered_at": answered,
        "authenticity": "pass",
        "proof": "DKIM",
        "subject": "商品についてのお問い合わせ",
        "text": said,
        "full_text": said,
        "attachments": [],
        "intent": "not_delivered",
        "intent_confident": True,
        "facts": [],
    }


def _answer(number: int, at: datetime) -> dict[str, Any]:
    return {
        "case_id": number,
        "at": at,
        "source": "sent_mail",
        "reference": f"sent:{number}@shop.example",
        "text_print": "",
        "recorded_at": at,
    }


def _draft(number: int, waits: bool, at: datetime) -> dict[str, Any]:
    return {
        "case_id": number,
        "version": 1,
        "state": "open" if waits else "overtaken",
        "source": "template",
        "seen_message": number * 2,
        "seen_answer": 0,
        "situation": "not_delivered",
        "sure": True,
        "fulfilment": "own",
        "language": "ja",
        "template": "ja/not_delivered.j2",
        "text": _REPLY,
        "token": f"token{number}",
        "made_at": at,
    }


def _acknowledgment(number: int, at: datetime) -> dict[str, Any]:
    return {
        "purpose": f"acknowledgment:{number}",
        "kind": "acknowledgment",
        "state": "sent",
        "mailbox": "main",
        "case_id": number,
        "recipient": f"b{number % 15_000}+{number:012x}@marketplace.amazon.co.jp",
        "message_id": f"ack.{number}@shop.example",
        "subject": "Re: 商品についてのお問い合わせ",
        "text": _REPLY,
        "text_print": "",
        "created_at": at,
        "next_attempt_at": at,
        "attempts": 1,
        "sent_at": at,
    }


def _events(number: int, at: datetime) -> Iterator[dict[str, Any]]:
    for action in ("opened", "acknowledged", "drafted"):
        yield {"case_id": number, "at": at, "action": action, "detail": ""}
