"""``sokuresu status``: whether the service lives, reads every mailbox, and what waits for a person."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from daemon.cli.access import NothingYet, looking
from daemon.cli.case_lines import WAITING
from daemon.cli.completeness_lines import look_lines, look_record
from daemon.cli.liveness import is_alive
from daemon.cli.showing import clean, reader_of, say_json
from daemon.errors import SokuresuError
from daemon.freshness import is_read
from state.alert_rules import AlertTimes, next_wake
from state.business_calendar import BusinessCalendar
from state.outbox_rules import OutboxKind, OutboxState

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from daemon.cli import Context
    from daemon.cli.showing import Reader
    from daemon.config import Settings
    from state.repository.bookkeeping import MailboxHealth, Run
    from state.repository.completeness import Completeness
    from state.unit_of_work import UnitOfWork

_LONG_CELL = 300


@dataclass(frozen=True, slots=True)
class _Reading:
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
class _Status:
    """Everything that is told; instants in UTC.

    Attributes:
        database: ``ok``, ``missing`` before the first run, or ``unusable``.
        problem: why it is unusable.
    """

    database: str
    run: Run | None
    mailboxes: tuple[_Reading, ...]
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


@click.command("status")
@click.option("--json", "as_json", is_flag=True, help="JSON で出力します (print JSON).")
@click.pass_context
def command(context: click.Context, *, as_json: bool) -> None:
    """動いているかを表示します。異常なら終了状態は 1 (whether it lives; exit status 1 if not)."""
    shared: Context = context.obj
    settings = shared.settings_without_secrets
    reader = reader_of(settings)
    status = _status(settings, reader.now)
    if as_json:
        say_json(_record(status, reader.now))
    else:
        click.echo("\n".join(_page(status, reader)))
    if not status.healthy(reader.now):
        context.exit(1)


def _status(settings: Settings, now: datetime) -> _Status:
    try:
        with looking(settings) as uow:
            return _read(uow, settings, now)
    except NothingYet:
        return _without_database("missing", "", settings, now)
    except SokuresuError as error:
        return _without_database("unusable", str(error), settings, now)


def _without_database(word: str, problem: str, settings: Settings, now: datetime) -> _Status:
    """Whatever watches this gets its answer even where there is nothing to read."""
    mailboxes = tuple(_Reading(one.name, None) for one in settings.mailboxes)
    return _Status(
        word, None, mailboxes, 0, None, 0, 0, 0, {}, 0, 0, None, _next_alert(settings, now), problem
    )


def _read(uow: UnitOfWork, settings: Settings, now: datetime) -> _Status:
    messages = uow.messages.unanswered()
    ends = (at for one in messages for at in (one.respond_by, one.amazon_by) if at is not None)
    return _Status(
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
        next_alert_at=_next_alert(settings, now),
    )


def _read_of(uow: UnitOfWork, name: str) -> _Reading:
    return _Reading(name, uow.mailboxes.get(name), uow.completeness.get(name))


def _next_alert(settings: Settings, now: datetime) -> datetime:
    """The daily alerts come on closed days too, so that holidays need not be known here."""
    shop = settings.shop
    calendar = BusinessCalendar(shop.timezone, shop.opening_time, shop.closing_time)
    return next_wake(now, AlertTimes(calendar, settings.alerts.times))


def _record(status: _Status, now: datetime) -> dict[str, Any]:
    run = status.run
    return {
        "database": status.database,
        "service_alive": status.alive(now),
        "healthy": status.healthy(now),
        "problem": status.problem or None,
        "service": None if run is None else run.described,
        "started_at": None if run is None else run.started_at,
        "last_turn_at": None if run is None else run.last_turn_at,
        "mailboxes": [one.record(now) for one in status.mailboxes],
        "unanswered": status.unanswered,
        "next_deadline": status.next_deadline,
        "drafts": status.drafts,
        "approved": status.approved,
        "uncertain": status.uncertain,
        "quarantine": sum(status.quarantine.values()),
        "quarantine_by_word": status.quarantine,
        "changed_formats": status.changed_formats,
        "feedback_seen": status.feedback_seen,
        "feedback_imported_at": status.feedback_imported_at,
        "next_alert_at": status.next_alert_at,
    }


def _page(status: _Status, reader: Reader) -> Iterator[str]:
    yield _service_line(status, reader)
    for one in status.mailboxes:
        yield _mailbox_line(one, reader)
        yield from look_lines(one.name, one.look, reader)
    yield _cases_line(status, reader)
    yield from _waiting_lines(status, reader)
    label = reader.say("次の知らせ", "next alert")
    yield f"{label}: {reader.moment(status.next_alert_at)}"
    yield _feedback_line(status, reader)


def _service_line(status: _Status, reader: Reader) -> str:
    label = reader.say("サービス", "service")
    if status.problem:
        return clean(status.problem, _LONG_CELL)
    if status.database == "missing":
        told = reader.say(
            "まだ一度も動いていません。sokuresu run で始めます", "never ran; start it with `sokuresu run`"
        )
    elif status.run is not None and status.alive(reader.now):
        told = f"{reader.say('動作中', 'alive')} ({clean(status.run.described, _LONG_CELL)})"
    else:
        told = f"{reader.say('止まっています', 'NOT RUNNING')}{_last_seen(status.run, reader)}"
    return f"{label}: {told}"


def _last_seen(run: Run | None, reader: Reader) -> str:
    if run is None:
        return ""
    if run.ended_at is not None:
        return reader.say(f" (停止 {reader.ago(run.ended_at)})", f" (stopped {reader.ago(run.ended_at)})")
    return reader.say(
        f" (最後の合図 {reader.ago(run.last_turn_at)})",
        f" (last sign of life {reader.ago(run.last_turn_at)})",
    )


def _mailbox_line(one: _Reading, reader: Reader) -> str:
    label = f"{reader.say('メールボックス', 'mailbox')} {clean(one.name)}"
    health = one.health
    if health is None or health.last_full_pass_at is None:
        told = reader.say("まだ読み終えていません", "not read to the end yet")
    else:
        told = reader.say("最後に読み終えたのは ", "last read to the end ") + reader.ago(
            health.last_full_pass_at
        )
    if health is not None and health.failing_since is not None:
        since = reader.ago(health.failing_since)
        told += reader.say(f"、{since}から失敗: ", f"; failing since {since}: ")
        told += clean(health.failure, _LONG_CELL)
    return f"{label}: {told}" + ("" if one.fresh(reader.now) else reader.say(" 【要確認】", " (CHECK THIS)"))


def _cases_line(status: _Status, reader: Reader) -> str:
    label = reader.say("未回答", "unanswered")
    if status.next_deadline is None:
        return f"{label}: {status.unanswered}"
    nearest = f"{reader.moment(status.next_deadline)}, {reader.left(status.next_deadline)}"
    return f"{label}: {status.unanswered} ({reader.say('最も近い期限', 'nearest deadline')} {nearest})"


def _waiting_lines(status: _Status, reader: Reader) -> Iterator[str]:
    drafts = " → sokuresu drafts" if status.drafts else ""
    yield f"{reader.say('承認待ちの下書き', 'drafts that wait')}: {status.drafts}{drafts}"
    stopped = status.approved and not status.alive(reader.now)
    told = reader.say(" (sokuresu run で送ります)", " (they leave with `sokuresu run`)") if stopped else ""
    yield f"{reader.say('送信待ちの返信', 'approved answers that wait')}: {status.approved}{told}"
    uncertain = " → sokuresu outbox" if status.uncertain else ""
    yield f"{reader.say('送れたか不明', 'uncertain')}: {status.uncertain}{uncertain}"
    number = sum(status.quarantine.values())
    yield f"{reader.say('保留', 'quarantine')}: {number}" + (" → sokuresu quarantine" if number else "")
    if status.changed_formats:
        yield reader.say(
            "    Amazonのメールの書式が変わった可能性があります",
            "    the format of Amazon's mail may have changed",
        )


def _feedback_line(status: _Status, reader: Reader) -> str:
    label = reader.say("評価のお知らせ", "feedback notices")
    seen = reader.say("まだ一度も届いていません", "none ever seen")
    if status.feedback_seen:
        seen = reader.say(f"{status.feedback_seen}通", str(status.feedback_seen))
    return f"{label}: {seen}{reader.say('、', '; ')}{_last_report(status.feedback_imported_at, reader)}"


def _last_report(at: datetime | None, reader: Reader) -> str:
    if at is None:
        return reader.say("評価レポートの取り込みもありません", "no feedback report imported")
    ago = reader.ago(at)
    return reader.say(f"最後に評価レポートを取り込んだのは {ago}", f"last report import {ago}")
