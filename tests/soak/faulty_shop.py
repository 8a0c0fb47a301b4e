"""A shop between faulty servers, one round at a time: the real parts, as the program itself builds them."""

from __future__ import annotations

import contextlib
import itertools
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import timedelta
from email.parser import BytesHeaderParser
from typing import TYPE_CHECKING, TypeVar
from unittest import mock

from daemon import bootstrap, review
from daemon.compose import DRAFT_HEADER
from daemon.config import load
from daemon.configured_shop import shop_of
from daemon.errors import SokuresuError
from daemon.work import Work
from state.drafts import DraftState
from state.engine import DATABASE_TROUBLE, open_engine
from state.migrations import upgrade
from state.model import CaseState
from state.outbox_rules import OutboxKind, OutboxState
from state.unit_of_work import Database
from tests.beds.accounts import MailAccount
from tests.beds.clock import SetClock
from tests.beds.post import dated
from tests.beds.reviewing import complaint
from tests.beds.shopfloor import OPENED, empty_tables
from tests.soak.faulty_imap import FaultyImap
from tests.soak.faulty_smtp import FaultySmtp
from tests.soak.faulty_world import impatient
from tests.system.running import OWNER, RunningShop, Watched

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from sqlalchemy import Engine

    from daemon.ports import Endpoint, Mailbox
    from daemon.reading.watcher import MailboxWatcher
    from daemon.service import Service
    from state.drafts import Draft
    from state.model import Case, OutboxItem
    from state.unit_of_work import UnitOfWork
    from tests.beds.certificates import Certificate

_Answer = TypeVar("_Answer")

NAME = "localhost"
"""What both servers are called, so that there is a name to resolve."""

BETWEEN_ROUNDS = timedelta(minutes=6)
"""Longer than the first two delays before a mail is offered again; shorter rounds would only be more."""

_ORDERS = '[drafts]\nfulfilment = "fba"'
"""With it a complaint can be answered without looking into the order, so its draft is put into the folder."""

_PATIENCE = 3.0
"""Seconds for every answer of a server; one that is slow on cue takes twice as long."""

_REST = timedelta(milliseconds=1)


@dataclass
class FaultyShop:
    """A shop that reads through a faulty door and hands its mail to a faulty server.

    Attributes:
        running: its configuration and database.
        imap: the door before its mailbox.
        smtp: takes its mail.
        account: its mailbox, reached without any fault.
        database: the shop's, beside the service's own.
        clock: the time.
        failures: what the rounds had to cope with, in order.
        received: how many buyers have written.
    """

    running: RunningShop
    imap: FaultyImap
    smtp: FaultySmtp
    account: MailAccount
    database: Database
    clock: SetClock = field(default_factory=lambda: SetClock(OPENED))
    failures: list[Exception] = field(default_factory=list)
    received: int = 0
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    _service: Service | None = None
    _mailboxes: dict[str, Mailbox] = field(default_factory=dict)

    @property
    def service(self) -> Service:
        """The service, started when it is first needed."""
        if self._service is None:
            built = bootstrap.build_service(
                load(self.running.config), bootstrap.Surroundings(clock=self.clock)
            )
            built._begin()
            self._service = built
        return self._service

    @property
    def sqlite(self) -> Path:
        """The file of the database."""
        return self.running.folder / "sokuresu.db"

    def receive(self, count: int = 1) -> list[Buyer]:
        """Let the complaints of so many new buyers arrive now."""
        now = self.clock.now()
        newcomers = [Buyer(self, number) for number in itertools.islice(self._numbers, count)]
        for one in newcomers:
            content = complaint(one.number).build()
            self.account.deliver(dated(content, now, f"complaint-{one.number}@mail.example"), at=now)
        self.received += count
        return newcomers

    def turn(self, rounds: int = 1, *, apart: timedelta = timedelta(0), idle: bool = False) -> None:
        """Every loop of the service turns, and what fails is left for the next round, as the loops do.

        Args:
            rounds: how often.
            apart: how much later it is before each round.
            idle: whether to wait for news as well, for an instant.
        """
        for _ in range(rounds):
            self.clock.advance(apart)
            for watcher in self.service._watchers:
                self._watch(watcher, idle=idle)
                self._guard(self.service._delivery.turn)
            self._guard(self.service._drafter.turn)
            self._guard(self.service._alerts.turn)
            self._guard(self.service._delivery.turn)

    def heal(self) -> None:
        """Everything works again; two rounds later whatever had to wait is done."""
        self.imap.heal()
        self.smtp.heal()
        self.turn(2, apart=BETWEEN_ROUNDS)

    def hang_up(self) -> None:
        """Connect anew in the next round."""
        for mailbox in self._mailboxes.values():
            mailbox.close()
        self._mailboxes.clear()
        self.smtp.cut_connections()

    def die(self) -> None:
        """Leave everything as it stands; the next round is another life of the program.

        Only what a killed process loses by itself is taken away: connections and the lock.
        """
        self.hang_up()
        if self._service is not None:
            self._service._database.close()
            self._service._lock.release()
            self._service = None

    def end(self) -> None:
        """End in good order."""
        self.hang_up()
        if self._service is not None:
            self._service._end()
            self._service = None

    def alerts(self) -> list[str]:
        """The words of what the server took for the owner."""
        mails = self.smtp.server.mails
        return [mail.text for mail in mails if mail.recipients == (OWNER,)]

    def uncertain(self) -> set[str]:
        """The Message-IDs of all mails whose fate is listed as unknown."""
        rows = self.ask(lambda uow: uow.outbox.in_state(OutboxState.UNCERTAIN))
        return {row.message_id for row in rows}

    def copies(self, folder: str) -> Counter[str]:
        """How often each mail of ours lies in a folder, by what identifies it."""
        parse = BytesHeaderParser().parsebytes
        mails = [parse(self.account.content(uid, folder)) for uid in self.account.uids(folder)]
        return Counter(str(mail[DRAFT_HEADER] or mail["Message-ID"]) for mail in mails)

    def waiting(self) -> int:
        """How many drafts wait for a person."""
        cases = self.ask(lambda uow: uow.cases.in_state(CaseState.OPEN))
        with self.database.read() as uow:
            return sum(uow.drafts.open_of(one.id) is not None for one in cases)

    def ask(self, question: Callable[[UnitOfWork], _Answer]) -> _Answer:
        """What the database says."""
        with self.database.read() as uow:
            return question(uow)

    def unforeseen(self) -> list[Exception]:
        """What failed in a way that the program has no words for."""
        return [one for one in self.failures if not isinstance(one, (SokuresuError, *DATABASE_TROUBLE))]

    def _watch(self, watcher: MailboxWatcher, *, idle: bool) -> None:
        try:
            if watcher.name not in self._mailboxes:
                self._mailboxes[watcher.name] = watcher._connect()
            watcher._pass(self._mailboxes[watcher.name])
            if idle:
                self._mailboxes[watcher.name].wait(_REST)
        except Exception as error:  # noqa: BLE001 - as the watcher's own loop
            self.failures.append(error)
            watcher._note_failure(error)
            self._leave(watcher.name)

    def _leave(self, name: str) -> None:
        mailbox = self._mailboxes.pop(name, None)
        if mailbox is not None:
            mailbox.close()

    def _guard(self, job: Callable[[], object]) -> None:
        try:
            job()
        except Exception as error:  # noqa: BLE001 - as the service's own loops
            self.failures.append(error)


@dataclass(frozen=True, slots=True)
class Buyer:
    """One who complained, and what became of it."""

    shop: FaultyShop
    number: int

    @property
    def case(self) -> Case:
        """The only case."""
        alias = f"{complaint(self.number).local}@marketplace.amazon.co.jp"
        (case,) = self.shop.ask(lambda uow: uow.cases.with_buyer([alias]))
        return case

    @property
    def row(self) -> OutboxItem:
        """The only acknowledgment."""
        return self._only(OutboxKind.ACKNOWLEDGMENT)

    @property
    def answer(self) -> OutboxItem:
        """The only approved mail."""
        return self._only(OutboxKind.APPROVED)

    def _only(self, kind: OutboxKind) -> OutboxItem:
        case = self.case
        rows = self.shop.ask(lambda uow: uow.outbox.of_case(case.id))
        (row,) = [one for one in rows if one.kind is kind]
        return row

    def drafts(self, state: DraftState) -> list[Draft]:
        """The versions of the answer that stand like that."""
        case = self.case
        return [one for one in self.shop.ask(lambda uow: uow.drafts.of_case(case.id)) if one.state is state]

    def approve(self) -> None:
        """A person approves the draft that waits."""
        (draft,) = self.drafts(DraftState.OPEN)
        shop = shop_of(load(self.shop.running.config))
        with self.shop.database.write() as uow:
            work = Work(uow, shop, self.shop.clock.now())
            review.approve(work, draft.id, despite_warnings=True, how="command")
            uow.commit()

    @property
    def taken(self) -> list[str]:
        """The Message-IDs of what the server took for this buyer."""
        address = complaint(self.number).address
        return [one.message_id for one in self.shop.smtp.accepted if one.recipient == address]


@dataclass
class FaultyPremises:
    """What outlives a shop, for it takes long to build: the servers and the tables of the database.

    Attributes:
        imap: the door before Dovecot.
        smtp: takes the mail of all shops.
        engine: of the database, which is emptied for every shop.
        folder: holds the database.
    """

    imap: FaultyImap
    smtp: FaultySmtp
    engine: Engine
    folder: Path

    @contextlib.contextmanager
    def shop(self, account: MailAccount) -> Iterator[FaultyShop]:
        """A shop that has been read once in peace, with nothing in it."""
        empty_tables(self.engine)
        self.smtp.forget()
        self.smtp.server.credentials = account.credentials
        door = MailAccount(replace(self.imap.endpoint, host=NAME), account.credentials)
        watched = Watched("main", door, self.smtp.server, extra='save_sent = "always"')
        running = RunningShop(self.folder, [watched], extra=_ORDERS)
        database = Database(self.engine)
        with mock.patch.object(bootstrap, "open_database", return_value=database):
            shop = FaultyShop(running, self.imap, self.smtp, account, database)
            try:
                shop.turn()
                yield shop
                shop.end()
            finally:
                shop.die()
        self.imap.heal()
        self.smtp.heal()
        account.close()


@contextlib.contextmanager
def faulty_premises(
    folder: Path, mailboxes: Endpoint, certificate: Certificate, expired: Certificate
) -> Iterator[FaultyPremises]:
    """Servers that fail on cue, and a database, for one shop after the other.

    A fault has to be the only reason for an outcome: our patience is long enough for a busy machine.
    """
    with (
        impatient(server=_PATIENCE),
        FaultyImap(mailboxes, certificate, expired, delay=2 * _PATIENCE) as imap,
        FaultySmtp(certificate, expired, delay=2 * _PATIENCE) as smtp,
    ):
        smtp.server.endpoint = replace(smtp.endpoint, host=NAME)
        engine = open_engine(f"sqlite:///{folder / 'sokuresu.db'}")
        upgrade(engine)
        yield FaultyPremises(imap, smtp, engine, folder)
        engine.dispose()
