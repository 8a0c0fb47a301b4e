"""The main job on real servers: Dovecot, SMTP, the service with all its threads, a real configuration."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from daemon.bootstrap import Surroundings, build_service
from daemon.config import load
from daemon.lock import LockLost
from daemon.ports import Credentials
from state.outbox_rules import OutboxState
from tests.beds.clock import SetClock
from tests.beds.post import answer_mail, buyer, dated, order_of, reply_copy
from tests.beds.shopfloor import OPENED
from tests.beds.smtp import Stage, running_smtp
from tests.system.running import OWNER, PATIENCE, RunningShop, Watched, await_that, toml_endpoint
from tests.unit.state.examples import HOUR, local

if TYPE_CHECKING:
    from daemon.service import Service

pytestmark = pytest.mark.dovecot
MINUTE = timedelta(minutes=1)


@dataclass
class LiveShop:
    """A shop whose service runs in this process, on a clock that the test moves."""

    files: RunningShop
    clock: SetClock = field(default_factory=lambda: SetClock(OPENED))
    error: BaseException | None = None

    def start(self) -> Service:
        """Build the service from its configuration and let it run until it watches."""
        around = Surroundings(clock=self.clock, waker_seconds=1)
        self.service = build_service(load(self.files.config), around)
        self.thread = threading.Thread(target=self._run, name="service", daemon=True)
        self.thread.start()
        return self.service

    def _run(self) -> None:
        try:
            self.service.run()
        except BaseException as error:  # noqa: BLE001 - shown to the test
            self.error = error

    def stop(self) -> None:
        """End the service and wait for its last thread."""
        self.service.stop()
        self.thread.join(PATIENCE)
        assert not self.thread.is_alive()

    def await_watching(self, *names: str) -> None:
        """Wait until these mailboxes were read to their end."""
        wanted = set(names) or {one.name for one in self.files.mailboxes}
        await_that(lambda: wanted <= self._read(), f"{wanted} were read")

    def _read(self) -> set[str]:
        health = self.files.ask(lambda uow: uow.mailboxes.all())
        return {one.name for one in health if one.last_full_pass_at}

    def receive(self, mail, *, mailbox=0, folder="INBOX", message_id=""):
        """Let a mail arrive now, by the test's clock."""
        content = mail if isinstance(mail, bytes) else mail.build()
        now = self.clock.now()
        account = self.files.mailboxes[mailbox].account
        return account.deliver(dated(content, now, message_id), folder, at=now)

    def case(self, number=1):
        """One case; None as long as there is none."""
        return self.files.ask(lambda uow: uow.cases.get(number))


@contextmanager
def live(folder, mailboxes, **settings):
    """A running shop; its service ends with the block."""
    shop = LiveShop(RunningShop(folder, mailboxes, always_open=False, **settings))
    shop.start()
    try:
        yield shop
    finally:
        shop.stop()
        for one in mailboxes:
            one.account.close()


@pytest.fixture
def smtp(dovecot):
    """A server that accepts the same login as Dovecot."""
    with running_smtp(auth=True) as server:
        yield server


def watched(dovecot, smtp, name="main", *, extra="", password=None):
    """One mailbox on both servers."""
    account = dovecot.account()
    smtp.credentials = account.credentials
    return Watched(name, account, smtp, password, extra)


@pytest.fixture
def shop(tmp_path, dovecot, smtp):
    """A running shop with one mailbox, on SQLite."""
    with live(tmp_path, [watched(dovecot, smtp, extra='save_sent = "never"')]) as running:
        running.await_watching()
        yield running


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def filing_shop(request, tmp_path, dovecot, smtp):
    """A running shop that files its own copies, on either database."""
    extra = 'save_sent = "always"\npoll_interval = "1s"'
    settings = {}
    if request.param == "postgres":
        settings["database_url"] = request.getfixturevalue("postgres_url")
    with live(tmp_path, [watched(dovecot, smtp, extra=extra)], **settings) as running:
        running.await_watching()
        yield running


def test_the_main_job(filing_shop, smtp):
    """Mail, acknowledgment, copy in Sent, a person's answer, and an alert that lists only who waits."""
    shop = filing_shop
    shop.receive(buyer(1))
    (acknowledgment,) = smtp.await_mails(1)
    assert acknowledgment.recipients == (buyer(1).address,)
    account = shop.files.account
    await_that(lambda: account.uids("Sent"), "the copy is filed")
    shop.clock.advance(MINUTE)
    shop.receive(reply_copy(acknowledgment.message.get_content()))
    shop.receive(answer_mail(buyer(1).address), folder="Sent")
    await_that(lambda: shop.case().state == "answered", "the person's answer is seen")
    shop.receive(buyer(2))
    smtp.await_mails(2)
    shop.clock.set(local("2026-11-17 12:00"))
    alert = smtp.await_mails(3)[2]
    text = alert.text
    assert alert.recipients == (OWNER,)
    assert (order_of(2) in text, order_of(1) in text) == (True, False)
    await_that(lambda: len(account.uids("Sent")) >= 3, "the second copy is filed")
    shop.stop()
    assert len(account.uids("Sent")) == 3
    assert rb"\Seen" not in account.flags(1)


def test_filing_waits_for_the_provider(tmp_path, dovecot, smtp):
    """`auto` files the copy itself when the provider did not within a minute, and once."""
    extra = 'save_sent = "auto"\npoll_interval = "1s"'
    with live(tmp_path, [watched(dovecot, smtp, extra=extra)]) as shop:
        shop.await_watching()
        shop.receive(buyer(1))
        smtp.await_mails(1)
        account = shop.files.account
        await_that(lambda: shop.case().acknowledged_at, "it is written down")
        assert account.uids("Sent") == []
        shop.clock.advance(MINUTE)
        await_that(lambda: account.uids("Sent"), "the copy is filed")
        shop.clock.advance(MINUTE)
        shop.receive(buyer(2))
        smtp.await_mails(2)
    assert len(account.uids("Sent")) == 1


def test_a_folder_that_is_renumbered_while_it_is_watched(shop, smtp, dovecot):
    """The next wake-up finds other numbers: old mail stays known, new mail is taken in."""
    shop.receive(buyer(1))
    smtp.await_mails(1)
    account = shop.files.account
    dovecot.set_uids(account, uidvalidity=987654, next_uid=5000)
    shop.receive(buyer(2))
    smtp.await_mails(2)
    await_that(
        lambda: shop.files.ask(lambda uow: uow.cursors.get("main", "INBOX")).uidvalidity == 987654,
        "the cursor follows",
    )
    shop.receive(buyer(3))
    mails = smtp.await_mails(3)
    assert [mail.recipients for mail in mails] == [(buyer(number).address,) for number in (1, 2, 3)]
    assert len(shop.files.ask(lambda uow: uow.cases.latest(10))) == 3


def test_a_connection_that_is_killed_while_idle(shop, smtp, dovecot):
    """The service connects again and takes the mail that came meanwhile."""
    shop.receive(buyer(1))
    smtp.await_mails(1)
    for number in (2, 3):
        dovecot.kill_connections(shop.files.account)
        shop.files.account._connection = None
        shop.receive(buyer(number))
        smtp.await_mails(number)
    assert shop.files.ask(lambda uow: uow.notices.untold()) == ()


def test_a_wrong_password_of_one_mailbox(tmp_path, dovecot, smtp):
    """The other mailbox works on; the owner hears of it once, over a path without that password."""
    with running_smtp() as second_path:
        wrong = watched(dovecot, smtp, "main", password="changed yesterday")
        with running_smtp(auth=True) as own_smtp:
            right = watched(dovecot, own_smtp, "second")
            smtp.credentials = Credentials(wrong.account.credentials.username, "another password")
            extra = f'[alerts.smtp]\naddress = "alerts@other.example"\n{server_lines(second_path.endpoint)}'
            with live(tmp_path, [wrong, right], extra=extra) as shop:
                shop.await_watching("second")
                shop.receive(buyer(1), mailbox=1)
                own_smtp.await_mails(1)
                (alert,) = second_path.await_mails(1)
                assert alert.recipients == (OWNER,)
                assert "main" in alert.text
                shop.receive(buyer(2), mailbox=1)
                own_smtp.await_mails(2)
                health = shop.files.ask(lambda uow: uow.mailboxes.get("main"))
                assert (health.failing_since, health.last_full_pass_at) == (OPENED, None)
            assert len(second_path.mails) == 1
            assert smtp.mails == []


def server_lines(endpoint):
    """A server as keys of a table."""
    return toml_endpoint(endpoint).strip("{} ").replace(", ", "\n") + "\n"


def test_a_stop_while_a_mail_is_being_handed_over(shop, smtp):
    """The server thinks about the content while the service is told to end: the mail in hand is finished."""
    release = smtp.hold(Stage.DOT)
    shop.receive(buyer(1))
    smtp.await_stage(Stage.DOT)
    shop.service.stop()
    shop.receive(buyer(2))
    release.set()
    shop.thread.join(PATIENCE)
    assert not shop.thread.is_alive()
    (row,) = shop.files.ask(lambda uow: uow.outbox.of_case(1))
    assert row.state is OutboxState.SENT
    assert len(smtp.mails) == 1
    run = shop.files.ask(lambda uow: uow.runs.last())
    assert run.ended_at is not None


def test_a_stop_leaves_what_was_not_begun(shop, smtp):
    """Of three mails in one turn only the one in hand is finished; the others wait for the next start."""
    slow_start = smtp.hold(Stage.EHLO)
    shop.receive(buyer(1))
    smtp.await_stage(Stage.EHLO)
    for number in (2, 3, 4):
        shop.receive(buyer(number))
    await_that(lambda: shop.case(4), "all are queued")
    in_hand = smtp.hold(Stage.DOT)
    slow_start.set()
    smtp.await_stage(Stage.DOT)
    in_hand.set()
    second = smtp.hold(Stage.DOT)
    smtp.await_stage(Stage.DOT, count=2)
    shop.service.stop()
    second.set()
    shop.thread.join(PATIENCE)
    assert len(smtp.mails) == 2
    waiting = shop.files.ask(lambda uow: uow.outbox.in_state(OutboxState.QUEUED))
    assert [item.recipient for item in waiting] == [buyer(3).address, buyer(4).address]
    assert shop.files.ask(lambda uow: uow.outbox.in_state(OutboxState.SENDING)) == ()
    shop.start()
    smtp.await_mails(4)


def test_mail_that_came_while_the_service_was_down(shop, smtp):
    """The next start goes on where the last one stopped."""
    shop.receive(buyer(1))
    smtp.await_mails(1)
    shop.stop()
    shop.clock.advance(3 * HOUR)
    shop.receive(buyer(2))
    shop.start()
    smtp.await_mails(2)
    recipients = [mail.recipients for mail in smtp.mails if mail.recipients != (OWNER,)]
    assert recipients == [(buyer(1).address,), (buyer(2).address,)]


@pytest.mark.postgres
def test_a_lost_lock_stops_the_sending(tmp_path, dovecot, smtp, postgres, postgres_url):
    """The database was restarted: another process may send now, so this one ends with an error."""
    with live(tmp_path, [watched(dovecot, smtp)], database_url=postgres_url) as shop:
        shop.await_watching()
        postgres.cut_connections(postgres_url)
        shop.thread.join(PATIENCE)
        assert isinstance(shop.error, LockLost)
        shop.start()
        shop.receive(buyer(1))
        smtp.await_mails(1)
