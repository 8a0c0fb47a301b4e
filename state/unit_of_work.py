"""One transaction with all its repositories; what is not committed never was."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from state.engine import for_reading, for_writing
from state.repository.addressed import Addressed
from state.repository.aftercare import Calls, Imports, Lessons, Ratings, Steps
from state.repository.alerts import Alerts, Notices
from state.repository.bookkeeping import Counts, Cursors, Mailboxes, Runs
from state.repository.cases import Answers, Cases, Events
from state.repository.completeness import Completenesses
from state.repository.days import Days
from state.repository.desk import DeskAccess
from state.repository.drafts import Drafts, FolderCopies
from state.repository.erasure import Erasure
from state.repository.exports import Exports
from state.repository.mail import Identities, Messages, RawMail
from state.repository.offers import Offers
from state.repository.orders import Orders
from state.repository.outbox import Outbox
from state.repository.quarantine import Quarantine
from state.repository.reporting import Reporting
from state.repository.search import Search

if TYPE_CHECKING:
    from types import TracebackType

    from sqlalchemy import Connection, Engine


class UnitOfWork:
    """A transaction; leaving it without `commit` undoes everything.

    Attributes:
        cases, answers, events: cases and what happened to them.
        drafts, folder_copies: replies that wait for a person.
        orders: what is known of orders.
        ratings, calls, steps, lessons, imports: what comes after, and beside, the mail.
        reporting, exports: what the reports are made from, and what is written into files.
        messages, identities, raw_mail: stored mail.
        addressed: the addresses that it was written to.
        outbox: outgoing mail.
        alerts, notices, offers: what the owner hears and may command.
        quarantine: mail that became no case.
        erasure: forgets a person.
        cursors, mailboxes, runs, counts, completeness: the program's own books.
        days: what was done lately.
        desk: who may sit at the desk.
        search: finds cases by what people remember of them.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.cases = Cases(connection)
        self.answers = Answers(connection)
        self.events = Events(connection)
        self.drafts = Drafts(connection)
        self.folder_copies = FolderCopies(connection)
        self.orders = Orders(connection)
        self.ratings = Ratings(connection)
        self.calls = Calls(connection)
        self.steps = Steps(connection)
        self.lessons = Lessons(connection)
        self.imports = Imports(connection)
        self.reporting = Reporting(connection)
        self.exports = Exports(connection)
        self.messages = Messages(connection)
        self.identities = Identities(connection)
        self.raw_mail = RawMail(connection)
        self.addressed = Addressed(connection)
        self.outbox = Outbox(connection)
        self.alerts = Alerts(connection)
        self.notices = Notices(connection)
        self.offers = Offers(connection)
        self.quarantine = Quarantine(connection)
        self.erasure = Erasure(connection)
        self.cursors = Cursors(connection)
        self.mailboxes = Mailboxes(connection)
        self.runs = Runs(connection)
        self.counts = Counts(connection)
        self.completeness = Completenesses(connection)
        self.days = Days(connection)
        self.desk = DeskAccess(connection)
        self.search = Search(connection)

    def __enter__(self) -> Self:
        try:
            self._connection.begin()
        except BaseException:
            # Without an entry there will be no exit that gives the connection back.
            self._connection.close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        # Closing without a commit rolls back.
        self._connection.close()

    def commit(self) -> None:
        """Make it true."""
        for repository in (self.events, self.raw_mail, self.counts):
            repository.flush()
        self._connection.commit()


class Database:
    """Where units of work come from."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._writing = for_writing(engine)
        self._reading = for_reading(engine)

    def write(self) -> UnitOfWork:
        """A transaction that may change things; it waits for its turn at once, for there is one writer."""
        return UnitOfWork(self._writing.connect())

    def read(self) -> UnitOfWork:
        """A transaction that only looks."""
        return UnitOfWork(self._reading.connect())

    def close(self) -> None:
        """Give all connections back."""
        self._engine.dispose()
