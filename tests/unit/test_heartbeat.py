"""What systemd hears, on real datagram sockets."""

from __future__ import annotations

import os
import socket
import time

import pytest

from daemon import heartbeat


@pytest.fixture(params=["file", "abstract"])
def systemd(request, tmp_path, monkeypatch):
    """A socket where systemd would listen, with a name in the file system and without."""
    name = str(tmp_path / "notify") if request.param == "file" else f"@sokuresu-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(name.replace("@", "\0", 1))
        listener.settimeout(5)
        monkeypatch.setenv("NOTIFY_SOCKET", name)
        yield listener


@pytest.mark.parametrize(
    ("tell", "heard"),
    [
        (heartbeat.ready, "READY=1"),
        (heartbeat.alive, "WATCHDOG=1"),
        (heartbeat.stopping, "STOPPING=1"),
        (lambda: heartbeat.status("未回答 2 件\nX=1"), "STATUS=未回答 2 件 X=1"),
        (lambda: heartbeat.status("長" * 900), "STATUS=" + "長" * 500),
    ],
)
def test_systemd_hears_each_message(systemd, tell, heard):
    """One datagram each; Japanese arrives whole and a line end cannot smuggle in another message."""
    tell()
    assert systemd.recv(4096).decode() == heard


def test_reloading_bears_its_time(systemd):
    """Else systemd takes a READY=1 from before for the end of the reloading."""
    before = time.monotonic_ns() // 1000
    heartbeat.reloading()
    first, second = systemd.recv(4096).decode().split("\n")
    assert first == "RELOADING=1"
    assert before <= int(second.removeprefix("MONOTONIC_USEC=")) <= time.monotonic_ns() // 1000


@pytest.mark.parametrize("address", [None, "", "relative", "/nonexistent/notify", "/" + "x" * 300])
def test_without_a_listener_nothing_happens(monkeypatch, address):
    """Started by hand, or left alone by systemd, the service goes on."""
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    if address is not None:
        monkeypatch.setenv("NOTIFY_SOCKET", address)
    heartbeat.ready()
    heartbeat.status("x")
    assert os.environ.get("NOTIFY_SOCKET") == address


def test_a_full_socket_does_not_block(systemd):
    """A systemd that does not read cannot stop the service."""
    for _ in range(2000):
        heartbeat.alive()
    assert systemd.recv(4096) == b"WATCHDOG=1"
