"""The mail that an approval would send, exactly as it would leave, and what tells it from any other."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field
from hashlib import sha256
from json import dumps
from typing import TYPE_CHECKING

from daemon.compose import NAME_LIMIT, reply_subject
from daemon.review import refusal_of_approving
from daemon.showing.draft_lines import sure_about
from daemon.showing.reader import clean_lines
from daemon.threads import thread_of
from daemon.web.draft_view import concerns_of, findings_in, folder_words
from state.approval_rules import ApprovalRefusal
from state.drafts import DraftState, FolderState
from templates.cleaning import one_line
from templates.guidelines import is_blocked

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from daemon.showing.case_lines import CaseLine
    from daemon.showing.reader import Reader
    from daemon.web.draft_view import Concern
    from daemon.work import Work
    from state.drafts import Draft
    from state.model import Message
    from templates.guidelines import Finding

_TOUCHED = frozenset({FolderState.EDITED, FolderState.GONE, FolderState.LEFT})
"""Copies in the Drafts folder that were in somebody's hands: they change what a person decides."""

_UNSEEN = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"})


@dataclass(frozen=True, slots=True)
class Said:
    """A message that came, for reading.

    Attributes:
        kind, proof: words of the tables of those names.
        at: when it came.
        text: without what moves a cursor or hides.
    """

    kind: str
    proof: str
    at: datetime
    text: str = field(repr=False)


def said_in(messages: Iterable[Message]) -> tuple[Said, ...]:
    """Messages for reading, in their order."""
    return tuple(Said(one.kind, one.authenticity, one.received_at, clean_lines(one.text)) for one in messages)


@dataclass(frozen=True, slots=True)
class Letter:
    """What goes, to whom, and what speaks against it.

    Attributes:
        draft: the version.
        sender, recipient: the whole addresses; the sender with the shop's name.
        subject: as the buyer will see it.
        findings: what in the text breaks Amazon's rules, in the reader's language.
        refusal: why it may not go now, its words apart; None if it may.
        answers: the messages that were in sight and wait for this.
        later: what came after the version was made and voids nothing, so that nobody overlooks it.
        folder: what is known of copies in the Drafts folder, a sentence each.
        touched: which of these copies were in somebody's hands, by version.
        sure: the text is about the right thing.
    """

    draft: Draft
    sender: str
    recipient: str
    subject: str
    findings: tuple[Finding, ...]
    refusal: ApprovalRefusal | None
    answers: tuple[Said, ...]
    later: tuple[Said, ...]
    folder: tuple[str, ...]
    touched: tuple[tuple[int, str], ...]
    sure: bool

    @property
    def blocked(self) -> bool:
        """Its words must not be sent."""
        return is_blocked(self.findings)

    @property
    def ready(self) -> bool:
        """A person may send it; warnings want a tick."""
        return self.refusal is None and not self.blocked

    @property
    def concerns(self) -> tuple[Concern, ...]:
        """The findings by their reasons."""
        return concerns_of(self.findings)

    @property
    def shown(self) -> tuple[tuple[str, bool], ...]:
        """The text in pieces; what cannot be seen stands as its number, marked as true."""
        return visible(self.draft.text)

    @property
    def hides(self) -> bool:
        """The text holds signs that cannot be seen."""
        return any(hidden for _, hidden in self.shown)

    @property
    def digest(self) -> str:
        """Tells this very mail, its warnings and what it answers from any other."""
        sight = self.draft.sight
        said = [
            [self.draft.case_id, self.draft.version, sight.message, sight.answer],
            [self.sender, self.recipient, self.subject, self.draft.text],
            sorted([one.rule, one.text] for one in self.findings),
            self.touched,
        ]
        return sha256(dumps(said).encode()).hexdigest()


def letter_of(work: Work, line: CaseLine, draft: Draft, reader: Reader) -> Letter:
    """The mail that an approval of this version would send now.

    Args:
        work: the transaction.
        line: the case with its messages.
        draft: the version.
        reader: who looks.
    """
    account = work.shop.accounts.get(line.case.mailbox)
    versions = work.uow.drafts.of_case(line.case.id)
    seen = draft.sight.message
    return Letter(
        draft=draft,
        sender=f"{one_line(work.shop.name, NAME_LIMIT)} <{account.address}>" if account else "",
        recipient=line.case.alias or "",
        subject=reply_subject(thread_of(work.uow, draft, line.case).subject),
        findings=findings_in(draft.text, line.case.order_ids, reader.language),
        refusal=_refusal(work, line, draft),
        answers=said_in(one for one in line.pressing if one.id <= seen),
        later=said_in(one for one in line.messages if one.id > seen),
        folder=folder_words(work, versions, draft.version, reader),
        touched=_touched(work, versions),
        sure=sure_about(draft),
    )


def _refusal(work: Work, line: CaseLine, draft: Draft) -> ApprovalRefusal | None:
    """Only the version that waits may be approved here, whatever else is true of it."""
    refusal = refusal_of_approving(work, draft, line.case, older=False)
    if refusal is not None or draft.state is DraftState.OPEN:
        return refusal
    return ApprovalRefusal.OLD_VERSION if line.drafted else ApprovalRefusal.NO_DRAFT


def _touched(work: Work, versions: Sequence[Draft]) -> tuple[tuple[int, str], ...]:
    copies = ((one.version, work.uow.folder_copies.of_draft(one.id)) for one in versions)
    return tuple((version, one.state.value) for version, one in copies if one and one.state in _TOUCHED)


def visible(text: str) -> tuple[tuple[str, bool], ...]:
    """A text in pieces, with its invisible signs written out, so that what is read is what is sent.

    Args:
        text: any text.

    Returns:
        Pieces with whether each stands for a sign that cannot be seen; joined they are the whole text.
    """
    pieces: list[tuple[str, bool]] = []
    plain = ""
    for sign in text:
        if sign != "\n" and unicodedata.category(sign) in _UNSEEN:
            pieces += [(plain, False), (f"U+{ord(sign):04X}", True)]
            plain = ""
        else:
            plain += sign
    return tuple(one for one in (*pieces, (plain, False)) if one[0])
