"""Breaks the program on purpose, in the memory of one life, to see that the oracle notices."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import daemon.taking
from daemon import acknowledge
from daemon.taking import Taking
from parsers.values import Authenticity, Refusal
from state import outbox_rules
from state.outbox_rules import OutboxEvent, OutboxState
from state.repository.alerts import Notices
from state.repository.mail import Identities
from state.repository.outbox import Outbox

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_HOARD: list[bytes] = []


def apply(names: Iterable[str]) -> None:
    """Break what is named; only ever called in a process that ends soon."""
    for name in names:
        SABOTAGES[name]()


def resend_the_uncertain() -> None:
    """A mail of which nobody knows whether it left is simply offered again."""
    table = outbox_rules._TRANSITIONS
    table[OutboxState.SENDING, OutboxEvent.OUTCOME_UNKNOWN] = OutboxState.DEFERRED
    table[OutboxState.SENDING, OutboxEvent.RUN_DIED] = OutboxState.QUEUED


def move_the_cursor_first() -> None:
    """The reading position is committed before what was read."""
    store = Taking.store

    def hasty(taking: Any, items: Any, cursor: Any) -> Any:
        with taking._database.write() as uow:
            uow.cursors.move(cursor)
            uow.commit()
        return store(taking, items, cursor)

    Taking.store = hasty  # type: ignore[method-assign]


def know_nobody_again() -> None:
    """A mail that came before is taken for a new one."""
    Identities.holders = lambda *_: ()  # type: ignore[assignment, method-assign]
    Identities.known = lambda *_: frozenset()  # type: ignore[assignment, method-assign]


def never_cool_down() -> None:
    """Every matter of a buyer gets its acknowledgment at once."""
    Outbox.last_acknowledgment_to = lambda *_given, **_named: None  # type: ignore[method-assign]


def believe_everybody() -> None:
    """What failed its proof counts as proven."""
    read = daemon.taking.read

    def credulous(*given: Any) -> Any:
        reading = read(*given)
        if reading.authenticity is not Authenticity.FAIL:
            return reading
        left = tuple(one for one in reading.refusals if one is not Refusal.FORGED)
        return replace(reading, authenticity=Authenticity.PASS, refusals=left)

    daemon.taking.read = credulous


def tell_nobody() -> None:
    """What is uncertain is not told."""
    told = Notices.raise_once

    def discreet(notices: Any, key: str, word: str, *given: Any, **named: Any) -> bool:
        return word != "uncertain" and told(notices, key, word, *given, **named)

    Notices.raise_once = discreet  # type: ignore[method-assign]


def write_to_the_last_buyer() -> None:
    """An acknowledgment now and then goes where the one before it went."""
    queued: Callable[..., Any] = acknowledge._queued
    last = [""]

    def confused(*given: Any) -> Any:
        item = queued(*given)
        wrong, last[0] = last[0] or item.recipient, item.recipient
        return replace(item, recipient=wrong)

    acknowledge._queued = confused


def hoard() -> None:
    """Every look at the outbox keeps a quarter of a megabyte."""
    due = Outbox.due

    def greedy(outbox: Any, now: Any) -> Any:
        _HOARD.append(b"x" * 262_144)
        return due(outbox, now)

    Outbox.due = greedy  # type: ignore[method-assign]


SABOTAGES: dict[str, Callable[[], None]] = {
    "resend-uncertain": resend_the_uncertain,
    "cursor-first": move_the_cursor_first,
    "no-identity": know_nobody_again,
    "no-cool-down": never_cool_down,
    "believe-forged": believe_everybody,
    "tell-nobody": tell_nobody,
    "wrong-recipient": write_to_the_last_buyer,
    "hoard": hoard,
}
"""What can be broken, by name."""
