"""Telephone numbers and mail addresses are hidden in what may stand in a mail; orders and dates are not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from templates.hiding import HIDDEN, hide_contacts, number_core

NUMBER = "090-1234-5678"
ADDRESS = "Taro.Yamada@caller.example"


@pytest.mark.parametrize(
    "spelled",
    [
        "090-1234-5678",
        "09012345678",
        "０９０－１２３４－５６７８",
        "〇九〇の一二三四の五六七八",
        "(090) 1234.5678",
        "+81 90-1234-5678",
        "03-3210-9876",
        "0120-444-444",
        "someone@else.example",
        "ＳＯＭＥＯＮＥ＠ＥＬＳＥ．ＥＸＡＭＰＬＥ",
        "me@host",
    ],
)
def test_whatever_leads_to_a_person_is_hidden(spelled):
    """Also what nobody gave as the number to call back."""
    assert hide_contacts(f"至急、{spelled} へお願いします。") == f"至急、{HIDDEN} へお願いします。"


@pytest.mark.parametrize(
    "told",
    [
        "03局3456の7890番",
        "０３（代）３４５６・７８９０",
        "番号は 3456-7890",
        "電話: 12-3456",
        "内線 4567",
        "".join(f"{digit}\ufe0f\u20e3" for digit in "09012345678"),
    ],
)
def test_a_number_is_known_by_what_stands_around_it(told):
    """Offices, switchboards, what is said of it, and digits in boxes."""
    hidden = hide_contacts(f"至急、{told}へ。")
    assert HIDDEN in hidden
    assert not any(part in hidden for part in ("3456", "３４５６", "4567", "4\ufe0f"))


@pytest.mark.parametrize(
    "spelled",
    ["1234-5678", "１２３４ ５６７８", "234-5678", "12345678", "090 (ハイフン) 1234 (ハイフン) 5678"],
)
def test_the_number_that_was_given_is_hidden_in_short_too(spelled):
    """As it is called from nearby; without knowing the number it could be anything."""
    assert HIDDEN in hide_contacts(f"番号は {spelled} です", numbers=[NUMBER])
    assert "5678" not in hide_contacts(f"番号は {spelled} です", numbers=[NUMBER])


def test_what_a_shop_needs_stays():
    """Order numbers, dates, times, prices and numbers of parcels."""
    text = "注文 250-1234567-7654321、2026-11-17 10:30、11/18 10:00〜12:00、3,000円を2個、明日18時"
    text += "、商品番号 12-3456、電話は18時から20時、2026年に電話、電話は11/18 10:00"
    assert hide_contacts(text, numbers=[NUMBER], addresses=[ADDRESS]) == text


def test_a_number_beside_an_order_number_is_hidden():
    """Neither hides behind the other."""
    text = "250-1234567-7654321 09012345678 250-1234567-7654322"
    assert hide_contacts(text) == f"250-1234567-7654321 {HIDDEN} 250-1234567-7654322"


@pytest.mark.parametrize(
    "number", ["090-1234-5678", "+81 90 1234 5678", "0081-90-1234-5678", "０９０１２３４５６７８"]
)
def test_a_number_is_the_same_however_it_is_dialled(number):
    """Without the trunk's zero and the country's code."""
    assert number_core(number) == "9012345678"


@given(st.text(), st.text(alphabet=" -.ー・", max_size=3), st.text())
def test_no_surroundings_uncover_the_number(before, between, after):
    """Whatever stands around it and between its groups."""
    spelled = between.join(("090", "1234", "5678"))
    hidden = hide_contacts(f"{before} {spelled} {after}", numbers=[NUMBER])
    assert spelled not in hidden


def test_a_hostile_text_takes_no_time():
    """Digits, at signs and dashes without end; one that is too long is cut."""
    for piece in ("1", "1-", "@", "a@", "一ー", "(0"):
        assert len(hide_contacts(piece * 100_000, numbers=["1" * 40], addresses=["a@" * 50])) <= 4_000
