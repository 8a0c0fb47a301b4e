"""A backup while the service runs, a start from it, an upgrade, and the erasure of a buyer."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import timedelta

import pytest
from sqlalchemy import select

from daemon.backup import BackupFailed, keep_before_upgrade, restore, write_backup
from daemon.commands import no_reply_needed
from daemon.erasure import ErasureRefused, cases_of_buyer, erase
from daemon.restored import settle_restored
from daemon.work import Work
from parsers.values import Refusal
from state import tables
from state.engine import open_engine
from state.migrations import newest_version, upgrade
from state.model import CaseState
from state.outbox_rules import OutboxState
from state.unit_of_work import Database
from tests.beds.post import buyer, order_of
from tests.beds.shopfloor import Shopfloor

HOUR = timedelta(hours=1)


def alias_of(number):
    """The address of the buyer with that number."""
    return buyer(number).address


def ignore(_table, _rows):
    """Nobody looks at the progress."""


def everything(engine):
    """All rows of all tables but the runs."""
    with engine.connect() as connection:
        return {
            table.name: [tuple(row) for row in connection.execute(select(table).order_by(*table.primary_key))]
            for table in tables.metadata.sorted_tables
            if table.name != "run"
        }


@pytest.fixture
def busy(floor):
    """A shop in which most kinds of rows exist."""
    floor.work(buyer(1))
    floor.work(buyer(3, proof="fail"))
    floor.clock.advance(HOUR)
    floor.alert()
    return floor


@pytest.fixture
def saved(busy, tmp_path):
    """That shop's backup."""
    file = tmp_path / "backup.db"
    write_backup(busy.database._engine, file, busy.clock.now(), ignore)
    return file


@pytest.fixture
def empty(tmp_path):
    """A database that was never used."""
    engine = open_engine(f"sqlite:///{tmp_path / 'new.db'}")
    yield engine
    engine.dispose()


def test_a_backup_holds_everything_and_is_private(busy, saved, empty):
    """One file without a log beside it, readable by its owner alone; restored, it is the same."""
    assert saved.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in saved.parent.iterdir() if path.name.startswith("backup")] == ["backup.db"]
    assert restore(saved, empty, ignore) == busy.clock.now()
    assert everything(empty) == everything(busy.database._engine)


def test_a_backup_is_of_one_instant(busy, tmp_path):
    """What is committed while it is being written is not in it, nor half of it."""
    before = everything(busy.database._engine)

    def write_more(table, _rows):
        if table == "case_file":
            busy.work(buyer(9))

    file = tmp_path / "backup.db"
    write_backup(busy.database._engine, file, busy.clock.now(), write_more)
    assert len(busy.cases()) == len(before["case_file"]) + 1
    copy = open_engine(f"sqlite:///{file}")
    assert everything(copy) == before
    copy.dispose()


def test_a_backup_overwrites_nothing(busy, saved):
    """A second one needs another name, and leaves nothing behind."""
    with pytest.raises(BackupFailed, match="exists already"):
        write_backup(busy.database._engine, saved, busy.clock.now(), ignore)
    assert not [path for path in saved.parent.iterdir() if path.name.startswith(".sokuresu-")]


def test_only_a_backup_goes_into_only_an_empty_database(busy, saved, empty, tmp_path):
    """Anything else is refused in a sentence, and the database stays as it was."""
    stranger = tmp_path / "stranger.db"
    stranger.write_bytes(b"not a database at all" * 100)
    with pytest.raises(BackupFailed, match="is no backup"):
        restore(stranger, empty, ignore)
    with closing(sqlite3.connect(tmp_path / "other.db")) as other:
        other.execute("CREATE TABLE t (x)")
    with pytest.raises(BackupFailed, match="is no backup"):
        restore(tmp_path / "other.db", empty, ignore)
    before = everything(busy.database._engine)
    with pytest.raises(BackupFailed, match="not empty"):
        restore(saved, busy.database._engine, ignore)
    assert everything(busy.database._engine) == before


def started_from(saved, engine, floor):
    """The same shop, its mailbox and its clock, going on with the backup."""
    restore(saved, engine, ignore)
    again = Shopfloor(Database(engine), clock=floor.clock, accounts=floor.accounts)
    assert settle_restored(again.database, again.shop, again.clock)
    return again


def test_after_a_restore_nobody_is_acknowledged_twice(busy, saved, empty):
    """A message that came after the backup, and was acknowledged, is a case with alerts and no more."""
    busy.clock.advance(HOUR)
    busy.work(buyer(5))
    assert len(busy.acknowledgments()) == 2
    again = started_from(saved, empty, busy)
    again.work()
    assert again.acknowledgments() == []
    (case,) = [one for one in again.cases() if one.order_ids == (order_of(5),)]
    (message,) = again.messages(case.id)
    assert (case.state, message.refusal) == (CaseState.OPEN, Refusal.LOOK_BACK)
    assert "restored" in again.words()


def test_after_a_restore_new_buyers_are_acknowledged_again(busy, saved, empty):
    """Once nothing can have been acknowledged before, all is as ever."""
    again = started_from(saved, empty, busy)
    again.work()
    again.clock.advance(HOUR)
    again.work(buyer(6))
    assert len(again.acknowledgments()) == 1
    assert not settle_restored(again.database, again.shop, again.clock)


def test_what_waited_to_leave_is_uncertain_after_a_restore(busy, empty, tmp_path):
    """It may have left since the backup was made."""
    busy.receive(buyer(7))
    busy.read()
    file = tmp_path / "waiting.db"
    write_backup(busy.database._engine, file, busy.clock.now(), ignore)
    again = started_from(file, empty, busy)
    again.send()
    (case,) = [one for one in again.cases() if one.order_ids == (order_of(7),)]
    (row,) = again.outbox(case.id)
    assert row.state is OutboxState.UNCERTAIN
    assert again.acknowledgments() == []


def test_an_upgrade_keeps_a_copy_of_the_file(tmp_path):
    """Made once, before the first change; a current database needs none."""
    path = tmp_path / "shop.db"
    engine = open_engine(f"sqlite:///{path}")
    assert keep_before_upgrade(engine, path) is None
    upgrade(engine)
    assert keep_before_upgrade(engine, path) is None
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0001'")
    kept = keep_before_upgrade(engine, path)
    assert kept == tmp_path / f"shop.db.before-{newest_version()}"
    assert kept.stat().st_mode & 0o777 == 0o600
    assert keep_before_upgrade(engine, path) == kept
    engine.dispose()


# Erasing a buyer


def work_of(floor, uow):
    return Work(uow, floor.shop, floor.clock.now())


def erased(floor, **who):
    with floor.database.write() as uow:
        work = work_of(floor, uow)
        result = erase(work, cases_of_buyer(work, **who))
        uow.commit()
    return result


def test_an_unanswered_buyer_is_not_erased(busy):
    """Nobody would be reminded of the case."""
    with pytest.raises(ErasureRefused, match="unanswered"):
        erased(busy, order=order_of(1))
    assert alias_of(1) in busy.everything()


def test_an_erased_buyer_is_nowhere(floor):
    """Neither words nor name nor address nor order is left in any table; numbers and times are."""
    floor.work(buyer(1, text="この荷物はひどく壊れていました"))
    floor.alert()
    (case,) = floor.cases()
    with floor.database.write() as uow:
        no_reply_needed(work_of(floor, uow), case.id)
        uow.commit()
    floor.clock.advance(HOUR)
    floor.work(buyer(2))
    result = erased(floor, alias=alias_of(1))
    assert (result.cases, result.quarantined) == (1, 0)
    left = floor.everything()
    for trace in ("壊れていました", alias_of(1), order_of(1)):
        assert trace not in left
    assert alias_of(2) in left
    after = floor.cases()[0]
    assert (after.id, after.state, after.alias, after.buyer_name) == (case.id, CaseState.CLOSED, None, None)


def test_an_erased_mail_stays_known(floor):
    """Read again in a renumbered folder, it opens nothing and is answered by nobody."""
    floor.work(buyer(1))
    with floor.database.write() as uow:
        no_reply_needed(work_of(floor, uow), floor.cases()[0].id)
        uow.commit()
    erased(floor, case=floor.cases()[0].id)
    sent = len(floor.acknowledgments())
    floor.inbox.renumber(uidvalidity=5)
    floor.work()
    assert (len(floor.cases()), len(floor.acknowledgments())) == (1, sent)


def test_nobody_is_erased_by_mistake(floor):
    """An order, address or case that is not there is told."""
    for who in ({"order": order_of(8)}, {"alias": "someone@mail.example"}, {"case": 99}):
        with pytest.raises(ErasureRefused, match="No case"):
            erased(floor, **who)
