"""One mail as headers, texts and attachment names."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers import mime
from parsers.mime import Headers, Mail, parse_headers, parse_mime
from parsers.parts import MAX_PARTS, MAX_TEXT

SAMPLES = sorted((Path(__file__).parents[2] / "data" / "samples").glob("*.eml"))
BOUNCE = b"""\
Return-Path: <>
From: MAILER-DAEMON@mx.shop.example
To: shop@shop.example
Subject: Undelivered Mail
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="r"

--r
Content-Type: text/plain

Sorry.
--r
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.shop.example

Final-Recipient: rfc822; abc+1@marketplace.amazon.co.jp
Action: failed
Status: 5.1.1
--r
Content-Type: %s

Message-ID: <ours@shop.example>
Subject: =?utf-8?b?5rOo5paH?=

the body that was sent
--r--
"""


def mail(head: str, body: str = "") -> Mail:
    """Parse a mail that is written as text."""
    return parse_mime(f"{head}\n\n{body}".encode())


def test_headers_are_found_in_any_case_and_order() -> None:
    """Names are case-insensitive, repetitions keep their order, missing ones are None."""
    headers = Headers((("X-A", "1"), ("Subject", "=?utf-8?b?5rOo?="), ("x-a", "2\n 3")))
    assert headers.first("x-A") == "1"
    assert headers.all("X-a") == ("1", "2 3")
    assert headers.first("subject") == "注"
    assert headers.raw_first("Subject") == "=?utf-8?b?5rOo?="
    assert headers.raw_all("x-a") == ("1", "2 3")
    assert headers.first("none") is headers.raw_first("none") is None
    assert headers.all("none") == headers.raw_all("none") == ()


def test_the_envelope_is_read() -> None:
    """Ids lose their brackets, the date becomes UTC, addresses are in lower case."""
    found = mail(
        "From: X <A@B.example>\nTo: One <ONE@x.example>, two@x.example\nCc: Three@x.example\n"
        "Date: Sat, 21 Nov 2026 10:12:00 +0900\nMessage-ID: <id@x>\nIn-Reply-To: <p@x> <q@x>\n"
        "References: <o@x>\n <p@x>\nSubject: a\n b\nX-Sokuresu-Outbox: 17\nX-Sokuresu-Draft: 4\n"
        "X-Microsoft-Original-Message-ID: <mine@x>"
    ).envelope
    assert found.message_id == "id@x"
    assert found.date == datetime(2026, 11, 21, 1, 12, tzinfo=UTC)
    assert found.subject == "a b"
    assert found.from_address == "a@b.example"
    assert found.to_addresses == ("one@x.example", "two@x.example", "three@x.example")
    assert (found.in_reply_to, found.references) == ("p@x", ("o@x", "p@x"))
    assert (found.outbox_id, found.draft_id, found.original_message_id) == ("17", "4", "mine@x")


def test_an_empty_envelope_is_empty() -> None:
    """What is missing is None or empty, never invented."""
    found = parse_mime(b"").envelope
    assert (found.message_id, found.date, found.subject, found.from_address) == (None, None, "", None)
    assert (found.to_addresses, found.references, found.outbox_id, found.original_message_id) == (
        (),
        (),
        None,
        None,
    )


def test_gmail_keeps_our_id_in_a_header_of_its_own() -> None:
    """The replaced Message-ID is found again."""
    assert mail("X-Google-Original-Message-ID: <mine@x>").envelope.original_message_id == "mine@x"


@pytest.mark.parametrize(
    ("value", "found"),
    [("bare@x", "bare@x"), ("<>", None), ("", None), ("<a@x> (comment)", "a@x"), ("< spaced@x", "spaced@x")],
)
def test_odd_message_ids(value: str, found: str | None) -> None:
    """Brackets may be missing."""
    assert mail(f"Message-ID: {value}").envelope.message_id == found


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("Sat, 21 Nov 2026 10:12:00 -0000", datetime(2026, 11, 21, 10, 12, tzinfo=UTC)),
        ("21 Nov 2026 10:12:00 +0900 (JST)", datetime(2026, 11, 21, 1, 12, tzinfo=UTC)),
        ("Sat, 21 Nov 2026 10:12:00", datetime(2026, 11, 21, 10, 12, tzinfo=UTC)),
        ("Sat, 41 Nov 2026 10:12:00 +0900", None),
        ("Fri, 31 Dec 9999 23:59:59 -0900", None),
        ("1 Jan 99999 00:00:00 +0000", None),
        ("1 Jan 2026 00:00:00 +9999999999999", None),
        ("yesterday", None),
    ],
)
def test_dates_are_aware_or_missing(value: str, found: datetime | None) -> None:
    """A date without a zone counts as UTC, an impossible one is None."""
    assert mail(f"Date: {value}").envelope.date == found


@pytest.mark.parametrize(
    "head",
    [
        "From: a@b.example\nFrom: c@d.example",
        "From: a@b.example\nFrom: a@b.example",
        "From: a@b.example, c@d.example",
        "From: a@b.example (x, <c@d.example>)",
        "From: =?utf-8?q?c=40d.example=2C?= a@b.example, c@d.example",
        "From: c@d.example <a@b.example>",
    ],
)
def test_several_senders_are_noticed(head: str) -> None:
    """Nobody is the sender where there are two, or where it depends on who reads."""
    found = mail(head)
    assert found.several_senders
    assert (found.sender, found.sender_name, found.envelope.from_address) == (None, None, None)
    assert "a@b.example" in found.senders


@pytest.mark.parametrize("head", ["Subject: x", "From: Amazon", "From: =?utf-8?q?a=40amazon.co.jp?="])
def test_no_sender_is_not_several(head: str) -> None:
    """A From without an address names nobody; an encoded word never does."""
    found = mail(head)
    assert (found.sender, found.several_senders, found.senders) == (None, False, ())


def test_the_reply_address_keeps_its_case() -> None:
    """Addresses are kept as written, for the part behind the plus sign may depend on it."""
    found = mail("From: Alisa <aBc@b.example>\nReply-To: <aBc+XyZ@b.example>")
    assert (found.sender, found.sender_name, found.reply_to) == (
        "aBc@b.example",
        "Alisa",
        "aBc+XyZ@b.example",
    )


def test_several_reply_addresses_are_none() -> None:
    """Nobody is answered where there is a choice."""
    assert mail("From: a@b.example\nReply-To: a@b.example, c@d.example").reply_to is None


def test_newlines_are_plain() -> None:
    """Both bodies have one kind of line end."""
    content = b"Content-Type: text/plain\r\nContent-Transfer-Encoding: base64 \r\n\r\nYQ0KYg1j\r\n"
    assert parse_mime(content).plain == "a\nb\nc"


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("QUOTED-PRINTABLE", "a=3Db"),
        ("base64 (really)", "YT1i"),
        ("base64;", "YT1i"),
        ("binary", "a=b"),
        ("x-unknown", "a=b"),
        ("base64", "YT1i*junk"[:5]),
    ],
)
def test_transfer_encodings(encoding: str, body: str) -> None:
    """Sloppy names and damaged digits are forgiven."""
    assert (mail(f"Content-Transfer-Encoding: {encoding}", body).plain or "").startswith("a=b")


def test_the_first_body_texts_win() -> None:
    """Attached texts are named, not read; a nameless text is preferred to a named one."""
    found = mail(
        'Content-Type: multipart/mixed; boundary="x"',
        "--x\nContent-Type: text/plain; name=a.txt\n\nnamed\n"
        "--x\nContent-Type: text/plain\nContent-Disposition: attachment; filename=b.txt\n\nattached\n"
        "--x\nContent-Type: text/plain\n\nbody\n--x\n\nsecond\n"
        "--x\nContent-Type: text/html\n\n<p>h</p>\n--x--",
    )
    assert (found.plain, found.html, found.attachments) == ("body", "<p>h</p>", ("a.txt", "b.txt"))


@pytest.mark.parametrize(
    ("outer", "inner", "apart"),
    [("mixed", "mixed", True), ("mixed", "alternative", False), ("alternative", "related", False)],
)
def test_texts_that_are_no_versions_of_each_other(outer: str, inner: str, apart: bool) -> None:
    """Only within one choice of versions a plain text and an HTML text say the same."""
    plain, html = "Content-Type: text/plain\n\nbody\n", "Content-Type: text/html\n\n<p>h</p>\n"
    found = mail(
        f'Content-Type: multipart/{outer}; boundary="x"',
        (f"--x\n{plain}" if inner == "related" else "")
        + f'--x\nContent-Type: multipart/{inner}; boundary="y"\n\n'
        + ("" if inner == "related" else f"--y\n{plain}")
        + f"--y\n{html}--y--\n--x--",
    )
    assert (found.plain, found.html, found.apart) == ("body", "<p>h</p>", apart)


def test_a_named_text_is_better_than_none() -> None:
    """A body that carries a file name is still the body if there is no other."""
    found = mail("Content-Type: text/plain; name=message.txt", "text")
    assert (found.plain, found.attachments) == ("text", ("message.txt",))


@pytest.mark.parametrize("kind", ["text/plain", 'multipart/mixed; boundary="x"'])
def test_a_mail_is_attached_to_nothing(kind: str) -> None:
    """A word that no signature covers would else empty what a proven mail says."""
    body = "text" if kind == "text/plain" else "--x\nContent-Type: text/plain\n\ntext\n--x--"
    assert mail(f"Content-Disposition: attachment\nContent-Type: {kind}", body).plain == "text"


def test_nameless_attachments_are_counted() -> None:
    """A photo without a name is listed, a picture inside the HTML is not."""
    found = mail(
        'Content-Type: multipart/mixed; boundary="x"',
        "--x\nContent-Type: image/jpeg\n\n1\n"
        "--x\nContent-Type: image/png\nContent-ID: <logo>\n\n2\n"
        '--x\nContent-Type: multipart/mixed; boundary="y"\nContent-Disposition: attachment; filename=all\n\n'
        "--y\n\nhidden\n--y--\n--x\nContent-Type: text/html\nContent-Disposition: attachment\n\nz\n--x--",
    )
    assert found.attachments == ("unnamed.jpeg", "all", "unnamed.html")
    assert (found.plain, found.html) == (None, None)


@pytest.mark.parametrize("returned", [b"message/rfc822", b"text/rfc822-headers"])
def test_a_bounce_tells_what_was_returned(returned: bytes) -> None:
    """The reports name the recipient and the Message-ID of what did not arrive."""
    found = parse_mime(BOUNCE % returned)
    reports = "\n".join(found.report_fields)
    assert found.plain == "Sorry."
    assert "rfc822; abc+1@marketplace.amazon.co.jp" in reports
    assert "Message-ID: <ours@shop.example>" in reports


def test_a_report_that_is_no_list_of_fields_is_kept_as_text() -> None:
    """A delivery status in base64 is decoded like any text."""
    found = mail(
        "Content-Type: text/rfc822-headers\nContent-Transfer-Encoding: base64", "TWVzc2FnZS1JRDogPGE+"
    )
    assert found.report_fields == ("Message-ID: <a>",)


@pytest.mark.parametrize(
    ("disposition", "name"),
    [
        ('attachment; filename="a b.jpg"', "a b.jpg"),
        (r'attachment; filename="a\"b.jpg"', 'a"b.jpg'),
        ("attachment; filename = a.jpg ; x=y", "a.jpg"),
        ("attachment; filename*=''a%20b.jpg", "a b.jpg"),
        ("attachment; filename*=a%20b.jpg", "a b.jpg"),
        ("attachment; filename*1=b.jpg; filename*0=a", "ab.jpg"),
        ("attachment; filename=plain.jpg; filename*=utf-8''%E6%B3%A8.jpg", "注.jpg"),
        ("attachment; filename=", "unnamed.jpeg"),
        ('attachment; filename="unfinished', '"unfinished'),
        ("attachment; filenames=x", "unnamed.jpeg"),
        ("attachment; filename*0*=utf-8''a%0Ab; filename*1=.jpg", "a b.jpg"),
    ],
)
def test_file_names(disposition: str, name: str) -> None:
    """All ways of writing a file name give one decoded line."""
    found = mail(f"Content-Type: image/jpeg\nContent-Disposition: {disposition}")
    assert found.attachments == (name,)


def test_headers_can_be_read_alone() -> None:
    """The header block gives the same headers and envelope as the whole mail."""
    for sample in SAMPLES:
        content = sample.read_bytes()
        whole = parse_mime(content)
        assert parse_headers(content) == (whole.headers, whole.envelope)
    assert parse_headers(b"Subject: only a header")[1].subject == "only a header"


def test_genuine_mails_have_one_sender_and_a_text() -> None:
    """Nothing of the samples is lost."""
    assert SAMPLES
    for sample in SAMPLES:
        found = parse_mime(sample.read_bytes())
        assert found.sender
        assert not found.several_senders
        assert found.plain or found.html
        assert found.envelope.date
        assert "\ufffd" not in f"{found.plain}{found.html}{found.envelope.subject}{found.sender_name}"


def test_a_mail_that_breaks_the_parser_still_has_its_headers() -> None:
    """Deep nesting costs the body, not the mail."""
    nested = b"".join(
        b'Content-Type: multipart/mixed; boundary="%d"\n\n--%d\n' % (level, level) for level in range(900)
    )
    found = parse_mime(b"Subject: deep\nFrom: a@b.example\n" + nested)
    assert (found.envelope.subject, found.sender, found.plain) == ("deep", "a@b.example", None)


def test_a_parameter_that_breaks_the_standard_library_is_survived() -> None:
    """A number too long for Python leaves an empty but honest mail."""
    found = parse_mime(b"Content-Type: multipart/mixed; boundary*" + b"1" * 5000 + b"=x\nSubject: s\n\nx")
    assert (found.plain, found.html) == (None, None)


def test_texts_are_cut_at_their_limit() -> None:
    """Of an endless text only the start is decoded."""
    assert len(mail("Content-Type: text/plain", "x" * (MAX_TEXT + 10)).plain or "") == MAX_TEXT


def test_parts_are_visited_up_to_their_limit() -> None:
    """Of thousands of parts only the first are looked at."""
    part = "--x\nContent-Type: image/png\n\n1\n"
    found = mail('Content-Type: multipart/mixed; boundary="x"', part * 5 * MAX_PARTS + "--x--")
    assert 0 < len(found.attachments) <= MAX_PARTS


def test_headers_are_kept_up_to_their_limit() -> None:
    """Of a hundred thousand headers only the first are kept."""
    assert len(parse_mime(b"X-A: 1\n" * 100_000).headers.items) == mime._MAX_HEADERS


@pytest.mark.parametrize(
    "content",
    [
        b"".join(b'Content-Type: multipart/mixed; boundary="%d"\n\n--%d\n' % (n, n) for n in range(90))
        + b"\n" * 900_000,
        b'Content-Type: multipart/mixed; boundary="x"\n\n' + b"--x\n" * 20_000,
        b"Content-Type: message/rfc822\n\n" * 20_000,
        b"From: " + b'"\\' * 500_000,
        b"Content-Type: text/plain" + b';x="' * 100_000,
        b"Subject: " + b"=?utf-8?b?" * 100_000,
        b"References: " + b"<a@b> " * 200_000,
        b"Content-Transfer-Encoding: base64\n\n" + b"=" * 2_000_000,
    ],
    ids=[
        "nested and long",
        "many parts",
        "mail in mail",
        "quotes",
        "parameters",
        "words",
        "references",
        "padding",
    ],
)
def test_hostile_mail_costs_little(content: bytes) -> None:
    """The work is bounded whatever the mail looks like."""
    started = time.process_time()
    parse_mime(content)
    assert time.process_time() - started < 20


LINES = st.sampled_from(
    [
        b"From: a@b.example",
        b'From: \x1b$B$"\x1b(B <a@b>',
        b"From: \xff\xfe, <x@y>",
        b'Content-Type: multipart/mixed; boundary="x"',
        b"Content-Type: multipart/report; boundary=x",
        b"Content-Type: message/rfc822",
        b"Content-Type: message/delivery-status",
        b"Content-Type: text/html; charset=\xff",
        b"Content-Type: text/plain; charset*0*=iso-2022-jp''x",
        b"Content-Type:",
        b"Content-Disposition: attachment; filename*1*=%zz; filename*0=\xff",
        b"Content-Transfer-Encoding: base64",
        b"Content-Transfer-Encoding: x-uuencode\xff",
        b"Date: \xff 99",
        b"Subject: =?utf-8?b?////?=",
        b"begin 644 x",
        b"--x",
        b"--x--",
        b"",
        b" folded",
        b"\xe3\x81",
        b"\x00",
    ]
)


@given(
    st.binary() | st.lists(LINES, max_size=40).map(b"\n".join) | st.lists(LINES, max_size=40).map(b"\r".join)
)
def test_no_bytes_raise(content: bytes) -> None:
    """Whatever comes, a mail comes out, and all its texts can be stored."""
    found = parse_mime(content)
    texts = [found.plain, found.html, found.sender, found.sender_name, found.reply_to, found.envelope.subject]
    "".join(filter(None, [*texts, *found.attachments, *found.report_fields, *found.senders])).encode()
    assert found.several_senders is (found.sender is None and bool(found.senders))
    assert parse_headers(content)[0].items[:1] == found.headers.items[:1]
