"""Keeps ready drafts in the account's Drafts folder, and lets an approved mail leave only past them."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import chain
from typing import TYPE_CHECKING

from daemon import approvals
from daemon.compose import DRAFT_HEADER, compose_draft
from daemon.drafting import is_overtaken
from daemon.errors import FolderMissing, MailboxUnavailable
from daemon.identifiers import content_digest
from daemon.log import get_logger
from daemon.ports import Appended, FolderRole, TakenBack
from daemon.review import check_draft, standing_of
from daemon.threads import thread_of
from daemon.work import Work
from state.approval_rules import ApprovalRefusal, refusal_of
from state.drafts import FolderCopy, FolderState
from state.engine import DATABASE_TROUBLE
from state.model import CaseState
from templates.guidelines import is_blocked

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from daemon.ports import Clock, Folder, MailBody, Mailbox
    from daemon.ports import FolderState as OpenedFolder
    from daemon.shop import Account, Shop
    from state.drafts import Draft
    from state.model import Case, OutboxItem
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

_ATTEMPTS = 3
_PAUSE = timedelta(hours=1)
"""So often in a row a draft may fail to be put in before nothing is put in for a while: the folder may be
full, and the mailbox is to be read all the same."""

_LONG_AGO = datetime.min.replace(tzinfo=UTC)

_NEWEST = 200
"""Numbers at the end of the folder that are looked through where the server's search finds nothing."""

_FOLDED = re.compile(rb"\n[ \t]+")

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
        self._refusals = 0
        self._paused_until = _LONG_AGO
        self._blocked: set[tuple[int, tuple[str, ...]]] = set()
        self._hopeless: set[int] = set()

    def waiting(self) -> tuple[OutboxItem, ...]:
        """The approved mails that wait for a look into the folders; to be asked before they are read."""
        with self._database.read() as uow:
            return uow.outbox.approved_waiting(self._account.name)

    def turn(self, mailbox: Mailbox, waiting: Sequence[OutboxItem]) -> None:
        """Remove what is out of date, clear approved mails, and put in what is ready; in that order.

        A server that takes no draft must not keep an approved mail from leaving. To be called after the Sent
        folder was read.

        Args:
            mailbox: the connection.
            waiting: what `waiting` told before the folders were read; nothing younger is cleared.

        Raises:
            MailboxUnavailable: the server failed; the rest waits for the next pass.
        """
        for copy in self._outdated():
            found = self._take_back(mailbox, copy)
            with self._database.write() as uow:
                uow.folder_copies.keep(found)
                self._tell_leftover(uow, found)
                uow.commit()
        cleared = [self._clear(mailbox, item) for item in waiting]
        if any(cleared):
            self._on_cleared()
        folder = _drafts_of(mailbox)
        if folder is not None and self._shop.places_drafts and self._clock.now() >= self._paused_until:
            for draft in self._placeable():
                self._try_to_place(mailbox, folder, draft)

    # Out of date

    def _outdated(self) -> list[FolderCopy]:
        """Copies of drafts that wait for nobody any more; an approved one is looked at when it is cleared."""
        with self._database.read() as uow:
            settled = uow.folder_copies.of_settled(self._account.name, *_IN_PLACE)
            # What the buyer just wrote was read in this very pass; the draft is settled a moment later.
            overtaken = {one.id for one in uow.drafts.perhaps_overtaken() if is_overtaken(uow, one)}
            copies = uow.folder_copies.of_mailbox(self._account.name, *_IN_PLACE) if overtaken else ()
            return [*settled, *(one for one in copies if one.draft_id in overtaken)]

    def _take_back(self, mailbox: Mailbox, copy: FolderCopy) -> FolderCopy:
        """Remove one copy if nobody touched it; tells what was found."""
        try:
            found = copy if copy.uid else self._found(mailbox, copy)
            if found is None:
                never_there = copy.state is FolderState.WANTED
                return replace(copy, state=FolderState.REMOVED if never_there else FolderState.LEFT)
            taken = mailbox.take_back(found.folder, Appended(found.uidvalidity, found.uid), found.digest)
        except FolderMissing:
            return self._elsewhere(mailbox, copy)
        if taken is TakenBack.GONE:
            return self._elsewhere(mailbox, found)
        return replace(found, state=_BECOMES[taken])

    def _elsewhere(self, mailbox: Mailbox, copy: FolderCopy) -> FolderCopy:
        """What became of a copy that is not where it was: mail programs save an edited draft anew."""
        never_there = copy.state is FolderState.WANTED
        gone = replace(copy, state=FolderState.REMOVED if never_there else FolderState.GONE)
        folder = _drafts_of(mailbox)
        try:
            found = self._found(mailbox, replace(copy, folder=folder.name)) if folder else None
        except FolderMissing:
            return gone
        if found is None or _place_of(found) == _place_of(copy):
            # In its old place it is flagged as deleted: somebody threw it away.
            return gone
        moved = (found.folder, found.uidvalidity) != (copy.folder, copy.uidvalidity)
        untouched = moved and bool(copy.digest) and found.digest == copy.digest
        return replace(found, state=FolderState.LEFT if untouched else FolderState.EDITED)

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
            unplaced = [
                one for one in uow.drafts.unplaced(self._account.name) if one.id not in self._hopeless
            ]
            # Most of them wait with their blanks: what they cost must not grow with their number.
            cases = {one.id: one for one in uow.cases.in_state(CaseState.OPEN)} if unplaced else {}
            return [one for one in unplaced if self._may_be_placed(work, one, cases.get(one.case_id))]

    def _may_be_placed(self, work: Work, draft: Draft, case: Case | None) -> bool:
        """A draft that cannot be judged is left out, and stops no other."""
        try:
            return case is not None and self._is_placeable(work, draft, case)
        except DATABASE_TROUBLE:
            raise
        except Exception:  # noqa: BLE001 - the drafts behind it and the mail must be seen to
            _log.exception("draft could not be judged", action="left_out", case=draft.case_id)
            self._hopeless.add(draft.id)
            return False

    def _is_placeable(self, work: Work, draft: Draft, case: Case) -> bool:
        """Ready as it is; what was in the folder once is never put back."""
        if (draft.id, case.order_ids) in self._blocked:
            return False
        if is_blocked(check_draft(draft, case, self._shop.language)):
            # A version never changes: most wait with their blanks for hours, and a check takes its time.
            self._blocked.add((draft.id, case.order_ids))
            return False
        return refusal_of(draft, standing_of(work, case)) is None

    def _try_to_place(self, mailbox: Mailbox, folder: Folder, draft: Draft) -> None:
        """Put one draft in; neither a folder that refuses it nor a bad draft stops the pass for long."""
        try:
            self._place(mailbox, folder, draft)
        except MailboxUnavailable:
            self._refusals += 1
            if self._refusals >= _ATTEMPTS:
                _log.warning("drafts cannot be put in", action="paused", mailbox=self._account.name)
                self._paused_until = self._clock.now() + _PAUSE
            raise
        except DATABASE_TROUBLE:
            raise
        except Exception:  # noqa: BLE001 - the drafts behind it and the mail must be seen to
            _log.exception("draft could not be put in", action="left_out", case=draft.case_id)
            self._hopeless.add(draft.id)
        else:
            self._refusals = 0

    def _place(self, mailbox: Mailbox, folder: Folder, draft: Draft) -> None:
        """Put one draft in: what a broken run may have put there already is looked for first."""
        wanted = FolderCopy(draft.id, FolderState.WANTED, self._account.name, folder.name)
        with self._database.write() as uow:
            uow.folder_copies.keep(wanted)
            content = self._content(uow, draft)
            uow.commit()
        try:
            found = self._found(mailbox, wanted) or self._put(mailbox, wanted, content)
        except FolderMissing:
            # The connection goes on; the next one knows the folders anew.
            _log.warning("there is no folder for drafts", action="retry_later", folder=folder.name)
            return
        self._note_placed(found, draft)

    def _note_placed(self, copy: FolderCopy, draft: Draft) -> None:
        with self._database.write() as uow:
            uow.folder_copies.keep(copy)
            uow.events.note(draft.case_id, "draft_placed", self._clock.now(), f"v{draft.version}")
            uow.commit()

    def _put(self, mailbox: Mailbox, copy: FolderCopy, content: bytes) -> FolderCopy:
        """Append it and look at it: servers add headers of their own."""
        place = mailbox.append(copy.folder, content, seen=True, draft=True, at=self._clock.now())
        state = mailbox.open(copy.folder)
        uids = [place.uid] if place else self._uids(mailbox, state, copy)
        body = _body(mailbox, uids)
        if body is None:
            # It must not be put there at every pass; its place is looked for when it is to be removed.
            _log.warning("draft is not found where it was put", action="left", draft=copy.draft_id)
            return replace(copy, state=FolderState.PLACED)
        return _placed(copy, state, body.uid, content_digest(body.content))

    def _found(self, mailbox: Mailbox, copy: FolderCopy) -> FolderCopy | None:
        """The copy with its place, found by its header; None if it is not there.

        A person may have edited it before it is found: with other words than ours it gets no digest, and so
        is never taken for untouched.
        """
        state = mailbox.open(copy.folder)
        body = _body(mailbox, self._uids(mailbox, state, copy))
        if body is None:
            return None
        digest = content_digest(body.content)
        known = digest == copy.digest or _is_as_written(body.content, self._written(copy))
        return _placed(copy, state, body.uid, digest if known else "")

    def _uids(self, mailbox: Mailbox, state: OpenedFolder, copy: FolderCopy) -> list[int]:
        """Where in the open folder mails with the draft's header lie, ascending."""
        token = self._draft_of(copy).token
        found = mailbox.uids_with_header(DRAFT_HEADER, token)
        if found:
            return found
        # Not every server searches headers that it does not know, or mail that came just now.
        newest = [*chain(*mailbox.uids_after(max(0, state.uidnext - 1 - _NEWEST), state.uidnext))]
        heads = mailbox.heads(newest, (DRAFT_HEADER,)) if newest else []
        return sorted(head.uid for head in heads if token.encode() in head.headers)

    def _draft_of(self, copy: FolderCopy) -> Draft:
        with self._database.read() as uow:
            draft = uow.drafts.get(copy.draft_id)
        assert draft is not None
        return draft

    def _written(self, copy: FolderCopy) -> bytes:
        with self._database.read() as uow:
            return self._content(uow, self._draft_of(copy))

    def _content(self, uow: UnitOfWork, draft: Draft) -> bytes:
        case = uow.cases.get(draft.case_id)
        assert case is not None
        thread = thread_of(uow, draft, case)
        return compose_draft(
            sender_address=self._account.address,
            sender_name=self._shop.name,
            recipient=case.alias or "",
            subject=thread.subject,
            text=draft.text,
            token=draft.token,
            in_reply_to=thread.in_reply_to,
            references=thread.references,
            at=self._clock.now().astimezone(self._shop.calendar.zone),
        )

    # Approved

    def _clear(self, mailbox: Mailbox, item: OutboxItem) -> bool:
        """Take every copy of the case's drafts out of the folder, so that nobody can send one as well.

        Whoever takes it out has it: one that is gone or edited was in a person's hands, and that person is
        asked.
        """
        # What was sent from the folder is in Sent by now: then that is the reason, and not that it is gone.
        copies = self._copies_of_case(item) if self._is_allowed(item) else []
        found = [self._take_back(mailbox, copy) for copy in copies]
        touched = next((_VOIDS[copy.state] for copy in found if copy.state in _VOIDS), None)
        with self._database.write() as uow:
            work = Work(uow, self._shop, self._clock.now())
            for copy in found:
                # Together with the decision, or a broken run would forget what speaks against it.
                uow.folder_copies.keep(copy)
                if copy.state is FolderState.LEFT:
                    self._tell_leftover(uow, copy)
            void = approvals.still_allowed(work, item) or touched
            if void is not None:
                approvals.take_back(work, item, void)
            else:
                uow.outbox.annotate(item.id, cleared_at=work.now)
            uow.commit()
        return void is None

    def _is_allowed(self, item: OutboxItem) -> bool:
        with self._database.read() as uow:
            return approvals.still_allowed(Work(uow, self._shop, self._clock.now()), item) is None

    def _copies_of_case(self, item: OutboxItem) -> list[FolderCopy]:
        with self._database.read() as uow:
            copies = (uow.folder_copies.of_draft(one.id) for one in uow.drafts.of_case(item.case_id or 0))
            return [one for one in copies if one is not None and one.state in _IN_PLACE]


def _drafts_of(mailbox: Mailbox) -> Folder | None:
    return next((one for one in mailbox.folders() if one.role is FolderRole.DRAFTS), None)


def _place_of(copy: FolderCopy) -> tuple[str, int, int]:
    return copy.folder, copy.uidvalidity, copy.uid


def _placed(copy: FolderCopy, state: OpenedFolder, uid: int, digest: str) -> FolderCopy:
    return replace(copy, state=FolderState.PLACED, uidvalidity=state.uidvalidity, uid=uid, digest=digest)


def _body(mailbox: Mailbox, uids: Sequence[int]) -> MailBody | None:
    """The newest of these mails; an older one is what a mail program has yet to remove."""
    return next(iter(mailbox.bodies(uids[-1:])), None) if uids else None


def _is_as_written(found: bytes, written: bytes) -> bool:
    """Whether a mail still says what we wrote, to whom we wrote it; servers may add fields of their own."""
    fields, words = _split(found)
    ours, our_words = _split(written)
    more = any(one.lower().startswith((b"cc:", b"bcc:")) for one in fields)
    return words == our_words and ours <= fields and not more


def _split(content: bytes) -> tuple[set[bytes], bytes]:
    """The unfolded fields of a mail without its date, and what stands below them."""
    head, _, body = content.replace(b"\r\n", b"\n").partition(b"\n\n")
    fields = _FOLDED.sub(b" ", head).split(b"\n")
    return {one for one in fields if not one.lower().startswith(b"date:")}, body.strip()
