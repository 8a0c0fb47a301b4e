"""Drafted replies and their copies in the Drafts folder."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, exists, func, or_, select

from state import tables
from state.drafts import Draft, DraftSource, DraftState, FolderCopy, FolderState, Sight
from state.model import CaseState
from state.repository.records import change, dicts, insert

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Connection, Select

_DRAFT = tables.draft.c
_DRAFTS = select(tables.draft).order_by(_DRAFT.id)
_COPY = tables.folder_copy.c
_COPIES = select(tables.folder_copy).order_by(_COPY.draft_id)
_DRAFT_NUMBERED = _DRAFTS.where(_DRAFT.id == bindparam("draft_id"))
_DRAFTS_OF_CASE = _DRAFTS.where(_DRAFT.case_id == bindparam("case_id"))
_OPEN_OF_CASE = _DRAFTS_OF_CASE.where(_DRAFT.state == DraftState.OPEN)
_COPY_OF_DRAFT = _COPIES.where(_COPY.draft_id == bindparam("draft_id"))

_MESSAGE, _ANSWER = tables.message.c, tables.answer.c
_NEWS = or_(
    exists().where(_MESSAGE.case_id == _DRAFT.case_id, _MESSAGE.id > _DRAFT.seen_message),
    exists().where(_ANSWER.case_id == _DRAFT.case_id, _ANSWER.id > _DRAFT.seen_answer),
    exists().where(tables.case.c.id == _DRAFT.case_id, tables.case.c.state == CaseState.CLOSED),
)
_CASES_WAITING = select(_DRAFT.case_id).where(_DRAFT.state == DraftState.OPEN)
_UNPLACED = (
    _DRAFTS.join(tables.case, tables.case.c.id == _DRAFT.case_id)
    .outerjoin(tables.folder_copy, _COPY.draft_id == _DRAFT.id)
    .where(
        _DRAFT.state == DraftState.OPEN,
        tables.case.c.state == CaseState.OPEN,
        or_(_COPY.state.is_(None), _COPY.state == FolderState.WANTED),
    )
)


class Drafts:
    """The drafts of the shop, every version kept."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, draft: Draft) -> Draft:
        """Store the next version of a case's draft and give it its numbers."""
        last = select(func.max(_DRAFT.version)).where(_DRAFT.case_id == draft.case_id)
        version = (self._connection.execute(last).scalar() or 0) + 1
        values = _draft_values(replace(draft, version=version))
        return replace(draft, version=version, id=insert(self._connection, tables.draft, values))

    def settle(self, draft_id: int, state: DraftState, at: datetime) -> None:
        """Move a version to where it stands now; `OPEN` brings it back."""
        settled_at = None if state is DraftState.OPEN else at
        change(self._connection, _DRAFT.id, draft_id, {"state": state, "settled_at": settled_at})

    def get(self, draft_id: int) -> Draft | None:
        """One version by its number."""
        return next(iter(self._select(_DRAFT_NUMBERED, draft_id=draft_id)), None)

    def of_case(self, case_id: int) -> tuple[Draft, ...]:
        """Every version of a case, oldest first."""
        return self._select(_DRAFTS_OF_CASE, case_id=case_id)

    def open_of(self, case_id: int) -> Draft | None:
        """The version of a case that waits for a person."""
        found = self._select(_OPEN_OF_CASE, case_id=case_id)
        return found[-1] if found else None

    def open(self) -> tuple[Draft, ...]:
        """Every version that waits for a person, oldest first."""
        return self._select(_DRAFTS.where(_DRAFT.state == DraftState.OPEN))

    def cases_waiting(self) -> frozenset[int]:
        """The cases that have a version which waits for a person; no texts are read."""
        return frozenset(self._connection.execute(_CASES_WAITING).scalars())

    def with_token(self, token: str) -> Draft | None:
        """The version whose copy in the Drafts folder carries this header."""
        return next(iter(self._select(_DRAFTS.where(_DRAFT.token == token))), None)

    def newest_seen(self, case_ids: Sequence[int]) -> dict[int, int]:
        """By case the newest message that any of its drafts was made with sight of.

        Those that were overtaken are left out: what is unanswered all the same has no draft any more.
        """
        query = select(_DRAFT.case_id, func.max(_DRAFT.seen_message)).group_by(_DRAFT.case_id)
        query = query.where(_DRAFT.case_id.in_(case_ids), _DRAFT.state != DraftState.OVERTAKEN)
        return {row[0]: row[1] for row in self._connection.execute(query)}

    def perhaps_overtaken(self) -> tuple[Draft, ...]:
        """The waiting versions whose case has any newer message or answer, or is closed.

        What of that overtakes them is for the rules to say; most drafts need not be asked about at all.
        """
        return self._select(_DRAFTS.where(_DRAFT.state == DraftState.OPEN, _NEWS))

    def unplaced(self, mailbox: str) -> tuple[Draft, ...]:
        """The waiting versions of an account that were never put into its Drafts folder, oldest first."""
        return self._select(_UNPLACED.where(tables.case.c.mailbox == mailbox))

    def _select(self, query: Select[Any], **sought: int) -> tuple[Draft, ...]:
        return tuple(map(_draft_of, dicts(self._connection.execute(query, sought))))


class FolderCopies:
    """The copies of drafts in the Drafts folders."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def keep(self, copy: FolderCopy) -> None:
        """Store what is known of a draft's copy; replaces what was known."""
        values = _copy_values(copy)
        if not change(self._connection, _COPY.draft_id, copy.draft_id, values):
            insert(self._connection, tables.folder_copy, {"draft_id": copy.draft_id} | values)

    def of_draft(self, draft_id: int) -> FolderCopy | None:
        """The copy of one draft."""
        return next(iter(self._select(_COPY_OF_DRAFT, draft_id=draft_id)), None)

    def of_mailbox(self, mailbox: str, *states: FolderState) -> tuple[FolderCopy, ...]:
        """The copies of an account that stand so."""
        return self._select(_COPIES.where(_COPY.mailbox == mailbox, _COPY.state.in_(states)))

    def of_settled(self, mailbox: str, *states: FolderState) -> tuple[FolderCopy, ...]:
        """Those of an account's copies whose draft neither waits for a person nor was approved."""
        living = (DraftState.OPEN, DraftState.APPROVED)
        settled = select(_DRAFT.id).where(_DRAFT.state.not_in(living))
        return self._select(
            _COPIES.where(_COPY.mailbox == mailbox, _COPY.state.in_(states), _COPY.draft_id.in_(settled))
        )

    def _select(self, query: Select[Any], **sought: int) -> tuple[FolderCopy, ...]:
        return tuple(
            FolderCopy(**(row | {"state": FolderState(row["state"])}))
            for row in dicts(self._connection.execute(query, sought))
        )


def _draft_of(row: dict[str, Any]) -> Draft:
    sight = Sight(row.pop("seen_message"), row.pop("seen_answer"))
    states = {"state": DraftState(row["state"]), "source": DraftSource(row["source"])}
    return Draft(**(row | states), sight=sight)


def _draft_values(draft: Draft) -> dict[str, Any]:
    names = (column.name for column in tables.draft.columns if column.name in Draft.__slots__)
    values = {name: getattr(draft, name) for name in names if name != "id"}
    return values | {"seen_message": draft.sight.message, "seen_answer": draft.sight.answer}


def _copy_values(copy: FolderCopy) -> dict[str, Any]:
    return {name: getattr(copy, name) for name in FolderCopy.__slots__ if name != "draft_id"}
