"""The running service: its threads, how they start and stop, and whether they turn."""

from __future__ import annotations

import threading
import time
from functools import partial
from typing import TYPE_CHECKING, Protocol

from daemon import heartbeat
from daemon.errors import SokuresuError
from daemon.guarding import guarded
from daemon.housekeeping import tidy
from daemon.identifiers import fresh_token
from daemon.lock import LockLost, describe_run
from daemon.log import get_logger
from daemon.pulse import Pulse
from daemon.restored import settle_restored
from daemon.sender import Sender
from daemon.waker import Waker

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from daemon.alerts import AlertDesk
    from daemon.delivery import Delivery
    from daemon.drafting import Drafter
    from daemon.lock import ShopLock
    from daemon.ports import Clock
    from daemon.reading.watcher import MailboxWatcher
    from daemon.shop import Shop
    from state.unit_of_work import Database

SENDING_FINISHED_WITHIN = 60.0
"""Seconds that a mail in hand may take when the service is told to stop."""

READING_FINISHED_WITHIN = 20.0
"""Seconds that a reader and the timer may take then."""

HANDED_OVER_WITHIN = 600.0
"""Seconds that a long pass may go on before another configuration takes over."""

_SENDER = "sender"
_WAKER = "waker"
_NOTED_ALIVE_EVERY = 30.0
_TIDIED_EVERY = 3600.0

_log = get_logger(__name__)


class LoopHangs(SokuresuError):  # noqa: N818 - reads as what it is
    """A loop does not end; only ending the process ends it."""


def new_run_id() -> str:
    """The name of one life of the service."""
    return fresh_token()


class Companion(Protocol):
    """Something with a thread of its own that the service can do without: no part of the pulse."""

    def run(self) -> None:
        """Go on until `stop`."""
        ...

    def stop(self) -> None:
        """End it from another thread."""
        ...


class Service:
    """All loops of one shop; `run` returns when `stop` was called.

    Attributes:
        pulse: where every loop reports that it turned.
    """

    def __init__(
        self,
        *,
        database: Database,
        shop: Shop,
        clock: Clock,
        lock: ShopLock,
        run_id: str,
        delivery: Delivery,
        alerts: AlertDesk,
        drafter: Drafter,
        waker_seconds: float = 5,
        pulse: Pulse | None = None,
    ) -> None:
        """Set up the service; everything is built in `daemon.bootstrap`.

        Args:
            database: where everything is stored.
            shop: the configuration.
            clock: the time.
            lock: held for as long as this lives.
            run_id: of this life.
            delivery: the sender.
            alerts: tells the owner.
            drafter: drafts what a person reviews.
            waker_seconds: how often the timer asks the database what is due.
            pulse: where the loops report; one of its own unless given.
        """
        self._database = database
        self._shop = shop
        self._clock = clock
        self._lock = lock
        self._run_id = run_id
        self._delivery = delivery
        delivery.on_uncleared = self.look_into
        self._alerts = alerts
        self._drafter = drafter
        self.pulse = pulse or Pulse()
        self._sender = Sender(
            delivery, lock, on_turn=partial(self.pulse.turned, _SENDER), on_lock_lost=self._lose_lock
        )
        self._waker = Waker(waker_seconds, on_turn=partial(self.pulse.turned, _WAKER))
        self._have_own_jobs_done(waker_seconds)
        self._watchers: list[MailboxWatcher] = []
        self._rounds: list[tuple[Callable[[], object], str]] = []
        self._companions: list[Companion] = []
        self._stop = threading.Event()
        self._hands_over = False
        self._failure: BaseException | None = None

    def _have_own_jobs_done(self, waker_seconds: float) -> None:
        self._waker.repeat(self._alert, name="alerts", seconds=waker_seconds)
        self._waker.repeat(self._note_alive, name="run", seconds=_NOTED_ALIVE_EVERY)
        self._waker.repeat(self._tidy, name="housekeeping", seconds=_TIDIED_EVERY)

    def watch(self, watcher: MailboxWatcher) -> None:
        """Add a mailbox, before the service runs."""
        self._watchers.append(watcher)

    def repeat(
        self,
        job: Callable[[], object],
        *,
        name: str,
        seconds: float,
        once: Callable[[], object] | None = None,
    ) -> None:
        """Have the timer do something regularly, before the service runs; if it fails, it comes again.

        Args:
            job: what to do; it must be quick, or turn the pulse itself, for the timer waits for it.
            name: for the log.
            seconds: between two of its turns.
            once: what `once` does in its place after it read the mailboxes; nothing unless given.
        """
        self._waker.repeat(job, name=name, seconds=seconds)
        if once is not None:
            self._rounds.append((once, name))

    def accompany(self, companion: Companion) -> None:
        """Run something beside the loops; whether it works or hangs is nothing to the watchdog."""
        self._companions.append(companion)

    def mail_waits(self) -> None:
        """Something was queued: send it now instead of at the next look."""
        self._sender.mail_waits()

    def look_into(self, mailbox: str) -> None:
        """An approved mail waits for a look into an account's folders: read them now."""
        for watcher in self._watchers:
            if watcher.name == mailbox:
                watcher.wake()

    def let_sender_go_first(self) -> None:
        """Something was queued: return when it was attempted, or soon."""
        self._sender.go_first()

    def stop(self) -> None:
        """End the service; may be called from a signal handler or another thread."""
        self._hands_over = False
        self._stop.set()
        self._sender.end()

    def hand_over(self) -> None:
        """End the loops but keep the lock, for another service of this process that comes right after.

        The sender ends last: buyers are answered while the readers come to an end.
        """
        self._hands_over = True
        self._stop.set()

    def tell(self, word: str, key: str, detail: str) -> None:
        """Raise a notice to the owner, once for a key; may be called from another thread."""
        with self._database.write() as uow:
            uow.notices.raise_once(f"{key}:{self._run_id}", word, self._clock.now(), detail=detail)
            uow.commit()

    def once(self) -> None:
        """One round of everything, then end.

        Raises:
            LockLost: another process may be sending, so nothing was done.
            Exception: what the first mailbox that failed raised, a `SokuresuError` as a rule; the others were
                read all the same.
        """
        self._begin()
        failures = [error for watcher in self._watchers if (error := self._pass_once(watcher)) is not None]
        for job, name in self._rounds:
            guarded(job, name)
        self._drafter.turn()
        self._alerts.turn()
        self._delivery.turn()
        self._end()
        if failures:
            raise failures[0]

    def _pass_once(self, watcher: MailboxWatcher) -> Exception | None:
        """Read one mailbox and send at once what its folders allow: that does not keep for long."""
        failure = _read_once(watcher)
        self._delivery.turn()
        return failure

    def run(self) -> None:
        """Run all loops until `stop`; a mail in hand is finished.

        Raises:
            LockLost: another process may be sending; this one ended.
            LoopHangs: a loop does not end, so none may take its place in this process.
        """
        self._begin()
        threads = self._start()
        heartbeat.ready()
        self._keep_alive()
        if not self._hands_over:
            heartbeat.stopping()
        self._finish(threads)
        self._await_end(threads)
        self._end()
        if self._failure is not None:
            raise self._failure

    def _keep_alive(self) -> None:
        """Feed the watchdog until `stop`, as long as every loop turns."""
        known: tuple[str, ...] = ()
        while not self._stop.wait(5.0):
            known = self.feed_watchdog(known)

    def feed_watchdog(self, known: tuple[str, ...] = ()) -> tuple[str, ...]:
        """Tell systemd that all is well, or let it wait in vain; tells which loops hang.

        Args:
            known: the loops that hung at the last time, so that each spell is told once.
        """
        hung = self.pulse.hung()
        if not hung:
            heartbeat.alive()
        elif hung != known:
            _log.critical("loops do not turn", action="restart_awaited", loops=list(hung))
            heartbeat.status(stuck_line(hung, self._shop.language))
        return hung

    def _begin(self) -> None:
        """Settle what earlier runs left behind.

        Raises:
            LockLost: the lock that a service handed over is gone, so that another process may be sending what
                would be buried here.
        """
        if not self._lock.held():
            raise _lock_lost()
        now = self._clock.now()
        with self._database.write() as uow:
            uow.runs.begin(self._run_id, now, describe_run(self._clock))
            uow.commit()
        settle_restored(self._database, self._shop, self._clock)
        buried = self._delivery.bury_dead_runs()
        _log.info("service started", action="start", run=self._run_id, uncertain=buried)

    def _end(self) -> None:
        self._delivery.close()
        with self._database.write() as uow:
            uow.runs.end(self._run_id, self._clock.now())
            uow.commit()
        self._database.close()
        if not self._hands_over:
            self._lock.release()
        _log.info("service stopped", action="stop", run=self._run_id)

    def _start(self) -> list[threading.Thread]:
        loops: list[tuple[str, Callable[[], None]]] = [
            (_SENDER, self._sender.run),
            (_WAKER, partial(self._waker.run, self._stop)),
            *((f"mailbox {watcher.name}", watcher.run) for watcher in self._watchers),
        ]
        threads = [threading.Thread(target=loop, name=name, daemon=True) for name, loop in loops]
        self._sender.expect()
        for thread in threads:
            self.pulse.turned(thread.name)
            thread.start()
        for companion in self._companions:
            threading.Thread(target=companion.run, name="companion", daemon=True).start()
        return threads

    def _finish(self, threads: Sequence[threading.Thread]) -> None:
        """Wait for all at once: each has its time from now on, or many that hang would use up systemd's.

        Only for another service of this process the sender goes on until all others have ended.
        """
        for one in (*self._companions, *self._watchers):
            one.stop()
        self._await_end([thread for thread in threads if thread.name != _SENDER])
        self._sender.end()
        told_at = time.monotonic()
        for thread in threads:
            patience = SENDING_FINISHED_WITHIN if thread.name == _SENDER else READING_FINISHED_WITHIN
            thread.join(max(0.0, told_at + patience - time.monotonic()))

    def _await_end(self, threads: Sequence[threading.Thread]) -> None:
        """Let the next service of this process wait: two senders in one would be as bad as two processes."""
        deadline = time.monotonic() + HANDED_OVER_WITHIN
        hanging = [thread for thread in threads if thread.is_alive()]
        while self._hands_over and self._failure is None and hanging and time.monotonic() < deadline:
            heartbeat.alive()
            hanging[0].join(5.0)
            hanging = [thread for thread in threads if thread.is_alive()]
        if self._hands_over and hanging and self._failure is None:
            names = ", ".join(thread.name for thread in hanging)
            self._failure = LoopHangs(f"These loops did not end for the new configuration: {names}.")

    def _lose_lock(self) -> None:
        self._failure = _lock_lost()
        self.stop()

    def _alert(self) -> None:
        """Draft first, so that an alert shows what there is to approve."""
        self._waker.do(self._draft, "drafts")
        self.pulse.turned(_WAKER)
        if self._alerts.turn():
            self.mail_waits()

    def _draft(self) -> None:
        if self._drafter.turn():
            for watcher in self._watchers:
                # The draft is put into the Drafts folder by the thread that owns the connection.
                watcher.wake()

    def _note_alive(self) -> None:
        with self._database.write() as uow:
            uow.runs.turn(self._run_id, self._clock.now())
            uow.commit()

    def _tidy(self) -> None:
        tidy(self._database, self._shop, self._clock)


def _lock_lost() -> LockLost:
    return LockLost("The database connection that held the lock is gone; starting again.")


def stuck_line(loops: Sequence[str], language: str) -> str:
    """What `systemctl status` shows while the watchdog is left to bite."""
    names = ", ".join(loops)
    if language == "ja":
        return f"止まっています: {names}。まもなくsystemdが起動し直します"
    return f"stuck: {names}; systemd will start it again soon"


def _read_once(watcher: MailboxWatcher) -> Exception | None:
    """Read one mailbox; one that fails is told at the end and stops none of the others."""
    try:
        watcher.once()
    except SokuresuError as error:
        _log.warning("mailbox failed", action="once", mailbox=watcher.name, reason=str(error))
        return error
    except Exception as error:  # noqa: BLE001 - raised again when all the others were read
        _log.exception("mailbox failed in a new way", action="once", mailbox=watcher.name)
        return error
    return None
