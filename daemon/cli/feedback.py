"""``sokuresu feedback``: ratings of the seller; each subcommand is a module that is imported when it runs."""

from __future__ import annotations

from importlib import import_module
from typing import cast

import click

ACTIONS = {
    "assess": "Amazonが削除・取り消し線を認めそうか / Whether Amazon may remove or strike a comment",
    "list": "評価の一覧 / List the ratings",
    "show": "評価を一つ見る / Show one rating with what to do",
    "add": "評価を手で加える / Enter a rating by hand",
    "step": "申請と結果を記録する / Note a request and its outcome",
    "draft": "購入者への文面を下書きにする / Make the text to the buyer a draft",
    "reply": "公開の返信を規約に照らす / Check a public reply",
}
"""Every subcommand with its line in the help, in modules named ``daemon.cli.feedback_<name>``."""


class LazyActions(click.Group):
    """A group whose subcommands are named in a table and imported when they are called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names in the order of the table."""
        del ctx
        return list(ACTIONS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the subcommand's module."""
        del ctx
        if cmd_name not in ACTIONS:
            return None
        return cast("click.Command", import_module(f"daemon.cli.feedback_{cmd_name}").command)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the table, importing nothing."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl(list(ACTIONS.items()))


@click.group("feedback", cls=LazyActions)
def command() -> None:
    """出品者への評価を扱います (ratings of the seller)."""
