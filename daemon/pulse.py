"""Which loops still turn: what systemd's watchdog is fed with (decision 15 of the design)."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from daemon.ports import Mailbox

LOOP_SILENT_AFTER = timedelta(minutes=10)
"""The longest that a healthy loop may take for a step: one connection, or one command, with its timeouts."""

_ITEM_BY_ITEM = frozenset({"uids_after", "bodies"})
_FROM_ANOTHER_THREAD = "wake"


class Pulse:
    """When each loop last turned, on a clock that only goes forward; any thread may use it."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        """Start with no loop at all.

        Args:
            monotonic: seconds on a clock that is only compared with itself, and that stands still while the
                machine is suspended.
        """
        self._monotonic = monotonic
        self._turns: dict[str, float] = {}

    def turned(self, loop: str) -> None:
        """A loop came round, or went on with a step of a long turn."""
        self._turns[loop] = self._monotonic()

    def hung(self) -> tuple[str, ...]:
        """The loops that have not turned for too long, by name."""
        limit = self._monotonic() - LOOP_SILENT_AFTER.total_seconds()
        return tuple(sorted(loop for loop, turn in dict(self._turns).items() if turn < limit))

    def alive(self) -> bool:
        """Every loop turned lately."""
        return not self.hung()


def turning(mailbox: Mailbox, on_turn: Callable[[], None]) -> Mailbox:
    """The same connection, but every question to the server is a sign of life.

    A slow server may take long for a pass of many commands; each of them has an end of its own.

    Args:
        mailbox: the connection.
        on_turn: told before every command, and at every item of those that come one by one.
    """
    return cast("Mailbox", _Turning(mailbox, on_turn))


class _Turning:
    """Stands before a connection, whatever it offers."""

    def __init__(self, mailbox: Mailbox, on_turn: Callable[[], None]) -> None:
        self._mailbox = mailbox
        self._on_turn = on_turn

    def __getattr__(self, name: str) -> object:
        found = getattr(self._mailbox, name)
        if name == _FROM_ANOTHER_THREAD:
            # Being called proves nothing: the thread that owns the connection may hang.
            return found
        self._on_turn()
        return self._item_by_item(found) if name in _ITEM_BY_ITEM else found

    def _item_by_item(self, command: Callable[..., Iterator[object]]) -> Callable[..., Iterator[object]]:
        def items(*asked: object, **named: object) -> Iterator[object]:
            for item in command(*asked, **named):
                self._on_turn()
                yield item

        return items
