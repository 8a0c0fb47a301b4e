"""The real service in a thread, and the means to know when it has dealt with everything so far."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from daemon.alerts import AlertDesk
from daemon.bootstrap import Surroundings, build_service
from daemon.configured_shop import shop_of
from daemon.demo.postbox import INBOX
from daemon.demo.rest import drafts_lie_right
from daemon.drafting import Drafter
from daemon.errors import SokuresuError
from daemon.work import Work
from state.engine import open_engine
from state.outbox_rules import OutboxState
from state.unit_of_work import Database
from templates.drafting import DraftTemplates

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from daemon.config import Settings
    from daemon.demo.clock import DemoClock
    from daemon.demo.letters import Letter
    from daemon.reading.arrivals import Arrival, Taken
    from daemon.shop import Shop
    from state.unit_of_work import UnitOfWork

MAILBOX = "main"

_WITHIN = 30.0
"""Seconds that the service may take for one step; on a machine at leisure it is far below two."""

_WAKER_SECONDS = 0.2

_LOOK_AGAIN = 0.05
"""Seconds; each look costs the service some of its time, and most of what is waited for announces itself."""

_REPORTS = "alert:answer:"

_UNSENT = (OutboxState.QUEUED, OutboxState.SENDING, OutboxState.DEFERRED)


class DemoFailure(SokuresuError):  # noqa: N818 - reads as what it is
    """Something that the demonstration expected did not happen."""


class Stage:
    """What the story sees of the running service.

    Attributes:
        database: the service's own database, opened a second time.
        shop: the configuration as the use cases know it.
    """

    def __init__(self, settings: Settings, clock: DemoClock) -> None:
        surroundings = Surroundings(clock=clock, on_taken=self._hear, waker_seconds=_WAKER_SECONDS)
        self._service = build_service(settings, surroundings)
        self._thread = threading.Thread(target=self._serve, name="demo-service", daemon=True)
        self._failure: Exception | None = None
        self._taken: dict[tuple[str, int], tuple[Arrival, Taken]] = {}
        self._news = threading.Event()
        self.database = Database(open_engine(settings.database))
        self.shop: Shop = shop_of(settings)
        self._clock = clock
        self._desk = AlertDesk(self.database, self.shop, clock)
        self._drafter = Drafter(self.database, self.shop, DraftTemplates(None), clock)

    def start(self) -> None:
        """Let the service run, and wait until it watches the mailbox."""
        self._thread.start()
        self._wait(self._watches, "まだメールボックスを見張っていません / the mailbox is not yet watched")

    def stop(self) -> None:
        """End the service as SIGTERM would."""
        self._service.stop()
        if self._thread.ident is not None:
            self._thread.join(_WITHIN)
        self.database.close()

    def notice(self) -> None:
        """Something may have changed: look at once instead of in a moment."""
        self._news.set()

    def await_read(self, folder: str, uid: int) -> None:
        """Wait until the service has read a folder up to a mail."""
        if folder != INBOX:
            # Only the inbox announces its mail; the others are read when it is their time.
            self._service.look_into(MAILBOX)

        def is_read() -> bool:
            with self.database.read() as uow:
                cursor = uow.cursors.get(MAILBOX, folder)
            return cursor is not None and cursor.last_uid >= uid

        self._wait(is_read, f"{folder} のメールが読まれません / a mail in {folder} is not read")

    def await_taken(self, uid: int, folder: str = INBOX) -> tuple[Arrival, Taken]:
        """Wait for what became of a mail."""
        key = (folder, uid)
        self._wait(lambda: key in self._taken, "メールが取り込まれません / a mail is not taken in")
        return self._taken[key]

    def await_rest(self) -> None:
        """Wait until nothing is to be drafted, put into the Drafts folder, taken out, told or sent."""
        self._wait(self._rests, "仕事が終わりません / the service does not come to rest")

    def await_filed(self, since: datetime) -> None:
        """Wait until a copy of everything that went to buyers since an instant lies in the Sent folder."""

        def is_filed() -> bool:
            with self.database.read() as uow:
                return not uow.outbox.unfiled(MAILBOX, since)

        self._wait(is_filed, "控えが残りません / a copy is not kept in the Sent folder")

    def alert_is_due(self) -> bool:
        """Whether the service is about to alert the owner; only looked at, not decided."""
        if self._desk.awaits_reading():
            # The story's time leaps, and the service calls nothing answered before it has looked.
            self._service.look_into(MAILBOX)
            self._wait(
                lambda: not self._desk.awaits_reading(), "メールが読まれません / the mailbox is not read"
            )
        return self._desk.is_due()

    def _rests(self) -> bool:
        with self.database.read() as uow:
            unsent = uow.outbox.in_state(*_UNSENT)
        if unsent:
            # What the owner decides by mail would be noticed at the sender's next look, seconds later.
            self._service.mail_waits()
            return False
        if self._drafter.is_due() or self._desk.is_due():
            return False
        with self.database.read() as uow:
            # What was sent, drafted or told since the first look shows here.
            return not uow.outbox.in_state(*_UNSENT) and drafts_lie_right(self.work(uow), MAILBOX)

    def keep_pulse(self) -> None:
        """The story leaps over the half minutes in which the service says that it lives: it is said now."""
        with self.database.write() as uow:
            run = uow.runs.last()
            if run is not None and self._thread.is_alive():
                uow.runs.turn(run.id, self._clock.now())
            uow.commit()

    def work(self, uow: UnitOfWork) -> Work:
        """A transaction on the service's database at the present instant of the story."""
        return Work(uow, self.shop, self._clock.now())

    def is_report(self, letter: Letter) -> bool:
        """Whether a mail to the owner tells what became of a command; the outbox knows what it is for."""
        with self.database.read() as uow:
            items = uow.outbox.with_message_ids([letter.message_id.strip("<>")])
        return any(item.purpose.startswith(_REPORTS) for item in items)

    def _watches(self) -> bool:
        with self.database.read() as uow:
            health = uow.mailboxes.get(MAILBOX)
        return health is not None and health.last_full_pass_at is not None

    def _hear(self, arrival: Arrival, taken: Taken) -> None:
        self._taken[arrival.place.folder, arrival.place.uid] = (arrival, taken)
        self.notice()

    def _serve(self) -> None:
        try:
            self._service.run()
        except Exception as error:  # noqa: BLE001 - told by the thread that waits
            self._failure = error
        self.notice()

    def _wait(self, reached: Callable[[], bool], otherwise: str) -> None:
        limit = time.monotonic() + _WITHIN
        while not reached():
            if not self._thread.is_alive():
                raise DemoFailure(f"サービスが止まりました / the service stopped: {self._failure}")
            if time.monotonic() > limit:
                raise DemoFailure(otherwise)
            self._news.wait(_LOOK_AGAIN)
            self._news.clear()


@contextmanager
def running_stage(settings: Settings, clock: DemoClock) -> Iterator[Stage]:
    """Run the service of this configuration; it ends with the block."""
    stage = Stage(settings, clock)
    try:
        stage.start()
        yield stage
    finally:
        stage.stop()
