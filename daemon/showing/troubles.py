"""Whether the service lives and reads every mailbox, in the few words that fit the head of a page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from daemon.freshness import is_read
from daemon.showing.liveness import is_alive
from daemon.showing.reader import clean

if TYPE_CHECKING:
    from collections.abc import Iterable

    from daemon.showing.reader import Reader
    from state.repository.bookkeeping import MailboxHealth, Run
    from state.unit_of_work import UnitOfWork

_NAME_LIMIT = 20


@dataclass(frozen=True, slots=True)
class Pulse:
    """The last sign of life, and how each mailbox of the configuration fares.

    Attributes:
        run: the last life of the service; None if it never ran.
        mailboxes: by name; None before the first start.
    """

    run: Run | None
    mailboxes: dict[str, MailboxHealth | None]

    def trouble(self, reader: Reader) -> str:
        """What needs the person who looks after the machine, the gravest first; empty if nothing does."""
        if not is_alive(self.run, reader.now):
            return _stopped(self.run, reader)
        unread = [name for name, health in self.mailboxes.items() if not is_read(health, reader.now)]
        if len(unread) > 1:
            return reader.say(
                f"メールボックス {len(unread)} つを読めていません", f"{len(unread)} mailboxes are not read"
            )
        return _unread(unread[0], self.mailboxes[unread[0]], reader) if unread else ""


def read_pulse(uow: UnitOfWork, names: Iterable[str]) -> Pulse:
    """How the service fares, read with two statements.

    Args:
        uow: the transaction.
        names: the mailboxes of the configuration.
    """
    known = {one.name: one for one in uow.mailboxes.all()}
    return Pulse(uow.runs.last(), {name: known.get(name) for name in names})


def _stopped(run: Run | None, reader: Reader) -> str:
    if run is None:
        return reader.say("サービスがまだ動いていません", "the service never ran")
    return reader.say("サービスが止まっています", "the service is not running")


def _unread(name: str, health: MailboxHealth | None, reader: Reader) -> str:
    """Since when a mailbox was not read to its end; a pass in the future is of a clock that was wrong."""
    shown = clean(name, _NAME_LIMIT)
    last = None if health is None else health.last_full_pass_at
    if last is None or last > reader.now:
        return reader.say(f"{shown} をまだ読み終えていません", f"{shown} is not read to its end yet")
    ago = reader.ago(last)
    return reader.say(f"{shown} を最後に読んだのは{ago}", f"{shown} was last read {ago}")
