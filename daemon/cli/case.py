"""``sokuresu case N``: everything that is known about one case."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from daemon.case_lookup import known_case
from daemon.cli.access import considering
from daemon.cli.conversation import message_lines, outgoing_lines
from daemon.cli.numbers import NUMBER
from daemon.cli.showing import reader_of, say_json
from daemon.showing.case_lines import line_of, say_notes
from daemon.showing.events import say_event
from daemon.showing.reader import NOTHING, clean
from daemon.words import DRAFT_SOURCES, DRAFT_STATES, KINDS, SITUATIONS, SOURCES, STATES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from daemon.cli import Context
    from daemon.cli.case_sections import Section
    from daemon.showing.case_lines import CaseLine
    from daemon.showing.reader import Reader
    from daemon.work import Work
    from state.drafts import Draft
    from state.model import Answer, Message, OutboxItem

_LONG_CELL = 200


@dataclass(frozen=True, slots=True)
class _CaseFile:
    """Everything of one case, each part oldest first."""

    line: CaseLine
    drafts: tuple[Draft, ...]
    outgoing: tuple[OutboxItem, ...]
    answers: tuple[Answer, ...]
    events: tuple[tuple[datetime, str, str], ...]
    sections: tuple[Section, ...]


@click.command("case")
@click.argument("number", metavar="N", type=NUMBER)
@click.option("--json", "as_json", is_flag=True, help="JSON で出力します (print JSON).")
@click.pass_obj
def command(context: Context, number: int, *, as_json: bool) -> None:
    """案件のやり取り、期限、送ったメール、経緯を表示します (show one case with its conversation)."""
    settings = context.settings_without_secrets
    reader = reader_of(settings)
    with considering(settings) as work:
        file = _read(work, number, reader)
    if as_json:
        say_json(_record(file))
    else:
        click.echo("\n".join(_page(file, reader)))


def _read(work: Work, number: int, reader: Reader) -> _CaseFile:
    uow = work.uow
    case = known_case(work, number)
    from daemon.cli.case_sections import sections_of  # noqa: PLC0415 - its advice knows the templates

    return _CaseFile(
        line_of(uow, case),
        uow.drafts.of_case(number),
        uow.outbox.of_case(number),
        uow.answers.of_case(number),
        uow.events.of_case(number),
        sections_of(work, case, reader),
    )


def _record(file: _CaseFile) -> dict[str, Any]:
    case = file.line.case
    return file.line.record() | {
        "mailbox": case.mailbox,
        "alias": case.alias,
        "subject": case.subject,
        "opened_at": case.opened_at,
        "closed_at": case.closed_at,
        "messages": [_message_record(message) for message in file.line.messages],
        "drafts": [_draft_record(draft) for draft in file.drafts],
        "outbox": [_outgoing_record(item) for item in file.outgoing],
        "answers": [
            {"at": one.at, "source": one.source.value, "withdrawn": one.withdrawn} for one in file.answers
        ],
        "events": [{"at": at, "action": action, "detail": detail} for at, action, detail in file.events],
    }


def _message_record(message: Message) -> dict[str, Any]:
    names = (
        "kind", "received_at", "amazon_by", "respond_by", "answered_at", "wants_answer", "subject", "text",
        "full_text", "attachments", "intent", "intent_confident", "authenticity", "proof", "facts",
        "refusal",
    )  # fmt: skip
    return {name: getattr(message, name) for name in names}


def _draft_record(draft: Draft) -> dict[str, Any]:
    names = (
        "version", "state", "source", "situation", "sure", "fulfilment", "language", "text", "made_at",
        "settled_at",
    )  # fmt: skip
    return {name: getattr(draft, name) for name in names}


def _outgoing_record(item: OutboxItem) -> dict[str, Any]:
    names = ("kind", "state", "recipient", "subject", "text", "created_at", "sent_at", "attempts", "reason")
    return {"outbox": item.id} | {name: getattr(item, name) for name in names}


def _page(file: _CaseFile, reader: Reader) -> Iterator[str]:
    yield from _head(file.line, reader)
    for message in file.line.messages:
        yield ""
        yield from message_lines(message, reader)
    for section in file.sections:
        yield ""
        yield section.title
        yield from (f"  {line}" for line in section.lines)
    if file.drafts:
        yield ""
        yield reader.say("下書き", "Drafts")
        yield from (f"  {_draft(draft, reader)}" for draft in file.drafts)
        yield f"  {_draft_command(file, reader)}"
    if file.outgoing:
        yield ""
        yield reader.say("送信", "Outgoing")
        for item in file.outgoing:
            yield from outgoing_lines(item, reader)
    if file.answers:
        yield ""
        yield reader.say("回答", "Answers")
        yield from (f"  {_answer(answer, reader)}" for answer in file.answers)
    yield ""
    yield reader.say("経緯", "Record")
    yield from (f"  {say_event(*event, reader)}" for event in file.events)


def _head(line: CaseLine, reader: Reader) -> Iterator[str]:
    case = line.case
    stars = f" {case.rating}/5" if case.rating is not None else ""
    title = f"{reader.word(KINDS, case.kind)}{stars} — {reader.word(STATES, case.state)}"
    yield f"{reader.say('案件', 'Case')} {case.id}: {title}"
    facts = (
        (("購入者", "buyer"), clean(case.buyer_name)),
        (("注文", "order"), " ".join(case.order_ids)),
        (("件名", "subject"), clean(case.subject, _LONG_CELL)),
        (("返信先", "reply to"), clean(case.alias, _LONG_CELL)),
        (("店の期限", "respond by"), _deadline(line.respond_by, line, reader)),
        (("Amazonの期限", "Amazon's limit"), _deadline(line.amazon_limit, line, reader)),
        (("受付確認", "acknowledged"), reader.moment(case.acknowledged_at)),
        (("回答", "answered"), reader.moment(case.answered_at)),
        (("備考", "notes"), say_notes(line, reader)),
        (("前の案件", "earlier case"), str(case.linked_to or "")),
    )
    yield from (f"  {reader.say(*label)}: {value}" for label, value in facts if value)


def _deadline(by: datetime | None, line: CaseLine, reader: Reader) -> str:
    if by is None:
        return NOTHING
    waiting = any(message.unanswered for message in line.messages)
    return f"{reader.moment(by)} ({reader.left(by)})" if waiting else reader.moment(by)


def _draft(draft: Draft, reader: Reader) -> str:
    about = reader.word(SITUATIONS, draft.situation or "other")
    words = f"{reader.word(DRAFT_STATES, draft.state)} — {about}, {reader.word(DRAFT_SOURCES, draft.source)}"
    return f"v{draft.version}  {reader.moment(draft.made_at)} {words}"


def _draft_command(file: _CaseFile, reader: Reader) -> str:
    number = file.line.case.id
    return reader.say(f"本文: sokuresu draft {number}", f"the text: sokuresu draft {number}")


def _answer(answer: Answer, reader: Reader) -> str:
    withdrawn = reader.say(" (届いていません)", " (did not arrive)") if answer.withdrawn else ""
    return f"{reader.moment(answer.at)} {reader.word(SOURCES, answer.source)}{withdrawn}"
