"""Each fault alone, at the moment for which it was made: no mail lost, none doubled, no doubt hidden."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from datetime import timedelta
from unittest import mock

import pytest

from state.drafts import DraftState
from state.outbox_rules import OutboxState
from tests.beds.smtp import Cue, Stage
from tests.soak.faulty_imap import ImapFault
from tests.soak.faulty_shop import faulty_premises
from tests.soak.faulty_smtp import SmtpFault
from tests.soak.faulty_world import WorldFault, beset

pytestmark = pytest.mark.dovecot

SWEPT = {ImapFault.BYE: 18, ImapFault.RESET_IN_LITERAL: 4}
"""What is tried at every command, and how many commands two rounds have for it at least."""

MINUTE = timedelta(minutes=1)
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
        assert set(built.copies("Drafts").values()) <= {1}


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
    assert len(shop.copies("Drafts")) == shop.waiting() == 3


@pytest.mark.parametrize("fault", SWEPT)
def test_a_fault_at_any_command_loses_and_doubles_nothing(shop, fault):
    """The same failure at the first, second, … command of two rounds."""
    met = shop.imap.fired[fault]
    buyers = []
    for position in range(SWEPT[fault]):
        buyers += shop.receive()
        shop.hang_up()
        shop.imap.cue(fault, after=position)
        shop.turn(2, apart=MINUTE)
    assert shop.imap.fired[fault] == met + SWEPT[fault]
    shop.heal()
    assert_acknowledged(*buyers)


@pytest.mark.parametrize(("appended", "folder"), [(0, "Sent"), (1, "Drafts")])
def test_what_was_appended_unheard_is_not_appended_again(shop, appended, folder):
    """The copy of what was sent and the draft lie in their folders once, though the OK to one got lost."""
    shop.receive()
    shop.turn()
    met = shop.imap.fired[ImapFault.RESET_AFTER_APPEND]
    shop.imap.cue(ImapFault.RESET_AFTER_APPEND, after=appended)
    shop.turn()
    assert shop.imap.fired[ImapFault.RESET_AFTER_APPEND] == met + 1
    assert len(shop.copies(folder)) == 1
    shop.heal()
    assert list(shop.copies("Sent").values()) == [1]
    assert list(shop.copies("Drafts").values()) == [1]


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


@pytest.mark.parametrize("fault", [SmtpFault.DOT_4XX, SmtpFault.RCPT_5XX, SmtpFault.DROP_BEFORE_250])
def test_an_approved_answer_that_meets_a_fault_is_not_lost_and_not_doubled(shop, fault):
    """It is sent once, comes back as a draft, or is listed as uncertain."""
    (buyer,) = shop.receive()
    shop.turn(2)
    buyer.approve()
    met = shop.smtp.fired[fault]
    shop.smtp.cue(fault)
    shop.turn()
    assert shop.smtp.fired[fault] == met + 1
    shop.heal()
    shop.turn(apart=LATER)
    assert buyer.answer.state is OUTCOMES[fault]
    assert buyer.taken.count(buyer.answer.message_id) == (fault is not SmtpFault.RCPT_5XX)
    assert len(buyer.drafts(DraftState.OPEN)) == (fault is SmtpFault.RCPT_5XX)


OUTCOMES = {
    SmtpFault.DOT_4XX: OutboxState.SENT,
    SmtpFault.RCPT_5XX: OutboxState.REFUSED,
    SmtpFault.DROP_BEFORE_250: OutboxState.UNCERTAIN,
}


@pytest.mark.parametrize("fault", WorldFault)
def test_a_world_that_fails_for_a_round_loses_and_doubles_nothing(shop, fault):
    """Whatever came before, during and after it has one case and one acknowledgment."""
    buyers = shop.receive(2)
    with beset(fault, shop.sqlite) as trouble:
        shop.turn(2)
        buyers += shop.receive()
    assert trouble.fired
    assert shop.smtp.accepted == []
    shop.heal()
    assert_acknowledged(*buyers)


STORAGE = [WorldFault.DISK_FULL, WorldFault.DISK_FULL_EARLY, WorldFault.DATABASE_LOCKED]


@pytest.mark.parametrize("fault", STORAGE)
def test_what_left_while_nothing_could_be_stored_is_written_down_later(shop, fault):
    """The outcome is kept in mind until the database takes it; nothing is sent twice meanwhile."""
    with failing_at(shop, Stage.TAKEN, fault):
        first, second = shop.receive(2)
        shop.turn(3)
        assert (len(first.taken), first.row.state) == (1, OutboxState.SENDING)
        assert second.taken == []
    shop.heal()
    assert_acknowledged(first, second)


@pytest.mark.parametrize("fault", STORAGE)
def test_what_left_and_was_forgotten_is_uncertain(shop, fault):
    """If the program ends before the database takes the outcome, a person has to decide."""
    with failing_at(shop, Stage.TAKEN, fault):
        first, second = shop.receive(2)
        shop.turn()
        shop.die()
    shop.heal()
    assert_doubted(shop, first, taken=True)
    assert_acknowledged(second)


@contextmanager
def failing_at(shop, stage, fault):
    """The world fails from the moment at which a client first comes to that stage."""
    with ExitStack() as stack:
        troubles = []

        def strike(_connection, reached):
            if reached is stage and not troubles:
                troubles.append(stack.enter_context(beset(fault, shop.sqlite)))
            return Cue()

        with mock.patch.object(shop.smtp.server, "director", strike):
            yield
        assert troubles[0].fired


def assert_doubted(shop, buyer, *, taken):
    """What nobody can know is listed and told, and hours later it was not sent again."""
    shop.turn(apart=LATER)
    assert buyer.row.state is OutboxState.UNCERTAIN
    assert buyer.taken == ([buyer.row.message_id] if taken else [])
    assert shop.uncertain() == {buyer.row.message_id}
    assert any("sokuresu outbox" in text for text in shop.alerts())


def assert_refused(shop, buyer):
    """What the server never wants is not offered again, and the owner hears of it."""
    shop.turn(apart=LATER)
    assert buyer.row.state is OutboxState.REFUSED
    assert buyer.taken == []
    assert any(buyer.row.reason in text for text in shop.alerts())
