"""``sokuresu no-reply-needed N``: a person decided that the case wants no answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from daemon.cli.access import deciding
from daemon.cli.numbers import NUMBER
from daemon.cli.showing import reader_of
from daemon.commands import no_reply_needed
from daemon.no_reply import amazons_link, was_decided
from parsers.values import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from daemon.cli import Context
    from daemon.showing.reader import Reader


@click.command("no-reply-needed")
@click.argument("number", metavar="N", type=NUMBER)
@click.pass_obj
def command(context: Context, number: int) -> None:
    """返信は要らない、と記録します (note that the case needs no reply)."""
    settings = context.settings_without_secrets
    with deciding(settings) as work:
        changed = no_reply_needed(work, number)
        # Whoever decided elsewhere comes here for the link.
        decided = changed or was_decided(work.uow.answers.of_case(number))
        messages = work.uow.messages.of_case(number)
        link = amazons_link(work.uow, messages) if decided else None
    wrote = any(one.kind is Kind.BUYER_MESSAGE for one in messages)
    reader = reader_of(settings)
    if not changed:
        ja, en = f"案件 {number} に未回答はありません。", f"Nothing of case {number} was unanswered."
        click.echo(reader.say(ja, en))
    else:
        click.echo(reader.say(f"案件 {number} を返信不要にしました。", f"Case {number} needs no reply."))
    if decided and wrote:
        click.echo("\n".join(_amazon_lines(link, reader)))


def _amazon_lines(link: str | None, reader: Reader) -> Iterator[str]:
    """What is left to do at Amazon; the link is for the person and never opened from here."""
    if link is None:
        yield reader.say(
            "Amazonの24時間はこれでは止まりません。セラーセントラルにログインし、このメッセージを"
            "「返信不要」にしてください (メールの中のリンクは開かないでください)。",
            "This does not stop Amazon's 24 hours: log in to Seller Central and mark the message as"
            " 'no response needed' there (do not open the links in the mail).",
        )
        return
    yield reader.say(
        "Amazonの24時間はこれでは止まりません。次のAmazonのリンクをご自分のブラウザで開くと、"
        "Amazonでも「返信不要」になります (このプログラムは開きません)。",
        "This does not stop Amazon's 24 hours: open Amazon's own link in your browser to mark it there as"
        " 'no response needed' (this program never opens it).",
    )
    yield f"  {link}"
