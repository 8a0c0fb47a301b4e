"""A clock that stands still until a test moves it."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime, timedelta


class SetClock:
    """The time of a test; many threads may read it while one moves it."""

    def __init__(self, at: datetime) -> None:
        self._at = at
        self._turn = threading.Lock()

    def now(self) -> datetime:
        """The instant that the test set."""
        with self._turn:
            return self._at

    def set(self, at: datetime) -> None:
        """Let it be that instant."""
        with self._turn:
            self._at = at

    def advance(self, by: timedelta) -> datetime:
        """Let time pass; tells the new instant."""
        with self._turn:
            self._at += by
            return self._at
