"""Whom the program may write to, and how people try to be let in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.loopback import is_loopback
from daemon.recipients import AllowList, is_plain_address
from parsers.values import BuyerAlias

ALLOWED = AllowList("Owner@shop.example", frozenset({"Ship@agent.example"}))
BUYER = "abcdefgh12345678@marketplace.amazon.co.jp"


@pytest.mark.parametrize(
    "address",
    [
        BUYER,
        "abcdefgh12345678+A1B2-C3@marketplace.amazon.co.jp",
        "abcdefgh12345678@marketplace.amazon.com.be",
        "abcdefgh12345678@Marketplace.Amazon.CO.JP",
        "owner@shop.example",
        "OWNER@shop.example",
        "ship@agent.example",
    ],
)
def test_buyers_the_owner_and_agents_may_be_written_to(address):
    """Capital letters make no difference for those that were configured."""
    assert ALLOWED.allows(address)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "buyer@example.com",
        "other@shop.example",
        "abcdefgh12345678@marketplace.amazon.co.jp.evil.example",
        "abcdefgh12345678@evilmarketplace.amazon.co.jp",
        "abcdefgh12345678@x.marketplace.amazon.co.jp",
        "abcdefgh12345678@marketplace.amazon.zz",
        "abcdefgh12345678@marketplace.amazon.co.jp.",
        "abcdefgh12345678@amazon.co.jp",
        "donotreply@marketplace.amazon.co.jp",
        f" {BUYER}",
        f"{BUYER}\n",
        f"{BUYER}\r\nBcc: x@evil.example",
        f"{BUYER},x@evil.example",
        f"x@evil.example, {BUYER}",
        f"<{BUYER}>",
        f"Buyer <{BUYER}>",
        f'"x@evil.example"@{BUYER}',
        f"@evil.example:{BUYER}",
        "owner@shop.example@evil.example",
        "owner@shop.example\x00",
        "owner＠shop.example",
        "abcdefgh12345678@marketplace.аmazon.co.jp",
        "a" * 300 + "@marketplace.amazon.co.jp",
    ],
)
def test_nobody_else_may(address):
    """Look-alike domains, several addresses, control characters and other scripts are kept out."""
    assert not ALLOWED.allows(address)


@given(st.text(max_size=80) | st.text("@.,<>\r\n a", max_size=40).map(lambda noise: noise + BUYER))
def test_only_one_exact_address_passes(text):
    """Whatever passes is an alias or a configured address, character by character."""
    if ALLOWED.allows(text):
        alias = BuyerAlias.parse(text)
        known = {"owner@shop.example", "ship@agent.example"}
        assert text.lower() in known or (alias is not None and alias.address.lower() == text.lower())


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("a@b.example", True),
        ("a..b.@docomo.example", True),
        ("root@localhost", True),
        ("a+b@b-c.example", True),
        ("a@b", False),
        ("a@-b.example", False),
        ("a@b..example", False),
        ("@b.example", False),
        ("a@", False),
        ('"a b"@c.example', False),
        ("店@b.example", False),
        ("a@店.example", False),
        ("a" * 65 + "@b.example", False),
        ("a@" + "b." * 200 + "example", False),
    ],
)
def test_a_plain_address_needs_no_extension(text, plain):
    """Dots anywhere in the local part exist on Japanese mobile phones."""
    assert is_plain_address(text) is plain


@pytest.mark.parametrize(
    ("host", "here"),
    [
        ("localhost", True),
        ("LOCALHOST", True),
        ("127.0.0.1", True),
        ("127.8.9.1", True),
        ("::1", True),
        ("0.0.0.0", False),
        ("127.0.0.1.evil.example", False),
        ("localhost.evil.example", False),
        ("mail.shop.example", False),
        ("", False),
    ],
)
def test_loopback_is_this_machine_only(host, here):
    """A name that merely looks like this machine is another one."""
    assert is_loopback(host) is here
