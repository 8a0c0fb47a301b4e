"""Whether the service lives and reads every mailbox, and what waits for a person."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from daemon.freshness import is_read
from daemon.showing.case_lines import WAITING
from daemon.showing.completeness_lines import look_record
from daemon.showing.liveness import is_alive
from state.alert_rules import AlertTimes, next_wake
from state.business_calendar import BusinessCalendar
from state.outbox_rules import OutboxKind, OutboxState

if TYPE_CHECKING:
    from datetime import datetime

    from daemon.config import Settings
    from state.repository.bookkeeping import MailboxHealth, Run
    from state.repository.completeness import Completeness
    from state.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class Reading:
    """One mailbox of the configuration and how it fares; no health before its first start, nor a look."""

    name: str
    health: MailboxHealth | None
    look: Completeness | None = None

    def fresh(self, now: datetime) -> bool:
        """It was read to the end lately."""
        return is_read(self.health, now)

    def record(self, now: datetime) -> dict[str, Any]:
        """The same for scripts."""
        names = ("first_start_at", "last_full_pass_at", "failing_since", "failure")
        values = {name: getattr(self.health, name, None) for name in names}
        return {
            "name": self.name,
            "ok": self.fresh(now),
            **values,
            "completeness": look_record(self.look, now),
        }


@dataclass(frozen=True, slots=True)
class Status:
    """Everything that is told; instants in UTC.

    Attributes:
        database: ``ok``, ``missing`` before the first run, or ``unusable``.
        problem: why it is unusable.
    """

    database: str
    run: Run | None
    mailboxes: tuple[Reading, ...]
    unanswered: int
    next_deadline: datetime | None
    drafts: int
    approved: int
    uncertain: int
    quarantine: dict[str, int]
    changed_formats: int
    feedback_seen: int
    feedback_imported_at: datetime | None
    next_alert_at: datetime
    problem: str = ""

    def alive(self, now: datetime) -> bool:
        """A run said lately that it lives, and has not ended."""
        return is_alive(self.run, now)

    def healthy(self, now: datetime) -> bool:
        """Nothing needs the person who looks after the machine."""
        return self.alive(now) and all(one.fresh(now) for one in self.mailboxes)


def read_health(uow: UnitOfWork, settings: Settings, now: datetime) -> Status:
    """How the shop fares at an instant."""
    messages = uow.messages.unanswered()
    ends = (at for one in messages for at in (one.respond_by, one.amazon_by) if at is not None)
    return Status(
        database="ok",
        run=uow.runs.last(),
        mailboxes=tuple(_read_of(uow, one.name) for one in settings.mailboxes),
        unanswered=len({message.case_id for message in messages}),
        next_deadline=min(ends, default=None),
        drafts=len(uow.drafts.open()),
        approved=sum(item.kind is OutboxKind.APPROVED for item in uow.outbox.in_state(*WAITING)),
        uncertain=len(uow.outbox.in_state(OutboxState.UNCERTAIN)),
        quarantine=uow.quarantine.counts(),
        changed_formats=sum(one.may_have_changed for one in uow.quarantine.formats()),
        feedback_seen=uow.counts.all().get("feedback", 0),
        feedback_imported_at=uow.imports.newest("feedback"),
        next_alert_at=next_alert(settings, now),
    )


def _read_of(uow: UnitOfWork, name: str) -> Reading:
    return Reading(name, uow.mailboxes.get(name), uow.completeness.get(name))


def next_alert(settings: Settings, now: datetime) -> datetime:
    """When the next daily alert is due.

    The daily alerts come on closed days too, so that holidays need not be known here.
    """
    shop = settings.shop
    calendar = BusinessCalendar(shop.timezone, shop.opening_time, shop.closing_time)
    return next_wake(now, AlertTimes(calendar, settings.alerts.times))
