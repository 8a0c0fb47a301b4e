"""Finds cases by what people remember of them, a page at a time, newest first."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, and_, exists, or_, select

from state import tables

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection, Select

_CASE = tables.case.c
_ORDER = tables.case_order.c
_MESSAGE = tables.message.c
_CALL = tables.telephone_call.c
_STEP = tables.case_step.c


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for; everything that is given has to hold.

    Attributes:
        terms: each stands somewhere in the case: its order, the buyer's name, subject, a message, a
            call or a note. Each is given in every form in which it may be written.
        number: of the one case that is meant; None is any.
        state: ``open``, ``answered`` or ``closed``; None is any.
        kind: what opened the case; None is any.
        since: opened at or after this instant.
        until: opened before this instant.
    """

    terms: tuple[tuple[str, ...], ...] = field(default=(), repr=False)
    number: int | None = None
    state: str | None = None
    kind: str | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """One page of what was found.

    Attributes:
        cases: their numbers, newest first.
        newer: there are newer ones before this page.
        older: there are older ones behind it.
    """

    cases: tuple[int, ...]
    newer: bool
    older: bool


class Search:
    """Looks through all cases.

    Cases are tried one after the other from where the page begins, so that a common word is found at once
    however many cases there are; a word that is nowhere costs one look at every message.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def page(
        self, wanted: Wanted, limit: int, *, before: int | None = None, after: int | None = None
    ) -> Found:
        """One page.

        Args:
            wanted: what is looked for.
            limit: how many cases stand on a page.
            before: only cases with smaller numbers: the page behind.
            after: only cases with larger numbers, the nearest ones: the page before. Not with `before`.
        """
        query = select(_CASE.id).where(*_conditions(wanted))
        if after is not None:
            nearest = query.where(_CASE.id > after).order_by(_CASE.id)
            found, more = self._some(nearest, limit)
            return Found(tuple(reversed(found)), newer=more, older=True)
        if before is not None:
            query = query.where(_CASE.id < before)
        found, more = self._some(query.order_by(_CASE.id.desc()), limit)
        return Found(found, newer=before is not None, older=more)

    def _some(self, query: Select[Any], limit: int) -> tuple[tuple[int, ...], bool]:
        """So many numbers, and whether there are more."""
        found = self._connection.execute(query.limit(limit + 1)).scalars().all()
        return tuple(found[:limit]), len(found) > limit


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    limits = (
        None if wanted.number is None else _CASE.id == wanted.number,
        None if wanted.state is None else _CASE.state == wanted.state,
        None if wanted.kind is None else _CASE.kind == wanted.kind,
        None if wanted.since is None else _CASE.opened_at >= wanted.since,
        None if wanted.until is None else _CASE.opened_at < wanted.until,
    )
    spoken = [or_(*map(_says, forms)) for forms in wanted.terms]
    return [limit for limit in limits if limit is not None] + spoken


def _says(term: str) -> ColumnElement[bool]:
    """Whether a term stands somewhere in a case."""
    return or_(
        _CASE.buyer_name.icontains(term, autoescape=True),
        _CASE.subject.icontains(term, autoescape=True),
        _beside(_ORDER.case_id, _ORDER.order_id.startswith(term, autoescape=True)),
        _beside(_MESSAGE.case_id, _MESSAGE.text.icontains(term, autoescape=True)),
        _beside(_CALL.case_id, _call_says(term)),
        _beside(_STEP.case_id, _STEP.detail.icontains(term, autoescape=True)),
    )


def _call_says(term: str) -> ColumnElement[bool]:
    spoken = (_CALL.caller, _CALL.wishes, _CALL.number, _CALL.address)
    return or_(*(column.icontains(term, autoescape=True) for column in spoken))


def _beside(case_id: ColumnElement[int], condition: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether a row of a case in another table fits."""
    return exists().where(and_(case_id == _CASE.id, condition))
