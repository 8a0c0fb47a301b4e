"""The sender's loop: it hands over what waits, and asks before each mail whether it still may."""

from __future__ import annotations

import threading
from functools import partial
from typing import TYPE_CHECKING

from daemon.guarding import guarded

if TYPE_CHECKING:
    from collections.abc import Callable

    from daemon.delivery import Delivery
    from daemon.lock import ShopLock

DECISIONS_SEEN_WITHIN = 2.0
"""Seconds; the command line and the desk write decisions, the sender looks for them this often."""

SENDER_FIRST = 0.25
"""Seconds that a reader gives way to the sender: enough to hand a mail over unless the network is slow, and
then the two do not hinder each other."""


class Sender:
    """Turns the delivery when something was queued, and regularly for what others decide.

    Nothing leaves after `end`, nor when the lock is lost: another process may be sending then.
    """

    def __init__(
        self,
        delivery: Delivery,
        lock: ShopLock,
        *,
        on_turn: Callable[[], None],
        on_lock_lost: Callable[[], None],
    ) -> None:
        """Set up the loop; nothing runs yet.

        Args:
            delivery: hands the mails over.
            lock: the right to send.
            on_turn: told at every look and before every mail.
            on_lock_lost: told that the right is gone; it ends this loop as well.
        """
        self._delivery = delivery
        delivery.on_turn = on_turn
        self._lock = lock
        self._on_turn = on_turn
        self._on_lock_lost = on_lock_lost
        self._sent_enough = threading.Event()
        self._to_send = threading.Event()
        self._attempted = threading.Event()
        self._is_awaited = False

    def mail_waits(self) -> None:
        """Something was queued: send it now instead of at the next look."""
        self._to_send.set()

    def expect(self) -> None:
        """A thread is about to run this: from now on `go_first` waits for it."""
        self._is_awaited = True

    def go_first(self) -> None:
        """Something was queued: return when it was attempted, or soon.

        Two threads at once would each get half of the interpreter, and the second commit waits for the first;
        the buyer is to be answered before the other folders are looked at.
        """
        self._attempted.clear()
        self.mail_waits()
        if self._is_awaited:
            self._attempted.wait(SENDER_FIRST)

    def end(self) -> None:
        """Let `run` return; a mail in hand is finished. May be called from any thread."""
        self._sent_enough.set()
        self._to_send.set()

    def run(self) -> None:
        """Send what waits until `end`."""
        while not self._sent_enough.is_set():
            self._on_turn()
            self._to_send.wait(DECISIONS_SEEN_WITHIN)
            self._to_send.clear()
            if self.may_send():
                guarded(partial(self._delivery.turn, self.may_send), "delivery")
            self._attempted.set()

    def may_send(self) -> bool:
        """Asked before each mail: nobody told us to stop, and nobody else may be sending."""
        self._on_turn()
        if not self._sent_enough.is_set() and not self._lock.held():
            self._on_lock_lost()
        return not self._sent_enough.is_set()
