"""The command that checks a text before it is sent."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner, Result

from daemon.cli import COMMANDS
from daemon.cli.lint import command

if TYPE_CHECKING:
    from pathlib import Path

ORDER = "250-3407084-0349098"
GOOD = "交換品を本日発送いたしました。"
BAD = "評価を変更していただけますか。"


def run(*arguments: object, text: str | bytes = "") -> Result:
    """Call the command as the shell would."""
    return CliRunner().invoke(command, [str(argument) for argument in arguments], input=text)


def test_json_is_one_object_with_the_fields_that_scripts_rely_on():
    """Everything that is known of a finding, and the status of the whole."""
    done = run("--json", text=f"{BAD} 090-1234-5678")
    told = json.loads(done.stdout)
    assert done.exit_code == 1
    assert list(told) == ["ok", "findings"]
    assert told["ok"] is False
    assert {tuple(one) for one in told["findings"]} == {("rule", "severity", "text", "reason")}
    assert {one["rule"] for one in told["findings"]} >= {"rating_change", "telephone"}


def test_a_good_text_is_told_as_such():
    """In JSON and in words; the status is 0."""
    done = run("--json", "-", text=GOOD)
    assert (done.exit_code, json.loads(done.stdout)) == (0, {"ok": True, "findings": []})
    assert run(text=GOOD).stdout.startswith("問題は見つかりませんでした。")


def test_warnings_leave_the_status_at_0():
    """A missing order number may be overruled; another order's may not."""
    done = run("--json", "--order", ORDER, text=GOOD)
    told = json.loads(done.stdout)
    assert (done.exit_code, told["ok"]) == (0, True)
    assert [(one["rule"], one["severity"]) for one in told["findings"]] == [("order_missing", "warning")]
    other = run("--json", "--order", ORDER, text=f"{ORDER} 249-1234567-7654321 {GOOD}")
    assert other.exit_code == 1


def test_lines_are_texts_of_their_own():
    """One object a line, in their order, also for an empty line and a last one without an end."""
    done = run("--lines", text=f"{GOOD}\r\n{BAD}\n\n{GOOD}")
    assert [json.loads(line)["ok"] for line in done.stdout.splitlines()] == [True, False, True, True]
    assert done.exit_code == 1
    assert run("--lines", "--json", text=f"{GOOD}\n").exit_code == 0


def test_a_file_is_read(tmp_path: Path):
    """UTF-8 with or without a mark, and what Japanese Windows writes."""
    for encoding in ("utf-8", "utf-8-sig", "cp932"):
        (tmp_path / "draft.txt").write_bytes(BAD.encode(encoding))
        told = json.loads(run("--json", tmp_path / "draft.txt").stdout)
        assert told["findings"][0]["text"].startswith("評価を変更")


def test_a_person_reads_both_languages():
    """Japanese first; the words and the rule's name above."""
    lines = run(text="お電話は 090-1234-5678 まで").stdout.splitlines()
    assert lines[0] == "送信できません (error) telephone: 090-1234-5678"
    assert "電話番号" in lines[1]
    assert "Telephone" in lines[2]


def test_reasons_can_be_english_in_json():
    """Where the reader of the JSON is not Japanese."""
    told = json.loads(run("--json", "--language", "en", text="♪").stdout)
    assert told["findings"][0]["reason"].startswith("Emojis")


@pytest.mark.parametrize(
    "arguments", [("--order", "123"), ("--order", "x", "--json"), ("no-such-file",), ("--nonsense",)]
)
def test_a_wrong_call_is_a_usage_error(arguments):
    """Status 2, which is not the status of a text that must not be sent."""
    assert run(*arguments, text=GOOD).exit_code == 2


def test_the_terminal_is_not_steered():
    """Control characters of the text are left out of the summary."""
    assert "\x1b" not in run(text="〔\x1b[31m〕").stdout


def test_the_command_is_in_the_table_and_light():
    """Neither a database nor a network library is needed to judge a text."""
    assert "lint" in COMMANDS
    heavy = "('sqlalchemy', 'imapclient', 'pydantic', 'rich', 'jinja2')"
    code = f"import sys, daemon.cli.lint; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
