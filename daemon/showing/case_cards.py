"""A case as a card of the desk's lists: whose it is, what it is about, and how long it may wait."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from daemon.showing.reader import clean
from parsers.values import Intent, Kind
from state.leading import leading_intent
from state.model import LOW_RATING, CaseState

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from datetime import datetime

    from daemon.showing.case_lines import CaseLine
    from state.model import Message

URGENT_WITHIN = timedelta(hours=2)
"""From here on a deadline is near: its case stands above the others."""

_SOON = timedelta(hours=6)

LOUD_NOTES = frozenset({"to_confirm", "undelivered", "unproven", "uncertain"})
"""What a person should see before opening the case."""

_NOT_SOFT = LOUD_NOTES | {"acknowledged", "snoozed"}

_LONGEST_SAID = 160
_MOST_READ = 2_000
_TWO_LINES = 2


@dataclass(frozen=True, slots=True)
class CaseCard:
    """One case of a list; strangers' words are one printable line each, instants are in UTC.

    Attributes:
        number: of the case.
        state: ``open``, ``answered`` or ``closed``.
        kind: word of `Kind`, what opened it.
        situation: word of `Intent`, what it seems to be about; None where that is not sure.
        buyer: as Amazon showed the name; empty where there is none.
        rating: stars of a rating.
        order_ids: the orders that Amazon's frame named.
        received_at: since when it waits, or when it began.
        respond_by, amazon_by: the shop's deadline and Amazon's; None where there is none.
        respond_near, amazon_near: how near they are, as the stylesheet calls it; empty where there is none.
        answered_at: when a person answered; None while it is open.
        snoozed_until: until when it was put off; None if it is not, or that is over.
        said: the first words of the newest message.
        newest: number of the newest message.
        notes: words of `daemon.words.NOTES` that a person should know.
        urgent: it wants a person before the others.
    """

    number: int
    state: str
    kind: str
    situation: str | None
    buyer: str = field(repr=False)
    rating: int | None
    order_ids: tuple[str, ...]
    received_at: datetime
    respond_by: datetime | None
    amazon_by: datetime | None
    respond_near: str
    amazon_near: str
    answered_at: datetime | None
    snoozed_until: datetime | None
    said: str = field(repr=False)
    newest: int
    notes: tuple[str, ...]
    urgent: bool

    @property
    def waits(self) -> bool:
        """A person has yet to answer."""
        return self.state == CaseState.OPEN

    @property
    def asleep(self) -> bool:
        """It was put off, and no deadline of Amazon is near."""
        return self.waits and self.snoozed_until is not None and not self.urgent

    @property
    def loud(self) -> tuple[str, ...]:
        """The notes that a person should see first."""
        return tuple(word for word in self.notes if word in LOUD_NOTES)

    @property
    def soft(self) -> tuple[str, ...]:
        """The other notes; that it is acknowledged goes without saying, and until when it sleeps is told."""
        return tuple(word for word in self.notes if word not in _NOT_SOFT)


def nearness(by: datetime, now: datetime) -> str:
    """How near a deadline is, as the stylesheet calls it: ``calm``, ``soon``, ``near`` or ``over``."""
    left = by - now
    if left < timedelta():
        return "over"
    return "near" if left < URGENT_WITHIN else "soon" if left < _SOON else "calm"


def cards_of(
    lines: Iterable[CaseLine], now: datetime, uncertain: Collection[int] = ()
) -> tuple[CaseCard, ...]:
    """The cards of cases, in their order.

    Args:
        lines: the cases with their messages.
        now: the present, aware.
        uncertain: numbers of the cases with a mail of which nobody knows whether it left.
    """
    return tuple(card_of(line, now, uncertain=line.case.id in uncertain) for line in lines)


def group_of(line: CaseLine, now: datetime) -> int:
    """Where a case stands in a list: 0 urgent, 1 waiting, 2 put off."""
    asleep = line.asleep(now)
    if _is_urgent(line, (line.respond_by, line.amazon_limit), now, asleep=asleep):
        return 0
    return 2 if asleep and line.case.state is CaseState.OPEN else 1


def card_of(line: CaseLine, now: datetime, *, uncertain: bool = False) -> CaseCard:
    """The card of one case."""
    case, notes, pressing = line.case, line.notes(now), line.pressing
    ends = line.respond_by, line.amazon_limit
    asleep = line.asleep(now)
    return CaseCard(
        number=case.id,
        state=case.state.value,
        kind=case.kind.value,
        situation=_situation(pressing),
        buyer=clean(case.buyer_name),
        rating=case.rating,
        order_ids=case.order_ids,
        received_at=line.received_at,
        respond_by=ends[0],
        amazon_by=ends[1],
        respond_near=_nearness(ends[0], now),
        amazon_near=_nearness(ends[1], now),
        answered_at=case.answered_at,
        snoozed_until=case.snoozed_until if asleep else None,
        said=_said(pressing),
        newest=line.messages[-1].id if line.messages else 0,
        notes=(*(("uncertain",) if uncertain else ()), *notes),
        urgent=_is_urgent(line, ends, now, asleep=asleep),
    )


def _nearness(by: datetime | None, now: datetime) -> str:
    return "" if by is None else nearness(by, now)


def _situation(pressing: Sequence[Message]) -> str | None:
    wrote = [message for message in pressing if message.intent is not None]
    leading = leading_intent(wrote) if wrote else None
    return leading.intent if leading is not None and leading.sure else None


def _said(pressing: Sequence[Message]) -> str:
    """The first two lines of the newest message that has any."""
    text = next((one.text for one in reversed(pressing) if one.text.strip()), "")
    lines = [row for row in text[:_MOST_READ].splitlines() if row.strip()]
    return clean(" ".join(lines[:_TWO_LINES]), _LONGEST_SAID)


def _is_urgent(line: CaseLine, ends: Sequence[datetime | None], now: datetime, *, asleep: bool) -> bool:
    """Time runs out, or the matter is grave; what a person has approved waits for the service alone.

    Of what a person put off only the second of the ends counts, which is Amazon's, as in the alerts.
    """
    if line.case.state is not CaseState.OPEN or line.approved:
        return False
    near = any(end is not None and end - now < URGENT_WITHIN for end in (ends[1:] if asleep else ends))
    return near or (not asleep and _is_grave(line))


def _is_grave(line: CaseLine) -> bool:
    case = line.case
    low = case.rating is not None and case.rating <= LOW_RATING
    threatened = any(message.intent == Intent.ESCALATION for message in line.pressing)
    return low or threatened or case.kind is Kind.CLAIM or case.undelivered_at is not None
