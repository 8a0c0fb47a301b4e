"""``sokuresu export``: cases, ratings, calls or orders as CSV for a spreadsheet."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from daemon.cli.access import looking
from daemon.cli.new_files import write_text
from daemon.cli.showing import reader_of
from daemon.reporting.exporting import PERSONAL, TABLES, table_lines

if TYPE_CHECKING:
    from daemon.cli import Context


class _DayType(click.ParamType[Any]):
    """A local date such as ``2026-10-01``."""

    name = "day"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        try:
            day = date.fromisoformat(value)
        except ValueError:
            day = date.min
        # The edges of the calendar have no midnight in every time zone.
        if not date.min < day < date.max:
            self.fail(
                f"2026-10-01 のように書いてください。 / Write it like 2026-10-01: {value!r}", param, ctx
            )
        return day


@click.command("export")
@click.argument("what", type=click.Choice(TABLES))
@click.argument("file", metavar="[FILE|-]", default="-", type=click.Path(path_type=Path, allow_dash=True))
@click.option("--since", type=_DayType(), metavar="D", help="この日から (from this day on).")
@click.option("--until", type=_DayType(), metavar="D", help="この日まで (up to and with this day).")
@click.option("--force", is_flag=True, help="あるファイルを置き換えます (replace an existing file).")
@click.pass_obj
def command(
    context: Context, *, what: str, file: Path, since: date | None, until: date | None, force: bool
) -> None:
    """表計算ソフト用の CSV に書き出します (write CSV for a spreadsheet)."""
    if since is not None and until is not None and since > until:
        raise click.UsageError("--since が --until より後です / --since is later than --until")
    settings = context.settings_without_secrets
    reader = reader_of(settings)
    with looking(settings) as uow:
        lines = table_lines(uow, what, (since, until), reader)
        if str(file) == "-":
            for line in lines:
                click.echo(line, nl=False)
        else:
            write_text(file, lines, force=force)
    if what in PERSONAL:
        ja = "個人情報を含みます。大切に保管してください。"
        click.echo(reader.say(ja, "It holds personal data: keep it safe."), err=True)
