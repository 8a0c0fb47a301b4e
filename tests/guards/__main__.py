"""``python -m tests.guards [NAME…]``, which is ``./dev guards``: each guard out, and a test must fail.

What fails is run once more with the guard in its place, and must pass then: a test that fails anyway, for
want of a server or of time, notices nothing.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tests.guards.table import GUARDS, Guard

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ROOT = Path(__file__).parents[2]
COPIED = (
    "daemon",
    "parsers",
    "state",
    "templates",
    "tests",
    "systemd",
    "docs",
    "pyproject.toml",
    "README.md",
)
PATIENCE = 180
"""Seconds for the tests of one guard; a program that hangs without its guard has been noticed."""

_FAILED = 1
"""What pytest ends with when a test failed; anything else is a fault of the table."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one guard.

    Attributes:
        noticed: a test failed without it.
        told: the first test that failed, or why there is no verdict.
        tests: what is to pass with the guard in its place, as arguments of pytest.
    """

    guard: Guard
    noticed: bool
    told: str
    tests: tuple[str, ...] = ()


def main(arguments: Sequence[str]) -> int:
    """Take each guard out in turn; 1 if any was not missed."""
    parser = argparse.ArgumentParser(prog="./dev guards", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="only guards whose name contains this")
    names = parser.parse_args(arguments).names
    chosen = [guard for guard in GUARDS if not names or any(name in guard.name for name in names)]
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="sokuresu-guards-") as folder:
        copy = _copy(Path(folder))
        verdicts = list(_judge(chosen, copy))
    missed = [verdict for verdict in verdicts if not verdict.noticed]
    noticed = len(verdicts) - len(missed)
    print(f"\nA test fails without {noticed} of {len(verdicts)} guards; {time.monotonic() - begun:.0f} s.")
    return 1 if missed or not chosen else 0


def _copy(folder: Path) -> Path:
    """A checkout of its own, so that nobody ever runs the program without a guard."""
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy2(source, folder / name)
    folder.chmod(0o755)
    return folder


def _judge(guards: Sequence[Guard], copy: Path) -> Iterator[Verdict]:
    for guard in guards:
        verdict = _without(guard, copy)
        print(f"  {'ok    ' if verdict.noticed else 'MISSED'}  {guard.name}: {verdict.told}", flush=True)
        yield verdict


def _without(guard: Guard, copy: Path) -> Verdict:
    path = copy / guard.file
    whole = path.read_text("utf-8")
    if whole.count(guard.text) != 1:
        return _missed(guard, f"{guard.file} does not hold its text exactly once")
    path.write_text(whole.replace(guard.text, guard.without), "utf-8")
    try:
        verdict = _run(guard, copy)
    finally:
        path.write_text(whole, "utf-8")
    return _confirm(verdict, copy) if verdict.noticed else verdict


def _run(guard: Guard, copy: Path) -> Verdict:
    try:
        done = _ask_pytest(guard.tests, copy)
    except subprocess.TimeoutExpired:
        return Verdict(guard, noticed=True, told="the tests do not end without it", tests=guard.tests)
    failed = next((line for line in done.stdout.splitlines() if line.startswith("FAILED ")), None)
    if "+++ Timeout +++" in done.stdout + done.stderr:
        return Verdict(guard, noticed=True, told="a test does not end without it", tests=guard.tests)
    if done.returncode == _FAILED and failed is not None:
        test = failed.removeprefix("FAILED ").partition(" - ")[0]
        return Verdict(guard, noticed=True, told=test, tests=(test,))
    return _missed(guard, f"no test failed ({_last_line(done)})")


def _confirm(verdict: Verdict, copy: Path) -> Verdict:
    """The same, if what failed passes with the guard in its place: else it noticed something else."""
    try:
        done = _ask_pytest(verdict.tests, copy)
    except subprocess.TimeoutExpired:
        return _missed(verdict.guard, f"{verdict.told}: nor with it")
    if done.returncode == 0:
        return verdict
    return _missed(verdict.guard, f"{verdict.told}: no better with it ({_last_line(done)})")


def _ask_pytest(tests: Sequence[str], copy: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-B", "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "--no-header",
               "--timeout=60", *tests]  # fmt: skip
    return subprocess.run(command, cwd=copy, capture_output=True, text=True, timeout=PATIENCE, check=False)


def _last_line(done: subprocess.CompletedProcess[str]) -> str:
    return " ".join((done.stdout + done.stderr).strip().splitlines()[-1:])


def _missed(guard: Guard, told: str) -> Verdict:
    return Verdict(guard, noticed=False, told=told)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
