"""Every text that is sent, word for word. UPDATE_GOLDEN=1 writes the files anew; read the difference."""

import os
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from templates.contexts import (
    ANSWER_WORDS,
    AcknowledgmentContext,
    AlertCase,
    AlertContext,
    AlertDraft,
    AlertEvent,
    AlertOffer,
    AnswerContext,
)
from templates.render import render_acknowledgment, render_alert, render_answer

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
    proof="no result of the trusted host; its signature is of another domain: amazonses.com",
    runs_out_before_opening=True,
)
CLAIM = AlertCase(14, "claim", None, ("503-5719122-1703247",), NOW - 2 * MINUTE, NOW + 30 * MINUTE)

DRAFT = AlertDraft(
    2,
    "佐藤 花子 様\n\nこのたびは、箱がつぶれた状態でお届けすることとなり、誠に申し訳ございません。\n"
    "新しい商品を、本日お送りいたします。お手元の商品は、お返しいただかなくて結構です。\n\nまい商店",
    ready=True,
)
BLANKS = replace(
    DRAFT,
    version=1,
    text=DRAFT.text.replace("本日", "〔発送日〕に"),
    ready=False,
    reasons=("〔発送日〕が埋まっていません。",),
)


def offers(*actions, case=12):
    """Links as they stand in a mail, one for each command."""
    links = (f"mailto:shop@shop.example?subject=%5Bsokuresu%20{one}%5D%20{case}" for one in actions)
    return tuple(AlertOffer(action, link) for action, link in zip(actions, links, strict=True))


ADVICE = ("交換品の在庫をご確認ください。", "セラーセントラルで、返品の依頼が出ていないかご覧ください。")
REVIEWED = replace(
    CRUSHED, draft=DRAFT, advice=ADVICE, offers=offers("approve", "edit", "no_reply_needed", "snooze")
)
UNFINISHED = replace(CRUSHED, draft=BLANKS, advice=ADVICE, offers=offers("edit", "no_reply_needed", "snooze"))


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
    "draft-ready": slot(REVIEWED),
    "draft-with-blanks": slot(
        UNFINISHED, replace(PHOTO, offers=offers("no_reply_needed", "snooze", case=13))
    ),
    "draft-unsure": slot(replace(REVIEWED, draft=replace(DRAFT, version=1, sure=False))),
    "draft-without-offers": slot(replace(UNFINISHED, offers=())),
    "news-of-drafts": AlertContext(
        "まい商店",
        NOW,
        "event",
        cases=(REVIEWED,),
        events=(
            AlertEvent("approval_void", 12, "buyer_wrote_again"),
            AlertEvent("discard_draft", 12),
            AlertEvent("edited_draft", 12),
            AlertEvent("template_fault", None, "ja/damaged.j2:3: unexpected end"),
            AlertEvent("command_refused"),
        ),
    ),
}
MINE = AlertDraft(3, "佐藤 花子 様\n\n新しい商品を明日お送りします。\n\nまい商店", ready=True)
ANSWERS = {
    "approved": {"case": replace(CRUSHED, draft=DRAFT)},
    "confirm_approve": {"case": replace(CRUSHED, draft=DRAFT, offers=offers("approve"))},
    "confirm_no_reply_needed": {"case": replace(CRUSHED, offers=offers("no_reply_needed"))},
    "snoozed": {"detail": "本日 22:30"},
    "text_taken": {"case": replace(REVIEWED, draft=MINE)},
    "text_with_approval": {
        "case": replace(REVIEWED, draft=MINE),
        "earlier_draft": DRAFT,
        "earlier_offer": offers("approve")[0],
    },
    "no_text": {"case": REVIEWED},
    "nothing_sent": {"case_number": None},
    "unknown_command": {"case_number": None},
    "expired": {"case": UNFINISHED},
    "buyer_wrote_again": {"case": REVIEWED},
    "refused": {"detail": "answered_meanwhile"},
    "failed": {"detail": "案件 12 は終了しています。 / Case 12 is closed."},
}
"""What goes along with some of the words; the others stand alone."""


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


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("word", sorted(ANSWER_WORDS))
def test_answers_keep_their_words(word, language):
    """Who commands by mail reads exactly what was done, and what was not."""
    context = AnswerContext(
        **{"shop_name": "まい商店", "now": NOW, "word": word, "case_number": 12} | ANSWERS.get(word, {})
    )
    answer = render_answer(context, language)
    compare(f"answer-{word}.{language}", f"{answer.subject}\n=====\n{answer.text}")


def test_no_golden_file_is_left_over():
    """A file that no test compares would be read as a promise that nobody keeps."""
    wanted = {f"acknowledgment-{name}.{one}.txt" for name in ACKNOWLEDGMENTS for one in ("ja", "en")}
    wanted |= {f"alert-{name}.{one}.txt" for name in ALERTS for one in ("ja", "en")}
    wanted |= {f"answer-{word}.{one}.txt" for word in ANSWER_WORDS for one in ("ja", "en")}
    assert {path.name for path in GOLDEN.iterdir() if not path.name.startswith("draft-")} == wanted
