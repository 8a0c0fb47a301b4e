"""Mail built to confuse: whatever its structure, it is read, shown harmlessly and told as JSON."""

from __future__ import annotations

import json
import os
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daemon.cli.parse import _summary, record_of
from daemon.showing.reader import clean, clean_lines, indented
from parsers.autoreply import is_automatic
from parsers.charset import decode_bytes
from parsers.mime import parse_mime
from parsers.reading import read
from parsers.sent import read_sent
from parsers.values import Authenticity, Kind, Reading, Trust
from templates.cleaning import inert
from tests.unit.parsers.mails import HOST, BuyerMail

EXAMPLES = int(os.environ.get("SOKURESU_EXAMPLES", "60"))
"""How many mails are built; a soak sets it to thousands."""

ALIAS = BuyerMail().address.encode()
ENDS = st.sampled_from([b"\n", b"\r\n", b"\r", b"\n\r", b"\r\r\n"])
ODD = st.sampled_from(
    [
        *(b"\x00", b"\r", b"\n", b"\r\n\t", b"\x1b$B", b"\x1b(B", b"\x0e", b"\x9b2J", b"\xed\xa0\x80"),
        *(b"\xff\xfe", b"\xf4\x8f\xbf\xbf", "\u202e".encode(), "\u2028".encode(), "ｶﾞ".encode("cp932")),
        *(b"=?utf-7?Q?+2AA-?=", b"=?utf-8?B?AAAA?=", b"=?iso-2022-jp?B?GyRC?=", b'"', b"(", b"@", b"<a@b>"),
        *(b"; filename*0*=utf-16''%D8%00", b"https://x.example"),
    ]
)
TEXTS = st.text(max_size=8).map(lambda text: text.encode("utf-8", "surrogatepass"))
WORDS = st.lists(ODD | st.binary(max_size=8) | TEXTS, max_size=6).map(b"".join)
NAMES = st.sampled_from(
    [
        *(b"From", b"Reply-To", b"Subject", b"Date", b"To", b"Message-ID", b"References", b"Return-Path"),
        *(b"Authentication-Results", b"Auto-Submitted", b"X-Space-Notification-Type", b"Content-Type"),
        *(b"X-Sokuresu-Outbox", b"", b"\xe3"),
    ]
)
VALUES = WORDS | st.sampled_from(
    [
        *(ALIAS, b"<%s>" % ALIAS, b"donotreply@amazon.com", b"BBC_MESSAGE_SENT_TO_MERCHANT"),
        *(b"Sat, 21 Nov 2026 09:00:00 +0900", b"Thu, 1 Jan 0001 00:00:00 +9999", b"auto-replied"),
        b"mx.shop.example; dkim=fail header.d=amazon.co.jp",
    ]
)
TYPES = st.sampled_from(
    [
        *(b"text/plain; charset=iso-2022-jp", b"text/plain; charset=utf-16", b"text/html; charset=x"),
        *(b"text/plain; format=flowed", b"message/rfc822", b"message/delivery-status", b"/"),
        *(b"text/rfc822-headers", b"application/pdf; name=a", b"text/\x00plain"),
    ]
)
ENCODINGS = st.sampled_from([b"", b"base64", b"quoted-printable", b"x-uuencode", b"7bit (x)", b"\x00"])
BODIES = WORDS | st.sampled_from(
    [
        b"------------- Message: -------------\nx\n------------- End message -------------",
        *(b"<pre style='-o-pre-wrap'>&#0;&#xD800;<b>", b"5rOo5paH", b"=E6=B3=A8=\n", b"> a\n-- \nb"),
        b"begin 644 a\n#86)C\n",
    ]
)


@st.composite
def headers(draw: st.DrawFn) -> bytes:
    """Some headers, doubled, folded and cut at random."""
    end = draw(ENDS)
    lines = draw(st.lists(st.tuples(NAMES, VALUES, st.booleans()), max_size=8))
    return b"".join(
        name + b":" + (end + b" " if folded else b" ") + value + end for name, value, folded in lines
    )


@st.composite
def leaves(draw: st.DrawFn) -> bytes:
    """One part without parts."""
    end = draw(ENDS)
    head = b"Content-Type: " + draw(TYPES) + end + b"Content-Transfer-Encoding: " + draw(ENCODINGS) + end
    return head + b"Content-Disposition: attachment; filename=" + draw(WORDS) + end * 2 + draw(BODIES)


@st.composite
def nests(draw: st.DrawFn, children: st.SearchStrategy[bytes]) -> bytes:
    """Parts in one, their boundary shared with others, missing or cut."""
    end, mark = draw(ENDS), draw(st.sampled_from([b"b", b"b b", b"\xff", b"", b"a" * 80]))
    parts = draw(st.lists(children, max_size=3))
    kind = draw(st.sampled_from([b"mixed", b"alternative", b"report", b"digest", b"\x00"]))
    head = b"Content-Type: multipart/" + kind + b'; boundary="' + mark + b'"' + end * 2
    closed = b"--" + mark + draw(st.sampled_from([b"--", b"", b"-"])) + end
    return head + b"".join(b"--" + mark + end + part + end for part in parts) + closed


@st.composite
def mails(draw: st.DrawFn) -> bytes:
    """A whole mail: hostile headers above a tree of parts."""
    return draw(headers()) + draw(st.recursive(leaves(), nests, max_leaves=6))


def is_harmless(text: str) -> bool:
    """Whether a terminal shows the text and obeys nothing in it."""
    return not any(unicodedata.category(sign) in {"Cc", "Cf", "Cs"} for sign in text.replace("\n", ""))


@settings(max_examples=EXAMPLES)
@given(mails())
def test_any_structure_is_read(content: bytes) -> None:
    """Nothing raises, and nobody's forged mail is acknowledged: the trusted host passed none of these."""
    reading = read(content, Trust(HOST))
    assert isinstance(reading, Reading)
    assert reading.authenticity is not Authenticity.PASS
    assert not reading.may_acknowledge
    assert read_sent(content).envelope == reading.envelope


@settings(max_examples=EXAMPLES)
@given(mails())
def test_any_structure_is_told(content: bytes) -> None:
    """The record is JSON that can be written, and the summary steers no terminal."""
    reading = read(content, Trust(HOST))
    record = record_of("x.eml", reading)
    assert json.loads(json.dumps(record, ensure_ascii=False).encode("utf-8")) == record
    assert is_harmless("\n".join(_summary(record, reading)))


@settings(max_examples=EXAMPLES)
@given(mails())
def test_any_structure_is_shown(content: bytes) -> None:
    """What the quarantine shows of a mail is a few clean lines without a living link."""
    mail = read_sent(content)
    page = indented(inert(clean_lines(mail.text[:4_000])))
    assert is_harmless(page)
    assert "https:" not in page.lower()
    for line in (mail.envelope.subject, mail.envelope.from_address, *parse_mime(content).attachments):
        assert is_harmless(clean(line))
        assert "\n" not in clean(line)


@pytest.mark.parametrize("kind", [b"text/\x00\x12plain", b"text/\xed\xa0\x80", b"a/\r\n b", b"\x1b/\x1b"])
def test_a_type_of_odd_signs_names_no_attachment(kind: bytes) -> None:
    """The name of a nameless part is made of its type, which a stranger wrote."""
    names = parse_mime(b"From: a@b.example\nContent-Type: " + kind + b"\n\nx").attachments
    assert all(name.isprintable() and name.isascii() for name in names)


def test_a_link_is_taken_apart_wherever_it_begins() -> None:
    """Some programs make a link of what follows a letter, too."""
    assert "https:" not in inert("見てhttps://intranet xhttps://evil.example HTTPS://x")


def test_windows_text_is_not_taken_for_letters_that_do_not_exist() -> None:
    """A character for private use and a Cyrillic one have bytes that spell a sign no plane of Unicode has."""
    assert decode_bytes("\ue273о".encode("cp932"), "Shift_JIS") == "\ue273о"
    assert decode_bytes("𠮷野家".encode(), "Shift_JIS") == "𠮷野家"


def test_a_robots_subject_is_known_behind_marks_and_blanks() -> None:
    """Blanks before the words are read once, with a bracket or without."""
    for subject in ("Re:  [ Out of office", "re: aw:\tOut of office", "【 自動返信 】", "RE :out of office"):
        mail = parse_mime(f"From: a@b.example\nSubject: {subject}\n\nx".encode())
        assert is_automatic(mail)
    assert read(b"Subject: re:" + b" " * 700 + b"x\n\n", Trust()).kind is Kind.UNRELATED
