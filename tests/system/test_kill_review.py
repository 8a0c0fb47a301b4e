"""Kill -9 on the way of a draft and of an approved mail: one answer at most, every doubt listed."""

from __future__ import annotations

import signal
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest

from daemon import review
from daemon.config import load
from daemon.configured_shop import shop_of
from daemon.work import Work
from state.drafts import DraftState
from state.model import CaseState
from state.outbox_rules import OutboxKind, OutboxState
from tests.beds.reviewing import complaint
from tests.system.killing import APPROVAL_STEPS, DRAFT_STEPS, LEFT, PLACING_STEPS, UNKNOWN_FATE
from tests.system.running import PATIENCE, await_that, started_shop


@contextmanager
def drafted_shop(folder, pymap, *, rounds=2, **settings):
    """A shop with an acknowledged complaint; its draft lies in the Drafts folder after two rounds."""
    extra = '[drafts]\nfulfilment = "fba"'
    with started_shop(folder, pymap, "Drafts", extra=extra, **settings) as shop:
        shop.receive(complaint(1))
        for _ in range(rounds):
            shop.once()
        assert [one.state for one in drafts(shop)] == [DraftState.OPEN]
        yield shop


@pytest.fixture
def drafted(tmp_path, pymap):
    """The same on SQLite, with the draft in its folder."""
    with drafted_shop(tmp_path, pymap) as shop:
        assert len(shop.account.uids("Drafts")) == 1
        yield shop


def drafts(shop):
    return shop.ask(lambda uow: uow.drafts.of_case(1))


def approve(shop):
    """A person approves the draft, beside whatever runs."""
    with shop.database() as database, database.write() as uow:
        work = Work(uow, shop_of(load(shop.config)), datetime.now(UTC))
        review.approve(work, drafts(shop)[-1].id, despite_warnings=True, how="command")
        uow.commit()


def approved(shop):
    """The approved mails of the case."""
    items = shop.ask(lambda uow: uow.outbox.of_case(1))
    return [item for item in items if item.kind is OutboxKind.APPROVED]


def answers(shop):
    """What the server took for the buyer besides the acknowledgment."""
    return [mail for mail in shop.to_buyers() if mail.message["Auto-Submitted"] is None]


def kill_at(shop, step):
    assert shop.start(kill_at=step).wait(PATIENCE) == -signal.SIGKILL, shop.log()


@pytest.mark.parametrize("step", DRAFT_STEPS)
def test_a_kill_on_the_way_of_an_approved_mail(drafted, step):
    """After the restart the buyer has at most one answer, every doubt is listed, and nothing is lost."""
    kill_and_restart_approved(drafted, step)


@pytest.mark.postgres
@pytest.mark.parametrize("step", ["before the clearing commit", "approved: after 250"])
def test_a_kill_of_an_approved_mail_on_postgres(tmp_path, pymap, postgres_url, step):
    """The same on the other database."""
    with drafted_shop(tmp_path, pymap, database_url=postgres_url) as shop:
        kill_and_restart_approved(shop, step)


def kill_and_restart_approved(shop, step):
    approve(shop)
    kill_at(shop, step)
    before = len(answers(shop))
    assert shop.finish("once") == 0, shop.log()
    (item,) = approved(shop)
    if step.removeprefix("approved: ") in UNKNOWN_FATE:
        assert item.state is OutboxState.UNCERTAIN
        assert (len(answers(shop)), shop.status()["uncertain"]) == (before, 1)
        assert before <= 1
        await_that(shop.alerts, "an alert that tells of the uncertain mail")
    elif step in {"after the draft was taken out", "before the clearing commit"}:
        assert (item.state, item.reason, answers(shop)) == (OutboxState.WITHDRAWN, "draft_gone", [])
        assert drafts(shop)[0].state is DraftState.OPEN
        approve(shop)
        assert shop.finish("once") == 0, shop.log()
        assert len(answers(shop)) == 1
    else:
        assert (item.state, len(answers(shop))) == (OutboxState.SENT, 1)
        assert shop.ask(lambda uow: uow.cases.get(1)).state is CaseState.ANSWERED
    assert shop.account.uids("Drafts") == []
    assert (before == 1) >= (step.removeprefix("approved: ") in LEFT)


@pytest.mark.parametrize("step", APPROVAL_STEPS)
def test_a_kill_of_the_command_that_approves(drafted, step):
    """It approved or it did not; whoever repeats it does not send twice."""
    killed = drafted.start("approve", "1", "--yes", "--draft", "1", kill_at=step)
    assert killed.wait(PATIENCE) == -signal.SIGKILL, drafted.log()
    done = step.startswith("after")
    assert len(approved(drafted)) == done
    assert (drafts(drafted)[0].state is DraftState.APPROVED) == done
    if not done:
        approve(drafted)
    drafted.once()
    drafted.once()
    assert len(answers(drafted)) == 1


@pytest.mark.parametrize("step", PLACING_STEPS)
def test_a_kill_while_a_draft_is_put_in(tmp_path, pymap, step):
    """It lies there once, and is taken out when the approved mail leaves."""
    with drafted_shop(tmp_path, pymap, rounds=1) as shop:
        assert shop.account.uids("Drafts") == []
        kill_at(shop, step)
        assert len(shop.account.uids("Drafts")) == (step != "before the append")
        shop.once()
        assert len(shop.account.uids("Drafts")) == 1
        approve(shop)
        shop.once()
        assert (len(answers(shop)), shop.account.uids("Drafts")) == (1, [])
