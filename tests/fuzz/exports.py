"""Attacks on the reports that Seller Central exports: bytes of a file in, rows and faults of lines out.

The first byte of an input tells into how large pieces the rest is cut.
"""

from __future__ import annotations

import codecs
import re
from datetime import date
from itertools import pairwise
from typing import TYPE_CHECKING, TypeVar
from zoneinfo import ZoneInfo

from parsers.folding import fold_width
from parsers.reports import header
from parsers.reports.cells import LONGEST_SKU, LONGEST_TITLE
from parsers.reports.faults import Fault, Reason, WrongReport
from parsers.reports.feedback import LONGEST_COMMENT, FeedbackLine, read_feedback
from parsers.reports.orders import OrderLine, read_orders
from parsers.rules import load_rules
from parsers.values import ASIN, ORDER_ID
from tests.fuzz.promises import assert_storable, is_printable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from datetime import tzinfo

    from parsers.values import OrderId

_Line = TypeVar("_Line", OrderLine, FeedbackLine)

ZONE = ZoneInfo("Asia/Tokyo")
LONGEST_KEY = 70
"""Characters of the key of a line, with the number that tells equal ones apart."""

LONGEST_ADDRESS = 200
LARGEST_AMOUNT = 2 * 10**12
"""A price and its tax."""

_MOST_ALIKE = 200
_SPAN = 45
"""Lines that one row may stand on, and a few."""

_DAYS = (date(1995, 1, 1), date(2100, 12, 31))
_CURRENCY = re.compile(r"[A-Z]{3}", re.ASCII)
_ENCODINGS = ("utf-8", "cp932")
_SHOWN_NAMES = 30
_SEPARATORS = re.compile("[\t,]")


def attack_orders(content: bytes) -> None:
    """Each line of a report of orders is a row or a fault; every value is short, and stands in the file."""
    file, rows = _read(content, read_orders)
    for row in rows:
        if isinstance(row, OrderLine):
            _assert_order(row)
            _assert_stands_there(row.order_id, row.line, file)
    lines = [row for row in rows if isinstance(row, OrderLine)]
    if len(lines) < _MOST_ALIKE:
        for before, after in pairwise(lines):
            _assert_told_apart(before, after)
    _assert_nothing_lost(rows, file, "orders")


def attack_ratings(content: bytes) -> None:
    """Each line of a feedback report is a rating or a fault; words are short and were really written."""
    file, rows = _read(content, read_feedback)
    for row in rows:
        if isinstance(row, FeedbackLine):
            _assert_rating(row, file)
    _assert_nothing_lost(rows, file, "feedback")


def _read(
    content: bytes, reader: Callable[[Iterable[bytes], tzinfo], Iterator[_Line | Fault]]
) -> tuple[bytes, list[_Line | Fault]]:
    """The file and what is read of it, the same however it is cut; nothing of a file of another kind."""
    size, file = (content[0] if content else 0) + 1, content[1:]
    try:
        rows = list(reader([file], ZONE))
    except WrongReport as wrong:
        _assert_tells_nothing(wrong)
        return file, []
    pieces = (file[at : at + size] for at in range(0, len(file), size))
    assert rows == list(reader(pieces, ZONE))
    numbers: list[int] = [row.line for row in rows]
    assert all(before < after for before, after in pairwise([1, *numbers]))
    assert not numbers or numbers[-1] <= file.count(b"\n") + 1
    for row in rows:
        if isinstance(row, Fault):
            assert row.reason in Reason
            assert row.column in _columns()
    return file, rows


def _columns() -> set[str]:
    """Our names of columns; an empty one stands for the whole line."""
    return {"", *(column["field"] for rules in load_rules("reports").values() for column in rules["column"])}


def _assert_tells_nothing(wrong: WrongReport) -> None:
    """What is shown of a wrong file are names of columns, and nobody's data."""
    assert wrong.sought
    assert len(wrong.found) <= _SHOWN_NAMES
    assert wrong.others >= 0
    assert not any("@" in name or ORDER_ID.search(name) for name in wrong.found)


def _assert_order(row: OrderLine) -> None:
    assert row.order_id.isascii()
    assert ORDER_ID.fullmatch(row.order_id)
    assert 0 < len(row.key) <= LONGEST_KEY + LONGEST_SKU * row.key.startswith("sku:")
    for text, limit in ((row.sku, LONGEST_SKU), (row.title, LONGEST_TITLE), (row.buyer, LONGEST_ADDRESS)):
        assert text is None or 0 < len(text) <= limit
        _assert_shown(text or "")
    assert row.asin is None or ASIN.fullmatch(row.asin)
    assert row.quantity is None or 0 <= row.quantity < 10**6
    for amount in (row.price, row.shipping):
        assert amount is None or (0 <= amount <= LARGEST_AMOUNT and row.currency is not None)
    assert row.currency is None or _CURRENCY.fullmatch(row.currency)
    for day in (row.ordered_on, row.shipped_on):
        assert day is None or _DAYS[0] <= day <= _DAYS[1]


def _assert_shown(text: str) -> None:
    """Words that a terminal, a mail and a page show as they are."""
    assert_storable(text)
    assert is_printable(text)


def _assert_told_apart(before: OrderLine, after: OrderLine) -> None:
    """Lines of one order that differ in what was paid are not taken for one and the same."""
    if (before.order_id, before.key) == (after.order_id, after.key) and "#" not in before.key:
        assert (before.quantity, before.price, before.shipping) == (
            after.quantity, after.price, after.shipping,
        )  # fmt: skip


def _assert_rating(row: FeedbackLine, file: bytes) -> None:
    assert row.rating in {1, 2, 3, 4, 5}
    assert _DAYS[0] <= row.rated_on <= _DAYS[1]
    for text in (row.comment, row.response):
        assert len(text) <= LONGEST_COMMENT
        _assert_shown(text.replace("\n", ""))
        assert any(set(text) - {" ", "\n", '"'} <= set(whole) for whole in _texts(file))
    assert row.rater is None or 0 < len(row.rater) <= LONGEST_ADDRESS
    _assert_shown(row.rater or "")
    if row.order_id is not None:
        _assert_stands_there(row.order_id, row.line, file)


def _assert_stands_there(order_id: OrderId, line: int, file: bytes) -> None:
    """The number of a line leads to the line that the row was read from."""
    spans = ("\n".join(text.split("\n")[line - 1 : line - 1 + _SPAN]) for text in _texts(file))
    assert any(order_id in fold_width(span) for span in spans)


def _assert_nothing_lost(rows: Sequence[OrderLine | FeedbackLine | Fault], file: bytes, report: str) -> None:
    """Where no mark can join lines, each line with an order number behind the first row is told of."""
    if b'"' in file or not rows:
        return
    told, first = {row.line for row in rows}, rows[0].line
    readings = zip(*(text.split("\n") for text in _texts(file)), strict=True)
    for number, lines in enumerate(readings, start=1):
        if number > first and all(_is_data(line, report) for line in lines):
            assert number in told


def _is_data(line: str, report: str) -> bool:
    """Whether a line has an order number and names no column, as a header does that comes again."""
    return ORDER_ID.search(line) is not None and not any(
        header._squeezed(cell) in header._fields(report) for cell in _SEPARATORS.split(line)
    )


def _texts(file: bytes) -> Iterator[str]:
    """The file as text, in each encoding that it may have."""
    wide = file.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    for encoding in ("utf-16",) if wide else _ENCODINGS:
        yield file.decode(encoding, "replace").removeprefix("\ufeff")
