"""Silence of a mailbox reaches the owner, whatever keeps it from being read; time is moved by hand."""

from __future__ import annotations

from datetime import timedelta

import pytest

from daemon.errors import LoginRefused, MailboxUnavailable
from daemon.freshness import READ_WITHIN, is_read
from daemon.liveness import STEADY_FOR, ReadingWatch, awake_since, status_line
from state.repository.bookkeeping import MailboxHealth, Run
from tests.beds.post import buyer, order_of
from tests.beds.shopfloor import OPENED, Shopfloor, make_account, make_shop
from tests.unit.state.examples import DAY, HOUR, local
from tests.usecases.test_watchdog import watcher_of

MINUTE = timedelta(minutes=1)
DATED = [(timedelta(0), True), (READ_WITHIN, True), (READ_WITHIN + MINUTE, False), (-DAY, False)]


class Night:
    """A shop that is watched every minute, with a mailbox that can be made to fail or to hang."""

    def __init__(self, floor):
        self.floor = floor
        self.failure = None
        self.hangs = False
        self.told = []
        self.start()

    def start(self, run="run-1"):
        """A new process begins."""
        with self.floor.database.write() as uow:
            uow.runs.begin(run, self.floor.clock.now(), "a test")
            uow.commit()
        self.run = run
        self.watch = ReadingWatch(self.floor.database, self.floor.shop, self.floor.clock)

    def minutes(self, number):
        """So many minutes of the timer; tells the words and details of what the owner gets to hear."""
        before = len(self.told)
        for _ in range(number):
            self.floor.clock.advance(MINUTE)
            self.pass_once()
            with self.floor.database.write() as uow:
                uow.runs.turn(self.run, self.floor.clock.now())
                uow.commit()
            self.watch.turn()
            self.hear()
        return self.told[before:]

    def pass_once(self):
        """What the first mailbox's own thread does; one that hangs does nothing."""
        if self.hangs:
            return
        if self.failure is not None:
            self.floor.inbox.fail("connect", error=self.failure)
            with pytest.raises(MailboxUnavailable):
                watcher_of(self.floor, "main", lambda: None).once()
        else:
            self.floor.read("main")

    def hear(self):
        """Everything untold is told."""
        now = self.floor.clock.now()
        with self.floor.database.write() as uow:
            untold = uow.notices.untold()
            self.told += [(one.word, one.detail) for one in untold]
            uow.notices.mark_told([one.id for one in untold], now)
            uow.commit()


@pytest.fixture
def night(floor):
    """One mailbox that was read at half past ten."""
    return Night(floor)


@pytest.mark.parametrize(("ago", "read"), DATED)
def test_read_lately_is_a_quarter_of_an_hour(ago, read):
    """A pass in the future was dated by a clock that was wrong; it proves nothing."""
    health = MailboxHealth("main", OPENED - DAY, None, OPENED - ago, None, None)
    assert is_read(health, OPENED) is read
    assert not is_read(None, OPENED)


@pytest.mark.parametrize("failure", [None, MailboxUnavailable("mx does not answer")])
def test_a_mailbox_that_is_not_read_is_told_once_and_daily(night, failure):
    """After a quarter of an hour, with the reason if there is one: a thread that hangs has none."""
    night.failure, night.hangs = failure, failure is None
    assert night.minutes(15) == []
    detail = "main: mx does not answer" if failure else "main"
    assert night.minutes(30) == [("mailbox_silent", detail)]
    night.floor.clock.advance(23 * HOUR)
    assert night.minutes(14) == []
    assert night.minutes(5) == [("mailbox_silent", detail)]


def test_a_mailbox_that_came_back_is_told_once(night):
    """With the time from which on it was read, after some minutes that showed it to last."""
    night.failure = MailboxUnavailable("gone")
    night.minutes(20)
    night.failure = None
    assert night.minutes(20) == [("mailbox_back", "main: 11/17 10:51")]


def test_a_refused_login_is_not_told_twice(night):
    """It was told at once and in plainer words; when the password is right again that is told."""
    night.failure = LoginRefused("mx does not accept the password")
    assert night.minutes(20) == [("login_refused", "main: mx does not accept the password")]
    night.failure = None
    assert [word for word, _ in night.minutes(10)] == ["mailbox_back"]
    night.failure = MailboxUnavailable("gone")
    assert [word for word, _ in night.minutes(20)] == ["mailbox_silent"]


def test_a_mailbox_that_comes_and_goes_is_one_trouble(night):
    """A pass or two in half an hour: told once, and never that all is well."""
    for _ in range(4):
        night.hangs = True
        night.minutes(28)
        night.hangs = False
        night.minutes(2)
    assert [word for word, _ in night.told] == ["mailbox_silent"]


def test_without_a_trouble_nothing_is_said(night):
    """Silence is normal."""
    assert night.minutes(20) == []


def test_after_a_long_stop_the_first_pass_gets_its_time(night):
    """The program was off over the weekend; its first pass takes ten minutes."""
    night.floor.clock.advance(3 * DAY)
    night.start("run-2")
    night.hangs = True
    assert night.minutes(10) == []
    night.hangs = False
    assert night.minutes(10) == []


def test_restarts_do_not_begin_to_count_anew(night):
    """The watchdog bites every thirteen minutes, and the new process hangs like the old one."""
    night.hangs = True
    for number in range(2, 5):
        night.minutes(13)
        night.start(f"run-{number}")
    assert [word for word, _ in night.told] == ["mailbox_silent"]


@pytest.mark.parametrize("jump", [8 * HOUR, -8 * HOUR])
def test_a_suspended_machine_and_a_clock_that_jumps_are_no_trouble(night, jump):
    """Whoever wakes up gets another quarter of an hour; what fails then is told all the same."""
    night.minutes(5)
    night.floor.clock.advance(jump)
    night.hangs = True
    assert night.minutes(14) == []
    assert [word for word, _ in night.minutes(5)] == ["mailbox_silent"]


def test_a_new_mailbox_gets_its_time_as_well(shop_database):
    """Added to a shop that has run for days; it never had a pass."""
    shop = make_shop(make_account(), make_account("second"))
    floor = Shopfloor(shop_database, shop)
    floor.shop = make_shop()
    night = Night(floor)
    night.minutes(20)
    floor.shop = shop
    night.start("run-2")
    assert night.minutes(14) == []
    assert night.minutes(5) == [("mailbox_silent", "second")]
    assert night.watch.silent() == ("second",)


def test_a_mailbox_that_is_configured_no_more_is_let_go(night):
    """Its last pass lies ever farther back, and nobody minds."""
    night.hangs = True
    night.floor.shop = make_shop(make_account("other"))
    night.start("run-2")
    assert night.minutes(20) == [("mailbox_silent", "other")]


def test_a_shop_that_cannot_be_read_is_never_called_answered(night):
    """Nobody knows what waits; a friendly good night would be a lie, and the trouble is told."""
    night.hangs = True
    night.floor.clock.set(local("2026-11-17 19:40"))
    night.watch.turn()
    subjects = [mail.message["Subject"] for _ in range(25) for mail in minute_of_alerts(night)]
    assert any("メールの確認が止まっています" in one for one in subjects)
    assert not any("すべて回答済み" in one for one in subjects)


def test_a_machine_that_wakes_up_reads_before_it_calls_all_answered(night):
    """Suspended over closing time, it waits for its first pass; a message that came meanwhile is listed."""
    floor = night.floor
    floor.clock.set(local("2026-11-17 20:01"))
    assert floor.alert() == []
    floor.read()
    (alert,) = floor.alert()
    assert "すべて回答済み" in alert.message["Subject"]
    floor.clock.set(local("2026-11-18 12:01"))
    floor.receive(buyer(1))
    assert floor.alert() == []
    floor.read()
    assert [order_of(1) in mail.text for mail in floor.alert()] == [True]


def minute_of_alerts(night):
    night.floor.clock.advance(MINUTE)
    night.watch.turn()
    return night.floor.alert()


def test_rounds_of_a_program_that_ends_tell_as_well(night):
    """Run every hour, it has tried just now: it gives no mailbox more time, and tells its return at once."""

    def round_of(failure):
        night.floor.clock.advance(HOUR)
        night.failure = failure
        night.pass_once()
        ReadingWatch(night.floor.database, night.floor.shop, night.floor.clock).turn_after_round()
        before = len(night.told)
        night.hear()
        return [word for word, _ in night.told[before:]]

    gone = MailboxUnavailable("gone")
    assert [round_of(failure) for failure in (None, gone, gone, None, None)] == [
        [], ["mailbox_silent"], [], ["mailbox_back"], [],
    ]  # fmt: skip


def test_a_break_ends_the_row_of_runs():
    """Short breaks do not count, a long one does."""
    runs = [
        Run("3", OPENED - HOUR, OPENED, None, ""),
        Run("2", OPENED - 2 * HOUR, OPENED - HOUR - MINUTE, None, ""),
        Run("1", OPENED - 9 * HOUR, OPENED - 3 * HOUR, None, ""),
    ]
    assert awake_since(runs, OPENED) == OPENED - 2 * HOUR
    assert awake_since([], OPENED) == OPENED


@pytest.mark.parametrize(
    ("language", "well", "ill"),
    [
        (
            "ja",
            "メールボックス2件を確認中、未回答1件",
            "メールボックス2件を確認中、うち1件は11/17 10:30から読めていません (second)、未回答1件",
        ),
        (
            "en",
            "watching 2 mailboxes, 1 unanswered",
            "watching 2 mailboxes, 1 not read since 11/17 10:30 (second), 1 unanswered",
        ),
    ],
)
def test_systemctl_shows_how_the_shop_fares(shop_database, language, well, ill):
    """In the shop's language: how many are watched, which of them fails since when, what waits."""
    shop = make_shop(make_account(), make_account("second"), language=language)
    floor = Shopfloor(shop_database, shop)
    floor.read()
    floor.work(buyer(1))
    with floor.database.read() as uow:
        assert status_line(uow, shop, floor.clock.now()) == well
    floor.clock.advance(READ_WITHIN + STEADY_FOR)
    floor.read("main")
    with floor.database.read() as uow:
        assert status_line(uow, shop, floor.clock.now()) == ill
