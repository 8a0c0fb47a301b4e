"""Reading survives whatever arrives."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parsers.reading import read
from parsers.values import FeedbackRule, Kind, Reading, Trust
from tests.unit.parsers.mails import HOST, BuyerMail, encoded, message, notice

SAMPLES = [
    path.read_bytes() for path in sorted((Path(__file__).parents[2] / "data" / "samples").glob("*.eml"))
]
TRUST = Trust(HOST, (FeedbackRule("alerts@tool.example", rating=r"(\d)"),))
PIECES = st.sampled_from(
    [
        b"------------- Message: -------------",
        b"------------- End message -------------",
        b"\n\n",
        b"Content-Type: text/html\n",
        b"From: a@marketplace.amazon.co.jp\n",
        b"https://sellercentral.amazon.com/redirect/?u=%%%&m=&nt=A",
        b"https://[::1/messaging/no-response-needed?m=1234567&u=",
        b"<pre style='white-space: -o-pre-wrap'>",
        b"250-1234567-1234567",
        b"\xff\xfe\x00",
        b"> ",
        b"\xef\xbc\x9a",
    ]
)


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A sample with pieces cut out, doubled or put in."""
    content = draw(st.sampled_from(SAMPLES))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(content)))
        end = draw(st.integers(start, min(len(content), start + 400)))
        content = (
            content[:start] + draw(PIECES | st.binary(max_size=12)) * draw(st.integers(0, 3)) + content[end:]
        )
    return content


@given(st.binary(max_size=600))
def test_any_bytes_are_read(content: bytes) -> None:
    """No content raises."""
    assert isinstance(read(content, TRUST), Reading)


@settings(max_examples=100)
@given(damaged())
def test_damaged_samples_are_read(content: bytes) -> None:
    """Damage may change what is read, never whether it is read; an unproven mail is never acknowledged."""
    reading = read(content, Trust())
    assert not reading.may_acknowledge


@settings(max_examples=100)
@given(st.text(max_size=300), st.text(max_size=60), st.sampled_from(["both", "plain", "html", "button"]))
def test_any_words_of_a_buyer_stay_a_buyers_message(text: str, name: str, parts: str) -> None:
    """Whatever a buyer writes changes neither kind nor order nor key."""
    mail = BuyerMail(text=text, name="x", subject="Inquiry", parts=parts)
    reading = read(mail.build(), TRUST)
    assert name is not None
    assert reading.kind is Kind.BUYER_MESSAGE
    assert reading.notification.frame.order_ids == (mail.order,)
    assert getattr(reading.notification, "message_key", None) == mail.key


@settings(max_examples=100)
@given(st.text(max_size=200), st.text(max_size=400))
def test_any_notice_is_read(subject: str, body: str) -> None:
    """No subject and no body of a notice raises."""
    subject = subject.replace("\r", " ").replace("\n", " ").encode("utf-8", "replace").decode()
    content = notice("x", body.encode("utf-8", "replace").decode()).replace(
        b"Subject: x", f"Subject: {subject}".encode()
    )
    assert isinstance(read(content, TRUST), Reading)


def test_comment_of_a_rating_and_of_a_return_has_an_intent() -> None:
    """A buyer's words are read wherever they stand; a notice without any has no intent."""
    body = "注文番号: 250-1234567-1234567<br>評価: 1<br>コメント: まだ届きません。"
    assert read(notice("出品者の評価", body), TRUST).intent is not None
    assert read(notice("x", "x", kind="REFUND_ISSUED"), TRUST).intent is None


HOSTILE_HTML = [
    "<a " * 60_000,
    "<pre -o-pre-wrap" * 20_000,
    "<tr><th>" * 2_400,
    "<div>" * 9_000,
    "<table><tr><td>" * 3_000,
]
HOSTILE_TEXT = [
    "\n" * 300_000,
    "a\n" * 100_000,
    "------------- Message: -------------\n" * 9_000,
    "> a\nb\n" * 40_000,
    "https://amazon.com/?m=1 " * 20_000,
    "250-1234567-" * 30_000,
    "コメント:\n" * 20_000,
    "-----\n" * 60_000,
    "評価を" * 60_000,
    ("a" * 40 + "@") * 8_000,
    "Message-ID: <" * 20_000,
]


@pytest.mark.no_cover
@pytest.mark.parametrize("kind", ["BBC_MESSAGE_SENT_TO_MERCHANT", "RETURN_REQUEST", None])
@pytest.mark.parametrize("sender", [BuyerMail().address, "donotreply@amazon.com", "mailer-daemon@mx.example"])
def test_hostile_mail_takes_no_time(sender: str, kind: str | None) -> None:
    """No shape of mail holds up the mails behind it: two seconds are far above what any of these takes."""
    headers = [("From", sender), ("Subject", encoded("出品者の評価"))]
    if kind:
        headers.append(("X-Space-Notification-Type", kind))
    bodies = [("text/html", body) for body in HOSTILE_HTML] + [("text/plain", body) for body in HOSTILE_TEXT]
    for body in bodies:
        content = message(headers, [body])
        started = time.process_time()
        read(content, TRUST)
        assert time.process_time() - started < 20
