"""The command that assesses a comment."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from click.testing import CliRunner

from daemon.cli import COMMANDS
from daemon.cli.feedback import ACTIONS, command


def run(*arguments, text=""):
    """Call the command as the shell would."""
    return CliRunner().invoke(command, ["assess", *map(str, arguments)], input=text)


def test_json_is_one_object_with_the_fields_that_scripts_rely_on():
    """Exactly the three, and status 0 whatever comes out."""
    done = run("--json", "--rating", 1, "--fulfilment", "fba", "-", text="配達が遅い")
    told = json.loads(done.stdout)
    assert (done.exit_code, list(told)) == (0, ["ground", "confident", "reason"])
    assert (told["ground"], told["confident"]) == ("fba_delivery", True)
    english = run("--json", "--rating", 1, "--language", "en", text="")
    assert json.loads(english.stdout) == {
        "ground": "none",
        "confident": True,
        "reason": "There is no comment, so no ground applies.",
    }


@pytest.mark.parametrize(
    ("options", "ground"),
    [
        (("--fulfilment", "own"), "none"),
        (("--fulfilment", "own", "--bought-label-on-time"), "bought_label"),
        (("--fulfilment", "unknown"), "none"),
        ((), "none"),
    ],
)
def test_who_shipped_decides_about_the_delivery(options, ground):
    """Without a word on it nobody knows."""
    done = run("--json", "--rating", 2, *options, text="届くのが遅かった")
    assert json.loads(done.stdout)["ground"] == ground


def test_lines_are_comments_of_their_own():
    """One object a line, in their order, also for an empty line and a last one without an end."""
    done = run("--rating", 1, "--lines", text="すぐ壊れた\r\n死ね\n\nGreat product but it came late")
    told = [json.loads(line)["ground"] for line in done.stdout.splitlines()]
    assert told == ["product_review", "obscene", "none", "none"]


def test_a_file_is_read(tmp_path):
    """UTF-8 with or without a mark, and what Japanese Windows writes."""
    for encoding in ("utf-8", "utf-8-sig", "cp932"):
        (tmp_path / "comment.txt").write_bytes("すぐ壊れた".encode(encoding))
        told = json.loads(run("--json", "--rating", 1, tmp_path / "comment.txt").stdout)
        assert told["ground"] == "product_review"


def test_a_person_reads_both_languages():
    """Japanese first: the ground, how sure, the sentences, and what Amazon does on it."""
    told = run("--rating", 1, text="すぐ壊れた。\x1b[31m返事もない").stdout
    assert told.splitlines()[0] == "根拠: なし (none)"
    assert "  「すぐ壊れた」" in told
    assert "評価は残る見込みです" in told
    assert "\x1b" not in told
    struck = run("--rating", 5, "--fulfilment", "fba", text="早く届いた").stdout
    assert "取り消し線" in struck
    assert "申請は不要" in struck
    unsure = run("--rating", 1, text="この店のランプはすぐ壊れた").stdout
    assert "要確認" in unsure
    assert "削除を申請" in unsure


@pytest.mark.parametrize(
    "arguments", [(), ("--rating", 0), ("--rating", 1, "--fulfilment", "x"), ("--rating", 1, "no-such-file")]
)
def test_a_wrong_call_is_a_usage_error(arguments):
    """Status 2."""
    assert run(*arguments).exit_code == 2


def test_the_group_lists_its_actions_and_knows_no_other():
    """The help comes from the table."""
    told = CliRunner().invoke(command, ["--help"]).stdout
    assert all(f"  {name} " in told for name in ACTIONS)
    assert CliRunner().invoke(command, ["nonsense"]).exit_code == 2


def test_the_command_is_in_the_table_and_light():
    """Neither a database nor a network library is needed to judge a comment."""
    assert "feedback" in COMMANDS
    heavy = "('sqlalchemy', 'imapclient', 'pydantic', 'rich', 'jinja2')"
    code = f"import sys, daemon.cli.feedback_assess; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
