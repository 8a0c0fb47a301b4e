"""Ratings, telephone calls, steps and lessons: what comes after, and beside, the mail of a case."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, func, select

from state import tables
from state.calls import Call
from state.lessons import Cause, Lesson
from state.model import CaseState
from state.ratings import ERASED, Rating, RatingSource, erased_key
from state.repository.records import change, dicts, insert
from state.steps import Matter, Step

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date, datetime

    from sqlalchemy import Connection, Select

_RATING = tables.feedback.c
_CALL = tables.telephone_call.c
_STEP = tables.case_step.c
_LESSON = tables.lesson.c
_CALLS = select(*(column for column in _CALL if column.name != "noted_at"))

_STEPS = (
    select(*(column for column in _STEP if column.name != "noted_at"))
    .where(_STEP.case_id.in_(bindparam("case_ids", expanding=True)))
    .order_by(_STEP.id)
)
_STEPS_OF_MATTER = _STEPS.where(_STEP.matter == bindparam("sought_matter"))


class Ratings:
    """The ratings of the seller."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, rating: Rating, at: datetime) -> Rating:
        """Store a rating that `with_key` does not know, and give it its number."""
        values = {
            "key": rating.key,
            "order_id": rating.order_id,
            "case_id": rating.case_id,
            "rating": rating.rating,
            "rated_on": rating.rated_on,
            "comment": rating.comment,
            "response": rating.response,
            "rater_print": rating.rater_print,
            "source": rating.source,
            "noted_at": at,
        }
        number = insert(self._connection, tables.feedback, values)
        return self._select(select(tables.feedback).where(_RATING.id == number))[0]

    def change(self, rating_id: int, **columns: Any) -> None:
        """Set columns of one rating; its key stays, and one whose buyer was erased stays as it is."""
        kept = (_RATING.id == rating_id) & ~_RATING.key.startswith(ERASED)
        self._connection.execute(tables.feedback.update().where(kept).values(**columns))

    def with_keys(self, keys: Sequence[str]) -> dict[str, Rating]:
        """The ratings that are known by these keys, erased ones too, of which little more is known."""
        asked = {form: key for key in keys for form in (key, erased_key(key))}
        rows = dicts(self._connection.execute(select(tables.feedback).where(_RATING.key.in_(list(asked)))))
        return {asked[row["key"]]: _rating(row) for row in rows}

    def of_case(self, case_id: int) -> tuple[Rating, ...]:
        """The ratings of a case, oldest first."""
        return self._select(select(tables.feedback).where(_RATING.case_id == case_id))

    def all(self, *, since: date | None = None) -> tuple[Rating, ...]:
        """Every rating, oldest first; with `since` those rated on that local date or later."""
        query = select(tables.feedback)
        return self._select(query if since is None else query.where(_RATING.rated_on >= since))

    def _select(self, query: Select[Any]) -> tuple[Rating, ...]:
        rows = dicts(self._connection.execute(query.order_by(_RATING.id)))
        return tuple(_rating(row) for row in rows)


def _rating(row: dict[str, Any]) -> Rating:
    values = {name: value for name, value in row.items() if name not in {"key", "source"}}
    return Rating(source=RatingSource(row["source"]), **values)


class Calls:
    """The telephone log."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, call: Call, at: datetime) -> int:
        """Store a call and tell its number."""
        names = ("case_id", "called_at", "caller", "wishes", "number", "address", "hours", "promised_by")
        values = {name: getattr(call, name) for name in names}
        return insert(self._connection, tables.telephone_call, values | {"noted_at": at})

    def of_case(self, case_id: int) -> tuple[Call, ...]:
        """The calls of a case, oldest first."""
        return self._select(_CALLS.where(_CALL.case_id == case_id))

    def all(self) -> tuple[Call, ...]:
        """Every call, oldest first."""
        return self._select(_CALLS)

    def forget_before(self, at: datetime) -> None:
        """Empty the calls of closed cases that were noted before an instant; that they came stays known."""
        closed = select(tables.case.c.id).where(tables.case.c.state == CaseState.CLOSED)
        old = (_CALL.noted_at < at) & _CALL.case_id.in_(closed)
        nothing = dict.fromkeys(("caller", "wishes", "number", "address", "hours"), "")
        self._connection.execute(tables.telephone_call.update().where(old).values(**nothing))

    def _select(self, query: Select[Any]) -> tuple[Call, ...]:
        return tuple(Call(**row) for row in dicts(self._connection.execute(query.order_by(_CALL.id))))


class Steps:
    """What people did for the cases."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, step: Step, at: datetime) -> None:
        """Record a step."""
        names = ("case_id", "matter", "word", "done_on", "detail")
        values = {name: getattr(step, name) for name in names}
        insert(self._connection, tables.case_step, values | {"noted_at": at})

    def of_case(self, case_id: int, matter: Matter | None = None) -> tuple[Step, ...]:
        """The steps of a case, or of one matter of it, oldest first."""
        return self.of_cases([case_id], matter)

    def of_cases(self, case_ids: Iterable[int], matter: Matter | None = None) -> tuple[Step, ...]:
        """The steps of several cases, oldest first."""
        sought: dict[str, Any] = {"case_ids": list(case_ids)}
        if matter is None:
            rows = dicts(self._connection.execute(_STEPS, sought))
        else:
            rows = dicts(self._connection.execute(_STEPS_OF_MATTER, sought | {"sought_matter": matter}))
        return tuple(Step(**row | {"matter": Matter(row["matter"])}) for row in rows)

    def cases_with(self, matter: Matter, since: datetime) -> frozenset[int]:
        """The cases for which a step of a matter was recorded since then."""
        query = select(_STEP.case_id).where(_STEP.matter == matter, _STEP.noted_at >= since)
        return frozenset(self._connection.execute(query).scalars())


class Lessons:
    """Causes and preventions."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def note(self, lesson: Lesson) -> None:
        """Write down a lesson, in the place of an earlier one of the same case."""
        values = {"cause": lesson.cause, "prevention": lesson.prevention, "noted_at": lesson.noted_at}
        if not change(self._connection, _LESSON.case_id, lesson.case_id, values):
            insert(self._connection, tables.lesson, values | {"case_id": lesson.case_id})

    def of_cases(self, case_ids: Iterable[int]) -> dict[int, Lesson]:
        """The lessons of these cases by their numbers."""
        return self._select(select(tables.lesson).where(_LESSON.case_id.in_(list(case_ids))))

    def all(self) -> dict[int, Lesson]:
        """Every lesson by the number of its case, in the order in which they were noted."""
        return self._select(select(tables.lesson))

    def _select(self, query: Select[Any]) -> dict[int, Lesson]:
        rows = dicts(self._connection.execute(query.order_by(_LESSON.noted_at, _LESSON.case_id)))
        return {row["case_id"]: Lesson(**row | {"cause": Cause(row["cause"])}) for row in rows}


class Imports:
    """When which report was imported, and what it held."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def note(self, report: str, at: datetime, *, read: int, taken: int, faulty: int) -> None:
        """Record an import.

        Args:
            report: which one, such as ``orders``.
            at: when, in UTC.
            read: lines that were read.
            taken: those that told something new.
            faulty: those that could not be used.
        """
        values = {"report": report, "imported_at": at, "read": read, "taken": taken, "faulty": faulty}
        insert(self._connection, tables.report_import, values)

    def newest(self, report: str) -> datetime | None:
        """When that report was last imported, in UTC; None if never."""
        imports = tables.report_import.c
        found: datetime | None = self._connection.execute(
            select(func.max(imports.imported_at)).where(imports.report == report)
        ).scalar()
        return found
