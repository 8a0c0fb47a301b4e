"""The health of the service in words, for the page that shows it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from daemon.showing.completeness_lines import look_lines, look_record
from daemon.showing.reader import clean

if TYPE_CHECKING:
    from datetime import datetime

    from daemon.showing.health import Reading, Status
    from daemon.showing.reader import Reader

_LONG_CELL = 300


@dataclass(frozen=True, slots=True)
class MailboxSheet:
    """One mailbox.

    Attributes:
        name: as it is configured.
        well: it was read to its end lately, and nothing was overlooked.
        read_at: when it was last read to its end.
        failing_since: since when it cannot be read.
        failure: why, as the server said.
        look: what the daily look for overlooked mail found.
    """

    name: str
    well: bool
    read_at: datetime | None
    failing_since: datetime | None
    failure: str
    look: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class HealthSheet:
    """Everything that the page tells.

    Attributes:
        trouble: what needs a person, in a few words; empty if nothing does.
        alive: the service said lately that it lives.
        service: since when it runs, or since when it does not.
        described: what runs where.
        mailboxes: each of the configuration.
        feedback: whether notices of ratings ever came, and when a report was imported.
        status: the numbers.
    """

    trouble: str
    alive: bool
    service: str
    described: str
    mailboxes: tuple[MailboxSheet, ...]
    feedback: str
    status: Status


def sheet_of(status: Status, trouble: str, reader: Reader) -> HealthSheet:
    """The words for a state of health."""
    return HealthSheet(
        trouble=trouble,
        alive=status.alive(reader.now),
        service=_service(status, reader),
        described=clean(status.run.described, _LONG_CELL) if status.run is not None else "",
        mailboxes=tuple(_mailbox(one, reader) for one in status.mailboxes),
        feedback=_feedback(status, reader),
        status=status,
    )


def _service(status: Status, reader: Reader) -> str:
    run = status.run
    if run is None:
        return reader.say("まだ一度も動いていません。", "It never ran.")
    if status.alive(reader.now):
        began = reader.moment(run.started_at)
        return reader.say(f"{began} から動いています。", f"It runs since {began}.")
    if run.ended_at is not None:
        ended = reader.ago(run.ended_at)
        return reader.say(f"{ended}に止めました。", f"It was stopped {ended}.")
    last = reader.ago(run.last_turn_at)
    return reader.say(
        f"止まっています。最後の合図は{last}です。", f"It is not running; last sign of life {last}."
    )


def _mailbox(one: Reading, reader: Reader) -> MailboxSheet:
    health = one.health
    look = look_record(one.look, reader.now)
    return MailboxSheet(
        name=clean(one.name),
        well=one.fresh(reader.now) and not (look and (look["stale"] or look["missing"])),
        read_at=None if health is None else health.last_full_pass_at,
        failing_since=None if health is None else health.failing_since,
        failure=clean(health.failure, _LONG_CELL) if health is not None else "",
        look=_look(one, reader),
    )


def _look(one: Reading, reader: Reader) -> tuple[str, ...]:
    """The lines of the daily look; the first without the name that stands above it on the page."""
    first, *others = look_lines(one.name, one.look, reader)
    return (first.partition(": ")[2], *(line.strip() for line in others))


def _feedback(status: Status, reader: Reader) -> str:
    seen = reader.say("まだ一度も届いていません", "none ever seen")
    if status.feedback_seen:
        seen = reader.say(f"{status.feedback_seen} 通届きました", f"{status.feedback_seen} came")
    at = status.feedback_imported_at
    if at is None:
        told = reader.say("評価レポートはまだ取り込んでいません", "no report was imported yet")
    else:
        ago = reader.ago(at)
        told = reader.say(f"最後に評価レポートを取り込んだのは{ago}です", f"last report import {ago}")
    return f"{seen}{reader.say('。', '; ')}{told}{reader.say('。', '.')}"
