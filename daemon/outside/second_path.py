"""Short alerts beside mail: one row of the outbox for each way, so that each has its own fate.

In a shop that wants them only when mail fails they wait for the fate of their mail: if it is taken, they are
withdrawn; if it is not, or nobody knows, they go at once; if nothing is heard of it, they go after a while.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from daemon.identifiers import fresh_token
from daemon.shop import SecondPathUse
from state.model import OutboxItem
from state.outbox_rules import OutboxEvent, OutboxKind, OutboxState

if TYPE_CHECKING:
    from collections.abc import Iterable

    from daemon.shop import Shop
    from daemon.work import Work
    from state.repository.alerts import Notice
    from templates.contexts import RenderedAlert

HELD = "waits for the fate of its mail"
"""The reason of what was not attempted yet, and never is if the mail is taken."""

HELD_FOR = timedelta(minutes=5)
"""So long the fate of a mail is waited for."""

UNREAD_WORDS = frozenset({"login_refused", "mailbox_silent"})
"""Troubles of reading: an alert that lands in the very mailbox is not seen by its owner either."""

_WAITING = (OutboxState.QUEUED, OutboxState.DEFERRED)


def goes_at_once(shop: Shop, notices: Iterable[Notice]) -> bool:
    """Whether an alert leaves beside mail whatever becomes of the mail.

    Args:
        shop: when it wants that.
        notices: the events that the alert tells.
    """
    always = shop.second_path_use is SecondPathUse.ALWAYS
    return always or any(one.word in UNREAD_WORDS for one in notices)


def queue(work: Work, occasion: str, rendered: RenderedAlert, *, hold: bool) -> None:
    """Put the short text of an alert into the outbox, once for every way.

    Args:
        work: of the alert.
        occasion: what makes it once; the same as of its mail.
        rendered: the alert, of which only the brief leaves: nothing in it was written by a buyer.
        hold: wait for the fate of the mail.
    """
    for path in work.shop.second_paths:
        item = OutboxItem(
            id=0,
            purpose=f"{path}:{occasion}",
            kind=OutboxKind.WEBHOOK,
            state=OutboxState.QUEUED,
            mailbox=path,
            recipient=path,
            message_id=f"{fresh_token()}@{path}",
            subject=rendered.subject,
            text=rendered.brief,
            content=rendered.brief.encode(),
            created_at=work.now,
            next_attempt_at=work.now + HELD_FOR if hold else work.now,
            reason=HELD if hold else None,
        )
        work.uow.outbox.add(item)


def occasion_of(item: OutboxItem) -> str:
    """What an alert is for, without the way that it takes; such as ``event:12``."""
    return item.purpose.partition(":")[2]


def release(work: Work, mail: OutboxItem) -> bool:
    """An alert was not taken as mail: what waits beside it may go now; whether anything did."""
    held = [one for one in _held_beside(work, mail) if one.next_attempt_at > work.now]
    for one in held:
        work.uow.outbox.annotate(one.id, next_attempt_at=work.now)
    return bool(held)


def forget(work: Work, mail: OutboxItem) -> None:
    """An alert was taken as mail: what was only to go if it was not is withdrawn."""
    if mail.kind is OutboxKind.ALERT:
        for one in _held_beside(work, mail):
            work.uow.outbox.advance(one, OutboxEvent.FORBIDDEN, reason="the mail was taken")


def tell_failure(work: Work, item: OutboxItem, reason: str) -> None:
    """Once a day and way: a way that fails unnoticed is none when it is needed."""
    day = work.shop.calendar.local_day(work.now).isoformat()
    key = f"second_path_failed:{item.mailbox}:{day}"
    work.uow.notices.raise_once(key, "second_path_failed", work.now, detail=f"{item.mailbox}: {reason}")


def _held_beside(work: Work, mail: OutboxItem) -> list[OutboxItem]:
    """What tells the same as a mail and hangs on its fate."""
    if not work.shop.second_paths:
        return []
    occasion = occasion_of(mail)
    waiting = (one for one in work.uow.outbox.in_state(*_WAITING) if one.kind is OutboxKind.WEBHOOK)
    return [one for one in waiting if one.reason == HELD and occasion_of(one) == occasion]
