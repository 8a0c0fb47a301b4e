"""Kill -9 at every step from the mailbox to the buyer: no case lost, no buyer told twice, no doubt hidden."""

from __future__ import annotations

import signal

import pytest

from state.model import CaseState
from state.outbox_rules import OutboxState
from tests.beds.post import buyer
from tests.system.killing import LEFT, STEPS, UNKNOWN_FATE
from tests.system.running import PATIENCE, await_that, started_shop


@pytest.fixture
def shop(tmp_path, pymap):
    """A shop on SQLite that was started once before."""
    with started_shop(tmp_path, pymap) as running:
        yield running


@pytest.mark.parametrize("step", STEPS)
def test_a_kill_loses_nothing_and_repeats_nothing(shop, step):
    """After the restart there is one case, at most one acknowledgment, and every doubt is listed and told."""
    kill_and_restart(shop, step)


@pytest.mark.postgres
@pytest.mark.parametrize("step", ["before the intake commit", "after 250"])
def test_a_kill_on_postgres(tmp_path, pymap, postgres_url, step):
    """The dead process's lock goes with its connection; everything else is as on SQLite."""
    with started_shop(tmp_path, pymap, database_url=postgres_url) as shop:
        kill_and_restart(shop, step)


def kill_and_restart(shop, step):
    shop.receive(buyer(1))
    killed = shop.start(kill_at=step)
    assert killed.wait(PATIENCE) == -signal.SIGKILL, shop.log()
    taken_before = len(shop.to_buyers())
    assert shop.finish("once") == 0, shop.log()
    (case,) = shop.ask(lambda uow: uow.cases.latest(10))
    (row,) = shop.ask(lambda uow: uow.outbox.of_case(case.id))
    assert case.state is CaseState.OPEN
    if step in UNKNOWN_FATE:
        assert row.state is OutboxState.UNCERTAIN
        assert len(shop.to_buyers()) == taken_before <= 1
        assert shop.status()["uncertain"] == 1
        await_that(shop.alerts, "an alert that tells of the uncertain mail")
        assert any("outbox" in mail.text for mail in shop.alerts())
    else:
        assert row.state is OutboxState.SENT
        assert len(shop.to_buyers()) == 1
    assert (taken_before == 1) >= (step in LEFT)


def test_a_killed_service_comes_back_by_itself(shop):
    """`run` after a kill goes on where it stood, and an uncertain mail is settled by its copy in Sent."""
    shop.receive(buyer(1))
    assert shop.start(kill_at="after 250").wait(PATIENCE) == -signal.SIGKILL
    process = shop.start()
    await_that(lambda: shop.ask(lambda uow: uow.outbox.in_state(OutboxState.UNCERTAIN)), "it is listed")
    (mail,) = shop.to_buyers()
    shop.account.deliver(mail.content, "Sent")
    shop.receive(buyer(2))
    await_that(lambda: len(shop.to_buyers()) == 2, "the next buyer is acknowledged")
    await_that(
        lambda: len(shop.ask(lambda uow: uow.outbox.in_state(OutboxState.SENT))) >= 2, "the copy is found"
    )
    process.send_signal(signal.SIGTERM)
    assert process.wait(PATIENCE) == 0, shop.log()
    assert len(shop.to_buyers()) == 2


def test_once_beside_a_living_run_is_refused_and_harms_nothing(shop):
    """It names the first, ends with 1, and the first goes on working."""
    process = shop.start()
    await_that(lambda: "service started" in shop.log(), "it runs")
    assert shop.finish("once") == 1
    assert f"pid {process.pid}" in shop.log()
    shop.receive(buyer(1))
    await_that(shop.to_buyers, "the running service acknowledges")
    process.send_signal(signal.SIGTERM)
    assert process.wait(PATIENCE) == 0, shop.log()
    assert shop.finish("once") == 0
    assert len(shop.to_buyers()) == 1
