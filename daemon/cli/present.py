"""The present as the commands know it: the machine's clock, unless somebody lends them another one."""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

from daemon.clock import SystemClock

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from daemon.ports import Clock

_clock: ContextVar[Clock | None] = ContextVar("clock", default=None)


def now() -> datetime:
    """The present instant in UTC."""
    return (_clock.get() or SystemClock()).now()


@contextmanager
def lent(clock: Clock) -> Iterator[None]:
    """Have the commands of this thread go by another clock, as the demonstration does."""
    before = _clock.set(clock)
    try:
        yield
    finally:
        _clock.reset(before)
