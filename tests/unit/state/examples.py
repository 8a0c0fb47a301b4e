"""Records for the tests of `state`: each is complete, a test names only what it is about."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from parsers.values import Authenticity, Kind
from state.alert_rules import AlertTimes
from state.business_calendar import BusinessCalendar
from state.command_rules import Action, Offer
from state.deadlines import deadlines_of
from state.drafts import Draft, DraftSource, DraftState, Sight
from state.model import Case, CaseState, Message, OutboxItem, Place
from state.outbox_rules import OutboxKind, OutboxState

if TYPE_CHECKING:
    from collections.abc import Collection

TOKYO = ZoneInfo("Asia/Tokyo")
BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 17, 3, 0, tzinfo=UTC)
"""Tuesday noon in Tokyo."""

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
BUYER = "buyer0001@marketplace.amazon.co.jp"
ORDER = "249-1234567-7654321"
OTHER_ORDER = "250-1111111-2222222"
YEAR_END = (date(2026, 12, 29), date(2027, 1, 3))
HOLIDAYS = frozenset({date(2026, 11, 23), date(2027, 1, 1), date(2027, 1, 11)})

BUYER_ROWS = {
    ("queued", "forbidden"): "withdrawn",
    ("deferred", "forbidden"): "withdrawn",
    ("queued", "claimed"): "sending",
    ("deferred", "claimed"): "sending",
    ("queued", "gave_up"): "refused",
    ("deferred", "gave_up"): "refused",
    ("sending", "not_taken"): "deferred",
    ("sending", "rejected"): "refused",
    ("sending", "accepted"): "sent",
    ("sending", "outcome_unknown"): "uncertain",
    ("sending", "run_died"): "uncertain",
    ("sending", "found"): "sent",
    ("uncertain", "found"): "sent",
    ("sent", "found"): "sent",
    ("uncertain", "person_says_sent"): "sent",
    ("uncertain", "person_resends"): "queued",
    ("uncertain", "person_drops"): "withdrawn",
}
"""Decision 4 for mail to buyers: state and event, and where they lead."""

OWNER_ROWS = BUYER_ROWS | {("sending", "outcome_unknown"): "deferred", ("sending", "run_died"): "queued"}
"""Alerts go at least once: after an unknown outcome they are repeated."""


def local(text: str, zone: ZoneInfo = TOKYO, *, fold: int = 0) -> datetime:
    """The instant of a local time such as ``2026-11-17 12:00``; ``fold=1`` is its second coming."""
    return datetime.fromisoformat(text).replace(tzinfo=zone, fold=fold).astimezone(UTC)


def make_calendar(
    zone: ZoneInfo = TOKYO,
    *,
    opening: time = time(10),
    closing: time = time(20),
    closed: Collection[int] = (5, 6),
    ranges: tuple[tuple[date, date], ...] = (YEAR_END,),
    holidays: Collection[date] = HOLIDAYS,
) -> BusinessCalendar:
    """A shop open from ten to eight, closed at weekends, on holidays and around New Year."""
    return BusinessCalendar(zone, opening, closing, frozenset(closed), ranges, holidays.__contains__)


def make_plan(
    calendar: BusinessCalendar | None = None, *, quiet: tuple[time, time] | None = (time(23), time(7))
) -> AlertTimes:
    """The alerts of the example configuration."""
    return AlertTimes(calendar or make_calendar(), (time(12), time(17), time(19, 30)), quiet)


def make_case(number: int = 1, **values: Any) -> Case:
    """An open case of one buyer about one order."""
    complete: dict[str, Any] = {
        "id": number,
        "kind": Kind.BUYER_MESSAGE,
        "state": CaseState.OPEN,
        "mailbox": "main",
        "case_key": None,
        "buyer_key": BUYER,
        "alias": BUYER,
        "marketplace": "co.jp",
        "buyer_name": "山田",
        "subject": "商品について",
        "order_ids": (ORDER,),
        "opened_at": NOW,
    }
    return Case(**(complete | values))


def make_message(number: int = 0, received: datetime = NOW, **values: Any) -> Message:
    """A proven buyer message that wants an answer."""
    deadlines = deadlines_of(received, make_calendar(), timed_by_amazon=True)
    complete: dict[str, Any] = {
        "id": number,
        "case_id": 1,
        "kind": Kind.BUYER_MESSAGE,
        "place": Place("main", "INBOX", 1, number or 1),
        "received_at": received,
        "stored_at": received,
        "wants_answer": True,
        "amazon_by": deadlines.amazon_by,
        "respond_by": deadlines.respond_by,
        "authenticity": Authenticity.PASS,
        "message_id": f"m{number}@mail.example",
        "message_key": f"key{number}",
        "subject": "商品について",
        "text": "箱がつぶれていました。",
        "full_text": "箱がつぶれていました。\n> 履歴",
    }
    return Message(**(complete | values))


def make_item(number: int = 0, **values: Any) -> OutboxItem:
    """A queued acknowledgment."""
    complete: dict[str, Any] = {
        "id": number,
        "purpose": f"acknowledgment:{number}",
        "kind": OutboxKind.ACKNOWLEDGMENT,
        "state": OutboxState.QUEUED,
        "mailbox": "main",
        "recipient": BUYER,
        "message_id": f"out{number}@shop.example",
        "created_at": NOW,
        "next_attempt_at": NOW,
    }
    return OutboxItem(**(complete | values))


def make_draft(number: int = 0, **values: Any) -> Draft:
    """A draft that a template made for the first message of a case."""
    complete: dict[str, Any] = {
        "id": number,
        "case_id": 1,
        "version": 1,
        "state": DraftState.OPEN,
        "source": DraftSource.TEMPLATE,
        "sight": Sight(message=1, answer=0),
        "situation": "damaged",
        "sure": True,
        "fulfilment": "fba",
        "language": "ja",
        "template": "ja/damaged.j2",
        "text": "このたびは申し訳ございません。",
        "token": f"draft{number}",
        "made_at": NOW,
    }
    return Draft(**(complete | values))


def make_offer(number: int = 0, **values: Any) -> Offer:
    """The offer to send a draft."""
    complete: dict[str, Any] = {
        "id": number,
        "outbox_id": 1,
        "case_id": 1,
        "action": Action.APPROVE,
        "draft_id": 1,
        "message": 1,
        "seen": 1,
        "asked_back": False,
        "placeholder": f"placeholder{number}",
    }
    return Offer(**(complete | values))
