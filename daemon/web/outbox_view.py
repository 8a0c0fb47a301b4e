"""What the pages of outgoing mail show."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from daemon.commands import refusal_of_resending
from daemon.showing.liveness import is_alive
from daemon.showing.outbox_lines import row_of, rows_of, unsettled
from daemon.showing.reader import clean, clean_lines
from state.outbox_rules import OutboxKind, OutboxState

if TYPE_CHECKING:
    from datetime import datetime

    from daemon.showing.outbox_lines import OutboxRow
    from daemon.work import Work
    from state.model import OutboxItem

LATELY = timedelta(days=7)
MOST_SHOWN = 30
_OUTSIDE = tuple(kind for kind in OutboxKind if kind.once)
_LONG_CELL = 200


@dataclass(frozen=True, slots=True)
class Departed:
    """A mail that left lately.

    Attributes:
        number: of the mail.
        kind: what it is.
        case_id: the case it belongs to.
        at: when the server took it, in UTC.
        buyer: of the case; empty where there is none.
    """

    number: int
    kind: OutboxKind
    case_id: int | None
    at: datetime
    buyer: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class OutboxList:
    """All outgoing mail that a person may want to see.

    Attributes:
        rows: what is not settled, what wants a person most first.
        departed: what left in the last days, newest first.
        more: how many others left in that time.
        alive: the service runs.
    """

    rows: tuple[OutboxRow, ...]
    departed: tuple[Departed, ...]
    more: int
    alive: bool

    @property
    def uncertain(self) -> tuple[OutboxRow, ...]:
        """Nobody knows whether these left."""
        return tuple(row for row in self.rows if row.state is OutboxState.UNCERTAIN)

    @property
    def refused(self) -> tuple[OutboxRow, ...]:
        """These did not go, and will not."""
        return tuple(row for row in self.rows if row.state is OutboxState.REFUSED)

    @property
    def waiting(self) -> tuple[OutboxRow, ...]:
        """These go by themselves."""
        settled = (OutboxState.UNCERTAIN, OutboxState.REFUSED)
        return tuple(row for row in self.rows if row.state not in settled)


@dataclass(frozen=True, slots=True)
class MailSheet:
    """One outgoing mail, word for word; instants in UTC.

    Attributes:
        row: what a list shows of it.
        sender: the address it leaves from; empty where that is not configured any more.
        subject, text: as they are sent; the text is empty until an acknowledgment is written.
        created_at: when it was decided.
        tried_at: when it was last offered to a server.
        sent_at: when the server took it.
        filed_at: when its copy was seen in the Sent folder.
        copied_at: when Amazon's copy of it came.
        undelivered_at: when it turned out that it did not arrive.
        forbidden: why it may not be offered once more, as a word of ours; None if it may.
        alive: the service runs.
    """

    row: OutboxRow
    sender: str
    subject: str = field(repr=False)
    text: str = field(repr=False)
    created_at: datetime
    tried_at: datetime | None
    sent_at: datetime | None
    filed_at: datetime | None
    copied_at: datetime | None
    undelivered_at: datetime | None
    forbidden: str | None
    alive: bool

    @property
    def undecided(self) -> bool:
        """A person has to say what became of it."""
        return self.row.state is OutboxState.UNCERTAIN

    @property
    def rewritten(self) -> bool:
        """Its words are written anew when it leaves."""
        return self.row.kind is OutboxKind.ACKNOWLEDGMENT


def read_outbox(work: Work) -> OutboxList:
    """What is not settled, and what left lately."""
    left = work.uow.days.sent(_OUTSIDE, work.now - LATELY)
    return OutboxList(
        rows=rows_of(work.uow, unsettled(work.uow, work.now)),
        departed=tuple(
            Departed(one.item, one.kind, one.case_id, one.at, clean(one.buyer_name))
            for one in left[:MOST_SHOWN]
        ),
        more=max(0, len(left) - MOST_SHOWN),
        alive=is_alive(work.uow.runs.last(), work.now),
    )


def sheet_of(work: Work, item: OutboxItem) -> MailSheet:
    """One mail, and whether it may be sent once more."""
    account = work.shop.accounts.get(item.mailbox)
    undecided = item.state is OutboxState.UNCERTAIN
    return MailSheet(
        row=row_of(item, work.uow.cases.get(item.case_id) if item.case_id is not None else None),
        sender="" if account is None else account.address,
        subject=clean(item.subject, _LONG_CELL),
        text=clean_lines(item.text),
        created_at=item.created_at,
        tried_at=item.claimed_at,
        sent_at=item.sent_at,
        filed_at=item.filed_at,
        copied_at=item.copy_confirmed_at,
        undelivered_at=item.undelivered_at,
        forbidden=refusal_of_resending(work, item) if undecided else None,
        alive=is_alive(work.uow.runs.last(), work.now),
    )
