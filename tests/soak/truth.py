"""What really happened in a soak, kept apart from the program: every mail delivered and every mail taken."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from typing import TYPE_CHECKING

from tests.beds.owner import OWNER
from tests.soak.story import TAG, Fate, Sort

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from tests.soak.story import Conversation, Posting

_MARK = re.compile(rb"A0SOAK[0-9]{9}")
_TAGGED = re.compile(rf"^{TAG}: (A0SOAK[0-9]{{9}})\r?$".encode(), re.MULTILINE)
_UNTAGGED = re.compile(rb"^Message-ID: <(A0SOAK[0-9]{9})", re.MULTILINE | re.IGNORECASE)


def tag_of(content: bytes) -> str | None:
    """Which mail of the story these bytes are, or begin with."""
    found = _TAGGED.search(content) or _UNTAGGED.search(content)
    return found[1].decode() if found else None


@dataclass(frozen=True, slots=True)
class Delivered:
    """One mail that a server handed the shop.

    Attributes:
        posting: the mail.
        at: when it arrived, by the world's clock.
    """

    posting: Posting
    at: datetime


@dataclass(frozen=True, slots=True)
class Accepted:
    """One mail that the SMTP server took, which is the truth about what left.

    Attributes:
        recipients: the envelope's.
        content: the bytes.
        at: what the machine's clock said, which is all that the program can go by.
        message_id: its name, without brackets.
        automatic: it says that no person wrote it.
        replies_to: the mark of the message that it answers by its header.
    """

    recipients: tuple[str, ...]
    content: bytes
    at: datetime
    message_id: str
    automatic: bool
    replies_to: str | None

    @classmethod
    def of(cls, recipients: tuple[str, ...], content: bytes, at: datetime) -> Accepted:
        """What was handed over, with what its head says."""
        head = message_from_bytes(content.partition(b"\r\n\r\n")[0] + b"\r\n\r\n")
        found = _MARK.search(str(head["In-Reply-To"] or "").encode())
        return cls(
            recipients=recipients,
            content=content,
            at=at,
            message_id=str(head["Message-ID"]).strip("<> "),
            automatic=head["Auto-Submitted"] is not None,
            replies_to=found[0].decode() if found else None,
        )

    @property
    def to_owner(self) -> bool:
        """Only the owner was meant to get it."""
        return self.recipients == (OWNER,)

    @property
    def sender(self) -> str:
        """Whose mailbox it left by."""
        return str(message_from_bytes(self.content)["From"]).rpartition("<")[2].partition("@")[0]

    @property
    def text(self) -> str:
        """What its reader reads."""
        body = message_from_bytes(self.content, policy=policy.default).get_body(("plain",))
        return "" if body is None else str(body.get_content())


@dataclass(slots=True)
class Truth:
    """Everything that the soak knows for certain.

    Attributes:
        delivered: every mail that came, in order.
        accepted: every mail that the SMTP server took, in order.
        unanswered: names of the mails that were read to the end by the server and then neither taken nor
            answered, so that the program cannot know what became of them.
        answers: for each answer of the owner in Sent its name, whose matter, and when.
    """

    delivered: list[Delivered] = field(default_factory=list)
    accepted: list[Accepted] = field(default_factory=list)
    unanswered: list[str] = field(default_factory=list)
    answers: list[tuple[str, Conversation, datetime]] = field(default_factory=list)

    def took(self, message_id: str) -> int:
        """How often the server took that mail."""
        return sum(one.message_id == message_id for one in self.accepted)

    def fates(self) -> dict[str, Fate]:
        """What must have become of every message, by its mark; copies share it."""
        return {one.posting.mark: one.posting.fate for one in self.delivered}

    def marks(self) -> dict[str, str]:
        """To which message each mail belongs, by its tag."""
        return {one.posting.tag: one.posting.mark for one in self.delivered}

    def postings(self) -> dict[str, list[Posting]]:
        """The mails of each message."""
        found: dict[str, list[Posting]] = {}
        for one in self.delivered:
            found.setdefault(one.posting.mark, []).append(one.posting)
        return found

    def writable(self) -> dict[str, Conversation]:
        """The addresses that there was a reason to write to, and whose matter each is."""
        return {
            one.alias: one
            for delivered in self.delivered
            if delivered.posting.may_be_acknowledged and (one := delivered.posting.conversation)
        }

    def to_buyers(self) -> Iterator[Accepted]:
        """Every mail that left for anybody but the owner."""
        return (one for one in self.accepted if not one.to_owner)

    def by_sort(self) -> dict[Sort, int]:
        """How many mails of each kind came."""
        return count(one.posting.sort for one in self.delivered)


def count(items: Iterable[Sort]) -> dict[Sort, int]:
    """How many of each there are, in the order of the kinds."""
    found = list(items)
    return {sort: number for sort in Sort if (number := found.count(sort))}
