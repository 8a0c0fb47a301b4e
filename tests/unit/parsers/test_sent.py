"""Mail of the Sent folder, and the forms by which texts are compared."""

from __future__ import annotations

from parsers.fingerprints import fingerprint_shape, fingerprint_text
from parsers.sent import read_sent
from tests.unit.parsers.mails import message

ALIAS = "k3f8q2m9x1c7v5b+A00135411ZI2YBJ2DU9VJ@marketplace.amazon.co.jp"


def test_recipients_and_words_are_read() -> None:
    """The buyers among To and Cc, each once and spelt as written, and what the person wrote."""
    headers = [
        ("From", "shop@shop.example"),
        ("To", f"Buyer <{ALIAS}>, friend@example.org"),
        ("Cc", ALIAS),
        ("Subject", "Re: x"),
        ("X-Sokuresu-Outbox", "42"),
    ]
    text = "確認します。\n\n2026年11月20日(金) 10:00 山田 <a@b.example>:\n> 届きません\n"
    sent = read_sent(message(headers, [("text/plain", text)]))
    assert [alias.address for alias in sent.aliases] == [ALIAS]
    assert (sent.text, sent.envelope.outbox_id) == ("確認します。", "42")


def test_html_mail_is_read_as_text() -> None:
    """Some programs send HTML only."""
    headers = [("From", "shop@shop.example"), ("To", "friend@example.org")]
    sent = read_sent(message(headers, [("text/html", "<p>確認します。</p>")]))
    assert (sent.aliases, sent.text) == ((), "確認します。")


def test_nothing_is_survived() -> None:
    """An empty file says nothing."""
    assert read_sent(b"").text == ""


def test_text_fingerprint_ignores_space_and_width() -> None:
    """Amazon re-wraps what it copies."""
    assert fingerprint_text("お問い合わせ　ありがとう\nＡＢＣ １２") == "お問い合わせありがとうABC12"


def test_shape_ignores_numbers_and_brackets() -> None:
    """Two notices of one shape differ in their numbers only."""
    first = fingerprint_shape("a@amazon.com", "お知らせ 250-1234567-1234567 (山田 様)")
    second = fingerprint_shape("a@amazon.com", "お知らせ  250-0000000-0000000 (鈴木 様)")
    assert first == second
    assert first != fingerprint_shape("b@amazon.com", "お知らせ 250-1234567-1234567 (山田 様)")
    assert len(first) == 16
