"""A whole shop for a use case: real database, reader, sender and alert desk around mailboxes in memory."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from threading import Lock
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import Integer, event

from daemon.alerts import AlertDesk
from daemon.completeness import DailyLook
from daemon.delivery import Delivery, Route
from daemon.drafting import Drafter
from daemon.drafts_folder import DraftsFolder
from daemon.filing import Filing
from daemon.reading.folder_reader import FolderReader
from daemon.recipients import AllowList
from daemon.shop import Account, Shop
from parsers.values import Trust
from state import tables
from state.engine import open_engine
from state.migrations import upgrade
from state.outbox_rules import OutboxState
from state.unit_of_work import Database
from templates.drafting import DraftTemplates
from tests.beds.clock import SetClock
from tests.beds.fake_mailbox import FakeAccount, FakeMailbox
from tests.beds.fake_submission import FakeSubmission
from tests.beds.post import dated
from tests.unit.parsers.mails import HOST, BuyerMail
from tests.unit.state.examples import local, make_plan

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from sqlalchemy import Engine

    from daemon.ports import Submission
    from daemon.reading.arrivals import Arrival, Taken
    from state.model import Case, Message, OutboxItem
    from state.repository.alerts import Notice
    from state.repository.completeness import Completeness
    from tests.beds.fake_submission import Handed
    from tests.beds.postgres import Postgres

OWNER = "owner@shop.example"
OPENED = local("2026-11-17 10:30")
"""A Tuesday morning on which the shop is open; where every story begins."""


def make_account(name: str = "main", **values: Any) -> Account:
    """A watched mailbox that believes its own provider."""
    complete: dict[str, Any] = {"address": f"{name}@shop.example", "trust": Trust(HOST)}
    return Account(name, **(complete | values))


def make_shop(*accounts: Account, **values: Any) -> Shop:
    """The shop of the example configuration."""
    watched = accounts or (make_account(),)
    complete: dict[str, Any] = {
        "name": "まい商店",
        "owner": OWNER,
        "language": "ja",
        "alert_times": make_plan(),
        "accounts": {one.name: one for one in watched},
    }
    return Shop(**(complete | values))


@dataclass
class Shopfloor:
    """The shop at work, one step at a time.

    Attributes:
        database: where everything lies.
        shop: the configuration.
        clock: the time; only a test moves it.
        accounts: the mailboxes' servers, by the name of the account.
        exits: where the mail of each account is handed in.
        second_exit: the second way out for alerts.
        templates: of the drafts.
        beside: where short alerts go, by the name of the way.
        taken: what became of every mail that was taken in.
    """

    database: Database
    shop: Shop = field(default_factory=make_shop)
    clock: SetClock = field(default_factory=lambda: SetClock(OPENED))
    exits: dict[str, Submission] = field(default_factory=dict)
    second_exit: Submission | None = None
    beside: dict[str, Submission] = field(default_factory=dict)
    run_id: str = "run-1"
    templates: DraftTemplates = field(default_factory=DraftTemplates)
    accounts: dict[str, FakeAccount] = field(default_factory=dict)
    taken: list[tuple[Arrival, Taken]] = field(default_factory=list)

    def __post_init__(self) -> None:
        agents = frozenset(agent.address for agent in self.shop.agents)
        allowed = AllowList(self.shop.owner, agents).allows
        for name in self.shop.accounts:
            self.exits.setdefault(name, FakeSubmission(allowed))
            self.accounts.setdefault(name, FakeAccount())
        self.start()

    def start(self, **shop: Any) -> None:
        """Build everything as the program does at its start; the database and the servers stay.

        Args:
            **shop: what is configured differently from now on.
        """
        self.shop = replace(self.shop, **shop)
        intake_lock = Lock()
        self.readers: dict[str, FolderReader] = {}
        self.filings: dict[str, Filing] = {}
        self.drafts_folders: dict[str, DraftsFolder] = {}
        self.looks: dict[str, DailyLook] = {}
        self._connections: dict[str, FakeMailbox] = {}
        for name, account in self.shop.accounts.items():
            self.readers[name] = FolderReader(
                self.database,
                self.shop,
                account,
                self.clock,
                intake_lock=intake_lock,
                on_taken=lambda arrival, taken: self.taken.append((arrival, taken)),
                on_turn=lambda: None,
            )
            self.looks[name] = DailyLook(
                self.database,
                self.shop,
                account,
                self.clock,
                reader=self.readers[name],
                intake_lock=intake_lock,
            )
            self.filings[name] = Filing(self.database, account, self.clock)
            self.drafts_folders[name] = DraftsFolder(self.database, self.shop, account, self.clock)
        routes = {
            name: Route(name, account.address, self.exits[name])
            for name, account in self.shop.accounts.items()
        }
        first = routes[self.shop.first_account.name]
        second = [Route("alerts", "alerts@other.example", self.second_exit)] if self.second_exit else []
        self.delivery = Delivery(
            self.database,
            self.shop,
            routes,
            self.clock,
            self.run_id,
            alert_routes=(first, *second),
            second_paths={
                name: Route(f"second path {name}", "", self.beside.setdefault(name, FakeSubmission()))
                for name in self.shop.second_paths
            },
        )
        self.desk = AlertDesk(self.database, self.shop, self.clock)
        self.drafter = Drafter(self.database, self.shop, self.templates, self.clock)

    @property
    def webhook(self) -> FakeSubmission:
        """Where the way called ``webhook`` ends."""
        way = self.beside["webhook"]
        assert isinstance(way, FakeSubmission)
        return way

    @property
    def inbox(self) -> FakeAccount:
        """The only, or first, account's server."""
        return next(iter(self.accounts.values()))

    def receive(
        self,
        mail: bytes | BuyerMail,
        *,
        folder: str = "INBOX",
        mailbox: str | None = None,
        at: datetime | None = None,
        date: datetime | None = None,
        message_id: str | None = "",
    ) -> int:
        """Let a mail arrive; it is not read yet.

        Args:
            mail: the mail; its Date and Message-ID are set anew.
            folder: where it is put.
            mailbox: whose account; the first if not given.
            at: INTERNALDATE; now if not given.
            date: its Date header; the same as ``at`` if not given.
            message_id: empty makes a new one, None leaves it out.
        """
        content = mail.build() if isinstance(mail, BuyerMail) else mail
        arrived = at or self.clock.now()
        account = self.accounts[mailbox] if mailbox else self.inbox
        return account.deliver(dated(content, date or arrived, message_id), folder, at=arrived)

    def read(self, mailbox: str | None = None) -> list[Taken]:
        """Read one account, or all, to its end; tells what became of the mails."""
        before = len(self.taken)
        for name in [mailbox] if mailbox else list(self.shop.accounts):
            connection = self.connection(name)
            waiting = self.drafts_folders[name].waiting()
            self.readers[name].full_pass(connection)
            self.filings[name].turn(connection)
            self.drafts_folders[name].turn(connection, waiting)
        return [taken for _, taken in self.taken[before:]]

    def look(self) -> list[bool]:
        """Read every account and let it be looked through for missed mail if that is due."""
        self.read()
        return [look.turn(self.connection(name)) for name, look in self.looks.items()]

    def looked(self, mailbox: str = "main") -> Completeness:
        """What the last look at an account found."""
        with self.database.read() as uow:
            found = uow.completeness.get(mailbox)
        assert found is not None
        return found

    def connection(self, mailbox: str) -> FakeMailbox:
        """The kept connection to an account."""
        known = self._connections.get(mailbox)
        if known is None or known.cut:
            self._connections[mailbox] = self.accounts[mailbox].connect()
        return self._connections[mailbox]

    def send(self) -> list[Handed]:
        """Let the sender turn once; tells what reached the first account's server meanwhile."""
        before = len(self.sent())
        self.delivery.turn()
        return self.sent()[before:]

    def alert(self) -> list[Handed]:
        """Let the alert desk and the sender turn once; tells the alerts that the owner got."""
        before = len(self.alerts())
        self.desk.turn()
        self.delivery.turn()
        return self.alerts()[before:]

    def work(self, mail: bytes | BuyerMail | None = None, **how: Any) -> list[Taken]:
        """One round of everything but alerts, with a mail that arrives before, if any."""
        if mail is not None:
            self.receive(mail, **how)
        taken = self.read()
        self.delivery.turn()
        return taken

    def sent(self) -> list[Handed]:
        """Every mail that the first account's server took."""
        exit_ = next(iter(self.exits.values()))
        return exit_.mails if isinstance(exit_, FakeSubmission) else []

    def alerts(self) -> list[Handed]:
        """Every alert that reached the owner over the first account."""
        return [mail for mail in self.sent() if mail.recipient == self.shop.owner]

    def acknowledgments(self) -> list[Handed]:
        """Every acknowledgment that left, over all accounts."""
        exits = [one for one in self.exits.values() if isinstance(one, FakeSubmission)]
        return [mail for one in exits for mail in one.mails if mail.recipient != self.shop.owner]

    def cases(self) -> tuple[Case, ...]:
        """Every case, oldest first."""
        with self.database.read() as uow:
            return tuple(reversed(uow.cases.latest(1000)))

    def case(self, number: int = 1) -> Case:
        """One case."""
        with self.database.read() as uow:
            found = uow.cases.get(number)
        assert found is not None
        return found

    def messages(self, case: int = 1) -> tuple[Message, ...]:
        """The messages of a case."""
        with self.database.read() as uow:
            return uow.messages.of_case(case)

    def outbox(self, case: int | None = 1) -> tuple[OutboxItem, ...]:
        """The outgoing mail of a case, or everything that belongs to none."""
        with self.database.read() as uow:
            if case is not None:
                return uow.outbox.of_case(case)
            return tuple(item for item in uow.outbox.in_state(*OutboxState) if item.case_id is None)

    def acknowledgment(self, case: int = 1) -> OutboxItem:
        """The only outgoing mail of a case."""
        (item,) = self.outbox(case)
        return item

    def notices(self) -> tuple[Notice, ...]:
        """What the owner has yet to hear at once."""
        with self.database.read() as uow:
            return uow.notices.untold()

    def words(self) -> list[str]:
        """The words of what the owner has yet to hear at once."""
        return [notice.word for notice in self.notices()]

    def everything(self) -> str:
        """Every value of every table as one text, to search for what must not be stored."""
        with self.database.read() as uow:
            rows = [
                row
                for table in tables.metadata.sorted_tables
                for row in uow._connection.execute(table.select())
            ]
        return "\n".join(repr(tuple(row)) for row in rows)


@pytest.fixture(scope="session")
def sqlite_engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """One SQLite database with its tables, to be emptied for every test."""
    engine = open_engine(f"sqlite:///{tmp_path_factory.mktemp('shop') / 'shop.db'}")
    # No use case pulls the plug, and waiting for the disk after each transaction takes longer than all else.
    event.listen(engine, "connect", lambda opened, _: opened.execute("PRAGMA synchronous = OFF"))
    upgrade(engine)
    yield engine
    engine.dispose()


@pytest.fixture(scope="session")
def postgres_engine(postgres: Postgres) -> Iterator[Engine]:
    """One PostgreSQL database with its tables, to be emptied for every test."""
    url = postgres.fresh_database()
    engine = open_engine(url)
    upgrade(engine)
    yield engine
    engine.dispose()
    postgres.drop(url)


def empty_tables(engine: Engine) -> None:
    """Quicker than a new database: its statements stay compiled, and a few rows go faster than TRUNCATE."""
    emptied = list(reversed(tables.metadata.sorted_tables))
    statements = [f'DELETE FROM "{table.name}"' for table in emptied]
    numbered = [table.name for table in emptied if "id" in table.c and isinstance(table.c.id.type, Integer)]
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            statements += [f"ALTER SEQUENCE {name}_id_seq RESTART" for name in numbered]
            statements = ["; ".join(statements)]
        for statement in statements:
            connection.exec_driver_sql(statement)


@pytest.fixture
def shop_database(request: pytest.FixtureRequest) -> Database:
    """An empty database with its tables; which kinds a test sees is decided in the folder's conftest."""
    engine: Engine = request.getfixturevalue(f"{getattr(request, 'param', 'sqlite')}_engine")
    empty_tables(engine)
    return Database(engine)


@pytest.fixture
def floor(shop_database: Database) -> Shopfloor:
    """A shop with one mailbox that has been read once, on a Tuesday at half past ten."""
    shopfloor = Shopfloor(shop_database)
    shopfloor.read()
    return shopfloor
