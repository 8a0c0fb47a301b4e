"""Each fault alone, at the moment for which it was made: no mail lost, none doubled, no doubt hidden."""

from __future__ import annotations

from datetime import timedelta

import pytest

from state.outbox_rules import OutboxState
from tests.soak.faulty_imap import ImapFault
from tests.soak.faulty_shop import faulty_premises
from tests.soak.faulty_smtp import SmtpFault

pytestmark = pytest.mark.dovecot

LATER = timedelta(hours=3)
NOT_TAKEN = {SmtpFault.DROP_IN_DATA, SmtpFault.DROP_BEFORE_TAKING}


@pytest.fixture(scope="module")
def premises(tmp_path_factory, dovecot, certificate, expired_certificate):
    """Servers that fail on cue."""
    folder = tmp_path_factory.mktemp("faulty")
    with faulty_premises(folder, dovecot.plain, certificate, expired_certificate) as built:
        yield built


@pytest.fixture
def shop(premises, dovecot):
    """A shop that is about to connect anew; at the end no mail is lost or doubled."""
    with premises.shop(dovecot.account()) as built:
        built.hang_up()
        yield built
        assert len(built.ask(lambda uow: uow.cases.latest(1000))) == built.received
        assert built.unforeseen() == []
        assert set(built.copies("Sent").values()) <= {1}
        drafts = built.copies("Drafts")
        assert list(drafts.values()) == [1] * built.received


def assert_acknowledged(*buyers):
    """Each of them has one case and was told once, and the program knows it."""
    for buyer in buyers:
        assert buyer.row.state is OutboxState.SENT
        assert buyer.taken == [buyer.row.message_id]


@pytest.mark.parametrize("fault", ImapFault)
def test_a_mailbox_that_fails_once_loses_and_doubles_nothing(shop, fault):
    """Mail from before and after the fault has one case and one acknowledgment each."""
    early = shop.receive(2)
    met = shop.imap.fired[fault]
    shop.imap.cue(fault)
    shop.turn(2, idle=fault is ImapFault.IDLE_DROPPED)
    late = shop.receive()
    assert shop.imap.fired[fault] == met + 1
    shop.heal()
    assert_acknowledged(*early, *late)


@pytest.mark.parametrize("fault", SmtpFault)
def test_a_server_that_fails_once_loses_and_doubles_nothing(shop, fault):
    """The mail that met the fault is sent once, refused aloud, or listed as uncertain and left alone."""
    met = shop.smtp.fired[fault]
    shop.smtp.cue(fault)
    first, second = shop.receive(2)
    shop.turn()
    assert shop.smtp.fired[fault] > met
    shop.heal()
    if fault.leaves_doubt:
        assert_doubted(shop, first, taken=fault not in NOT_TAKEN)
    elif fault.refuses:
        assert_refused(shop, first)
    else:
        assert_acknowledged(first)
    assert_acknowledged(second)


def assert_doubted(shop, buyer, *, taken):
    """What nobody can know is listed and told, and hours later it was not sent again."""
    shop.turn(2, apart=LATER)
    assert buyer.row.state is OutboxState.UNCERTAIN
    assert buyer.taken == ([buyer.row.message_id] if taken else [])
    assert shop.uncertain() == {buyer.row.message_id}
    assert any("sokuresu outbox" in text for text in shop.alerts())


def assert_refused(shop, buyer):
    """What the server never wants is not offered again, and the owner hears of it."""
    shop.turn(2, apart=LATER)
    assert buyer.row.state is OutboxState.REFUSED
    assert buyer.taken == []
    assert any(buyer.row.reason in text for text in shop.alerts())
