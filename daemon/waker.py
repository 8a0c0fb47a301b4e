"""The timer's loop: it only wakes; what is due is asked of the database, and a unique key makes it once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import schedule

from daemon.guarding import guarded

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable

_LONGEST_SLEEP = 1.0
"""Seconds after which the loop looks again, however seldom its jobs come."""


@dataclass(frozen=True, slots=True)
class _Job:
    job: Callable[[], object]
    name: str
    seconds: float


class Waker:
    """Does some jobs regularly, one after the other, in one thread."""

    def __init__(self, shortest: float, *, on_turn: Callable[[], None]) -> None:
        """Set up the loop; nothing runs yet.

        Args:
            shortest: seconds between two turns of the most frequent job.
            on_turn: told at every turn of the loop and before every job.
        """
        self._shortest = shortest
        self._on_turn = on_turn
        self._jobs: list[_Job] = []

    def repeat(self, job: Callable[[], object], *, name: str, seconds: float) -> None:
        """Do something regularly, from `run` on; if it fails, it comes again.

        Args:
            job: what to do; it must be quick, or turn the pulse itself, for the others wait for it.
            name: for the log.
            seconds: between two of its turns.
        """
        self._jobs.append(_Job(job, name, seconds))

    def run(self, stop: threading.Event) -> None:
        """Do each job when its time has come, until the event is set."""
        timer = self._timer()
        while not stop.wait(min(self._shortest, _LONGEST_SLEEP)):
            self._on_turn()
            run_due(timer, self._shortest)

    def _timer(self) -> schedule.Scheduler:
        timer = schedule.Scheduler()
        for one in self._jobs:
            # It takes parts of a second too, which the demonstration wants; only its annotation does not.
            timer.every(one.seconds).seconds.do(self.do, one.job, one.name)  # type: ignore[arg-type]
        return timer

    def do(self, job: Callable[[], object], name: str) -> None:
        """Do one job now; many slow ones behind each other are no loop that hangs."""
        self._on_turn()
        guarded(job, name)


def run_due(timer: schedule.Scheduler, shortest: float) -> None:
    """Run the jobs whose time has come, and all of them when the machine's clock was set back.

    `schedule` goes by the local wall clock: at the end of summer time it would sleep for an hour.

    Args:
        timer: the jobs.
        shortest: seconds between two runs of the most frequent one; no healthy timer is idle for longer.
    """
    if (timer.idle_seconds or 0.0) > shortest + 1:
        timer.run_all()
    else:
        timer.run_pending()
