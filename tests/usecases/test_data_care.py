"""A backup while the service runs, a start from it, an upgrade, and the erasure of a buyer."""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from daemon.aftercare.calls import CallEntry, log_call
from daemon.backup import BackupFailed, _publish, keep_before_upgrade, restore, write_backup
from daemon.commands import answered, no_reply_needed
from daemon.erasure import ErasureRefused, buyer_of, erase
from daemon.lock import take_lock
from daemon.restored import settle_restored
from daemon.web.invitations import invite
from daemon.web.sessions import begin
from daemon.work import Work
from parsers.values import Refusal
from state import tables
from state.command_rules import CommandRefusal
from state.engine import open_engine
from state.migrations import newest_version, upgrade
from state.model import CaseState
from state.outbox_rules import OutboxState
from state.unit_of_work import Database
from tests.beds.owner import tap, taps, written
from tests.beds.post import buyer, claim, feedback, name_of, notice, order_of, reply_copy
from tests.beds.reviewing import answer_in_app, approve, complaint, day_goes_on
from tests.beds.shopfloor import OPENED, Shopfloor
from tests.usecases.test_owner_commands import prepare, settle, to_buyers, told, words

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


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


def let_in(floor):
    """Somebody is signed in at the desk, and there is a link that sets its password."""
    with floor.database.write() as uow:
        uow.desk.set_password("hash", floor.clock.now())
        begin(uow, floor.clock.now())
        invite(uow, floor.clock.now())
        uow.commit()


def at_the_desk(engine):
    """How many passwords, sessions and links there are."""
    rows = everything(engine)
    return [len(rows[name]) for name in ("desk_password", "desk_session", "desk_invitation")]


def test_a_backup_lets_nobody_in_again(busy, empty, tmp_path):
    """Who was signed out after it was made stays out, and so does whoever had a link; the password stays."""
    let_in(busy)
    assert at_the_desk(busy.database._engine) == [1, 1, 1]
    file = tmp_path / "backup.db"
    write_backup(busy.database._engine, file, busy.clock.now(), ignore)
    with closing(sqlite3.connect(file)) as copy:
        assert copy.execute("SELECT count(*) FROM desk_session").fetchone() == (0,)
    restore(file, empty, ignore)
    assert at_the_desk(empty) == [1, 0, 0]


def test_a_database_that_is_put_back_lets_nobody_in_again(busy):
    """The service that starts with it ends what an older program left in it."""
    let_in(busy)
    with busy.database.write() as uow:
        uow.runs.mark_backup(busy.clock.now(), "kept by an older program")
        uow.commit()
    assert settle_restored(busy.database, busy.shop, busy.clock)
    assert at_the_desk(busy.database._engine) == [1, 0, 0]


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


def test_mail_of_the_minutes_before_the_first_start_is_no_history_after_a_restore(floor, empty, tmp_path):
    """It was on its way then, and what the first start forgives a restore must not take back."""
    file = saved_now(floor, tmp_path)
    floor.receive(buyer(1), at=floor.clock.now() - 5 * MINUTE)
    again = started_from(file, empty, floor)
    again.work()
    assert [one.state for one in again.cases()] == [CaseState.OPEN]


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


def saved_now(floor, tmp_path):
    """The shop's backup as it is now; half an hour later something breaks."""
    file = tmp_path / "now.db"
    write_backup(floor.database._engine, file, floor.clock.now(), ignore)
    return file


def test_after_a_restore_no_command_is_obeyed_twice(floor, empty, tmp_path):
    """The owner's mail that had sent the draft is read again: the links of before are dead, new ones live."""
    prepare(floor)
    file = saved_now(floor, tmp_path)
    floor.clock.advance(HOUR)
    link = tap(floor.alerts()[0].content, "approve")
    assert told(floor, written(link.subject)) == ["approved"]
    floor.clock.advance(HOUR)
    again = started_from(file, empty, floor)
    assert words(settle(again)) == [CommandRefusal.EXPIRED]
    assert to_buyers(again) == []
    fresh = taps(again.alerts()[-1].content)
    assert link.subject not in [one.subject for one in fresh]


def test_after_a_restore_a_copy_only_asks(busy, saved, empty):
    """Amazon's copy of an acknowledgment that is not known any more must not pass for an answer."""
    busy.clock.advance(HOUR)
    busy.work(buyer(5))
    text = busy.acknowledgments()[-1].text
    busy.clock.advance(MINUTE)
    busy.receive(reply_copy(text, order=order_of(5), name=name_of(5)))
    busy.clock.advance(HOUR)
    again = started_from(saved, empty, busy)
    again.work()
    (case,) = [one for one in again.cases() if one.order_ids == (order_of(5),)]
    assert (case.state, case.to_confirm_at is not None) == (CaseState.OPEN, True)
    again.clock.advance(timedelta(days=8))
    again.work(reply_copy("本日お送りしました。", order=order_of(5), name=name_of(5)))
    assert again.case(case.id).state is CaseState.ANSWERED


def test_after_a_restore_who_may_have_a_promise_gets_no_second_one(busy, saved, empty):
    """A buyer of the time that is not known writes again; only once a person answered is all as ever."""
    busy.clock.advance(HOUR)
    busy.work(buyer(5))
    again = started_from(saved, empty, busy)
    again.work()
    again.clock.advance(HOUR)
    (taken,) = again.work(buyer(5, key="A0SECOND000000000001", order=order_of(55), text="まだですか。"))
    assert taken.refusal == Refusal.AWAITING_PERSON
    answer_in_app(again, number=5)
    again.work()
    again.clock.advance(HOUR)
    (taken,) = again.work(buyer(5, key="A0THIRD0000000000001", order=order_of(56), text="別の件です。"))
    assert taken.acknowledged
    assert len(again.acknowledgments()) == 1


def test_after_a_restore_what_is_proven_later_is_not_acknowledged(floor, empty, tmp_path):
    """Its proven copy came after the backup and was acknowledged."""
    floor.work(buyer(1, proof="none"), message_id="same@amazon.co.jp")
    file = saved_now(floor, tmp_path)
    floor.clock.advance(MINUTE)
    floor.work(buyer(1), message_id="same@amazon.co.jp")
    assert len(floor.acknowledgments()) == 1
    floor.clock.advance(HOUR)
    again = started_from(file, empty, floor)
    (taken,) = again.work()
    assert (taken.refusal, again.acknowledgments()) == (Refusal.LOOK_BACK, [])


def test_after_a_restore_our_own_mail_in_the_sent_folder_counts(floor, empty, tmp_path):
    """An approved answer that is not known any more is one; an acknowledgment is noted on its case."""
    floor.start(usual_fulfilment="fba")
    file = saved_now(floor, tmp_path)
    floor.clock.advance(MINUTE)
    day_goes_on(floor, complaint(1))
    day_goes_on(floor, complaint(2))
    floor.clock.advance(MINUTE)
    approve(floor)
    day_goes_on(floor)
    for item in (*floor.outbox(1), *floor.outbox(2)):
        floor.receive(item.content, folder="Sent", message_id=item.message_id)
    again = started_from(file, empty, floor)
    again.read()
    answered, waiting = again.cases()
    assert (answered.state, waiting.state) == (CaseState.ANSWERED, CaseState.OPEN)
    assert waiting.acknowledged_at is not None
    assert again.acknowledgments() == []


def test_a_backup_before_the_first_run_is_of_the_older_backup(busy, saved, empty, tmp_path):
    """Nothing is known of the time since that one was made."""
    made_at = busy.clock.now()
    restore(saved, empty, ignore)
    busy.clock.advance(HOUR)
    file = tmp_path / "second.db"
    write_backup(empty, file, busy.clock.now(), ignore)
    third = open_engine(f"sqlite:///{tmp_path / 'third.db'}")
    assert restore(file, third, ignore) == made_at
    third.dispose()


def test_a_backup_needs_no_hard_links(busy, empty, tmp_path, monkeypatch):
    """As on exFAT or a network drive; what is there is still not overwritten."""

    def refuse(*_args, **_how):
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr("daemon.backup.os.link", refuse)
    file = saved_now(busy, tmp_path)
    assert file.stat().st_mode & 0o777 == 0o600
    assert restore(file, empty, ignore) == busy.clock.now()
    kept = tmp_path / "taken.db"
    kept.write_bytes(b"somebody's")
    (tmp_path / "whole.db").write_bytes(b"ours")
    with pytest.raises(BackupFailed):
        _publish(tmp_path / "whole.db", kept)
    assert kept.read_bytes() == b"somebody's"


def test_an_upgrade_keeps_a_copy_of_the_file(tmp_path):
    """Made once, before the first change; a current database needs none."""
    path = tmp_path / "shop.db"
    engine = open_engine(f"sqlite:///{path}")
    assert keep_before_upgrade(engine, path, OPENED) is None
    upgrade(engine)
    assert keep_before_upgrade(engine, path, OPENED) is None
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0001'")
    kept = keep_before_upgrade(engine, path, OPENED)
    assert kept == tmp_path / f"shop.db.before-{newest_version()}"
    assert kept.stat().st_mode & 0o777 == 0o600
    assert keep_before_upgrade(engine, path, OPENED + HOUR) == kept
    engine.dispose()


def test_the_copy_of_before_an_upgrade_is_a_backup(busy, empty, tmp_path):
    """Whether it is restored or put back in its place, nobody is acknowledged since, nor let in."""
    let_in(busy)
    with busy.database._engine.begin() as connection:
        version = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar_one()
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0001'")
        shop = Path(busy.database._engine.url.database)
    kept = keep_before_upgrade(busy.database._engine, shop, busy.clock.now())
    shutil.move(kept, tmp_path / "kept.db")
    for path in (shop, tmp_path / "kept.db"):
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("UPDATE alembic_version SET version_num = ?", (version,))
            connection.commit()
    busy.clock.advance(HOUR)
    busy.work(buyer(5))
    assert restore(tmp_path / "kept.db", empty, ignore) == busy.clock.now() - HOUR
    engine = open_engine(f"sqlite:///{tmp_path / 'kept.db'}")
    assert at_the_desk(engine) == [1, 0, 0]
    again = Shopfloor(Database(engine), clock=busy.clock, accounts=busy.accounts)
    assert settle_restored(again.database, again.shop, again.clock)
    again.work()
    assert again.acknowledgments() == []
    engine.dispose()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root makes files for somebody else")
def test_what_root_restores_belongs_to_the_owner_of_the_folder(saved, tmp_path):
    """Else the service, which is not root, could not open it."""
    folder = tmp_path / "data"
    folder.mkdir()
    os.chown(folder, 12345, 12345)
    lock = take_lock(f"sqlite:///{folder / 'shop.db'}", "restore")
    engine = open_engine(f"sqlite:///{folder / 'shop.db'}")
    restore(saved, engine, ignore)
    made = {path.name: (path.stat().st_uid, path.stat().st_gid) for path in folder.iterdir()}
    engine.dispose()
    lock.release()
    assert {"shop.db", "shop.db.lock"} <= set(made)
    assert set(made.values()) == {(12345, 12345)}


# Erasing a buyer


def work_of(floor, uow):
    return Work(uow, floor.shop, floor.clock.now())


def erased(floor, **who):
    with floor.database.write() as uow:
        work = work_of(floor, uow)
        result = erase(work, buyer_of(work, **who))
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


def unreadable(number, name, subject="{name} 様 返送先について (注文番号: {order})"):
    """A mail of Amazon's that no rule reads."""
    order = order_of(number)
    words = subject.format(name=name, order=order)
    return notice(words, f"<p>{words}</p>", kind="BRAND_NEW_KIND")


def closed_and_erased(floor, **who):
    """Every open case is settled, then somebody is erased."""
    with floor.database.write() as uow:
        for case in floor.cases():
            if case.state is CaseState.OPEN:
                no_reply_needed(work_of(floor, uow), case.id)
        uow.commit()
    return erased(floor, **who)


def test_what_amazon_wrote_of_an_erased_buyer_goes_too(floor):
    """Mail that no rule reads, and the notices of it; it stays known, and other mail stays whole."""
    floor.work(buyer(1))
    about = [unreadable(1, name_of(1)), unreadable(1, name_of(1), "{name} 様のご意見")]
    others = [unreadable(2, name_of(1)), unreadable(3, name_of(3), "{name} 様のご意見")]
    for mail in (*about, *others):
        floor.work(mail)
    result = closed_and_erased(floor, order=order_of(1))
    assert (result.cases, result.quarantined) == (1, 2)
    with floor.database.read() as uow:
        kept = [one.subject for one in uow.quarantine.unsettled()]
    assert len(kept) == 2
    assert order_of(2) in kept[0]
    left = floor.everything()
    assert order_of(1) not in left
    assert buyer(1).local not in left
    floor.clock.advance(24 * HOUR)
    floor.look()
    assert (floor.looked().missing, order_of(1) in floor.everything()) == ((), False)


def test_cases_that_name_only_the_order_are_erased(floor):
    """A rating from before, in a case of its own, and a claim, name no buyer."""
    floor.work(feedback(1, 1, "ひどい店でした山田"))
    with floor.database.write() as uow:
        no_reply_needed(work_of(floor, uow), 1)
        uow.commit()
    floor.clock.advance(timedelta(days=40))
    floor.work(buyer(1))
    floor.work(claim(1))
    assert len(floor.cases()) > 1
    (named,) = [one for one in floor.cases() if one.buyer_key]
    result = closed_and_erased(floor, case=named.id)
    left = floor.everything()
    assert result.cases == len(floor.cases())
    for trace in ("ひどい店でした山田", order_of(1), buyer(1).local):
        assert trace not in left


def test_nobody_is_erased_by_mistake(floor):
    """An order, address or case that is not there is told."""
    for who in ({"order": order_of(8)}, {"alias": "someone@mail.example"}, {"case": 99}):
        with pytest.raises(ErasureRefused, match="No case"):
            erased(floor, **who)


@pytest.mark.parametrize("name", ["Amazon カスタマー", "ご本人", "非通知"])
def test_a_name_that_is_nobodys_erases_no_mail_of_others(floor, name):
    """Amazon calls many buyers the same, and who called may have given no name at all."""
    floor.work(unreadable(3, "", f"Amazon カスタマーへの返送先についてご本人へのお知らせ、非通知 {name}"))
    with floor.database.write() as uow:
        work = work_of(floor, uow)
        answered(work, log_call(work, CallEntry("折り返し", caller=name, number="03-1234-5678")).case.id)
        uow.commit()
    assert erased(floor, number="0312345678").quarantined == 0
