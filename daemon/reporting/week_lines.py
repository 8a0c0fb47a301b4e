"""The line of the week: that the service lives, what it saw, and what it may have missed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daemon.words import KINDS
from state.outbox_rules import OutboxState
from templates.wording import English, Japanese

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from daemon.work import Work
    from state.periods import Week
    from templates.wording import Wording

_WORDINGS: dict[str, Wording] = {"ja": Japanese(), "en": English()}


def week_letter(work: Work, week: Week) -> tuple[str, str]:
    """Subject and text of the weekly mail; only numbers, kinds of mail and numbers of cases stand in it."""
    speaker = _Speaker(work)
    days = f"{week.monday:%m-%d} - {week.sunday:%m-%d}"
    subject = speaker.say(f"【即レス】先週の動き ({days})", f"[sokuresu] Last week ({days})")
    return subject, "\n".join(_lines(work, week, speaker)) + "\n"


class _Speaker:
    """Says things in the owner's language, as of one instant."""

    def __init__(self, work: Work) -> None:
        self._language = work.shop.language
        self._zone = work.shop.calendar.zone
        self._now = work.now.astimezone(self._zone)

    def say(self, ja: str, en: str) -> str:
        return ja if self._language == "ja" else en

    def ago(self, at: datetime | None) -> str:
        """How long ago; a word where it never was."""
        if at is None:
            return self.say("まだありません", "never")
        return _WORDINGS[self._language].ago(at, self._now)

    def kind(self, word: str) -> str:
        return self.say(*KINDS.get(word, (word, word)))


def _lines(work: Work, week: Week, speaker: _Speaker) -> Iterator[str]:
    yield from _life(work, speaker)
    yield ""
    yield from _mails(work, week, speaker)
    yield ""
    yield from _waiting(work, speaker)
    yield from _feedback(work, speaker)


def _life(work: Work, speaker: _Speaker) -> Iterator[str]:
    """Since when it runs, and when each mailbox was last read to its end."""
    run = work.uow.runs.last()
    since = speaker.ago(None if run is None else run.started_at)
    yield speaker.say(f"動いています (起動: {since})。", f"The service is alive (started {since}).")
    for health in work.uow.mailboxes.all():
        if health.name in work.shop.accounts:
            passed = speaker.ago(health.last_full_pass_at)
            yield speaker.say(
                f"{health.name}: 最後に読み終えたのは {passed}",
                f"{health.name}: last read to its end {passed}",
            )


def _mails(work: Work, week: Week, speaker: _Speaker) -> Iterator[str]:
    """What came in the week, by kind, and what became of it."""
    seen = work.uow.reporting.week(week.bounds(work.shop.calendar.zone))
    number = sum(seen.mails.values())
    yield speaker.say(f"先週の記録したメール: {number} 件", f"Mails that were kept last week: {number}")
    for kind, count in sorted(seen.mails.items(), key=lambda one: (-one[1], one[0])):
        yield f"  {speaker.kind(kind)}: {count}"
    yield speaker.say(
        f"開いた案件 {seen.opened}、回答した案件 {seen.answered}",
        f"Cases opened {seen.opened}, cases answered {seen.answered}",
    )


def _waiting(work: Work, speaker: _Speaker) -> Iterator[str]:
    """What a person still has to do."""
    unanswered = work.uow.messages.unanswered()
    if unanswered:
        oldest = min(unanswered, key=lambda one: (one.received_at, one.id))
        age, cases = speaker.ago(oldest.received_at), len({one.case_id for one in unanswered})
        yield speaker.say(
            f"未回答の案件: {cases} (最も古いのは案件 {oldest.case_id}、{age})",
            f"Unanswered cases: {cases} (oldest: case {oldest.case_id}, {age})",
        )
    else:
        yield speaker.say("未回答の案件はありません。", "Nothing is unanswered.")
    aside = sum(work.uow.quarantine.counts().values())
    uncertain = len(work.uow.outbox.in_state(OutboxState.UNCERTAIN))
    yield speaker.say(f"保留したメール: {aside}", f"Mail in quarantine: {aside}")
    yield speaker.say(
        f"送れたか分からないメール: {uncertain}", f"Mail of which nobody knows whether it left: {uncertain}"
    )


def _feedback(work: Work, speaker: _Speaker) -> Iterator[str]:
    """Notices of ratings may never come by mail: then only the report tells of them."""
    seen = work.uow.counts.all().get("feedback", 0)
    imported = speaker.ago(work.uow.imports.newest("feedback"))
    if seen:
        yield speaker.say(f"評価のお知らせメール: これまで {seen} 件", f"Mails about ratings so far: {seen}")
    else:
        yield speaker.say(
            "評価のお知らせメールは一度も届いていません。", "No mail about a rating was ever seen."
        )
    yield speaker.say(
        f"評価レポートの取り込み: {imported}", f"Last import of the feedback report: {imported}"
    )
