"""The time of the demonstration: it stands still until it is moved, so that no machine is too slow for it.

Once the story is told it may flow, for whoever goes on by hand.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from threading import Lock


class DemoClock:
    """A clock that the story moves; all threads of the service read it."""

    def __init__(self, start: datetime) -> None:
        """Set the clock.

        Args:
            start: the first instant, aware.

        Raises:
            ValueError: it has no time zone.
        """
        if start.tzinfo is None:
            raise ValueError("the demonstration's clock needs a time zone")
        self._now = start.astimezone(UTC)
        self._flows_since: float | None = None
        self._lock = Lock()

    def now(self) -> datetime:
        """The present instant of the story, in UTC."""
        with self._lock:
            return self._now + self._flown()

    def move_to(self, at: datetime) -> None:
        """Let it be later.

        Raises:
            ValueError: that instant is over.
        """
        with self._lock:
            if at < self._now:
                raise ValueError("time does not go back")
            self._now = at.astimezone(UTC)

    def flow(self) -> None:
        """From now on a second of the story is a second."""
        with self._lock:
            self._flows_since = time.monotonic()

    def _flown(self) -> timedelta:
        return timedelta(seconds=0 if self._flows_since is None else time.monotonic() - self._flows_since)
