"""One target run for a while, and what became of it."""

from __future__ import annotations

import re
import resource
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tests.fuzz.corpus import dictionary, seed_folders

if TYPE_CHECKING:
    from collections.abc import Sequence

ROOT = Path(__file__).parents[2]
MEGABYTES = 1024
"""Memory of one process; more is a finding."""

HANGING = 60
"""Seconds after which an input that does not end is a finding."""

_LONGEST = {
    "charset": 2_048,
    "quoting": 4_096,
    "guidelines": 2_048,
    "orders": 4_096,
    "ratings": 4_096,
    "comments": 3_072,
}
_LONGEST_MAIL = 12_288
_PROGRESS = re.compile(r"#\d+\s+(?P<event>[A-Za-z]+)\s+cov: (?P<cov>\d+)")
_TOTAL = re.compile(r"stat::(?P<name>\w+):\s+(?P<value>\d+)")
_SAVED = re.compile(r"Test unit written to (?P<path>\S+)")


@dataclass(frozen=True, slots=True)
class Session:
    """What one run of one target did.

    Attributes:
        target: its name.
        executions: how many inputs were tried.
        cpu_seconds: processor time.
        covered_before: places in the code that the inputs at the start reached.
        covered: places that were reached at the end.
        new_inputs: inputs that were kept because they reached something new.
        finding: the input that broke a promise; None if none did.
        failed: the fuzzer ended otherwise than it should.
        log: what it said.
    """

    target: str
    executions: int
    cpu_seconds: float
    covered_before: int
    covered: int
    new_inputs: int
    finding: Path | None
    failed: bool
    log: str


def run_target(target: str, seconds: int, corpus: Path) -> Session:
    """Attack one target in a process of its own with bounded memory.

    Args:
        target: its name.
        seconds: how long, by the wall.
        corpus: the folder that keeps new inputs, a folder a target, and ``findings``.
    """
    kept, findings = corpus / target, corpus / "findings"
    for folder in (kept, findings):
        folder.mkdir(parents=True, exist_ok=True)
    before = _processor_time()
    done = subprocess.run(
        _command(target, seconds, kept, findings),
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
    )  # fmt: skip
    log = done.stdout.decode("utf-8", "replace")
    return _session(target, log, _processor_time() - before, failed=done.returncode != 0)


def _command(target: str, seconds: int, kept: Path, findings: Path) -> Sequence[str]:
    return (
        sys.executable, "-m", "tests.fuzz.engine", target,
        f"-max_total_time={seconds}", f"-max_len={_LONGEST.get(target, _LONGEST_MAIL)}",
        f"-rss_limit_mb={MEGABYTES}", f"-timeout={HANGING}", f"-dict={dictionary(target)}",
        f"-artifact_prefix={findings}/{target}-", "-print_final_stats=1", "-reload=0",
        str(kept), *map(str, seed_folders(target)),
    )  # fmt: skip


def _processor_time() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _session(target: str, log: str, cpu_seconds: float, *, failed: bool) -> Session:
    progress = [(found["event"], int(found["cov"])) for found in _PROGRESS.finditer(log)]
    totals = {found["name"]: int(found["value"]) for found in _TOTAL.finditer(log)}
    saved = _SAVED.search(log)
    return Session(
        target=target,
        executions=totals.get("number_of_executed_units", 0),
        cpu_seconds=cpu_seconds,
        covered_before=next((cov for event, cov in progress if event == "INITED"), 0),
        covered=progress[-1][1] if progress else 0,
        new_inputs=totals.get("new_units_added", 0),
        finding=Path(saved["path"]) if saved else None,
        failed=failed,
        log=log,
    )
