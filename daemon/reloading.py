"""One process, one lock, one service after the other: a new configuration takes over when it is sound."""

from __future__ import annotations

import hashlib
import threading
from contextlib import closing
from typing import TYPE_CHECKING

from daemon import heartbeat
from daemon.bootstrap import build_service
from daemon.clock import SystemClock
from daemon.configured_shop import shop_of
from daemon.errors import ConfigurationError, SokuresuError
from daemon.lock import describe_run, take_lock
from daemon.log import get_logger
from daemon.oauth.keyring import Keyring
from daemon.storage import open_database
from state.engine import DATABASE_TROUBLE

if TYPE_CHECKING:
    from collections.abc import Callable

    from daemon.config import Settings
    from daemon.lock import ShopLock

_LONGEST_DETAIL = 500

_log = get_logger(__name__)


class Succession:
    """Runs one service after the other, until it is told to stop.

    What is asked for by `stop` and `reload` may come at any time, also between two services.
    """

    def __init__(self, settings: Settings, load: Callable[[], Settings]) -> None:
        """Build the first service.

        Args:
            settings: the configuration to begin with.
            load: reads the configuration anew; raises `ConfigurationError` with every fault.

        Raises:
            AlreadyRunning: another process serves this shop.
            DatabaseTooNew: a newer program wrote the database.
        """
        self._settings = settings
        self._load = load
        self._next: tuple[Settings, ShopLock] | None = None
        self._stopping = threading.Event()
        self._wanted = threading.Event()
        self._turn = threading.Lock()
        self._lock = take_lock(settings.database, describe_run(SystemClock()))
        try:
            self._keyring = Keyring(settings, SystemClock())
            self._service = build_service(settings, lock=self._lock, keyring=self._keyring)
        except BaseException:
            self._lock.release()
            raise

    def run(self) -> None:
        """Run until `stop`.

        Raises:
            LockLost: another process may be sending; this one ended.
            LoopHangs: a loop did not end for its successor.
        """
        try:
            self._service.run()
            self._keyring.keep()
            while self._succeed():
                self._service.run()
                self._keyring.keep()
            heartbeat.stopping()
        finally:
            self._lock.release()

    def stop(self) -> None:
        """End the service that runs, and let none follow; for another thread than the one that runs."""
        self._stopping.set()
        self._service.stop()

    def reload(self) -> None:
        """Read the configuration; a sound one takes over; for another thread than the one that runs.

        Asked again meanwhile, it is read once more.
        """
        self._wanted.set()
        with self._turn:
            if self._wanted.is_set():
                self._wanted.clear()
                self._read_anew()

    def _read_anew(self) -> None:
        heartbeat.reloading()
        try:
            settings = self._load()
            successor = settings, self._lock_for(settings)
        except ConfigurationError as error:
            self._refuse(error.faults)
        except Exception as error:  # noqa: BLE001 - whatever is wrong with the new one, the old one goes on
            self._refuse((_sentence(error),))
        else:
            self._give_up_next()
            self._next = successor
            self._service.hand_over()
            if self._stopping.is_set():
                self._service.stop()

    def _lock_for(self, settings: Settings) -> ShopLock:
        """Whatever else can be wrong shows here, while the old service still runs."""
        shop_of(settings)
        if settings.database == self._settings.database:
            return self._lock
        lock = take_lock(settings.database, describe_run(SystemClock()))
        try:
            with closing(open_database(settings)):
                return lock
        except BaseException:
            lock.release()
            raise

    def _give_up_next(self) -> None:
        """Another configuration came before the last one could take over."""
        if self._next is not None and self._next[1] is not self._lock:
            self._next[1].release()
        self._next = None

    def _refuse(self, faults: tuple[str, ...]) -> None:
        """The old configuration goes on; the owner hears of it once, for nobody may look at the log."""
        for fault in faults:
            _log.error("configuration refused", action="old_one_goes_on", fault=fault)
        digest = hashlib.sha256("\n".join(faults).encode("utf-8", "surrogatepass")).hexdigest()[:16]
        detail = "\n".join(faults)[:_LONGEST_DETAIL]
        try:
            self._service.tell("reload_refused", f"reload_refused:{digest}", detail)
        except DATABASE_TROUBLE:
            _log.exception("owner could not be told", action="logged_only")
        heartbeat.ready()

    def _succeed(self) -> bool:
        """Put the next service in the place of the one that ended; False if none is to follow."""
        with self._turn:
            if self._next is None or self._stopping.is_set():
                self._give_up_next()
                return False
            (settings, lock), self._next = self._next, None
            self._build_next(settings, lock)
        if self._stopping.is_set():
            self._service.stop()
        return True

    def _build_next(self, settings: Settings, lock: ShopLock) -> None:
        """Build the next service, or the last one again if that fails after all."""
        keyring = self._keyring.succeeded_by(settings)
        try:
            self._service = build_service(settings, lock=lock, keyring=keyring)
        except Exception as error:  # noqa: BLE001 - a shop that nobody watches is worse than old settings
            if lock is not self._lock:
                lock.release()
            self._service = build_service(self._settings, lock=self._lock, keyring=self._keyring)
            self._refuse((_sentence(error),))
            return
        if lock is not self._lock:
            self._lock.release()
        self._settings, self._lock, self._keyring = settings, lock, keyring
        _log.info("configuration loaded anew", action="reload")


def _sentence(error: BaseException) -> str:
    """Ours says what to do; of any other only its kind, for it may repeat a password."""
    return str(error) if isinstance(error, SokuresuError) else type(error).__name__
