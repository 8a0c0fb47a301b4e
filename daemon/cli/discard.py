"""``sokuresu discard N``: throws a draft away; the case stays as unanswered as it was."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from daemon.cli.access import considering, deciding
from daemon.cli.asking import agree, need_a_person
from daemon.cli.numbers import NUMBER
from daemon.cli.showing import reader_of
from daemon.review import ReviewRefused, case_of, discard, draft_to_discard
from daemon.showing.reader import clean_lines, indented
from state.approval_rules import ApprovalRefusal

if TYPE_CHECKING:
    from daemon.cli import Context
    from daemon.showing.reader import Reader
    from state.drafts import Draft


@click.command("discard")
@click.argument("number", metavar="N", type=NUMBER)
@click.option("--yes", is_flag=True, help="尋ねずに破棄します (do not ask).")
@click.pass_obj
def command(context: Context, number: int, *, yes: bool) -> None:
    """下書きを破棄します。案件は未回答のままです (throw a draft away; the case stays unanswered)."""
    settings = context.settings_without_secrets
    reader = reader_of(settings)
    with considering(settings) as work:
        case_of(work, number)
        shown = draft_to_discard(work, number)
    if not yes:
        _ask(shown, reader)
    with deciding(settings) as work:
        if draft_to_discard(work, number).id != shown.id:
            raise ReviewRefused(ApprovalRefusal.OLD_VERSION, number)
        discard(work, number)
    click.echo(
        reader.say(
            f"案件 {number} の下書き v{shown.version} を破棄しました。案件は未回答のままです。"
            f"書く: sokuresu edit {number} ／ 返信不要: sokuresu no-reply-needed {number}",
            f"Draft v{shown.version} of case {number} is thrown away; the case stays as it is."
            f" Write: sokuresu edit {number}. No answer: sokuresu no-reply-needed {number}.",
        )
    )


def _ask(draft: Draft, reader: Reader) -> None:
    number, version = draft.case_id, draft.version
    click.echo(reader.say(f"案件 {number} の下書き v{version}", f"Case {number}, draft v{version}"))
    click.echo(indented(clean_lines(draft.text)))
    line = f"sokuresu discard {number} --yes"
    need_a_person(
        f"尋ねる相手がいません。破棄するなら: {line}", f"nobody can be asked; to throw it away: {line}"
    )
    agree(reader.say("破棄しますか?", "Throw it away?"), reader)
