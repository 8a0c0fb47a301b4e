"""``sokuresu draft N``: an answer in full, with all that a person needs to decide about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from daemon.cli.access import considering
from daemon.cli.conversation import message_lines, outgoing_lines
from daemon.cli.numbers import NUMBER
from daemon.cli.showing import reader_of, say_json
from daemon.order_facts import UNKNOWN
from daemon.review import case_of
from daemon.showing.case_lines import line_of
from daemon.showing.draft_facts import fact_lines, facts_of
from daemon.showing.draft_lines import draft_line, find_draft, say_state
from daemon.showing.findings import finding_lines
from daemon.showing.reader import clean, clean_lines, indented
from daemon.words import DRAFT_SOURCES, DRAFT_STATES, FOLDER_STATES
from parsers.values import Kind
from state.drafts import DraftState
from state.model import CaseState

if TYPE_CHECKING:
    from collections.abc import Iterator

    from daemon.cli import Context
    from daemon.showing.case_lines import CaseLine
    from daemon.showing.draft_facts import DraftFacts
    from daemon.showing.draft_lines import DraftLine
    from daemon.showing.reader import Reader
    from daemon.work import Work
    from state.drafts import FolderCopy
    from state.model import Message, OutboxItem


@dataclass(frozen=True, slots=True)
class _DraftFile:
    """A case as whoever answers it wants to see it.

    Attributes:
        line: the case.
        facts: what is known.
        outgoing: our mails to the buyer, oldest first.
        drafted: the version that is shown; None if the case has none.
        copy: what is known of its copy in the Drafts folder.
    """

    line: CaseLine
    facts: DraftFacts
    outgoing: tuple[OutboxItem, ...]
    drafted: DraftLine | None
    copy: FolderCopy | None


@click.command("draft")
@click.argument("number", metavar="N", type=NUMBER)
@click.option("--version", metavar="VERSION", type=NUMBER, help="前の版を見ます (show an earlier version).")
@click.option("--json", "as_json", is_flag=True, help="JSON で出力します (print JSON).")
@click.pass_obj
def command(context: Context, number: int, version: int | None, *, as_json: bool) -> None:
    """下書きを、やり取りや確認の結果とともに表示します (show a draft and what it answers)."""
    settings = context.settings_without_secrets
    with considering(settings) as work:
        file = _read(work, number, version)
    if as_json:
        say_json(_record(file))
    else:
        click.echo("\n".join(_page(file, reader_of(settings))))


def _read(work: Work, number: int, version: int | None) -> _DraftFile:
    case = case_of(work, number)
    draft = find_draft(work, case, version)
    line = line_of(work.uow, case)
    return _DraftFile(
        line,
        facts_of(work, line, draft),
        tuple(item for item in work.uow.outbox.of_case(number) if item.kind.to_buyer),
        None if draft is None else draft_line(work, draft, case),
        None if draft is None else work.uow.folder_copies.of_draft(draft.id),
    )


def _record(file: _DraftFile) -> dict[str, Any]:
    names = ("kind", "received_at", "subject", "text", "attachments", "authenticity")
    messages = [{name: getattr(one, name) for name in names} for one in file.line.pressing]
    nothing: dict[str, Any] = {"case": file.line.case.id, "version": None, "findings": []}
    return {
        **(nothing if file.drafted is None else file.drafted.record()),
        "facts": file.facts.record(),
        "messages": messages,
        "in_drafts_folder": None if file.copy is None else file.copy.state.value,
    }


def _page(file: _DraftFile, reader: Reader) -> Iterator[str]:
    yield _title(file, reader)
    for message in _to_read(file.line):
        yield from ("", *message_lines(message, reader))
    if file.outgoing:
        yield from ("", reader.say("こちらから送ったもの", "What we sent"))
        for item in file.outgoing:
            yield from outgoing_lines(item, reader)
    yield from ("", reader.say("分かっていること", "What is known"))
    yield from fact_lines(file.line, file.facts, reader)
    if file.facts.advice:
        yield from ("", reader.say("返信のほかにすること", "What to do besides answering"))
        yield from (f"  ・{clean(one, len(one) + 1)}" for one in file.facts.advice)
    if file.drafted is not None:
        yield from ("", *_draft_lines(file.drafted, file.copy, reader))
    yield from ("", reader.say("次のコマンド", "What to type next"))
    yield from (f"  {one}" for one in _next_steps(file, reader))


def _to_read(line: CaseLine) -> list[Message]:
    """What is to be answered, and what the shipping agent said of it."""
    return [one for one in line.messages if one in line.pressing or one.kind is Kind.AGENT_REPLY]


def _title(file: _DraftFile, reader: Reader) -> str:
    number, drafted = file.line.case.id, file.drafted
    if drafted is None:
        return reader.say(f"案件 {number}: 下書きはありません", f"Case {number}: there is no draft")
    draft = drafted.draft
    state = reader.word(DRAFT_STATES, draft.state)
    if draft.state is DraftState.OPEN:
        state += f" — {say_state(drafted, reader)}"
    return reader.say(
        f"案件 {number} の下書き v{draft.version}: {state}", f"Case {number}, draft v{draft.version}: {state}"
    )


def _draft_lines(drafted: DraftLine, copy: FolderCopy | None, reader: Reader) -> Iterator[str]:
    draft = drafted.draft
    source, at = reader.word(DRAFT_SOURCES, draft.source), reader.moment(draft.made_at)
    yield reader.say(f"下書き v{draft.version} ({source}、{at})", f"Draft v{draft.version} ({source}, {at})")
    yield indented(clean_lines(draft.text))
    yield from ("", reader.say("確認の結果", "Checks"))
    yield from (f"  {one}" for one in finding_lines(drafted.findings, reader))
    if copy is not None:
        told = reader.word(FOLDER_STATES, copy.state)
        yield reader.say(f"  この版は{told}: ", f"  This version {told}: ") + clean(copy.folder)


def _next_steps(file: _DraftFile, reader: Reader) -> Iterator[str]:
    number, drafted = file.line.case.id, file.drafted
    if drafted is not None and drafted.draft.state is DraftState.OPEN:
        yield from _steps_of_draft(number, drafted, reader)
    elif file.line.approved:
        yield _step(reader, "送信の状態", "how it leaves", "outbox")
    else:
        yield _step(reader, "書く", "write", f"edit {number}")
    if file.line.case.state is CaseState.OPEN:
        yield _step(reader, "返信不要", "no answer needed", f"no-reply-needed {number}")


def _steps_of_draft(number: int, drafted: DraftLine, reader: Reader) -> Iterator[str]:
    if drafted.ready:
        yield _step(reader, "送る", "send", f"approve {number}")
    if drafted.draft.fulfilment == UNKNOWN and not drafted.draft.source.by_person:
        ja, en = "発送元を決める (FBA なら fba)", "say who ships (fba for FBA)"
        yield _step(reader, ja, en, f"edit {number} --fulfilment own")
    yield _step(reader, "直す", "change", f"edit {number}")
    ja, en = "別の内容の文例にする (WORD の一覧: edit --help)", "another template (for WORD see edit --help)"
    yield _step(reader, ja, en, f"edit {number} --situation WORD")
    yield _step(reader, "破棄", "throw away", f"discard {number}")


def _step(reader: Reader, ja: str, en: str, line: str) -> str:
    return f"{reader.say(ja, en)}: sokuresu {line}"
