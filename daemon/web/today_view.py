"""What the page of today shows, read with few statements however many cases there are."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime, time, tzinfo
from typing import TYPE_CHECKING

from daemon.showing.case_cards import cards_of, group_of
from daemon.showing.case_lines import open_lines
from daemon.showing.health import next_alert
from daemon.showing.outbox_lines import rows_of
from daemon.showing.reader import clean
from state.outbox_rules import OutboxKind, OutboxState

if TYPE_CHECKING:
    from collections.abc import Iterable

    from daemon.config import Settings
    from daemon.showing.case_cards import CaseCard
    from daemon.showing.outbox_lines import OutboxRow
    from daemon.work import Work
    from state.repository.days import Answered, Sent
    from state.repository.quarantine import Format

FIRST_SHOWN = 25
"""So many cards the page has at first: nobody answers more at a sitting, and it stays quick."""

MOST_SHOWN = 300
"""So many it has when all are asked for; whoever has more finds them by searching."""


@dataclass(frozen=True, slots=True)
class Done:
    """Something that was done today.

    Attributes:
        case_id: for which case.
        at: when, in UTC.
        clock: the same as the shop's clocks showed it.
        buyer: of the case, as one printable line; empty where there is no name.
    """

    case_id: int | None
    at: datetime
    clock: str
    buyer: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Today:
    """The state of the day; instants in UTC.

    Attributes:
        urgent: cases that want a person before the others, the most urgent first.
        waiting: the other unanswered ones, likewise.
        asleep: those that were put off.
        hidden: how many are not among them, for there are too many.
        whole: all were asked for.
        uncertain: mails of which nobody knows whether they left.
        acknowledged: the acknowledgments that left today, newest first.
        answered: the cases that were answered today, newest first.
        quarantine: how many mails were put aside, by the word of why.
        formats: shapes of mail from Amazon that no rule reads.
        next_alert_at: when the next daily alert is due.
        mark: what changes when the page would look different.
    """

    urgent: tuple[CaseCard, ...]
    waiting: tuple[CaseCard, ...]
    asleep: tuple[CaseCard, ...]
    hidden: int
    whole: bool
    uncertain: tuple[OutboxRow, ...]
    acknowledged: tuple[Done, ...]
    answered: tuple[Done, ...]
    quarantine: dict[str, int]
    formats: tuple[Format, ...]
    next_alert_at: datetime
    mark: str

    @property
    def first(self) -> CaseCard | None:
        """What to do first."""
        return next(iter((*self.urgent, *self.waiting)), None)

    @property
    def unanswered(self) -> int:
        """How many cases wait for a person, those that were put off too."""
        return len(self.urgent) + len(self.waiting) + len(self.asleep) + self.hidden

    @property
    def changed_formats(self) -> int:
        """How many shapes of Amazon's mail may have changed."""
        return sum(one.may_have_changed for one in self.formats)


def read_today(work: Work, settings: Settings, *, whole: bool = False) -> Today:
    """How the day stands.

    Args:
        work: the transaction.
        settings: the configuration.
        whole: show all cases, not the first ones alone.
    """
    uncertain = work.uow.outbox.in_state(OutboxState.UNCERTAIN)
    in_doubt = {item.case_id for item in uncertain if item.case_id is not None}
    lines = sorted(open_lines(work.uow), key=lambda line: group_of(line, work.now))
    shown = cards_of(lines[: MOST_SHOWN if whole else FIRST_SHOWN], work.now, in_doubt)
    began = _midnight(work)
    acknowledged = _done(work.uow.days.sent((OutboxKind.ACKNOWLEDGMENT,), began), began.tzinfo)
    answered = _done(work.uow.days.answered(began), began.tzinfo)
    quarantine, formats = work.uow.quarantine.counts(), work.uow.quarantine.formats()
    return Today(
        urgent=tuple(card for card in shown if card.urgent),
        waiting=tuple(card for card in shown if not (card.urgent or card.asleep)),
        asleep=tuple(card for card in shown if card.asleep),
        hidden=len(lines) - len(shown),
        whole=whole,
        uncertain=rows_of(work.uow, uncertain),
        acknowledged=acknowledged,
        answered=answered,
        quarantine=quarantine,
        formats=formats,
        next_alert_at=next_alert(settings, work.now),
        mark=_mark(work.now, shown, (len(lines), uncertain, acknowledged, answered, quarantine, formats)),
    )


def _done(what: Iterable[Sent | Answered], zone: tzinfo | None) -> tuple[Done, ...]:
    return tuple(
        Done(one.case_id, one.at, f"{one.at.astimezone(zone):%H:%M}", clean(one.buyer_name)) for one in what
    )


def _midnight(work: Work) -> datetime:
    """When the shop's day began."""
    calendar = work.shop.calendar
    return datetime.combine(calendar.local_day(work.now), time.min, calendar.zone)


def _changes(card: CaseCard) -> tuple[object, ...]:
    """What of a card can change while the browser shows it."""
    ends = card.respond_by, card.amazon_by, card.snoozed_until
    times = [None if end is None else end.timestamp() for end in ends]
    return card.number, card.newest, card.rating, card.notes, card.urgent, times


def _mark(now: datetime, shown: Iterable[CaseCard], besides: tuple[object, ...]) -> str:
    """The time left is told in minutes, so a page is out of date after one at the latest.

    No stranger's words go into it: they do not stand in the representation of any of these.
    """
    seen = repr((int(now.timestamp()) // 60, [_changes(card) for card in shown], besides))
    return hashlib.sha256(seen.encode()).hexdigest()[:16]
