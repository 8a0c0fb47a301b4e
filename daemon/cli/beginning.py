"""What is said when a shop is watched for the first time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from daemon.cli.access import looking
from daemon.cli.showing import reader_of

if TYPE_CHECKING:
    from daemon.config import Settings


def announce_first_start(settings: Settings) -> None:
    """Say once that older mail is left alone, and how to have it; the database exists already."""
    with looking(settings) as uow:
        if uow.mailboxes.all():
            return
    say = reader_of(settings).say
    click.echo(
        say(
            "これから届くメールを見張ります。直近48時間分は、初めて run する前の sokuresu init で取り込めます。",
            "watching from now; `sokuresu init` offers the last 48 hours, before the first run.",
        )
    )
