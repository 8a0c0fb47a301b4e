"""Takes in what Seller Central exports: reports of orders, and the feedback report.

A report is taken in a few hundred lines at a time, each batch in a transaction of its own, so that the
service beside it never waits for long and what was taken stays taken. The same report again changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, TypeVar

from daemon.aftercare.buyer_prints import print_of
from daemon.aftercare.feedback import record
from daemon.errors import SokuresuError
from daemon.work import Work
from parsers.reports.faults import Fault, WrongReport
from parsers.reports.feedback import read_feedback
from parsers.reports.orders import read_orders
from state.ratings import Rating, RatingSource
from state.repository.orders import OrderFacts, OrderItem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from daemon.ports import Clock
    from daemon.shop import Shop
    from parsers.reports.feedback import FeedbackLine
    from parsers.reports.orders import OrderLine
    from state.unit_of_work import Database

BATCH = 500
"""Lines in one transaction."""

FAULTS_KEPT = 20
_Taken = TypeVar("_Taken")


class WrongFile(SokuresuError):  # noqa: N818 - reads as what it is
    """The file is not the report that was to be taken in; the sentence says what was sought and found."""


@dataclass(slots=True)
class Summary:
    """What became of a report's lines.

    Attributes:
        report: ``orders`` or ``feedback``.
        read: lines that were read, without the header and empty ones.
        taken: those that told something new.
        faulty: those that could not be used.
        faults: the first of them.
    """

    report: str
    read: int = 0
    taken: int = 0
    faulty: int = 0
    faults: list[Fault] = field(default_factory=list)

    @property
    def known(self) -> int:
        """Lines that told nothing new."""
        return self.read - self.taken - self.faulty

    def sort_out(self, batch: Sequence[_Taken | Fault]) -> list[_Taken]:
        """Count lines and leave aside the faulty ones."""
        faults = [one for one in batch if isinstance(one, Fault)]
        self.read += len(batch)
        self.faulty += len(faults)
        self.faults += faults[: FAULTS_KEPT - len(self.faults)]
        return [one for one in batch if not isinstance(one, Fault)]


def import_orders(
    database: Database,
    shop: Shop,
    clock: Clock,
    pieces: Iterable[bytes],
    *,
    key: bytes | None,
    on_progress: Callable[[int], None] = lambda _: None,
) -> Summary:
    """Take in a report of orders; of the buyer nothing is kept but a keyed digest.

    Args:
        database: the shop's.
        shop: the configuration.
        clock: the present.
        pieces: the file's bytes in their order, cut anywhere.
        key: see `daemon.aftercare.buyer_prints`; None if there is none, and then no buyer is recognised.
        on_progress: told after each batch how many lines were read.

    Raises:
        WrongFile: it is no report of orders.
    """
    rows = read_orders(pieces, shop.calendar.zone)
    return _import("orders", _Place(database, shop, clock), rows, partial(_take_orders, key), on_progress)


def import_feedback(
    database: Database,
    shop: Shop,
    clock: Clock,
    pieces: Iterable[bytes],
    *,
    key: bytes | None,
    on_progress: Callable[[int], None] = lambda _: None,
) -> Summary:
    """Take in a feedback report; a low rating that nobody knew opens a case, as when a notice tells of it.

    Args:
        database: the shop's.
        shop: the configuration.
        clock: the present.
        pieces: the file's bytes in their order, cut anywhere.
        key: as for orders.
        on_progress: told after each batch how many lines were read.

    Raises:
        WrongFile: it is no feedback report.
    """
    rows = read_feedback(pieces, shop.calendar.zone)
    return _import("feedback", _Place(database, shop, clock), rows, partial(_take_ratings, key), on_progress)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a report goes."""

    database: Database
    shop: Shop
    clock: Clock


def _import(
    report: str,
    place: _Place,
    rows: Iterator[_Taken | Fault],
    take: Callable[[Work, list[_Taken]], int],
    on_progress: Callable[[int], None],
) -> Summary:
    summary = Summary(report)
    while batch := _next(rows):
        lines = summary.sort_out(batch)
        with place.database.write() as uow:
            summary.taken += take(Work(uow, place.shop, place.clock.now()), lines)
            uow.commit()
        on_progress(summary.read)
    with place.database.write() as uow:
        counts = {"read": summary.read, "taken": summary.taken, "faulty": summary.faulty}
        uow.imports.note(report, place.clock.now(), **counts)
        uow.commit()
    return summary


def _next(rows: Iterator[_Taken | Fault]) -> list[_Taken | Fault]:
    """The next lines; none at the end.

    Raises:
        WrongFile: the report has no header.
    """
    try:
        return list(islice(rows, BATCH))
    except WrongReport as wrong:
        raise _wrong_file(wrong) from wrong


def _wrong_file(wrong: WrongReport) -> WrongFile:
    sought = " + ".join(" | ".join(names) for names in wrong.sought)
    more = f" (+{wrong.others})" if wrong.others else ""
    found = ", ".join(wrong.found) + more if wrong.found else f"—{more}"
    return WrongFile(
        "このレポートの見出し行が見つかりません。 / There is no header of this report.\n"
        f"  必要な列 / Columns needed: {sought}\n"
        f"  見つかった列 / Columns found: {found}"
    )


def _take_orders(key: bytes | None, work: Work, lines: list[OrderLine]) -> int:
    """Store the lines; tells how many told something new, each thing by the first line that told it."""
    orders = work.uow.orders.note_all((_facts(one, key) for one in lines), work.now)
    items = work.uow.orders.keep_items(map(_item, lines), work.now)
    of_order: dict[str, int] = {one.order_id: one.line for one in reversed(lines)}
    of_item: dict[tuple[str, str], int] = {(one.order_id, one.key): one.line for one in reversed(lines)}
    return len({of_order[order_id] for order_id in orders} | {of_item[name] for name in items})


def _facts(line: OrderLine, key: bytes | None) -> OrderFacts:
    return OrderFacts(
        line.order_id,
        line.fulfilment,
        ordered_on=line.ordered_on,
        shipped_on=line.shipped_on,
        currency=line.currency,
        buyer_print=print_of(line.buyer, key),
    )


def _item(line: OrderLine) -> OrderItem:
    return OrderItem(
        line.order_id, line.key, line.asin, line.sku, line.title, line.quantity, line.price, line.shipping
    )


def _take_ratings(key: bytes | None, work: Work, lines: list[FeedbackLine]) -> int:
    """Record the ratings; tells how many were new or had changed."""
    recorded = [record(work, _rating(one, key)) for one in lines]
    return sum(one.fresh or one.changed for one in recorded)


def _rating(line: FeedbackLine, key: bytes | None) -> Rating:
    return Rating(
        line.rating,
        RatingSource.REPORT,
        order_id=line.order_id,
        comment=line.comment,
        response=line.response,
        rated_on=line.rated_on,
        rater_print=print_of(line.rater, key),
    )
