"""``sokuresu feedback draft N``: makes the text for the buyer a draft of the case that has the address."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from daemon.aftercare.feedback_cases import draft_to_buyer
from daemon.cli.access import deciding
from daemon.cli.numbers import NUMBER
from daemon.cli.showing import reader_of
from daemon.showing.reader import clean_lines, indented

if TYPE_CHECKING:
    from daemon.cli import Context


@click.command("draft")
@click.argument("number", metavar="N", type=NUMBER)
@click.pass_obj
def command(context: Context, number: int) -> None:
    """同じ注文の案件の下書きにします。送りません (draft it in the case of the same order, unsent)."""
    settings = context.settings_without_secrets
    with deciding(settings) as work:
        draft = draft_to_buyer(work, number)
    say = reader_of(settings).say
    click.echo(
        say(
            f"案件 {draft.case_id} の下書き v{draft.version} にしました。まだ送っていません。",
            f"It is draft v{draft.version} of case {draft.case_id}; nothing was sent.",
        )
    )
    click.echo(indented(clean_lines(draft.text)))
    click.echo(say(f"送る: sokuresu approve {draft.case_id}", f"Send it: sokuresu approve {draft.case_id}"))
