"""Cases, ratings, calls and orders as tables for spreadsheets, in the words of whoever reads them."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from daemon.reporting.csv_lines import csv_lines
from daemon.words import CAUSES, FULFILMENTS, KINDS, SITUATIONS, STATES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from zoneinfo import ZoneInfo

    from daemon.showing.reader import Reader
    from daemon.words import Words
    from state.repository.exports import Exports
    from state.unit_of_work import UnitOfWork

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

PERSONAL = frozenset({"calls", "feedback"})
"""Tables that hold what persons said, or who they are."""

TABLES = tuple(_HEADINGS)
"""What can be written."""


def table_lines(
    uow: UnitOfWork, what: str, days: tuple[date | None, date | None], reader: Reader
) -> Iterator[str]:
    """A table as CSV, line by line; the transaction has to stay open until the last one.

    Args:
        uow: the transaction.
        what: one of `TABLES`.
        days: the first and the last local day that is meant; None is no limit.
        reader: in whose language and time zone it is written.
    """
    rows = _worded(what, _rows(uow.exports, what, days, reader.zone), reader)
    return csv_lines(reader.say(*_HEADINGS[what]).split("|"), rows, reader.zone)


def _rows(
    exports: Exports, what: str, days: tuple[date | None, date | None], zone: ZoneInfo
) -> Iterator[tuple[Any, ...]]:
    if what == "feedback":
        return exports.feedback(days)
    if what == "orders":
        return exports.orders(days)
    span = instants_of(days, zone)
    return exports.cases(span) if what == "cases" else exports.calls(span)


def instants_of(
    days: tuple[date | None, date | None], zone: ZoneInfo
) -> tuple[datetime | None, datetime | None]:
    """From the first instant of a local day to the end of another, which does not belong to it."""
    return _midnight(days[0], zone, 0), _midnight(days[1], zone, 1)


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
