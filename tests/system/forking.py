"""Processes of the real program that are forked from a warm one, so that importing it is paid for once.

Each is a process like any other: it has its own id, files, environment and log, it meets its signals alone,
and it leaves nothing in the tests. How the program starts cold is shown where its command is called.
"""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tests.soak.lifeline import PRELOADED

if TYPE_CHECKING:
    import signal
    from collections.abc import Sequence
    from multiprocessing.process import BaseProcess

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Forked:
    """A process that was forked; it is asked and signalled as one that was started is.

    Attributes:
        process: the process.
        command: its command line, for messages.
    """

    process: BaseProcess
    command: tuple[str, ...]

    @property
    def pid(self) -> int:
        """Its id."""
        pid = self.process.pid
        assert pid is not None
        return pid

    def poll(self) -> int | None:
        """Its exit status, the signal below zero that ended it, or None while it lives."""
        return self.process.exitcode

    def wait(self, seconds: float) -> int:
        """Wait for its end and tell its exit status.

        Raises:
            subprocess.TimeoutExpired: it still lives.
        """
        self.process.join(seconds)
        status = self.poll()
        if status is None:
            raise subprocess.TimeoutExpired(list(self.command), seconds)
        return status

    def send_signal(self, number: signal.Signals) -> None:
        """Send it a signal unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)


def fork(command: Sequence[str], log: Path, *, kill_at: str = "") -> Forked:
    """Begin ``sokuresu`` with these arguments; with ``kill_at`` it is killed at that step.

    Args:
        command: its arguments.
        log: what it says goes to the end of this file.
        kill_at: the name of a step in `tests.system.killing`.
    """
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(PRELOADED)
    # Whoever looks into it before the process has got so far finds it empty.
    log.touch()
    given = (list(command), str(log), dict(os.environ), kill_at)
    process = context.Process(target=_live, args=given, daemon=True)
    process.start()
    return Forked(process, ("sokuresu", *command))


def _live(command: list[str], log: str, environment: dict[str, str], kill_at: str) -> None:
    """What the forked process does instead of a launcher."""
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(ROOT)
    _write_to(log)
    from daemon.cli import main
    from tests.system import killing

    if kill_at:
        killing.ALL_STEPS[kill_at]()
    sys.argv = ["sokuresu", *command]
    main()


def _write_to(log: str) -> None:
    """Whatever is printed or written as an error goes there."""
    file = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    for output in (1, 2):
        os.dup2(file, output)
    os.close(file)
