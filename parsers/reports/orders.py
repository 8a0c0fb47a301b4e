"""The reports of orders: Amazon's order report, All Orders, and the shipments of FBA."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import TYPE_CHECKING, TypeVar

from parsers.folding import fold
from parsers.reports.cells import (
    LONGEST_SKU,
    LONGEST_TITLE,
    decimals_of,
    read_amount,
    read_asin,
    read_currency,
    read_local_day,
    read_order_id,
    read_quantity,
    shorten,
)
from parsers.reports.faults import BadCell, Fault, Reason
from parsers.reports.table import read_table
from parsers.rules import load_rules
from parsers.values import Fulfilment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import date, tzinfo

    from parsers.reports.table import Row
    from parsers.values import OrderId

_T = TypeVar("_T")
_LONGEST_KEY = 60
_LONGEST_BUYER = 200
_MOST_REMEMBERED = 200
_YEN_SIGNS = ("¥", "￥", "円")


@dataclass(frozen=True, slots=True)
class OrderLine:
    """One line of an order, as a report tells it; None where the report says nothing.

    Attributes:
        line: its number in the file; the first is 1.
        order_id: Amazon's order number.
        key: Amazon's number of the line of the order, else what was ordered behind ``sku:``, ``asin:`` or
            ``title:``; unique within the order.
        sku, asin, title: what was ordered.
        quantity: how many.
        price: what was paid for all of them, with tax, in the currency's smallest unit.
        shipping: what was paid for shipping them, likewise.
        currency: its three letters.
        fulfilment: who ships.
        ordered_on, shipped_on: the shop's local dates.
        buyer: the address by which the buyer is known to the shop; it is to be kept as a digest at most.
    """

    line: int
    order_id: OrderId
    key: str
    sku: str | None = None
    asin: str | None = None
    title: str | None = field(default=None, repr=False)
    quantity: int | None = None
    price: int | None = None
    shipping: int | None = None
    currency: str | None = None
    fulfilment: Fulfilment | None = None
    ordered_on: date | None = None
    shipped_on: date | None = None
    buyer: str | None = field(default=None, repr=False)


def read_orders(pieces: Iterable[bytes], zone: tzinfo) -> Iterator[OrderLine | Fault]:
    """Read a report of orders line by line.

    Args:
        pieces: the file's bytes in their order, cut anywhere.
        zone: the shop's; its dates are the ones that are told.

    Raises:
        WrongReport: it is no report of orders.
    """
    keys = _Keys()
    for row in read_table(pieces, "orders"):
        yield row if isinstance(row, Fault) else _line(row, zone, keys)


def _line(row: Row, zone: tzinfo, keys: _Keys) -> OrderLine | Fault:
    try:
        return _read(_Cells(row), zone, keys)
    except BadCell as bad:
        return Fault(row.line, bad.reason, bad.column)


def _read(cells: _Cells, zone: tzinfo, keys: _Keys) -> OrderLine:
    order_id = cells.read("order_id", read_order_id)
    if order_id is None:
        raise BadCell(Reason.MISSING, "order_id")
    currency = _currency(cells)
    sku, title = cells.text("sku", LONGEST_SKU), cells.text("title", LONGEST_TITLE)
    asin = cells.read("asin", read_asin)
    quantity = cells.read("quantity", read_quantity)
    price = _amount(cells, currency, "price", "tax")
    shipping = _amount(cells, currency, "shipping", "shipping_tax")
    key = cells.number() or _by_words(sku, asin, title)
    return OrderLine(
        line=cells.line,
        order_id=order_id,
        key=keys.within(order_id, key[:_LONGEST_KEY], (quantity, price, shipping)),
        sku=sku,
        asin=asin,
        title=title,
        quantity=quantity,
        price=price,
        shipping=shipping,
        currency=currency,
        fulfilment=_channel(cells.raw("fulfilment")),
        ordered_on=cells.read("ordered_on", lambda cell: read_local_day(cell, zone)),
        shipped_on=cells.read("shipped_on", lambda cell: read_local_day(cell, zone)),
        buyer=cells.text("buyer", _LONGEST_BUYER),
    )


class _Cells:
    """The cells of a row; an empty one says nothing."""

    def __init__(self, row: Row) -> None:
        self.line = row.line
        self.is_japanese = row.is_japanese
        self._cells = row.cells

    def raw(self, column: str) -> str:
        """What stands there."""
        return self._cells.get(column, "")

    def text(self, column: str, limit: int) -> str | None:
        """Words on one line; None where there are none."""
        cell = self.raw(column)
        return shorten(cell, limit) or None if cell else None

    def read(self, column: str, reader: Callable[[str], _T]) -> _T | None:
        """What the cell says; None where nothing stands.

        Raises:
            BadCell: it is not clear; with the column's name.
        """
        cell = self.raw(column)
        if not cell:
            return None
        try:
            return reader(cell)
        except BadCell as bad:
            raise BadCell(bad.reason, column) from None

    def number(self) -> str:
        """Amazon's number of the line, with that of the parcel's part; empty where there is none."""
        parts = (self.text("line", _LONGEST_KEY), self.text("part", _LONGEST_KEY))
        return "/".join(filter(None, parts))


class _Keys:
    """Tells lines of one order apart that have the same key, as long as they stand together.

    Lines that say the same are the same line, for reports are put together and overlap.
    """

    def __init__(self) -> None:
        self._order = ""
        self._seen: dict[str, list[object]] = {}

    def within(self, order_id: str, key: str, content: object) -> str:
        """The key, with a number if there was another line of that key in this order just before."""
        if order_id != self._order or len(self._seen) > _MOST_REMEMBERED:
            self._order, self._seen = order_id, {}
        same = self._seen.setdefault(key, [])
        if content not in same and len(same) < _MOST_REMEMBERED:
            same.append(content)
        place = same.index(content) if content in same else len(same)
        return f"{key}#{place + 1}" if place else key


def _currency(cells: _Cells) -> str | None:
    """Of the line's amounts: as its column says, else as a sign or a Japanese report does."""
    told = cells.read("currency", read_currency)
    amounts = cells.raw("price") + cells.raw("shipping")
    if told is not None or not amounts:
        return told
    if cells.is_japanese or any(sign in amounts for sign in _YEN_SIGNS):
        return "JPY"
    raise BadCell(Reason.CURRENCY, "currency")


def _amount(cells: _Cells, currency: str | None, column: str, tax_column: str) -> int | None:
    """What was paid, with the tax where that stands apart."""
    if currency is None:
        return None
    digits = decimals_of(currency)
    amount = cells.read(column, lambda cell: read_amount(cell, digits))
    if amount is None or currency not in _tax_apart():
        return amount
    tax = cells.read(tax_column, lambda cell: read_amount(cell, digits))
    return amount + (tax or 0)


@cache
def _tax_apart() -> frozenset[str]:
    rows = load_rules("reports")["orders"]["tax_apart"]
    return frozenset(currency for row in rows for currency in row["currencies"])


@cache
def _channels() -> dict[str, Fulfilment]:
    rows = load_rules("reports")["orders"]["channel"]
    return {fold(word): Fulfilment(row["fulfilment"]) for row in rows for word in row["words"]}


@lru_cache(maxsize=64)
def _channel(cell: str) -> Fulfilment | None:
    return _channels().get(fold(cell[:_LONGEST_KEY]).replace(" ", ""))


def _by_words(sku: str | None, asin: str | None, title: str | None) -> str:
    """What stands for the line where Amazon's number of it is not told."""
    if sku or asin:
        return f"sku:{sku}" if sku else f"asin:{asin}"
    return f"title:{hashlib.sha256((title or '').encode('utf-8', 'replace')).hexdigest()[:32]}"
