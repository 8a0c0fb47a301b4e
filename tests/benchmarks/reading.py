"""Reading an account's folders without the service around it."""

from __future__ import annotations

from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import TYPE_CHECKING, Any

from imapclient import IMAPClient

from daemon.bootstrap import connector
from daemon.clock import SystemClock
from daemon.configured_shop import shop_of
from daemon.filing import Filing
from daemon.reading.folder_reader import FolderReader
from daemon.storage import open_database
from tests.benchmarks.shops import settings_of, write_configuration

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from daemon.ports import Endpoint, Mailbox
    from state.unit_of_work import Database
    from tests.beds.accounts import MailAccount


class Reader:
    """One account, read into a database of its own.

    Attributes:
        mailbox: the connection.
    """

    def __init__(self, database: Database, mailbox: Mailbox, reader: FolderReader, filing: Filing) -> None:
        self._database = database
        self.mailbox = mailbox
        self._reader = reader
        self._filing = filing

    def round(self) -> None:
        """What the service does each time that it wakes."""
        self._reader.full_pass(self.mailbox)
        self._filing.turn(self.mailbox)

    def counts(self) -> dict[str, int]:
        """How many mails of each kind were taken in so far."""
        with self._database.read() as uow:
            return uow.counts.all()


@contextmanager
def reading(
    folder: Path, account: MailAccount, endpoint: Endpoint | None = None, *, from_now: bool = False
) -> Iterator[Reader]:
    """Connect to an account, with a fresh database in that folder.

    Args:
        folder: is made.
        account: whom to read.
        endpoint: another address of the server.
        from_now: what lies in the folders is left alone, as at the first start of all; otherwise it counts
            as having come during an outage.
    """
    folder.mkdir()
    imap = endpoint or account.endpoint
    path = write_configuration(folder, [(imap, account.credentials)], imap, acknowledge=False)
    settings = settings_of(path)
    shop, clock = shop_of(settings), SystemClock()
    database = open_database(settings)
    (configured,) = settings.mailboxes
    own = shop.accounts[configured.name]
    if not from_now:
        _start_before(database, configured.name)
    reader = FolderReader(database, shop, own, clock, intake_lock=Lock(), on_taken=_unheard, on_turn=_unheard)
    with closing(connector(configured, configured.credentials())()) as mailbox:
        yield Reader(database, mailbox, reader, Filing(database, own, clock))
    database.close()


def _unheard(*_: object) -> None:
    """Nobody listens."""


def _start_before(database: Database, name: str) -> None:
    """Let the account have been started yesterday, so that what it holds is read and is no history."""
    yesterday = datetime.now(UTC) - timedelta(days=1)
    with database.write() as uow:
        uow.mailboxes.start(name, yesterday)
        uow.mailboxes.change(name, last_full_pass_at=yesterday)
        uow.commit()


@contextmanager
def bare_client(account: MailAccount) -> Iterator[Any]:
    """The bare library, with the inbox open."""
    client = IMAPClient(account.endpoint.host, account.endpoint.port, ssl=False)
    client._imap.debug = 0
    client.login(account.credentials.username, account.credentials.password)
    client.select_folder("INBOX", readonly=True)
    try:
        yield client
    finally:
        client.shutdown()
