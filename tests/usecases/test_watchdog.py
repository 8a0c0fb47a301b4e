"""Which troubles let systemd's watchdog bite and which never do; the time of the pulse is moved by hand."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from functools import partial

import pytest

import daemon.reading.watcher
from daemon import heartbeat
from daemon.errors import LoginRefused, MailboxUnavailable
from daemon.ports import Attempt, Verdict
from daemon.pulse import LOOP_SILENT_AFTER, Pulse, turning
from daemon.reading.watcher import MailboxWatcher
from daemon.service import Service
from tests.beds.fake_mailbox import FakeAccount
from tests.beds.fake_submission import FakeSubmission
from tests.beds.post import buyer
from tests.beds.shopfloor import Shopfloor, make_account, make_shop
from tests.unit.state.examples import local
from tests.usecases.test_reviewing_hazards import HeldLock

PATIENCE = LOOP_SILENT_AFTER.total_seconds()
ALMOST = 0.9 * PATIENCE
DEADLINE = 20.0
"""Seconds that a test waits for another thread before it fails."""


class HandPulse(Pulse):
    """A pulse whose seconds a test counts, and that can be waited for."""

    def __init__(self):
        self.seconds = 0.0
        self._turn = threading.Condition()
        super().__init__(lambda: self.seconds)

    def turned(self, loop):
        """Remember it and wake whoever waits for it."""
        with self._turn:
            super().turned(loop)
            self._turn.notify_all()

    def wait_until_hung(self, *loops):
        """Until exactly these loops hang."""
        with self._turn:
            assert self._turn.wait_for(lambda: self.hung() == loops, DEADLINE), self.hung()


@pytest.fixture
def told(monkeypatch):
    """What systemd hears, in order."""
    heard = []
    monkeypatch.setattr(heartbeat, "_notify", heard.append)
    return heard


def service_of(floor, pulse):
    """The real service around a shop floor, its timer turning all the time."""
    service = Service(
        database=floor.database,
        shop=floor.shop,
        clock=floor.clock,
        lock=HeldLock(),
        run_id="run-1",
        delivery=floor.delivery,
        alerts=floor.desk,
        drafter=floor.drafter,
        waker_seconds=0.01,
        pulse=pulse,
    )
    for name in floor.shop.accounts:
        service.watch(watcher_of(floor, name, partial(pulse.turned, f"mailbox {name}")))
    return service


def watcher_of(floor, name, on_turn):
    return MailboxWatcher(
        floor.shop.accounts[name],
        floor.accounts[name].connect,
        reader=floor.readers[name],
        filing=floor.filings[name],
        drafts=floor.drafts_folders[name],
        database=floor.database,
        clock=floor.clock,
        on_turn=on_turn,
    )


@contextmanager
def running(service):
    """All loops of the service, without the one that systemd hears."""
    threads = service._start()
    try:
        yield
    finally:
        service.stop()
        service._finish(threads)


@contextmanager
def hanging(monkeypatch, owner, method):
    """A method that does not come back until it is released; yields both events."""
    entered, released = threading.Event(), threading.Event()

    def hang(*_arguments, **_named):
        entered.set()
        released.wait(DEADLINE)
        raise MailboxUnavailable("let go")

    monkeypatch.setattr(owner, method, hang)
    try:
        yield entered, released
    finally:
        released.set()


def let_time_pass(service, pulse, seconds):
    """Every loop that can turn does so afterwards."""
    pulse.seconds += seconds
    service.mail_waits()
    for name in service._shop.accounts:
        service.look_into(name)


HANGING = [
    (FakeAccount, "connect", "mailbox main"),
    (FakeSubmission, "send", "sender"),
    (Shopfloor, "hanging_job", "waker"),
]


@pytest.mark.parametrize("place", HANGING, ids=[row[2] for row in HANGING])
def test_a_loop_that_hangs_ends_the_signs_of_life(shop_database, monkeypatch, told, place):
    """The other loops turn on; systemd hears nothing more, sees which one it was, and starts us again."""
    owner, method, loop = place
    monkeypatch.setattr(Shopfloor, "hanging_job", lambda *_: None, raising=False)
    floor = Shopfloor(shop_database)
    floor.read()
    floor.receive(buyer(1))
    floor.read()
    pulse = HandPulse()
    with hanging(monkeypatch, owner, method) as (entered, released):
        service = service_of(floor, pulse)
        service.repeat(floor.hanging_job, name="hangs", seconds=0.01)
        with running(service):
            assert entered.wait(DEADLINE)
            assert service.feed_watchdog() == ()
            let_time_pass(service, pulse, PATIENCE + 1)
            pulse.wait_until_hung(loop)
            assert service.feed_watchdog(service.feed_watchdog()) == (loop,)
            released.set()
    assert told == ["WATCHDOG=1", f"STATUS=止まっています: {loop}。まもなくsystemdが起動し直します"]


@pytest.mark.parametrize(
    "error", [LoginRefused("the password is wrong"), MailboxUnavailable("nobody answers"), OSError("odd")]
)
def test_no_trouble_of_a_server_restarts_us(shop_database, monkeypatch, told, error):
    """Two hours of a wrong password or a dead server: every attempt and every back-off is a sign of life."""
    monkeypatch.setattr(daemon.reading.watcher, "BACK_OFF", (0.001,))
    floor = Shopfloor(shop_database)
    floor.inbox.fail("connect", times=1_000_000, error=error)
    pulse = HandPulse()
    service = service_of(floor, pulse)
    with running(service):
        for _ in range(12):
            let_time_pass(service, pulse, ALMOST)
            pulse.wait_until_hung()
            assert service.feed_watchdog() == ()
    assert set(told) == {"WATCHDOG=1"}


def test_a_slow_pass_of_many_commands_is_no_hang(shop_database, monkeypatch):
    """Each command and each mail takes almost as long as one may; the pass takes hours."""
    floor = Shopfloor(shop_database)
    pulse = HandPulse()
    play = FakeAccount.play

    def slowly(self, *call):
        assert pulse.alive(), call
        pulse.seconds += ALMOST
        return play(self, *call)

    monkeypatch.setattr(FakeAccount, "play", slowly)
    floor.read()
    for number in range(1, 4):
        floor.receive(buyer(number))
    watcher = watcher_of(floor, "main", partial(pulse.turned, "mailbox main"))
    pulse.turned("mailbox main")
    watcher._pass(turning(floor.inbox.connect(), watcher._on_turn))
    assert pulse.seconds > 10 * PATIENCE
    assert len(floor.cases()) == 3


def test_a_slow_way_out_is_no_hang(shop_database):
    """Six mails over servers that use up their timeouts, one alert over two of them."""
    pulse = HandPulse()

    class Slow(FakeSubmission):
        def send(self, **mail):
            assert pulse.alive()
            pulse.seconds += ALMOST
            return Attempt(Verdict.DEFERRED, "slow")

    floor = Shopfloor(shop_database, exits={"main": Slow()}, second_exit=Slow())
    floor.read()
    for number in range(1, 6):
        floor.receive(buyer(number))
    floor.read()
    service = service_of(floor, pulse)
    floor.clock.set(local("2026-11-17 12:00"))
    floor.desk.turn()
    service.pulse.turned("sender")
    floor.delivery.turn(service._sender.may_send)
    assert pulse.seconds > 5 * ALMOST


def test_many_slow_jobs_of_the_timer_are_no_hang(shop_database):
    """Each turns the pulse before it begins."""
    floor = Shopfloor(shop_database)
    pulse = HandPulse()
    service = service_of(floor, pulse)

    def slow_job():
        assert pulse.alive()
        pulse.seconds += ALMOST

    for _ in range(3):
        service._waker.do(slow_job, "slow")
    assert pulse.seconds == 3 * ALMOST


def test_waking_a_thread_from_outside_is_no_sign_of_life(shop_database):
    """The one that owns the connection may hang while others ring for it."""
    floor = Shopfloor(shop_database, make_shop(make_account()))
    turns = []
    mailbox = turning(floor.inbox.connect(), lambda: turns.append(1))
    mailbox.wake()
    assert turns == []
    mailbox.folders()
    assert turns == [1]


def test_a_single_round_does_what_a_job_wants_of_it(floor):
    """After the mailboxes were read, before the owner is told."""
    done = []
    service = service_of(floor, HandPulse())
    service.repeat(lambda: done.append("timer"), name="both", seconds=60, once=lambda: done.append("round"))
    service.repeat(lambda: done.append("timer"), name="timer only", seconds=60)
    service.once()
    assert done == ["round"]
