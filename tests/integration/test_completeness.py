"""The daily look on a real IMAP server: its dates, its flags, its folders and its own search."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from daemon import mailbox
from state.engine import open_engine
from state.migrations import upgrade
from state.repository.bookkeeping import Cursor
from state.unit_of_work import Database
from tests.beds.post import buyer, dated
from tests.beds.shopfloor import OPENED, Shopfloor
from tests.beds.smtp import running_smtp
from tests.integration.test_main_job import live, watched
from tests.system.running import await_that
from tests.unit.parsers.mails import notice
from tests.unit.state.examples import DAY, HOUR

if TYPE_CHECKING:
    from datetime import timedelta

pytestmark = pytest.mark.dovecot


@pytest.fixture
def floor(tmp_path):
    """A shop whose readers and looks are handed connections to the real server."""
    engine = open_engine(f"sqlite:///{tmp_path / 'shop.db'}")
    upgrade(engine)
    yield Shopfloor(Database(engine))
    engine.dispose()


def read(floor, connection) -> None:
    """One pass over the account."""
    floor.readers["main"].full_pass(connection)


def pass_by(floor, connection, folder: str) -> None:
    """Sabotage: the position of a folder stands behind mail that nobody read."""
    state = connection.open(folder)
    with floor.database.write() as uow:
        uow.cursors.move(Cursor("main", folder, state.uidvalidity, state.uidnext - 1))
        uow.commit()


def test_what_was_overlooked_on_a_real_server_is_found_and_nothing_else(floor, dovecot):
    """Read by somebody, in junk, in a folder that nobody watches, copied, deleted, older than three days."""
    with closing(dovecot.account()) as account:
        account.create("購入者 2026", "Trash")

        def deliver(number: int, folder: str = "INBOX", *, flags: str = "", ago: timedelta = HOUR) -> int:
            at = floor.clock.now() - ago
            content = dated(buyer(number).build(), at, f"{number}@amazon.example")
            return account.deliver(content, folder, at=at, flags=flags)

        with closing(mailbox.connect(account.endpoint, account.credentials)) as connection:
            read(floor, connection)
            floor.clock.set(OPENED + 5 * DAY)
            deliver(1)
            doomed = deliver(2)
            account.deliver(notice("セール", "<p>本日まで</p>", kind="MARKETING"), at=floor.clock.now())
            read(floor, connection)
            account.remove([doomed])
            deliver(1, "購入者 2026")
            deliver(3, flags=r"\Seen", ago=50 * HOUR)
            deliver(4, "Junk")
            deliver(5, "購入者 2026", ago=2 * DAY)
            deliver(6, ago=4 * DAY)
            deliver(7, "Trash")
            for folder in ("INBOX", "Junk"):
                pass_by(floor, connection, folder)
            read(floor, connection)
            assert floor.looks["main"].turn(connection)
            assert not floor.looks["main"].turn(connection)
            read(floor, connection)
    found = [(one.folder, one.watched) for one in floor.looked().missing]
    assert found == [("INBOX", True), ("Junk", True), ("購入者 2026", False)]
    assert floor.looked().seen == 5
    assert {case.buyer_name for case in floor.cases()} == {buyer(number).name for number in (1, 2, 3, 4)}
    assert {"mail_missed", "mail_unwatched"} <= set(floor.words())


def test_the_running_service_looks_by_itself(tmp_path, dovecot):
    """The first look comes by itself once an hour has passed since the first start."""
    with running_smtp(auth=True) as server, live(tmp_path, [watched(dovecot, server)]) as shop:
        shop.await_watching()
        shop.clock.advance(2 * HOUR)
        shop.service.look_into("main")
        await_that(lambda: shop.files.ask(lambda uow: uow.completeness.get("main")), "a look")
        found = shop.files.ask(lambda uow: uow.completeness.get("main"))
    assert (found.checked_at, found.seen, found.missing) == (OPENED + 2 * HOUR, 0, ())
