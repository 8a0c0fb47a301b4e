"""How much goes back: never below nothing, never above what was paid, never rounded."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from state.refunds import (
    Basis,
    currency_of,
    note_amount,
    noted_amount,
    propose,
    read_amount,
    say_amount,
)

AMOUNTS = st.integers(0, 10_000_000)


@pytest.mark.playbook("Situations and what the draft says / Partial refund")
def test_a_partial_refund_is_new_less_almost_new():
    """New 9,800 and almost new 6,800 make 3,000 yen."""
    refund = propose(9_800, 6_800, paid=9_800)
    assert (refund.amount, refund.basis, refund.currency) == (3_000, Basis.DIFFERENCE, "JPY")
    assert say_amount(refund.amount, refund.currency, "ja") == "3,000円"


@pytest.mark.parametrize(
    ("new", "almost_new", "paid", "amount", "basis"),
    [
        (9_800, 6_800, 3_000, 3_000, Basis.DIFFERENCE),
        (9_800, 6_800, 2_999, 2_999, Basis.CAPPED),
        (9_800, 6_800, 0, 0, Basis.CAPPED),
        (6_800, 6_800, 9_800, 0, Basis.NO_DIFFERENCE),
        (6_800, 9_800, 9_800, 0, Basis.NO_DIFFERENCE),
        (0, 0, 500, 0, Basis.NO_DIFFERENCE),
    ],
)
def test_the_bounds_of_a_partial_refund(new, almost_new, paid, amount, basis):
    """Shipping is not counted, for the buyer keeps what was shipped."""
    refund = propose(new, almost_new, paid, shipping=600)
    assert (refund.amount, refund.basis, refund.full) == (amount, basis, False)


@given(AMOUNTS, AMOUNTS, AMOUNTS, AMOUNTS)
def test_a_partial_refund_stays_within_what_was_paid(new, almost_new, paid, shipping):
    """Whatever the prices are."""
    assert 0 <= propose(new, almost_new, paid, shipping).amount <= paid


def test_in_full_is_all_that_was_paid():
    """The item and its shipping."""
    refund = propose(paid=9_800, shipping=500, full=True)
    assert (refund.amount, refund.basis, refund.full) == (10_300, Basis.FULL, True)


@pytest.mark.parametrize(
    ("values", "full"),
    [((-1, 0, 0, 0), False), ((1, 0, -1, 0), False), ((None, None, 5, -1), True), ((None, 5, 5, 0), False)],
)
def test_nonsense_is_refused(values, full):
    """An amount below nothing, or one that is missing."""
    with pytest.raises(ValueError, match=r"amount|prices"):
        propose(*values, full=full)


@pytest.mark.parametrize(
    ("text", "currency", "amount"),
    [
        ("9800", "JPY", 9_800),
        ("9,800円", "JPY", 9_800),
        ("¥1,234,567", "JPY", 1_234_567),
        ("\uff19,\uff18\uff10\uff10", "JPY", 9_800),
        ("39.90", "EUR", 3_990),
        ("39.9", "EUR", 3_990),
        ("39", "USD", 3_900),
        ("0", "JPY", 0),
    ],
)
def test_amounts_are_read_as_people_write_them(text, currency, amount):
    """Full-width digits, separators and signs."""
    assert read_amount(text, currency) == amount


@pytest.mark.parametrize(
    ("text", "currency"),
    [("9800.5", "JPY"), ("-1", "JPY"), ("", "JPY"), ("1.234", "EUR"), ("98,00", "JPY"), ("9" * 30, "JPY")],
)
def test_what_is_no_amount_is_refused_and_not_rounded(text, currency):
    """Yen have no decimals."""
    assert read_amount(text, currency) is None


def test_amounts_are_said_in_the_currency_of_the_order():
    """Yen without decimals, the others with two."""
    assert [say_amount(3_990, one, "en") for one in ("JPY", "EUR")] == ["JPY 3,990", "EUR 39.90"]
    assert [currency_of(one) for one in ("co.jp", "de", None)] == ["JPY", "EUR", "JPY"]


def test_a_step_keeps_an_amount():
    """Written and read again; other words are no amount."""
    assert noted_amount(note_amount(3_000, "JPY")) == (3_000, "JPY")
    assert noted_amount("EUR 3990 amazon") == (3_990, "EUR")
    assert [noted_amount(one) for one in ("", "amazon", "JPY x")] == [None, None, None]
