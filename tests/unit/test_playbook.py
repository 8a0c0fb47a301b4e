"""Each row of the seller's playbook has a feature and a test. UPDATE_PLAYBOOK=1 rewrites the page's tests."""

from __future__ import annotations

import ast
import os
import re
from collections import defaultdict
from functools import cache
from pathlib import Path

TESTS = Path(__file__).parents[1]
PAGE = TESTS.parent / "docs" / "playbook.md"
ROWS = tuple((TESTS / "data" / "playbook_rows.txt").read_text("utf-8").splitlines())


def markers(node):
    """Every call of the marker in a part of the source."""
    calls = (one for one in ast.walk(node) if isinstance(one, ast.Call))
    return [
        one
        for one in calls
        if isinstance(one.func, ast.Attribute) and ast.unparse(one.func) == "pytest.mark.playbook"
    ]


def collected(tree):
    """Functions and methods that pytest collects, with their decorators."""
    bodies = [tree.body, *(one.body for one in tree.body if isinstance(one, ast.ClassDef))]
    functions = (one for body in bodies for one in body if isinstance(one, ast.FunctionDef))
    return [one for one in functions if one.name.startswith("test_")]


def named_by(call):
    """The row that a marker names, or None if it is not plainly written."""
    plain = len(call.args) == 1 and not call.keywords and isinstance(call.args[0], ast.Constant)
    return call.args[0].value if plain else None


@cache
def sources():
    """The modules that use the marker, by their path below the tests."""
    texts = ((path, path.read_text("utf-8")) for path in sorted(TESTS.rglob("*.py")))
    return {
        path.relative_to(TESTS).as_posix(): ast.parse(text) for path, text in texts if "mark.playbook" in text
    }


@cache
def files_by_row():
    """Which files hold a test that names a row."""
    found = defaultdict(set)
    for name, tree in sources().items():
        for test in collected(tree):
            for call in markers(test):
                found[named_by(call)].add(name)
    return found


def line_of(row):
    """The page's line for a row, in its cells: the row, what carries it, the tests."""
    lines = [line for line in PAGE.read_text("utf-8").splitlines() if line.startswith(f"| {row}<br>")]
    assert len(lines) == 1, row
    return lines[0].removeprefix("| ").removesuffix(" |").split(" | ")


def cell_of(files):
    """The last cell of a row's line."""
    return " ".join(f"`{name}`" for name in sorted(files)) or "–"


def write_tests_of(row):
    """Put the present tests into the page."""
    *cells, _ = line_of(row)
    text = PAGE.read_text("utf-8")
    line = re.compile(rf"^\| {re.escape(row)}<br>.*$", re.MULTILINE)
    new = f"| {' | '.join([*cells, cell_of(files_by_row()[row])])} |"
    PAGE.write_text(line.sub(lambda _: new, text), "utf-8")


def test_every_row_has_a_test():
    """What the product shall carry is shown by something that runs."""
    assert [row for row in ROWS if not files_by_row()[row]] == []


def test_every_marker_names_a_row_and_stands_on_a_test():
    """A misspelt row, or a marker on something that never runs, would show nothing."""
    for name, tree in sources().items():
        on_tests = [call for test in collected(tree) for call in markers(test)]
        assert [named_by(call) for call in on_tests if named_by(call) not in ROWS] == [], name
        assert len(on_tests) == len(markers(tree)), name


def test_the_page_tells_where_each_row_is_carried_and_tested():
    """In the playbook's order, with a feature, and with the very files that hold the tests."""
    for row in ROWS if os.environ.get("UPDATE_PLAYBOOK") == "1" else ():
        write_tests_of(row)
    for row in ROWS:
        _, feature, tests = line_of(row)
        assert feature.strip(), row
        assert tests == cell_of(files_by_row()[row]), row
    firsts = re.findall(r"^\| (.*?)<br>", PAGE.read_text("utf-8"), re.MULTILINE)
    assert tuple(firsts) == ROWS
