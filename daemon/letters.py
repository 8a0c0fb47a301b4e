"""Mails to the owner: stored as text with places for tokens, and made into a mail when they leave."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from daemon import offers
from daemon.compose import compose_alert, message_id_for
from daemon.identifiers import fresh_token
from state.model import OutboxItem
from state.outbox_rules import OutboxKind, OutboxState

if TYPE_CHECKING:
    from collections.abc import Iterable

    from daemon.work import Work
    from state.command_rules import Offer


def queue(
    work: Work, purpose: str, subject: str, text: str, planned: Iterable[Offer], *, page: str | None = None
) -> OutboxItem | None:
    """Put a mail to the owner and what it offers into the outbox; None if that purpose is there already.

    Args:
        work: the transaction.
        purpose: what makes it once.
        subject: of the mail.
        text: of the mail, with places for tokens.
        planned: what it offers.
        page: the same as HTML, where it is more than the text can say; else one is made from the text.
    """
    account = work.shop.first_account
    item = OutboxItem(
        id=0,
        purpose=f"alert:{purpose}",
        kind=OutboxKind.ALERT,
        state=OutboxState.QUEUED,
        mailbox=account.name,
        recipient=work.shop.owner,
        message_id=message_id_for(fresh_token(), account.address),
        subject=subject,
        text=text,
        content=None if page is None else page.encode(),
        created_at=work.now,
        next_attempt_at=work.now,
    )
    stored = work.uow.outbox.add(item)
    if stored is not None:
        for offer in planned:
            work.uow.offers.add(replace(offer, outbox_id=stored.id))
    return stored


def compose(work: Work, item: OutboxItem) -> bytes:
    """The mail as it leaves, with a fresh token for each of its offers."""
    return compose_alert(
        sender_address=work.shop.first_account.address,
        shop_name=work.shop.name,
        owner=work.shop.owner,
        subject=item.subject,
        text=offers.fill(work, item.text, work.uow.offers.of_mail(item.id)),
        message_id=item.message_id,
        at=item.created_at.astimezone(work.shop.calendar.zone),
        page=None if item.content is None else item.content.decode(),
    )
