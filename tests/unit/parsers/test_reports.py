"""Reports of Seller Central: what is read of a line, what is wrong with one, and that no file does harm."""

from __future__ import annotations

import tracemalloc
from dataclasses import replace
from datetime import date
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.reports.decoding import LONGEST_LINE
from parsers.reports.faults import Fault, Reason, WrongReport
from parsers.reports.feedback import FeedbackLine, read_feedback
from parsers.reports.orders import OrderLine, read_orders
from parsers.rules import load_rules
from parsers.values import Fulfilment

ZONE = ZoneInfo("Asia/Tokyo")
ORDER = "250-1234567-1234567"
OTHER = "250-7654321-7654321"
HEADERS = (
    "amazon-order-id", "order-item-id", "purchase-date", "ship-date", "sku", "asin", "product-name",
    "quantity-purchased", "currency", "item-price", "item-tax", "shipping-price", "shipping-tax",
    "fulfillment-channel", "buyer-email", "ship-city",
)  # fmt: skip
CELLS = (
    ORDER, "05835637773451", "2026-11-19T18:54:21+00:00", "2026-11-21T09:00:00+09:00", "SKU-1", "B000000001",
    "充電式ランタン", "2", "JPY", "3980", "0", "600", "0", "Merchant", "abc@marketplace.amazon.co.jp", "x",
)  # fmt: skip
LINE = OrderLine(
    2, ORDER, "05835637773451", "SKU-1", "B000000001", "充電式ランタン", 2, 3980, 600, "JPY", Fulfilment.OWN,
    date(2026, 11, 20), date(2026, 11, 21), "abc@marketplace.amazon.co.jp",
)  # fmt: skip
JAPANESE = (
    "注文番号",
    "購入日",
    "出荷日",
    "商品名",
    "数量",
    "商品の価格",
    "通貨",
    "フルフィルメント チャネル",
)
RATED = ("Date", "Rating", "Comments", "Your Response", "Order ID", "Rater Email")


def report(*rows, headers=HEADERS, separator="\t", end="\n"):
    """A file as text."""
    return "".join(separator.join(row) + end for row in (headers, *rows))


def changed(**cells):
    """The ordinary line with some cells of another content, by their headers with _ for -."""
    values = dict(zip(HEADERS, CELLS, strict=True)) | {
        name.replace("_", "-"): cell for name, cell in cells.items()
    }
    return tuple(values.values())


def orders(text, encoding="utf-8", size=None):
    """What is read of a report of orders, which comes in pieces of a size."""
    content = text if isinstance(text, bytes) else text.encode(encoding)
    step = size or len(content) or 1
    return list(read_orders((content[at : at + step] for at in range(0, len(content), step)), ZONE))


def ratings(*rows, headers=RATED, encoding="utf-8"):
    """What is read of a feedback report."""
    return list(read_feedback([report(*rows, headers=headers).encode(encoding)], ZONE))


def reasons(*rows):
    """What is wrong with lines of a report of orders."""
    return [(one.reason, one.column) for one in orders(report(*rows)) if isinstance(one, Fault)]


# Encodings and forms


@pytest.mark.parametrize("size", [1, 7, None])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932", "utf-16", "utf-16-be"])
def test_every_usual_encoding_is_told_by_the_file(encoding, size):
    """With a mark or without one, wherever the file is cut."""
    text = report(CELLS)
    marked = "\ufeff" + text if encoding == "utf-16-be" else text
    assert orders(marked, encoding, size) == [LINE]


@pytest.mark.parametrize("encoding", ["utf-8", "cp932"])
def test_the_encoding_may_show_late(encoding):
    """Hundreds of plain lines come first; the first that is not plain decides."""
    plain = [changed(product_name="lantern")] * 1000
    assert orders(report(*plain, CELLS), encoding, 60_000)[-1].title == "充電式ランタン"


def test_signs_that_cannot_be_read_cost_no_line():
    """A damaged title is a title with a sign that says so."""
    content = report(CELLS, CELLS).encode() + report(CELLS).encode().replace("充".encode(), b"\xff")
    assert [one.title[:2] for one in orders(content)] == ["充電", "充電", "\ufffd電"]


def test_japanese_headers_commas_and_marks_are_understood():
    """A table program wrote it: commas, marks around cells, carriage returns, a title above, no tax."""
    row = (f'"{ORDER}"', "2026年11月20日", "", '"箱, ""大"""', "１", '"￥1,980"', "", "Amazon")
    text = "注文レポート\r\n\r\n" + report(row, headers=JAPANESE, separator=",", end="\r\n")
    (line,) = orders(text, "cp932")
    assert (line.line, line.title, line.quantity, line.price) == (4, '箱, "大"', 1, 1980)
    assert (line.currency, line.fulfilment, line.ordered_on) == ("JPY", Fulfilment.FBA, date(2026, 11, 20))
    assert (line.shipped_on, line.sku, line.buyer) == (None, None, None)


@pytest.mark.parametrize(
    "title", ['24" monitor', '"quoted" first', 'ends with "', '"', '""', 'a "b', "=1+1", "@x"]
)
def test_marks_and_formulas_in_titles_are_text(title):
    """Amazon writes fields as they are; no mark swallows what follows, and nothing is calculated."""
    first, second = orders(report(changed(product_name=title), CELLS))
    assert first.title == (title if title != '""' else None)
    assert second == replace(LINE, line=3)


def test_a_cell_may_span_lines_but_swallows_no_line_that_stands_for_itself():
    """A comment with line ends is one comment; where no mark closes it, one line is lost and no other."""
    good = ("2026/11/20", "1", "x", "", ORDER, "")
    spanning = ("2026/11/20", "1", '"届か\nない ""ので""\n困る"', "", OTHER, "")
    first, second = ratings(spanning, good)
    assert (first.comment, first.line, second.line) == ('届か\nない "ので"\n困る', 2, 5)
    broken = (
        report(good, headers=RATED).encode()
        + '2026/11/20\t1\t"届か\n'.encode()
        + b"\t".join(cell.encode() for cell in good)
    )
    assert [one.line for one in read_feedback([broken], ZONE)] == [2, 3, 4]


def test_two_reports_put_together_are_read():
    """A header that comes again is no line, also where it has other columns."""
    other = report((OTHER, "x", "2026/11/20"), headers=("amazon-order-id", "sku", "purchase-date"))
    text = report(CELLS) + report(CELLS) + "\n" + other
    assert [one.order_id for one in orders(text)] == [ORDER, ORDER, OTHER]


# Whole files that are wrong


@pytest.mark.parametrize(
    "content", [b"", b"\n\n", b"\xef\xbb\xbf", b"\0" * 5000, b"a\tb\n1\t2\n", b"\xff\xfe"]
)
def test_a_file_without_a_header_is_one_clear_error(content):
    """It says what was sought, in both languages."""
    with pytest.raises(WrongReport) as caught:
        orders(content)
    (needed, _) = caught.value.sought
    assert {"amazon-order-id", "order-id", "注文番号"} <= set(needed)


def test_a_wrong_file_shows_names_of_columns_and_nobodys_data():
    """The feedback report is no report of orders; a file without header shows no name and no address."""
    with pytest.raises(WrongReport) as caught:
        orders(
            report(("2026/11/20", "1", "酷い", "", ORDER, "a@b.example"), headers=("Date", "Rating", "Name"))
        )
    assert (caught.value.found, caught.value.others) == (("Date", "Rating"), 1)
    with pytest.raises(WrongReport) as caught:
        orders(f"{ORDER}\t山田 太郎\t東京都\ta@b.example\n")
    assert (caught.value.found, caught.value.others) == ((), 4)
    assert "山田" not in str(caught.value)


# Lines that are wrong


@pytest.mark.parametrize(
    ("cells", "reason", "column"),
    [
        ({"amazon_order_id": ""}, Reason.MISSING, "order_id"),
        ({"amazon_order_id": "250-1"}, Reason.ORDER_ID, "order_id"),
        ({"purchase_date": "11/12/2026"}, Reason.DATE, "ordered_on"),
        ({"purchase_date": "2026-02-30"}, Reason.DATE, "ordered_on"),
        ({"purchase_date": "2026-11-20T25:00:00+00:00"}, Reason.DATE, "ordered_on"),
        ({"ship_date": "9999-12-31T23:59:59-12:00"}, Reason.DATE, "shipped_on"),
        ({"ship_date": "soon"}, Reason.DATE, "shipped_on"),
        ({"item_price": "1,98"}, Reason.AMOUNT, "price"),
        ({"item_price": "-100"}, Reason.AMOUNT, "price"),
        ({"item_price": "1980.5"}, Reason.AMOUNT, "price"),
        ({"shipping_price": "12 34"}, Reason.AMOUNT, "shipping"),
        ({"item_price": "9" * 14}, Reason.AMOUNT, "price"),
        ({"currency": "USD", "item_price": "1.234"}, Reason.AMOUNT, "price"),
        ({"currency": ""}, Reason.CURRENCY, "currency"),
        ({"currency": "円です"}, Reason.CURRENCY, "currency"),
        ({"quantity_purchased": "1.5"}, Reason.QUANTITY, "quantity"),
        ({"product_name": "x\0y"}, Reason.CONTROL, ""),
        ({"product_name": "x\ty"}, Reason.COLUMNS, ""),
        ({"product_name": "x" * (LONGEST_LINE + 1)}, Reason.TOO_LONG, ""),
        ({"product_name": "x" * 1_000_000}, Reason.TOO_LONG, ""),
    ],
)
def test_a_bad_line_is_named_and_the_rest_is_read(cells, reason, column):
    """Its number and reason, and nothing that it says."""
    rows = (CELLS, changed(**cells), CELLS)
    first, fault, last = orders(report(*rows), size=50_000)
    assert fault == Fault(3, reason, column)
    assert (first, last) == (LINE, replace(LINE, line=4))


def test_a_line_that_was_cut_is_not_believed():
    """Half a price is another price; only columns behind the known ones may be missing."""
    whole = "\t".join(CELLS)
    text = report(CELLS) + whole[: whole.index("3980") + 2] + "\n" + "\t".join(CELLS[:-1])
    assert orders(text)[1:] == [Fault(3, Reason.COLUMNS), Fault(4, Reason.COLUMNS)]
    spare = report((*CELLS, "y", "z"), CELLS, headers=(*HEADERS, "ship-state", "is-prime"))
    assert [one.line for one in orders(spare) if isinstance(one, OrderLine)] == [2, 3]


def test_columns_of_one_name_must_agree():
    """Nobody can tell which of two prices was paid."""
    headers = (*HEADERS, "item-price")
    text = report((*CELLS, "3980"), (*CELLS, "1"), headers=headers)
    assert orders(text) == [LINE, Fault(3, Reason.AMBIGUOUS, "price")]


# Cells


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("2026-11-19T15:00:00+00:00", date(2026, 11, 20)),
        ("2026-11-19T14:59:59Z", date(2026, 11, 19)),
        ("2026-11-19 23:30:00 PST", date(2026, 11, 20)),
        ("2026/11/20", date(2026, 11, 20)),
        ("2026/11/20 9:05", date(2026, 11, 20)),
        ("２０２６/１１/２０ 10:00:00 JST", date(2026, 11, 20)),
        ("2026年11月20日", date(2026, 11, 20)),
        ("11/20/2026", date(2026, 11, 20)),
        ("20/11/2026", date(2026, 11, 20)),
        ("11/11/2026", date(2026, 11, 11)),
        ("20.11.2026", date(2026, 11, 20)),
        ("Nov 20, 2026", date(2026, 11, 20)),
    ],
)
def test_a_clear_day_is_the_shops_local_date(written, day):
    """A moment is carried over into the shop's zone; a day is taken as it is written."""
    (line,) = orders(report(changed(purchase_date=written)))
    assert line.ordered_on == day


@pytest.mark.parametrize(
    ("currency", "written", "amount"),
    [
        ("JPY", "1980", 1980),
        ("JPY", "￥１，９８０", 1980),
        ("JPY", "1,980円", 1980),
        ("JPY", "1980.00", 1980),
        ("jpy", "\\1,980", 1980),
        ("", "¥1,980", 1980),
        ("EUR", "19.8", 1980),
        ("EUR", "1.234,50", 123450),
        ("EUR", "€ 19,80", 1980),
        ("GBP", "£1,234.5", 123450),
        ("JPY", "", None),
        ("", "", None),
    ],
)
def test_amounts_are_whole_numbers_of_the_smallest_unit(currency, written, amount):
    """Yen have no decimals, the others two; separators and signs in any width are understood."""
    (line,) = orders(report(changed(currency=currency, item_price=written, item_tax="", shipping_price="")))
    assert (line.price, line.shipping) == (amount, None)


def test_tax_is_added_only_where_it_stands_apart():
    """In America it does; a yen price contains it, and what was paid must not be overstated."""
    taxed = {"item_price": "10.00", "item_tax": "0.80", "shipping_price": "5.00", "shipping_tax": "0.40"}
    (line,) = orders(report(changed(currency="USD", **taxed)))
    assert (line.price, line.shipping) == (1080, 540)
    (line,) = orders(report(changed(item_tax="361")))
    assert line.price == 3980


@pytest.mark.parametrize(
    ("word", "way"),
    [("Amazon", "fba"), ("AFN", "fba"), ("MFN", "own"), ("出品者", "own"), ("", None), ("who knows", None)],
)
def test_only_known_words_say_who_ships(word, way):
    """Anything else says nothing."""
    (line,) = orders(report(changed(fulfillment_channel=word)))
    assert line.fulfilment == way


def test_lines_without_a_number_are_named_by_what_was_ordered():
    """Two different lines of one thing are two; the same line told twice is one, here and the next time."""
    headers = ("order-id", "sku", "asin", "product-name", "quantity", "x")
    rows = [(ORDER, "S", "", "", "1"), (ORDER, "S", "", "", "2"), (ORDER, "S", "", "", "1")]
    rows += [(ORDER, "", "B000000001", "", "1"), (ORDER, "", "not one", "箱", "1"), (OTHER, "S", "", "", "2")]
    read = orders(report(*((*row, "x") for row in rows), headers=headers))
    assert [one.key for one in read[:4]] == ["sku:S", "sku:S#2", "sku:S", "asin:B000000001"]
    assert (read[4].key[:6], read[4].asin, read[5].key) == ("title:", None, "sku:S")


def test_long_and_wide_cells_are_made_to_fit():
    """A number in full width is the number; a title or an SKU is cut, and signs that nobody sees go."""
    wide = str.maketrans("0123456789-", "０１２３４５６７８９－")
    (line,) = orders(
        report(changed(amazon_order_id=ORDER.translate(wide), product_name="\x1b箱" * 999, sku="x" * 999))
    )
    assert (line.order_id, len(line.title), line.title[:3], len(line.sku)) == (ORDER, 500, "箱 箱", 120)


def test_commas_with_odd_signs_cost_one_line_at_most():
    """A carriage return outside of marks is a fault; a vertical tab is a blank."""
    rows = [(ORDER, "a\rb", "1"), (ORDER, "a\x0bb", "1"), (ORDER, '"a\x0bb', "1"), (ORDER, "ab", "1")]
    read = orders(report(*rows, headers=("order-id", "product-name", "quantity"), separator=","))
    assert [getattr(one, "title", None) for one in read] == [None, "a b", None, "ab"]


def test_parcels_of_one_line_are_lines():
    """FBA tells of each shipment; together they are what was bought."""
    headers = ("amazon-order-id", "amazon-order-item-id", "shipment-item-id", "sku", "quantity-shipped")
    read = orders(report((ORDER, "1", "a", "S", "1"), (ORDER, "1", "b", "S", "1"), headers=headers))
    assert [one.key for one in read] == ["1/a", "1/b"]


def test_neither_fault_nor_line_shows_a_buyers_words():
    """Whatever is logged of them, no name, address or text is in it."""
    shown = repr(
        [*orders(report(CELLS)), *ratings(("2026/11/20", "1", "酷い", "失礼", ORDER, "a@b.example"))]
    )
    assert not any(word in shown for word in ("ランタン", "marketplace", "酷い", "失礼", "a@b"))


# Ratings


@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp932"])
@pytest.mark.parametrize("headers", [RATED, ("日付", "評価", "コメント", "回答", "注文番号", "評価者")])
def test_the_feedback_report_is_read_in_both_languages(headers, encoding):
    """Every column, and only those with a clear rating and a clear day."""
    row = ("2026/11/20", "2", "箱が\x0bつぶれて", "申し訳ございません", ORDER, "a@b.example")
    bare = ("2026-11-20", "★★★★★", "", "", "", "")
    wrong = [("2026/11/20", "6", *row[2:]), ("", *row[1:]), ("11/12/2026", *row[1:]), (*row[:4], "250-1", "")]
    read = ratings(row, bare, *wrong, headers=headers, encoding=encoding)
    told = FeedbackLine(
        2, date(2026, 11, 20), 2, ORDER, "箱が\nつぶれて", "申し訳ございません", "a@b.example"
    )
    assert read[:2] == [told, FeedbackLine(3, date(2026, 11, 20), 5)]
    assert [(one.reason, one.column) for one in read[2:]] == [
        (Reason.RATING, "rating"),
        (Reason.MISSING, "date"),
        (Reason.DATE, "date"),
        (Reason.ORDER_ID, "order_id"),
    ]


# No file does harm


@given(st.lists(st.binary(max_size=400), max_size=6), st.booleans())
def test_no_bytes_raise(pieces, with_header):
    """Anything but a missing header is a line or a fault."""
    first = [report(CELLS).encode()] if with_header else []
    for read in (read_orders, read_feedback):
        try:
            list(read([*first, *pieces], ZONE))
        except WrongReport:
            assert read is read_feedback or not with_header


@given(st.lists(st.text(max_size=30), min_size=len(HEADERS), max_size=len(HEADERS)))
def test_no_cells_raise(cells):
    """Whatever stands in known columns is read or named as a fault."""
    assert all(isinstance(one, OrderLine | Fault) for one in orders(report(tuple(cells)), "utf-8-sig"))


@pytest.mark.no_cover
def test_memory_does_not_grow_with_the_file():
    """20,000 lines pass through; only the piece at hand and the present line are kept."""
    row = ("\t".join(CELLS) + "\n").encode()
    pieces = (report().encode() if not at else row * 100 for at in range(201))
    tracemalloc.start()
    count = sum(1 for _ in read_orders(pieces, ZONE))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert count == 20_000
    assert peak < 2_000_000


def test_every_header_of_the_rules_belongs_to_one_field():
    """A name in two places would be read as whichever comes last."""
    for table in load_rules("reports").values():
        names = [name for row in table["column"] for name in row["headers"]]
        assert len(names) == len(set(names))
