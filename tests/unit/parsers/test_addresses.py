"""Who an address header names, tricks included."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.addresses import MAX_ADDRESSES, Mailbox, parse_addresses


@pytest.mark.parametrize(
    ("header", "box"),
    [
        ("a@b.example", Mailbox("", "a@b.example")),
        ("<a@b.example>", Mailbox("", "a@b.example")),
        ("Alisa <a@b.example>", Mailbox("Alisa", "a@b.example")),
        ('"Alisa, Inc." <A+x@b.example>', Mailbox("Alisa, Inc.", "A+x@b.example")),
        (r'"Al \"The\" Pal" <a@b.example>', Mailbox('Al "The" Pal', "a@b.example")),
        ('"a@b.example" <c@d.example>', Mailbox("a@b.example", "c@d.example")),
        ("a@b.example (Alisa)", Mailbox("Alisa", "a@b.example")),
        ("=?utf-8?b?5rOo?= <a@b.example>", Mailbox("注", "a@b.example")),
        ('"=?utf-8?b?5rOo?=" <a@b.example>', Mailbox("注", "a@b.example")),
        ("山田 <a@b.example>", Mailbox("山田", "a@b.example")),
        ('"a b"@c.example', Mailbox("", '"a b"@c.example')),
        ("< a@b.example > (x)", Mailbox("", "a@b.example")),
    ],
)
def test_one_plain_sender(header: str, box: Mailbox) -> None:
    """The usual forms give one certain mailbox."""
    assert parse_addresses(header) == (box,)


@pytest.mark.parametrize(
    "header",
    [
        "a@b.example <c@d.example>",
        "<a@b.example> <c@d.example>",
        "<a@b.example> c@d.example",
        "a@b.example (<c@d.example>)",
        "a@b.example (x (y) z)",
        'Al "unfinished <c@d.example>, <a@b.example>\\',
        '<c@d.example> "tail',
        "a@b.example (unfinished",
        "x <c@d.example",
        "x <c@d <c@d.example>",
        "friends: a@b.example, c@d.example;",
        "<@relay.example:c@d.example>",
        "=?utf-8?q?<c@d.example>?= <a@b.example>",
        "a b@c.example",
        "<a@b@c.example>",
    ],
)
def test_doubtful_senders_are_never_certain(header: str) -> None:
    """Where two readers could see two addresses, none is certain."""
    assert not any(box.certain for box in parse_addresses(header))


@pytest.mark.parametrize(
    "header", ["", "Amazon", "undisclosed-recipients:;", '"a@b.example"', "(a@b.example)", ",,;"]
)
def test_no_address(header: str) -> None:
    """Names, quoted strings and comments never become addresses."""
    assert parse_addresses(header) == ()


@pytest.mark.parametrize(
    "header",
    ["=?utf-8?q?a=40amazon.co.jp?=", "=?utf-8?b?YUBhbWF6b24uY28uanA=?= <>", "=?utf-8?q?=3Ca=40b=3E?="],
)
def test_an_encoded_word_makes_no_address(header: str) -> None:
    """What is inside an encoded word is a name at most."""
    assert parse_addresses(header) == ()


def test_a_list_is_read_in_its_order() -> None:
    """Commas separate, but not inside quotation marks."""
    found = parse_addresses('a@b.example, "X, Y" <c@d.example>, e@f.example')
    assert [box.address for box in found] == ["a@b.example", "c@d.example", "e@f.example"]
    assert all(box.certain for box in found)


def test_endless_lists_are_cut() -> None:
    """A header with thousands of addresses is read only so far."""
    assert len(parse_addresses("a@b.example," * 10 * MAX_ADDRESSES)) <= MAX_ADDRESSES + 1


@pytest.mark.parametrize("unit", ['"\\', "(", "<", "\\", '"', "a<", "=?", "a@", "((", '("'])
def test_hostile_headers_cost_little(unit: str) -> None:
    """The work grows with the length only."""
    started = time.process_time()
    parse_addresses(unit * 30_000)
    assert time.process_time() - started < 20


@given(st.text(alphabet=st.sampled_from('ab@.<>()",;:\\ =?')))
def test_no_header_raises(header: str) -> None:
    """Every order of signs is survived, and what is certain is one clean address."""
    for box in parse_addresses(header):
        assert "@" in box.address
        assert not box.certain or not set(box.address.rpartition("@")[2]) & set('<>(),;: "\\')
