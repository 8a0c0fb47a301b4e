"""The line of the week: that the service lives, what it saw, and what it may have missed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daemon.showing.reader import Reader
from daemon.words import KINDS
from state.outbox_rules import OutboxState

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from daemon.work import Work
    from state.periods import Week


def week_letter(work: Work, week: Week) -> tuple[str, str]:
    """Subject and text of the weekly mail; only numbers, kinds of mail and numbers of cases stand in it."""
    reader = Reader(work.shop.language, work.shop.calendar.zone, work.now)
    days = f"{week.monday:%m-%d} - {week.sunday:%m-%d}"
    subject = reader.say(f"【即レス】先週の動き ({days})", f"[sokuresu] Last week ({days})")
    return subject, "\n".join(_lines(work, week, reader)) + "\n"


def _lines(work: Work, week: Week, reader: Reader) -> Iterator[str]:
    yield from _life(work, reader)
    yield ""
    yield from _mails(work, week, reader)
    yield ""
    yield from _waiting(work, reader)
    yield from _feedback(work, reader)


def _life(work: Work, reader: Reader) -> Iterator[str]:
    """Since when it runs, and when each mailbox was last read to its end."""
    run = work.uow.runs.last()
    since = _since(None if run is None else run.started_at, reader)
    yield reader.say(f"動いています (起動: {since})。", f"The service is alive (started {since}).")
    for health in work.uow.mailboxes.all():
        if health.name in work.shop.accounts:
            passed = _since(health.last_full_pass_at, reader)
            yield reader.say(
                f"{health.name}: 最後に読み終えたのは {passed}",
                f"{health.name}: last read to its end {passed}",
            )


def _mails(work: Work, week: Week, reader: Reader) -> Iterator[str]:
    """What came in the week, by kind, and what became of it."""
    seen = work.uow.reporting.week(week.bounds(work.shop.calendar.zone))
    number = sum(seen.mails.values())
    yield reader.say(f"先週の記録したメール: {number} 件", f"Mails that were kept last week: {number}")
    for kind, count in sorted(seen.mails.items(), key=lambda one: (-one[1], one[0])):
        yield f"  {reader.word(KINDS, kind)}: {count}"
    yield reader.say(
        f"開いた案件 {seen.opened}、回答した案件 {seen.answered}",
        f"Cases opened {seen.opened}, cases answered {seen.answered}",
    )


def _waiting(work: Work, reader: Reader) -> Iterator[str]:
    """What a person still has to do."""
    unanswered = work.uow.messages.unanswered()
    if unanswered:
        oldest = min(unanswered, key=lambda one: (one.received_at, one.id))
        age, cases = reader.ago(oldest.received_at), len({one.case_id for one in unanswered})
        yield reader.say(
            f"未回答の案件: {cases} (最も古いのは案件 {oldest.case_id}、{age})",
            f"Unanswered cases: {cases} (oldest: case {oldest.case_id}, {age})",
        )
    else:
        yield reader.say("未回答の案件はありません。", "Nothing is unanswered.")
    aside = sum(work.uow.quarantine.counts().values())
    uncertain = len(work.uow.outbox.in_state(OutboxState.UNCERTAIN))
    yield reader.say(f"保留したメール: {aside}", f"Mail in quarantine: {aside}")
    yield reader.say(
        f"送れたか分からないメール: {uncertain}", f"Mail of which nobody knows whether it left: {uncertain}"
    )


def _feedback(work: Work, reader: Reader) -> Iterator[str]:
    """Notices of ratings may never come by mail: then only the report tells of them."""
    seen = work.uow.counts.all().get("feedback", 0)
    imported = _since(work.uow.imports.newest("feedback"), reader)
    if seen:
        yield reader.say(f"評価のお知らせメール: これまで {seen} 件", f"Mails about ratings so far: {seen}")
    else:
        yield reader.say(
            "評価のお知らせメールは一度も届いていません。", "No mail about a rating was ever seen."
        )
    yield reader.say(f"評価レポートの取り込み: {imported}", f"Last import of the feedback report: {imported}")


def _since(at: datetime | None, reader: Reader) -> str:
    """How long ago; a word where it never was."""
    return reader.say("まだありません", "never") if at is None else reader.ago(at)
