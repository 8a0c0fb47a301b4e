"""What the watch outside hears, on a real web server; the seconds are counted by hand."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest

from daemon.freshness import READ_WITHIN
from daemon.liveness import ReadingWatch
from daemon.log import configure
from daemon.outside.ping import WRITTEN_WITHIN, Condition, OutsidePing, Wellbeing, address
from daemon.ports import Attempt, Verdict
from daemon.pulse import LOOP_SILENT_AFTER
from state.unit_of_work import Database
from tests.beds.web import running_web
from tests.usecases.test_watchdog import HandPulse, running, service_of

MINUTE = timedelta(minutes=1)
FIVE = timedelta(minutes=5)
WELL = Condition(well=True)


@pytest.fixture
def web():
    """The service outside."""
    with running_web() as server:
        yield server


class Shift:
    """Pings whose condition and whose time a test sets."""

    def __init__(self, web, path="/uuid"):
        self.condition = WELL
        self.seconds = 0.0
        self.ping = OutsidePing(web.url + path, FIVE, lambda: self.condition, lambda: self.seconds)

    def minutes(self, number):
        """So many minutes with a look in each."""
        for _ in range(number):
            self.ping.turn()
            self.seconds += 60


def test_all_is_well_is_told_at_intervals(web):
    """The plain address, every five minutes."""
    Shift(web).minutes(11)
    assert [(one.method, one.path) for one in web.asked] == [("GET", "/uuid")] * 3


def test_a_trouble_is_told_at_once_with_its_reason_and_so_is_its_end(web):
    """A trouble does not wait for the interval, and is repeated like the rest."""
    shift = Shift(web)
    shift.minutes(2)
    shift.condition = Condition(well=False, troubles=("mailboxes not read: main", "loops hang: x"))
    shift.minutes(6)
    shift.condition = WELL
    shift.minutes(1)
    assert web.paths() == ["/uuid", "/uuid/fail", "/uuid/fail", "/uuid"]
    assert (web.asked[1].method, web.asked[1].body) == (
        "POST",
        "mailboxes not read: main\nloops hang: x",
    )


def test_too_early_to_tell_is_not_told(web):
    """While the first pass is on its way neither word would be true."""
    shift = Shift(web)
    shift.condition = Condition(well=False)
    shift.minutes(6)
    assert web.asked == []


def test_a_ping_server_that_fails_is_logged_once(web, capsys):
    """Once a spell, without the address; it is asked again at every look, and works when it works."""
    # A command that ran before in this process may have turned the log down.
    configure()
    shift = Shift(web, "/hunter2")
    web.status = 503
    shift.minutes(3)
    web.status = 200
    shift.minutes(3)
    assert len(web.asked) == 4
    logged = capsys.readouterr().err
    assert (logged.count("ping failed"), logged.count("ping works again")) == (1, 1)
    assert "hunter2" not in logged


def test_a_redirection_is_not_followed(web):
    """The address is a secret, also to the host that it would lead to."""
    web.status, web.location = 302, f"{web.url}/elsewhere"
    assert Shift(web).ping.say("").verdict is Verdict.REFUSED
    assert web.paths() == ["/uuid"]


def test_an_address_that_nobody_can_use_tells_nothing_of_itself(capsys):
    """Not even where the library's own words would."""
    attempt = OutsidePing("http://127.0.0.1:1/hun ter2", FIVE, lambda: WELL).say("")
    assert attempt == Attempt(Verdict.DEFERRED, "the ping server failed: InvalidURL", before_dialogue=True)
    assert "ter2" not in capsys.readouterr().err


@pytest.mark.parametrize(
    ("url", "fail"),
    [
        ("https://p.example/u", "https://p.example/u/fail"),
        ("https://p.example/u/?k=1", "https://p.example/u/fail?k=1"),
    ],
)
def test_the_word_stands_behind_the_path(url, fail):
    """Before a query, and without a double slash."""
    assert (address(url, "/fail"), address(url, "")) == (fail, url)


@pytest.fixture
def looking(floor):
    """The wellbeing of a shop that was read just now, with its pulse and its watch."""
    pulse = HandPulse()
    watch = ReadingWatch(floor.database, floor.shop, floor.clock)
    with floor.database.write() as uow:
        uow.runs.begin("run-1", floor.clock.now(), "a test")
        uow.commit()
    watch.turn()
    return Wellbeing(
        floor.database, floor.shop, floor.clock, pulse=pulse, watch=watch, monotonic=lambda: pulse.seconds
    )


def test_a_shop_in_order_is_well(looking):
    """Loops turn, mailboxes are read, the database is written into."""
    assert looking.look() == WELL


def test_a_mailbox_that_is_not_read_is_a_trouble(looking, floor):
    """Named as it is in the configuration."""
    floor.clock.advance(READ_WITHIN + MINUTE)
    looking._watch.turn()
    looking._watch._awake_since -= timedelta(hours=1)
    assert looking.look().troubles == ("mailboxes not read: main",)


def test_a_loop_that_hangs_and_a_timer_that_does_not_write_are_troubles(looking):
    """A timer that stands still writes nothing any more."""
    assert looking.look() == WELL
    looking._pulse.turned("sender")
    looking._pulse.seconds += LOOP_SILENT_AFTER.total_seconds() + WRITTEN_WITHIN.total_seconds()
    assert looking.look().troubles == ("loops hang: sender", "nothing was written into the database lately")


def test_a_database_that_is_gone_is_a_trouble(looking, tmp_path):
    """Told outside even if nothing can be stored."""
    from state.engine import open_engine

    broken = Database(open_engine(f"sqlite:///{tmp_path / 'empty.db'}"))
    looking._database = looking._watch._database = broken
    assert looking.look().troubles == ("the database cannot be read",)
    broken.close()


def test_a_dead_ping_server_disturbs_nobody(floor):
    """It hangs for ever in a thread of its own, and every loop turns on."""
    entered, released = threading.Event(), threading.Event()

    class Hanging:
        def run(self):
            entered.set()
            released.wait(20)

        def stop(self):
            """It does not listen."""

    pulse = HandPulse()
    service = service_of(floor, pulse)
    service.accompany(Hanging())
    with running(service):
        assert entered.wait(20)
        pulse.seconds += 2 * LOOP_SILENT_AFTER.total_seconds()
        service.mail_waits()
        service.look_into("main")
        pulse.wait_until_hung()
    released.set()


def test_a_start_is_told(web):
    """And the thread ends when it is told to."""
    ping = Shift(web).ping
    ping.stop()
    ping.run()
    assert web.paths() == ["/uuid/start"]
