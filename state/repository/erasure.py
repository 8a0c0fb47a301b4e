"""Takes a buyer's words, name and address out of everything that is stored; what makes things once stays."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

from sqlalchemy import select

from state import tables
from state.outbox_rules import OutboxKind, OutboxState

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from sqlalchemy import Connection, Select

_WAITING = (OutboxState.QUEUED, OutboxState.DEFERRED, OutboxState.SENDING)
_TO_OWNER = (OutboxKind.ALERT, OutboxKind.WEBHOOK)
_NOTHING = zlib.compress(b"")


class Erasure:
    """Forgets persons. Message-IDs and numbers stay: without them old mail would count as new."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def of_cases(self, case_ids: Sequence[int]) -> None:
        """Empty these cases, their mails, drafts, answers and what was sent; their orders are let go."""
        self._of_messages(case_ids)
        self._of_outgoing(case_ids)
        self._of_orders(select(tables.case_order.c.order_id).where(tables.case_order.c.case_id.in_(case_ids)))
        self._connection.execute(tables.case_order.delete().where(tables.case_order.c.case_id.in_(case_ids)))
        nobody = {"case_key": None, "buyer_key": None, "alias": None, "buyer_name": None, "subject": ""}
        self._connection.execute(tables.case.update().where(tables.case.c.id.in_(case_ids)).values(**nobody))
        for table in (tables.event, tables.notice):
            self._connection.execute(table.update().where(table.c.case_id.in_(case_ids)).values(detail=""))

    def _of_orders(self, order_ids: Select[tuple[str]]) -> None:
        """Let go what is known of orders; other orders of the same buyer are nobody's from now on."""
        fact, item = tables.order_fact, tables.order_item
        theirs = fact.c.order_id.in_(order_ids.scalar_subquery())
        prints = select(fact.c.buyer_print).where(theirs, fact.c.buyer_print.is_not(None)).distinct()
        found = [row.buyer_print for row in self._connection.execute(prints)]
        self._connection.execute(item.delete().where(item.c.order_id.in_(order_ids.scalar_subquery())))
        self._connection.execute(fact.delete().where(theirs))
        same_buyer = fact.c.buyer_print.in_(found)
        self._connection.execute(fact.update().where(same_buyer).values(buyer_print=None))

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
