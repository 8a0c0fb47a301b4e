"""Breaks the program on purpose, in the memory of one life, to see that the oracle notices."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import daemon.reading.taking
from daemon import acknowledge
from daemon.reading.folder_reader import FolderReader
from parsers.values import Authenticity, Refusal
from state import outbox_rules
from state.outbox_rules import OutboxEvent, OutboxState
from state.repository.alerts import Notices
from state.repository.mail import Identities
from state.repository.outbox import Outbox

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_HOARD: list[bytes] = []


def _swap(owner: Any, name: str, other: Any) -> None:
    """Put something else in the place of a function or method."""
    setattr(owner, name, other)


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
    """The reading position is committed by itself, before what lies there was fetched and stored."""
    take: Callable[..., Any] = FolderReader._take_group

    def hasty(reader: Any, mailbox: Any, folder: Any, cursor: Any, group: Any) -> Any:
        reader._move(cursor)
        return take(reader, mailbox, folder, cursor, group)

    _swap(FolderReader, "_take_group", hasty)


def know_nobody_again() -> None:
    """A mail that came before is taken for a new one."""
    _swap(Identities, "holders", lambda *_: ())
    _swap(Identities, "known", lambda *_given, **_named: frozenset())


def never_cool_down() -> None:
    """Every matter of a buyer gets its acknowledgment at once."""
    _swap(Outbox, "last_acknowledgment_to", lambda *_given, **_named: None)


def believe_everybody() -> None:
    """What failed its proof counts as proven."""
    read: Callable[..., Any] = vars(daemon.reading.taking)["read"]

    def credulous(*given: Any, **named: Any) -> Any:
        reading = read(*given, **named)
        if reading.authenticity is not Authenticity.FAIL:
            return reading
        left = tuple(one for one in reading.refusals if one is not Refusal.FORGED)
        return replace(reading, authenticity=Authenticity.PASS, refusals=left)

    _swap(daemon.reading.taking, "read", credulous)


def tell_nobody() -> None:
    """What is uncertain is not told."""
    told = Notices.raise_once

    def discreet(notices: Any, key: str, word: str, *given: Any, **named: Any) -> bool:
        return word != "uncertain" and told(notices, key, word, *given, **named)

    _swap(Notices, "raise_once", discreet)


def write_to_the_last_buyer() -> None:
    """An acknowledgment now and then goes where the one before it went."""
    queued: Callable[..., Any] = acknowledge._queued
    last = [""]

    def confused(*given: Any) -> Any:
        item = queued(*given)
        wrong, last[0] = last[0] or item.recipient, item.recipient
        return replace(item, recipient=wrong)

    _swap(acknowledge, "_queued", confused)


def hoard() -> None:
    """Every look at the outbox keeps a quarter of a megabyte."""
    due = Outbox.due

    def greedy(outbox: Any, now: Any) -> Any:
        _HOARD.append(b"x" * 262_144)
        return due(outbox, now)

    _swap(Outbox, "due", greedy)


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
