"""Drafted replies, their versions, and their copies in the Drafts folder. Pure: no storage, no clock."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


class DraftState(StrEnum):
    """Where one version of a draft stands; at most one version of a case is open."""

    OPEN = "open"
    REPLACED = "replaced"
    OVERTAKEN = "overtaken"
    DISCARDED = "discarded"
    APPROVED = "approved"


class DraftSource(StrEnum):
    """Who wrote the words of a version."""

    TEMPLATE = "template"
    COMMAND = "command"
    REPLY = "reply"
    DESK = "desk"

    @property
    def by_person(self) -> bool:
        """A person wrote it."""
        return self is not DraftSource.TEMPLATE


@dataclass(frozen=True, slots=True)
class Sight:
    """What there was to see of a case when a draft was made; what came later, nobody can have meant.

    Attributes:
        message: number of the case's newest message.
        answer: number of the case's newest answer that was not withdrawn; 0 if there was none.
    """

    message: int
    answer: int


@dataclass(frozen=True, slots=True)
class Draft:
    """One version of the reply to a case; instants in UTC.

    Attributes:
        id: its number; 0 before it is stored.
        case_id: the case that it answers.
        version: counts up from 1 in each case.
        state: where it stands.
        source: who wrote it.
        sight: what had been seen when it was made: the fence of its approval.
        situation: word of the draft templates; None where none fits.
        sure: the situation may be relied on.
        fulfilment: ``fba``, ``own`` or ``unknown``.
        language: ``ja`` or ``en``; of the buyer.
        template: the template that made it, or that the person's text began with.
        text: as it would be sent.
        token: value of the draft header of its copy in the Drafts folder.
        made_at: when it was made.
        settled_at: when it stopped being open.
    """

    id: int
    case_id: int
    version: int
    state: DraftState
    source: DraftSource
    sight: Sight
    situation: str | None
    sure: bool
    fulfilment: str
    language: str
    template: str | None
    text: str = field(repr=False)
    token: str = field(repr=False)
    made_at: datetime
    settled_at: datetime | None = None


class FolderState(StrEnum):
    """Where the copy of a draft in the Drafts folder stands.

    ``wanted`` is written before it is put there, so that a search finds what a broken run left behind.
    """

    WANTED = "wanted"
    PLACED = "placed"
    REMOVED = "removed"
    EDITED = "edited"
    GONE = "gone"
    LEFT = "left"


@dataclass(frozen=True, slots=True)
class FolderCopy:
    """The copy of one draft in the Drafts folder.

    Attributes:
        draft_id: of which draft.
        state: where it stands.
        mailbox: the account.
        folder: the folder's name.
        uidvalidity, uid: its place; 0 as long as that is not known.
        digest: of the mail as the server hands it out; empty before that is known, and where it was found
            with other words than ours.
    """

    draft_id: int
    state: FolderState
    mailbox: str
    folder: str
    uidvalidity: int = 0
    uid: int = 0
    digest: str = ""
