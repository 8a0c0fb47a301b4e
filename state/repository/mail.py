"""Stored mail: messages, the keys that make each once, and the raw form."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, func, select

from parsers.values import Authenticity, Kind
from state import tables
from state.repository.records import change, insert, insert_all, message_of, message_values

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from sqlalchemy import Connection, Select

    from state.model import Message

_MESSAGES = select(tables.message).order_by(tables.message.c.received_at, tables.message.c.id)
_MESSAGE = _MESSAGES.where(tables.message.c.id == bindparam("message_id"))
_MESSAGES_OF_CASE = _MESSAGES.where(tables.message.c.case_id == bindparam("case_id"))
_MESSAGES_OF_CASES = _MESSAGES.where(tables.message.c.case_id.in_(bindparam("case_ids", expanding=True)))
_UNANSWERED = _MESSAGES.where(tables.message.c.wants_answer, tables.message.c.answered_at.is_(None))
_ENDS = (
    select(
        tables.case.c.id,
        tables.case.c.marketplace,
        tables.message.c.kind,
        tables.message.c.received_at,
        tables.message.c.amazon_by,
        tables.message.c.respond_by,
    )
    .join(tables.case, tables.case.c.id == tables.message.c.case_id)
    .where(tables.message.c.wants_answer, tables.message.c.answered_at.is_(None))
)
_NEWEST_WAITING = (
    select(tables.message.c.case_id, func.max(tables.message.c.id))
    .where(tables.message.c.wants_answer, tables.message.c.answered_at.is_(None))
    .where(tables.message.c.kind == Kind.BUYER_MESSAGE)
    .group_by(tables.message.c.case_id)
)
_HOLDERS = select(tables.identity).where(tables.identity.c.key.in_(bindparam("keys", expanding=True)))
_RELEASE = tables.identity.delete().where(tables.identity.c.key.in_(bindparam("keys", expanding=True)))

_CASES_AT_ONCE = 500
"""So many numbers of cases one statement asks for; every database takes more."""

_FAST = 1
"""Compression level: text shrinks to a fifth at the least cost."""


@dataclass(frozen=True, slots=True)
class Claim:
    """Who holds an identity, and whether that mail was proven."""

    key: str
    message: int | None
    authenticity: Authenticity


@dataclass(frozen=True, slots=True)
class End:
    """Until when a mail wants an answer; instants in UTC.

    Attributes:
        case_id: its case.
        marketplace: of the case.
        kind: what it is.
        received_at: when it arrived.
        amazon_by, respond_by: Amazon's deadline and the first of all; None where there is none.
    """

    case_id: int
    marketplace: str | None
    kind: Kind
    received_at: datetime
    amazon_by: datetime | None
    respond_by: datetime | None


class Messages:
    """The mails of cases."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, message: Message) -> Message:
        """Store a mail and give it its number."""
        return replace(message, id=insert(self._connection, tables.message, message_values(message)))

    def change(self, message_id: int, **columns: Any) -> None:
        """Set columns of one mail."""
        change(self._connection, tables.message.c.id, message_id, columns)

    def get(self, message_id: int) -> Message | None:
        """One mail by its number."""
        return next(iter(self._select(_MESSAGE, message_id=message_id)), None)

    def of_case(self, case_id: int) -> tuple[Message, ...]:
        """The mails of a case in the order of their arrival."""
        return self._select(_MESSAGES_OF_CASE, case_id=case_id)

    def of_cases(self, case_ids: Sequence[int]) -> dict[int, tuple[Message, ...]]:
        """By case its mails in the order of their arrival; a case without any is left out."""
        found: dict[int, list[Message]] = {}
        for start in range(0, len(case_ids), _CASES_AT_ONCE):
            some = list(case_ids[start : start + _CASES_AT_ONCE])
            for message in self._select(_MESSAGES_OF_CASES, case_ids=some):
                found.setdefault(message.case_id, []).append(message)
        return {case_id: tuple(messages) for case_id, messages in found.items()}

    def unanswered(self) -> tuple[Message, ...]:
        """Every mail to which a person has yet to react."""
        return self._select(_UNANSWERED)

    def ends(self) -> tuple[End, ...]:
        """The deadlines of every mail to which a person has yet to react; no texts are read."""
        rows = self._connection.execute(_ENDS)
        return tuple(End(row[0], row[1], Kind(row[2]), *row[3:]) for row in rows)

    def newest_waiting(self) -> dict[int, int]:
        """By case the number of its newest unanswered buyer message; no texts are read."""
        return {row[0]: row[1] for row in self._connection.execute(_NEWEST_WAITING)}

    def cases_wanting(self, kind: Kind, since: datetime, until: datetime) -> frozenset[int]:
        """The cases in which mail of a kind wanted an answer, answered or not, that came within a time."""
        columns = tables.message.c
        query = (
            select(columns.case_id)
            .where(columns.kind == kind, columns.wants_answer)
            .where(columns.received_at >= since, columns.received_at < until)
        )
        return frozenset(self._connection.execute(query).scalars())

    def last_of_buyer(self, buyer_key: str, since: datetime, until: datetime) -> datetime | None:
        """When a buyer's last message within a time arrived, whatever its case."""
        columns = tables.message.c
        query = (
            select(func.max(columns.received_at))
            .join(tables.case, tables.case.c.id == columns.case_id)
            .where(tables.case.c.buyer_key == buyer_key, columns.kind == Kind.BUYER_MESSAGE)
            .where(columns.received_at >= since, columns.received_at < until)
        )
        found: datetime | None = self._connection.execute(query).scalar()
        return found

    def mark_alerted(self, message_ids: Iterable[int], at: datetime) -> None:
        """Remember that these stood in an alert; the first time counts."""
        columns = tables.message.c
        first_time = tables.message.update().where(
            columns.id.in_(list(message_ids)), columns.alerted_at.is_(None)
        )
        self._connection.execute(first_time.values(alerted_at=at))

    def _select(self, query: Select[Any], **sought: Any) -> tuple[Message, ...]:
        return tuple(map(message_of, self._connection.execute(query, sought)))


class Identities:
    """Which mails are known; kept for ever, so that nothing is taken in twice.

    A key that nobody held when it was asked for is free until it is claimed here: no other transaction writes
    while this one may.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._free: set[str] = set()

    def holders(self, keys: Sequence[str]) -> tuple[Claim, ...]:
        """Who holds these keys; to ask for those of many mails at once spares asking for each."""
        fitted = {tables.fit(key, tables.IDENTITY_LENGTH): key for key in keys}
        asked = [key for key in fitted if key not in self._free]
        if not asked:
            return ()
        rows = self._connection.execute(_HOLDERS, {"keys": asked}).all()
        self._free.update(set(asked).difference(row.key for row in rows))
        return tuple(Claim(fitted[row.key], row.message, Authenticity(row.authenticity)) for row in rows)

    def known(self, keys: Sequence[str], *, besides: str | None = None) -> frozenset[str]:
        """Those of the keys that a proven mail holds.

        Args:
            keys: the keys.
            besides: a mailbox in which the mail may yet be new: what is history in another does not count.
        """
        held = [claim for claim in self.holders(keys) if claim.authenticity is Authenticity.PASS]
        messages = {claim.message for claim in held if claim.message is not None}
        history = self._history(messages, besides) if besides is not None and messages else ()
        return frozenset(claim.key for claim in held if claim.message not in history)

    def _history(self, messages: Iterable[int], besides: str) -> frozenset[int]:
        columns = tables.message.c
        query = select(columns.id, columns.facts).where(
            columns.id.in_(list(messages)), columns.mailbox != besides
        )
        return frozenset(row.id for row in self._connection.execute(query) if "history" in row.facts)

    def claim(
        self, keys: Sequence[str], *, message: int | None, authenticity: Authenticity, at: datetime
    ) -> None:
        """Take the keys for a mail; the caller has checked that no mail of equal proof holds them."""
        fitted = {tables.fit(key, tables.IDENTITY_LENGTH) for key in keys}
        if not fitted <= self._free:
            self._connection.execute(_RELEASE, {"keys": sorted(fitted)})
        self._free -= fitted
        rows = [
            {"key": key, "message": message, "authenticity": authenticity, "claimed_at": at}
            for key in sorted(fitted)
        ]
        insert_all(self._connection, tables.identity, rows)


class RawMail:
    """The mails as they came, compressed, for as long as the configuration says; written at the commit."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._waiting: list[dict[str, Any]] = []

    def keep(self, message_id: int, content: bytes, at: datetime) -> None:
        """Keep one mail."""
        packed = zlib.compress(content, _FAST)
        self._waiting.append({"message": message_id, "content": packed, "stored_at": at})

    def flush(self) -> None:
        """Write what is to be kept."""
        insert_all(self._connection, tables.raw_mail, self._waiting)
        self._waiting = []

    def get(self, message_id: int) -> bytes | None:
        """The mail as it came; None once retention removed it."""
        self.flush()
        query = select(tables.raw_mail.c.content).where(tables.raw_mail.c.message == message_id)
        packed = self._connection.execute(query).scalar()
        return None if packed is None else zlib.decompress(packed)

    def drop_before(self, at: datetime) -> int:
        """Remove what was stored before an instant; tells how many."""
        self.flush()
        return self._connection.execute(
            tables.raw_mail.delete().where(tables.raw_mail.c.stored_at < at)
        ).rowcount
