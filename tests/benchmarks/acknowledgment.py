"""From the wake-up to the server's 250 for the acknowledgment, beside a bare script that does as much."""

from __future__ import annotations

import contextlib
import queue
import threading
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Protocol
from unittest.mock import patch

from daemon import bootstrap, mailbox
from daemon.ports import Attempt, Mailbox, Verdict
from daemon.smtp import SmtpSubmission
from tests.beds.accounts import MailAccount
from tests.benchmarks.bare_script import BareScript
from tests.benchmarks.figures import Bound, Figure, percentile
from tests.benchmarks.mails import buyer_mail
from tests.benchmarks.servers import servers
from tests.benchmarks.shops import settings_of, working_folder, write_configuration

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import timedelta

    from daemon.reading.arrivals import Arrival, Taken
    from tests.benchmarks.servers import Servers

BLOCKS = 11
"""The first is for warming up."""
MAILS_A_BLOCK = 22
PATIENCE = 20.0
REST = 0.02
"""Seconds between two mails, in which what comes after the 250 ends on both sides."""


class Contestant(Protocol):
    """Who is woken by a mail and sends an answer."""

    def await_sleep(self) -> None:
        """Return when it waits for mail."""
        ...

    def answered_after(self) -> float:
        """Seconds from its wake-up to the 250, once it has answered."""
        ...


class Stopwatch:
    """When the service woke, and what it had reached after how many seconds."""

    def __init__(self) -> None:
        self._asleep = threading.Event()
        self._woken_at: float | None = None
        self.stages: dict[str, float] = {}
        self._answers: queue.Queue[float] = queue.Queue()

    def await_sleep(self) -> None:
        """Return when the mailbox waits; the next wake-up counts."""
        if not self._asleep.wait(PATIENCE):
            raise TimeoutError("the service does not wait for mail")
        self._woken_at = None
        self.stages = {}

    def answered_after(self) -> float:
        """Seconds from the wake-up to the 250."""
        return self._answers.get(timeout=PATIENCE)

    def wait(self, watched: Mailbox, limit: timedelta) -> None:
        """Sleep as the mailbox does."""
        self._asleep.set()
        watched.wait(limit)
        self._asleep.clear()
        if self._woken_at is None:
            self._woken_at = time.perf_counter()

    def reached(self, stage: str) -> float:
        """Note how long it took to come so far."""
        self.stages[stage] = time.perf_counter() - (self._woken_at or 0.0)
        return self.stages[stage]

    def answered(self) -> None:
        """The server said 250."""
        self._answers.put(self.reached("250"))


class _WatchedMailbox:
    """A mailbox that tells the stopwatch when it sleeps."""

    def __init__(self, real: Mailbox, stopwatch: Stopwatch) -> None:
        self._real = real
        self._stopwatch = stopwatch

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    def wait(self, limit: timedelta) -> None:
        self._stopwatch.wait(self._real, limit)


@contextlib.contextmanager
def running_service(settings: Any, stopwatch: Stopwatch) -> Iterator[None]:
    """The service as `sokuresu run` builds it, in threads of this process, under the stopwatch."""

    class TimedSubmission(SmtpSubmission):
        def send(self, *, sender: str, recipient: str, content: bytes) -> Attempt:
            stopwatch.reached("claimed")
            attempt = super().send(sender=sender, recipient=recipient, content=content)
            if attempt.verdict is Verdict.ACCEPTED and "@marketplace." in recipient:
                stopwatch.answered()
            return attempt

    def connect(*arguments: Any, **options: Any) -> Any:
        return _WatchedMailbox(mailbox.connect(*arguments, **options), stopwatch)

    def taken(_arrival: Arrival, _taken: Taken) -> None:
        stopwatch.reached("stored")

    with (
        patch.object(bootstrap, "SmtpSubmission", TimedSubmission),
        patch.object(bootstrap, "mailbox", type("timed", (), {"connect": staticmethod(connect)})),
    ):
        service = bootstrap.build_service(settings, bootstrap.Surroundings(on_taken=taken))
        thread = threading.Thread(target=service.run, name="service", daemon=True)
        thread.start()
        try:
            yield
        finally:
            service.stop()
            thread.join(PATIENCE)


def measure() -> list[Figure]:
    """Let the service and the bare script answer in turns: what else the machine does hits both."""
    with working_folder() as folder, servers(accounts=2) as here:
        path = write_configuration(folder, [(here.imap, here.accounts[0])], here.smtp)
        stopwatch = Stopwatch()
        with (
            running_service(settings_of(path), stopwatch),
            BareScript(here, folder / "bare.db") as bare,
        ):
            return _figures(*_compete(here, stopwatch, bare))


def _compete(
    here: Servers, service: Stopwatch, bare: Contestant
) -> tuple[list[float], list[float], list[dict[str, float]]]:
    contestants: list[tuple[Contestant, MailAccount, list[float]]] = [
        (contestant, MailAccount(here.imap, credentials), [])
        for contestant, credentials in zip((service, bare), here.accounts, strict=True)
    ]
    stages = []
    for block in range(BLOCKS):
        for contestant, account, seconds in contestants:
            for number in range(MAILS_A_BLOCK):
                took = _answer(contestant, account, block * MAILS_A_BLOCK + number + 1)
                if block:
                    seconds.append(took)
                    stages += [service.stages] if contestant is service else []
    for _, account, _ in contestants:
        account.close()
    return contestants[0][2], contestants[1][2], stages


def _answer(contestant: Contestant, account: MailAccount, number: int) -> float:
    contestant.await_sleep()
    time.sleep(REST)
    contestant.await_sleep()
    now = datetime.now(UTC)
    account.deliver(buyer_mail(number, now), at=now)
    return contestant.answered_after()


def _figures(
    ours: Sequence[float], bare: Sequence[float], stages: Sequence[dict[str, float]]
) -> list[Figure]:
    return [
        Figure(
            what=f"acknowledgment, wake-up to 250, p{rank}",
            unit="ms",
            ours=percentile(ours, rank) * 1000,
            floor=percentile(bare, rank) * 1000,
            beside="bare script",
            bound=Bound(1.5) if rank == 95 else None,
            note=_note(stages, rank, len(ours)),
        )
        for rank in (50, 95)
    ]


def _note(stages: Sequence[dict[str, float]], rank: int, count: int) -> str:
    reached = (
        f"{stage} after {percentile([one[stage] for one in stages if stage in one], rank) * 1000:.1f} ms"
        for stage in ("stored", "claimed")
    )
    return f"{count} mails on pymap; {', '.join(reached)}"
