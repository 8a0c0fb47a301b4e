"""How much goes back, as notices print it."""

from __future__ import annotations

import pytest

from parsers.money import Money, find_refund
from parsers.reading import read
from parsers.values import Refund, Trust
from tests.unit.parsers.mails import HOST, notice


@pytest.mark.parametrize(
    ("subject", "text", "found"),
    [
        ("rimborso 169.01 EUR avviato - ordine 405-1234567-1234567", "", Money(16_901, "EUR")),
        ("返金手続き開始のお知らせ 3,000円 - 注文 250-1234567-1234567", "", Money(3_000, "JPY")),
        ("x", "rimborso dell'importo di EUR 39.9 a seguito del reso", Money(3_990, "EUR")),
        ("x", "返金額\uff1a\uffe51,234\n送料: 200円", Money(1_234, "JPY")),
        ("Refund 1.234,56 EUR", "", Money(123_456, "EUR")),
    ],
)
def test_an_amount_is_found(subject, text, found):
    """In the subject, else in the line that names it."""
    assert find_refund(subject, text) == found


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("返金手続き開始のお知らせ - 注文 250-1234567-1234567", "商品 3,000円"),
        ("x", "返金額: 3,000円\n返金額: 200円"),
        ("3,000円 200円", "返金額: 3,000円"),
        ("x", "返金額: 9.5円"),
        ("1" * 5_000, "返金額" + "1," * 5_000),
    ],
)
def test_what_is_not_plain_is_not_told(subject, text):
    """A price is no refund, and of two amounts nobody knows which."""
    assert find_refund(subject, text) is None


def test_a_notice_tells_its_amount():
    """From the mail to the value."""
    reading = read(
        notice("rimborso 169.01 EUR avviato - ordine 405-1234567-1234567", "x"), Trust(authserv_id=HOST)
    )
    assert isinstance(reading.notification, Refund)
    assert (reading.notification.amount, reading.notification.currency) == (16_901, "EUR")
