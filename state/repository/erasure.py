"""Takes a buyer's words, name and address out of everything that is stored; what makes things once stays."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlalchemy import select

from state import tables
from state.outbox_rules import OutboxKind, OutboxState
from state.ratings import ERASED, erased_key

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

_WAITING = (OutboxState.QUEUED, OutboxState.DEFERRED, OutboxState.SENDING)
_TO_OWNER = (OutboxKind.ALERT, OutboxKind.WEBHOOK)
_NOTHING = zlib.compress(b"")


@dataclass(frozen=True, slots=True)
class Known:
    """What reports and ratings tell of a buyer.

    Attributes:
        orders: of the buyer.
        prints: the keyed digests by which reports name the buyer.
        cases: numbers of the cases of the buyer's ratings.
    """

    orders: frozenset[str] = field(repr=False)
    prints: frozenset[str] = field(repr=False)
    cases: frozenset[int]


class Erasure:
    """Forgets persons. Message-IDs and numbers stay: without them old mail would count as new."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def of_cases(self, case_ids: Sequence[int]) -> None:
        """Empty these cases, their mails, calls, drafts, answers, notes and what was sent."""
        self._of_messages(case_ids)
        self._of_outgoing(case_ids)
        self._of_notes(case_ids)
        self._connection.execute(tables.case_order.delete().where(tables.case_order.c.case_id.in_(case_ids)))
        nobody = {"case_key": None, "buyer_key": None, "alias": None, "buyer_name": None, "subject": ""}
        self._connection.execute(tables.case.update().where(tables.case.c.id.in_(case_ids)).values(**nobody))
        for table in (tables.event, tables.notice):
            self._connection.execute(table.update().where(table.c.case_id.in_(case_ids)).values(detail=""))

    def _of_notes(self, case_ids: Sequence[int]) -> None:
        """Let go what persons wrote down: calls whole; of steps and causes the numbers stay, for reports."""
        call, step, lesson = tables.telephone_call, tables.case_step, tables.lesson
        self._connection.execute(call.delete().where(call.c.case_id.in_(case_ids)))
        self._connection.execute(step.update().where(step.c.case_id.in_(case_ids)).values(detail=""))
        self._connection.execute(lesson.update().where(lesson.c.case_id.in_(case_ids)).values(prevention=""))

    def known_of(self, order_ids: Collection[str], prints: Collection[str] = ()) -> Known:
        """What is known of the buyer of these orders, or with one of these digests, beside the cases."""
        fact, rating = tables.order_fact.c, tables.feedback.c
        facts = select(fact.order_id, fact.buyer_print).where(
            fact.order_id.in_(order_ids) | fact.buyer_print.in_(prints)
        )
        ratings = select(rating.order_id, rating.rater_print, rating.case_id).where(
            rating.order_id.in_(order_ids) | rating.rater_print.in_(prints)
        )
        ordered, rated = self._connection.execute(facts).all(), self._connection.execute(ratings).all()
        return Known(
            frozenset(row.order_id for row in (*ordered, *rated) if row.order_id is not None),
            frozenset(row[1] for row in (*ordered, *rated) if row[1] is not None),
            frozenset(row.case_id for row in rated if row.case_id is not None),
        )

    def of_orders(self, order_ids: Collection[str], prints: Collection[str], case_ids: Sequence[int]) -> None:
        """Let go what is known of a buyer's orders; of the ratings stay the stars and the day."""
        for table in (tables.order_item, tables.order_fact):
            self._connection.execute(table.delete().where(table.c.order_id.in_(order_ids)))
        rating = tables.feedback
        theirs = (
            rating.c.order_id.in_(order_ids)
            | rating.c.rater_print.in_(prints)
            | rating.c.case_id.in_(case_ids)
        )
        nothing = {"order_id": None, "comment": "", "response": "", "rater_print": None}
        for row in self._connection.execute(select(rating.c.id, rating.c.key).where(theirs)).all():
            key = row.key if row.key.startswith(ERASED) else erased_key(row.key)
            emptied = rating.update().where(rating.c.id == row.id).values(key=key, **nothing)
            self._connection.execute(emptied)

    def _of_messages(self, case_ids: Sequence[int]) -> None:
        message = tables.message
        numbers = select(message.c.id).where(message.c.case_id.in_(case_ids))
        self._connection.execute(tables.raw_mail.delete().where(tables.raw_mail.c.message.in_(numbers)))
        empty = {"subject": "", "text": "", "full_text": "", "attachments": [], "reply_chain": []}
        self._connection.execute(message.update().where(message.c.case_id.in_(case_ids)).values(**empty))

    def _of_outgoing(self, case_ids: Sequence[int]) -> None:
        outbox, draft, answer = tables.outbox, tables.draft, tables.answer
        empty = {"subject": "", "text": "", "text_print": "", "content": None}
        nobody = {"recipient": "", "buyer_key": None}
        self._connection.execute(
            outbox.update().where(outbox.c.case_id.in_(case_ids)).values(**empty, **nobody)
        )
        # Alerts quote many buyers; of those that left, nobody needs the words.
        left = outbox.c.kind.in_(_TO_OWNER) & outbox.c.state.not_in(_WAITING)
        self._connection.execute(outbox.update().where(left).values(**empty))
        self._connection.execute(draft.update().where(draft.c.case_id.in_(case_ids)).values(text=""))
        self._connection.execute(answer.update().where(answer.c.case_id.in_(case_ids)).values(text_print=""))

    def of_notices(self, is_about: Callable[[str], bool]) -> None:
        """Empty what the owner is told beside the cases, where it is about a person."""
        columns = tables.notice.c
        rows = self._connection.execute(select(columns.id, columns.detail).where(columns.detail != ""))
        found = [row.id for row in rows if is_about(row.detail)]
        self._connection.execute(tables.notice.update().where(columns.id.in_(found)).values(detail=""))

    def of_quarantine(self, is_about: Callable[[str, bytes], bool], at: datetime) -> int:
        """Empty and settle the mails in quarantine that are about a person; tells how many there were.

        Their digests stay, so that the same mail is not taken in again.

        Args:
            is_about: whether a mail is, told its sender and subject, and the mail itself.
            at: the present.
        """
        columns = tables.quarantine.c
        query = select(columns.id, columns.sender, columns.subject, columns.content)
        rows = self._connection.execute(query.where(columns.content != _NOTHING))
        found = [
            row.id
            for row in rows
            if is_about(f"{row.sender or ''}\n{row.subject or ''}", zlib.decompress(row.content))
        ]
        empty = {"sender": None, "subject": None, "content": _NOTHING}
        settled = {"settled_at": at, "settled_how": "erased"}
        self._connection.execute(
            tables.quarantine.update().where(columns.id.in_(found)).values(**empty, **settled)
        )
        return len(found)
