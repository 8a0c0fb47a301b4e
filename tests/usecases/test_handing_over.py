"""A service ends within one batch of a long reading, sends until then, and begins under the lock alone."""

from __future__ import annotations

import threading

import pytest

import daemon.reading.folder_reader
from daemon.lock import LockLost
from daemon.pulse import Pulse
from tests.beds.fake_mailbox import FakeAccount
from tests.beds.fake_submission import FakeSubmission
from tests.beds.post import buyer
from tests.beds.shopfloor import OWNER, Shopfloor
from tests.unit.state.examples import local
from tests.usecases.test_watchdog import DEADLINE, service_of

MANY = 12
AT_ONCE = 2


class HeardSubmission(FakeSubmission):
    """A way out on which an alert can be waited for."""

    def __init__(self):
        super().__init__()
        self.heard = threading.Event()

    def send(self, **mail):
        """Take the mail, and tell if it is the owner's."""
        attempt = super().send(**mail)
        if self.mails[-1].recipient == OWNER:
            self.heard.set()
        return attempt


@pytest.fixture
def way_out():
    """Where the shop's mail goes."""
    return HeardSubmission()


@pytest.fixture
def behind(shop_database, monkeypatch, way_out):
    """A shop with many mails to catch up with, two at a time."""
    monkeypatch.setattr(daemon.reading.folder_reader, "HEADS_AT_ONCE", AT_ONCE)
    floor = Shopfloor(shop_database, exits={"main": way_out})
    floor.read()
    for number in range(MANY):
        floor.receive(buyer(number))
    return floor


def at_second_batch(monkeypatch, happening):
    """Let something happen while the server is asked for the heads of the second batch."""
    play = FakeAccount.play

    def with_happening(self, method, argument):
        play(self, method, argument)
        if (method, argument) == ("heads", (AT_ONCE + 1, 2 * AT_ONCE)):
            happening()

    monkeypatch.setattr(FakeAccount, "play", with_happening)


def end(service, way):
    """Tell a service to end, and wait until its reader has heard of it."""
    getattr(service, way)()
    assert service._watchers[0]._stop.wait(DEADLINE)


def run_to_its_end(service):
    """The whole service in a thread of its own, as it must end by itself."""
    thread = threading.Thread(target=service.run, daemon=True)
    thread.start()
    thread.join(DEADLINE)
    assert not thread.is_alive()


@pytest.mark.parametrize("way", ["stop", "hand_over"])
def test_a_long_reading_ends_within_a_batch_and_goes_on_later(behind, monkeypatch, way):
    """What was read is stored, the mailbox has not failed, and the next service goes on where it ended."""
    service = service_of(behind, Pulse())
    at_second_batch(monkeypatch, lambda: end(service, way))
    run_to_its_end(service)
    assert len(behind.cases()) == AT_ONCE
    with behind.database.read() as uow:
        assert uow.cursors.get("main", "INBOX").last_uid == AT_ONCE
        assert uow.mailboxes.get("main").failing_since is None
    behind.start()
    behind.read()
    assert len(behind.cases()) == MANY


def test_the_sender_ends_after_the_readers(behind, monkeypatch, way_out):
    """An alert that falls due while a slow server keeps a reader busy leaves before the old service ends."""
    service = service_of(behind, Pulse())

    def hand_over_and_alert():
        end(service, "hand_over")
        behind.clock.set(local("2026-11-17 12:00"))
        behind.desk.turn()
        assert way_out.heard.wait(DEADLINE)

    at_second_batch(monkeypatch, hand_over_and_alert)
    run_to_its_end(service)
    assert len(behind.alerts()) == 1
    assert len(behind.cases()) == AT_ONCE


def test_without_the_lock_nothing_begins(behind, monkeypatch):
    """It was lost between two services: what another process is sending right now must not be buried."""
    buried = []
    monkeypatch.setattr(behind.delivery, "bury_dead_runs", lambda: buried.append(1))
    service = service_of(behind, Pulse())
    service._lock.held = lambda: False
    with pytest.raises(LockLost):
        service.run()
    assert buried == []
