"""Which mail of an inbox is worth reading."""

from __future__ import annotations

import time
from email.parser import BytesHeaderParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.authenticity import amazon_domain
from parsers.interest import HEADER_FIELDS, Interest, interest_of
from parsers.mime import parse_mime

SAMPLES = sorted((Path(__file__).parents[2] / "data" / "samples").glob("*.eml"))
NOBODY: frozenset[str] = frozenset()


def fetched(content: bytes) -> bytes:
    """The header fields that a server would hand out of a mail."""
    headers = BytesHeaderParser().parsebytes(content)
    kept = [f"{name}: {value}" for name, value in headers.items() if name.upper() in HEADER_FIELDS]
    return "\r\n".join([*kept, "", ""]).encode()


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.stem)
def test_samples_are_sorted(sample: Path) -> None:
    """All of Amazon's mail is read, and nobody else's."""
    stranger = sample.stem in {"not-amazon", "lookalike-domain"}
    assert interest_of(fetched(sample.read_bytes()), NOBODY) is (
        Interest.NONE if stranger else Interest.AMAZON
    )


@pytest.mark.parametrize(
    "headers",
    [
        b"From: <abc@marketplace.amazon.co.jp>\r\n",
        b"from:abc@amazon.com",
        b"FROM: =?utf-8?b?5bGx55Sw?=\r\n <ABC+1@MARKETPLACE.AMAZON.CO.JP>\r\n",
        b'From: "a, b"\r\n\t<abc@marketplace.\r\n amazon.de>\r\n',
        b"From: x@y.example, abc@amazon.co.jp\r\n",
        b"From: x@y.example\r\nFrom: abc@amazon.co.jp\r\n",
        b"Subject: x\nFrom : abc@amazon.co.jp.\n",
        b"From: abc@ amazon.co.jp\r\n",
        b"Return-Path: <>\r\nFrom: abc12345+1@marketplace.amazon.co.jp\r\n",
        b"From: a@amazon.it\r\nContent-Type: multipart/report\r\n",
        b"Return-Path: <x@bounces.amazon.co.jp>\r\n",
        b'From: "x@amazon.co.jp" <y@z.example>\r\n',
        b"From: \x8e\x52\x93\x63 <abc@amazon.co.jp>\r\n",
        b"From: =?utf-8?q?abc@amazon.co.jp?= <abc@amazon.co.jp>\r\n",
        b"From: abc@marketplace\x00\x00.amazon.co.jp\r\n",
    ],
)
def test_amazon_is_never_missed(headers: bytes) -> None:
    """However the sender is written, in doubt the mail is read."""
    assert interest_of(headers, NOBODY) is Interest.AMAZON


@pytest.mark.parametrize(
    "headers",
    [
        b"Return-Path: <>\r\nFrom: x@y.example\r\n",
        b"return-path:<>\n",
        b"From: MAILER-DAEMON@mx.example (Mail Delivery System)\r\n",
        b"From: Postmaster <postmaster@mx.example>\r\n",
        b'From: "Amazon.com" <nobody@bounces.amazon.com>\r\n',
        b"From: mailer-daemon@amazon.co.jp\r\n",
        b"From: x@y.example\r\nContent-Type: multipart/report; report-type=delivery-status\r\n",
        b"From: x@y.example\r\nContent-Type:\r\n Multipart/Report;\r\n boundary=x\r\n",
    ],
)
def test_bounces_are_known(headers: bytes) -> None:
    """An empty return path, a mail system's address or a report."""
    assert interest_of(headers, NOBODY) is Interest.BOUNCE


@pytest.mark.parametrize(
    "headers",
    [
        b"",
        b"From: friend@example.org\r\nContent-Type: text/plain\r\nReturn-Path: <friend@example.org>\r\n",
        b"From: Amazon <x@evil.example>\r\n",
        b"From: x@marketplace.amazon.co.jp.evil.example\r\n",
        b"From: x@xamazon.co.jp\r\n",
        b"From: x@ap-northeast-1.amazonses.com\r\n",
        b"From: x@y.example\r\nReturn-Path: <x@amazon.co.jp>\r\n",
        b"Subject: From: x@amazon.co.jp\r\nFrom: x@y.example\r\n",
        b'From: x@y.example\r\nContent-Type: text/plain; name="multipart/report"\r\n',
    ],
)
def test_other_peoples_mail_is_left_alone(headers: bytes) -> None:
    """No sign of Amazon, of a mail system or of a configured sender."""
    assert interest_of(headers, frozenset({"alerts@tool.example"})) is Interest.NONE


@pytest.mark.parametrize(
    "sender", [b"alerts@tool.example", b"Tool <ALERTS@Tool.example>", b'"x, y"\r\n <alerts@tool.example>']
)
def test_configured_senders_are_read(sender: bytes) -> None:
    """The seller's own feedback senders are compared whole and without regard to case."""
    senders = frozenset({"alerts@tool.example"})
    assert interest_of(b"From: " + sender + b"\r\n", senders) is Interest.FEEDBACK_SENDER
    assert interest_of(b"From: " + sender + b"\r\n", frozenset({"lerts@tool.example"})) is Interest.NONE
    assert interest_of(b"From: " + sender + b"\r\n", frozenset({"alerts@tool.exampl"})) is Interest.NONE


@pytest.mark.parametrize(
    "sender",
    [
        b"owner@shop.example",
        b"<owner@shop.example>",
        b"OWNER <Owner@Shop.Example>",
        b'"info@shop.example" <owner@shop.example>',
        b'"x, y"\r\n <owner@shop.example>',
        b"=?utf-8?b?5bqX6ZW3?= <owner@shop.example>",
        b"\x8e\x52 <owner@shop.example>",
        b"owner@shop.example (Owner)",
    ],
)
def test_the_owners_mail_is_read(sender: bytes) -> None:
    """From names this one address, compared whole and without regard to case."""
    headers = b"Return-Path: <x@y.example>\r\nFrom: " + sender + b"\r\n"
    assert interest_of(headers, NOBODY, "Owner@shop.example") is Interest.OWNER
    assert interest_of(headers, frozenset({"a@b.example"}), "owner@shop.example") is Interest.OWNER
    assert interest_of(headers, NOBODY, "wner@shop.example") is Interest.NONE
    assert interest_of(headers, NOBODY, "owner@shop.exampl") is Interest.NONE
    assert interest_of(headers, NOBODY) is Interest.NONE


@pytest.mark.parametrize(
    "headers",
    [
        b"From: owner@shop.example, x@y.example\r\n",
        b"From: x@y.example, owner@shop.example\r\n",
        b"From: owner@shop.example\r\nFrom: x@y.example\r\n",
        b"From: x@y.example\r\nResent-From: owner@shop.example\r\n",
        b'From: "owner@shop.example" <x@y.example>\r\n',
        b"From: owner@shop.example <x@y.example>\r\n",
        b"From: x@y.example (owner@shop.example)\r\n",
        b"From: <owner@shop.example> <x@y.example>\r\n",
        b"From: x@y.example\r\nReturn-Path: <owner@shop.example>\r\n",
        b"From: owner@shop.example.evil.example\r\n",
        b"From: xowner@shop.example\r\n",
        b"From: owner@shop.example;\r\n",
    ],
)
def test_who_merely_mentions_the_owner_is_not_the_owner(headers: bytes) -> None:
    """Another sender, a second one, or a header that could mean another."""
    assert interest_of(headers, NOBODY, "owner@shop.example") is Interest.NONE


@pytest.mark.parametrize(
    ("headers", "owner", "expected"),
    [
        (b"From: a@amazon.co.jp\r\n", "a@amazon.co.jp", Interest.AMAZON),
        (b"Return-Path: <>\r\nFrom: o@s.example\r\n", "o@s.example", Interest.BOUNCE),
        (b"From: o@s.example\r\nContent-Type: multipart/report\r\n", "o@s.example", Interest.BOUNCE),
        (b"From: postmaster@s.example\r\n", "postmaster@s.example", Interest.BOUNCE),
        (b"From: alerts@tool.example\r\n", "alerts@tool.example", Interest.FEEDBACK_SENDER),
        (b"From: o@s.example\r\n", "", Interest.NONE),
    ],
)
def test_other_judgments_come_first(headers: bytes, owner: str, expected: Interest) -> None:
    """The owner is only asked for where the mail is nothing else."""
    assert interest_of(headers, frozenset({"alerts@tool.example"}), owner) is expected


@pytest.mark.parametrize("owner", [None, "owner@shop.example"])
def test_it_is_quick(owner: str | None) -> None:
    """Skipping strangers' mail costs next to nothing (40 microseconds; ten times that is allowed here)."""
    headers = b'Return-Path: <x@y.example>\r\nFrom: "A B" <x@y.example>\r\nContent-Type: text/html\r\n\r\n'
    started = time.process_time()
    for _ in range(1000):
        interest_of(headers, frozenset({"alerts@tool.example"}), owner)
    assert time.process_time() - started < 20


@pytest.mark.parametrize(
    "unit", [b"From: ", b"@amazon.", b" ", b"\r\n ", b"<>", b"a@b,", b"From: a@amazon.x\n", b"(", b'"']
)
def test_hostile_headers_cost_little(unit: bytes) -> None:
    """A header block of any size is judged in bounded time."""
    started = time.process_time()
    interest_of(b"From: " + unit * 200_000, frozenset({"a@b"}))
    interest_of(b"From: o@s.example" + unit * 200_000, frozenset({"a@c"}), "o@s.example")
    assert time.process_time() - started < 20


@given(st.binary())
def test_no_bytes_raise(headers: bytes) -> None:
    """Every block gets an answer."""
    assert interest_of(headers, frozenset({"a@b.example"})) in Interest
    assert interest_of(b"From: " + headers, NOBODY) in Interest
    assert interest_of(b"From: o@s.example" + headers, NOBODY, "o@s.example") in Interest


@given(
    st.text(alphabet=st.sampled_from('ab@<>", =?.()\t'), max_size=30), st.sampled_from(["", "\r\n ", "\t"])
)
def test_what_the_reader_takes_for_amazon_was_let_through(name: str, fold: str) -> None:
    """The quick judge never turns away what the exact reader would accept."""
    head = f"From: {name}{fold}<abc@marketplace.amazon.co.jp>\r\n".encode()
    mail = parse_mime(head + b"\r\n")
    if any(amazon_domain(sender.rpartition("@")[2]) for sender in mail.senders):
        assert interest_of(head, NOBODY) is Interest.AMAZON


@given(st.text(alphabet=st.sampled_from('ab@<>", =?.()\t'), max_size=30), st.booleans())
def test_who_is_the_owner_here_is_the_sender_there(words: str, before: bool) -> None:
    """The quick judge calls nobody the owner whom the exact reader does not name as the only sender."""
    address = "<owner@shop.example>"
    head = f"From: {words}{address}\r\n" if before else f"From: {address}{words}\r\n"
    if interest_of(head.encode(), NOBODY, "owner@shop.example") is Interest.OWNER:
        assert parse_mime(head.encode() + b"\r\n").envelope.from_address == "owner@shop.example"


AGENTS = frozenset({"desk@logi.example"})


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        (b"From: =?utf-8?B?6Z2S?= <Desk@Logi.example>\r\n", Interest.AGENT),
        (b"Return-Path: <>\r\nFrom: desk@logi.example\r\nAuto-Submitted: auto-replied\r\n", Interest.AGENT),
        (b"From: desk@logi.example\r\nContent-Type: multipart/report\r\n", Interest.BOUNCE),
        (b"From: desk@logi.example, other@x.example\r\n", Interest.NONE),
        (b"From: desk@logi.example\r\nFrom: other@x.example\r\n", Interest.NONE),
        (b"From: desk@logi.example.evil.example\r\n", Interest.NONE),
        (b"From: xdesk@logi.example\r\n", Interest.NONE),
        (b"From: desk@logi.example <a@amazon.co.jp>\r\n", Interest.AMAZON),
    ],
)
def test_mail_of_a_shipping_agent_is_read(headers, expected):
    """Only if From names that one address exactly; its robots too, its delivery reports as reports."""
    assert interest_of(headers, NOBODY, "owner@shop.example", AGENTS) is expected


def test_owner_who_is_an_agent_commands():
    """Commands come first."""
    assert interest_of(b"From: desk@logi.example\r\n", NOBODY, "Desk@logi.example", AGENTS) is Interest.OWNER
