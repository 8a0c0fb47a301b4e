"""``sokuresu export``: cases, ratings, calls or orders as CSV for a spreadsheet."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from daemon.cli.access import looking
from daemon.cli.new_files import write_text
from daemon.cli.showing import reader_of
from daemon.csv_lines import csv_lines
from daemon.words import CAUSES, FULFILMENTS, KINDS, SITUATIONS, STATES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from zoneinfo import ZoneInfo

    from daemon.cli import Context
    from daemon.showing.reader import Reader
    from daemon.words import Words
    from state.repository.exports import Exports

_HEADINGS = {
    "cases": (
        "案件|種類|状態|注文|内容|評価|開いた時刻|受付確認|回答|終了|原因|再発防止",
        "case|kind|state|orders|about|rating|opened|acknowledged|answered|closed|cause|prevention",
    ),
    "feedback": (
        "日付|評価|注文|案件|コメント|こちらの返信|入手元",
        "day|rating|order|case|comment|our reply|source",
    ),
    "calls": (
        "時刻|案件|名前|ご要望|電話番号|メール|つながる時間|約束した時刻",
        "time|case|caller|wishes|number|address|hours|promised by",
    ),
    "orders": (
        "注文|出荷|注文日|発送日|配達日|ASIN|SKU|商品|数量|金額|送料|通貨",
        "order|shipping|ordered|shipped|delivered|ASIN|SKU|title|quantity|price|postage|currency",
    ),
}
_SOURCES: Words = {
    "notice": ("お知らせメール", "notice"),
    "report": ("評価レポート", "report"),
    "hand": ("手入力", "by hand"),
}
_WORDED: dict[str, dict[int, Words]] = {
    "cases": {1: KINDS, 2: STATES, 4: SITUATIONS, 10: CAUSES},
    "feedback": {6: _SOURCES},
    "calls": {},
    "orders": {1: FULFILMENTS},
}
"""By the place in a row the words of what stands there."""

_PERSONAL = frozenset({"calls", "feedback"})


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
@click.argument("what", type=click.Choice(list(_HEADINGS)))
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
        rows = _worded(what, _rows(uow.exports, what, (since, until), reader.zone), reader)
        lines = csv_lines(reader.say(*_HEADINGS[what]).split("|"), rows, reader.zone)
        if str(file) == "-":
            for line in lines:
                click.echo(line, nl=False)
        else:
            write_text(file, lines, force=force)
    if what in _PERSONAL:
        ja = "個人情報を含みます。大切に保管してください。"
        click.echo(reader.say(ja, "It holds personal data: keep it safe."), err=True)


def _rows(
    exports: Exports, what: str, days: tuple[date | None, date | None], zone: ZoneInfo
) -> Iterator[tuple[Any, ...]]:
    if what == "feedback":
        return exports.feedback(days)
    if what == "orders":
        return exports.orders(days)
    span = (_midnight(days[0], zone, 0), _midnight(days[1], zone, 1))
    return exports.cases(span) if what == "cases" else exports.calls(span)


def _midnight(day: date | None, zone: ZoneInfo, later: int) -> datetime | None:
    """The first instant of a local day, or of the one after it."""
    return None if day is None else datetime.combine(day + timedelta(days=later), time(0), zone)


def _worded(what: str, rows: Iterable[tuple[Any, ...]], reader: Reader) -> Iterator[list[Any]]:
    """The rows with what machine words are called."""
    places = _WORDED[what]
    for row in rows:
        yield [
            reader.word(places[place], cell) if place in places and cell is not None else cell
            for place, cell in enumerate(row)
        ]
