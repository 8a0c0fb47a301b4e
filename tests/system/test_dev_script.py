"""The script that runs everything, with stand-ins for Python and pip, so that nothing is installed."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
VERBS = ("demo", "test", "check", "bench", "lock", "help")
DRIVER = "tests/browser/requirements.txt"
COPIED = (
    "dev",
    "requirements.txt",
    "requirements-dev.txt",
    "requirements-build.txt",
    "pyproject.toml",
    DRIVER,
)
PROGRAMS = ("cat", "cksum", "cp", "chmod", "dirname", "mkdir", "mktemp", "readlink", "rm", "sh")
PYTHONS = ("python3", "python3.14", "python3.13", "python3.12", "python3.11")

OLD_PYTHON = """
[ "$1" != -V ] || { echo "Python 3.9.2"; exit 0; }
exit 1
"""

PYTHON_WITHOUT_VENV = """
case $* in
    -V) echo "Python 3.12.1" ;;
    *ensurepip*) exit 1 ;;
esac
"""

# Makes an environment with itself as python, and notes each call of pip, which fails while "broken" is there.
PYTHON = """
case $* in
    -V) echo "Python 3.11.9" ;;
    '-m venv '*)
        mkdir -p "$3/bin"
        cp "$0" "$3/bin/python"
        cp "$NOTES/sokuresu" "$3/bin/sokuresu"
        ;;
    '-m pip install '*)
        echo "$*" >>"$NOTES/pip"
        [ ! -e "$NOTES/broken" ] || { echo 'the network is down'; exit 1; }
        ;;
    '-m '*) echo "in $PWD: $*" ;;
esac
"""

SOKURESU = """
echo "in $PWD, home $HOME: sokuresu $*"
"""


@dataclass(frozen=True, slots=True)
class Checkout:
    """A copy of the script with a PATH of its own.

    Attributes:
        folder: the copy; its name has spaces and Japanese letters.
        tools: the only folder of the PATH.
        notes: where the stand-ins leave what they were asked.
    """

    folder: Path
    tools: Path
    notes: Path

    def run(
        self, *arguments: str, script: Path | None = None, cwd: Path | None = None, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        """Run ``./dev`` as an ordinary user without any other environment."""
        settings = {"PATH": str(self.tools), "NOTES": str(self.notes), "LC_ALL": "C.UTF-8"}
        return run(
            script or self.folder / "dev", *arguments, env=settings | environment, cwd=cwd or self.folder
        )

    def pip_calls(self) -> list[str]:
        """What pip was asked for, in order."""
        calls = self.notes / "pip"
        return calls.read_text(encoding="utf-8").splitlines() if calls.exists() else []

    def change(self, name: str) -> None:
        """Add a line to a file of the copy."""
        with (self.folder / name).open("a", encoding="utf-8") as file:
            file.write("# changed\n")


def run(
    *command: object, cwd: Path = ROOT, env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end without input."""
    return subprocess.run(
        [str(part) for part in command],
        check=False,
        cwd=cwd,
        env=env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=200,
    )


def put_program(path: Path, text: str) -> None:
    """Write a small shell program."""
    path.write_text(f"#!/bin/sh\n{text}", encoding="utf-8")
    path.chmod(0o755)


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    """A copy for an ordinary user whose every Python is recent and complete."""
    made = Checkout(tmp_path / "my 即レス copy", tmp_path / "tools", tmp_path / "notes")
    for folder in (made.folder, made.tools, made.notes):
        folder.mkdir()
    for name in COPIED:
        (made.folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, made.folder / name)
    for name in PROGRAMS:
        (made.tools / name).symlink_to(str(shutil.which(name)))
    put_program(made.tools / "id", "echo 1000")
    put_program(made.notes / "sokuresu", SOKURESU)
    install(made, PYTHON)
    return made


def install(checkout: Checkout, python: str) -> None:
    """Let every Python of the PATH be this stand-in."""
    for name in PYTHONS:
        put_program(checkout.tools / name, python)


@pytest.mark.parametrize("script", ["dev", ".ci/run"])
def test_scripts_are_valid_shell(script: str) -> None:
    """The shell can read the whole script, and it may be executed."""
    assert run("sh", "-n", ROOT / script).stderr == ""
    assert os.access(ROOT / script, os.X_OK)


@pytest.mark.parametrize("word", ["help", "-h", "--help"])
def test_help_names_every_verb(word: str) -> None:
    """Help goes to the output, names each verb and is no failure."""
    result = run(ROOT / "dev", word)
    assert (result.returncode, result.stderr) == (0, "")
    assert [verb for verb in VERBS if f"\n  {verb} " not in result.stdout] == []


def test_unknown_verb_is_refused_with_help() -> None:
    """A wrong verb is named, the help follows, and the status is that of wrong usage."""
    result = run(ROOT / "dev", "dmeo")
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.startswith("Unknown verb: dmeo\nUsage: ./dev VERB")


def test_no_verb_is_refused_with_help() -> None:
    """Without a verb the help is shown and nothing is done."""
    result = run(ROOT / "dev")
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.startswith("Usage: ./dev VERB")


def test_first_demo_sets_itself_up(checkout: Checkout) -> None:
    """The first call installs with hashes, without isolation, only what the demo needs, and then runs it."""
    result = checkout.run("demo", "--fast", "two words")
    assert result.returncode == 0
    assert result.stdout.endswith(": sokuresu demo --fast two words\n")
    build, packages, ours = checkout.pip_calls()
    assert "--require-hashes" in build
    assert build.endswith("-r requirements-build.txt")
    assert "--require-hashes --no-build-isolation" in packages
    assert packages.endswith("-r requirements.txt")
    assert ours.endswith("-e .")


def test_second_run_starts_at_once(checkout: Checkout) -> None:
    """What is set up is not set up again, and the second run says nothing of its own."""
    checkout.run("demo")
    result = checkout.run("demo")
    assert (result.returncode, result.stderr) == (0, "")
    assert len(checkout.pip_calls()) == 3


def test_tests_bring_what_the_demo_needs(checkout: Checkout) -> None:
    """An environment made for the tests serves the demo too, but not the other way round."""
    checkout.run("demo")
    checkout.run("test", "tests/unit")
    assert checkout.pip_calls()[4].endswith("-r requirements-dev.txt")
    checkout.run("demo")
    assert len(checkout.pip_calls()) == 6


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-build.txt", "pyproject.toml"])
def test_changed_requirements_are_installed(checkout: Checkout, name: str) -> None:
    """A change of what the environment is made from brings it up to date."""
    checkout.run("demo")
    checkout.change(name)
    checkout.run("demo")
    assert len(checkout.pip_calls()) == 6


def test_failed_installation_shows_why_and_is_tried_again(checkout: Checkout) -> None:
    """What pip printed is shown only when it failed, and the next call starts over."""
    (checkout.notes / "broken").touch()
    failed = checkout.run("demo")
    assert (failed.returncode, failed.stdout) == (1, "")
    assert "the network is down\nThe packages could not be installed" in failed.stderr
    (checkout.notes / "broken").unlink()
    assert checkout.run("demo").returncode == 0


def test_interrupted_installation_is_not_trusted(checkout: Checkout) -> None:
    """An environment whose installation was killed is thrown away."""
    checkout.run("demo")
    (checkout.folder / ".venv" / "unfinished").touch()
    leftover = checkout.folder / ".venv" / "half-a-package"
    leftover.touch()
    checkout.change("requirements.txt")
    assert checkout.run("demo").returncode == 0
    assert not leftover.exists()


def test_runs_from_elsewhere_and_through_a_link(checkout: Checkout, tmp_path: Path) -> None:
    """Called by a relative symbolic link from another folder it still works in its own."""
    (tmp_path / "bin").mkdir()
    link = tmp_path / "bin" / "dev-link"
    link.symlink_to(Path("..") / checkout.folder.name / "dev")
    result = checkout.run("demo", script=link, cwd=tmp_path, CDPATH="/")
    assert result.stdout.startswith(f"in {checkout.folder}, ")


@pytest.mark.parametrize("home", [None, "", "/nowhere/at/all"])
def test_missing_home_is_replaced(checkout: Checkout, home: str | None) -> None:
    """Without a usable home folder the caches stay inside the environment."""
    result = checkout.run("demo") if home is None else checkout.run("demo", HOME=home)
    assert f", home {checkout.folder}/.venv/home: " in result.stdout
    assert (checkout.folder / ".venv" / "home").is_dir()


def test_own_home_is_kept(checkout: Checkout, tmp_path: Path) -> None:
    """A home folder that can be written to is left alone."""
    assert f", home {tmp_path}: " in checkout.run("demo", HOME=str(tmp_path)).stdout


def test_old_python_is_explained(checkout: Checkout) -> None:
    """With an old Python it says in two languages which one is needed, which is here and how to get it."""
    install(checkout, OLD_PYTHON)
    result = checkout.run("demo")
    assert (result.returncode, result.stdout) == (1, "")
    assert "Python 3.11 or newer is needed; found: Python 3.9.2." in result.stderr
    assert "Python 3.11 以上が必要です" in result.stderr
    assert "sudo apt-get install python3 python3-venv" in result.stderr


def test_missing_venv_is_explained(checkout: Checkout) -> None:
    """Debian's Python without venv is told apart from no Python."""
    install(checkout, PYTHON_WITHOUT_VENV)
    result = checkout.run("demo")
    assert result.returncode == 1
    assert "Python is here (Python 3.12.1), but its venv module is missing." in result.stderr


def test_first_complete_python_is_taken(checkout: Checkout) -> None:
    """An old python3 and one without venv are passed over for a later name that will do."""
    put_program(checkout.tools / "python3", OLD_PYTHON)
    put_program(checkout.tools / "python3.14", PYTHON_WITHOUT_VENV)
    result = checkout.run("demo")
    assert result.returncode == 0
    assert "with Python 3.11.9" in result.stderr


def test_arguments_reach_pytest(checkout: Checkout) -> None:
    """A selection of tests runs alone, without workers and without the floor of coverage."""
    result = checkout.run("test", "tests/unit", "-k", "two words")
    assert result.stdout == f"in {checkout.folder}: -m pytest tests/unit -k two words\n"


def test_whole_run_measures_coverage(checkout: Checkout) -> None:
    """Without arguments the tests run on two workers and the floor is held afterwards."""
    first, second = checkout.run("test").stdout.splitlines()
    assert first.endswith(": -m pytest -n 4 --dist loadfile --no-loadscope-reorder --cov --cov-report=")
    assert second.endswith(": -m tests.coverage_floor")


def test_integration_machine_allows_no_skips(checkout: Checkout) -> None:
    """Where CI=true the plugin that fails on skipped tests is loaded."""
    assert ": -m pytest -p tests.no_skips -n 4 " in checkout.run("test", CI="true").stdout


def test_driver_comes_where_a_browser_is(checkout: Checkout) -> None:
    """With chromium here the tests bring its driver, once for each state of its pins; the demo does not."""
    put_program(checkout.tools / "chromium", "")
    checkout.run("demo")
    assert [call for call in checkout.pip_calls() if DRIVER in call] == []
    checkout.run("test", "tests/unit")
    checkout.run("test", "tests/unit")
    assert [call for call in checkout.pip_calls() if DRIVER in call] == [checkout.pip_calls()[-1]]
    assert checkout.pip_calls()[-1].endswith(f"--require-hashes -r {DRIVER}")
    checkout.change(DRIVER)
    checkout.run("test", "tests/unit")
    assert len([call for call in checkout.pip_calls() if DRIVER in call]) == 2


def test_missing_driver_stops_the_integration_machine_alone(checkout: Checkout) -> None:
    """Where the driver cannot be had the tests run without it, but not where none may be skipped."""
    checkout.run("test", "tests/unit")
    put_program(checkout.tools / "chromium", "")
    (checkout.notes / "broken").touch()
    elsewhere = checkout.run("test", "tests/unit")
    assert elsewhere.stdout.endswith(": -m pytest tests/unit\n")
    assert (
        "the network is down\nIt could not be installed; the browser tests will be skipped."
        in elsewhere.stderr
    )
    there = checkout.run("test", "tests/unit", CI="true")
    assert (there.returncode, there.stdout) == (1, "")


def test_check_names_what_failed(checkout: Checkout) -> None:
    """Each check has one line; one that fails, here the missing script of the integration, fails the call."""
    result = checkout.run("check")
    assert result.returncode == 1
    lines = result.stdout.splitlines()
    assert "  ok      types" in lines
    assert "  FAILED  shell-ci" in lines
    assert lines[-1] == "Failed: shell-ci"


def test_nothing_is_left_behind(checkout: Checkout, tmp_path: Path) -> None:
    """Temporary folders go with the script, whether it passed or failed."""
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    for verb in ("demo", "test", "check"):
        checkout.run(verb, TMPDIR=str(scratch))
    assert list(scratch.iterdir()) == []
