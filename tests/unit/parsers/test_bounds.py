"""No mail holds up the mails behind it: the time and the memory that one may take are bounded.

The guards are many times what was measured, so that a busy machine breaks none; work that grows with the
square of a mail's size breaks them all the same.
"""

from __future__ import annotations

import base64
import re
import time
import tracemalloc
import unicodedata
from typing import TYPE_CHECKING

import pytest

from parsers.folding import fold_width
from parsers.html import html_reply_to_text, html_to_text
from parsers.interest import interest_of
from parsers.mime import parse_headers, parse_mime
from parsers.own_words import own_words
from parsers.reading import read
from parsers.values import Trust
from templates.guidelines import check
from tests.fuzz.patterns import all_patterns, method_of, unknown_places
from tests.fuzz.pumping import slow_pump
from tests.unit.parsers.mails import HOST, BuyerMail, message

if TYPE_CHECKING:
    from collections.abc import Callable

SECONDS = 20
"""Processor time; nothing here took more than three seconds, most a tenth of one."""

MULTIPLE, BASE = 16, 32_000_000
"""Bytes at the peak: as many times the mail's size, and what goes to tables and small mails."""

pytestmark = pytest.mark.no_cover
"""What bounds the program's time is not to be the measuring of lines, which takes as long again."""

TRUST = Trust(HOST)
BUYER = f"From: {BuyerMail().address}\nX-Space-Notification-Type: BBC_MESSAGE_SENT_TO_MERCHANT\n".encode()
PLAIN = b"Content-Type: text/plain; charset=utf-8\n\n"
JIS = b"Content-Type: text/plain; charset=iso-2022-jp\n\n"
PRINTABLE = b"Content-Transfer-Encoding: quoted-printable\n" + PLAIN
REPORT = b"Content-Type: message/delivery-status\n\n"
MIXED = b"Content-Type: multipart/mixed; boundary=b\n\n"


def _deep_multiparts() -> bytes:
    opened = b"".join(
        b"--b%d\nContent-Type: multipart/mixed; boundary=b%d\n\n" % (at, at + 1) for at in range(1000)
    )
    return b"Content-Type: multipart/mixed; boundary=b0\n\n" + opened + b"--b1000\n\nx\n"


MAILS: dict[str, Callable[[], bytes]] = {
    "multiparts 1,000 deep": _deep_multiparts,
    "mails 1,000 deep": lambda: b"Content-Type: message/rfc822\n\n" * 1000 + b"x",
    "10,000 parts": lambda: MIXED + b"--b\nContent-Type: text/plain\n\nx\n" * 10_000,
    "200,000 parts": lambda: MIXED + b"--b\n\n" * 200_000,
    "100,000 groups of a report": lambda: REPORT + b"a: b\n\n" * 100_000,
    "a header of 5 MB": lambda: b"Subject: " + b"a" * 5_000_000 + b"\n\nx",
    "a folded header of 5 MB": lambda: b"Subject: a\n" + b" a\n" * 1_700_000 + b"\nx",
    "100,000 headers": lambda: b"X-A: b\n" * 100_000 + b"\nx",
    "two million lines": lambda: PLAIN + b"a\n" * 2_000_000,
    "300,000 blank lines": lambda: PLAIN + b"\r\n" * 300_000,
    "100,000 encoded words": lambda: b"Subject: " + b"=?utf-8?q?a?= " * 100_000 + b"\n" + PLAIN,
    "100,000 charsets": lambda: b"Subject: " + b"=?a?q?a?= =?b?q?b?= " * 50_000 + b"\n" + PLAIN,
    "names in 3,000 pieces": lambda: MIXED + b"--b\nContent-Disposition: attachment; "
    + b"; ".join(b"filename*%d*=%%e3%%81%%82" % at for at in range(3000)) + b"\n\nx\n--b--\n",
    "parameters without end": lambda: b'Content-Type: text/plain; charset="' + b"\\" * 100_000 + b"\n\nx",
    "soft line breaks": lambda: PRINTABLE + b"=\n" * 300_000,
    "signs in hexadecimal": lambda: PRINTABLE + b"=E3=81=82" * 60_000,
    "base64 of line breaks": lambda: b"Content-Transfer-Encoding: base64\n" + PLAIN
    + base64.encodebytes(b"\n" * 600_000),
    "broken base64": lambda: b"Content-Transfer-Encoding: base64\n" + PLAIN + b"=*A\n" * 200_000,
    "uuencoded lines": lambda: b"Content-Transfer-Encoding: x-uuencode\n" + PLAIN + b"begin 644 a\n" * 50_000,
    "100,000 escapes": lambda: JIS + b"\x1b$B\x1b(B" * 100_000,
    "100,000 shifts": lambda: JIS + b"\x1b(J\x0e1\x0f" * 100_000,
    "escapes in the subject": lambda: b"Subject: " + b"\x1b$B\x1b(B" * 100_000 + b"\n" + PLAIN,
    "100,000 recipients": lambda: b"To: " + b"a@b.example," * 100_000 + b"\n" + PLAIN,
    "500 recipients 100 times": lambda: (b"To: " + b"a@b.example," * 200 + b"\n") * 100 + PLAIN,
    "blanks behind a name": lambda: b"To: a" + b" " * 200_000 + b"x\n" + PLAIN,
    "one sender of many addresses": lambda: b"To: " + b"=?a?q?a?=" * 2000 + b"<a@b>" * 10_000 + b"\n" + PLAIN,
    "an endless date": lambda: b"Date: " + b"1 Jan 2026 " * 20_000 + b"\n" + PLAIN,
    "10,000 stations": lambda: b"Received: from a by b; Sat, 21 Nov 2026 09:00:00 +0900\n" * 10_000 + PLAIN,
    "100,000 references": lambda: b"References: " + b"<a@b.example> " * 100_000 + b"\n" + PLAIN,
    "marks on one letter": lambda: PLAIN + "\u0301\u0323".encode() * 250_000,
    "narrow marks on one letter": lambda: PLAIN + "\uff9e\u0f73\u0301".encode() * 110_000,
    "ligatures of 18 letters": lambda: PLAIN + ("\ufdfa" * 100 + "\n").encode() * 300,
}  # fmt: skip


PIECEMEAL = (
    "10,000 parts", "200,000 parts", "100,000 groups of a report", "a header of 5 MB", "100,000 headers",
    "two million lines", "300,000 blank lines", "broken base64",
)  # fmt: skip
"""Mails of which each byte or line becomes an object; watching the memory takes five times the time."""

PAGES = {
    "deep": "<div>" * 200_000,
    "unclosed": "<b><i>" * 100_000,
    "attributes": "<a " + "x=y " * 250_000 + ">",
    "one attribute": '<a href="' + "x" * 1_000_000 + '">',
    "entities": "&amp;&nbsp;&#12354;" * 50_000,
    "hard blanks": "a" + "\xa0" * 500_000 + "b",
    "hard blanks of entities": "<pre>a" + "&nbsp;" * 80_000 + "b",
    "blanks kept": "<pre>a" + " \t" * 240_000 + "b</pre>",
    "tables": "<table><tr><th>" * 30_000,
    "quotations": "<blockquote>" * 40_000,
    "styles": "<p style='display" + " " * 400_000 + "'>",
    "comments": "<!--" * 120_000,
}
SIGNS = 'a0. -_=>|:;,@<(["\t\r\x1b\x85\xa0\u3000あ一★【゙①'
"""One of each class of characters that a pattern repeats."""


@pytest.mark.parametrize("build", MAILS.values(), ids=MAILS)
def test_one_mail_takes_bounded_time(build: Callable[[], bytes]) -> None:
    """A hostile mail in a buyer's name is read to its end by every reader."""
    content = BUYER + build()
    started = time.process_time()
    read(content, TRUST)
    parse_headers(content)
    interest_of(content, frozenset({"a@b.example"}), "owner@shop.example")
    assert time.process_time() - started < SECONDS


@pytest.mark.parametrize("name", PIECEMEAL)
def test_one_mail_takes_bounded_memory(name: str) -> None:
    """The size of a mail times a constant bounds the memory that reading it takes."""
    content = BUYER + MAILS[name]()
    read(BUYER, TRUST)
    tracemalloc.start()
    try:
        read(content, TRUST)
        assert tracemalloc.get_traced_memory()[1] < MULTIPLE * len(content) + BASE
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("page", PAGES.values(), ids=PAGES)
def test_a_page_takes_bounded_time(page: str) -> None:
    """Depth, attributes, entities and runs of any blank cost no more than the size of a page."""
    started = time.process_time()
    html_to_text(page)
    html_reply_to_text(page)
    read(message([("From", "donotreply@amazon.com"), ("Subject", "x")], [("text/html", page)]), TRUST)
    assert time.process_time() - started < SECONDS


@pytest.mark.parametrize("sign", SIGNS, ids=lambda sign: f"{ord(sign):04x}")
def test_a_long_line_takes_bounded_time(sign: str) -> None:
    """One megabyte of one sign, as a text, a header and a block of headers, is read in time."""
    line = sign * (1_000_000 // len(sign.encode()))
    encoded = line.encode()
    names = (b"Subject: ", b"To: a", b"Date: ", b"Authentication-Results: ")
    headers = b"".join(name + encoded[:50_000] + b"b\n" for name in names)
    started = time.process_time()
    read(BUYER + headers + PLAIN + encoded, TRUST)
    own_words(line)
    for header in (b"From: a", b"Return-Path: ", b"Content-Type: "):
        interest_of(header + encoded[:60_000] + b"b\n", frozenset({"a@b.example"}), "owner@shop.example")
    check(line[:4_000])
    assert time.process_time() - started < SECONDS


def test_a_letter_keeps_the_marks_that_any_language_has() -> None:
    """What is thinned out for the time's sake is a heap of marks; every other text is folded as ever."""
    text = "ｶﾞｷﾞ" * 400 + "é★☆─────────────────────────────────────────か\u3099\u0f73"
    assert fold_width(text) == unicodedata.normalize("NFKC", text)
    assert len(fold_width("a" + "\u0301\u0323" * 1_000)) < 50


def test_a_mail_in_too_many_pieces_still_has_its_headers() -> None:
    """Only the body is given up."""
    mail = parse_mime(b"From: a@b.example\nSubject: x\n" + MIXED + b"--b\n\n" * 200_000)
    assert (mail.sender, mail.envelope.subject, mail.plain, mail.attachments) == (
        "a@b.example",
        "x",
        None,
        (),
    )


OF_OUR_OWN_TABLES = frozenset(("templates.guidelines.rules._TOKEN",))
"""Expressions that read what is part of the program."""


def test_no_expression_takes_more_time_than_its_text_is_long() -> None:
    """Every expression of the program withstands the repetitions that it is made of.

    A beginning that it accepts, one turn of a repetition thousands of times, and an end that it refuses.
    """
    known = {found: place for found, place in all_patterns().items() if place not in OF_OUR_OWN_TABLES}
    assert len(known) > 3_000
    assert {place for found, place in known.items() if slow_pump(found, method_of(place))} == set()


def test_every_expression_is_among_them() -> None:
    """No function compiles expressions that the test above does not see."""
    assert unknown_places() == []
    assert set(all_patterns().values()) >= OF_OUR_OWN_TABLES


@pytest.mark.parametrize("source", [r"[ \t]*=", r"a\s*[b]?\s*c", r"\w+@"])
def test_a_slow_expression_is_seen(source: str) -> None:
    """The attacks find each kind of fault that was found here; a busy machine may hide one for a moment."""
    assert any(slow_pump(re.compile(source)) is not None for _ in range(5))


@pytest.mark.parametrize("source", [r"(?<![ \t])[ \t]*=", r"\Aa+$", r"a{1,20}b", r"[^x]*x?"])
def test_a_quick_expression_is_none(source: str) -> None:
    """And blame none of their remedies."""
    assert slow_pump(re.compile(source)) is None
