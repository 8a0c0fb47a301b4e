"""Mails that answer what the program sent, so that they can be written only while the soak runs."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tests.beds.owner import taps, written
from tests.beds.post import opted_out, reply_copy
from tests.soak.people import chosen
from tests.soak.story import TAG, Fate, Sort, answer_of, ordinary_mail
from tests.unit.parsers.mails import bounce

if TYPE_CHECKING:
    from datetime import datetime

    from tests.soak.story import Conversation, Posting
    from tests.soak.truth import Accepted, Truth
    from tests.soak.yard import Yard

_RECENT = 15


class Answers:
    """Writes them; what there is to answer by then is not decided by the seed alone, which of it is."""

    def __init__(self, yard: Yard, truth: Truth) -> None:
        """Know what happened."""
        self._yard = yard
        self._truth = truth
        self._makers = {
            Sort.ANSWER: self._answer,
            Sort.REPLY_COPY: self._copy,
            Sort.BOUNCE: self._bounce,
            Sort.COMMAND: self._command,
            Sort.FILED: self._filed,
        }

    def written(self, posting: Posting, at: datetime) -> Posting:
        """The mail that this place in the story wants; somebody else's if there is nothing to answer."""
        made = self._makers[posting.sort](posting, at)
        if made is not None:
            return made
        return replace(posting, sort=Sort.UNRELATED, fate=Fate.NOWHERE, content=ordinary_mail(posting.tag))

    def _answer(self, posting: Posting, at: datetime) -> Posting | None:
        """The owner writes to a buyer from another program, by the account that the message came to."""
        answered = self._answerable(posting.pick)
        whose = answered.conversation if answered else None
        if answered is None or whose is None:
            return None
        self._truth.answers.append((posting.message_id, whose, at))
        content = answer_of(whose.alias, posting.mark)
        tagged = _tagged(content, posting)
        return replace(posting, mailbox=answered.mailbox, folder="Sent", content=tagged, seen=True)

    def _answerable(self, pick: float) -> Posting | None:
        known = [one.posting for one in self._truth.delivered if one.posting.may_be_acknowledged]
        return chosen(known[-40:], pick)

    def _copy(self, posting: Posting, _at: datetime) -> Posting | None:
        sent = self._sent(posting.pick)
        whose = self._whose(sent)
        if sent is None or whose is None:
            return None
        mail = whose.mail()
        content = reply_copy(sent.text, order=mail.order, name=mail.name)
        return replace(posting, content=_tagged(content, posting))

    def _bounce(self, posting: Posting, _at: datetime) -> Posting | None:
        sent = self._sent(posting.pick)
        whose = self._whose(sent)
        if sent is None or whose is None:
            return None
        ours = posting.pick * 100 % 1 < 0.5
        content = bounce(sent.recipients[0], sent.message_id) if ours else opted_out(whose.number)
        return replace(posting, content=_tagged(content, posting))

    def _command(self, posting: Posting, _at: datetime) -> Posting | None:
        """The owner taps one of the links of an alert."""
        alert = chosen([one for one in self._truth.accepted[-40:] if one.to_owner], posting.pick)
        tap = chosen(taps(alert.content), posting.pick * 100 % 1) if alert else None
        return None if tap is None else replace(posting, content=_tagged(written(tap.subject), posting))

    def _filed(self, posting: Posting, _at: datetime) -> Posting | None:
        """The provider keeps a copy of what left; that proves it where the program does not know."""
        sent = self._sent(posting.pick)
        if sent is None:
            return None
        content = f"{TAG}: {posting.tag}\r\n".encode() + sent.content
        return replace(
            posting,
            mailbox=sent.sender,
            folder="Sent",
            content=content,
            message_id=sent.message_id,
            seen=True,
        )

    def _sent(self, pick: float) -> Accepted | None:
        return chosen(list(self._truth.to_buyers())[-_RECENT:], pick)

    def _whose(self, sent: Accepted | None) -> Conversation | None:
        return self._truth.writable().get(sent.recipients[0]) if sent else None


def _tagged(content: bytes, posting: Posting) -> bytes:
    return f"{TAG}: {posting.tag}\r\n".encode() + content
