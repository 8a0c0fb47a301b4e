"""The look at the last weeks: counts, hosts to believe, folders that nobody reads; and nothing changes."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import timedelta

import pytest

from daemon import look_back
from daemon.cli.past_findings import inspect_past
from daemon.inspection import Level
from daemon.look_back import LookBack
from daemon.showing.reader import Reader
from parsers.values import Kind, Refusal, Trust
from tests.beds.post import buyer, claim, dated, reply_copy
from tests.beds.shopfloor import OPENED, make_account
from tests.beds.signing import Zone, sign, zone_of
from tests.unit.parsers.mails import HOST

KEYS = zone_of()
YESTERDAY = OPENED - timedelta(days=1)


def look(floor, *, authserv_id=None, stopwatch=lambda: 0.0):
    """What is found in the only account."""
    account = make_account(trust=Trust(authserv_id, keys=KEYS))
    return LookBack(floor.shop, account, OPENED, stopwatch=stopwatch).look(floor.inbox.connect())


def told(floor, *, language="en", **account):
    """What the person reads, by level."""
    reader = Reader(language, floor.shop.calendar.zone, OPENED)
    configured = make_account(**({"trust": Trust(None)} | account))
    found = list(inspect_past(floor.shop, configured, reader, floor.inbox.connect()))
    return [(one.level, one.ja if language == "ja" else one.en) for one in found]


def signed(number, *, name=None):
    """A buyer's message with Amazon's signature and nothing of the provider."""
    named = f"{name or number}.signed@mail.example"
    return sign(dated(buyer(number, proof="none").build(), YESTERDAY, named))


def deliver(floor, content):
    """Put a mail as it is into the inbox, for its signature holds for its header."""
    floor.inbox.deliver(content, at=YESTERDAY)


def with_results(content: bytes, host: str, *, received: str = "") -> bytes:
    """The mail with the results of some host, below the lines of these servers."""
    lines = "".join(f"Received: from x (y [192.0.2.1])\r\n by {by}; now\r\n" for by in received.split())
    return f"{lines}Authentication-Results: {host}; dkim=pass header.d=amazon.co.jp\r\n".encode() + content


def test_counts_what_would_be_acknowledged(floor):
    """Kinds are counted, with the first reason against each buyer message; the host helps."""
    for number in range(1, 4):
        floor.receive(buyer(number), at=YESTERDAY)
    floor.receive(claim(1), at=YESTERDAY)
    floor.receive(buyer(9), at=OPENED - timedelta(days=31))
    floor.receive(b"From: a@b.example\r\n\r\nprivate\r\n", at=YESTERDAY)
    past = look(floor)
    assert past.kinds == {Kind.BUYER_MESSAGE: 3, Kind.CLAIM: 1}
    assert (past.mails, past.acknowledgeable, past.refusals) == (4, 0, {Refusal.NOT_PROVEN: 3})
    assert past.suggestion is None
    assert look(floor, authserv_id=HOST).acknowledgeable == 3
    assert not past.capped


def test_nothing_is_changed(floor):
    """Folders are opened for reading, and neither the database nor the server is any different."""
    floor.receive(buyer(1), at=YESTERDAY)
    floor.inbox.create("Amazon")
    before, calls = floor.everything(), len(floor.inbox.calls)
    look(floor)
    assert floor.everything() == before
    asked = {method for method, _ in floor.inbox.calls[calls:]}
    assert asked == {"connect", "open", "uids_since", "heads", "bodies", "all_folders"}
    assert floor.inbox.flags(1) == set()


def test_says_what_to_do(floor):
    """The seller reads how many buyers would be told, why not, and the setting that changes it."""
    for number in range(1, 4):
        floor.receive(buyer(number), at=YESTERDAY)
    (level, english) = told(floor)[-1]
    ask = f'set authserv_id = "{HOST}" if your provider says that it writes this name into'
    ask += " Authentication-Results (seen, not verified)"
    remedy = f"nothing proves their sender; {ask} [sender not proven 3]"
    assert (level, english) == (Level.WARNING, f"3 buyer messages, 0 would be acknowledged: {remedy}")
    assert f'authserv_id = "{HOST}" と設定する (未確認)' in told(floor, language="ja")[-1][1]
    assert told(floor, trust=Trust(HOST))[-1] == (Level.FINE, "3 buyer messages, 3 would be acknowledged")
    policy = replace(make_account().policy, enabled=False)
    assert (
        "0 would be acknowledged: set enabled = true" in told(floor, trust=Trust(HOST), policy=policy)[-1][1]
    )


def test_names_folders_that_nobody_reads(floor):
    """A folder with mail for a seller is named; trash, newsletters and what lies in the inbox too are not."""
    floor.inbox.create("Amazon", "ゴミ箱", "Mine", "Same")
    for number, folder in ((1, "Amazon"), (2, "Amazon"), (3, "ゴミ箱")):
        floor.receive(buyer(number), folder=folder, at=YESTERDAY)
    floor.receive(reply_copy("こちらこそ。"), folder="Amazon", at=YESTERDAY)
    for folder in ("INBOX", "Same"):
        floor.receive(buyer(4), folder=folder, at=YESTERDAY, message_id="both@amazon.example")
    found = told(floor)
    assert [text for _, text in found if "unwatched" in text] == [
        "3 Amazon mails in the unwatched folder 'Amazon': add it to folders"
    ]


@pytest.mark.parametrize(
    ("hosts", "received", "suggested"),
    [
        (["mx.shop.example"] * 2, "", None),
        (["mx.shop.example"] * 3, "", "mx.shop.example"),
        (["mx.shop.example"] * 9 + ["evil.example"], "", "mx.shop.example"),
        (["mx.shop.example"] * 8 + ["evil.example"] * 2, "", None),
        (["evil.example"] * 5, "in.shop.example mx.shop.example", None),
        (["Mx.Shop.Example 1"] * 3, "in.shop.example", "mx.shop.example"),
        (["mx.provider.co.jp"] * 3, "other.co.jp", None),
    ],
)
def test_names_no_host_that_a_sender_may_have_written(floor, hosts, received, suggested):
    """It must stand on nearly all mails, and be of the house of the servers that took them in."""
    for number, host in enumerate(hosts):
        deliver(floor, with_results(signed(number), host, received=received))
    assert look(floor).suggestion == suggested


def test_no_name_is_a_name_of_its_own(floor):
    """Microsoft 365 signs with no name, and there is a setting for that."""
    for number in range(3):
        deliver(floor, b"Authentication-Results: dkim=pass header.d=amazon.co.jp\r\n" + signed(number))
    assert look(floor).suggestion == "(none)"


@pytest.mark.parametrize("configured", [None, "evil.example"])
def test_forged_mail_suggests_nobody(floor, configured):
    """However many there are, and whatever is believed now; a genuine mail sent on again is one witness."""
    for number in range(9):
        forged = with_results(buyer(number, proof="none").build(), "evil.example", received="evil.example")
        floor.receive(with_results(forged, "mx.evil.example", received="evil.example"), at=YESTERDAY)
        deliver(floor, with_results(signed(1), "mx.evil.example", received="evil.example"))
    deliver(floor, with_results(signed(2), "mx.shop.example"))
    past = look(floor, authserv_id=configured)
    assert (past.suggestion, past.verified) == (None, False)
    assert past.hosts["mx.evil.example"] == 18


def test_without_dns_nobody_is_suggested(floor):
    """Signatures that cannot be checked prove nothing; with DNS the same mails do, and lead to advice."""
    for number in range(3):
        deliver(floor, with_results(signed(number), "mx.shop.example"))
    floor.receive(buyer(9, proof="none"), at=YESTERDAY)
    silent = told(floor, trust=Trust(keys=Zone(dead=True)))
    assert "if your provider says" in silent[-1][1]
    advice = 'set authserv_id = "mx.shop.example" (compare it with your provider first)'
    proven = told(floor, trust=Trust(keys=KEYS))
    assert advice in proven[0][1]
    assert f"4 buyer messages, 3 would be acknowledged: {advice}" in proven[-1][1]


def test_effort_is_bounded(floor, monkeypatch):
    """Neither many mails nor a slow server make it long; what was not looked at is told."""
    for number in range(1, 6):
        floor.receive(buyer(number), at=YESTERDAY)
    monkeypatch.setattr(look_back, "BODIES", 2)
    past = look(floor)
    assert (past.kinds[Kind.BUYER_MESSAGE], past.mails, past.capped) == (2, 5, True)
    monkeypatch.setattr(look_back, "HEADS_PER_FOLDER", 3)
    assert (look(floor).mails, look(floor).capped) == (3, True)
    ticks = itertools.count(0.0, 20.0)
    slow = look(floor, stopwatch=lambda: next(ticks))
    assert slow.capped
    assert slow.kinds[Kind.BUYER_MESSAGE] < 3


def test_a_server_that_fails_is_told(floor):
    """The look breaks off with a sentence; the check goes on."""
    floor.inbox.fail("uids_since")
    ((level, text),) = told(floor)
    assert level is Level.WARNING
    assert "broke off" in text
