"""What is to fail next, and what really failed: the book that every faulty server keeps."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import dataclass, field
from typing import Generic, TypeVar

Fault = TypeVar("Fault", bound=str)


@dataclass(slots=True)
class _Cue(Generic[Fault]):
    fault: Fault
    times: int
    after: int
    subject: str | None


@dataclass(slots=True)
class Cues(Generic[Fault]):
    """The faults that wait for their moment; many threads may ask.

    Attributes:
        fired: how often each fault really happened.
    """

    fired: Counter[Fault] = field(default_factory=Counter)
    _waiting: list[_Cue[Fault]] = field(default_factory=list)
    _changed: threading.Condition = field(default_factory=lambda: threading.Condition(threading.RLock()))

    @property
    def pending(self) -> Counter[Fault]:
        """How often each fault is still to happen."""
        with self._changed:
            return sum((Counter({cue.fault: cue.times}) for cue in self._waiting), Counter())

    def add(self, fault: Fault, times: int, after: int, subject: str | None) -> None:
        """Let a fault happen at its next fitting moments, once some of them have passed in peace."""
        with self._changed:
            self._waiting.append(_Cue(fault, times, after, subject))

    def take(self, *candidates: Fault, subject: str | None = None) -> Fault | None:
        """This is a moment for these faults: the one that happens now, if any.

        Args:
            *candidates: what could happen.
            subject: what it would happen to, for cues that name one.
        """
        with self._changed:
            for cue in list(self._waiting):
                if cue.fault in candidates and cue.subject in {None, subject} and self._is_due(cue):
                    self.note(cue.fault)
                    return cue.fault
        return None

    def note(self, fault: Fault) -> None:
        """That fault has happened."""
        with self._changed:
            self.fired[fault] += 1
            self._changed.notify_all()

    def clear(self) -> None:
        """Nothing is to fail any more."""
        with self._changed:
            self._waiting.clear()

    def await_fired(self, fault: Fault, *, count: int = 1, within: float = 60.0) -> None:
        """Wait until a fault has happened so many times."""
        with self._changed:
            happened = self._changed.wait_for(lambda: self.fired[fault] >= count, within)
        assert happened, f"waited {within} s for {count} × {fault}; saw {dict(self.fired)}"

    def _is_due(self, cue: _Cue[Fault]) -> bool:
        if cue.after > 0:
            cue.after -= 1
            return False
        cue.times -= 1
        if cue.times <= 0:
            self._waiting.remove(cue)
        return True
