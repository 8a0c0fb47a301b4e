"""``sokuresu once``: one round of reading, sending and alerting."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from daemon.bootstrap import build_service
from daemon.cli.beginning import announce_first_start, beginning_told
from daemon.import_names import check_import_names
from daemon.log import configure

if TYPE_CHECKING:
    from daemon.cli import Context


@click.command("once")
@click.pass_obj
def command(context: Context) -> None:
    """一度だけ読み、送り、知らせて終わります (read, send and alert once)."""
    settings = context.settings
    check_import_names()
    configure()
    with beginning_told():
        service = build_service(settings)
        announce_first_start(settings)
        service.once()
