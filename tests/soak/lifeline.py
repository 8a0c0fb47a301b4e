"""Starts, orders and ends the lives of the program, and remembers what they said of themselves."""

from __future__ import annotations

import multiprocessing
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.soak.life import Birth, Report, live

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from multiprocessing.connection import Connection
    from multiprocessing.context import ForkServerContext
    from multiprocessing.process import BaseProcess

    from tests.soak.faulty_world import WorldFault

PATIENCE = 120.0
"""Seconds in which a life must have answered, whatever the servers do to it."""

PRELOADED = ["tests.soak.warm"]
"""What every forked process has from its birth; there is one server for all that fork."""


class Hanging(AssertionError):  # noqa: N818 - reads as what it is
    """A life does not answer any more."""


@dataclass(slots=True)
class Life:
    """One process and what it reported.

    Attributes:
        number: from 1.
        process: the process.
        pipe: its orders and reports.
        threaded: it runs with its own threads.
        reports: what it said, in order.
    """

    number: int
    process: BaseProcess
    pipe: Connection
    threaded: bool
    reports: list[Report] = field(default_factory=list)


@dataclass(slots=True)
class Lifeline:
    """All lives of one soak, one after the other.

    Attributes:
        birth: what every life is given.
        lives: all of them, dead or alive.
        deaths: how they ended.
    """

    birth: Birth
    context: ForkServerContext = field(default_factory=lambda: multiprocessing.get_context("forkserver"))
    lives: list[Life] = field(default_factory=list)
    deaths: Counter[str] = field(default_factory=Counter)
    current: Life | None = None

    def __post_init__(self) -> None:
        self.context.set_forkserver_preload(PRELOADED)

    def begin(self, at: datetime, *, threaded: bool) -> str:
        """Start a life; says ``born``, or why not."""
        ours, theirs = self.context.Pipe()
        birth = Birth(self.birth.config, self.birth.log, at, threaded, self.birth.sabotage)
        process = self.context.Process(target=live, args=(theirs, birth), daemon=True)
        process.start()
        theirs.close()
        self.current = Life(len(self.lives) + 1, process, ours, threaded)
        self.lives.append(self.current)
        said = self._hear()
        if said != "born":
            self._bury("not born" if said else "killed at birth")
        return said or "killed"

    def order(self, what: str, value: Any = None) -> None:
        """Tell the life something that it does not answer."""
        if self.current is not None:
            try:
                self.current.pipe.send((what, value))
            except OSError:
                self._bury("killed at a named step")

    def round(self, world: Sequence[WorldFault] = ()) -> Report | None:
        """One round, in which the world may fail; None if the life died in it."""
        self.order("round", list(world))
        report = self._hear()
        if self.current is not None and isinstance(report, Report):
            self.current.reports.append(report)
            return report
        self._bury("killed at a named step")
        return None

    def kill_in_round(self, after: float) -> None:
        """Pull the plug somewhere in a round; where, is up to the real clock."""
        self.order("round", [])
        time.sleep(after)
        self.kill("killed at a random instant")

    def kill(self, how: str) -> None:
        """Pull the plug now."""
        if self.current is not None:
            self.current.process.kill()
            self._bury(how)

    def end(self) -> None:
        """Let the life end in good order."""
        if self.current is not None:
            self.order("end")
            said = self._hear()
            self._bury("ended in good order" if said == "ended" else "killed while ending")

    def close(self) -> None:
        """Leave no process behind."""
        self.kill("killed at the end")

    def _hear(self) -> Any:
        """What the life says next; None if it is dead."""
        if self.current is None:
            return None
        try:
            if not self.current.pipe.poll(PATIENCE):
                self.kill("did not answer")
                raise Hanging(f"life {len(self.lives)} did not answer within {PATIENCE} s")
            return self.current.pipe.recv()
        except (EOFError, OSError):
            return None

    def _bury(self, how: str) -> None:
        life, self.current = self.current, None
        if life is not None:
            life.process.join(PATIENCE)
            life.pipe.close()
            self.deaths[how] += 1
