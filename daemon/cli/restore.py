"""``sokuresu restore FILE``: fills a new database from a backup."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from daemon.backup import restore
from daemon.cli.beginning import beginning_told
from daemon.cli.showing import reader_of
from daemon.clock import SystemClock
from daemon.lock import describe_run, take_lock
from daemon.log import quieten
from state.engine import open_engine

if TYPE_CHECKING:
    from daemon.cli import Context


@click.command("restore")
@click.argument("file", metavar="FILE", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.pass_obj
def command(context: Context, file: Path) -> None:
    """バックアップから、新しいデータベースを作ります (fill a new, empty database from a backup)."""
    settings = context.settings_without_secrets
    reader = reader_of(settings)
    quieten()
    with beginning_told():
        lock = take_lock(settings.database, describe_run(SystemClock()))
        engine = open_engine(settings.database)
        try:
            taken_at = restore(file, engine, lambda _table, _rows: None)
        finally:
            engine.dispose()
            lock.release()
    at = reader.moment(taken_at)
    click.echo(
        reader.say(
            f"{at} のバックアップから戻しました。sokuresu run で再開します。"
            "それより後に届いたお問い合わせは案件になりますが、受付確認は送りません。"
            "送信待ちだったメールは、送れたか不明として残ります (sokuresu outbox)。"
            "前に届いた知らせのリンクは使えません。",
            f"Restored the backup of {at}; go on with `sokuresu run`. Messages that came after it become "
            "cases, without an acknowledgment. Mail that waited to leave is listed as uncertain"
            " (sokuresu outbox). The links of earlier alerts are dead.",
        )
    )
