"""``sokuresu import``: takes in the reports that Seller Central exports."""

from __future__ import annotations

import os
import stat
import sys
from contextlib import closing, contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, BinaryIO

import click

from daemon.aftercare.buyer_prints import BuyerKeyUnavailable, buyer_key
from daemon.cli import present
from daemon.cli.showing import reader_of, say_json
from daemon.configured_shop import shop_of
from daemon.existing import database_told, existing_database
from daemon.imports import import_feedback, import_orders
from daemon.log import quieten
from parsers.reports.faults import Reason

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from daemon.cli import Context
    from daemon.config import Settings
    from daemon.imports import Summary
    from daemon.showing.reader import Reader
    from daemon.words import Words
    from parsers.reports.faults import Fault

_PIECE = 64 * 1024

REASONS: Words = {
    Reason.TOO_LONG: ("行が長すぎます", "the line is too long"),
    Reason.COLUMNS: ("列の数が見出しと合いません", "not as many columns as the header"),
    Reason.CONTROL: ("文字ではないデータがあります", "there is data that is no text"),
    Reason.AMBIGUOUS: ("同じ名前の列の内容が違います", "columns of one name disagree"),
    Reason.MISSING: ("空欄です", "it is empty"),
    Reason.ORDER_ID: ("Amazonの注文番号ではありません", "it is no order number of Amazon's"),
    Reason.DATE: ("日付をはっきり読み取れません", "the date is not clear"),
    Reason.AMOUNT: ("金額をはっきり読み取れません", "the amount is not clear"),
    Reason.CURRENCY: ("通貨が分かりません", "the currency is not known"),
    Reason.QUANTITY: ("数量を読み取れません", "the quantity is not clear"),
    Reason.RATING: ("1から5の評価ではありません", "it is no rating from 1 to 5"),
}

_COLUMNS: Words = {
    "order_id": ("注文番号", "order number"),
    "ordered_on": ("購入日", "day of purchase"),
    "shipped_on": ("出荷日", "day of shipping"),
    "quantity": ("数量", "quantity"),
    "price": ("商品の価格", "price"),
    "tax": ("税", "tax"),
    "shipping": ("配送料", "shipping"),
    "shipping_tax": ("配送料の税", "tax on shipping"),
    "currency": ("通貨", "currency"),
    "date": ("日付", "date"),
    "rating": ("評価", "rating"),
}


class _ReportFile(click.File):
    """A file to read; that there is none is told in Japanese too."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Open it."""
        try:
            return super().convert(value, param, ctx)
        except click.BadParameter as error:
            self.fail(
                "ファイルを開けません。名前と場所を確かめてください。"
                f" / The file cannot be opened: {error.message}",
                param,
                ctx,
            )


_IMPORTS = {"orders": import_orders, "feedback": import_feedback}
_file = click.argument("file", metavar="FILE", type=_ReportFile("rb"))
_as_json = click.option("--json", "as_json", is_flag=True, help="JSON で出力します (print JSON).")


@click.group("import")
def command() -> None:
    """セラーセントラルのレポートを取り込みます (take in reports of Seller Central)."""


@command.command("orders", short_help="注文レポートを取り込む / Take in a report of orders")
@_file
@_as_json
@click.pass_context
def orders(context: click.Context, file: BinaryIO, *, as_json: bool) -> None:
    """注文レポートを取り込みます。FILE が - なら標準入力 (take in a report of orders; - is standard input).

    No buyer's name or address is kept. The same report again changes nothing.
    """
    _take_in("orders", context, file, as_json=as_json)


@command.command("feedback", short_help="評価レポートを取り込む / Take in the feedback report")
@_file
@_as_json
@click.pass_context
def feedback(context: click.Context, file: BinaryIO, *, as_json: bool) -> None:
    """評価レポートを取り込みます。FILE が - なら標準入力 (take in the feedback report; - is standard input).

    A rating of 1 to 3 that nobody knew opens a case. The same report again changes nothing.
    """
    _take_in("feedback", context, file, as_json=as_json)


def _take_in(report: str, context: click.Context, file: BinaryIO, *, as_json: bool) -> None:
    """Import, tell what became of it, and end with 1 if nothing could be used."""
    shared: Context = context.obj
    settings = shared.settings_without_secrets
    reader = reader_of(settings)
    quieten()
    with database_told(), closing(existing_database(settings)) as database:
        key = _key(settings)
        with _progress_shown(file, shown=not as_json) as (pieces, show):
            summary = _IMPORTS[report](
                database, shop_of(settings), _Clock(), pieces, key=key, on_progress=show
            )
    if as_json:
        say_json(_record(summary, key))
    else:
        click.echo("\n".join(_lines(summary, reader)))
    if summary.read and summary.faulty == summary.read:
        context.exit(1)


def _key(settings: Settings) -> bytes | None:
    """The key of the buyers' digests; without one the import goes on, and says so."""
    try:
        return buyer_key(settings.buyer_key_file)
    except BuyerKeyUnavailable as error:
        more = "リピーターを見分けずに取り込みます。 / The import goes on without recognising repeat buyers."
        click.echo(f"sokuresu: {error} {more}", err=True)
        return None


def _record(summary: Summary, key: bytes | None) -> dict[str, Any]:
    names = ("report", "read", "taken", "known", "faulty")
    faults = [{"line": one.line, "reason": one.reason.value, "column": one.column} for one in summary.faults]
    return {name: getattr(summary, name) for name in names} | {
        "faults": faults,
        "recognises_buyers": key is not None,
    }


def _lines(summary: Summary, reader: Reader) -> Iterator[str]:
    yield reader.say(
        f"{summary.read:,} 行を読みました: 新しい内容 {summary.taken:,}、"
        f"すでに取り込み済み {summary.known:,}、使えない行 {summary.faulty:,}。",
        f"{summary.read:,} lines were read: {summary.taken:,} with something new, "
        f"{summary.known:,} known already, {summary.faulty:,} that cannot be used.",
    )
    yield from (f"  {_fault(one, reader)}" for one in summary.faults)
    hidden = summary.faulty - len(summary.faults)
    if hidden:
        yield reader.say(f"  ほか {hidden:,} 行", f"  and {hidden:,} more")


def _fault(fault: Fault, reader: Reader) -> str:
    why = reader.word(REASONS, fault.reason)
    if fault.column in _COLUMNS:
        why = f"{reader.word(_COLUMNS, fault.column)}: {why}"
    return reader.say(f"{fault.line:,} 行目 {why}", f"line {fault.line:,}: {why}")


class _Clock:
    """The one that the commands go by."""

    def now(self) -> datetime:
        """The present instant in UTC."""
        return present.now()


class _Counted:
    """The pieces of a file, and how many bytes of them were read."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.done = 0

    def __iter__(self) -> Iterator[bytes]:
        for piece in iter(partial(self._file.read, _PIECE), b""):
            self.done += len(piece)
            yield piece


@contextmanager
def _progress_shown(file: BinaryIO, *, shown: bool) -> Iterator[tuple[_Counted, Callable[[int], None]]]:
    """A bar on a terminal, by the bytes of the file where it has a length."""
    pieces = _Counted(file)
    if not (shown and sys.stdout.isatty()):
        yield pieces, lambda _: None
        return
    from rich.progress import Progress  # noqa: PLC0415 - costs a tenth of a second, only for terminals

    with Progress() as bars:
        task = bars.add_task("", total=_size(file))

        def show(lines: int) -> None:
            bars.update(task, completed=pieces.done, description=f"{lines:,}")

        yield pieces, show


def _size(file: BinaryIO) -> int | None:
    """Bytes of an ordinary file; None for anything else, such as a pipe."""
    try:
        found = os.fstat(file.fileno())
    except OSError:
        return None
    return found.st_size if stat.S_ISREG(found.st_mode) else None
