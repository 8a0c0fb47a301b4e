"""Doors of faulty servers: loops in threads of their own, and ports that refuse a connection."""

from __future__ import annotations

import asyncio
import os
import socket
import threading
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING, Any, TypeVar
from unittest import mock

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator
    from contextlib import AbstractContextManager

T = TypeVar("T")
_REFUSALS: dict[tuple[int, int], Callable[[], AbstractContextManager[None] | None]] = {}
_CONNECT = socket.create_connection


class LoopThread:
    """An event loop in a thread of its own."""

    def __init__(self, name: str) -> None:
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever, name=name, daemon=True)
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, T], *, within: float = 60.0) -> T:
        """Let the loop do that work and wait for it."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(within)

    def soon(self, work: Callable[[], object]) -> None:
        """Let the loop do that, without waiting."""
        self.loop.call_soon_threadsafe(work)

    def end(self) -> None:
        """Cancel what is under way and end the thread."""
        self.run(_cancel_all())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(10)
        self.loop.run_until_complete(self.loop.shutdown_default_executor())
        self.loop.close()


async def _cancel_all() -> None:
    tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    # Transports tell of their end one round after they were aborted.
    await asyncio.sleep(0)


@contextmanager
def guarded_door(port: int, shut: Callable[[], AbstractContextManager[None] | None]) -> Iterator[None]:
    """Ask before every connection of this process to a port whether somebody is to listen there.

    A listener that takes a connection can refuse none, and one that is closed does not hear who came. So the
    door is shut just before the knock and opened after it; the system's own refusal is what the client sees.

    Args:
        port: on loopback.
        shut: shuts the door for the block that it returns; None lets the knock be answered.
    """
    # A fork of this process has the book but not the thread that keeps the door.
    key = (os.getpid(), port)
    _REFUSALS[key] = shut
    try:
        with mock.patch.object(socket, "create_connection", _knock):
            yield
    finally:
        del _REFUSALS[key]


def _knock(address: tuple[str, int], *given: Any, **named: Any) -> socket.socket:
    shut = _REFUSALS.get((os.getpid(), address[1]))
    with (shut() if shut else None) or nullcontext():
        return _CONNECT(address, *given, **named)
