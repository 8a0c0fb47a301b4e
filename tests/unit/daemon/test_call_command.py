"""``sokuresu call`` as a person types it, at a terminal and in a script."""

from __future__ import annotations

import json
import shutil

import pytest
from click.testing import CliRunner

from daemon.cli import main
from daemon.cli.present import lent
from state.engine import open_engine
from state.migrations import upgrade
from tests.beds.clock import SetClock
from tests.unit.state.examples import local

ORDER = "250-1234567-7654321"
NUMBER = "090-1234-5678"
NOW = local("2026-11-17 10:30")
CONFIG = """
database_url = "sqlite:///shop.db"
[shop]
name = "まい商店"
language = "{language}"
owner_email = "owner@shop.example"
[[mailbox]]
name = "main"
address = "shop@shop.example"
imap = {{ host = "imap.shop.example" }}
smtp = {{ host = "smtp.shop.example" }}
"""


@pytest.fixture(scope="module")
def empty(tmp_path_factory):
    """A database with its tables, made once."""
    file = tmp_path_factory.mktemp("empty") / "shop.db"
    engine = open_engine(f"sqlite:///{file}")
    upgrade(engine)
    engine.dispose()
    return file


@pytest.fixture
def shop(empty, tmp_path, monkeypatch):
    """Calls commands of a shop with an empty database, on a Tuesday at half past ten, as a script does."""
    shutil.copy(empty, tmp_path / "shop.db")
    monkeypatch.setattr("daemon.cli.call.at_terminal", lambda: False)

    def call(*arguments, language="ja", **options):
        (tmp_path / "shop.toml").write_text(CONFIG.format(language=language), "utf-8")
        with lent(SetClock(NOW)):
            line = ["--config", str(tmp_path / "shop.toml"), *arguments]
            return CliRunner().invoke(main, line, **options)

    return call


@pytest.mark.playbook("a telephone call from an unknown number")
def test_a_call_is_asked_for_while_somebody_is_on_the_telephone(shop, monkeypatch):
    """First what to say, then what is missing; a slip is asked again, and Enter skips all but the wishes."""
    monkeypatch.setattr("daemon.cli.call.at_terminal", lambda: True)
    typed = [
        "",
        "返品したい",
        "佐藤",
        "番号",
        "０９０－１２３４－５６７８",
        "",
        "2020-01-01",
        "18:00",
        "",
        "",
    ]
    done = shop("call", input="\n".join(typed) + "\n")
    assert done.exit_code == 0, done.output
    said = done.output
    assert said.index("お電話ありがとうございます") < said.index("ご用件 (必須)") < said.index("案件 1")
    assert "本日 18:00" in said
    (call,) = json.loads(shop("call", "--list", "--json").output)
    assert (call["number"], call["caller"], call["wishes"]) == (NUMBER, "佐藤", "返品したい")
    assert call["promised_by"] == "2026-11-17T09:00:00Z"


def test_what_the_script_says_is_promised(shop, monkeypatch):
    """Enter at the promise is the time that was read aloud."""
    monkeypatch.setattr("daemon.cli.call.at_terminal", lambda: True)
    done = shop("call", "--wishes", "x", "--order", ORDER, input="\n" * 5)
    assert done.exit_code == 0, done.output
    (call,) = json.loads(shop("call", "--list", "--json").output)
    assert (call["promised_by"], call["order_ids"]) == ("2026-11-17T11:00:00Z", [ORDER])


def test_a_script_says_all_on_the_line(shop):
    """What is missing is a usage error that says what to put; times are the shop's own."""
    refused = shop("call", "--number", NUMBER)
    assert (refused.exit_code, "--wishes" in refused.output) == (2, True)
    line = ("call", "--wishes", "返品", "--at", "11:00", "--promised", "2026-11-20", "--number", NUMBER)
    assert shop(*line).exit_code == 0
    (call,) = json.loads(shop("call", "--list", "--json").output)
    assert (call["called_at"], call["promised_by"]) == ("2026-11-16T02:00:00Z", "2026-11-20T11:00:00Z")


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--order", "250-1"),
        ("--number", "なし"),
        ("--address", "taro"),
        ("--promised", "2026-11-16"),
        ("--promised", "きっと"),
        ("--promised", "9999-12-31"),
        ("--promised", "0001-01-01 00:00"),
        ("--at", "2026-11-17 12:00"),
        ("--at", "2026-11-16"),
    ],
)
def test_what_cannot_be_meant_is_a_usage_error(shop, option, value):
    """It names the option, and nothing is stored."""
    refused = shop("call", "--wishes", "x", option, value)
    assert (refused.exit_code, option in refused.output) == (2, True), refused.output
    assert json.loads(shop("call", "--list", "--all", "--json").output) == []


@pytest.mark.parametrize(("language", "says"), [("ja", "電話"), ("en", "Telephone")])
def test_the_number_is_shown_by_case_and_list_alone(shop, language, says):
    """The page of the case has a part for it; the list of cases says only that it is a call."""
    wishes = f"折り返しは {NUMBER} まで"
    shop("call", "--wishes", wishes, "--number", NUMBER, "--hours", "夜", language=language)
    page = shop("case", "1", language=language).output
    assert f"\n{says}\n" in page
    assert page.count(NUMBER) == 2
    assert "sokuresu case 1" in page
    assert NUMBER in shop("call", "--list", language=language).output
    assert NUMBER not in shop("cases", language=language).output
    assert NUMBER not in shop("cases", "--json").output + shop("case", "1", "--json").output


def test_what_to_say_can_be_shown_alone(shop):
    """In either language; and options of the list go with the list."""
    assert "ありがとうございます" in shop("call", "--script").output
    assert "Thank you for calling" in shop("call", "--script", "--language", "en").output
    assert "18:00" in shop("call", "--script", "--promised", "18:00").output
    assert shop("call", "--all").exit_code == 2
    assert "ありません" in shop("call", "--list").output


def test_settled_calls_leave_the_list(shop):
    """`answered` settles a call as it does every case; `erase` finds it by its number."""
    shop("call", "--wishes", "返品", "--number", NUMBER)
    assert shop("snooze", "1", "--for", "2h").exit_code == 0
    assert shop("answered", "1").exit_code == 0
    assert json.loads(shop("call", "--list", "--json").output) == []
    erased = shop("erase", "--number", "+81 90-1234-5678", "--yes")
    assert erased.exit_code == 0, erased.output
    assert json.loads(shop("call", "--list", "--all", "--json").output) == []


def test_nobody_is_sent_to_look_for_a_number_that_was_not_given(shop):
    """Where neither number nor hours are known, the case does not say where they stand."""
    shop("call", "--wishes", "返品")
    assert "折り返しの番号" not in shop("case", "1").output
