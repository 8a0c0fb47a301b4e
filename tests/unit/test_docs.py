"""What the pages say is there is there, and nothing that a reader needs is left out."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest

from daemon.cli import COMMANDS
from templates.contexts import DraftContext
from templates.drafting import DRAFTED, DraftTemplates

DOCS = Path(__file__).parents[2] / "docs"
README = DOCS.parent / "README.md"


def read(name: str) -> str:
    """One page."""
    return (DOCS / name).read_text("utf-8")


def test_every_wording_and_every_value_is_described():
    """Whoever writes a template of their own finds its name and what it may use."""
    page = read("wordings.md")
    assert set(re.findall(r"`(\w+)\.j2`", page)) == DRAFTED
    named = set(re.findall(r"`context\.(\w+)`", page))
    assert named == {field.name for field in fields(DraftContext)} - {"situation"}


def test_the_example_of_a_wording_works(tmp_path):
    """What is copied from the page is a template without a fault."""
    (example,) = re.findall(r"```jinja\n(.*?)```", read("wordings.md"), re.DOTALL)
    (tmp_path / "ja").mkdir()
    (tmp_path / "ja" / "damaged.j2").write_text(example, "utf-8")
    templates = DraftTemplates(tmp_path)
    drafted = templates.render(DraftContext("まい商店", "山田", None, "damaged", "own"), "ja")
    assert drafted is not None
    assert (drafted.fault, templates.faults()) == (None, ())
    assert "山田 様" in drafted.text
    assert "〔お届けできる日〕" in drafted.text


@pytest.mark.parametrize("path", [README, *sorted(DOCS.glob("*.md"))], ids=lambda path: path.name)
def test_every_command_that_is_named_exists(path):
    """A reader can type what the page shows."""
    named = set(re.findall(r"(?:^|`)sokuresu ([a-z][a-z-]+)", path.read_text("utf-8"), re.MULTILINE))
    assert named <= set(COMMANDS)


def test_every_command_is_named_in_the_readme():
    """No command is known to its authors only."""
    text = README.read_text("utf-8")
    assert [name for name in COMMANDS if not re.search(rf"[`/ ]{name}\b", text)] == []
