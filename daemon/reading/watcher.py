"""Keeps one account connected and read, for ever; a failure here never disturbs another account."""

from __future__ import annotations

from contextlib import closing, contextmanager
from datetime import timedelta
from threading import Event
from typing import TYPE_CHECKING, Protocol

from daemon.errors import LoginRefused, MailboxUnavailable
from daemon.log import get_logger
from daemon.pulse import turning

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from daemon.drafts_folder import DraftsFolder
    from daemon.filing import Filing
    from daemon.ports import Clock, Mailbox
    from daemon.reading.folder_reader import FolderReader
    from daemon.shop import Account
    from state.unit_of_work import Database

IDLE_LIMIT = timedelta(minutes=5)
"""Servers and routers forget a silent connection; it is renewed well before."""

BACK_OFF = (1.0, 2.0, 5.0, 15.0, 30.0, 60.0)
"""Seconds between attempts to connect; the last one repeats for ever."""

_log = get_logger(__name__)


class _StopAskedError(BaseException):
    """Ends a long reading between two commands; no failure, so that nobody who expects those catches it."""


class Chore(Protocol):
    """Something that needs an account's connection and is asked after every full pass whether it is due."""

    def turn(self, mailbox: Mailbox) -> bool:
        """Do what is due, and tell whether anything was; any folder may be open afterwards.

        It changes nothing on the server, and is broken off at a command when the service is to end.

        Raises:
            MailboxUnavailable: the server failed.
        """
        ...


class MailboxWatcher:
    """The life of one account's thread."""

    def __init__(
        self,
        account: Account,
        connect: Callable[[], Mailbox],
        *,
        reader: FolderReader,
        filing: Filing,
        drafts: DraftsFolder,
        database: Database,
        clock: Clock,
        on_turn: Callable[[], None],
        chores: Sequence[Chore] = (),
    ) -> None:
        """Set up the watcher.

        Args:
            account: the mailbox to watch.
            connect: opens a connection.
            reader: reads the folders.
            filing: files copies of what was sent.
            drafts: keeps the Drafts folder and clears approved mail.
            database: where health is written down.
            clock: the time.
            on_turn: told at every turn of the loop, back-off included; what the watchdog lives on.
            chores: what else is done with the connection after every full pass, in this order.
        """
        self._account = account
        self._connect = connect
        self._reader = reader
        self._filing = filing
        self._drafts = drafts
        self._database = database
        self._clock = clock
        self._on_turn = on_turn
        self._chores = tuple(chores)
        self._stop = Event()
        self._mailbox: Mailbox | None = None
        self._failures = 0
        self._only_reads = False

    @property
    def name(self) -> str:
        """The account's name."""
        return self._account.name

    def run(self) -> None:
        """Watch until `stop`; connect again after every failure, ever more slowly, for ever."""
        while not self._stop.is_set():
            self._on_turn()
            try:
                self._watch()
            except _StopAskedError:
                _log.info("reading broken off", action="stop", mailbox=self.name)
            except Exception as error:  # noqa: BLE001 - the thread must outlive everything
                self._note_failure(error)
                self._stop.wait(BACK_OFF[min(self._failures, len(BACK_OFF)) - 1])

    def once(self) -> None:
        """Read everything one time.

        Raises:
            MailboxUnavailable: the server failed; that is written down as well.
        """
        try:
            with closing(self._connect()) as mailbox:
                self._pass(mailbox)
        except MailboxUnavailable as error:
            self._note_failure(error)
            raise

    def stop(self) -> None:
        """End the watch from another thread: what is written is finished, what is read is not."""
        self._stop.set()
        self.wake()

    def wake(self) -> None:
        """Let the account be read now instead of at its next time."""
        mailbox = self._mailbox
        if mailbox is not None:
            mailbox.wake()

    def _watch(self) -> None:
        with closing(self._connect()) as connection:
            mailbox = turning(connection, self._step)
            self._mailbox = mailbox
            try:
                while not self._stop.is_set():
                    self._on_turn()
                    self._pass(mailbox)
                    self._failures = 0
                    if not self._stop.is_set():
                        mailbox.wait(min(self._account.poll_interval, IDLE_LIMIT))
            finally:
                self._mailbox = None

    def _step(self) -> None:
        """Before every command, and at every mail that is fetched."""
        self._on_turn()
        if self._only_reads and self._stop.is_set():
            raise _StopAskedError

    @contextmanager
    def _reading(self) -> Iterator[None]:
        """Inside, nothing on the server is changed, so that it may be broken off at any command."""
        self._only_reads = True
        try:
            yield
        finally:
            self._only_reads = False

    def _pass(self, mailbox: Mailbox) -> None:
        waiting = self._drafts.waiting()
        with self._reading():
            self._reader.full_pass(mailbox)
        self._filing.turn(mailbox)
        self._drafts.turn(mailbox, waiting)
        with self._reading():
            done = [chore.turn(mailbox) for chore in self._chores]
            if any(done):
                # Waiting starts from a folder that was searched just now.
                self._reader.full_pass(mailbox)

    def _note_failure(self, error: Exception) -> None:
        self._failures += 1
        expected = isinstance(error, MailboxUnavailable)
        reason = str(error) if expected else f"unexpected {type(error).__name__}"
        log = _log.warning if expected else _log.exception
        log("mailbox failed", action="reconnect", mailbox=self.name, reason=reason, failures=self._failures)
        try:
            self._write_down(reason, refused=isinstance(error, LoginRefused))
        except Exception:  # noqa: BLE001 - the database may be what failed; the next turn tries again
            _log.exception("health could not be written down", action="reconnect", mailbox=self.name)

    def _write_down(self, reason: str, *, refused: bool) -> None:
        now = self._clock.now()
        with self._database.write() as uow:
            if uow.mailboxes.get(self.name) is None:
                uow.mailboxes.start(self.name, now)
            health = uow.mailboxes.get(self.name)
            since = now if health is None or health.failing_since is None else health.failing_since
            uow.mailboxes.change(self.name, failing_since=since, failure=reason)
            if refused:
                # Once a day for as long as it lasts: the first alert may have been overlooked. Whatever else
                # keeps a mailbox from being read is told by `daemon.liveness`, for this thread may hang.
                key = f"login_refused:{self.name}:{since.isoformat()}:{(now - since).days}"
                uow.notices.raise_once(key, "login_refused", now, detail=f"{self.name}: {reason}")
            uow.commit()
