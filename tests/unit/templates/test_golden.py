"""Every text that is sent, word for word. UPDATE_GOLDEN=1 writes the files anew; read the difference."""

import os
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from templates.contexts import AcknowledgmentContext, AlertCase, AlertContext, AlertEvent
from templates.render import render_acknowledgment, render_alert

GOLDEN = Path(__file__).parents[2] / "data" / "golden"
TOKYO = ZoneInfo("Asia/Tokyo")
NOW = datetime(2026, 11, 21, 19, 30, tzinfo=TOKYO)
ORDER = "250-3407084-0349098"
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


def acknowledgment(name="佐藤 花子", order=ORDER, closed=False, by=NOW + 30 * MINUTE):
    """An acknowledgment as the use case asks for it."""
    return AcknowledgmentContext("まい商店", name, order, by, closed)


CRUSHED = AlertCase(
    number=12,
    kind="buyer_message",
    buyer_name="佐藤 花子",
    order_ids=(ORDER,),
    waiting_since=NOW - 9 * HOUR - 18 * MINUTE,
    respond_by=NOW + 30 * MINUTE,
    amazon_by=NOW + 14 * HOUR + 42 * MINUTE,
    acknowledged_at=NOW - 9 * HOUR - 17 * MINUTE,
    excerpt="箱がつぶれて届きました。\n\n中の商品は無事ですが、贈り物でしたので残念です。\n交換はできますか。",
    notes=("repeat",),
    runs_out_before_opening=True,
)
FEEDBACK = AlertCase(
    number=9,
    kind="feedback",
    buyer_name=None,
    order_ids=("250-0738776-2000001",),
    waiting_since=NOW - 26 * HOUR,
    respond_by=NOW - 2 * HOUR - 5 * MINUTE,
    rating=1,
    excerpt="電話がつながりませんでした。",
)
NEW_FEEDBACK = replace(FEEDBACK, waiting_since=NOW - 3 * MINUTE, respond_by=NOW + 24 * HOUR)
PHOTO = AlertCase(
    number=13,
    kind="buyer_message",
    buyer_name="Alisa",
    order_ids=(),
    waiting_since=NOW - HOUR,
    respond_by=NOW + 22 * HOUR,
    amazon_by=NOW + 23 * HOUR,
    notes=("not_proven", "found_in_junk"),
    runs_out_before_opening=True,
)
CLAIM = AlertCase(14, "claim", None, ("503-5719122-1703247",), NOW - 2 * MINUTE, NOW + 30 * MINUTE)


def slot(*cases, **more):
    """A planned alert at half past seven in the evening."""
    return AlertContext("まい商店", NOW, "slot", "19:30", cases, **more)


def many(count):
    """So many cases that not all can be told in full."""
    return tuple(
        AlertCase(
            number,
            "buyer_message",
            f"山田 {'一二三四五六七八九'[number % 9]}郎",
            (f"250-{number:07}-0000001",),
            NOW - number * MINUTE,
            NOW + 30 * MINUTE,
            NOW + 24 * HOUR - number * MINUTE,
            excerpt="まだ届きません。",
        )
        for number in range(1, count + 1)
    )


ACKNOWLEDGMENTS = {
    "order": acknowledgment(),
    "closed-day": acknowledgment(closed=True, by=NOW + 14 * HOUR),
    "before-buying": acknowledgment(name=None, order=None),
    "named-without-order": acknowledgment(order=None, closed=True),
    "nameless": acknowledgment(name="https://evil.example/ 090-0000-0000"),
    "berlin": acknowledgment(by=datetime(2026, 11, 21, 20, tzinfo=ZoneInfo("Europe/Berlin"))),
}
ALERTS = {
    "slot": slot(
        FEEDBACK,
        CRUSHED,
        PHOTO,
        quarantined=2,
        unproven=1,
        uncertain=1,
        next_opening=datetime(2026, 11, 24, 10, tzinfo=TOKYO),
    ),
    "last-of-day": slot(CRUSHED, is_last_of_day=True),
    "all-answered": slot(is_last_of_day=True),
    "all-answered-at-noon": slot(),
    "only-quarantine": slot(unproven=2, quarantined=1, is_last_of_day=True),
    "new": AlertContext("まい商店", NOW, "new", cases=(PHOTO,)),
    "running-out": AlertContext(
        "まい商店", NOW + 13 * HOUR + 42 * MINUTE, "running_out", cases=(CRUSHED,), uncertain=1
    ),
    "feedback": AlertContext(
        "まい商店", NOW, "event", cases=(NEW_FEEDBACK,), events=(AlertEvent("feedback", 9),)
    ),
    "claim": AlertContext("まい商店", NOW, "event", cases=(CLAIM,), events=(AlertEvent("claim", 14),)),
    "undelivered": AlertContext(
        "まい商店",
        NOW,
        "event",
        cases=(CRUSHED,),
        events=(AlertEvent("undelivered", 12), AlertEvent("login_refused", None, "main: LOGIN failed")),
    ),
    "only-events": AlertContext("まい商店", NOW, "slot", "19:30", events=(AlertEvent("junk", 12),)),
    "sixty": slot(*many(60)),
}


def compare(name, text):
    """Hold the text against its file, or write the file if that is asked for."""
    path = GOLDEN / f"{name}.txt"
    if os.environ.get("UPDATE_GOLDEN") == "1":
        path.write_bytes(text.encode())
    assert path.read_bytes() == text.encode()


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("name", ACKNOWLEDGMENTS)
def test_acknowledgments_keep_their_words(name, language):
    """The buyer reads exactly what somebody once read aloud and found good."""
    compare(f"acknowledgment-{name}.{language}", render_acknowledgment(ACKNOWLEDGMENTS[name], language))


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("name", ALERTS)
def test_alerts_keep_their_words(name, language):
    """The owner reads exactly what somebody once read on a telephone and found clear."""
    alert = render_alert(ALERTS[name], language)
    compare(f"alert-{name}.{language}", f"{alert.subject}\n=====\n{alert.text}=====\n{alert.brief}\n")


def test_no_golden_file_is_left_over():
    """A file that no test compares would be read as a promise that nobody keeps."""
    wanted = {f"acknowledgment-{name}.{one}.txt" for name in ACKNOWLEDGMENTS for one in ("ja", "en")}
    wanted |= {f"alert-{name}.{one}.txt" for name in ALERTS for one in ("ja", "en")}
    assert {path.name for path in GOLDEN.iterdir()} == wanted
