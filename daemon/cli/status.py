"""``sokuresu status``: whether the service lives, reads every mailbox, and what waits for a person."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from daemon.cli.access import looking
from daemon.cli.showing import reader_of, say_json
from daemon.errors import SokuresuError
from daemon.existing import NothingYet
from daemon.showing.completeness_lines import look_lines
from daemon.showing.health import Reading, Status, next_alert, read_health
from daemon.showing.reader import clean

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from daemon.cli import Context
    from daemon.config import Settings
    from daemon.showing.reader import Reader
    from state.repository.bookkeeping import Run

_LONG_CELL = 300


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


def _status(settings: Settings, now: datetime) -> Status:
    try:
        with looking(settings) as uow:
            return read_health(uow, settings, now)
    except NothingYet:
        return _without_database("missing", "", settings, now)
    except SokuresuError as error:
        return _without_database("unusable", str(error), settings, now)


def _without_database(word: str, problem: str, settings: Settings, now: datetime) -> Status:
    """Whatever watches this gets its answer even where there is nothing to read."""
    mailboxes = tuple(Reading(one.name, None) for one in settings.mailboxes)
    return Status(word, None, mailboxes, 0, None, 0, 0, 0, {}, 0, 0, None, next_alert(settings, now), problem)


def _record(status: Status, now: datetime) -> dict[str, Any]:
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


def _page(status: Status, reader: Reader) -> Iterator[str]:
    yield _service_line(status, reader)
    for one in status.mailboxes:
        yield _mailbox_line(one, reader)
        yield from look_lines(one.name, one.look, reader)
    yield _cases_line(status, reader)
    yield from _waiting_lines(status, reader)
    label = reader.say("次の知らせ", "next alert")
    yield f"{label}: {reader.moment(status.next_alert_at)}"
    yield _feedback_line(status, reader)


def _service_line(status: Status, reader: Reader) -> str:
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


def _mailbox_line(one: Reading, reader: Reader) -> str:
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


def _cases_line(status: Status, reader: Reader) -> str:
    label = reader.say("未回答", "unanswered")
    if status.next_deadline is None:
        return f"{label}: {status.unanswered}"
    nearest = f"{reader.moment(status.next_deadline)}, {reader.left(status.next_deadline)}"
    return f"{label}: {status.unanswered} ({reader.say('最も近い期限', 'nearest deadline')} {nearest})"


def _waiting_lines(status: Status, reader: Reader) -> Iterator[str]:
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


def _feedback_line(status: Status, reader: Reader) -> str:
    label = reader.say("評価のお知らせ", "feedback notices")
    seen = reader.say("まだ一度も届いていません", "none ever seen")
    if status.feedback_seen:
        seen = reader.say(f"{status.feedback_seen}通", str(status.feedback_seen))
    return f"{label}: {seen}{reader.say('、', '; ')}{_last_report(status.feedback_imported_at, reader)}"


def _last_report(at: datetime | None, reader: Reader) -> str:
    if at is None:
        return reader.say("評価レポートはまだ取り込んでいません", "no feedback report imported")
    ago = reader.ago(at)
    return reader.say(f"最後に評価レポートを取り込んだのは {ago}", f"last report import {ago}")
