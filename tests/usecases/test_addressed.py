"""A genuine mail that Amazon signed for another seller is no reason to write to its buyer."""

from __future__ import annotations

import re

import pytest

from daemon.cli.conversation import message_lines
from daemon.showing.reader import Reader
from parsers.values import Trust
from tests.beds.post import buyer
from tests.beds.shopfloor import OWNER, Shopfloor, make_account, make_shop
from tests.beds.signing import sign, zone_of

OTHER_SHOP = "victim@other-shop.example"
ALIAS = "amazon@aliases.example"
CONFIGURED = "main@shop.example"
ELSEWHERE = "addressed_elsewhere"


def written_to(number, *addresses, extra=b""):
    """The message of a buyer as the provider's server proved it, written to these addresses."""
    line = extra + (b"To: " + ", ".join(addresses).encode() + b"\r\n" if addresses else b"")
    return re.sub(rb"(?m)^To:[^\n]*\n", lambda _: line, buyer(number).build(), count=1)


def outcome(floor, number, *addresses, **how):
    """Why the message was not acknowledged; None if it was."""
    (taken,) = floor.work(written_to(number, *addresses, **how))
    assert taken.acknowledged is (taken.refusal is None)
    return taken.refusal


def test_another_sellers_mail_is_told_and_not_acknowledged(floor):
    """After a mail of our own a replay gets a case and an alert; its buyer hears nothing of us."""
    assert outcome(floor, 1, ALIAS) is None
    assert outcome(floor, 2, OTHER_SHOP) == ELSEWHERE
    assert len(floor.acknowledgments()) == 1
    assert (floor.case(2).state, floor.messages(2)[0].unanswered) == ("open", True)
    for language, words in (("ja", "この店の宛先"), ("en", "an address that is not ours")):
        reader = Reader(language, floor.shop.calendar.zone, floor.clock.now())
        assert words in "\n".join(message_lines(floor.messages(2)[0], reader))
    assert outcome(floor, 3, OTHER_SHOP) == ELSEWHERE


def test_the_first_proven_message_teaches_and_no_other(floor):
    """Amazon may write to an alias that nobody configured; unproven mail teaches nothing."""
    forged = written_to(9, OTHER_SHOP).replace(b"dkim=pass", b"dkim=neutral")
    floor.work(forged.replace(b"dmarc=pass", b"dmarc=none"))
    assert outcome(floor, 1, ALIAS.upper()) is None
    assert outcome(floor, 2, ALIAS) is None
    assert outcome(floor, 3, OTHER_SHOP) == ELSEWHERE


def test_what_stands_beside_a_known_address_is_known_from_then_on(floor):
    """One mail to two addresses of the seller is as good as two."""
    assert outcome(floor, 1, CONFIGURED) is None
    assert outcome(floor, 2, ALIAS) == ELSEWHERE
    assert outcome(floor, 3, CONFIGURED, ALIAS) is None
    assert outcome(floor, 4, ALIAS) is None


@pytest.mark.parametrize("ours", [CONFIGURED, "Login@Shop.example", OWNER])
def test_whoever_comes_first_cannot_silence_mail_to_a_configured_address(shop_database, ours):
    """The first replay is believed, for nobody knows better; our own addresses count all the same."""
    floor = Shopfloor(shop_database, make_shop(make_account(login="login@shop.example")))
    floor.read()
    assert outcome(floor, 1, OTHER_SHOP) is None
    assert outcome(floor, 2, ours) is None


def test_a_proven_mail_to_nobody_is_believed_and_teaches_nothing(floor):
    """The signature covers the header, so whoever sends a mail on cannot leave it out."""
    assert outcome(floor, 1) is None
    assert outcome(floor, 2, ALIAS) is None
    assert outcome(floor, 3) is None
    assert outcome(floor, 4, OTHER_SHOP) == ELSEWHERE


@pytest.mark.parametrize("added", [f"Cc: {CONFIGURED}", f"To: {CONFIGURED}"])
def test_our_address_cannot_be_added_to_a_signed_mail(floor, added):
    """A signature stays good under a further To or Cc: only the lowest To is what Amazon signed."""
    assert outcome(floor, 1, CONFIGURED) is None
    assert outcome(floor, 2, OTHER_SHOP, extra=f"{added}\r\n".encode()) == ELSEWHERE
    assert outcome(floor, 3, OTHER_SHOP) == ELSEWHERE


def test_our_own_check_demands_that_the_address_is_signed(shop_database):
    """Where no host is believed, a To that the signature leaves out proves nothing."""
    floor = Shopfloor(shop_database, make_shop(make_account(trust=Trust(keys=zone_of()))))
    floor.read()
    bare = written_to(1).replace(b"Authentication-Results:", b"X-Nothing:")
    floor.accounts["main"].deliver(b"To: main@shop.example\r\n" + sign(bare), at=floor.clock.now())
    (taken,) = floor.work()
    assert taken.refusal == "not_proven"


def test_each_mailbox_learns_by_itself(shop_database):
    """What one mailbox receives says nothing of another."""
    floor = Shopfloor(shop_database, make_shop(make_account("main"), make_account("second")))
    floor.read()
    assert outcome(floor, 1, ALIAS) is None
    floor.receive(written_to(2, OTHER_SHOP), mailbox="second")
    floor.receive(written_to(3, ALIAS), mailbox="second")
    assert [one.refusal for one in floor.work()] == [None, ELSEWHERE]
