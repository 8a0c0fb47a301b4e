"""The command line as a whole: what it imports, how it fails, what it says."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import packages_distributions
from types import SimpleNamespace

import click
import pytest
from click.testing import CliRunner

from daemon import import_names
from daemon.cli import COMMANDS, Context, main
from daemon.errors import ConfigurationError, MailboxUnavailable

HEAVY = (
    "pydantic",
    "sqlalchemy",
    "structlog",
    "rich",
    "jinja2",
    "imapclient",
    "mailparser",
    "smtplib",
    "ssl",
)


@pytest.fixture
def as_status(monkeypatch):
    """Puts a function in the place of ``sokuresu status`` and runs the line."""

    def run(function, *arguments):
        command = click.Command("status", callback=function)
        monkeypatch.setitem(sys.modules, "daemon.cli.status", SimpleNamespace(command=command))
        return CliRunner().invoke(main, [*arguments, "status"])

    return run


def python(code, **options):
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=200, **options
    )


def test_help_imports_no_command_and_no_library():
    """The table is enough to say what there is; only click is loaded."""
    code = f"""
import sys
from daemon.cli import main
try:
    main(["--help"], prog_name="sokuresu")
finally:
    print(sorted({{name.split(".")[0] for name in sys.modules}} & set({HEAVY!r})), file=sys.stderr)
    print([name for name in sys.modules if name.startswith("daemon.cli.")], file=sys.stderr)
"""
    done = python(code)
    assert done.returncode == 0
    assert all(f"  {name} " in done.stdout for name in COMMANDS)
    assert done.stderr.splitlines() == ["[]", "[]"]


def test_a_fault_of_ours_is_one_sentence_and_its_status(as_status):
    """No traceback, nothing on standard output."""

    def fail():
        raise MailboxUnavailable("サーバーに届きません。 / The server cannot be reached.")

    result = as_status(fail)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == "sokuresu: サーバーに届きません。 / The server cannot be reached.\n"


@pytest.mark.parametrize(("faults", "count"), [(("a: x",), "1 fault."), (("a: x", "b: y"), "2 faults.")])
def test_a_wrong_configuration_lists_every_fault(as_status, faults, count):
    """Each on a line of its own; status 2, so that systemd does not try again."""

    def fail():
        raise ConfigurationError(faults)

    result = as_status(fail)
    heading, *lines = result.stderr.splitlines()
    assert result.exit_code == 2
    assert heading.endswith(count)
    assert lines == [f"  - {fault}" for fault in faults]


def test_an_interrupt_ends_with_130(as_status):
    """As every program does that is ended with Ctrl-C."""

    def interrupted():
        raise KeyboardInterrupt

    result = as_status(interrupted)
    assert (result.exit_code, result.output) == (130, "")


def test_a_reader_that_went_away_is_no_error_message():
    """``sokuresu cases | head -1`` says nothing on standard error."""
    code = """
import sys, types, click
@click.command()
def command():
    sys.stdin.readline()
    for line in range(20000):
        click.echo("x" * 80)
sys.modules["daemon.cli.cases"] = types.SimpleNamespace(command=command)
from daemon.cli import main
main(["cases"])
"""
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        process.stdin.write(b"\n")
        process.stdin.flush()
        said = process.stderr.read()
        process.wait(30)
    assert said == b""


@pytest.mark.parametrize(
    ("name", "near"), [("staus", "Did you mean status?"), ("case-s", "Did you mean cases?"), ("zzz", "zzz.")]
)
def test_an_unknown_command_is_a_usage_error(name, near):
    """In both languages, with the command that was probably meant."""
    result = CliRunner().invoke(main, [name])
    assert result.exit_code == 2
    assert f"{name} という命令はありません" in result.stderr
    assert result.stderr.rstrip().endswith(near)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("case", "N を指定してください。 / N is missing."),
        ("case abc", "N: 1 以上の整数を入れてください。 / Give a whole number, 1 or more."),
        (
            "feedback add --rating 9",
            "--rating: 1 から 5 までの整数を入れてください。 / Give a whole number from 1 to 5.",
        ),
        (
            "case 3 --jsn",
            (
                "--jsn というオプションはありません。--json のことですか。"
                " / There is no option --jsn. Did you mean --json?"
            ),
        ),
        (
            "import ordrs x",
            (
                "ordrs という命令はありません。orders のことですか。"
                " / There is no command ordrs. Did you mean orders?"
            ),
        ),
        (
            "returns 2 --arrived x",
            "--arrived: 'x' は使えません。次のどれかを指定してください / is none of these: unopened, opened",
        ),
        (
            "restore nosuch.db",
            "FILE: ファイルがありません。名前と場所を確かめてください。 / File 'nosuch.db' does not exist.",
        ),
        ("backfill", "--since を指定してください。 / --since is missing."),
        ("report --month", "--month には値が要ります。 / --month wants a value."),
        ("cases --json=3", "--json には値を付けられません。 / --json takes no value."),
        ("cases a b", "余分な言葉があります: a b / There is more than the command takes: a b"),
        ("--config", "--config には値が要ります。 / --config wants a value."),
        ("snooze 2 --for abc", '--for: "90m"、"3h"、"2d" のように、30日までで (up to 30 days, such as 3h).'),
    ],
)
def test_a_wrong_line_is_told_in_both_languages(line, told):
    """What click would say in English alone is said in Japanese first; the status stays 2."""
    result = CliRunner().invoke(main, line.split())
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.splitlines()[-1] == f"Error: {told}"


def test_a_command_is_imported_when_it_is_called():
    """The table's name leads to the module of the same name."""
    result = CliRunner().invoke(main, ["parse", "--help"])
    assert result.exit_code == 0
    assert "parse" in result.stdout.splitlines()[0]


def test_an_unknown_option_is_a_usage_error():
    """An option is not taken for a command."""
    result = CliRunner().invoke(main, ["--confg", "x", "status"])
    assert result.exit_code == 2
    assert "--confg" in result.stderr


def test_the_version_is_told():
    """With the program's name before it."""
    result = CliRunner().invoke(main, ["--version"])
    assert (result.exit_code, result.stdout.split()[0]) == (0, "sokuresu")


def test_a_command_gets_the_configuration_that_was_named(as_status, tmp_path):
    """Read when it is first asked for, and only once."""
    path = tmp_path / "shop.toml"
    path.write_text(
        '[shop]\nname = "店"\nowner_email = "o@shop.example"\n[[mailbox]]\nname = "main"\n'
        'address = "a@shop.example"\nimap = { host = "i.example" }\nsmtp = { host = "s.example" }\n'
    )
    seen = []

    @click.pass_obj
    def look(context: Context):
        seen.extend([context.settings_without_secrets, context.settings_without_secrets])

    result = as_status(look, "--config", str(path))
    assert result.exit_code == 0
    assert seen[0] is seen[1]
    assert seen[0].shop.name == "店"

    @click.pass_obj
    def connect(context: Context):
        assert context.settings

    result = as_status(connect, "--config", str(path))
    assert result.exit_code == 2
    assert "sokuresu_main_password" in result.stderr


def installed(folder, name, listing, content):
    """Make a distribution as pip leaves it, with one list of its files."""
    info = folder / f"{name.replace('-', '_')}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (info / listing).write_text(content)


@pytest.mark.parametrize(
    ("listing", "content"),
    [
        ("RECORD", "daemon/__init__.py,sha256=x,1\npython_daemon-1.0.dist-info/RECORD,,\n"),
        ("RECORD", "daemon.py,sha256=x,1\n"),
        ("top_level.txt", "daemon\n"),
    ],
)
def test_no_other_package_may_own_our_import_names(monkeypatch, tmp_path, listing, content):
    """python-daemon owns `daemon`; with it installed beside us nobody knows which one runs."""
    installed(tmp_path, "python-daemon", listing, content)
    installed(tmp_path, "harmless", "RECORD", "lib/daemon/x.py,,\nstates/__init__.py,,\ndaemonic.py,,\n")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ConfigurationError) as caught:
        import_names.check_import_names()
    (fault,) = caught.value.faults
    assert fault.startswith("daemon: python-daemon ")


def test_this_environment_has_no_such_package():
    """The real look at what is installed: nothing but ourselves owns the four names."""
    import_names.check_import_names()
    owners = packages_distributions()
    assert all(set(owners.get(name, ())) <= {"sokuresu"} for name in import_names.OURS)
