"""The storage on both databases: what is committed is there, every key is once, writers take turns."""

from __future__ import annotations

import shutil
import stat
import subprocess
import sys
import threading
import traceback
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import JSON, LargeBinary, MetaData, delete, select, text, update
from sqlalchemy.exc import IntegrityError, OperationalError, StatementError

import state.engine
from parsers.values import Authenticity, Fulfilment, Kind
from state import migrations, tables
from state.calls import Call
from state.command_rules import Action
from state.copying import NEVER_COPIED, NotEmpty, copy_everything
from state.desk_sessions import DeskSession
from state.drafts import DraftState, FolderCopy, FolderState, Sight
from state.engine import for_writing, open_engine
from state.lessons import Cause, Lesson
from state.migrations import DatabaseTooNew, upgrade
from state.model import Answer, AnswerSource, CaseState, Place
from state.outbox_rules import IllegalTransition, OutboxEvent, OutboxKind, OutboxState
from state.ratings import Rating, RatingSource
from state.repository.bookkeeping import Cursor, MailboxHealth, Run
from state.repository.completeness import Completeness, Missing
from state.repository.days import Answered, Sent
from state.repository.mail import Claim
from state.repository.orders import OrderFacts, OrderItem
from state.repository.outbox import DROPPED
from state.repository.quarantine import Entry, Format
from state.repository.records import message_values, outbox_values
from state.repository.search import Wanted
from state.steps import Matter, Step
from state.unit_of_work import Database, UnitOfWork
from tests.unit.state.examples import (
    BUYER,
    DAY,
    HOUR,
    NOW,
    ORDER,
    OTHER_ORDER,
    make_case,
    make_draft,
    make_item,
    make_message,
    make_offer,
)

PATIENCE = 30
"""Seconds after which a thread that should have gone on is given up."""

LARGEST_UID = 2**32 - 1
NEWEST = "0005"
"""The newest migration."""

TOKYO_NOW = NOW.astimezone(timezone(9 * HOUR)).replace(microsecond=123456)
OTHER_BUYER = "buyer0002@marketplace.amazon.co.jp"
SECOND = timedelta(seconds=1)
ENTRY = Entry(
    word="forged",
    reason="no aligned signature",
    fingerprint="f1",
    mailbox="main",
    folder="INBOX",
    sender="x@amaz0n.example",
    subject="重要",
    internal_date=NOW,
    stored_at=NOW + HOUR,
    content=b"Subject: x\r\n\r\n" + bytes(range(256)),
)


@pytest.fixture(scope="module")
def migrated_postgres(postgres):
    """One PostgreSQL database with its tables for this whole file: making one takes most of a second."""
    url = postgres.fresh_database()
    engine = open_engine(url)
    upgrade(engine)
    yield engine
    engine.dispose()
    postgres.drop(url)


@pytest.fixture(scope="module")
def migrated_sqlite(tmp_path_factory):
    """A SQLite file with its tables, to be copied for every test."""
    path = tmp_path_factory.mktemp("migrated") / "shop.db"
    engine = open_engine(f"sqlite:///{path}")
    upgrade(engine)
    engine.dispose()
    return path


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def engine(request, tmp_path):
    """An empty database with its tables, once of each kind."""
    if request.param == "postgres":
        engine = request.getfixturevalue("migrated_postgres")
        names = ", ".join(f'"{table.name}"' for table in tables.metadata.sorted_tables)
        with engine.begin() as connection:
            connection.execute(text(f"TRUNCATE {names} RESTART IDENTITY CASCADE"))
    else:
        copied = shutil.copy(request.getfixturevalue("migrated_sqlite"), tmp_path)
        engine = open_engine(f"sqlite:///{copied}")
    yield engine
    engine.dispose()


@pytest.fixture
def fresh_engine(database_url):
    """A database of a test's own, with its tables."""
    engine = open_engine(database_url)
    upgrade(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def database(engine):
    """Where units of work come from."""
    return Database(engine)


@pytest.fixture
def uow(database):
    """One open unit of work."""
    with database.write() as uow:
        yield uow


@pytest.fixture
def sqlite_path(tmp_path):
    """Where a SQLite file is going to be, in a folder that is not there yet."""
    return tmp_path / "not" / "yet" / "shop.db"


def stored_message(uow, number=1, **values):
    """A message in a case of its own."""
    case = uow.cases.open(make_case(case_key=f"k{number}", buyer_key=values.pop("buyer_key", BUYER)))
    place = Place("main", "INBOX", 1, number)
    return uow.messages.add(make_message(0, **({"case_id": case.id, "place": place} | values)))


def in_threads(*jobs):
    """Run the jobs at the same time; their results in order, or their first error."""
    with ThreadPoolExecutor(len(jobs)) as pool:
        return [future.result(PATIENCE) for future in [pool.submit(job) for job in jobs]]


# Migrations


def test_migrations_make_the_tables(fresh_engine):
    """From empty, the migrations build exactly the tables that the program uses."""
    with fresh_engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, tables.metadata) == []


def test_upgrade_of_a_current_database_changes_nothing(engine, database):
    """Every start upgrades; the second time there is nothing to do and everything is still there."""
    with database.write() as uow:
        case = uow.cases.open(make_case())
        uow.commit()
    upgrade(engine)
    with database.read() as uow:
        assert uow.cases.get(case.id) == case


def test_two_starts_at_once_upgrade_once(database_url):
    """Two processes that find an empty database do not trip over each other."""
    engines = [open_engine(database_url) for _ in range(2)]
    in_threads(*(lambda engine=engine: upgrade(engine) for engine in engines))
    with engines[0].connect() as connection:
        versions = connection.execute(text("SELECT version_num FROM alembic_version")).all()
    assert versions == [(NEWEST,)]
    for engine in engines:
        engine.dispose()


def test_a_failed_upgrade_leaves_nothing(database_url, monkeypatch):
    """A migration that breaks off is undone as a whole."""
    engine = open_engine(database_url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE quarantine (id INTEGER)"))  # in the way of the first migration
    with pytest.raises(Exception, match="quarantine"):
        upgrade(engine)
    with engine.begin() as connection:
        connection.execute(text("DROP TABLE quarantine"))
    upgrade(engine)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), tables.metadata) == []
    engine.dispose()


def test_an_older_database_keeps_what_it_holds(database_url):
    """Rows that refer to each other survive every migration."""
    engine = open_engine(database_url)
    with for_writing(engine).connect() as connection:
        config = migrations._configuration()
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        connection.commit()
    values = outbox_values(make_item(kind=OutboxKind.ALERT, case_id=None, answers_message=None))
    old = {name: value for name, value in values.items() if name not in {"draft_id", "cleared_at"}}
    with engine.begin() as connection:
        connection.execute(tables.outbox.insert().values(**old))
        connection.execute(tables.alert.insert().values(key="slot:1", decided_at=NOW, outbox_id=1))
    upgrade(engine)
    with Database(engine).read() as uow:
        (item,) = uow.outbox.in_state(*OutboxState)
        assert (item.draft_id, item.cleared_at) == (None, None)
        assert uow.alerts.decided(["slot:1"]) == {"slot:1"}
    engine.dispose()


EARLIER = ["0001", "0002", "0003", "0004"]


def test_the_earlier_versions_are_known():
    """A new migration makes the one before it an earlier version."""
    known = ScriptDirectory.from_config(migrations._configuration()).walk_revisions()
    assert [one.revision for one in known] == [NEWEST, *reversed(EARLIER)]


@pytest.mark.parametrize("version", EARLIER)
def test_every_earlier_version_is_upgraded_with_its_rows(database_url, version):
    """One row in each table that there was: after the upgrade it says the same."""
    engine = open_engine(database_url)
    with for_writing(engine).connect() as connection:
        config = migrations._configuration()
        config.attributes["connection"] = connection
        command.upgrade(config, version)
        connection.commit()
    before = fill_every_table(engine)
    upgrade(engine)
    with engine.connect() as connection:
        for name, row in before.items():
            after = connection.execute(tables.metadata.tables[name].select()).mappings().one()
            assert {column: after[column] for column in row} == row
        assert compare_metadata(MigrationContext.configure(connection), tables.metadata) == []
    engine.dispose()


def fill_every_table(engine):
    """Put a row into each table that exists; tells by table what it holds."""
    there = MetaData()
    with engine.begin() as connection:
        there.reflect(connection)
        rows = {
            table.name: {
                column.name: something_for(column)
                for column in table.columns
                if column.name in there.tables[table.name].columns
            }
            for table in tables.metadata.sorted_tables
            if table.name in there.tables
        }
        for name, row in rows.items():
            connection.execute(tables.metadata.tables[name].insert().values(**row))
    return rows


def something_for(column):
    """A value of the column's type; every number is 1, so that all references hold."""
    if isinstance(column.type, JSON):
        return ["x"]
    if isinstance(column.type, LargeBinary):
        return b"\x00\xff"
    kind = getattr(column.type, "impl_instance", column.type).python_type
    known = {int: 1, bool: True, datetime: NOW, date: NOW.date()}
    return known.get(kind, "x")


def test_everything_is_copied_and_numbering_goes_on_behind_it(fresh_engine, tmp_path):
    """A copy to a file and back holds every row but what lets in, and the next one gets the next number."""
    rows = fill_every_table(fresh_engine)
    for table in NEVER_COPIED:
        del rows[table.name]
    kept, told = open_engine(f"sqlite:///{tmp_path / 'kept.db'}"), {}
    upgrade(kept)
    copy_everything(fresh_engine, kept, told.__setitem__)
    assert told == dict.fromkeys(rows, 1)
    with pytest.raises(NotEmpty, match="holds something"):
        copy_everything(kept, fresh_engine, lambda *_: None)
    with for_writing(fresh_engine).begin() as connection:
        for table in reversed(tables.metadata.sorted_tables):
            connection.execute(table.delete())
    copy_everything(kept, fresh_engine, lambda *_: None)
    with fresh_engine.connect() as connection:
        for name, row in rows.items():
            after = connection.execute(tables.metadata.tables[name].select()).mappings().one()
            assert {column: after[column] for column in row} == row
    with Database(fresh_engine).write() as uow:
        assert uow.cases.open(make_case()).id > 1
        uow.commit()
    kept.dispose()


def test_an_empty_database_is_copied_too(fresh_engine, tmp_path):
    """There is nothing to number on from."""
    kept = open_engine(f"sqlite:///{tmp_path / 'kept.db'}")
    upgrade(kept)
    copy_everything(kept, fresh_engine, lambda *_: None)
    with Database(fresh_engine).write() as uow:
        assert uow.cases.open(make_case()).id == 1
    kept.dispose()


def test_a_database_of_a_newer_program_is_refused(fresh_engine):
    """An older program says what to do and touches nothing."""
    with fresh_engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(DatabaseTooNew, match=r"version 9999.*Install the newer sokuresu.*restore the backup"):
        upgrade(fresh_engine)
    with fresh_engine.connect() as connection:
        assert connection.execute(text("SELECT version_num FROM alembic_version")).scalar() == "9999"


# The SQLite file


def test_the_file_is_private(sqlite_path):
    """Buyers' words are in it: nobody else may read it, nor its journal."""
    engine = open_engine(f"sqlite:///{sqlite_path}")
    upgrade(engine)
    with closing(engine.connect()):
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in sqlite_path.parent.iterdir()}
    assert modes == {"shop.db": 0o600, "shop.db-wal": 0o600, "shop.db-shm": 0o600}
    engine.dispose()


def test_opening_again_leaves_the_locks_of_a_running_service(sqlite_path):
    """Another program that looks and leaves must not take the log away under connections that are open."""
    database = Database(open_engine(f"sqlite:///{sqlite_path}"))
    upgrade(database._engine)
    open_engine(f"sqlite:///{sqlite_path}").dispose()
    look = (
        "import sqlite3, sys; connection = sqlite3.connect(sys.argv[1]);"
        "print(connection.execute('SELECT count(*) FROM count').fetchone()[0]); connection.close()"
    )
    seen = []
    for number in range(2):
        told = subprocess.run(
            [sys.executable, "-c", look, str(sqlite_path)], capture_output=True, text=True, check=True
        )
        seen.append(int(told.stdout))
        with database.write() as uow:
            uow.counts.add(f"kind {number}", 1, NOW)
            uow.commit()
    database.close()
    assert seen == [0, 1]


def test_opening_again_keeps_the_contents(sqlite_path):
    """Opening makes a file only where there is none."""
    for _ in range(2):
        engine = open_engine(f"sqlite:///{sqlite_path}")
        upgrade(engine)
        database = Database(engine)
        with database.write() as uow:
            uow.counts.add("refund", 1, NOW)
            uow.commit()
        database.close()
    with Database(open_engine(f"sqlite:///{sqlite_path}")).read() as uow:
        assert uow.counts.all() == {"refund": 2}


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:"])
def test_a_database_without_a_file_is_refused(url):
    """What would be forgotten at the end is no place for cases."""
    with pytest.raises(ValueError, match="names no file"):
        open_engine(url)


@pytest.mark.parametrize("way", ["read", "write"])
@pytest.mark.parametrize(
    ("pragma", "expected"),
    [("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1), ("secure_delete", 1)],
)
def test_pragmas_are_in_force(sqlite_path, way, pragma, expected):
    """Every connection is durable, checks foreign keys and lets readers read."""
    engine = open_engine(f"sqlite:///{sqlite_path}")
    with getattr(Database(engine), way)() as uow:
        assert uow._connection.exec_driver_sql(f"PRAGMA {pragma}").scalar() == expected
    engine.dispose()


# Instants and texts


@pytest.mark.parametrize(
    "instant",
    [
        NOW,
        TOKYO_NOW,
        datetime(2026, 10, 25, 0, 30, 0, 1, tzinfo=UTC),
        datetime(1970, 1, 1, tzinfo=UTC),
        datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
    ],
)
def test_instants_come_back_aware_in_utc_and_equal(database, instant):
    """To the microsecond, whatever zone they went in with."""
    with database.write() as uow:
        uow.counts.add("refund", 1, instant)
        uow.commit()
    with database.read() as uow:
        found = uow._connection.execute(select(tables.count.c.last_seen_at)).scalar_one()
    assert (found, found.tzinfo) == (instant, UTC)


def test_what_is_only_added_is_seen_at_once_and_written_at_the_commit(database):
    """Records, raw mail and counts wait for the commit, but nobody who asks before it misses them."""
    with database.write() as uow:
        number = uow.cases.open(make_case()).id
        message = uow.messages.add(make_message(case_id=number)).id
        uow.events.note(number, "first", NOW)
        assert [action for _, action, _ in uow.events.of_case(number)] == ["first"]
        uow.events.note(number, "second", NOW)
        uow.raw_mail.keep(message, b"raw", NOW)
        assert uow.raw_mail.get(message) == b"raw"
        uow.counts.add("refund", 1, NOW)
        uow.counts.add("refund", 2, NOW + HOUR)
        assert uow.counts.all() == {"refund": 3}
        uow.counts.add("refund", 4, NOW + HOUR)
        uow.commit()
    with database.read() as uow:
        assert [action for _, action, _ in uow.events.of_case(number)] == ["first", "second"]
        assert (uow.raw_mail.get(message), uow.counts.all()) == (b"raw", {"refund": 7})


def test_what_is_only_added_is_undone_with_the_rest(database):
    """Without a commit nothing of it was ever there."""
    with database.write() as uow:
        uow.counts.add("refund", 1, NOW)
    with database.read() as uow:
        assert uow.counts.all() == {}


def test_instants_compare_in_the_database_as_in_the_program(uow):
    """A zone on the way in changes nothing about what is before what."""
    uow.outbox.add(make_item(next_attempt_at=TOKYO_NOW))
    assert uow.outbox.due(TOKYO_NOW.astimezone(UTC) - timedelta(microseconds=1)) == ()
    assert len(uow.outbox.due(TOKYO_NOW.astimezone(UTC))) == 1


def test_naive_datetimes_are_refused(uow):
    """Nobody knows which instant they mean."""
    with pytest.raises(StatementError, match="without a time zone"):
        uow.mailboxes.start("main", datetime(2026, 11, 17, 12))


@pytest.mark.parametrize(
    ("hostile", "kept"),
    [
        ("a\x00b", "a\ufffdb"),
        ("箱\x00が", "箱\ufffdが"),
        ("x\udc80", "x\ufffd"),
        ("\ud83d", "\ufffd"),
        ("😀 髙 ①", "😀 髙 ①"),
        ("'; DROP TABLE outbox; --", "'; DROP TABLE outbox; --"),
        ("", ""),
    ],
)
def test_what_a_mail_may_contain_can_be_stored(uow, hostile, kept):
    """A NUL or half a character is replaced instead of stopping the mail."""
    message = stored_message(uow, text=hostile, full_text=hostile, subject=hostile, message_id=hostile)
    found = uow.messages.get(message.id)
    assert (found.text, found.full_text, found.subject, found.message_id) == (kept,) * 4
    case = uow.cases.open(make_case(subject=hostile, buyer_name=hostile))
    assert uow.cases.get(case.id).buyer_name == kept
    entry = uow.quarantine.add(replace(ENTRY, subject=hostile, sender=hostile))
    assert uow.quarantine.get(entry).subject == kept


def test_lists_of_hostile_names_can_be_stored(uow):
    """File names and references come back as they were."""
    names = ("写真①.jpg", "a\x00b", '"', "\\")
    message = stored_message(uow, attachments=names, reply_chain=names, facts=("relayed",))
    found = uow.messages.get(message.id)
    assert (found.attachments, found.reply_chain, found.facts) == (names, names, ("relayed",))


def test_keys_that_are_too_long_are_kept_apart(uow):
    """A Message-ID of any length is known again, and only itself."""
    long = "message_id:" + "x" * 1500
    keys = [f"{long}1", f"{long}2"]
    uow.identities.claim(keys[:1], message=None, authenticity=Authenticity.PASS, at=NOW)
    assert uow.identities.known(keys) == {keys[0]}
    assert uow.notices.raise_once(keys[0], "hourly_cap", NOW)
    assert not uow.notices.raise_once(keys[0], "hourly_cap", NOW)
    assert uow.notices.raise_once(keys[1], "hourly_cap", NOW)


@pytest.mark.parametrize(("length", "is_cut"), [(399, False), (400, False), (401, True), (5000, True)])
def test_a_text_fits_its_column(length, is_cut):
    """Up to its length a text stays as it is; beyond, it ends in a digest and is as long as may be."""
    kept = tables.fit("あ" * length, 400)
    assert len(kept) == min(length, 400)
    assert ("~" in kept) is is_cut


# Cases


def test_a_case_comes_back_as_it_was(database):
    """Every field of a case survives, in UTC."""
    with database.write() as uow:
        first = uow.cases.open(make_case())
        full = replace(
            make_case(kind=Kind.FEEDBACK, state=CaseState.CLOSED, order_ids=(ORDER, OTHER_ORDER)),
            case_key="k1", buyer_key=None, alias=None, marketplace=None, buyer_name=None, opened_at=TOKYO_NOW,
            acknowledged_at=NOW + HOUR, answered_at=NOW + 2 * HOUR, closed_at=NOW + 3 * HOUR,
            to_confirm_at=NOW + 4 * HOUR, undelivered_at=NOW + 5 * HOUR, snoozed_until=NOW + 6 * HOUR,
            linked_to=first.id, rating=1,
        )  # fmt: skip
        full = uow.cases.open(full)
        uow.commit()
    with database.read() as uow:
        assert (uow.cases.get(first.id), uow.cases.get(full.id)) == (first, full)
        assert uow.cases.get(99) is None


def test_cases_are_numbered_from_one(uow):
    """N of the commands is a small number, not the one that the caller had."""
    assert [uow.cases.open(make_case(77)).id for _ in range(3)] == [1, 2, 3]


def test_facts_of_a_case_change_alone(uow):
    """Changing one case touches no other."""
    cases = [uow.cases.open(make_case()) for _ in range(2)]
    uow.cases.change(2, state=CaseState.ANSWERED, answered_at=NOW)
    assert uow.cases.get(1) == cases[0]
    assert uow.cases.get(2) == replace(cases[1], state=CaseState.ANSWERED, answered_at=NOW)


def test_orders_are_bound_once(uow):
    """Binding an order again, or twice at once, changes nothing."""
    case = uow.cases.open(make_case(order_ids=(OTHER_ORDER, OTHER_ORDER)))
    uow.cases.add_orders(case.id, [ORDER, OTHER_ORDER, ORDER])
    uow.cases.add_orders(case.id, [])
    assert uow.cases.get(case.id).order_ids == (ORDER, OTHER_ORDER)


def test_related_cases_share_conversation_buyer_or_order(uow):
    """Matching chooses from all of them, of any state, and from nothing else."""
    uow.cases.open(make_case(case_key="k", buyer_key="b1", order_ids=()))
    uow.cases.open(make_case(case_key=None, buyer_key="b2", order_ids=(), state=CaseState.CLOSED))
    uow.cases.open(make_case(case_key=None, buyer_key=None, order_ids=(OTHER_ORDER, ORDER)))
    uow.cases.open(make_case(case_key="other", buyer_key="b4", order_ids=("503-1111111-1111111",)))

    def related(case_key=None, buyer_key=None, *order_ids):
        found = uow.cases.related(case_key=case_key, buyer_key=buyer_key, order_ids=order_ids)
        return [case.id for case in found]

    assert related("k", "b2", ORDER) == [1, 2, 3]
    assert [related("k"), related(None, "b2"), related(None, None, "250-0000000-0000000", ORDER)] == [
        [1],
        [2],
        [3],
    ]
    assert related() == []


def test_what_was_foreseen_as_new_is_found_once_it_is_stored(uow):
    """Keys that were asked for beforehand, for all mails of a batch at once, are looked up from then on."""
    uow.cases.open(make_case(case_key="k1", buyer_key="b1", order_ids=()))
    sought = [("k1", "b1", ()), ("k2", "b2", (ORDER,)), ("k3", "b3", (OTHER_ORDER,)), (None, None, ())]
    uow.cases.foresee(sought)

    def related(case_key=None, buyer_key=None, *order_ids):
        found = uow.cases.related(case_key=case_key, buyer_key=buyer_key, order_ids=order_ids)
        return [case.id for case in found]

    assert [related("k1", "b1"), related("k2", "b2", ORDER), related("k3")] == [[1], [], []]
    uow.cases.open(make_case(case_key="k2", buyer_key=None, order_ids=()))
    uow.cases.add_orders(2, [OTHER_ORDER])
    uow.cases.change(1, buyer_key="b3")
    assert [related("k2"), related(None, "b3"), related(None, None, OTHER_ORDER)] == [[2], [1], [2]]
    assert [related("k3"), related(None, "b2", ORDER)] == [[], []]


def test_cases_are_listed(uow):
    """By buyer, by state, newest first, and by the age of their answer."""
    answered = {"state": CaseState.ANSWERED, "answered_at": NOW}
    uow.cases.open(make_case())
    uow.cases.open(make_case(buyer_key=OTHER_BUYER, **answered))
    uow.cases.open(make_case(buyer_key=OTHER_BUYER, state=CaseState.CLOSED, answered_at=NOW - DAY))

    def numbers(cases):
        return [case.id for case in cases]

    assert numbers(uow.cases.with_buyer([OTHER_BUYER, "nobody"])) == [2, 3]
    assert numbers(uow.cases.with_buyer([])) == []
    assert numbers(uow.cases.in_state(CaseState.OPEN, CaseState.CLOSED)) == [1, 3]
    assert numbers(uow.cases.latest(2)) == [3, 2]
    assert numbers(uow.cases.answered_before(NOW)) == []
    assert numbers(uow.cases.answered_before(NOW + SECOND)) == [2]


def test_answers_are_recorded_once(uow):
    """The reference of a mail or command makes an answer once in the whole shop."""
    cases = [uow.cases.open(make_case()).id for _ in range(2)]

    def record(case_id, at, reference, source=AnswerSource.SENT_MAIL, text_print=""):
        answer = Answer(at, source)
        return uow.answers.record(
            case_id, answer, reference=reference, text_print=text_print, recorded_at=NOW
        )

    assert record(cases[0], NOW + HOUR, "sent:b", text_print="おわび")
    assert record(cases[0], NOW, "command:1", AnswerSource.NO_REPLY_NEEDED)
    assert not record(cases[0], NOW, "sent:b")
    assert not record(cases[1], NOW, "sent:b")
    assert record(cases[1], NOW, "copy:b", AnswerSource.COPY)
    first = (Answer(NOW, AnswerSource.NO_REPLY_NEEDED), Answer(NOW + HOUR, AnswerSource.SENT_MAIL))
    assert uow.answers.of_case(cases[0]) == first
    assert uow.answers.prints_of_case(cases[0]) == ("おわび",)
    assert uow.answers.cases_of_references(["sent:b", "command:1", "copy:b", "none"]) == tuple(cases)


def test_the_last_answer_that_was_to_arrive_is_withdrawn(uow):
    """Newest first, of equal instants the later recorded, and never that no reply was needed."""
    case = uow.cases.open(make_case())
    for number, (at, source) in enumerate(
        [
            (NOW, AnswerSource.APPROVED),
            (NOW + HOUR, AnswerSource.SENT_MAIL),
            (NOW + HOUR, AnswerSource.COPY),
            (NOW + 2 * HOUR, AnswerSource.NO_REPLY_NEEDED),
        ]
    ):
        uow.answers.record(
            case.id, Answer(at, source), reference=f"r{number}", text_print="", recorded_at=NOW
        )

    def standing():
        return [answer.source for answer in uow.answers.of_case(case.id) if not answer.withdrawn]

    expected = [AnswerSource.APPROVED, AnswerSource.SENT_MAIL, AnswerSource.NO_REPLY_NEEDED]
    assert uow.answers.withdraw_last(case.id, NOW)
    assert sorted(standing()) == sorted(expected)
    assert uow.answers.withdraw_last(case.id, NOW)
    assert uow.answers.withdraw_last(case.id, NOW)
    assert standing() == [AnswerSource.NO_REPLY_NEEDED]
    assert not uow.answers.withdraw_last(case.id, NOW)


def test_an_answer_may_be_known_to_have_failed_when_it_is_recorded(uow):
    """It is remembered as withdrawn, and is not the one that a later failure takes back."""
    case = uow.cases.open(make_case())
    for reference, withdrawn in (("sent:a", False), ("sent:b", True)):
        answer = Answer(NOW, AnswerSource.SENT_MAIL, withdrawn)
        uow.answers.record(case.id, answer, reference=reference, text_print="", recorded_at=NOW)
    assert [answer.withdrawn for answer in uow.answers.of_case(case.id)] == [False, True]
    assert uow.answers.withdraw_last(case.id, NOW)
    assert not uow.answers.withdraw_last(case.id, NOW)


def test_events_are_kept_in_order(uow):
    """The record of a case is read as it was written."""
    cases = [uow.cases.open(make_case()).id for _ in range(2)]
    uow.events.note(cases[0], "opened", NOW)
    uow.events.note(cases[1], "opened", NOW)
    uow.events.note(cases[0], "snoozed", TOKYO_NOW, "until tomorrow")
    assert uow.events.of_case(cases[0]) == ((NOW, "opened", ""), (TOKYO_NOW, "snoozed", "until tomorrow"))


# Messages


def test_a_message_comes_back_as_it_was(database):
    """Every field of a message survives, the largest UID and UIDVALIDITY too."""
    with database.write() as uow:
        place = Place("main", "下書き/送信済み", LARGEST_UID, LARGEST_UID)
        full = stored_message(
            uow, place=place, answered_at=NOW, alerted_at=NOW + HOUR, reply_chain=("a@x", "b@x"),
            attachments=("写真.jpg",), intent="damaged", intent_confident=True, facts=("relayed",),
            refusal="relayed", stored_at=TOKYO_NOW,
        )  # fmt: skip
        bare = stored_message(
            uow, 2, kind=Kind.CLAIM, amazon_by=None, respond_by=None, message_id=None, message_key=None,
            wants_answer=False, authenticity=Authenticity.NONE,
        )  # fmt: skip
        uow.commit()
    with database.read() as uow:
        assert (uow.messages.get(full.id), uow.messages.get(bare.id)) == (full, bare)
        assert uow.messages.get(99) is None


def test_a_place_holds_one_message(uow):
    """Mailbox, folder, UIDVALIDITY and UID are the first identity."""
    stored_message(uow)
    with pytest.raises(IntegrityError):
        stored_message(uow)


@pytest.mark.parametrize(
    "other",
    [
        Place("second", "INBOX", 1, 1),
        Place("main", "Junk", 1, 1),
        Place("main", "INBOX", 2, 1),
        Place("main", "INBOX", 1, 2),
    ],
)
def test_each_part_of_a_place_counts(uow, other):
    """The same UID elsewhere, or after a renumbering, is another mail."""
    stored_message(uow)
    assert stored_message(uow, 2, place=other).id == 2


def test_messages_of_a_case_are_in_order_of_arrival(uow):
    """Stored late does not mean received late."""
    case = uow.cases.open(make_case())
    for number, received in enumerate([NOW, NOW - HOUR, NOW], start=1):
        stored_message(uow, number, received=received, case_id=case.id)
    assert [message.id for message in uow.messages.of_case(case.id)] == [2, 1, 3]


def test_unanswered_messages_are_found(uow):
    """Those that want an answer and have none, of every case."""
    stored_message(uow, 1)
    stored_message(uow, 2, answered_at=NOW)
    stored_message(uow, 3, wants_answer=False)
    stored_message(uow, 4, received=NOW - HOUR)
    assert [message.id for message in uow.messages.unanswered()] == [4, 1]
    uow.messages.change(4, answered_at=NOW)
    assert [message.id for message in uow.messages.unanswered()] == [1]


def test_the_first_alert_counts(uow):
    """Standing in another alert later does not move alerted_at."""
    for number in (1, 2, 3):
        stored_message(uow, number)
    uow.messages.mark_alerted(iter([1]), NOW)
    uow.messages.mark_alerted([1, 2], NOW + HOUR)
    uow.messages.mark_alerted([], NOW + DAY)
    assert [uow.messages.get(number).alerted_at for number in (1, 2, 3)] == [NOW, NOW + HOUR, None]


def test_identities_are_claimed_and_known(uow):
    """Only a proven mail makes its keys known; an unproven one is told as holder."""
    proven, doubtful = stored_message(uow, 1), stored_message(uow, 2)
    uow.identities.claim(["a", "a", "b"], message=proven.id, authenticity=Authenticity.PASS, at=NOW)
    uow.identities.claim(["c"], message=doubtful.id, authenticity=Authenticity.NONE, at=NOW)
    uow.identities.claim([], message=None, authenticity=Authenticity.PASS, at=NOW)
    assert uow.identities.known(["a", "c", "d"]) == {"a"}
    assert set(uow.identities.holders(["a", "c", "d"])) == {
        Claim("a", proven.id, Authenticity.PASS),
        Claim("c", doubtful.id, Authenticity.NONE),
    }
    assert (uow.identities.known([]), uow.identities.holders([])) == (frozenset(), ())


def test_a_proven_copy_takes_over_an_unproven_claim(uow):
    """Claiming again moves the key and does not double it."""
    doubtful, proven = stored_message(uow, 1), stored_message(uow, 2)
    uow.identities.claim(["a"], message=doubtful.id, authenticity=Authenticity.NONE, at=NOW)
    uow.identities.claim(["a"], message=proven.id, authenticity=Authenticity.PASS, at=NOW)
    assert uow.identities.holders(["a"]) == (Claim("a", proven.id, Authenticity.PASS),)


def test_a_key_that_was_free_is_held_once_it_is_claimed(uow):
    """Asking twice is spared only for what nobody took meanwhile; a long key is the same cut or whole."""
    message, long = stored_message(uow), "k" * (tables.IDENTITY_LENGTH + 100)
    assert uow.identities.holders(["a", "b", long]) == ()
    uow.identities.claim(["a", long], message=message.id, authenticity=Authenticity.NONE, at=NOW)
    assert {held.key for held in uow.identities.holders(["a", "b", long])} == {"a", long}
    uow.identities.claim([long], message=message.id, authenticity=Authenticity.PASS, at=NOW)
    assert uow.identities.known(["a", "b", long]) == {long}


def test_an_identity_cannot_be_held_twice(uow):
    """The database itself refuses a second row of one key."""
    row = {"key": "a", "message": None, "authenticity": "pass", "claimed_at": NOW}
    uow._connection.execute(tables.identity.insert(), row)
    with pytest.raises(IntegrityError):
        uow._connection.execute(tables.identity.insert(), row)


def test_identities_outlive_their_message(uow):
    """After retention the key is still known, so the same mail is never taken in again."""
    message = stored_message(uow)
    uow.identities.claim(["a"], message=message.id, authenticity=Authenticity.PASS, at=NOW)
    uow._connection.execute(delete(tables.message).where(tables.message.c.id == message.id))
    assert uow.identities.holders(["a"]) == (Claim("a", None, Authenticity.PASS),)
    assert uow.identities.known(["a"]) == {"a"}


def test_raw_mail_is_kept_whole_until_retention(uow):
    """Byte for byte, compressed, and gone when its time is over."""
    content = "箱がつぶれていました。".encode() * 1000 + bytes(range(256))
    for number in (1, 2):
        stored_message(uow, number)
        uow.raw_mail.keep(number, content, NOW + number * HOUR)
    uow.raw_mail.flush()
    packed = uow._connection.execute(select(tables.raw_mail.c.content)).scalars().first()
    assert len(packed) < len(content) / 5
    assert uow.raw_mail.get(1) == content
    assert uow.raw_mail.drop_before(NOW + 2 * HOUR) == 1
    assert [uow.raw_mail.get(number) for number in (1, 2, 3)] == [None, content, None]


def test_a_message_needs_its_case(uow):
    """Foreign keys are checked on both databases."""
    with pytest.raises(IntegrityError):
        stored_message(uow, case_id=99)


# Outbox


def test_an_outgoing_mail_comes_back_as_it_was(database):
    """Every field of an outgoing mail survives."""
    with database.write() as uow:
        message = stored_message(uow)
        full = make_item(
            kind=OutboxKind.APPROVED, state=OutboxState.SENT, case_id=message.case_id,
            answers_message=message.id, buyer_key=BUYER, subject="Re: 箱", text="本文", text_print="本文",
            content=bytes(range(256)), attempts=3, run_id="r1", claimed_at=NOW, sent_at=TOKYO_NOW,
            filed_at=NOW + HOUR, copy_confirmed_at=NOW + 2 * HOUR, undelivered_at=NOW + 3 * HOUR,
            reason="250 ok",
        )  # fmt: skip
        full = uow.outbox.add(full)
        bare = uow.outbox.add(make_item(7, kind=OutboxKind.WEBHOOK, recipient="webhook"))
        uow.commit()
    with database.read() as uow:
        assert (uow.outbox.get(full.id), uow.outbox.get(bare.id)) == (full, bare)
        assert uow.outbox.get(99) is None
        assert uow.outbox.of_case(message.case_id) == (full,)


def test_a_purpose_makes_a_mail_once(uow):
    """A second acknowledgment of a case is not stored."""
    assert uow.outbox.add(make_item(purpose="acknowledgment:1", message_id="a@x")) is not None
    assert uow.outbox.add(make_item(purpose="acknowledgment:1", message_id="b@x")) is None
    assert len(uow.outbox.in_state(OutboxState.QUEUED)) == 1


@pytest.mark.parametrize("column", ["purpose", "message_id"])
def test_the_database_refuses_a_second_mail_of_one_key(uow, column):
    """Whatever the program thinks, purpose and Message-ID are unique."""
    for number in (1, 2):
        uow.outbox.add(make_item(number))
    with pytest.raises(IntegrityError):
        uow._connection.execute(update(tables.outbox).values({column: "same"}))


def test_advance_records_the_step(uow):
    """The row stands where the table says and carries what came with it."""
    item = uow.outbox.add(make_item())
    assert uow.outbox.advance(item, OutboxEvent.CLAIMED, run_id="r1", claimed_at=NOW, attempts=1)
    expected = replace(item, state=OutboxState.SENDING, run_id="r1", claimed_at=NOW, attempts=1)
    assert uow.outbox.get(item.id) == expected


def test_advance_is_conditional(uow):
    """Who saw an older state changes nothing."""
    item = uow.outbox.add(make_item())
    assert uow.outbox.advance(item, OutboxEvent.FORBIDDEN, reason="answered")
    assert not uow.outbox.advance(item, OutboxEvent.CLAIMED, run_id="r2")
    found = uow.outbox.get(item.id)
    assert (found.state, found.run_id) == (OutboxState.WITHDRAWN, None)


def test_advance_refuses_what_the_table_does_not_know(uow):
    """An illegal step raises and changes nothing."""
    item = uow.outbox.add(make_item())
    with pytest.raises(IllegalTransition):
        uow.outbox.advance(item, OutboxEvent.ACCEPTED)
    assert uow.outbox.get(item.id) == item


def test_advance_moves_one_row_only(uow):
    """Other mails stay where they are."""
    first, second = (uow.outbox.add(make_item(number)) for number in (1, 2))
    uow.outbox.advance(first, OutboxEvent.CLAIMED)
    assert uow.outbox.get(second.id) == second


def test_annotations_do_not_move_a_mail(uow):
    """Facts are set without a step."""
    item = uow.outbox.add(make_item())
    uow.outbox.annotate(item.id, filed_at=NOW)
    assert uow.outbox.get(item.id) == replace(item, filed_at=NOW)


def test_due_mail_waits_and_its_time_has_come(uow):
    """Queued and deferred mail whose next attempt is not in the future."""
    states = [OutboxState.QUEUED, OutboxState.DEFERRED, OutboxState.SENDING, OutboxState.UNCERTAIN]
    for number, state_ in enumerate(states, start=1):
        uow.outbox.add(make_item(number, state=state_))
    uow.outbox.add(make_item(9, next_attempt_at=NOW + SECOND))
    assert [item.id for item in uow.outbox.due(NOW)] == [1, 2]
    assert [item.id for item in uow.outbox.due(NOW + SECOND)] == [1, 2, 5]


def test_only_offered_mail_is_compared(uow):
    """A queued or refused mail cannot have come back; one that a person dropped can."""
    for number, state_ in enumerate(OutboxState):
        uow.outbox.add(make_item(number, state=state_, claimed_at=NOW))
    uow.outbox.add(make_item(20, state=OutboxState.SENT, claimed_at=NOW, kind=OutboxKind.ALERT))
    uow.outbox.add(make_item(21, state=OutboxState.SENT, claimed_at=NOW - SECOND))
    withdrawn = {"kind": OutboxKind.APPROVED, "state": OutboxState.WITHDRAWN}
    uow.outbox.add(make_item(22, claimed_at=NOW, reason=DROPPED, **withdrawn))
    uow.outbox.add(make_item(23, claimed_at=NOW, reason="buyer_wrote_again", **withdrawn))
    uow.outbox.add(make_item(24, reason=DROPPED, **withdrawn))
    offered = {OutboxState.SENDING, OutboxState.UNCERTAIN, OutboxState.SENT, OutboxState.WITHDRAWN}
    compared = uow.outbox.comparable(NOW)
    assert {item.state for item in compared} == offered
    assert [item.id for item in compared if item.kind is OutboxKind.APPROVED] == [10]
    assert len(compared) == 5
    every_id = [f"out{number}@shop.example" for number in range(30)]
    named = uow.outbox.with_message_ids(every_id)
    assert {item.state for item in named} == offered
    assert [item.id for item in named if item.kind is OutboxKind.APPROVED] == [10]
    assert uow.outbox.with_message_ids([]) == ()


def test_sent_mail_without_a_copy_in_sent_is_found(uow):
    """Mail to buyers of one account, since an instant, not yet filed."""
    sent = {"state": OutboxState.SENT, "sent_at": NOW}
    uow.outbox.add(make_item(1, **sent))
    uow.outbox.add(make_item(2, **sent, filed_at=NOW))
    uow.outbox.add(make_item(3, **sent, mailbox="second"))
    uow.outbox.add(make_item(4, **sent, kind=OutboxKind.ALERT))
    uow.outbox.add(make_item(5, state=OutboxState.SENT, sent_at=NOW - SECOND))
    uow.outbox.add(make_item(6, state=OutboxState.UNCERTAIN, sent_at=NOW))
    assert [item.id for item in uow.outbox.unfiled("main", NOW)] == [1]


def test_the_last_acknowledgment_to_a_buyer(uow):
    """On any case, withdrawn ones and the one that is being judged left out."""
    assert uow.outbox.last_acknowledgment_to(BUYER) is None
    for number, values in enumerate(
        [
            {"created_at": NOW - HOUR},
            {"created_at": TOKYO_NOW},
            {"created_at": NOW + HOUR, "state": OutboxState.WITHDRAWN},
            {"created_at": NOW + HOUR, "buyer_key": OTHER_BUYER},
            {"created_at": NOW + HOUR, "kind": OutboxKind.APPROVED},
        ],
        start=1,
    ):
        uow.outbox.add(make_item(number, **({"buyer_key": BUYER} | values)))
    assert uow.outbox.last_acknowledgment_to(BUYER) == TOKYO_NOW
    assert uow.outbox.last_acknowledgment_to(BUYER).tzinfo is UTC
    assert uow.outbox.last_acknowledgment_to(BUYER, besides=2) == NOW - HOUR


def test_acknowledgments_of_an_hour_are_counted(uow):
    """By account; withdrawn ones took no place, and exactly an hour ago is past."""
    for number, values in enumerate(
        [
            {"created_at": NOW},
            {"created_at": NOW - HOUR + SECOND},
            {"created_at": NOW - HOUR},
            {"state": OutboxState.WITHDRAWN},
            {"mailbox": "second"},
            {"kind": OutboxKind.ALERT},
        ]
    ):
        uow.outbox.add(make_item(number, **values))
    assert uow.outbox.acknowledgments_since("main", NOW - HOUR) == 2


# Alerts, notices, quarantine


def test_alerts_are_decided_once(uow):
    """A key is settled with a mail or without, and the database refuses a second time."""
    item = uow.outbox.add(make_item(kind=OutboxKind.ALERT))
    uow.alerts.decide(["slot:2026-11-17:12:00", "4h:1"], NOW, item.id)
    uow.alerts.decide(["slot:2026-11-17:17:00"], NOW, None)
    uow.alerts.decide([], NOW, None)
    asked = ["slot:2026-11-17:17:00", "4h:1", "1h:1"]
    assert uow.alerts.decided(asked) == {"slot:2026-11-17:17:00", "4h:1"}
    assert uow.alerts.decided([]) == frozenset()
    with pytest.raises(IntegrityError):
        uow.alerts.decide(["4h:1"], NOW, None)


def test_notices_are_raised_and_told_once(uow):
    """An event of one key is told once, oldest first."""
    case = uow.cases.open(make_case())
    assert uow.notices.raise_once("login:main", "login_refused", TOKYO_NOW, detail="main")
    assert uow.notices.raise_once("feedback:1", "feedback", NOW, case_id=case.id)
    assert not uow.notices.raise_once("login:main", "login_refused", NOW + DAY)
    first, second = uow.notices.untold()
    assert (first.key, first.word, first.case_id, first.detail) == (
        "login:main", "login_refused", None, "main",
    )  # fmt: skip
    assert (first.raised_at, second.case_id) == (TOKYO_NOW, case.id)
    uow.notices.mark_told([first.id], NOW)
    assert uow.notices.untold() == (second,)
    assert not uow.notices.raise_once("login:main", "login_refused", NOW + DAY)
    uow.notices.mark_told([], NOW)
    assert uow.notices.untold() == (second,)
    assert (uow.notices.latest("login:"), uow.notices.latest("log_n")) == (first, None)


def test_the_database_refuses_a_second_notice_of_one_key(uow):
    """The key is unique in the table itself."""
    for key in ("a", "b"):
        uow.notices.raise_once(key, "feedback", NOW)
    with pytest.raises(IntegrityError):
        uow._connection.execute(update(tables.notice).values(key="same"))


def test_quarantine_keeps_a_mail_whole_and_once(uow):
    """The same bytes read again are the same entry; they come back byte for byte."""
    number = uow.quarantine.add(ENTRY)
    assert uow.quarantine.add(replace(ENTRY, folder="Junk", internal_date=NOW + DAY)) is None
    assert uow.quarantine.get(number) == replace(ENTRY, id=number)
    assert uow.quarantine.unsettled() == (replace(ENTRY, id=number, content=b""),)


def test_a_settled_entry_is_gone_from_the_list_and_not_taken_again(uow):
    """A person decides once; the same mail does not come back."""
    first = uow.quarantine.add(ENTRY)
    other = uow.quarantine.add(replace(ENTRY, content=b"other", word="failed", fingerprint=None))
    assert uow.quarantine.counts() == {"forged": 1, "failed": 1}
    assert uow.quarantine.settle(first, "accepted", NOW)
    assert not uow.quarantine.settle(first, "dropped", NOW)
    assert not uow.quarantine.settle(99, "dropped", NOW)
    assert uow.quarantine.get(first) is None
    assert [entry.id for entry in uow.quarantine.unsettled()] == [other]
    assert uow.quarantine.counts() == {"failed": 1}
    assert uow.quarantine.add(ENTRY) is None


def test_the_database_refuses_a_second_entry_of_one_digest(uow):
    """The digest is unique in the table itself."""
    for content in (b"a", b"b"):
        uow.quarantine.add(replace(ENTRY, content=content))
    with pytest.raises(IntegrityError):
        uow._connection.execute(update(tables.quarantine).values(digest="same"))


def test_quarantine_counts_by_shape(uow):
    """What no rule reads, settled mails included, as long as one waits; the newest gives the example."""
    shapes = (("a", "first"), ("b", "other"), ("a", "second"), ("a", "third"), ("c", "gone"))
    ids = [
        uow.quarantine.add(
            replace(
                ENTRY,
                word="unrecognised",
                fingerprint=shape,
                subject=subject,
                content=subject.encode(),
                internal_date=TOKYO_NOW + number * HOUR,
                stored_at=NOW + number * HOUR,
            )
        )
        for number, (shape, subject) in enumerate(shapes)
    ]
    uow.quarantine.add(replace(ENTRY, fingerprint="a", content=b"forged"))
    for number in (ids[0], ids[4]):
        uow.quarantine.settle(number, "dropped", NOW)
    assert uow.quarantine.waiting() == 4
    assert uow.quarantine.formats() == (
        Format("a", 2, 3, TOKYO_NOW, TOKYO_NOW + 3 * HOUR, "third"),
        Format("b", 1, 1, TOKYO_NOW + HOUR, TOKYO_NOW + HOUR, "other"),
    )
    assert [one.may_have_changed for one in uow.quarantine.formats()] == [True, False]
    assert uow.quarantine.seen_of("a", NOW + 2 * HOUR) == (1, 2)
    assert uow.quarantine.holds(b"gone")
    assert not uow.quarantine.holds(b"never")


def test_a_look_takes_the_place_of_the_one_before(uow):
    """One row for each account, with what it found, in the order in which it was found."""
    assert uow.completeness.get("main") is None
    missing = (Missing("受信", LARGEST_UID, "2026-11-17T01:30:00+00:00", watched=True),)
    uow.completeness.note(Completeness("main", NOW, 3, missing))
    assert uow.completeness.get("main") == Completeness("main", NOW, 3, missing)
    uow.completeness.note(Completeness("main", TOKYO_NOW + DAY, 4))
    assert uow.completeness.get("main") == Completeness("main", TOKYO_NOW + DAY, 4)
    assert uow.completeness.get("second") is None


# The program's own books


def test_cursors_move(uow):
    """Each folder of each account has one position, up to the largest UID."""
    assert uow.cursors.get("main", "INBOX") is None
    uow.cursors.move(Cursor("main", "INBOX", 1, 5))
    uow.cursors.move(Cursor("main", "Sent", 1, 9))
    largest = Cursor("main", "INBOX", LARGEST_UID, LARGEST_UID)
    uow.cursors.move(largest)
    assert uow.cursors.get("main", "INBOX") == largest
    assert uow.cursors.get("main", "Sent") == Cursor("main", "Sent", 1, 9)
    assert uow.cursors.get("second", "INBOX") is None


def test_the_database_refuses_a_second_cursor_of_one_folder(uow):
    """Mailbox and folder are the key."""
    uow.cursors.move(Cursor("main", "INBOX", 1, 5))
    row = {"mailbox": "main", "folder": "INBOX", "uidvalidity": 2, "last_uid": 1}
    with pytest.raises(IntegrityError):
        uow._connection.execute(tables.cursor.insert(), row)


def test_mailboxes_remember_their_first_start_and_health(uow):
    """Started once, changed alone, listed by name."""
    assert uow.mailboxes.get("main") is None
    uow.mailboxes.start("second", TOKYO_NOW, NOW - 2 * DAY)
    uow.mailboxes.start("main", NOW)
    uow.mailboxes.change("main", last_full_pass_at=NOW + HOUR, failing_since=NOW, failure="no route")
    main = MailboxHealth("main", NOW, None, NOW + HOUR, NOW, "no route")
    second = MailboxHealth("second", TOKYO_NOW, NOW - 2 * DAY, None, None, None)
    assert uow.mailboxes.get("main") == main
    assert uow.mailboxes.all() == (main, second)
    with pytest.raises(IntegrityError):
        uow.mailboxes.start("main", NOW + DAY)


def test_runs_live_and_end(uow):
    """The run that turned last is the last, and an end in good order is seen."""
    assert uow.runs.last() is None
    uow.runs.begin("r1", NOW, "pid 1")
    uow.runs.begin("r2", NOW + HOUR, "pid 2")
    uow.runs.turn("r1", NOW + 2 * HOUR)
    assert uow.runs.last() == Run("r1", NOW, NOW + 2 * HOUR, None, "pid 1")
    assert [run.id for run in uow.runs.recent(5)] == ["r1", "r2"]
    assert uow.runs.recent(1) == (uow.runs.last(),)
    uow.runs.turn("r2", NOW + 2 * HOUR)
    uow.runs.end("r2", NOW + 3 * HOUR)
    assert uow.runs.last() == Run("r2", NOW + HOUR, NOW + 2 * HOUR, NOW + 3 * HOUR, "pid 2")


def test_counts_add_up(uow):
    """Each kind by itself, remembering when it was seen last."""
    assert uow.counts.all() == {}
    uow.counts.add("refund", 2, NOW)
    uow.counts.add("unrelated", 1, NOW)
    uow.counts.add("refund", 40, NOW + HOUR)
    assert uow.counts.all() == {"refund": 42, "unrelated": 1}


# Units of work


def test_uncommitted_work_is_gone(database):
    """Leaving without commit undoes everything, in every table."""
    with database.write() as uow:
        stored_message(uow)
        uow.outbox.add(make_item())
        uow.cursors.move(Cursor("main", "INBOX", 1, 5))
    with database.read() as uow:
        assert uow.cases.latest(10) == ()
        assert uow.messages.unanswered() == ()
        assert uow.outbox.in_state(*OutboxState) == ()
        assert uow.cursors.get("main", "INBOX") is None


def test_an_error_undoes_the_work(database):
    """What came before the error was never there."""

    def fail():
        with database.write() as uow:
            uow.counts.add("refund", 1, NOW)
            raise RuntimeError("something else went wrong")

    with pytest.raises(RuntimeError):
        fail()
    with database.read() as uow:
        assert uow.counts.all() == {}


def test_connections_are_given_back(engine, database):
    """After a hundred units of work none is held."""
    for number in range(100):
        with database.write() if number % 2 else database.read() as uow:
            uow.counts.all()
    assert engine.pool.checkedout() == 0


def compete_for(database, item):
    """Two threads claim one mail at the same time; whether each of them won."""
    barrier = threading.Barrier(2)

    def claim(name):
        barrier.wait(PATIENCE)
        with database.write() as uow:
            won = uow.outbox.advance(item, OutboxEvent.CLAIMED, run_id=name)
            uow.commit()
        return won

    return in_threads(lambda: claim("a"), lambda: claim("b"))


def test_of_two_claims_exactly_one_wins(database):
    """Two units of work that saw the same queued row: one claims it, the other learns that it did not."""
    for number in range(10):
        with database.write() as uow:
            item = uow.outbox.add(make_item(number))
            uow.commit()
        won = compete_for(database, item)
        assert sorted(won) == [False, True]
        with database.read() as uow:
            assert uow.outbox.get(item.id).run_id == "ab"[won.index(True)]


@pytest.mark.postgres
def test_a_claim_is_conditional_without_turns_too(postgres_url):
    """The condition of the UPDATE alone decides where two transactions really run side by side."""
    engine = open_engine(postgres_url)
    upgrade(engine)
    with Database(engine).write() as uow:
        item = uow.outbox.add(make_item())
        uow.commit()
    barrier = threading.Barrier(2)

    def compete():
        with UnitOfWork(engine.connect()) as uow:
            assert uow.outbox.get(item.id) == item
            barrier.wait(PATIENCE)
            won = uow.outbox.advance(item, OutboxEvent.CLAIMED)
            uow.commit()
            return won

    assert sorted(in_threads(compete, compete)) == [False, True]
    engine.dispose()


def test_writers_wait_for_each_other(database):
    """A second writer does not fail and does not go ahead: it sees what the first one committed."""
    started, finished = threading.Event(), threading.Event()

    def second():
        started.set()
        with database.write() as uow:
            uow.counts.add("refund", 1, NOW)
            uow.commit()
        finished.set()

    with ThreadPoolExecutor(1) as pool:
        with database.write() as uow:
            uow.counts.add("refund", 1, NOW)
            future = pool.submit(second)
            assert started.wait(PATIENCE)
            assert not finished.wait(0.2)
            uow.commit()
        future.result(PATIENCE)
    with database.read() as uow:
        assert uow.counts.all() == {"refund": 2}


def test_many_writers_lose_nothing(database):
    """Look first, then insert or add: threads that do so at once end in the right sum and in one row."""

    def work():
        for _ in range(10):
            with database.write() as uow:
                uow.notices.raise_once("login:main", "login_refused", NOW)
                uow.counts.add("refund", 1, NOW)
                uow.commit()

    in_threads(*[work] * 4)
    with database.read() as uow:
        assert uow.counts.all() == {"refund": 40}
        assert len(uow.notices.untold()) == 1


def test_readers_do_not_block_writers(database):
    """A list that is being read keeps nobody from storing, and nobody keeps it from being read."""
    with database.read() as reader:
        assert reader.counts.all() == {}
        with database.write() as writer:
            writer.counts.add("refund", 1, NOW)
            with database.read() as other:
                assert other.counts.all() == {}
            writer.commit()
        reader.counts.all()
    with database.read() as uow:
        assert uow.counts.all() == {"refund": 1}


def test_a_writer_that_never_gets_its_turn_fails_and_holds_nothing(database_url, monkeypatch):
    """After the longest wait it is an error, and the connection is given back."""
    monkeypatch.setattr(state.engine, "_PRAGMAS", ("PRAGMA busy_timeout = 50",))
    short = state.engine._TAKE_TURN.replace("20000", "50")
    monkeypatch.setattr(state.engine, "_TAKE_TURN", short)
    engine = open_engine(database_url)
    upgrade(engine)
    database = Database(engine)
    with database.write():
        late = database.write()
        with pytest.raises(OperationalError), late:
            pass
        assert engine.pool.checkedout() == 1
    with database.write() as uow:
        uow.counts.add("refund", 1, NOW)
    database.close()


def test_a_sqlite_folder_that_cannot_be_made_is_an_os_error(tmp_path):
    """The caller learns that the path is the trouble."""
    blocked = tmp_path / "file"
    blocked.write_text("")
    with pytest.raises(OSError, match="file"):
        open_engine(f"sqlite:///{Path(blocked) / 'shop.db'}")


def test_a_failing_statement_tells_no_values(engine):
    """The error is logged, and the values are buyers' words."""
    database = Database(engine)
    with database.write() as uow:
        message = make_message(case_id=uow.cases.open(make_case()).id, text="secret words")
        uow.messages.add(message)
        with pytest.raises(IntegrityError) as failure:
            uow.messages.add(message)
    assert "secret words" not in str(failure.value)


def test_a_refused_row_is_not_repeated_by_the_error(uow):
    """PostgreSQL would add the failing row, with the buyer's words in it, to what goes into the log."""
    message = make_message(case_id=uow.cases.open(make_case()).id, text="secret words")
    values = message_values(message) | {"wants_answer": None}
    with pytest.raises(IntegrityError) as failure:
        uow._connection.execute(tables.message.insert().values(**values))
    assert "wants_answer" in str(failure.value)
    assert "secret words" not in "".join(traceback.format_exception(failure.value))


# Drafts, commands by mail, orders


def test_drafts_are_numbered_within_their_case(uow):
    """Each version is kept; only the one that waits is open."""
    stored_message(uow, 1)
    stored_message(uow, 2, buyer_key=OTHER_BUYER)
    first = uow.drafts.add(make_draft(token="a", template=None, situation=None))
    uow.drafts.settle(first.id, DraftState.REPLACED, NOW)
    second = uow.drafts.add(make_draft(token="b", sight=Sight(7, 9)))
    other = uow.drafts.add(make_draft(case_id=2, token="c"))
    assert [one.version for one in (first, second, other)] == [1, 2, 1]
    settled = replace(first, state=DraftState.REPLACED, settled_at=NOW)
    assert uow.drafts.of_case(1) == (settled, second)
    assert (uow.drafts.get(first.id), uow.drafts.get(99)) == (settled, None)
    assert (uow.drafts.open_of(1), uow.drafts.open()) == (second, (second, other))
    uow.drafts.settle(first.id, DraftState.OPEN, NOW)
    assert uow.drafts.get(first.id) == first


def test_copies_of_drafts_are_kept_by_mailbox_and_state(uow):
    """What is known of a copy replaces what was known before."""
    stored_message(uow)
    draft = uow.drafts.add(make_draft(token="a"))
    wanted = FolderCopy(draft.id, FolderState.WANTED, "main", "下書き")
    placed = replace(wanted, state=FolderState.PLACED, uidvalidity=LARGEST_UID, uid=LARGEST_UID, digest="d")
    uow.folder_copies.keep(wanted)
    uow.folder_copies.keep(placed)
    assert uow.folder_copies.of_draft(draft.id) == placed
    assert uow.folder_copies.of_draft(99) is None
    assert uow.folder_copies.of_mailbox("main", FolderState.PLACED, FolderState.LEFT) == (placed,)
    assert uow.folder_copies.of_mailbox("main", FolderState.WANTED) == ()
    assert uow.folder_copies.of_mailbox("second", FolderState.PLACED) == ()
    for word, expected in (("open", ()), ("approved", ()), ("replaced", (placed,)), ("discarded", (placed,))):
        uow.drafts.settle(draft.id, DraftState(word), NOW)
        assert uow.folder_copies.of_settled("main", FolderState.PLACED) == expected
    assert uow.folder_copies.of_settled("main", FolderState.WANTED) == ()
    assert uow.folder_copies.of_settled("second", FolderState.PLACED) == ()


def test_a_token_is_found_by_its_digest_and_dies_with_all_of_its_meaning(uow):
    """Two alerts may offer the same; using one uses up the other, and nothing else."""
    stored_message(uow)
    draft = uow.drafts.add(make_draft(token="a"))
    mails = [
        uow.outbox.add(make_item(n, case_id=None, kind=OutboxKind.ALERT, purpose=f"alert:{n}"))
        for n in (1, 2)
    ]
    send = [
        uow.offers.add(make_offer(outbox_id=mail.id, draft_id=draft.id, placeholder=f"p{mail.id}"))
        for mail in mails
    ]
    snooze = uow.offers.add(
        make_offer(outbox_id=1, action=Action.SNOOZE, draft_id=None, placeholder="s", asked_back=True)
    )
    uow.offers.issue(send[0].id, "d1", NOW)
    uow.offers.issue(send[0].id, "d2", NOW + HOUR)
    uow.offers.issue(send[1].id, "d3", NOW)
    uow.offers.issue(snooze.id, "d4", NOW)
    assert uow.offers.of_mail(1) == (send[0], snooze)
    assert uow.offers.find("d2") == (send[0], NOW + HOUR)
    assert uow.offers.find("d9") is None
    uow.offers.use(send[0], NOW)
    assert uow.offers.find("d3") == (replace(send[1], used_at=NOW), NOW)
    assert uow.offers.find("d4") == (snooze, NOW)
    uow.offers.use(snooze, NOW)
    assert uow.offers.find("d4") == (replace(snooze, used_at=NOW), NOW)


def test_old_alerts_lose_their_words(uow):
    """They repeat what buyers wrote; mail to buyers keeps its text, for copies are compared with it."""
    for number, (kind, created) in enumerate(
        [(OutboxKind.ALERT, NOW - DAY), (OutboxKind.ALERT, NOW), (OutboxKind.APPROVED, NOW - DAY)], 1
    ):
        uow.outbox.add(make_item(number, kind=kind, created_at=created, text="words", content=b"words"))
    uow.outbox.forget_words_before(NOW)
    kept = [(item.text, item.content) for item in uow.outbox.in_state(*OutboxState)]
    assert kept == [("", None), ("words", b"words"), ("words", b"words")]


def test_old_offers_are_forgotten_with_their_tokens(uow):
    """Only those of mails from before that instant."""
    stored_message(uow)
    for number, created in ((1, NOW - DAY), (2, NOW)):
        purpose = f"alert:{number}"
        uow.outbox.add(make_item(number, kind=OutboxKind.ALERT, purpose=purpose, created_at=created))
        offer = uow.offers.add(make_offer(outbox_id=number, draft_id=None, placeholder=f"p{number}"))
        uow.offers.issue(offer.id, f"d{number}", created)
    uow.offers.drop_before(NOW)
    assert (uow.offers.of_mail(1), uow.offers.find("d1")) == ((), None)
    assert len(uow.offers.of_mail(2)) == 1
    assert uow.offers.find("d2") is not None


def test_facts_of_an_order_are_added_up(uow):
    """A later notice adds what it tells and takes nothing away."""
    uow.orders.note(OrderFacts(ORDER, Fulfilment.OWN, ordered_on=date(2026, 11, 1)), NOW)
    uow.orders.note(OrderFacts(ORDER, delivered_on=date(2026, 11, 5)), NOW)
    uow.orders.note(OrderFacts(OTHER_ORDER, Fulfilment.FBA), NOW)
    both = OrderFacts(ORDER, Fulfilment.OWN, ordered_on=date(2026, 11, 1), delivered_on=date(2026, 11, 5))
    assert uow.orders.of([ORDER]) == (both,)
    assert uow.orders.of([]) == ()


def test_facts_of_many_orders_are_added_up_and_told_once(uow):
    """Only what is new is written; of several parcels the last day counts, and a buyer is found."""
    first, last = date(2026, 11, 1), date(2026, 11, 3)
    told = [
        OrderFacts(ORDER, Fulfilment.OWN, shipped_on=last, currency="JPY", buyer_print="p"),
        OrderFacts(ORDER, Fulfilment.OWN, shipped_on=first),
        OrderFacts(OTHER_ORDER, Fulfilment.FBA, buyer_print="p"),
    ]
    uow.orders.note(OrderFacts(ORDER, delivered_on=last), NOW)
    assert uow.orders.note_all(told, NOW) == {ORDER, OTHER_ORDER}
    assert uow.orders.note_all(told, NOW) == set()
    assert uow.orders.note_all([], NOW) == set()
    whole = OrderFacts(ORDER, Fulfilment.OWN, None, last, last, "JPY", "p")
    assert set(uow.orders.of_buyer("p")) == {whole, told[2]}
    assert uow.orders.of_buyer("q") == ()


def test_lines_of_orders_are_kept_once(uow):
    """What a second report leaves out stays, what it adds is added, and the same again is nothing new."""
    one = OrderItem(ORDER, "058", sku="S1", title="箱", quantity=1, price=1980, shipping=600)
    two = OrderItem(ORDER, "059", sku="S2", quantity=2)
    other = OrderItem(OTHER_ORDER, "060", sku="S1")
    assert len(uow.orders.keep_items([one, two, other], NOW)) == 3
    assert uow.orders.keep_items([one, two, other], NOW) == set()
    more = OrderItem(ORDER, "059", asin="B000000001", price=300)
    assert uow.orders.keep_items([one, more], NOW) == {(ORDER, "059")}
    kept = replace(two, asin="B000000001", price=300)
    assert uow.orders.items_of([ORDER, OTHER_ORDER]) == (one, kept, other)
    assert uow.orders.keep_items([], NOW) == set()


def test_two_reports_of_one_purchase_make_one_line(uow):
    """The line with Amazon's number stays, whichever report came first, and learns what the other knew."""
    named = OrderItem(ORDER, "sku:S1", "B000000001", "S1", "箱", quantity=2, price=4000)
    stranger = OrderItem(ORDER, "sku:S2", sku="S2", title="袋")
    parts = [OrderItem(ORDER, f"058/{part}", sku="S1", quantity=1, price=2000) for part in (1, 2)]
    uow.orders.keep_items([named, stranger], NOW)
    uow.orders.keep_items(parts, NOW)
    assert uow.orders.keep_items([named], NOW) == {(ORDER, "sku:S1")}
    told = [replace(one, asin="B000000001", title="箱") for one in parts]
    assert uow.orders.items_of([ORDER]) == (*told, stranger)
    for again in ([named, stranger], parts):
        assert uow.orders.keep_items(again, NOW) == set()


def test_an_answer_that_did_not_arrive_is_not_the_newest(uow):
    """The newest answer is the newest that holds."""
    case = uow.cases.open(make_case())
    assert uow.answers.newest(case.id) == 0
    for reference in ("a", "b"):
        answer = Answer(NOW, AnswerSource.APPROVED, last_seen=4)
        uow.answers.record(case.id, answer, reference=reference, text_print="", recorded_at=NOW)
    assert uow.answers.newest(case.id) == 2
    uow.answers.withdraw_last(case.id, NOW)
    assert uow.answers.newest(case.id) == 1
    assert [one.last_seen for one in uow.answers.of_case(case.id)] == [4, 4]


# What comes after the mail


def test_ratings_are_known_by_their_order(database):
    """Told twice it is the same rating; what is not about an order is known by its words."""
    low = Rating(1, RatingSource.REPORT, ORDER, "遅い", rated_on=date(2026, 11, 1))
    loose = Rating(5, RatingSource.HAND, comment="良い")
    with database.write() as uow:
        stored = [uow.ratings.add(one, NOW) for one in (low, loose)]
        uow.ratings.change(stored[0].id, rating=2)
        uow.commit()
    with database.read() as uow:
        assert uow.ratings.with_keys([low.key, "order:none"]) == {low.key: replace(stored[0], rating=2)}
        assert [one.id for one in uow.ratings.all()] == [one.id for one in stored]
        assert [one.id for one in uow.ratings.all(since=date(2026, 11, 1))] == [stored[0].id]
        assert uow.ratings.of_case(7) == ()
    assert stored == [
        replace(low, id=stored[0].id, noted_at=NOW),
        replace(loose, id=stored[1].id, noted_at=NOW),
    ]


def test_calls_steps_and_lessons_belong_to_their_case(database):
    """Calls and steps add up in their order, and the last lesson of a case is the one that holds."""
    with database.write() as uow:
        mine, other = uow.cases.open(make_case()).id, uow.cases.open(make_case()).id
        call = Call(mine, NOW, "佐藤", "返品", "03-0000-0000", "a@b.example", "夕方", NOW + DAY)
        number = uow.calls.add(call, NOW)
        steps = [
            Step(mine, Matter.RETURN, "arrived", NOW.date()),
            Step(other, Matter.REMOVAL, "requested", NOW.date()),
            Step(mine, Matter.REFUND, "refunded", NOW.date(), "3000"),
        ]
        for step in steps:
            uow.steps.add(step, NOW)
        for prevention in ("x", "二重に確認"):
            uow.lessons.note(Lesson(mine, Cause.AGENT_LABEL, prevention, NOW))
        uow.commit()
    with database.read() as uow:
        assert uow.calls.of_case(mine) == (replace(call, id=number),)
        assert [one.word for one in uow.steps.of_case(mine)] == ["arrived", "refunded"]
        assert [one.detail for one in uow.steps.of_case(mine, Matter.REFUND)] == ["3000"]
        assert [one.case_id for one in uow.steps.of_cases([mine, other])] == [mine, other, mine]
        assert uow.lessons.of_cases([mine, other]) == uow.lessons.all()
        assert uow.lessons.all() == {mine: Lesson(mine, Cause.AGENT_LABEL, "二重に確認", NOW)}


def test_the_cases_of_a_return_are_found_by_time(uow):
    """Those in which a return was asked for within a time, history not counted, or recorded since."""
    asked = stored_message(uow, kind=Kind.RETURN_REQUEST, received_at=NOW)
    stored_message(uow, 2, kind=Kind.RETURN_REQUEST, received_at=NOW, wants_answer=False)
    stored_message(uow, 3, kind=Kind.CLAIM, received_at=NOW)
    find = uow.messages.cases_wanting
    assert find(Kind.RETURN_REQUEST, NOW, NOW + DAY) == {asked.case_id}
    assert find(Kind.RETURN_REQUEST, NOW - DAY, NOW) == frozenset()
    uow.steps.add(Step(asked.case_id, Matter.RETURN, "relisted", NOW.date()), NOW)
    assert uow.steps.cases_with(Matter.RETURN, NOW) == {asked.case_id}
    assert uow.steps.cases_with(Matter.RETURN, NOW + DAY) == frozenset()
    assert uow.steps.cases_with(Matter.REFUND, NOW) == frozenset()


def test_the_newest_import_of_each_report_is_known(database):
    """How old the last report is decides whether to ask for the next one."""
    with database.write() as uow:
        assert uow.imports.newest("feedback") is None
        for at in (NOW, NOW - DAY):
            uow.imports.note("feedback", at, read=3, taken=2, faulty=1)
        uow.commit()
    with database.read() as uow:
        assert uow.imports.newest("feedback") == NOW
        assert uow.imports.newest("orders") is None


def found(uow, *terms, **wanted):
    """The numbers of the cases that are found, newest first."""
    return uow.search.page(Wanted(tuple((term,) for term in terms), **wanted), 10).cases


def test_the_mails_of_many_cases_are_read_at_once(uow):
    """By case and in the order of their arrival; cases without mail and other cases are left out."""
    first, second, other = (stored_message(uow, number) for number in (1, 2, 3))
    place = Place("main", "INBOX", 1, 9)
    earlier = uow.messages.add(
        make_message(0, case_id=first.case_id, place=place, received_at=first.received_at - HOUR)
    )
    empty = uow.cases.open(make_case(case_key="none")).id
    asked = [second.case_id, first.case_id, empty]
    assert uow.messages.of_cases(asked) == {
        first.case_id: (earlier, first),
        second.case_id: (second,),
    }
    assert uow.messages.of_cases([]) == {}
    many = [*range(10_000, 11_200), other.case_id]
    assert uow.messages.of_cases(many) == {other.case_id: (other,)}


def test_the_cases_with_a_draft_that_waits_are_known(uow):
    """Settled versions do not count."""
    for number in (1, 2):
        message = stored_message(uow, number)
        draft = uow.drafts.add(make_draft(case_id=message.case_id, token=f"t{number}"))
    uow.drafts.settle(draft.id, DraftState.DISCARDED, NOW)
    assert uow.drafts.cases_waiting() == frozenset({1})


def test_what_left_lately_is_read_by_its_time(uow):
    """The newest first, only of the kinds that are asked for, with the buyer of the case."""
    case = uow.cases.open(make_case(buyer_name="山田"))
    times = [NOW - DAY, NOW - HOUR, NOW]
    for number, at in enumerate(times, 1):
        uow.outbox.add(make_item(number, case_id=case.id, created_at=at, sent_at=at))
    uow.outbox.add(make_item(4, kind=OutboxKind.ALERT, sent_at=NOW))
    uow.outbox.add(make_item(5))
    uow.outbox.add(make_item(6, kind=OutboxKind.APPROVED, created_at=NOW - DAY, sent_at=NOW - HOUR / 2))
    kinds = (OutboxKind.ACKNOWLEDGMENT, OutboxKind.APPROVED)
    found = uow.days.sent(kinds, NOW - HOUR)
    assert found == (
        Sent(3, case.id, OutboxKind.ACKNOWLEDGMENT, NOW, "山田"),
        Sent(6, None, OutboxKind.APPROVED, NOW - HOUR / 2, None),
        Sent(2, case.id, OutboxKind.ACKNOWLEDGMENT, NOW - HOUR, "山田"),
    )
    assert "山田" not in repr(found)


def test_what_was_answered_lately_is_read_by_its_time(uow):
    """The newest first, and nothing that waits."""
    for number, at in enumerate([NOW - DAY, NOW - HOUR, NOW, None], 1):
        state = CaseState.OPEN if at is None else CaseState.ANSWERED
        case = make_case(case_key=f"k{number}", state=state, answered_at=at, buyer_name=f"b{number}")
        uow.cases.open(case)
    found = uow.days.answered(NOW - HOUR)
    assert found == (
        Answered(3, "buyer_message", NOW, "b3"),
        Answered(2, "buyer_message", NOW - HOUR, "b2"),
    )


def test_cases_are_found_by_what_stands_in_them(uow):
    """By name, order, mail, call or note; capitals do not matter, and signs of the database do not act."""
    first = uow.cases.open(
        make_case(case_key="k1", buyer_name="Anna 100%", order_ids=("250-1111111-2222222",))
    )
    second = uow.cases.open(make_case(case_key="k2", buyer_name="Berta", order_ids=(), kind=Kind.CALL))
    uow.messages.add(make_message(case_id=first.id, text="ネジが一本足りません"))
    uow.calls.add(Call(second.id, NOW, "花子", "交換", "03-0000-0000", "", "", None), NOW)
    uow.steps.add(Step(second.id, Matter.NOTE, "note", NOW.date(), "青い箱"), NOW)
    assert found(uow) == (second.id, first.id)
    for term in ("anna", "250-111", "ネジ", "0%"):
        assert found(uow, term) == (first.id,)
    for term in ("花子", "03-0000", "青い"):
        assert found(uow, term) == (second.id,)
    assert found(uow, "ネジ", "Berta") == found(uow, "_____") == ()
    assert found(uow, number=first.id) == found(uow, kind="buyer_message") == (first.id,)
    assert found(uow, state="closed") == found(uow, since=NOW + DAY) == found(uow, until=NOW - DAY) == ()


def test_pages_of_found_cases_meet(uow):
    """Whichever way one turns the pages, no case is left out and none stands twice."""
    made = [uow.cases.open(make_case(case_key=f"k{number}")).id for number in range(5)]
    newest = uow.search.page(Wanted(), 2)
    middle = uow.search.page(Wanted(), 2, before=newest.cases[-1])
    last = uow.search.page(Wanted(), 2, before=middle.cases[-1])
    assert [*newest.cases, *middle.cases, *last.cases] == made[::-1]
    assert [(one.newer, one.older) for one in (newest, middle, last)] == [
        (False, True),
        (True, True),
        (True, False),
    ]
    assert uow.search.page(Wanted(), 2, after=last.cases[0]) == middle


def test_the_password_of_the_desk_ends_what_was_before(uow):
    """A new password takes the place of the old one; links and sessions end with it."""
    assert uow.desk.password_hash() is None
    uow.desk.invite("first", NOW + HOUR)
    uow.desk.invite("second", NOW + HOUR)
    assert [uow.desk.invited(one, NOW) for one in ("first", "second")] == [False, True]
    assert not uow.desk.invited("second", NOW + HOUR)
    uow.desk.begin(DeskSession(0, "d", None, NOW, NOW, NOW))
    uow.desk.set_password("hash", NOW)
    assert (uow.desk.password_hash(), uow.desk.invited("second", NOW)) == ("hash", False)
    assert uow.desk.session("d") is None
    uow.desk.set_password("other", NOW)
    uow.desk.strengthen("better")
    assert uow.desk.password_hash() == "better"


def test_a_session_is_known_by_its_token_and_the_one_before(uow):
    """It ends when a person ends it, or by its age."""
    session = uow.desk.begin(DeskSession(0, "one", None, NOW, NOW, NOW, "en"))
    uow.desk.change(session.id, digest="two", previous="one")
    assert (
        uow.desk.session("one") == uow.desk.session("two") == replace(session, digest="two", previous="one")
    )
    uow.desk.end(session.id)
    assert uow.desk.session("two") is None
    for digest, seen in (("old", NOW - DAY), ("new", NOW)):
        uow.desk.begin(DeskSession(0, digest, None, NOW, seen, NOW))
    uow.desk.end_older(NOW - DAY, NOW - HOUR)
    assert [uow.desk.session(one) is None for one in ("old", "new")] == [True, False]
