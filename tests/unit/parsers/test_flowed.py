"""Lines that a mail program broke are put together again."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.flowed import unflow
from parsers.mime import parse_mime


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        ("a\nb", "a\nb"),
        ("a \nb", "a b"),
        ("a \nb \nc\n\nd", "a b c\n\nd"),
        ("a \n\nb", "a \nb"),
        ("a \n-- \nb", "a \n-- \nb"),
        ("> a \n> b\nc", "> a b\nc"),
        ("> a \nb", "> a \nb"),
        (">> a \n> b", ">> a \n> b"),
        (">a \n>b", "> a b"),
        (" > a", "> a"),
        (" From here", "From here"),
        ("a \n", "a "),
    ],
)
def test_soft_breaks_end(text: str, expected: str) -> None:
    """A blank at the end of a line says that its paragraph goes on, at the same depth of quotation."""
    assert unflow(text, delete_blank=False) == expected


def test_the_blank_may_be_no_part_of_the_words() -> None:
    """Japanese has no blanks between words, so the one in front of the break goes."""
    assert unflow("交換品を \nお送り \nします。", delete_blank=True) == "交換品をお送りします。"
    assert unflow("交換品を  \nお送り", delete_blank=True) == "交換品を お送り"
    assert unflow("a\n-- \nb", delete_blank=True) == "a\n-- \nb"


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("text/plain; format=flowed", "a b\nc"),
        ('text/plain; charset=utf-8; FORMAT="Flowed"; DelSp=no', "a b\nc"),
        ("text/plain; format=flowed; delsp=yes", "ab\nc"),
        ("text/plain; format=fixed", "a \nb\nc"),
        ("text/plain", "a \nb\nc"),
        ("text/html; format=flowed", "a \nb\nc"),
    ],
)
def test_only_declared_parts_flow(header: str, expected: str) -> None:
    """The header of a plain part decides."""
    mail = parse_mime(f"Content-Type: {header}\r\n\r\na \r\nb\r\nc".encode())
    assert (mail.plain or mail.html) == expected


@given(st.lists(st.sampled_from(["a", " ", ">", "\n", "-- ", "字"])).map("".join), st.booleans())
def test_no_word_is_lost(text: str, delete_blank: bool) -> None:
    """Only blanks, breaks and signs of quotation change."""
    kept = unflow(text, delete_blank=delete_blank)
    assert [letter for letter in kept if letter in "a字-"] == [letter for letter in text if letter in "a字-"]


def test_long_paragraphs_cost_little() -> None:
    """The work grows no faster than the text."""
    started = time.process_time()
    unflow("a \n" * 300_000, delete_blank=True)
    assert time.process_time() - started < 20
