"""Days of buyers, reviewers and failures in any order: one answer at most, and no person's work is lost."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from email import message_from_bytes, policy
from typing import TYPE_CHECKING

import pytest
from sqlalchemy.exc import OperationalError

from daemon.errors import MailboxUnavailable, SokuresuError
from daemon.ports import Verdict
from state.approval_rules import voiding_message
from state.drafts import DraftState
from state.model import CaseState
from state.outbox_rules import OutboxKind, OutboxState
from state.unit_of_work import UnitOfWork
from tests.beds.fake_submission import FakeSubmission
from tests.beds.post import answer_mail, reply_copy
from tests.beds.reviewing import (
    OWN_WORDS,
    approvals_of,
    approve,
    complaint,
    drafts,
    in_drafts,
    left,
    say_answered,
    settle_uncertain,
    write_anew,
)
from tests.usecases.test_random_days import Fate, days

if TYPE_CHECKING:
    from tests.beds.shopfloor import Shopfloor

STEPS = 60
FOREIGN = answer_mail("friend@example.org", "またお会いしましょう。")


@dataclass(slots=True)
class Witness(FakeSubmission):
    """A server that looks at the shop whenever an answer is handed over.

    Attributes:
        floor: the shop.
        taken_for: what had been seen when each answer that it took was drafted.
    """

    floor: Shopfloor | None = None
    taken_for: Counter = field(default_factory=Counter)

    def send(self, *, sender, recipient, content):
        """Judge the mail by what is stored at this instant, then take it or do what was ordered."""
        message_id = message_from_bytes(content, policy=policy.default)["Message-ID"].strip("<>")
        before = len(self.mails)
        attempt = FakeSubmission.send(self, sender=sender, recipient=recipient, content=content)
        with self.floor.database.read() as uow:
            (item,) = uow.outbox.with_message_ids([message_id])
            if item.kind is OutboxKind.APPROVED:
                sight = self.judge(uow, item, recipient)
                self.taken_for[sight] += len(self.mails) - before
        return attempt

    def judge(self, uow, item, recipient):
        """Nothing that was stored before the claim may speak against the mail."""
        draft, case = uow.drafts.get(item.draft_id), uow.cases.get(item.case_id)
        assert (item.state, draft.state) == (OutboxState.SENDING, DraftState.APPROVED)
        assert voiding_message(uow.messages.of_case(case.id)) <= draft.sight.message
        assert uow.answers.newest(case.id) <= draft.sight.answer
        assert recipient == case.alias == complaint(case.id).address
        assert item.text == draft.text
        return case.id, draft.sight


class Review(Fate):
    """A day of two buyers and the people who answer them.

    Attributes:
        edited: the numbers of the drafts that a person changed and has not sent or thrown away.
    """

    def __init__(self, floor: Shopfloor, seed: int) -> None:
        super().__init__(floor, seed)
        self.edited: set[int] = set()
        self.sent = 0

    def step(self) -> None:
        """Let something happen, then let the shop work, as far as it can."""
        happening = self.dice.choice(
            (self.message, self.message, self.unproven, self.decide, self.decide, self.decide, self.rewrite,
             self.edit, self.edit, self.send_draft, self.throw_away, self.phone, self.settle, self.trouble,
             self.copy, self.restart)
        )  # fmt: skip
        with suppress(SokuresuError, OperationalError):
            happening()
        self.floor.clock.advance(timedelta(seconds=self.dice.choice((0, 5, 20, 70, 400, 4000))))
        if self.dice.random() < 0.7:
            self.work()

    def work(self) -> None:
        """Some of the loops turn, in any order; what fails is tried again in a later round."""
        parts = [self.floor.read, self.floor.delivery.turn, self.floor.drafter.turn]
        self.dice.shuffle(parts)
        for part in (*parts, self.floor.read, self.floor.delivery.turn):
            try:
                part()
            except MailboxUnavailable:
                self.floor.inbox.cut_connections()
            except OperationalError:
                pass

    def case(self) -> int:
        """Whose case it is about; buyer and case have the same number."""
        return self.dice.randint(1, 2)

    def message(self) -> None:
        """A buyer writes."""
        self.write("pass")

    def unproven(self) -> None:
        """Somebody writes in a buyer's name, without any result."""
        self.write("none")

    def write(self, proof: str) -> None:
        """A complaint arrives."""
        self.sent += 1
        self.floor.receive(complaint(self.case(), key=f"A0W{self.sent:09d}", proof=proof))

    def decide(self) -> None:
        """A person approves a version that they looked at, perhaps an old one."""
        versions = drafts(self.floor, self.case())
        if versions:
            approve(self.floor, self.dice.choice(versions[-2:]))

    def rewrite(self) -> None:
        """A person writes a version on the command line."""
        case = self.case()
        versions = drafts(self.floor, case)
        if versions:
            write_anew(self.floor, f"{OWN_WORDS}\n{self.dice.random()}", versions[-1])

    def ours(self) -> list:
        """The drafts of ours in the folder, as a mail program shows them."""
        mails = in_drafts(self.floor)
        return [
            mail for mail in mails if b"X-Sokuresu-Draft" in mail.content and b"\\Deleted" not in mail.flags
        ]

    def edit(self) -> None:
        """A person changes a draft in the mail program, which saves it in one way or the other."""
        if not (mails := self.ours()):
            return
        mail = self.dice.choice(mails)
        message = message_from_bytes(mail.content, policy=policy.default)
        message.set_content(f"{OWN_WORDS}{self.dice.random()}", cte="base64")
        self.edited.discard(mail.uid)
        if self.dice.random() < 0.5:
            self.edited.add(self.floor.inbox.replace(mail.uid, bytes(message), "Drafts"))
        else:
            kept = self.floor.inbox.folder("Drafts").mails
            kept[mail.uid] = type(mail)(mail.uid, bytes(message), mail.at, mail.flags)
            self.edited.add(mail.uid)

    def send_draft(self) -> None:
        """A person sends a draft from the mail program."""
        if mails := self.ours():
            mail = self.dice.choice(mails)
            message = message_from_bytes(mail.content, policy=policy.default)
            del message["Date"], message["Message-ID"]
            message["Date"] = self.floor.clock.now()
            message["Message-ID"] = f"<{self.dice.random()}@app.example>"
            self.edited.discard(mail.uid)
            self.floor.inbox.move(mail.uid, content=bytes(message))

    def throw_away(self) -> None:
        """A person deletes a draft in the mail program."""
        if mails := self.ours():
            mail = self.dice.choice(mails)
            self.edited.discard(mail.uid)
            self.floor.inbox.remove([mail.uid], "Drafts")

    def phone(self) -> None:
        """A person answered another way."""
        say_answered(self.floor, self.case())

    def settle(self) -> None:
        """A person settles an uncertain mail, and knows what became of it."""
        for item in approvals_of(self.floor, self.case()):
            if item.state is OutboxState.UNCERTAIN:
                names = [mail.message["Message-ID"] for mail in left(self.floor)]
                has_left = f"<{item.message_id}>" in names
                how = "sent" if has_left else self.dice.choice(("resend", "drop"))
                settle_uncertain(self.floor, how, item.id)

    def copy(self) -> None:
        """Amazon copies an answer of ours, once or again."""
        if mails := left(self.floor):
            mail = self.dice.choice(mails)
            number = int(mail.recipient[5:15])
            self.floor.receive(reply_copy(mail.text, order=f"250-{number:07d}-7654321"))

    def trouble(self) -> None:
        """A server fails soon."""
        exit_ = self.floor.exits["main"]
        exit_.answer(self.dice.choice((Verdict.DEFERRED, Verdict.REFUSED)), "no")
        exit_.answer(Verdict.UNKNOWN, taken=self.dice.random() < 0.5)
        method = self.dice.choice(("append", "take_back", "expunge", "bodies", "uids_with_header", "open"))
        self.floor.inbox.fail(method, after=self.dice.randint(0, 3))


def live(floor, seed, monkeypatch):
    """A day of many steps, then quiet hours after a last start."""
    day = Review(floor, seed)
    floor.inbox.deliver(FOREIGN, "Drafts", at=floor.clock.now(), flags=r"\Draft")
    floor.exits["main"] = Witness(floor=floor)
    floor.start(usual_fulfilment="fba")
    for number in (1, 2):
        floor.receive(complaint(number))
        floor.read()
    monkeypatch.setattr(UnitOfWork, "commit", lambda uow: commit(day, uow))
    day.commits_fail = 0.04
    for _ in range(STEPS):
        day.step()
    day.commits_fail = 0.0
    floor.exits["main"]._orders.clear()
    floor.inbox._failures.clear()
    day.restart()
    for _ in range(3):
        floor.clock.advance(timedelta(minutes=61))
        day.work()
    return day


def commit(day, uow):
    """A commit with its waiting records that now and then fails, or succeeds and nobody hears of it."""
    for repository in (uow.events, uow.raw_mail, uow.counts):
        repository.flush()
    day.commit(uow)


@pytest.mark.no_cover
@days(sqlite=(8, 11, 14, 32, 35, 39), postgres=(8, 39))
def test_whatever_people_do(floor, seed, monkeypatch):
    """One answer for what was seen, none against the fence, and every edited draft lies where it was."""
    day = live(floor, seed, monkeypatch)
    assert set(floor.exits["main"].taken_for.values()) <= {0, 1}
    folder = {mail.uid: mail for mail in in_drafts(floor)}
    assert day.edited <= set(folder)
    assert FOREIGN in [mail.content for mail in folder.values()]
    with floor.database.read() as uow:
        assert uow.outbox.in_state(OutboxState.SENDING) == ()
        for mail in day.ours():
            if mail.uid not in day.edited:
                token = message_from_bytes(mail.content, policy=policy.default)["X-Sokuresu-Draft"]
                assert uow.drafts.with_token(token).state is DraftState.OPEN
    for case in floor.cases():
        check(floor, case)


def check(floor, case):
    """At most one version waits, only where somebody waits for it; what left is an answer."""
    versions = drafts(floor, case.id)
    waiting = [one for one in versions if one.state is DraftState.OPEN]
    assert len(waiting) <= 1
    if case.state is not CaseState.OPEN:
        assert waiting == []
    elif DraftState.APPROVED not in {one.state for one in versions[-1:]}:
        assert waiting != []
    for item in approvals_of(floor, case.id):
        has_left = f"<{item.message_id}>" in [mail.message["Message-ID"] for mail in left(floor)]
        assert (item.state is OutboxState.SENT) == (has_left and item.state is not OutboxState.UNCERTAIN)
        assert has_left <= (item.state in {OutboxState.SENT, OutboxState.UNCERTAIN})
