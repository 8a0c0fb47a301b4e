"""Backup, restore and erasure as a seller types them."""

from __future__ import annotations

import sqlite3
import stat
from contextlib import closing

from tests.system.shop_under_test import mail, now, to_buyers
from tests.unit.parsers.mails import CASE, ORDER, BuyerMail

DESK = ("desk_password", "desk_invitation", "desk_session")
AFTER_CARE = ("feedback", "telephone_call", "case_step", "lesson", "report_import", "order_item")


def test_a_backup_is_restored_into_a_new_file(taken, tmp_path):
    """The same cases; what was done since is not known, and nobody is written to twice."""
    file = tmp_path / "kept.db"
    saved = taken.call("backup", str(file))
    assert saved.exit_code == 0, saved.output
    assert "案件 1" in saved.output
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert taken.call("backup", str(file)).exit_code == 1
    assert taken.call("restore", str(file)).exit_code == 1
    later = BuyerMail(order="250-7777777-7777777", key="A0LATER0000000000001", case=CASE.replace("0", "1"))
    taken.account.deliver(mail(later.but(local="otherbuyer000001").build()), at=now())
    taken.call("once")
    sent = len(to_buyers(taken))
    for old in (taken.folder / "data").glob("*.db*"):
        old.rename(old.with_name(f"old-{old.name}"))
    back = taken.call("restore", str(file))
    assert back.exit_code == 0, back.output
    assert [case["order_ids"] for case in taken.json("cases")] == [[ORDER]]
    assert taken.call("once").exit_code == 0
    assert len(taken.json("cases")) == 2
    assert len(to_buyers(taken)) == sent


def test_what_is_no_backup_is_told(taken, tmp_path):
    """In a sentence, without a traceback."""
    stranger = tmp_path / "stranger.db"
    stranger.write_bytes(b"x" * 5000)
    refused = taken.call("restore", str(stranger))
    assert refused.exit_code == 1
    assert "バックアップではありません" in refused.output


def test_a_buyer_is_erased_down_to_the_file(taken):
    """After the answer; the file and its log hold no word of the buyer's any more."""
    refused = taken.call("erase", "--order", ORDER, "--yes")
    assert (refused.exit_code, "未回答" in refused.output) == (1, True)
    assert taken.call("answered", "1").exit_code == 0
    assert taken.call("erase", "--order", ORDER).exit_code == 2
    erased = taken.call("erase", "--order", ORDER, "--yes")
    assert erased.exit_code == 0, erased.output
    whole = b"".join(path.read_bytes() for path in (taken.folder / "data").glob("*.db*"))
    for trace in ("つぶれて", "山田 太郎", ORDER):
        assert trace.encode() not in whole
    (case,) = taken.json("cases", "--all")
    assert (case["state"], case["buyer_name"], case["order_ids"]) == ("closed", None, [])


def test_erase_wants_to_know_whom(taken):
    """Exactly one way to name the buyer; an unknown one is told."""
    assert taken.call("erase", "--yes").exit_code == 2
    assert taken.call("erase", "--case", "1", "--order", ORDER, "--yes").exit_code == 2
    assert taken.call("erase", "--order", "250-0000000-0000000", "--yes").exit_code == 1


def test_an_older_file_is_copied_before_its_upgrade(taken):
    """Once, beside it, readable by its owner alone."""
    (file,) = (taken.folder / "data").glob("*.db")
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '0002'")
        connection.execute("ALTER TABLE message DROP COLUMN proof")
        connection.execute("DROP INDEX ix_order_fact_buyer_print")
        for column in ("buyer_print", "currency"):
            connection.execute(f"ALTER TABLE order_fact DROP COLUMN {column}")
        for table in ("completeness", "addressed", *AFTER_CARE, *DESK):
            connection.execute(f"DROP TABLE {table}")
        connection.commit()
    assert taken.call("once").exit_code == 0
    (kept,) = (taken.folder / "data").glob("*.before-*")
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert len(taken.json("cases")) == 1
