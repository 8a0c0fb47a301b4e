"""Days in which everything happens in any order and everything fails now and then; what must hold holds."""

from __future__ import annotations

import random
from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy.exc import OperationalError

from daemon.errors import MailboxUnavailable
from daemon.ports import Verdict
from state.model import CaseState, settle
from state.outbox_rules import OutboxState
from state.unit_of_work import UnitOfWork
from tests.beds.post import answer_mail, buyer, feedback, opted_out, reply_copy
from tests.unit.parsers.mails import bounce

if TYPE_CHECKING:
    from tests.beds.shopfloor import Shopfloor

STEPS = 45
FORGED = "この文は偽物です"


class Fate:
    """Decides what happens; the same seed is the same day.

    Attributes:
        genuine: the keys of all proven messages that arrived.
    """

    def __init__(self, floor: Shopfloor, seed: int) -> None:
        self.floor = floor
        self.dice = random.Random(seed)
        self.genuine: dict[str, str] = {}
        self.commits_fail = 0.0

    def step(self) -> None:
        """Let something happen, then let the shop work, as far as it can."""
        self.dice.choice(
            (self.message, self.message, self.message_again, self.forgery, self.unproven, self.answer,
             self.copy, self.failure, self.opinion, self.trouble, self.renumbering, self.restart)
        )()  # fmt: skip
        self.floor.clock.advance(timedelta(minutes=self.dice.choice((0, 1, 7, 45, 200))))
        self.work()

    def work(self) -> None:
        """One round of every part; what fails is tried again in a later round, as the loops do."""
        for part in (
            self.floor.read,
            self.floor.delivery.turn,
            self.floor.desk.turn,
            self.floor.delivery.turn,
        ):
            try:
                part()
            except MailboxUnavailable:
                self.floor.inbox.cut_connections()
            except OperationalError:
                pass

    def message(self) -> None:
        """A buyer writes."""
        number = self.dice.randint(1, 4)
        key = f"A0R{len(self.genuine):012d}"
        self.genuine[key] = buyer(number).address
        self.floor.receive(buyer(number, key=key), folder=self.dice.choice(("INBOX", "INBOX", "Junk")))

    def message_again(self) -> None:
        """A message that came is mailed once more, to another address or out of a backup."""
        if self.genuine:
            key = self.dice.choice(list(self.genuine))
            number = int(self.genuine[key][5:15])
            self.floor.receive(buyer(number, key=key))

    def forgery(self) -> None:
        """Somebody pretends to be a buyer."""
        self.floor.receive(buyer(self.dice.randint(1, 4), proof="fail", key="A0FORGED", text=FORGED))

    def unproven(self) -> None:
        """A message without any result, of a buyer of its own."""
        self.floor.receive(buyer(8, proof="none", key=f"A0U{self.dice.randint(1, 3)}"))

    def answer(self) -> None:
        """A person answers from another mail program."""
        mail = answer_mail(buyer(self.dice.randint(1, 4)).address, f"回答{self.dice.random()}です。")
        self.floor.receive(mail, folder="Sent")

    def copy(self) -> None:
        """Amazon copies something that was sent, by us or by a person."""
        sent = self.floor.acknowledgments()
        text = self.dice.choice(sent).text if sent and self.dice.random() < 0.6 else "セラーセントラルから。"
        order = f"250-{self.dice.randint(1, 4):07d}-7654321"
        self.floor.receive(reply_copy(text, order=order))

    def failure(self) -> None:
        """Something did not arrive."""
        sent = self.floor.acknowledgments()
        ours = sent[-1].message["Message-ID"].strip("<>") if sent else "nothing@shop.example"
        self.floor.receive(self.dice.choice((opted_out(1), bounce("x@example.org", ours))))

    def opinion(self) -> None:
        """A buyer rates the shop."""
        self.floor.receive(feedback(self.dice.randint(1, 4), rating=self.dice.randint(1, 5)))

    def trouble(self) -> None:
        """A server fails soon."""
        exit_ = self.floor.exits["main"]
        exit_.answer(
            self.dice.choice((Verdict.DEFERRED, Verdict.REFUSED)), "no", before=self.dice.random() < 0.5
        )
        exit_.answer(Verdict.UNKNOWN, taken=self.dice.random() < 0.5)
        self.floor.inbox.fail(
            self.dice.choice(("open", "heads", "bodies", "append")), after=self.dice.randint(0, 3)
        )

    def renumbering(self) -> None:
        """The provider gives a folder new numbers."""
        self.floor.inbox.renumber(
            self.dice.choice(("INBOX", "Sent", "Junk")), uidvalidity=self.dice.randint(2, 10**6)
        )

    def restart(self) -> None:
        """The program is killed and started again."""
        self.floor.run_id = f"run-{self.dice.random()}"
        self.floor.start()
        try:
            self.floor.delivery.bury_dead_runs()
        except OperationalError:
            self.restart()

    def commit(self, uow: UnitOfWork) -> None:
        """A commit that now and then fails, or succeeds without anybody hearing of it."""
        fails = self.dice.random() < self.commits_fail
        if not fails or self.dice.random() < 0.5:
            uow._connection.commit()
        if fails:
            raise OperationalError("COMMIT", {}, Exception("the database is restarted"))


def live(floor, seed, monkeypatch):
    """A day of many steps, then a quiet hour after a last start."""
    fate = Fate(floor, seed)

    def commit(uow):
        fate.commit(uow)

    monkeypatch.setattr(UnitOfWork, "commit", commit)
    fate.commits_fail = 0.05
    for _ in range(STEPS):
        fate.step()
    fate.commits_fail = 0.0
    floor.exits["main"]._orders.clear()
    floor.inbox._failures.clear()
    fate.restart()
    for _ in range(3):
        floor.clock.advance(timedelta(minutes=61))
        fate.work()
    return fate


def days(sqlite, postgres):
    """Days on SQLite by their seeds, and some of them on PostgreSQL, where each takes thrice as long."""
    chosen: list = [("sqlite", seed) for seed in sqlite]
    chosen += [pytest.param("postgres", seed, marks=pytest.mark.postgres) for seed in postgres]
    return pytest.mark.parametrize(("shop_database", "seed"), chosen, indirect=["shop_database"])


@pytest.mark.no_cover
@days(sqlite=(0, 1, 2), postgres=(2,))
def test_whatever_happens(floor, seed, monkeypatch):
    """Nothing lost, nothing twice, nobody told who must not be, and every case adds up."""
    fate = live(floor, seed, monkeypatch)
    messages = [message for case in floor.cases() for message in floor.messages(case.id)]
    keys = Counter(message.message_key for message in messages if message.message_key)
    assert {key: keys[key] for key in fate.genuine} == dict.fromkeys(fate.genuine, 1)
    assert set(keys.values()) <= {1}
    assert FORGED not in [message.text for message in messages]
    for case in floor.cases():
        check(floor, case)
    ids = Counter(mail.message["Message-ID"] for mail in floor.acknowledgments())
    assert set(ids.values()) <= {1}
    with floor.database.read() as uow:
        assert uow.outbox.in_state(OutboxState.SENDING) == ()
        assert uow.notices.untold() == ()


def check(floor, case):
    """The state of a case is the sum of its messages and answers, and at most one acknowledgment left."""
    with floor.database.read() as uow:
        found = settle(uow.messages.of_case(case.id), uow.answers.of_case(case.id))
    assert case.state in {found.state, CaseState.CLOSED}
    if case.state is not CaseState.CLOSED:
        assert case.answered_at == found.answered_at
    rows = [item for item in floor.outbox(case.id) if item.kind == "acknowledgment"]
    assert len(rows) <= 1
    taken = [mail for mail in floor.acknowledgments() if mail.recipient == case.alias]
    assert len(taken) <= 1 or case.linked_to is not None
    for row in rows:
        left = any(mail.message["Message-ID"] == f"<{row.message_id}>" for mail in floor.acknowledgments())
        assert (row.state is OutboxState.SENT) <= left
        assert not left or row.state in {OutboxState.SENT, OutboxState.UNCERTAIN}
