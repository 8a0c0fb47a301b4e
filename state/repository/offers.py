"""Commands that were offered to the owner by mail, and the digests of their tokens."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from state import tables
from state.command_rules import Action, Offer
from state.repository.records import dicts, insert

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

_OFFER = tables.offer.c
_TOKEN = tables.token.c


class Offers:
    """What the owner may command by answering a mail."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, offer: Offer) -> Offer:
        """Store an offer and give it its number."""
        values = {name: getattr(offer, name) for name in Offer.__slots__ if name != "id"}
        return replace(offer, id=insert(self._connection, tables.offer, values))

    def of_mail(self, outbox_id: int) -> tuple[Offer, ...]:
        """The offers that a mail carries."""
        query = select(tables.offer).where(_OFFER.outbox_id == outbox_id).order_by(_OFFER.id)
        return tuple(map(_offer_of, dicts(self._connection.execute(query))))

    def issue(self, offer_id: int, digest: str, at: datetime) -> None:
        """Remember the token of an offer by its digest; a mail that is offered twice has two."""
        values = {"digest": digest, "offer_id": offer_id, "issued_at": at}
        self._connection.execute(tables.token.insert().values(**values))

    def find(self, digest: str) -> tuple[Offer, datetime] | None:
        """The offer of a token and when it left; None for a token that nobody issued."""
        query = select(_TOKEN.offer_id, _TOKEN.issued_at).where(_TOKEN.digest == digest)
        token = self._connection.execute(query).first()
        if token is None:
            return None
        query_offer = select(tables.offer).where(_OFFER.id == token.offer_id)
        (offer,) = map(_offer_of, dicts(self._connection.execute(query_offer)))
        return offer, token.issued_at

    def use(self, offer: Offer, at: datetime) -> None:
        """Mark an offer and all of the same meaning as carried out."""
        same = (_OFFER.case_id == offer.case_id) & (_OFFER.action == offer.action)
        version = _OFFER.draft_id.is_(None) if offer.draft_id is None else _OFFER.draft_id == offer.draft_id
        meant = tables.offer.update().where(same, version, _OFFER.used_at.is_(None))
        self._connection.execute(meant.values(used_at=at))

    def expire(self, issued_at: datetime) -> None:
        """Let every token that was ever issued be as old as that, where it was younger.

        An offer whose mail is yet to leave gets a token then, and that one lives.
        """
        younger = tables.token.update().where(_TOKEN.issued_at > issued_at)
        self._connection.execute(younger.values(issued_at=issued_at))

    def drop_before(self, at: datetime) -> None:
        """Forget the offers of mails that were queued before an instant; their tokens died long ago."""
        old = select(tables.outbox.c.id).where(tables.outbox.c.created_at < at)
        offers = select(_OFFER.id).where(_OFFER.outbox_id.in_(old))
        self._connection.execute(tables.token.delete().where(_TOKEN.offer_id.in_(offers)))
        self._connection.execute(tables.offer.delete().where(_OFFER.outbox_id.in_(old)))


def _offer_of(row: dict[str, Any]) -> Offer:
    return Offer(**(row | {"action": Action(row["action"])}))
