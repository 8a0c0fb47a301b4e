"""``sokuresu backup FILE``: everything in one file, while the service goes on."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import click

from daemon.backup import write_backup
from daemon.cli.beginning import beginning_told
from daemon.cli.showing import reader_of
from daemon.clock import SystemClock
from daemon.existing import existing_engine
from daemon.log import quieten

if TYPE_CHECKING:
    from daemon.cli import Context


@click.command("backup")
@click.argument("file", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path))
@click.pass_obj
def command(context: Context, file: Path) -> None:
    """動かしたまま、記録のすべてを新しいファイルに写します (copy everything into a new file)."""
    settings = context.settings_without_secrets
    quieten()
    copied: Counter[str] = Counter()
    with beginning_told():
        engine = existing_engine(settings)
        try:
            write_backup(engine, file, SystemClock().now(), lambda table, rows: copied.update({table: rows}))
        finally:
            engine.dispose()
    say = reader_of(settings).say
    cases, messages = copied["case_file"], copied["message"]
    click.echo(
        say(
            f"{file} に写しました (案件 {cases}、メール {messages})。"
            "購入者の言葉を含むので、大切に保管してください。",
            f"Everything is in {file} ({cases} cases, {messages} mails)."
            " It holds buyers' words: keep it safe.",
        )
    )
