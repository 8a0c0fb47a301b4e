"""``sokuresu edit N``: a person writes the answer, or says what it is about and gets another draft."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import click

from daemon.cli.access import considering, deciding
from daemon.cli.numbers import NUMBER
from daemon.cli.sheet import EditingFailed, Sheet
from daemon.cli.showing import reader_of
from daemon.drafting import redraft
from daemon.errors import SokuresuError
from daemon.review import TEXT_LIMIT, ReviewRefused, blank_draft, case_of, check_draft, revise, standing_of
from daemon.showing.case_lines import line_of
from daemon.showing.draft_lines import draft_line
from daemon.showing.findings import finding_lines
from daemon.showing.reader import clean_lines
from state.approval_rules import refusal_of
from state.drafts import DraftSource
from templates.drafting import DRAFTED, DraftTemplates

if TYPE_CHECKING:
    from collections.abc import Iterator

    from daemon.cli import Context
    from daemon.config import Settings
    from daemon.showing.draft_lines import DraftLine
    from daemon.showing.reader import Reader
    from daemon.work import Work
    from state.drafts import Draft
    from state.model import Message
    from templates.guidelines import Finding


@dataclass(frozen=True, slots=True)
class _Begun:
    """What the person has before them.

    Attributes:
        based_on: the version that is changed, with sight of all that the person is shown.
        waiting: number of the version that waits; 0 if none does.
        messages: what the buyer wrote.
        findings: what is to be said against the version.
    """

    based_on: Draft
    waiting: int
    messages: tuple[Message, ...]
    findings: tuple[Finding, ...]


@click.command("edit")
@click.argument("number", metavar="N", type=NUMBER)
@click.option(
    "--situation",
    metavar="WORD",
    type=click.Choice(sorted(DRAFTED)),
    help=f"この内容の文例で作り直します (draft anew for this situation): {' '.join(sorted(DRAFTED))}",
)
@click.option(
    "--fulfilment",
    type=click.Choice(["fba", "own"]),
    help="発送元を決めて作り直します (draft anew for who ships).",
)
@click.pass_obj
def command(context: Context, number: int, situation: str | None, fulfilment: str | None) -> None:
    """エディターで下書きを書き直します。送りはしません (change a draft in your editor; nothing is sent).

    The editor is $VISUAL, $EDITOR, nano or vi. With an option the draft is made anew from a template instead.
    """
    settings = context.settings_without_secrets
    reader = reader_of(settings)
    anew = bool(situation or fulfilment)
    drafted = (
        _redraft(settings, number, situation, fulfilment, reader) if anew else _edit(settings, number, reader)
    )
    if drafted is None:
        click.echo(
            reader.say(
                "文は変わっていません。何もしませんでした。", "The text is unchanged; nothing was done."
            )
        )
    else:
        click.echo("\n".join(_afterwards(drafted, reader)))


def _redraft(
    settings: Settings, number: int, situation: str | None, fulfilment: str | None, reader: Reader
) -> DraftLine:
    templates = DraftTemplates(settings.drafts.templates)
    with deciding(settings) as work:
        _refuse_in_vain(work, blank_draft(work, number))
        before = work.uow.drafts.open_of(number)
        draft = redraft(work, templates, number, situation=situation, fulfilment=fulfilment)
        if draft is None:
            raise SokuresuError(
                f"案件 {number} の内容に合う文例がありません。--situation で選ぶか、sokuresu edit {number} で"
                f"書いてください。 / No template fits case {number}; choose one with --situation, or write"
                f" with sokuresu edit {number}."
            )
        drafted = draft_line(work, draft, case_of(work, number))
    if before is not None and before.source.by_person:
        click.echo(_set_aside(before, reader))
    return drafted


def _refuse_in_vain(work: Work, draft: Draft) -> None:
    """Nobody shall write what cannot be kept: an answer may be on its way already."""
    refusal = refusal_of(draft, standing_of(work, case_of(work, draft.case_id)))
    if refusal is not None:
        raise ReviewRefused(refusal, draft.case_id)


def _edit(settings: Settings, number: int, reader: Reader) -> DraftLine | None:
    """Let the person write, outside any transaction; None if nothing was changed.

    Whatever goes wrong, what was written is not lost: its file stays and is named.
    """
    with considering(settings) as work:
        begun = _begun(work, number)
    sheet = Sheet.write(f"case-{number}.txt", begun.based_on.text, tuple(_guidance(begun, reader)))
    try:
        drafted = _kept(settings, begun, sheet.edit(), reader)
    except BaseException:
        if sheet.changed:
            told = reader.say("書いた文は残してあります", "What you wrote is kept in")
            click.echo(f"{told}: {sheet.path}", err=True)
        else:
            sheet.remove()
        raise
    sheet.remove()
    return drafted


def _begun(work: Work, number: int) -> _Begun:
    blank = blank_draft(work, number)
    waiting = work.uow.drafts.open_of(number)
    # The person is shown what came since the draft was made.
    based_on = blank if waiting is None else replace(waiting, sight=blank.sight)
    _refuse_in_vain(work, based_on)
    case = case_of(work, number)
    findings = () if waiting is None else check_draft(waiting, case, work.shop.language)
    return _Begun(based_on, waiting.id if waiting else 0, line_of(work.uow, case).pressing, findings)


def _kept(settings: Settings, begun: _Begun, text: str, reader: Reader) -> DraftLine | None:
    if not text or text == begun.based_on.text.strip():
        return None
    if len(text) > TEXT_LIMIT:
        raise EditingFailed(
            f"文が長すぎます ({len(text)} 字)。{TEXT_LIMIT} 字までです。"
            f" / The text is too long ({len(text)} characters of at most {TEXT_LIMIT})."
        )
    with deciding(settings) as work:
        meanwhile = work.uow.drafts.open_of(begun.based_on.case_id)
        draft = revise(work, begun.based_on, text, DraftSource.COMMAND)
        drafted = draft_line(work, draft, case_of(work, draft.case_id))
    if meanwhile is not None and meanwhile.id != begun.waiting:
        click.echo(_overwritten(meanwhile, reader))
    return drafted


def _overwritten(meanwhile: Draft, reader: Reader) -> str:
    number, version = meanwhile.case_id, meanwhile.version
    return reader.say(
        f"書いている間に v{version} ができていました。見る: sokuresu draft {number} --version {version}",
        f"v{version} was made while you wrote; see it: sokuresu draft {number} --version {version}",
    )


def _set_aside(before: Draft, reader: Reader) -> str:
    number, version = before.case_id, before.version
    return reader.say(
        f"書いてあった v{version} は残してあります。見る: sokuresu draft {number} --version {version}",
        f"What was written as v{version} is on record: sokuresu draft {number} --version {version}",
    )


def _guidance(begun: _Begun, reader: Reader) -> Iterator[str]:
    """What the person wants to see while writing; every line begins as no line of a letter does."""
    number = begun.based_on.case_id
    yield reader.say(
        f"# 案件 {number} の返信。保存して閉じると新しい版になります。まだ送られません。",
        f"# Answer to case {number}. Saved and closed it is a new version; it is not sent yet.",
    )
    yield reader.say("# 何もしないなら、変えずに閉じてください。", "# To do nothing close it unchanged.")
    if begun.findings:
        yield reader.say("# 確認の結果:", "# Checks:")
        yield from (f"#   {line}" for line in finding_lines(begun.findings, reader))
    for message in begun.messages:
        at = reader.moment(message.received_at)
        yield reader.say(f"# {at} に届いたメッセージ:", f"# Message of {at}:")
        yield from (f"> {line}" for line in clean_lines(message.text).split("\n"))


def _afterwards(drafted: DraftLine, reader: Reader) -> Iterator[str]:
    number, version = drafted.draft.case_id, drafted.draft.version
    yield reader.say(
        f"案件 {number} の下書き v{version} を保存しました。まだ送っていません。",
        f"Draft v{version} of case {number} is kept; nothing was sent.",
    )
    yield from finding_lines(drafted.findings, reader)
    if drafted.ready:
        yield reader.say(f"送る: sokuresu approve {number}", f"Send it: sokuresu approve {number}")
    else:
        yield reader.say(f"直す: sokuresu edit {number}", f"Mend it: sokuresu edit {number}")
