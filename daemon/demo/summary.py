"""What is told at the end: the cases, the numbers, and whether all went as it should."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from daemon.demo import story
from daemon.demo.letters import Writer
from daemon.demo.rest import is_ready
from daemon.demo.words import Line
from daemon.reading.arrivals import Outcome
from daemon.showing.case_lines import all_lines
from daemon.showing.reader import NOTHING, Reader, clean
from daemon.words import REFUSALS, STATES
from state.model import CaseState

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from pathlib import Path

    from daemon.demo.checking import Came, Record
    from daemon.demo.narrator import Narrator
    from daemon.demo.stage import Stage
    from daemon.showing.case_lines import CaseLine
    from state.drafts import Draft

_HEADINGS = ("案件", "状態", "購入者", "注文番号", "届いた", "受付確認", "回答 / Amazonの期限")
_EXPENDABLE = ("受付確認", "届いた")
_NAME_LENGTH = 12
_LAST_LINES = 15
_NOT_AMAZON = Line("Amazonからのメールではありません", "not from Amazon")
_COPY = Line("同じメッセージの写しです", "a copy of a known message")


def list_cases(narrator: Narrator, stage: Stage, now: datetime) -> None:
    """Show every case in the order and the words of ``sokuresu cases --all``."""
    narrator.title(Line("案件の一覧", "the cases (sokuresu cases --all shows more columns)"))
    reader = Reader(stage.shop.language, stage.shop.calendar.zone, now)
    with stage.database.read() as uow:
        narrator.table(_HEADINGS, [_row(line, reader) for line in all_lines(uow)], _EXPENDABLE)


def sum_up(narrator: Narrator, record: Record) -> None:
    """Show the numbers of the day, and what was not acknowledged and why."""
    acknowledged, alerts, reports, approved, inquiries, answers = (
        len(record.written_by(writer)) for writer in Writer
    )
    came = len(record.arrivals) + story.COPIES
    commands = len(record.commands)
    narrator.title(Line("まとめ", "summary"))
    narrator.remark(
        Line(
            f"届いたメール{came}通、受付確認{acknowledged}通、店主へのお知らせ{alerts}通、店主の回答{answers}通",
            f"{came} mails came; {acknowledged} acknowledgments, {alerts} alerts and {answers} answers left",
        )
    )
    narrator.remark(
        Line(
            f"下書きフォルダーに入れた下書き{len(record.placed)}通、電話からの操作と返信{commands}通、"
            f"それへの返事{reports}通、承認されて送った回答{approved}通、委託先への問い合わせ{inquiries}通、"
            f"チャットへの要点{len(record.posts)}回",
            f"{len(record.placed)} drafts were put into the Drafts folder; {commands} mails came from the "
            f"owner's telephone, {reports} were answered; {approved} approved answers and {inquiries} inquiry"
            f" left; the chat got {len(record.posts)} outlines",
        )
    )
    narrator.remark(Line("受付確認を送らなかったもの:", "not acknowledged:"))
    for why, names in _unacknowledged(record.arrivals).items():
        narrator.item(Line(f"{len(names)}通 {why.ja}", why.en), "、".join(names))


def list_next_steps(narrator: Narrator, stage: Stage) -> None:
    """Show the drafts that wait, and what the owner can do about each."""
    narrator.title(Line("このあと店主ができること", "what the owner can do next"))
    narrator.item(Line("下書きの一覧を見る", "list the drafts"), "$ sokuresu drafts")
    with stage.database.read() as uow:
        work = stage.work(uow)
        for draft in uow.drafts.open():
            narrator.item(*_next_step(draft, ready=is_ready(work, draft)))


def _next_step(draft: Draft, *, ready: bool) -> tuple[Line, str]:
    if ready:
        what = Line(
            f"案件{draft.case_id}: 下書きはこのまま送れます。下書きフォルダーからでも、承認でも",
            f"case {draft.case_id}: the draft is ready; send it from the Drafts folder, or approve it",
        )
        return what, f"$ sokuresu approve {draft.case_id}"
    what = Line(
        f"案件{draft.case_id}: 下書きの〔 〕を埋めてから承認します",
        f"case {draft.case_id}: fill in the blanks, then approve",
    )
    return what, f"$ sokuresu edit {draft.case_id}"


def conclude(narrator: Narrator, problems: Sequence[str], log: Path, seconds: float) -> None:
    """Say whether all happened as it should; if not, what did not, and what the service logged last."""
    if not problems:
        narrator.success(
            Line(
                f"すべて予定どおりでした（{seconds:.0f}秒）",
                f"everything went as expected, in {seconds:.0f} s",
            )
        )
        return
    narrator.title(Line("予定と違ったこと", "what went wrong"))
    for sentence in problems:
        narrator.problem(sentence)
    for line in log.read_text("utf-8").splitlines()[-_LAST_LINES:]:
        narrator.remark(Line(line, ""))


def _row(line: CaseLine, reader: Reader) -> tuple[str, ...]:
    case = line.case
    return (
        str(case.id),
        reader.word(STATES, case.state),
        clean(case.buyer_name, _NAME_LENGTH) or NOTHING,
        " ".join(case.order_ids) or NOTHING,
        reader.moment(line.received_at),
        reader.moment(case.acknowledged_at),
        reader.left(line.amazon_by) if case.state is CaseState.OPEN else reader.moment(case.answered_at),
    )


def _unacknowledged(arrivals: Sequence[Came]) -> dict[Line, list[str]]:
    """The mails that got no acknowledgment, by the reason."""
    reasons: dict[Line, list[str]] = defaultdict(list)
    for came in arrivals:
        if came.taken is None or not came.taken.acknowledged:
            reasons[_why(came)].append(came.event.what.ja)
    return reasons


def _why(came: Came) -> Line:
    if came.taken is None:
        return _NOT_AMAZON
    if came.taken.outcome is Outcome.ALREADY_KNOWN or came.refusal is None:
        return _COPY
    return Line(*REFUSALS[came.refusal])
