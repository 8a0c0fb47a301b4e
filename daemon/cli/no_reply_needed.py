"""``sokuresu no-reply-needed N``: a person decided that the case wants no answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from daemon.cli.access import deciding
from daemon.cli.numbers import NUMBER
from daemon.cli.showing import reader_of
from daemon.commands import no_reply_needed

if TYPE_CHECKING:
    from daemon.cli import Context


@click.command("no-reply-needed")
@click.argument("number", metavar="N", type=NUMBER)
@click.pass_obj
def command(context: Context, number: int) -> None:
    """返信は要らない、と記録します (note that the case needs no reply)."""
    settings = context.settings_without_secrets
    with deciding(settings) as work:
        changed = no_reply_needed(work, number)
    say = reader_of(settings).say
    if not changed:
        click.echo(say(f"案件 {number} に未回答はありません。", f"Nothing of case {number} was unanswered."))
        return
    click.echo(
        say(
            f"案件 {number} を返信不要にしました。\n"
            "Amazonの24時間はこれでは止まりません。セラーセントラルにログインし、このメッセージを"
            "「返信不要」にしてください (メールの中のリンクは開かないでください)。",
            f"Case {number} needs no reply.\n"
            "This does not stop Amazon's 24 hours: log in to Seller Central and mark the message as"
            " 'no response needed' there (do not open the links in the mail).",
        )
    )
