"""What strangers write is bounded, printable, and leads nowhere."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from templates import cleaning

SHOP = "まい商店"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("佐藤 花子", "佐藤 花子"),
        ("  佐藤\u3000花子 ", "佐藤 花子"),
        ("佐藤 花子 様", "佐藤 花子"),
        ("Amazon カスタマー", "Amazon カスタマー"),
        ("J. R. O'Neill-Smith", "J. R. O'Neill-Smith"),
        ("マリー＝クレール・デュポン", "マリー＝クレール・デュポン"),
        ("佐々木 〆子ー", "佐々木 〆子ー"),
        ("João Müller 2", "João Müller 2"),
        ("佐藤\r\nBcc 花子", "佐藤 Bcc 花子"),
        ("花\u202e子", "花子"),
    ],
)
def test_names_are_kept(text, expected):
    """People are called what they are called."""
    assert cleaning.buyer_name(text, SHOP) == expected


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "   ",
        "様",
        "https://evil.example",
        "evil.example",
        "ｅｖｉｌ．ｅｘａｍｐｌｅ",
        "hanako@example.com",
        "090-1234-5678",
        "０９０１２３４",
        "花子★",
        "花子😀",
        "星5の評価を",
        "please review",
        "佐" * 41,
        "a<b>",
        SHOP,
    ],
)
def test_what_is_no_name_is_left_out(text):
    """An address, a number, a symbol, half a name or the shop's own name is worse than none."""
    assert cleaning.buyer_name(text, SHOP) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://a.example/b", "hxxps://a[.]example/b"),
        ("HTTP://A.EXAMPLE", "hxxp://A[.]EXAMPLE"),
        ("www.evil.example", "www[.]evil[.]example"),
        ("x@evil.example", "x@evil[.]example"),
        ("3.5kg です。Hello. World", "3.5kg です。Hello. World"),
    ],
)
def test_addresses_lose_their_life(text, expected):
    """Mail programs make no link of them, and a person can still read them."""
    assert cleaning.inert(text) == expected


@given(st.text())
def test_one_line_is_one_printable_line(text):
    """Whatever comes in, one line within the limit comes out, and a second time changes nothing."""
    line = cleaning.one_line(text, 20)
    assert len(line) <= 20
    assert "\n" not in line
    assert not [one for one in line if unicodedata.category(one) in {"Cc", "Cf", "Cs", "Zl", "Zp"}]
    assert cleaning.one_line(line, 20) == line


@given(st.text(max_size=200))
def test_excerpts_hold_no_living_link_and_no_control(text):
    """Line ends are the only controls left; nothing starts a scheme that a mail program knows."""
    shown = cleaning.excerpt(text + " https://evil.example/ " + text)
    assert not [one for one in shown if unicodedata.category(one) in {"Cc", "Cf", "Cs"} and one != "\n"]
    assert "evil.example" not in shown


def test_a_long_excerpt_says_that_it_is_cut():
    """An ellipsis stands where something is left out, and nowhere else."""
    assert cleaning.excerpt("あ" * 10_000).endswith("…")
    assert cleaning.excerpt("\n".join("あい" for _ in range(100))).endswith("…")
    assert cleaning.excerpt("\n" * 5_000 + "あ") == "…"
    assert cleaning.excerpt("短い文。") == "短い文。"
    assert len(cleaning.excerpt("あ\n" * 10_000)) <= cleaning.EXCERPT_LIMIT + 1


def test_bodies_keep_their_paragraphs():
    """A person's text loses controls and half characters, and keeps empty lines and emoji."""
    assert cleaning.several_lines("あ\r\n\r\nい\x00\ud800👩‍🍳\tう\u2028え") == "あ\n\nい👩‍🍳 う\nえ"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("250-3407084-0349098", "250-3407084-0349098"),
        ("D01-3407084-0349098", "D01-3407084-0349098"),
        ("２50-3407084-0349098", None),
        ("250-3407084-0349098\n", None),
        ("250-3407084-0349098 https://evil.example", None),
        (None, None),
    ],
)
def test_only_order_numbers_pass_as_such(text, expected):
    """A wrong order number in a mail to a buyer is an error at Amazon."""
    assert cleaning.order_id(text) == expected
