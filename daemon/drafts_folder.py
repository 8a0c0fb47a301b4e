"""Keeps ready drafts in the account's Drafts folder, and lets an approved mail leave only past them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from daemon import approvals
from daemon.compose import DRAFT_HEADER, compose_draft
from daemon.drafting import is_overtaken
from daemon.errors import FolderMissing
from daemon.identifiers import content_digest
from daemon.log import get_logger
from daemon.ports import Appended, FolderRole, TakenBack
from daemon.review import check_draft, standing_of
from daemon.work import Work
from state.approval_rules import ApprovalRefusal, refusal_of
from state.drafts import DraftState, FolderCopy, FolderState
from state.model import CaseState
from templates.guidelines import is_blocked

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from daemon.ports import Clock, Folder, Mailbox
    from daemon.shop import Account, Shop
    from state.drafts import Draft
    from state.model import OutboxItem
    from state.unit_of_work import Database, UnitOfWork

_BECOMES = {
    TakenBack.REMOVED: FolderState.REMOVED,
    TakenBack.CHANGED: FolderState.EDITED,
    TakenBack.GONE: FolderState.GONE,
    TakenBack.KEPT: FolderState.LEFT,
}
_VOIDS = {
    FolderState.EDITED: ApprovalRefusal.DRAFT_EDITED,
    FolderState.GONE: ApprovalRefusal.DRAFT_GONE,
}
"""What a person did in the mail app speaks against an approval that was given elsewhere."""

_LEFTOVERS = {FolderState.LEFT: "discard_draft", FolderState.EDITED: "edited_draft"}

_IN_PLACE = (FolderState.WANTED, FolderState.PLACED)

_log = get_logger(__name__)


class DraftsFolder:
    """The Drafts folder of one account; used by that account's thread only."""

    def __init__(
        self,
        database: Database,
        shop: Shop,
        account: Account,
        clock: Clock,
        *,
        on_cleared: Callable[[], None] = lambda: None,
    ) -> None:
        """Set up the keeper of the folder.

        Args:
            database: where drafts and their copies are written down.
            shop: the configuration.
            account: whose folder.
            clock: the time.
            on_cleared: told when an approved mail may leave.
        """
        self._database = database
        self._shop = shop
        self._account = account
        self._clock = clock
        self._on_cleared = on_cleared

    def waiting(self) -> tuple[OutboxItem, ...]:
        """The approved mails that wait for a look into the folders; to be asked before they are read."""
        with self._database.read() as uow:
            return uow.outbox.approved_waiting(self._account.name)

    def turn(self, mailbox: Mailbox, waiting: Sequence[OutboxItem]) -> None:
        """Remove what is out of date, put in what is ready, and clear approved mails; in that order.

        To be called after the Sent folder was read.

        Args:
            mailbox: the connection.
            waiting: what `waiting` told before the folders were read; nothing younger is cleared.

        Raises:
            MailboxUnavailable: the server failed; the rest waits for the next pass.
        """
        folder = next((one for one in mailbox.folders() if one.role is FolderRole.DRAFTS), None)
        for copy in self._outdated():
            found = self._take_back(mailbox, copy)
            with self._database.write() as uow:
                uow.folder_copies.keep(found)
                self._tell_leftover(uow, found)
                uow.commit()
        if folder is not None and self._shop.places_drafts:
            for draft in self._placeable():
                self._place(mailbox, folder, draft)
        cleared = [self._clear(mailbox, item) for item in waiting]
        if any(cleared):
            self._on_cleared()

    # Out of date

    def _outdated(self) -> list[FolderCopy]:
        """Copies of drafts that wait for nobody any more; an approved one is looked at when it is cleared."""
        with self._database.read() as uow:
            copies = uow.folder_copies.of_mailbox(self._account.name, *_IN_PLACE)
            return [one for one in copies if _is_outdated(uow, one)]

    def _take_back(self, mailbox: Mailbox, copy: FolderCopy) -> FolderCopy:
        """Remove one copy if nobody touched it; tells what was found."""
        try:
            found = self._found(mailbox, copy) if copy.state is FolderState.WANTED else copy
            if found is None:
                return replace(copy, state=FolderState.REMOVED)
            taken = mailbox.take_back(found.folder, Appended(found.uidvalidity, found.uid), found.digest)
        except FolderMissing:
            return replace(copy, state=FolderState.GONE)
        return replace(found, state=_BECOMES[taken])

    def _tell_leftover(self, uow: UnitOfWork, copy: FolderCopy) -> None:
        """What is out of date and still lies there could be sent by mistake."""
        draft = uow.drafts.get(copy.draft_id)
        if draft is None or copy.state not in _LEFTOVERS:
            return
        word = _LEFTOVERS[copy.state]
        key = f"{word}:{copy.draft_id}"
        now = self._clock.now()
        uow.notices.raise_once(key, word, now, case_id=draft.case_id, detail=self._account.name)

    # Ready

    def _placeable(self) -> list[Draft]:
        with self._database.read() as uow:
            work = Work(uow, self._shop, self._clock.now())
            return [draft for draft in uow.drafts.open() if self._is_placeable(work, draft)]

    def _is_placeable(self, work: Work, draft: Draft) -> bool:
        """Ready as it is, of this account, and not there yet; what was there once is never put back."""
        case = work.uow.cases.get(draft.case_id)
        if case is None or case.mailbox != self._account.name or case.state is not CaseState.OPEN:
            return False
        copy = work.uow.folder_copies.of_draft(draft.id)
        if copy is not None and copy.state is not FolderState.WANTED:
            return False
        if is_blocked(check_draft(draft, case, self._shop.language)):
            return False
        return refusal_of(draft, standing_of(work, case)) is None

    def _place(self, mailbox: Mailbox, folder: Folder, draft: Draft) -> None:
        """Put one draft in: what a broken run may have put there already is looked for first."""
        wanted = FolderCopy(draft.id, FolderState.WANTED, self._account.name, folder.name)
        with self._database.write() as uow:
            uow.folder_copies.keep(wanted)
            content = self._content(uow, draft)
            uow.commit()
        found = self._found(mailbox, wanted) or self._put(mailbox, wanted, content)
        with self._database.write() as uow:
            uow.folder_copies.keep(found)
            uow.events.note(draft.case_id, "draft_placed", self._clock.now(), f"v{draft.version}")
            uow.commit()

    def _put(self, mailbox: Mailbox, copy: FolderCopy, content: bytes) -> FolderCopy:
        """Append it and look at it: servers add headers of their own."""
        place = mailbox.append(copy.folder, content, seen=True, draft=True, at=self._clock.now())
        found = self._at(mailbox, copy, [place.uid]) if place else self._found(mailbox, copy)
        if found is None:
            # It must not be put there at every pass, and cannot be removed later.
            _log.warning("draft is not found where it was put", action="left", draft=copy.draft_id)
            return replace(copy, state=FolderState.LEFT)
        return found

    def _found(self, mailbox: Mailbox, copy: FolderCopy) -> FolderCopy | None:
        """The copy with its place and digest, found by its header; None if it is not there."""
        with self._database.read() as uow:
            draft = uow.drafts.get(copy.draft_id)
        assert draft is not None
        mailbox.open(copy.folder)
        return self._at(mailbox, copy, mailbox.uids_with_header(DRAFT_HEADER, draft.token)[-1:])

    def _at(self, mailbox: Mailbox, copy: FolderCopy, uids: list[int]) -> FolderCopy | None:
        state = mailbox.open(copy.folder)
        body = next(iter(mailbox.bodies(uids)), None) if uids else None
        if body is None:
            return None
        return replace(
            copy,
            state=FolderState.PLACED,
            uidvalidity=state.uidvalidity,
            uid=body.uid,
            digest=content_digest(body.content),
        )

    def _content(self, uow: UnitOfWork, draft: Draft) -> bytes:
        case = uow.cases.get(draft.case_id)
        assert case is not None
        message = uow.messages.get(draft.sight.message)
        return compose_draft(
            sender_address=self._account.address,
            sender_name=self._shop.name,
            recipient=case.alias or "",
            subject=message.subject if message else case.subject,
            text=draft.text,
            token=draft.token,
            in_reply_to=message.message_id if message else None,
            references=message.reply_chain if message else (),
            at=self._clock.now().astimezone(self._shop.calendar.zone),
        )

    # Approved

    def _clear(self, mailbox: Mailbox, item: OutboxItem) -> bool:
        """Take every copy of the case's drafts out of the folder, so that nobody can send one as well.

        Whoever takes it out has it: one that is gone or edited was in a person's hands, and that person is
        asked.
        """
        found = [self._take_back(mailbox, copy) for copy in self._copies_of_case(item)]
        void = next((_VOIDS[copy.state] for copy in found if copy.state in _VOIDS), None)
        with self._database.write() as uow:
            work = Work(uow, self._shop, self._clock.now())
            for copy in found:
                # Together with the decision, or a broken run would forget what speaks against it.
                uow.folder_copies.keep(copy)
                if copy.state is FolderState.LEFT:
                    self._tell_leftover(uow, copy)
            if void is not None:
                approvals.take_back(work, item, void)
            else:
                uow.outbox.annotate(item.id, cleared_at=work.now)
            uow.commit()
        return void is None

    def _copies_of_case(self, item: OutboxItem) -> list[FolderCopy]:
        with self._database.read() as uow:
            copies = (uow.folder_copies.of_draft(one.id) for one in uow.drafts.of_case(item.case_id or 0))
            return [one for one in copies if one is not None and one.state in _IN_PLACE]


def _is_outdated(uow: UnitOfWork, copy: FolderCopy) -> bool:
    draft = uow.drafts.get(copy.draft_id)
    if draft is None or draft.state not in {DraftState.OPEN, DraftState.APPROVED}:
        return True
    # What the buyer just wrote was read in this very pass; the draft is settled a moment later.
    return draft.state is DraftState.OPEN and is_overtaken(uow, draft)
