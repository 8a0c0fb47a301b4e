"""Amazon's side of a case that needs no reply: the link by which a person says so there too."""

from __future__ import annotations

from typing import TYPE_CHECKING

from parsers.values import Authenticity, Kind
from state.model import AnswerSource

if TYPE_CHECKING:
    from collections.abc import Sequence

    from state.model import Answer, Message
    from state.unit_of_work import UnitOfWork


def was_decided(answers: Sequence[Answer]) -> bool:
    """Whether the last that was decided of a case is that it needs no reply."""
    return bool(answers) and answers[-1].source is AnswerSource.NO_REPLY_NEEDED


def amazons_link(uow: UnitOfWork, messages: Sequence[Message]) -> str | None:
    """Amazon's own link in the buyer's last message, for a person to open and never opened from here.

    None if the mail is not kept any more, is not proven to be Amazon's, or has no such link.

    Args:
        uow: the transaction.
        messages: of the case, oldest first.
    """
    written = [one for one in messages if one.kind is Kind.BUYER_MESSAGE]
    if not written or written[-1].authenticity is not Authenticity.PASS:
        return None
    content = uow.raw_mail.get(written[-1].id)
    if content is None:
        return None
    from parsers.links import no_response_link  # noqa: PLC0415 - only this needs the parsers

    return no_response_link(content)
