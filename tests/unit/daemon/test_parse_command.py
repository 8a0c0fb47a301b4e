"""The command that shows how saved mails are read."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner, Result

from daemon.cli.parse import command
from tests.unit.parsers.mails import HOST, BuyerMail, notice

if TYPE_CHECKING:
    from pathlib import Path

FIELDS = [
    *(
        "file",
        "kind",
        "marketplace",
        "order_ids",
        "mentioned_order_ids",
        "buyer_alias",
        "buyer_key",
        "case_key",
    ),
    *(
        "message_key",
        "buyer_name",
        "asins",
        "text",
        "rating",
        "reason",
        "relayed",
        "auto_reply",
        "authenticity",
    ),
    *("may_acknowledge", "refusals", "intent", "intent_confident", "rule", "error"),
    *("fulfilment", "ordered_on", "shipped_on", "delivered_on"),
]


@pytest.fixture
def mails(tmp_path: Path) -> Path:
    """A folder with a buyer's message and a refund."""
    (tmp_path / "buyer.eml").write_bytes(BuyerMail(text="届きません。\n確認ください").build())
    (tmp_path / "refund.eml").write_bytes(notice("x", "250-1234567-1234567", kind="REFUND_ISSUED"))
    return tmp_path


def run(*arguments: object) -> Result:
    """Call the command as the shell would."""
    return CliRunner().invoke(command, [str(argument) for argument in arguments])


def test_json_is_one_object_a_line_with_all_fields(mails: Path) -> None:
    """Scripts rely on the names and on the order of the files."""
    done = run("--json", "--authserv-id", HOST, mails / "buyer.eml", mails / "refund.eml")
    buyer, refund = map(json.loads, done.stdout.splitlines())
    assert (done.exit_code, list(buyer), list(refund)) == (0, FIELDS, FIELDS)
    assert (buyer["kind"], buyer["authenticity"], buyer["may_acknowledge"]) == ("buyer_message", "pass", True)
    assert "届きません" in done.stdout
    absent = {
        name: refund[name]
        for name in ("buyer_alias", "text", "rating", "reason", "intent", "error", "asins", "relayed")
    }
    assert absent == {
        "buyer_alias": None,
        "text": None,
        "rating": None,
        "reason": None,
        "intent": None,
        "error": None,
        "asins": [],
        "relayed": False,
    }


def test_no_result_is_believed_without_a_host(mails: Path) -> None:
    """Nobody's proof counts unless it was named."""
    record = json.loads(run("--json", mails / "buyer.eml").stdout)
    assert (record["authenticity"], record["refusals"]) == ("none", ["not_proven"])


def test_unreadable_file_is_named_and_the_others_are_shown(mails: Path) -> None:
    """One missing file costs the status and nothing else."""
    done = run("--json", mails / "none.eml", mails, mails / "refund.eml")
    missing, folder, refund = map(json.loads, done.stdout.splitlines())
    assert done.exit_code == 1
    assert missing["error"]
    assert folder["error"]
    assert (missing["kind"], list(missing)) == (None, FIELDS)
    assert (refund["kind"], refund["error"]) == ("refund", None)


def test_summary_says_rule_proof_and_refusals(mails: Path) -> None:
    """A person sees what was decided and why, Japanese first."""
    done = run(mails / "buyer.eml", mails / "none.eml", "--authserv-id", "other.example")
    assert done.exit_code == 1
    for words in (
        "購入者からのメッセージ (buyer_message)",
        "buyer_message/new-ja — 実物で確認済み (seen)",
        "送りません (no)",
        "送信元を確認できません (not_proven)",
        "届きません。\n    確認ください",
        "読めません (error)",
    ):
        assert words in done.stdout


def test_summary_of_a_message_that_may_be_acknowledged(mails: Path) -> None:
    """It says so, and a mail without a rule's confidence is shown too."""
    other = mails / "other.eml"
    other.write_bytes(b"From: friend@example.org\r\nSubject: x\r\n\r\nhello\r\n")
    done = run("--authserv-id", HOST, mails / "buyer.eml", other)
    assert "送れます (yes)" in done.stdout
    assert "規則 (rule): unrelated/sender\n" in done.stdout


def test_no_file_is_a_usage_error() -> None:
    """Without a file there is nothing to do."""
    assert run("--json").exit_code == 2


def test_nothing_heavy_is_imported() -> None:
    """Neither a database nor a network library is needed to read a file."""
    heavy = "('sqlalchemy', 'imapclient', 'pydantic', 'rich')"
    code = f"import sys, daemon.cli.parse; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_terminal_is_not_steered_by_a_mail(mails: Path) -> None:
    """Control characters of a stranger's text are left out of the summary."""
    (mails / "hostile.eml").write_bytes(BuyerMail(text="red \x1b[31m\x9b31m\x07 bell\u3000wide").build())
    done = run(mails / "hostile.eml")
    assert "red [31m31m bell\u3000wide" in done.stdout


def test_odd_file_name_is_printed(tmp_path: Path) -> None:
    """A name that is no UTF-8 is shown as well as it can be."""
    name = os.fsdecode(os.fsencode(tmp_path) + b"/\xff.eml")
    done = run("--json", name)
    assert (done.exit_code, json.loads(done.stdout)["file"][-5:]) == (1, "\ufffd.eml")
