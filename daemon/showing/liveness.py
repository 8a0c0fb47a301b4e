"""Whether the service lives, as every command judges it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from state.repository.bookkeeping import Run

ALIVE_WITHIN = timedelta(seconds=120)
"""The service says every half minute that it lives."""


def is_alive(run: Run | None, now: datetime) -> bool:
    """A run said lately that it lives, and has not ended."""
    return run is not None and run.ended_at is None and now - run.last_turn_at <= ALIVE_WITHIN
