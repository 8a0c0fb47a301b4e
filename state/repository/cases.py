"""Cases, their answers and the record of what happened to them."""

from __future__ import annotations

from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, func, or_, select, true

from state import tables
from state.model import Answer, AnswerSource, Case, CaseState
from state.repository.records import case_of, case_values, change, insert, insert_all

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from sqlalchemy import Connection, Select

_CASES = select(tables.case).order_by(tables.case.c.id)
_CASE = _CASES.where(tables.case.c.id == bindparam("case_id"))
_CASES_NUMBERED = _CASES.where(tables.case.c.id.in_(bindparam("case_ids", expanding=True)))
_CASES_IN_STATE = _CASES.where(tables.case.c.state.in_(bindparam("states", expanding=True)))
_CASES_OF_BUYERS = _CASES.where(tables.case.c.buyer_key.in_(bindparam("buyer_keys", expanding=True)))
_CASES_ANSWERED_BEFORE = _CASES.where(
    tables.case.c.state == CaseState.ANSWERED, tables.case.c.answered_at < bindparam("at")
)
_WITH_ORDER = select(tables.case_order.c.case_id).where(
    tables.case_order.c.order_id.in_(bindparam("order_ids", expanding=True))
)
# Nothing equals NULL and nothing is in an empty list, so what is not known finds nothing.
_CASES_RELATED = _CASES.where(
    or_(
        tables.case.c.case_key == bindparam("case_key"),
        tables.case.c.buyer_key == bindparam("buyer_key"),
        tables.case.c.id.in_(_WITH_ORDER),
    )
)
_KEYS = (tables.case.c.case_key, tables.case.c.buyer_key, tables.case_order.c.order_id)
"""What cases are found by."""

_HELD = {
    column.name: select(column).where(column.in_(bindparam("values", expanding=True))) for column in _KEYS
}
_LENGTHS = {column.name: column.type.length for column in _KEYS if isinstance(column.type, tables.Line)}
_ORDERS = (
    select(tables.case_order)
    .where(tables.case_order.c.case_id.in_(bindparam("case_ids", expanding=True)))
    .order_by(tables.case_order.c.order_id)
)
_ANSWERS = (
    select(tables.answer).where(tables.answer.c.case_id == bindparam("case_id")).order_by(tables.answer.c.at)
)
_NEWEST_ANSWER = select(func.max(tables.answer.c.id)).where(
    tables.answer.c.case_id == bindparam("case_id"), tables.answer.c.withdrawn_at.is_(None)
)
_EVENTS = (
    select(tables.event.c.at, tables.event.c.action, tables.event.c.detail)
    .where(tables.event.c.case_id == bindparam("case_id"))
    .order_by(tables.event.c.id)
)


class Cases:
    """The cases of the shop.

    A key that no case had when `foresee` asked is new until it is stored here: no other transaction writes
    while this one may.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._new: set[tuple[str, str]] = set()

    def open(self, case: Case) -> Case:
        """Store a new case and give it its number."""
        self._new -= _keys(case.case_key, case.buyer_key)
        stored = replace(case, id=insert(self._connection, tables.case, case_values(case)))
        self._bind(stored.id, dict.fromkeys(case.order_ids))
        return stored

    def add_orders(self, case_id: int, order_ids: Iterable[str]) -> None:
        """Bind orders to a case; those it has already are left alone."""
        known = set(self._orders_of([case_id]).get(case_id, ()))
        self._bind(case_id, (order_id for order_id in dict.fromkeys(order_ids) if order_id not in known))

    def change(self, case_id: int, **columns: Any) -> None:
        """Set columns of one case."""
        self._new -= _keys(columns.get("case_key"), columns.get("buyer_key"))
        change(self._connection, tables.case.c.id, case_id, columns)

    def get(self, case_id: int) -> Case | None:
        """One case by its number."""
        return next(iter(self._select(_CASE, case_id=case_id)), None)

    def related(
        self, *, case_key: str | None, buyer_key: str | None, order_ids: Sequence[str]
    ) -> tuple[Case, ...]:
        """Every case that shares the conversation, the buyer or an order; what `match` chooses from."""
        if _keys(case_key, buyer_key, order_ids) <= self._new:
            return ()
        return self._select(_CASES_RELATED, case_key=case_key, buyer_key=buyer_key, order_ids=list(order_ids))

    def foresee(self, sought: Iterable[tuple[str | None, str | None, Sequence[str]]]) -> None:
        """Ask at once which keys are new, so that `related` need not ask for each mail of a new buyer.

        Args:
            sought: the arguments of `related` for each.
        """
        asked: dict[str, set[str]] = {}
        for name, key in chain.from_iterable(_keys(*one) for one in sought):
            asked.setdefault(name, set()).add(key)
        for name, keys in asked.items():
            held = self._connection.execute(_HELD[name], {"values": sorted(keys)}).scalars()
            self._new.update((name, key) for key in keys.difference(held))

    def with_buyer(self, buyer_keys: Sequence[str]) -> tuple[Case, ...]:
        """Every case of these buyers."""
        return self._select(_CASES_OF_BUYERS, buyer_keys=list(buyer_keys)) if buyer_keys else ()

    def with_orders(self, order_ids: Sequence[str]) -> tuple[Case, ...]:
        """Every case that names one of these orders."""
        return self.related(case_key=None, buyer_key=None, order_ids=order_ids) if order_ids else ()

    def in_state(self, *states: CaseState) -> tuple[Case, ...]:
        """Every case in one of these states, oldest first."""
        return self._select(_CASES_IN_STATE, states=list(states))

    def latest(self, limit: int) -> tuple[Case, ...]:
        """The newest cases of any state, newest first."""
        found = self._connection.execute(
            select(tables.case.c.id).order_by(tables.case.c.id.desc()).limit(limit)
        )
        return tuple(reversed(self._select(_CASES_NUMBERED, case_ids=[row.id for row in found])))

    def numbered(self, case_ids: Sequence[int]) -> tuple[Case, ...]:
        """The cases with these numbers, oldest first."""
        return self._select(_CASES_NUMBERED, case_ids=list(case_ids)) if case_ids else ()

    def answered_before(self, at: datetime) -> tuple[Case, ...]:
        """Answered cases whose answer is older than an instant."""
        return self._select(_CASES_ANSWERED_BEFORE, at=at)

    def _bind(self, case_id: int, order_ids: Iterable[str]) -> None:
        fresh = list(order_ids)
        self._new -= _keys(None, None, fresh)
        rows = [{"case_id": case_id, "order_id": order_id} for order_id in fresh]
        insert_all(self._connection, tables.case_order, rows)

    def _select(self, query: Select[Any], **sought: Any) -> tuple[Case, ...]:
        rows = self._connection.execute(query, sought).all()
        orders = self._orders_of([row.id for row in rows])
        return tuple(case_of(row, orders.get(row.id, ())) for row in rows)

    def _orders_of(self, case_ids: Sequence[int]) -> dict[int, tuple[str, ...]]:
        if not case_ids:
            return {}
        found: dict[int, tuple[str, ...]] = {}
        for row in self._connection.execute(_ORDERS, {"case_ids": list(case_ids)}):
            found[row.case_id] = (*found.get(row.case_id, ()), row.order_id)
        return found


def _keys(case_key: str | None, buyer_key: str | None, order_ids: Sequence[str] = ()) -> set[tuple[str, str]]:
    """Column and value of each key that is given, as the database keeps it."""
    given = (("case_key", case_key), ("buyer_key", buyer_key), *(("order_id", one) for one in order_ids))
    return {(name, tables.fit(key, _LENGTHS[name])) for name, key in given if key is not None}


class Answers:
    """What persons sent or decided; withdrawn if it did not reach the buyer."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def record(
        self, case_id: int, answer: Answer, *, reference: str, text_print: str, recorded_at: datetime
    ) -> bool:
        """Store an answer once; False if this reference is known already."""
        known = self._connection.execute(
            select(tables.answer.c.id).where(tables.answer.c.reference == reference)
        ).first()
        if known is not None:
            return False
        values = {"case_id": case_id, "at": answer.at, "source": answer.source, "reference": reference}
        values |= {"text_print": text_print, "recorded_at": recorded_at}
        values |= {"withdrawn_at": recorded_at if answer.withdrawn else None, "last_seen": answer.last_seen}
        self._connection.execute(tables.answer.insert().values(**values))
        return True

    def of_case(self, case_id: int) -> tuple[Answer, ...]:
        """Every answer of a case, withdrawn ones too."""
        return tuple(
            Answer(row.at, AnswerSource(row.source), row.withdrawn_at is not None, row.last_seen)
            for row in self._connection.execute(_ANSWERS, {"case_id": case_id})
        )

    def newest(self, case_id: int) -> int:
        """Number of the newest answer of a case that was not withdrawn; 0 if there is none."""
        return self._connection.execute(_NEWEST_ANSWER, {"case_id": case_id}).scalar() or 0

    def last_to_buyer(self, buyer_key: str) -> datetime | None:
        """When a person last answered this buyer on any case, as far as the buyer got it.

        Saying that no reply is needed is no answer to anybody.
        """
        columns = tables.answer.c
        query = (
            select(func.max(columns.at))
            .join(tables.case, tables.case.c.id == columns.case_id)
            .where(tables.case.c.buyer_key == buyer_key, columns.withdrawn_at.is_(None))
            .where(columns.source != AnswerSource.NO_REPLY_NEEDED)
        )
        found: datetime | None = self._connection.execute(query).scalar()
        return found

    def prints_of_case(self, case_id: int) -> tuple[str, ...]:
        """The texts that persons sent on a case, as they are compared with Amazon's copies."""
        query = select(tables.answer.c.text_print).where(
            tables.answer.c.case_id == case_id, tables.answer.c.text_print != ""
        )
        return tuple(self._connection.execute(query).scalars())

    def cases_of_references(self, references: Sequence[str]) -> tuple[int, ...]:
        """The cases that these mails answered."""
        query = select(tables.answer.c.case_id).where(tables.answer.c.reference.in_(references))
        return tuple(dict.fromkeys(self._connection.execute(query).scalars()))

    def withdraw_last(self, case_id: int, at: datetime, *, given_by: datetime | None = None) -> bool:
        """Take back the last answer that was to reach the buyer; False if there is none.

        Args:
            case_id: the case.
            at: when it turned out.
            given_by: only answers up to this instant are meant; None means any.
        """
        query = (
            select(tables.answer.c.id)
            .where(tables.answer.c.case_id == case_id, tables.answer.c.withdrawn_at.is_(None))
            .where(tables.answer.c.source != AnswerSource.NO_REPLY_NEEDED)
            .where(true() if given_by is None else tables.answer.c.at <= given_by)
            .order_by(tables.answer.c.at.desc(), tables.answer.c.id.desc())
        )
        found = self._connection.execute(query).scalars().first()
        if found is None:
            return False
        change = tables.answer.update().where(tables.answer.c.id == found)
        self._connection.execute(change.values(withdrawn_at=at))
        return True


class Events:
    """What happened to a case and why, for the person who asks later; written together at the commit."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._waiting: list[dict[str, Any]] = []

    def note(self, case_id: int, action: str, at: datetime, detail: str = "") -> None:
        """Add a line to the record of a case; never the buyer's words."""
        self._waiting.append({"case_id": case_id, "at": at, "action": action, "detail": detail})

    def flush(self) -> None:
        """Write what was noted."""
        insert_all(self._connection, tables.event, self._waiting)
        self._waiting = []

    def of_case(self, case_id: int) -> tuple[tuple[datetime, str, str], ...]:
        """Instant, action and detail, oldest first."""
        self.flush()
        rows = self._connection.execute(_EVENTS, {"case_id": case_id})
        return tuple((row.at, row.action, row.detail) for row in rows)
