"""What the commands that start the service share: failures in one sentence, and the word at a first start."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from daemon.cli.access import looking
from daemon.cli.showing import reader_of
from daemon.errors import SokuresuError
from daemon.existing import database_told
from state.migrations import DatabaseTooNew

if TYPE_CHECKING:
    from collections.abc import Iterator

    from daemon.config import Settings


@contextmanager
def beginning_told() -> Iterator[None]:
    """Tell in one sentence what keeps the service from starting.

    Raises:
        SokuresuError: instead of the database's, the file system's and the migration's own errors.
    """
    try:
        with database_told():
            yield
    except DatabaseTooNew as error:
        raise SokuresuError(
            f"データベースはより新しい sokuresu が書いたものです。新しい版を入れ直してください。 / {error}"
        ) from error
    except OSError as error:
        place, why = error.filename or "?", error.strerror or type(error).__name__
        raise SokuresuError(
            f"{place} を使えません ({why})。フォルダーと権限と、ディスクの空きを確かめてください。"
            f" / {place} cannot be used ({why}); check the folder, its rights and the room there."
        ) from error


def announce_first_start(settings: Settings) -> None:
    """Say once that older mail is left alone, and how to have it; the database exists already."""
    with looking(settings) as uow:
        if uow.mailboxes.all():
            return
    say = reader_of(settings).say
    click.echo(
        say(
            "これから届くメールを見張ります。これまでのメールには何もしません。直近48時間分も案件にしたいときは、"
            "今すぐ止めてデータベースを別の名前にし、sokuresu init --look-back からやり直してください。",
            "watching from now; earlier mail is left alone. To have cases for the last 48 hours, stop now,"
            " move the database away and start with `sokuresu init --look-back`.",
        )
    )
