"""One life of the program in a process of its own: the real service, the soak's clock, and orders by pipe.

The process is forked from a server that has imported everything and has neither threads nor an open database,
so a life begins in hundredths of a second and every life begins alike.
"""

from __future__ import annotations

import contextlib
import os
import threading
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from daemon import log, sender
from daemon.bootstrap import Surroundings, build_service
from daemon.config import load
from daemon.errors import SokuresuError
from daemon.reading import watcher
from state.engine import DATABASE_TROUBLE
from tests.soak import sabotage
from tests.soak.faulty_world import (
    WorldFault,
    database_locked,
    disk_full,
    disk_full_early,
    dns_gone,
    impatient,
)
from tests.system import killing

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.connection import Connection

    from daemon.ports import Mailbox
    from daemon.reading.watcher import MailboxWatcher
    from daemon.service import Service
    from tests.soak.faulty_world import Trouble

ANSWER_WITHIN = 0.8
"""Seconds for any answer of a server instead of 30: a slow or half-open one costs the soak only so much."""

_REST = timedelta(milliseconds=5)
_BACK_OFF = (0.01, 0.01, 0.02, 0.02, 0.05, 0.05)
STEPS = killing.STEPS | killing.DRAFT_STEPS | killing.PLACING_STEPS


@dataclass(frozen=True, slots=True)
class Birth:
    """What a life is given.

    Attributes:
        config: the configuration file.
        log: where its log goes.
        at: the machine's clock at its start.
        threaded: it runs by itself with all its threads; else it does one round at a time when told.
        sabotage: names of what is broken in it on purpose.
    """

    config: Path
    log: Path
    at: datetime
    threaded: bool = False
    sabotage: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """What a life says of itself after a round.

    Attributes:
        failures: what went wrong, by name.
        met: the faults of the world that it met.
        kilobytes: resident memory.
        files: open descriptors.
        threads: living threads.
    """

    failures: tuple[str, ...]
    met: tuple[str, ...]
    kilobytes: int
    files: int
    threads: int


@dataclass(slots=True)
class OrderedClock:
    """Shows what the soak says and stands still in between."""

    at: datetime

    def now(self) -> datetime:
        """The machine's present instant."""
        return self.at


@dataclass(slots=True)
class Rounds:
    """The service driven one round at a time; connections stay between the rounds, as they do in `run`."""

    service: Service
    mailboxes: dict[str, Mailbox] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)

    def turn(self) -> None:
        """Every loop turns once; what fails is left for the next round, as the loops do."""
        for one in self.service._watchers:
            self._watch(one)
            self._guard("delivery", self.service._delivery.turn)
        self._guard("drafts", self.service._drafter.turn)
        self._guard("alerts", self.service._alerts.turn)
        self._guard("delivery", self.service._delivery.turn)
        self._guard("run", self.service._note_alive)

    def _watch(self, one: MailboxWatcher) -> None:
        try:
            mailbox = self.mailboxes.get(one.name) or one._connect()
            self.mailboxes[one.name] = mailbox
            one._pass(mailbox)
            one._failures = 0
            mailbox.wait(_REST)
        except Exception as error:  # noqa: BLE001 - as the watcher's own loop
            self.failures.append(type(error).__name__)
            one._note_failure(error)
            self.leave(one.name)

    def leave(self, name: str) -> None:
        """Give a connection up."""
        gone = self.mailboxes.pop(name, None)
        if gone is not None:
            gone.close()

    def _guard(self, name: str, job: Callable[[], object]) -> None:
        try:
            job()
        except Exception as error:  # noqa: BLE001 - as the service's own loops
            self.failures.append(f"{name}: {type(error).__name__}")

    def end(self) -> None:
        """End in good order."""
        for name in list(self.mailboxes):
            self.leave(name)
        self.service._end()


@dataclass(slots=True)
class Running:
    """The service with its own threads; a round is only a nudge and a moment."""

    service: Service
    failures: list[str] = field(default_factory=list)
    thread: threading.Thread | None = None

    def begin(self) -> None:
        """Start all loops."""
        self.thread = threading.Thread(target=self.service.run, name="service")
        self.thread.start()

    def turn(self) -> None:
        """Wake everybody; the time that they have is real, so what they get done in it is not the seed's."""
        for one in self.service._watchers:
            one.wake()
        self.service.mail_waits()
        threading.Event().wait(0.06)

    def end(self) -> None:
        """End in good order."""
        self.service.stop()
        assert self.thread is not None
        self.thread.join(20)


def live(pipe: Connection, birth: Birth) -> None:
    """Live until told to stop, or until the power is cut."""
    watcher.BACK_OFF = _BACK_OFF
    sender.DECISIONS_SEEN_WITHIN = 0.05
    sabotage.apply(birth.sabotage)
    with impatient(server=ANSWER_WITHIN), birth.log.open("a", encoding="utf-8") as stream:
        log.configure(stream)
        os.dup2(stream.fileno(), 2)
        clock = OrderedClock(birth.at)
        try:
            _obey(pipe, birth, clock)
        except (EOFError, BrokenPipeError):
            # The soak itself has ended.
            os._exit(3)


def _obey(pipe: Connection, birth: Birth, clock: OrderedClock) -> None:
    settings = load(birth.config)
    try:
        body = _body(build_service(settings, Surroundings(clock=clock, waker_seconds=0.1)), birth)
    except (SokuresuError, *DATABASE_TROUBLE) as error:
        pipe.send(f"not born: {type(error).__name__}")
        return
    pipe.send("born")
    while True:
        order, value = pipe.recv()
        if order == "end":
            body.end()
            pipe.send("ended")
            return
        if order == "clock":
            clock.at = value
        elif order == "arm":
            STEPS[value]()
        elif order == "round":
            pipe.send(_round(body, birth, [WorldFault(one) for one in value]))


def _round(body: Rounds | Running, birth: Birth, faults: list[WorldFault]) -> Report:
    """One round, in which the world may fail."""
    with contextlib.ExitStack() as stack:
        troubles = {fault: stack.enter_context(_strike(fault, birth)) for fault in faults}
        body.turn()
    return _report(body, tuple(fault.value for fault, trouble in troubles.items() if trouble.fired))


def _strike(fault: WorldFault, birth: Birth) -> contextlib.AbstractContextManager[Trouble]:
    if fault is WorldFault.DATABASE_LOCKED:
        return database_locked(birth.config.parent / "sokuresu.db")
    return {
        WorldFault.DNS_GONE: dns_gone,
        WorldFault.DISK_FULL: disk_full,
        WorldFault.DISK_FULL_EARLY: disk_full_early,
    }[fault]()


def _body(built: Service, birth: Birth) -> Rounds | Running:
    if birth.threaded:
        running = Running(built)
        running.begin()
        return running
    built._begin()
    return Rounds(built)


def _report(body: Rounds | Running, met: tuple[str, ...]) -> Report:
    failures, body.failures[:] = tuple(body.failures), []
    return Report(
        failures=failures,
        met=met,
        kilobytes=_resident(),
        files=len(list(Path("/proc/self/fd").iterdir())),
        threads=threading.active_count(),
    )


def _resident() -> int:
    for line in Path("/proc/self/status").read_text("ascii").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    return 0
