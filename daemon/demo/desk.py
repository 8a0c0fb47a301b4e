"""The review desk of the demonstration: the real one, on a free loopback port, beside the service."""

from __future__ import annotations

import secrets
import socket
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import uvicorn

from daemon.demo.stage import DemoFailure
from daemon.web.app import build
from daemon.web.desk import Desk
from daemon.web.passwords import hash_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.types import ASGIApp

    from daemon.config import Settings
    from daemon.demo.clock import DemoClock
    from daemon.demo.stage import Stage

_LOOPBACK = "127.0.0.1"
_WITHIN = 20.0
"""Seconds that the start and the end may take each."""


@dataclass(frozen=True, slots=True)
class OpenDesk:
    """Where the desk is, and what lets one in.

    Attributes:
        address: for a browser on this machine.
        password: made up for this one run.
    """

    address: str
    password: str = field(repr=False)


@contextmanager
def running_desk(settings: Settings, stage: Stage, clock: DemoClock) -> Iterator[OpenDesk]:
    """Open the desk in a thread of its own; it closes with the block.

    Raises:
        DemoFailure: it does not open.
    """
    password = secrets.token_urlsafe(9)
    with stage.database.write() as uow:
        uow.desk.set_password(hash_of(password), clock.now())
        uow.commit()
    # Bound before the server starts, so that nobody takes the port in between.
    with socket.create_server((_LOOPBACK, 0)) as listener:
        address = f"http://{_LOOPBACK}:{listener.getsockname()[1]}"
        desk = Desk(settings, stage.shop, stage.database, clock, frozenset({address}))
        with _serving(build(desk), listener):
            yield OpenDesk(address, password)


@contextmanager
def _serving(app: ASGIApp, listener: socket.socket) -> Iterator[None]:
    server = uvicorn.Server(
        uvicorn.Config(
            app,
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            timeout_graceful_shutdown=1,
        )
    )
    thread = threading.Thread(target=server.run, args=([listener],), name="demo-desk", daemon=True)
    thread.start()
    try:
        _await_start(server, thread)
        yield
    finally:
        server.should_exit = True
        thread.join(_WITHIN)


def _await_start(server: uvicorn.Server, thread: threading.Thread) -> None:
    limit = time.monotonic() + _WITHIN
    while not server.started:
        if not thread.is_alive() or time.monotonic() > limit:
            raise DemoFailure("レビュー画面が開きません / the review desk does not open")
        time.sleep(0.01)
