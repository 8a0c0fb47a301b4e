"""``sokuresu feedback show N``: one rating with what Amazon may do about it, and the texts to copy."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from daemon.aftercare.feedback_cases import context_of, rated_case, texts_of
from daemon.cli.access import considering
from daemon.cli.numbers import NUMBER
from daemon.cli.showing import reader_of, say_json
from daemon.showing.feedback_lines import page, record_of

if TYPE_CHECKING:
    from daemon.cli import Context


@click.command("show")
@click.argument("number", metavar="N", type=NUMBER)
@click.option("--json", "as_json", is_flag=True, help="JSON で出力します (print JSON).")
@click.pass_obj
def command(context: Context, number: int, *, as_json: bool) -> None:
    """評価の見込み、期限、申請文、返信の文面を表示します (show one rating with what to do and to copy)."""
    settings = context.settings_without_secrets
    reader = reader_of(settings)
    with considering(settings) as work:
        rated = rated_case(work, number)
        texts, told = texts_of(work, rated), context_of(work, rated)
        today = work.shop.calendar.local_day(work.now)
    if as_json:
        say_json(record_of(rated, texts))
    else:
        click.echo("\n".join(page(rated, texts, told, today, reader)))
