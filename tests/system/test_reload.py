"""SIGHUP to the real program: a sound configuration takes over, a faulty one is told and left alone."""

from __future__ import annotations

import os
import signal
import socket

import pytest

from daemon.config import load
from daemon.errors import AlreadyRunning
from daemon.lock import take_lock
from tests.beds.post import buyer
from tests.system.running import PATIENCE, await_that, started_shop


@pytest.fixture
def shop(tmp_path, pymap):
    """A shop on SQLite that was started once before."""
    with started_shop(tmp_path, pymap) as running:
        yield running


@pytest.fixture
def systemd(tmp_path, monkeypatch):
    """Where systemd listens; tells the next message that is no sign of life."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(str(tmp_path / "notify"))
        listener.settimeout(PATIENCE)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))

        def heard() -> str:
            while (message := listener.recv(4096).decode()).startswith(("WATCHDOG", "STATUS")):
                pass
            return message.partition("\n")[0]

        yield heard


def rewrite(shop, old, new):
    """Change a line of the configuration."""
    text = shop.config.read_text("utf-8")
    assert old in text
    shop.config.write_text(text.replace(old, new), "utf-8")


def test_a_new_configuration_takes_over_or_is_refused(shop, systemd):
    """One process and one lock all the time; faults are logged and told once, and no mail is missed."""
    service = shop.start()
    assert systemd() == "READY=1", shop.log()
    first = shop.ask(lambda uow: uow.runs.last().id)
    secret = shop.account.credentials.password

    rewrite(shop, 'opening_time = "00:00"', f'opening_time = "late"\npassword = "{secret}"')
    for _ in range(2):
        service.send_signal(signal.SIGHUP)
        assert [systemd(), systemd()] == ["RELOADING=1", "READY=1"]
    (told,) = await_that(shop.alerts, "an alert that tells of the faults")
    assert "前の設定のまま動いています" in told.text
    assert "shop › opening_time" in told.text
    assert (shop.log().count("shop › opening_time"), shop.log().count("shop › password")) == (2, 2)
    assert secret not in shop.log() + told.text

    rewrite(shop, f'opening_time = "late"\npassword = "{secret}"', 'opening_time = "00:00"')
    rewrite(shop, 'name = "まい商店"', 'name = "新しい商店"')
    service.send_signal(signal.SIGHUP)
    assert [systemd(), systemd()] == ["RELOADING=1", "READY=1"]
    with pytest.raises(AlreadyRunning, match=str(service.pid)):
        take_lock(load(shop.config).database, "another")
    shop.receive(buyer(1))
    (sent,) = await_that(shop.to_buyers, "an acknowledgment of the shop's new name")
    assert "新しい商店" in sent.text
    second, before = shop.ask(lambda uow: [run.id for run in uow.runs.recent(2)])
    assert (before, second != first) == (first, True)
    assert len(shop.alerts()) == 1

    service.send_signal(signal.SIGTERM)
    assert systemd() == "STOPPING=1"
    assert service.wait(PATIENCE) == 0, shop.log()
    take_lock(load(shop.config).database, "another").release()


def test_stopping_goes_before_reloading(shop, systemd):
    """Whoever is told to stop while reading a configuration stops, in good order."""
    service = shop.start()
    assert systemd() == "READY=1", shop.log()
    for _ in range(3):
        os.kill(service.pid, signal.SIGHUP)
    os.kill(service.pid, signal.SIGTERM)
    assert service.wait(PATIENCE) == 0, shop.log()
    assert shop.ask(lambda uow: uow.runs.last().ended_at) is not None
    take_lock(load(shop.config).database, "another").release()
