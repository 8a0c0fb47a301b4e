"""What becomes of a forger's mail: nothing is acknowledged, the reason is shown, the genuine mail counts."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from daemon.cli.conversation import message_lines
from daemon.showing.reader import Reader
from parsers.reading import read
from parsers.values import Authenticity, Trust
from templates.proofs import explain_proof
from tests.beds.attacks import (
    ALIAS,
    ATTACKS,
    CAME,
    GENUINE_ID,
    RESULTS,
    STRANGE_SENDERS,
    amazon_mail,
    from_sender,
    on_top,
    with_results,
)
from tests.beds.post import buyer, dated, sample
from tests.beds.reviewing import DAMAGED, approve, day_goes_on, left
from tests.beds.shopfloor import Shopfloor, make_account, make_shop
from tests.beds.signing import Zone, sign, zone_of
from tests.unit.parsers.mails import HOST
from tests.unit.state.examples import DAY, HOUR

MINUTE = timedelta(minutes=1)
GENUINE = sign(amazon_mail())
BELIEVES_HOST = Trust(HOST)


@pytest.fixture
def open_shop(shop_database):
    """Opens a shop whose mailboxes believe what is said, and have been read once."""

    def opened(trust, *names):
        accounts = (make_account(name, trust=trust) for name in names or ("main",))
        floor = Shopfloor(shop_database, make_shop(*accounts))
        floor.read()
        return floor

    return opened


def arrive(floor, content, *, at=None, mailbox="main"):
    """Let a mail arrive as it is, and everything but alerts work."""
    moment = at or floor.clock.now()
    floor.clock.set(max(moment, floor.clock.now()))
    floor.accounts[mailbox].deliver(content, at=moment)
    return floor.work()


def checking(*domains):
    """A mailbox without a host, whose mail is checked by a look-up that a test may change."""
    return Trust(keys=Zone(dict(zone_of(*domains).records)))


def shown(floor, language="en"):
    """What ``sokuresu case`` and ``sokuresu quarantine`` tell of the mail that came."""
    reader = Reader(language, floor.shop.calendar.zone, floor.clock.now())
    with floor.database.read() as uow:
        entries = uow.quarantine.unsettled()
    cases = [
        line
        for case in floor.cases()
        for one in floor.messages(case.id)
        for line in message_lines(one, reader)
    ]
    return "\n".join([*cases, *(explain_proof(entry.reason, language) for entry in entries)])


def is_acknowledged_once(floor, content):
    """Whether the genuine mail is acknowledged when it comes, and not again when it comes again."""
    arrive(floor, content)
    arrive(floor, content)
    return [mail.recipient for mail in floor.acknowledgments()] == [ALIAS]


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_a_forger_gets_nothing_and_takes_nothing(open_shop, attack):
    """No acknowledgment; the reason is shown with the case or the quarantine; the genuine mail counts."""
    trust = Trust(keys=Zone(dict(attack.zone.records)))
    floor = open_shop(trust)
    (taken,) = arrive(floor, attack.content, at=attack.received_at) or [None]
    assert floor.acknowledgments() == []
    if attack.verdict is Authenticity.FAIL:
        assert (taken.outcome, floor.cases()) == ("quarantined", ())
    if taken is not None and taken.outcome != "ignored":
        assert attack.reason in shown(floor)
    trust.keys.records |= zone_of().records
    assert is_acknowledged_once(floor, GENUINE)


@pytest.mark.parametrize("sender", STRANGE_SENDERS.values(), ids=STRANGE_SENDERS)
def test_senders_that_look_like_an_alias(open_shop, sender):
    """Whoever can sign for a domain of his own, and is proven for it by the host too, is no buyer."""
    content = from_sender(sender)
    passed = "dkim=pass header.d=evil.example; dmarc=pass header.from=evil.example"
    for trust, mail in (
        (checking("evil.example"), content),
        (BELIEVES_HOST, with_results(content, (f"{HOST}; {passed}",))),
    ):
        assert not read(mail, trust, CAME).may_acknowledge
    floor = open_shop(checking("evil.example", "amazon.co.jp"))
    arrive(floor, content)
    assert floor.acknowledgments() == []
    assert is_acknowledged_once(floor, GENUINE)


@pytest.mark.parametrize("results", RESULTS.values(), ids=RESULTS)
def test_results_that_prove_nothing(open_shop, results):
    """Forged and stacked ones, nameless ones, and what the host merely repeats of the sender's words."""
    floor = open_shop(BELIEVES_HOST)
    arrive(floor, with_results(amazon_mail(), results))
    assert floor.acknowledgments() == []
    assert "passed for marketplace" in shown(floor) or "no result of the trusted host" in shown(floor)
    genuine = f"{HOST}; dkim=pass header.d=amazon.co.jp"
    assert is_acknowledged_once(floor, with_results(amazon_mail(), (genuine,)))


def test_a_sample_that_only_looks_like_amazon(open_shop):
    """A domain that merely begins like Amazon's leaves no trace."""
    floor = open_shop(checking())
    arrive(floor, sample("lookalike-domain"))
    assert (floor.cases(), shown(floor)) == ((), "")


# The genuine mail, sent again


@pytest.mark.parametrize("mailbox", ["main", "second"])
@pytest.mark.parametrize("later", [MINUTE, 13 * HOUR, 7 * DAY])
def test_the_same_bytes_again(open_shop, mailbox, later):
    """Whenever and wherever they come again, they are known, if they are read at all."""
    floor = open_shop(checking(), "main", "second")
    arrive(floor, GENUINE)
    taken = arrive(floor, GENUINE, at=CAME + later, mailbox=mailbox)
    assert {one.outcome for one in taken} <= {"already_known"}
    assert (len(floor.messages()), len(floor.acknowledgments())) == (1, 1)


@pytest.mark.parametrize(
    ("again", "outcome"),
    [
        (GENUINE.replace(GENUINE_ID.encode(), b"new@x.example"), "quarantined"),
        (on_top(GENUINE, "Message-ID: <new@x.example>"), "already_known"),
        (on_top(GENUINE, "X-Space-Notification-Type: A_Z_CLAIM_RESPONDENT_NOTIFY"), "already_known"),
        (GENUINE.replace(b"DKIM-Signature:", b"X-Signature:"), "already_known"),
    ],
)
def test_the_genuine_mail_in_another_dress(open_shop, again, outcome):
    """Another name breaks the signature, and what is not signed changes nothing."""
    floor = open_shop(checking())
    arrive(floor, GENUINE)
    floor.clock.advance(13 * HOUR)
    (taken,) = arrive(floor, again)
    assert (taken.outcome, len(floor.acknowledgments())) == (outcome, 1)


def test_a_genuine_mail_that_is_first_seen_after_a_week(open_shop):
    """Its signed date tells its age, so it opens a case and is not acknowledged any more."""
    floor = open_shop(checking())
    (taken,) = arrive(floor, GENUINE, at=CAME + 7 * DAY)
    assert (taken.refusal, floor.acknowledgments()) == ("too_old", [])


# What a forger could stop or spoil


@pytest.mark.parametrize("spoilt", [True, False])
def test_a_forger_voids_no_approval(open_shop, spoilt):
    """A mail whose signature does not fit, or that has none, holds up no answer."""
    floor = open_shop(checking())
    floor.start(usual_fulfilment="fba")
    day_goes_on(
        floor,
        sign(dated(buyer(1, proof="none", text=DAMAGED).build(), CAME, GENUINE_ID)),
        message_id=GENUINE_ID,
    )
    approve(floor)
    other = dated(buyer(1, proof="none", key="A0SECOND").build(), CAME, "second@x.example")
    arrive(floor, sign(other).replace(b"Subject: ", b"Subject: x") if spoilt else other)
    day_goes_on(floor)
    assert len(left(floor)) == 1
    assert len(floor.messages()) == (1 if spoilt else 2)


def test_dead_dns_costs_the_acknowledgment_and_nothing_else(open_shop):
    """The case waits as not proven; the copy that comes when DNS is back is acknowledged, once."""
    trust = checking()
    trust.keys.dead = True
    floor = open_shop(trust)
    (taken,) = arrive(floor, GENUINE)
    assert (taken.outcome, taken.refusal) == ("opened", "not_proven")
    assert "DNSから答えがありません" in shown(floor, "ja")
    trust.keys.dead = False
    assert is_acknowledged_once(floor, GENUINE)
    assert (len(floor.cases()), len(floor.messages())) == (1, 1)
    assert "not proven" not in shown(floor)


def test_the_owner_is_told_why(open_shop):
    """The alert about a case that is not proven says what is missing."""
    floor = open_shop(replace(checking(), authserv_id=HOST))
    arrive(floor, amazon_mail())
    floor.clock.set(CAME.replace(hour=3, minute=0))
    (alert,) = floor.alert()
    assert (
        "未確認の理由: 設定した authserv_id のサーバーによる認証結果がありません。DKIMの署名がありません"
        in alert.text
    )
