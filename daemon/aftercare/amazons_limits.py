"""Amazon's own time for claims, cancellations and returns, which no mail answers.

Only messages of buyers have an `amazon_by` (decision 10 of the design); these limits are worked out when they
are asked for, from the kind of the notice and when it came.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from state.deadlines import amazons_own
from templates.instructions import instruct
from templates.wording import English, Japanese

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from daemon.work import Work
    from parsers.values import Kind
    from state.model import Case, Message


def own_limit(case: Case, message: Message) -> datetime | None:
    """Amazon's own limit for one unanswered message of a case, in UTC; None if it has none."""
    if not message.unanswered:
        return None
    return amazons_own(message.kind, case.marketplace, message.received_at)


def is_timed_by_amazon(case: Case, messages: Iterable[Message]) -> bool:
    """Whether Amazon gives a time for anything in a case, settled or not; ratings and calls have none."""
    return any(
        one.amazon_by is not None or amazons_own(one.kind, case.marketplace, one.received_at) is not None
        for one in messages
    )


def limit_of(case: Case, messages: Iterable[Message]) -> datetime | None:
    """The first of Amazon's limits for these messages: of buyers' messages and of notices; in UTC."""
    found = (one for message in messages for one in (message.amazon_by, own_limit(case, message)))
    return min((at for at in found if at is not None), default=None)


def advise_on_limits(work: Work, case: Case, messages: Sequence[Message]) -> tuple[str, ...]:
    """Until when Amazon waits, and where it wants the answer; the first of each kind."""
    first: dict[Kind, str] = {}
    for message in messages:
        by = own_limit(case, message)
        if by is not None and message.kind not in first:
            first[message.kind] = _line(work, message, by)
    return tuple(first.values())


def _line(work: Work, message: Message, by: datetime) -> str:
    language, zone = work.shop.language, work.shop.calendar.zone
    wording = Japanese() if language == "ja" else English()
    return instruct(
        "limits",
        message.kind,
        language,
        by=wording.moment(by.astimezone(zone), work.now.astimezone(zone)),
        hours=int((by - message.received_at).total_seconds()) // 3600,
        n=message.case_id,
    )
