"""``sokuresu answered N``: a person answered in a way that the program cannot see."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from daemon.cli.access import deciding
from daemon.cli.numbers import NUMBER
from daemon.cli.showing import reader_of
from daemon.commands import answered

if TYPE_CHECKING:
    from daemon.cli import Context


@click.command("answered")
@click.argument("number", metavar="N", type=NUMBER)
@click.pass_obj
def command(context: Context, number: int) -> None:
    """電話などで返した、と記録します (note that the case was answered, by telephone for example)."""
    settings = context.settings_without_secrets
    with deciding(settings) as work:
        changed = answered(work, number)
    say = reader_of(settings).say
    if changed:
        click.echo(say(f"案件 {number} を回答済みにしました。", f"Case {number} is answered."))
    else:
        click.echo(say(f"案件 {number} に未回答はありません。", f"Nothing of case {number} was unanswered."))
