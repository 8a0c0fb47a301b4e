"""Order numbers however they are typed."""

# ruff: noqa: E501 - a mail is easier to read when it is one row of a table
from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.order_ids import find_order_ids

FOUND = [
    ("250-1234567-1234567", ["250-1234567-1234567"]),
    ("注文番号250-1234567-1234567の件", ["250-1234567-1234567"]),
    ("Order112-1234567-1234567", ["112-1234567-1234567"]),
    ("２５０－１２３４５６７－７６５４３２１", ["250-1234567-7654321"]),
    ("250‐1234567‑1234567", ["250-1234567-1234567"]),
    ("250–1234567—1234567", ["250-1234567-1234567"]),
    ("250ー1234567ー1234567", ["250-1234567-1234567"]),
    ("250−1234567−1234567", ["250-1234567-1234567"]),
    ("(注文: 250-1234567-1234567)", ["250-1234567-1234567"]),
    ("[406-1234567-1234567]", ["406-1234567-1234567"]),
    ("D01-1234567-1234567 P03-1234567-1234567 S01-1234567-1234567", ["D01-1234567-1234567", "P03-1234567-1234567", "S01-1234567-1234567"]),
    ("250-1234567-1234567 と 250-1234567-1234567", ["250-1234567-1234567"]),
    ("249-1111111-2222222、250-3333333-4444444", ["249-1111111-2222222", "250-3333333-4444444"]),
    ("/orders-v3/order/249-5111363-6878570/cancel", ["249-5111363-6878570"]),
    ("250-1234567-12345678", []),
    ("1250-1234567-1234567", []),
    ("1-250-1234567-1234567", []),
    ("250-1234567-1234567-1", []),
    ("250-123456-1234567", []),
    ("AD01-1234567-1234567", []),
    ("データー250", []),
    ("٢٥٠-1234567-1234567", []),
    ("", []),
]  # fmt: skip


@pytest.mark.parametrize(("text", "numbers"), FOUND)
def test_numbers_are_found(text: str, numbers: list[str]) -> None:
    """Widths, dashes and neighbours do not hide a number, and a longer one is none."""
    assert list(find_order_ids(text)) == numbers


@given(st.text())
def test_any_text_is_survived(text: str) -> None:
    """Whatever is found is a valid number, found once."""
    found = find_order_ids(text)
    assert len(set(found)) == len(found)
