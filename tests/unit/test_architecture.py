"""The house keeps its arrows and owners; and what checks that can fail."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit import architecture
from tests.unit.architecture import FOLDERS, Module, read_modules

ROOT = Path(__file__).parents[2]
PROGRAM = read_modules(ROOT, *FOLDERS)
EVERYTHING = read_modules(ROOT, *FOLDERS, "tests")
HOME = "/" + "home"
FOR_TYPES = "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    "

OF_THE_PROGRAM = [
    architecture.crossed_arrows,
    architecture.strange_hands,
    architecture.clock_readers,
    architecture.circles,
    architecture.impure_rules,
    architecture.missing_rules,
    architecture.wall_clock_schedules,
]
OF_EVERYTHING = [architecture.long_functions, architecture.machine_paths, architecture.vague_names]


def modules(**sources):
    """Modules of these sources; a double underscore in a name stands for a dot."""
    return [Module(name.replace("__", "."), source) for name, source in sources.items()]


@pytest.mark.parametrize("check", OF_THE_PROGRAM, ids=lambda check: check.__name__)
def test_the_program_keeps_the_rules(check):
    """No breach in the four folders."""
    assert check(PROGRAM) == []


@pytest.mark.parametrize("check", OF_EVERYTHING, ids=lambda check: check.__name__)
def test_program_and_tests_keep_the_rules(check):
    """No breach in the four folders, nor in the tests."""
    assert check(EVERYTHING) == []


def test_the_tree_was_read():
    """The checks looked at the real files: known modules, a package and an owner are among them."""
    names = {module.name for module in PROGRAM}
    assert {"parsers.values", "state.repository", "state.repository.cases", "daemon.clock"} <= names
    clock = next(module for module in PROGRAM if module.name == "daemon.clock")
    assert architecture.clock_readers([Module("daemon.other", clock.source)]) != []


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("parsers.mime", "import state.model"),
        ("parsers.mime", "from state import model"),
        ("parsers.mime", "from daemon.errors import SokuresuError"),
        ("parsers.mime", "def late():\n    from templates import render"),
        ("parsers.mime", f"{FOR_TYPES}from state.model import Case"),
        ("parsers.mime", "try:\n    import state\nexcept ImportError:\n    pass"),
        ("state.model", "from parsers import values, mime"),
        ("state.model", "from parsers.values_of_others import x"),
        ("state.model", "import parsers"),
        ("state.model", "from templates.render import render"),
        ("templates.render", "from parsers.values import OrderId"),
        ("daemon.reading.intake", "from tests.beds import smtp"),
        ("state.repository.cases", "from ...parsers import mime"),
    ],
)
def test_a_crossed_arrow_is_seen(name, source):
    """At the top, in a function, for types only, or by a relative path."""
    assert architecture.crossed_arrows([Module(name, source)]) != []


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("state.model", "from parsers.values import Kind\nimport parsers.values"),
        ("state.model", "from state import tables\nimport sqlalchemy\nfrom . import matching"),
        ("daemon.reading.intake", "import parsers.mime, state.model\nfrom templates import render"),
        ("parsers.mime", "import mailparser\nfrom parsers.charset import decode\nimport statement"),
        ("templates.render", "import jinja2\n# from parsers import values"),
    ],
)
def test_a_rightful_import_is_let_be(name, source):
    """What the table allows is no breach."""
    assert architecture.crossed_arrows([Module(name, source)]) == []


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("daemon.reading.intake", "from imapclient import IMAPClient"),
        ("daemon.mailboxes", "import imapclient"),
        ("daemon.mailbox.idle", "import smtplib"),
        ("daemon.delivery", "from smtplib import SMTP"),
        ("parsers.charset", "def late():\n    import mailparser.core"),
    ],
)
def test_strange_hands_are_seen(name, source):
    """A library with an owner in anyone else's hands."""
    assert architecture.strange_hands([Module(name, source)]) != []


def test_owners_are_let_be():
    """The owner and the rooms within it may."""
    sources = {
        "daemon__mailbox__idle": "import imapclient.exceptions",
        "daemon__smtp": "import smtplib",
        "parsers__mime": "import mailparser",
        "daemon__demo": "import smtplibrary",
    }
    assert architecture.strange_hands(modules(**sources)) == []


@pytest.mark.parametrize(
    "source",
    [
        "from datetime import datetime, UTC\nx = datetime.now(UTC)",
        "import datetime\nx = datetime.datetime.today()",
        "import datetime as dt\nx = dt.datetime.utcnow()",
        "from datetime import datetime as d\nfactory = d.now",
        "from datetime import date\nx = date.today()",
        "import time\nx = time.time()",
        "from time import time\nx = time()",
        "from time import time_ns as ns\nx = ns()",
    ],
)
def test_a_reader_of_the_clock_is_seen(source):
    """Under any name that an import may give it, called or handed on."""
    assert architecture.clock_readers([Module("daemon.reading.intake", source)]) != []
    assert architecture.clock_readers([Module("daemon.clock", source)]) == []


@pytest.mark.parametrize(
    "source",
    [
        "def f(clock):\n    return clock.now()",
        "import time\nx = time.monotonic()",
        "from datetime import datetime\nx = datetime.fromisoformat('2026-01-01')",
        "def f(today, now):\n    return today, now.time()",
        "class A:\n    def now(self):\n        return self.time.time()",
    ],
)
def test_an_injected_clock_is_let_be(source):
    """The present may be asked of an argument, and durations be measured."""
    assert architecture.clock_readers([Module("daemon.reading.intake", source)]) == []


@pytest.mark.parametrize(
    "sources",
    [
        {"state__a": "import state.b", "state__b": "import state.a"},
        {
            "state__a": "from state import b",
            "state__b": "from state.c import x",
            "state__c": "import state.a",
        },
        {"state": "from state.a import x", "state__a": "from state import y"},
    ],
)
def test_a_circle_is_seen(sources):
    """Two modules, three, or a package and its room."""
    found = [
        Module(module.name, module.source, is_package=module.name == "state") for module in modules(**sources)
    ]
    assert len(architecture.circles(found)) == 1


@pytest.mark.parametrize(
    "back",
    [
        f"{FOR_TYPES}import state.a",
        "import typing\nif typing.TYPE_CHECKING:\n    from state.a import x",
        "def late():\n    import state.a",
        "import elsewhere.a",
        "import state.b",
    ],
)
def test_what_does_not_load_makes_no_circle(back):
    """Imports for types only, and those that wait for a call, are no circle."""
    assert architecture.circles(modules(state__a="import state.b", state__b=back)) == []


def test_a_package_that_gathers_its_rooms_is_no_circle():
    """``from package import room`` loads the room and asks nothing of the package."""
    package = Module("state", "from state import a, b", is_package=True)
    rooms = modules(state__a="x = 1", state__b="from state import a")
    assert architecture.circles([package, *rooms]) == []


@pytest.mark.parametrize(("lines", "faults"), [(60, 0), (61, 1)])
def test_a_long_function_is_seen(lines, faults):
    """Sixty lines are the most, docstring and signature counted; methods and nested ones too."""
    body = "    x = 1\n" * (lines - 1)
    method = "".join(f"    {line}\n" for line in f"async def f():\n{body}".splitlines())
    assert len(architecture.long_functions([Module("state.a", f"def f():\n{body}")])) == faults
    assert len(architecture.long_functions([Module("state.a", f"class A:\n{method}")])) == faults


@pytest.mark.parametrize(
    "source",
    [
        "from sqlalchemy import select",
        "import alembic.op",
        "from state import tables",
        "from state.repository.cases import Cases",
        f"{FOR_TYPES}from state.unit_of_work import UnitOfWork",
    ],
)
def test_an_impure_rule_is_seen(source):
    """A rule knows no database, not even for types."""
    assert architecture.impure_rules([Module("state.matching", source)]) != []
    assert architecture.impure_rules([Module("state.repository.cases", source)]) == []


def test_rules_may_know_rules():
    """Pure modules import each other and the parsers' values."""
    source = "from state.model import Case\nfrom parsers.values import Kind\nfrom state import deadlines"
    assert architecture.impure_rules([Module("state.matching", source)]) == []


def test_a_lost_rule_is_seen():
    """A pure module that was renamed would go unchecked."""
    assert "state.model" in architecture.missing_rules(modules(state__matching=""))


@pytest.mark.parametrize(
    "part", ["every().day.at('12:00')", "every(5).seconds.until('18:00')", "every().day"]
)
def test_a_schedule_by_the_wall_clock_is_seen(part):
    """What reads the wall clock by itself is forbidden where ``schedule`` is used."""
    for start in ("import schedule\nschedule.", "from schedule import every\n"):
        assert architecture.wall_clock_schedules([Module("daemon.waker", f"{start}{part}.do(f)")]) != []


def test_a_schedule_that_only_wakes_is_let_be():
    """Every so many seconds is fine, and elsewhere the words mean something else."""
    sources = {
        "daemon__waker": "import schedule\nschedule.every(2).seconds.do(f)",
        "state__calendar": "x = calendar.at(date.day)",
    }
    assert architecture.wall_clock_schedules(modules(**sources)) == []


@pytest.mark.parametrize(
    "line",
    [f"x = '{HOME}/anna/shop.db'", f"# see {HOME}/anna", "x = r'" + "C:" + r"\Users\anna'", f'P("{HOME}/a")'],
)
def test_a_path_of_one_machine_is_seen(line):
    """In code and in comments."""
    assert len(architecture.machine_paths([Module("daemon.config", f"x = 1\n{line}")])) == 1


@pytest.mark.parametrize(
    "line",
    [
        "x = '/etc/sokuresu/sokuresu.toml'",
        "x = 'folder/work/files'",
        "x = 'https://a.example/home/b'",
        "A:\\n",
    ],
)
def test_a_path_of_every_machine_is_let_be(line):
    """The documented place of the configuration, relative paths and web addresses."""
    assert architecture.machine_paths([Module("daemon.config", line)]) == []


@pytest.mark.parametrize(
    ("name", "is_vague"),
    [
        ("daemon.utils", True),
        ("daemon.mail_helpers", True),
        ("state.manager.cases", True),
        ("parsers.common", True),
        ("daemon.commands", False),
        ("parsers.commonly", False),
    ],
)
def test_a_name_that_says_nothing_is_seen(name, is_vague):
    """As the whole name, as a part of it, or as a folder's."""
    assert bool(architecture.vague_names([Module(name, "")])) is is_vague


def test_relative_imports_are_resolved():
    """A dot is the own package, two are the one above; in an ``__init__`` the dot is the package itself."""
    source = "from . import a\nfrom .b import c\nfrom ..d import e"
    room = Module("daemon.mailbox.idle", source)
    package = Module("daemon.mailbox", source, is_package=True)
    expected = ["daemon.mailbox.a", "daemon.mailbox.b.c", "daemon.d.e"]
    assert [found.target for found in room.imports()] == expected
    assert [found.target for found in package.imports()] == expected
