"""The commands as a seller types them: a real configuration, a real database, real mail servers."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import sqlite3
import stat
import subprocess
import sys
import threading
from contextlib import closing
from datetime import datetime, timedelta
from io import StringIO

import pytest
from click.testing import CliRunner
from rich.console import Console

from daemon.cli import main, showing
from daemon.showing import reader
from tests.beds.smtp import Stage
from tests.beds.web import running_web
from tests.system.shop_under_test import ROOT, ShopUnderTest, mail, now, to_buyers
from tests.unit.parsers.mails import CASE, HOST, ORDER, BuyerMail, notice

PATIENCE = 150.0
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
HOSTILE = "\x1b[31m赤\x1b[0m\x9b2J\u202e[red]様[/red]"
CASE_FIELDS = [
    "case", "state", "order_ids", "buyer_name", "received_at", "amazon_by", "respond_by", "acknowledged_at",
    "answered_at",
]  # fmt: skip


def uncertain(shop: ShopUnderTest) -> int:
    """The number of an acknowledgment of which nobody knows whether it left."""
    shop.call("once")
    shop.account.deliver(mail(BuyerMail().build()), at=now())
    shop.smtp.drop(Stage.TAKEN)
    shop.call("once")
    listed = shop.json("outbox")
    return next(row["outbox"] for row in listed if row["state"] == "uncertain")


def quarantined(shop: ShopUnderTest, content: bytes) -> int:
    """The number of a mail that was put aside."""
    shop.call("once")
    shop.account.deliver(mail(content), at=now())
    shop.call("once")
    (row,) = shop.json("quarantine")
    return row["quarantine"]


# What only looks


def test_cases_lists_what_is_unanswered(taken):
    """With the fields that scripts rely on first, and every instant in UTC."""
    (case,) = taken.json("cases")
    assert list(case)[: len(CASE_FIELDS)] == CASE_FIELDS
    assert (case["case"], case["state"], case["order_ids"]) == (1, "open", [ORDER])
    assert (case["buyer_name"], case["kind"], case["answered_at"]) == ("山田 太郎", "buyer_message", None)
    assert (case["to_confirm"], case["unproven"], case["undelivered"]) == (False, False, False)
    instants = [case[name] for name in ("received_at", "amazon_by", "respond_by", "acknowledged_at")]
    assert all(INSTANT.fullmatch(instant) for instant in instants)
    received, amazon_by = (datetime.fromisoformat(case[name]) for name in ("received_at", "amazon_by"))
    assert amazon_by - received == timedelta(hours=24)


@pytest.mark.parametrize(
    ("language", "words", "settled", "empty"),
    [
        ("ja", ("Amazonの期限", "あと23時間5", "受付確認済み"), "回答済み", "未回答の案件はありません。"),
        ("en", ("Amazon's limit", "23 h 5", "acknowledged"), "answered", "Nothing is unanswered."),
    ],
)
def test_cases_speaks_the_shops_language(taken, language, words, settled, empty):
    """A person reads local times and what is left of both clocks."""
    taken.configure(language=language)
    shown = taken.call("cases").stdout
    assert all(word in shown for word in (*words, "山田 太郎", ORDER)), shown
    assert taken.call("answered", "1").exit_code == 0
    assert taken.call("cases").stdout.strip() == empty
    assert all(word in taken.call("cases", "--all").stdout for word in (settled, ORDER))


def test_the_most_urgent_case_comes_first(taken):
    """What came earlier has less time left, whatever its number."""
    older = BuyerMail(order="250-7777777-7777777", key="A0OLDER0000000000001", case=CASE.replace("0", "1"))
    changed = older.but(local="otherbuyer000001", name="鈴木", subject="x")
    content = mail(changed.build(), ago=timedelta(minutes=5))
    taken.account.deliver(content, at=now())
    taken.call("once")
    assert [case["case"] for case in taken.json("cases")] == [2, 1]
    taken.call("answered", "2")
    assert [case["case"] for case in taken.json("cases")] == [1]
    assert [case["case"] for case in taken.json("cases", "--all")] == [1, 2]


def test_a_case_shows_its_conversation_and_record(taken):
    """Words, both deadlines, what went out and every decision with its reason, harmless for a terminal."""
    shown = taken.call("case", "1").stdout
    wanted = (
        "箱が[2Jつぶれて\n    いました。",
        "Amazonの期限",
        "受付確認: 送信済み",
        "メールが届きました",
        ORDER,
    )
    assert all(words in shown for words in wanted), shown
    assert "\x1b" not in shown
    record = taken.json("case", "1")
    assert record["messages"][0]["text"] == "箱が\x1b[2Jつぶれて\nいました。"
    assert [item["state"] for item in record["outbox"]] == ["sent"]
    actions = [event["action"] for event in record["events"]]
    assert actions == ["message_stored", "acknowledgment_queued", "acknowledged", "drafted"]


def test_a_case_that_does_not_exist(taken):
    """The list is named; a number that cannot be one is a usage error."""
    result = taken.call("case", "99")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "sokuresu cases --all" in result.stderr
    assert taken.call("case", "0").exit_code == 2
    assert taken.call("case", str(2**40)).exit_code == 2


@pytest.mark.parametrize(
    "line",
    [["cases"], ["case", "1"], ["outbox"], ["quarantine"], ["quarantine", "show", "1"], ["answered", "1"]],
)
def test_looking_makes_no_database(shop, line):
    """It says how to begin; a mistyped path is not answered with an empty list."""
    result = shop.call(*line)
    assert result.exit_code == 1
    assert "まだ記録がありません" in result.stderr
    assert "run `sokuresu run`" in result.stderr
    assert not (shop.folder / "data").exists()


def test_status_before_the_first_run(shop):
    """Nothing lives, which is an exit status for whatever watches this."""
    result = shop.call("status", "--json")
    status = json.loads(result.stdout)
    assert result.exit_code == 1
    assert (status["database"], status["service_alive"]) == ("missing", False)
    assert (status["uncertain"], status["quarantine"]) == (0, 0)
    assert [one["name"] for one in status["mailboxes"]] == ["main"]
    assert not (shop.folder / "data").exists()
    assert "sokuresu run" in shop.call("status").stdout


def test_looking_reads_no_password(taken):
    """People who may see cases need not be able to read the mailbox."""
    (taken.folder / "password").unlink()
    assert taken.call("cases").exit_code == 0
    assert taken.call("answered", "1").exit_code == 0
    assert taken.call("status").exit_code == 1
    assert taken.call("check").exit_code == 2


def test_a_file_that_is_no_database_is_told_in_one_sentence(shop):
    """Not with a traceback."""
    (shop.folder / "data").mkdir()
    (shop.folder / "data" / "shop.db").write_text(
        "something else entirely, and long enough to be read\n" * 99
    )
    for line in (["cases"], ["answered", "1"], ["once"]):
        result = shop.call(*line)
        assert (result.exit_code, result.stderr.count("\n")) == (1, 1), result.stderr
        assert "データベースを使えません" in result.stderr
        assert "sokuresu restore" in result.stderr
    status = shop.json("status")
    assert (status["database"], status["service_alive"]) == ("unusable", False)
    assert "データベースを使えません" in shop.call("status").stdout


def test_a_database_of_a_newer_program_is_left_alone(taken):
    """An older program neither reads it as its own nor decides anything in it, and says why."""
    with closing(sqlite3.connect(taken.folder / "data" / "shop.db")) as database, database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
    for line in (["cases"], ["answered", "1"], ["once"]):
        result = taken.call(*line)
        assert (result.exit_code, "より新しい sokuresu" in result.stderr) == (1, True), result.stderr
    status = taken.json("status")
    assert (status["database"], "9999" in status["problem"]) == ("unusable", True)


@pytest.mark.postgres
def test_the_commands_work_on_postgresql(shop, postgres_url):
    """From an empty database by way of the first round to a decision."""
    shop.configure(database_url=postgres_url)
    assert "run `sokuresu run`" in shop.call("cases").stderr
    assert shop.json("status")["database"] == "missing"
    checked = shop.call("check")
    assert (checked.exit_code, "まだ空です" in checked.stdout) == (0, True)
    number = uncertain(shop)
    assert shop.call("outbox", "sent", str(number)).exit_code == 0
    assert shop.call("answered", "1").exit_code == 0
    assert [case["state"] for case in shop.json("cases", "--all")] == ["answered"]
    assert "データベースを使えます" in shop.call("check").stdout


def test_a_database_out_of_reach_repeats_no_secret(shop):
    """The sentence names what failed and not who logs in with what."""
    shop.configure(database_url="postgresql+psycopg://shop:s3cret@127.0.0.1:1/shop")
    for line in (["cases"], ["check"], ["once"], ["status"]):
        result = shop.call(*line)
        assert result.exit_code == 1
        assert "データベースを使えません" in result.output
        assert "s3cret" not in result.output


def test_a_missing_driver_is_told_with_the_way_to_get_it(shop, monkeypatch):
    """PostgreSQL is an extra that not everybody installs."""
    shop.configure(database_url="postgresql+psycopg://shop@127.0.0.1:1/shop")
    monkeypatch.setitem(sys.modules, "psycopg", None)
    result = shop.call("cases")
    assert (result.exit_code, "pip install 'sokuresu[postgres]'" in result.stderr) == (1, True)


def test_looking_imports_neither_mail_libraries_nor_templates():
    """They would double the time to the first line."""
    code = (
        "import sys, daemon.cli.cases, daemon.cli.status, daemon.cli.case, daemon.cli.outbox,"
        " daemon.cli.quarantine\n"
        "found = {name.partition('.')[0] for name in sys.modules}\n"
        "print(sorted(found & {'imapclient', 'mailparser', 'jinja2', 'alembic', 'rich', 'holidays'}))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


# Tables


def test_a_table_aligns_japanese_signs():
    """They are two columns wide; nothing is cut where no terminal limits the line."""
    table = showing.plain_table(["案件", "x"], [["1", "a"], ["いろは", "b"]])
    assert table.splitlines() == ["案件    x", "1       a", "いろは  b"]


def test_a_table_on_a_terminal_obeys_no_stranger():
    """Markup is text there, and controls are gone before."""
    out = StringIO()
    table = showing.ruled_table(["購入者"], [[reader.clean(HOSTILE)]])
    Console(file=out, force_terminal=True, width=80).print(table)
    assert "[red]様[/red]" in out.getvalue()
    assert "\x1b[31m赤" not in out.getvalue()
    assert "\x9b" not in out.getvalue()


def test_a_number_stays_whole_on_a_narrow_terminal():
    """It is copied from there into the next command; the words beside it are folded instead."""
    out = StringIO()
    table = showing.ruled_table(["注文", "備考"], [[ORDER, "受付確認済みで送信元未確認の案件です"]])
    Console(file=out, width=36).print(table)
    assert ORDER in out.getvalue()


def test_a_terminal_gets_the_ruled_table(monkeypatch, capsys):
    """Whoever pipes the list on gets it plain."""
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    showing.say_table(["案件"], [["1"]])
    assert "─" in capsys.readouterr().out


def test_json_hides_nothing_from_a_terminal(capsys):
    """Controls and direction overrides are escaped; read back they are what they were."""
    showing.say_json({"name": HOSTILE})
    out = capsys.readouterr().out
    assert not any(sign in out for sign in ("\x1b", "\x9b", "\u202e"))
    assert json.loads(out) == {"name": HOSTILE}


# What a person decides


def test_no_reply_needed_says_what_is_left_to_do(taken):
    """Amazon's clock is stopped at Amazon only: by its own link, which the person opens."""
    result = taken.call("no-reply-needed", "1")
    assert result.exit_code == 0
    assert "Amazonの24時間はこれでは止まりません" in result.stdout
    assert "/messaging/no-response-needed?" in result.stdout
    assert taken.json("cases") == []
    again = taken.call("no-reply-needed", "1")
    assert (again.exit_code, "未回答はありません" in again.stdout) == (0, True)


def test_answered_stops_the_clock(taken):
    """The case is gone from the list and says when it was answered."""
    assert taken.call("answered", "1").exit_code == 0
    (case,) = taken.json("cases", "--all")
    assert case["state"] == "answered"
    assert INSTANT.fullmatch(case["answered_at"])
    assert "回答済みと記録" in taken.call("case", "1").stdout
    assert taken.call("answered", "99").exit_code == 1


def test_an_uncertain_mail_is_listed_with_what_to_do(shop):
    """Nobody knows whether it left; a person finds the command in the list."""
    number = uncertain(shop)
    shown = shop.call("outbox").stdout
    assert "送れたか不明" in shown
    assert "すること" in shown
    assert f"sokuresu outbox sent {number}" in shown
    assert json.loads(shop.call("status", "--json").stdout)["uncertain"] == 1
    assert shop.call("outbox", "sent", str(number)).exit_code == 0
    assert all(row["state"] != "uncertain" for row in shop.json("outbox"))
    assert shop.json("cases")[0]["acknowledged_at"] is not None
    refused = shop.call("outbox", "drop", str(number))
    assert (refused.exit_code, "is sent" in refused.stderr) == (1, True)


def test_resending_shows_the_mail_and_asks(shop):
    """Only a yes sends it again, under the same Message-ID."""
    number = uncertain(shop)
    (first,) = to_buyers(shop)
    no = shop.call("outbox", "resend", str(number), input="n\n")
    assert no.exit_code == 1
    assert "marketplace.amazon.co.jp" in no.stdout
    assert "まい商店" in no.stdout
    assert "2 通目" in no.stdout
    assert [row["state"] for row in shop.json("outbox") if row["outbox"] == number] == ["uncertain"]
    assert shop.call("outbox", "resend", str(number), "--yes").exit_code == 0
    shop.call("once")
    ids = [sent.message["Message-ID"] for sent in to_buyers(shop)]
    assert ids == [first.message["Message-ID"]] * 2
    assert shop.call("outbox").stdout.strip() == "未処理の送信はありません。"


def test_an_uncertain_mail_can_be_dropped(shop):
    """It goes nowhere any more."""
    number = uncertain(shop)
    assert shop.call("outbox", "drop", str(number)).exit_code == 0
    shop.call("once")
    assert shop.json("outbox") == []


def test_a_refused_mail_is_shown_until_its_case_is_answered(shop):
    """The buyer still waits, so a person has to write; afterwards it is no news."""
    shop.call("once")
    shop.account.deliver(mail(BuyerMail().build()), at=now())
    shop.smtp.fail(Stage.RCPT, "550 5.7.1 no")
    shop.call("once")
    (row,) = [row for row in shop.json("outbox") if row["kind"] == "acknowledgment"]
    assert (row["state"], row["case"]) == ("refused", 1)
    assert "案件 1 に回答" in shop.call("outbox").stdout
    shop.call("answered", "1")
    assert [row for row in shop.json("outbox") if row["kind"] == "acknowledgment"] == []


def test_a_mail_that_looks_forged_is_put_aside_shown_and_accepted(shop):
    """Its links are dead on the screen; accepted it is a case that nobody acknowledges."""
    number = quarantined(shop, BuyerMail(text="https://evil.example/x\x1b[31m", proof="fail").build())
    listed = shop.call("quarantine").stdout
    assert "なりすましの疑い" in listed
    shown = shop.call("quarantine", "show", str(number)).stdout
    assert "hxxps" in shown
    assert "https://evil" not in shown
    assert "\x1b" not in shown
    accepted = shop.call("quarantine", "accept", str(number))
    assert (accepted.exit_code, "案件 1" in accepted.stdout) == (0, True)
    (case,) = shop.json("cases")
    assert (case["unproven"], case["acknowledged_at"]) == (True, None)
    assert shop.json("quarantine") == []
    assert shop.call("quarantine", "accept", str(number)).exit_code == 1


def test_a_quarantined_mail_is_exported_privately_and_never_over_a_file(shop):
    """Byte for byte, readable by its owner alone."""
    number = quarantined(shop, notice("x", "<p>注文 250-1111111-2222222</p>", kind="NEVER_SEEN"))
    target = shop.folder / "mail.eml"
    assert shop.call("quarantine", "export", str(number), str(target)).exit_code == 0
    assert b"NEVER_SEEN" in target.read_bytes()
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    again = shop.call("quarantine", "export", str(number), str(target))
    assert (again.exit_code, "cannot be written" in again.stderr) == (1, True)
    assert shop.call("quarantine", "export", str(number), "-").stdout_bytes == target.read_bytes()
    retried = shop.call("quarantine", "retry", str(number))
    assert (retried.exit_code, "still no rule" in retried.stderr) == (1, True)
    assert shop.call("quarantine", "drop", str(number)).exit_code == 0
    assert shop.call("quarantine").stdout.strip() == "保留しているメールはありません。"


def test_a_quarantined_mail_is_read_again_after_the_configuration_changed(shop):
    """With the right host to believe it is genuine after all."""
    content = BuyerMail(proof="fail").build()
    number = quarantined(shop, content)
    shop.configure(authserv_id=None)
    result = shop.call("quarantine", "retry", str(number))
    assert (result.exit_code, "案件 1" in result.stdout) == (0, True)
    assert shop.json("cases")[0]["unproven"]


# The service


def wait_for(shop: ShopUnderTest, fits, within: float = PATIENCE) -> dict:
    """The status once it fits."""
    deadline = threading.Event()
    timer = threading.Timer(within, deadline.set)
    timer.start()
    try:
        while not deadline.wait(0.2):
            status = shop.json("status")
            if fits(status):
                return status
    finally:
        timer.cancel()
    raise AssertionError(f"waited {within} s; status is {status}")


def test_run_lives_and_ends_in_good_order(shop):
    """It says once that older mail is left alone, shows in status, keeps others out, and stops on SIGTERM."""
    with shop.started() as service:
        try:
            status = wait_for(shop, lambda status: status["healthy"])
            assert status["service_alive"]
            assert INSTANT.fullmatch(status["mailboxes"][0]["last_full_pass_at"])
            page = shop.call("status")
            assert page.exit_code == 0
            assert "動作中" in page.stdout
            assert "まだ一度も届いていません" in page.stdout
            for other in (["once"], ["init", "--look-back"]):
                refused = shop.call(*other)
                assert refused.exit_code == 1
                assert f"already running: pid {service.pid} on {socket.gethostname()}" in refused.stderr
            shop.account.deliver(mail(BuyerMail().build()), at=now())
            shop.smtp.await_mails(1, within=PATIENCE)
            assert [sent.recipients for sent in to_buyers(shop)] == [(BuyerMail().address,)]
            assert shop.call("answered", "1").exit_code == 0
        finally:
            service.send_signal(signal.SIGTERM)
        out, err = service.communicate(timeout=PATIENCE)
    assert service.returncode == 0, err
    assert "sokuresu init" in out
    assert out.count("\n") == 1
    assert [json.loads(line)["action"] for line in err.splitlines()][-1] == "stop"
    ended = shop.json("status")
    assert not ended["service_alive"]
    assert "止まっています" in shop.call("status").stdout


def test_a_second_run_exits_naming_the_first(shop):
    """Two would write to the buyers twice."""
    with shop.started() as first:
        try:
            wait_for(shop, lambda status: status["service_alive"])
            with shop.started() as second:
                out, err = second.communicate(timeout=PATIENCE)
            assert (second.returncode, out) == (1, "")
            assert f"already running: pid {first.pid}" in err
        finally:
            first.send_signal(signal.SIGINT)
        first.communicate(timeout=PATIENCE)
    assert first.returncode == 0


def test_a_second_signal_ends_at_once(shop):
    """Somebody who presses Ctrl-C again does not wait for a server that hangs."""
    shop.call("once")
    with shop.started() as service:
        wait_for(shop, lambda status: status["healthy"])
        shop.smtp.hold(Stage.DOT)
        shop.account.deliver(mail(BuyerMail().build()), at=now())
        shop.smtp.await_stage(Stage.DOT, within=PATIENCE)
        service.send_signal(signal.SIGINT)
        with pytest.raises(subprocess.TimeoutExpired):
            service.wait(1.0)
        service.send_signal(signal.SIGINT)
        service.communicate(timeout=PATIENCE)
    assert service.returncode == 128 + signal.SIGINT
    shop.smtp.forget_cues()
    shop.call("once")
    assert [row["state"] for row in shop.json("outbox") if row["kind"] == "acknowledgment"] == ["uncertain"]


def test_once_tells_a_mailbox_that_fails(shop):
    """The status remembers it, and the exit status says so."""
    (shop.folder / "password").write_text("wrong")
    result = shop.call("once")
    assert result.exit_code == 1
    assert "does not accept the user name and password" in result.stderr


def test_status_warns_when_a_mailbox_was_not_read_for_long(taken):
    """A quarter of an hour without a full pass is an exit status of 1, whatever else lives."""
    with closing(taken.database()) as database, database.write() as uow:
        long_ago = now() - timedelta(minutes=16)
        uow.mailboxes.change(
            "main", last_full_pass_at=long_ago, failing_since=long_ago, failure="no\x1b[0m route"
        )
        uow.runs.begin("r9", now(), "pid 1 on test")
        uow.commit()
    result = taken.call("status")
    assert result.exit_code == 1
    assert "動作中 (pid 1 on test)" in result.stdout
    assert "失敗: no[0m route" in result.stdout
    status = taken.json("status")
    assert (status["service_alive"], status["mailboxes"][0]["ok"]) == (True, False)
    assert (status["unanswered"], status["quarantine"]) == (1, 0)


def test_a_run_that_fell_silent_is_not_alive(taken):
    """Killed, it could not say goodbye."""
    with closing(taken.database()) as database, database.write() as uow:
        uow.runs.begin("r9", now() - timedelta(seconds=121), "pid 1 on test")
        uow.runs.end(uow.runs.last().id, now() - timedelta(days=1))
        uow.commit()
    assert not taken.json("status")["service_alive"]


# The first start


def test_init_writes_an_example_that_is_private_and_never_lost(shop, tmp_path, monkeypatch):
    """The commented example with its database beside it; the next command is named."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SOKURESU_CONFIG", raising=False)
    result = CliRunner().invoke(main, ["init"])
    assert result.exit_code == 0
    assert "sokuresu check" in result.stdout
    path = tmp_path / "sokuresu.toml"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    example = (ROOT / "systemd" / "sokuresu.example.toml").read_text("utf-8")
    written = path.read_text("utf-8")
    differing = [
        pair for pair in zip(example.splitlines(), written.splitlines(), strict=True) if len(set(pair)) > 1
    ]
    assert [new for _, new in differing] == ['database_url = "sqlite:///sokuresu.db"']
    again = CliRunner().invoke(main, ["init"])
    assert again.exit_code == 2
    assert "sokuresu_main_password" in again.stderr
    assert path.read_text("utf-8") == written


def test_init_writes_where_it_is_told(shop):
    """The configuration that was named and is not there."""
    target = shop.folder / "other.toml"
    assert CliRunner().invoke(main, ["--config", str(target), "init"]).exit_code == 0
    assert target.exists()
    nowhere = shop.folder / "no" / "folder.toml"
    result = CliRunner().invoke(main, ["--config", str(nowhere), "init"])
    assert (result.exit_code, "cannot be written" in result.stderr) == (1, True)


def test_init_takes_the_last_two_days_along_without_acknowledging(shop):
    """Yesterday's message becomes a case, last week's stays what it is, and no buyer hears of it."""
    yesterday, last_week = timedelta(hours=20), timedelta(days=7)
    other = BuyerMail(local="otherbuyer000001", key="A0OTHER0000000000001", order=None, subject="x")
    shop.account.deliver(mail(other.build(), ago=last_week), at=now() - last_week)
    shop.account.deliver(mail(BuyerMail().build(), ago=yesterday), at=now() - yesterday)
    result = shop.call("init", "--look-back")
    assert result.exit_code == 0, result.output
    assert "sokuresu run" in result.stdout
    assert shop.call("once").exit_code == 0
    (case,) = shop.json("cases")
    assert (case["order_ids"], case["acknowledged_at"]) == ([ORDER], None)
    assert to_buyers(shop) == []
    again = shop.call("init", "--look-back")
    assert (again.exit_code, "have been watched since" in again.stderr) == (1, True)


def test_init_without_look_back_changes_nothing(shop):
    """The first run is then the first start, from now on."""
    old = timedelta(hours=20)
    shop.account.deliver(mail(BuyerMail().build(), ago=old), at=now() - old)
    assert shop.call("init", "--no-look-back").exit_code == 0
    result = shop.call("once")
    assert (result.exit_code, "sokuresu init" in result.stdout) == (0, True)
    assert shop.json("cases", "--all") == []


def test_init_asks_only_where_somebody_can_answer(shop):
    """In a script the answer must be on the line."""
    result = shop.call("init")
    assert result.exit_code == 2
    assert "--no-look-back" in result.stderr
    assert shop.call("init", "--yes").exit_code == 0
    with closing(shop.database()) as database, database.read() as uow:
        (started,) = uow.mailboxes.all()
    assert started.first_start_at - started.look_back_from == timedelta(hours=48)


def test_init_starts_nothing_where_a_mailbox_cannot_be_reached(shop):
    """The look-back would be counted from a start that never was."""
    (shop.folder / "password").write_text("wrong")
    result = shop.call("init", "--look-back")
    assert result.exit_code == 1
    assert "main: " in result.stderr
    with closing(shop.database()) as database, database.read() as uow:
        assert uow.mailboxes.all() == ()


# Check


def test_check_passes_and_sends_nothing(shop):
    """Logged in at both servers, folders named, host confirmed by Amazon's newest mail."""
    shop.account.deliver(mail(BuyerMail().build()), at=now())
    result = shop.call("check")
    assert result.exit_code == 0, result.output
    wanted = (
        "IMAP 127.0.0.1",
        "SMTP 127.0.0.1",
        "送信済み = Sent",
        "迷惑メール = Junk",
        f"authserv_id = {HOST}",
        "12:00 17:00 19:30 23:59 (Asia/Tokyo)",
        "まだありません。run が作ります",
    )
    assert all(words in result.stdout for words in wanted), result.stdout
    assert "第二の知らせ先がなく" in result.stdout
    assert shop.smtp.mails == []
    assert (1, Stage.AUTH) in shop.smtp.stages
    assert not (shop.folder / "data").exists()


def test_check_suggests_nobody_without_proof(shop):
    """Whoever sent unsigned mails may have written their results: the names are shown, and no setting."""
    shop.configure(authserv_id=None, language="en")
    for number in range(3):
        content = BuyerMail(key=f"A0KEY{number:015d}").build()
        shop.account.deliver(mail(content, message_id=f"suggests-{number}"), at=now())
    shop.account.deliver(
        b"Authentication-Results: other.example; none\r\nFrom: a@b.example\r\n\r\nx\r\n", at=now()
    )
    result = shop.call("check")
    assert result.exit_code == 0
    assert "without authserv_id" in result.stdout
    seen = f'set authserv_id = "{HOST}" if your provider says that it writes this name'
    told = f"3 buyer messages, 0 would be acknowledged: nothing proves their sender; {seen}"
    assert told in result.stdout
    assert "set authserv_id" in result.stdout


def test_check_warns_of_a_host_that_proves_nothing(shop):
    """A typing mistake there would silently stop every acknowledgment."""
    shop.configure(authserv_id="mx.typo.example", language="en")
    shop.account.deliver(mail(BuyerMail().build()), at=now())
    result = shop.call("check")
    assert result.exit_code == 0
    assert f"authserv_id = mx.typo.example, but Amazon's mail carries {HOST}" in result.stdout
    assert "1 buyer messages, 0 would be acknowledged" in result.stdout


def test_check_warns_of_missing_folders(shop, pymap):
    """Answers and misplaced messages would go unnoticed."""
    bare = ShopUnderTest(shop.folder, pymap.account(), shop.smtp)
    shop.smtp.credentials = bare.account.credentials
    bare.configure()
    result = bare.call("check")
    assert "送信済みフォルダーがありません" in result.stdout
    assert "迷惑メールフォルダーがありません" in result.stdout


def test_check_goes_on_after_a_failure(shop):
    """A wrong password is told for both servers at once, and is an exit status of 1."""
    (shop.folder / "password").write_text("wrong-and-secret")
    result = shop.call("check")
    assert result.exit_code == 1
    assert result.stdout.count("  NG ") == 2
    assert "wrong-and-secret" not in result.output


def test_check_sends_one_test_if_told_to(shop):
    """To the owner, marked as automatic; every second path and the watch outside get their own."""
    with running_web() as web:
        for name, text in (
            ("hook", f"{web.url}/secret"),
            ("urls", f"json://{web.url.removeprefix('http://')}/secret2"),
            ("ping", f"{web.url}/secret3"),
        ):
            (shop.folder / name).write_text(text)
            (shop.folder / name).chmod(0o600)
        ways = '[alerts]\nwebhook_url_file = "hook"\napprise_urls_file = "urls"'
        shop.configure(extra=f'{ways}\n[ping]\nurl_file = "ping"')
        quiet = shop.call("check")
        assert (quiet.exit_code, web.asked) == (0, []), quiet.output
        result = shop.call("check", "--send-test")
    assert result.exit_code == 0, result.output
    assert "webhook, apprise-1" in quiet.stdout
    assert "[ping]): 5分おき" in quiet.stdout
    (sent,) = shop.smtp.mails
    assert sent.recipients == ("owner@shop.example",)
    assert sent.message["Auto-Submitted"] == "auto-generated"
    assert web.paths() == ["/secret", "/secret2", "/secret3"]
    assert "試しの知らせ" in json.loads(web.asked[0].body)["text"]
    assert "secret" not in result.output


def test_check_tells_a_test_that_was_refused(shop):
    """With the server's reason."""
    shop.smtp.fail(Stage.RCPT, "550 5.1.1 nobody here")
    result = shop.call("check", "--send-test")
    assert result.exit_code == 1
    assert "nobody here" in result.stdout


def test_check_tells_a_database_that_cannot_be_made(shop):
    """Here the folder's name belongs to a file."""
    (shop.folder / "data").write_text("in the way")
    result = shop.call("check")
    assert result.exit_code == 1
    assert "作れません" in result.stdout


# A wrong configuration


@pytest.mark.parametrize("command", ["run", "once", "check", "init", "cases", "status"])
def test_every_fault_of_the_configuration_at_once(shop, command):
    """A typing mistake, a missing password, a bad port, an unknown zone, a password in clear: status 2."""
    shop.config.write_text(
        '[shop]\nname = "店"\nowner_email = "o@shop.example"\ntimezone = "Asia/Tokio"\nopening = "10:00"\n'
        '[[mailbox]]\nname = "main"\naddress = "a@shop.example"\n'
        'imap = { host = "imap.shop.example", port = 99999 }\n'
        'smtp = { host = "smtp.shop.example", security = "none" }\n',
        "utf-8",
    )
    result = shop.call(command)
    assert (result.exit_code, result.stdout) == (2, "")
    wanted = {"Asia/Tokio", "opening", "99999", "smtp › security"}
    wanted |= {"sokuresu_main_password"} if command in {"run", "once", "check", "init"} else set()
    assert {word for word in wanted if word in result.stderr} == wanted, result.stderr
    assert len(result.stderr.splitlines()) == len(wanted) + 1


def test_the_program_starts_as_a_process_with_a_wrong_configuration():
    """As systemd sees it: status 2 is not tried again."""
    done = subprocess.run(
        [sys.executable, "-m", "daemon.cli", "--config", os.devnull, "run"],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=PATIENCE,
    )  # fmt: skip
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
