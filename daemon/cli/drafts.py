"""``sokuresu drafts``: the answers that wait for a person, most urgent first."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from daemon.cli.access import considering
from daemon.cli.showing import reader_of, say_json, say_table
from daemon.showing.draft_lines import open_draft_lines, say_about, say_state
from daemon.showing.reader import NOTHING, clean
from daemon.words import FULFILMENTS

if TYPE_CHECKING:
    from daemon.cli import Context
    from daemon.showing.draft_lines import DraftLine
    from daemon.showing.reader import Reader


@click.command("drafts")
@click.option("--json", "as_json", is_flag=True, help="JSON で出力します (print JSON).")
@click.pass_obj
def command(context: Context, *, as_json: bool) -> None:
    """承認を待つ下書きを、急ぐものから表示します (list the drafts that wait, most urgent first)."""
    settings = context.settings_without_secrets
    with considering(settings) as work:
        lines = open_draft_lines(work)
    reader = reader_of(settings)
    if as_json:
        say_json([line.record() for line in lines])
    elif lines:
        say_table(_headings(reader), [_row(line, reader) for line in lines])
        click.echo(_advice(lines, reader))
    else:
        click.echo(reader.say("承認を待つ下書きはありません。", "No draft waits."))


def _headings(reader: Reader) -> list[str]:
    if reader.language == "ja":
        return ["案件", "版", "内容", "発送", "購入者", "状態", "店の期限"]
    return ["case", "version", "about", "shipped by", "buyer", "state", "respond by"]


def _row(line: DraftLine, reader: Reader) -> list[str]:
    draft = line.draft
    return [
        str(draft.case_id),
        str(draft.version),
        say_about(line, reader),
        reader.word(FULFILMENTS, draft.fulfilment),
        clean(line.line.case.buyer_name) or NOTHING,
        say_state(line, reader),
        reader.left(line.line.respond_by),
    ]


def _advice(lines: list[DraftLine], reader: Reader) -> str:
    told = reader.say(
        "見る: sokuresu draft N ／ 送る: approve N ／ 直す: edit N ／ 破棄: discard N",
        "Look: sokuresu draft N. Send: approve N. Change: edit N. Throw away: discard N.",
    )
    if all(line.sure for line in lines):
        return told
    return told + reader.say(
        "\n? は、内容の見立てに自信がないものです。", "\n? marks what may be about something else."
    )
