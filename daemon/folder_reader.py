"""Reads the folders of one account from where it stopped: headers first, bodies only where needed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from daemon.arrivals import Arrival, Outcome, Taken
from daemon.intake import take_in
from daemon.log import get_logger
from daemon.ports import FolderRole
from daemon.sent_watch import SENT_FIELDS, our_ids, take_sent
from daemon.work import Work
from parsers.interest import HEADER_FIELDS, Interest, interest_of
from parsers.mime import parse_headers
from parsers.reading import read
from parsers.sent import read_sent
from parsers.values import BuyerAlias
from state.deadlines import received_at
from state.engine import DATABASE_TROUBLE
from state.model import Place
from state.repository.bookkeeping import Cursor
from state.repository.quarantine import Entry

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime
    from threading import Lock

    from daemon.ports import Clock, Folder, FolderState, Mailbox, MailHead
    from daemon.shop import Account, Shop
    from parsers.sent import SentMail
    from state.repository.bookkeeping import MailboxHealth
    from state.unit_of_work import Database, UnitOfWork

HEADS_AT_ONCE = 500
"""imapclient is bound by its own parser; fewer calls of this size are fastest."""

BODIES_AT_ONCE = 100
BYTES_AT_ONCE = 8_000_000
"""What one transaction takes in, so that a single large mail does not hold a hundred others in memory."""

_DAY_OF_ANOTHER_ZONE = timedelta(days=1)
"""The server searches by the days of its own time zone; what is read too early enters as history."""

_INBOX_FIELDS = (*HEADER_FIELDS, "MESSAGE-ID")

_log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _SentArrival:
    """One mail of the Sent folder."""

    mail: SentMail
    at: datetime
    content: bytes
    head: MailHead


@dataclass(frozen=True, slots=True)
class _Unreadable:
    """A mail on which our own reading failed: kept, so that nothing is lost."""

    head: MailHead
    content: bytes
    reason: str


_Item = Arrival | _SentArrival | _Unreadable


class FolderReader:
    """Reads one account; used by that account's thread only."""

    def __init__(
        self,
        database: Database,
        shop: Shop,
        account: Account,
        clock: Clock,
        *,
        intake_lock: Lock,
        on_taken: Callable[[Arrival, Taken], None],
        on_turn: Callable[[], None],
    ) -> None:
        """Set up the reader.

        Args:
            database: where everything is stored.
            shop: the configuration.
            account: the mailbox to read.
            clock: the time.
            intake_lock: one mail is taken in at a time, for two accounts may get copies of one message.
            on_taken: told after the commit what became of each mail.
            on_turn: told at every batch, for a long pass must not look like a dead one.
        """
        self._database = database
        self._shop = shop
        self._account = account
        self._clock = clock
        self._intake_lock = intake_lock
        self._on_taken = on_taken
        self._on_turn = on_turn
        self._starting = False

    def full_pass(self, mailbox: Mailbox) -> None:
        """Read every watched folder to its end, the inbox first and last, and write down that it was done.

        Raises:
            MailboxUnavailable: the server failed; whatever was read until then is stored.
        """
        self._starting = self._note_start()
        folders = [folder for folder in mailbox.folders() if folder.role is not FolderRole.DRAFTS]
        for folder in folders:
            self.read_folder(mailbox, folder)
        with self._database.write() as uow:
            uow.mailboxes.change(
                self._account.name, last_full_pass_at=self._clock.now(), failing_since=None, failure=None
            )
            uow.commit()
        # Waiting starts from a folder that was searched just now, so that nothing falls in between.
        self.read_folder(mailbox, folders[0])

    def read_folder(self, mailbox: Mailbox, folder: Folder) -> None:
        """Read one folder from its cursor to its end."""
        state = mailbox.open(folder.name)
        cursor = self._cursor(mailbox, folder, state)
        for window in mailbox.uids_after(cursor.last_uid, state.uidnext):
            for start in range(0, len(window), HEADS_AT_ONCE):
                self._read_batch(mailbox, folder, cursor, window[start : start + HEADS_AT_ONCE])

    def _note_start(self) -> bool:
        """Remember when this account was first tried; True if that is now."""
        with self._database.read() as uow:
            if uow.mailboxes.get(self._account.name) is not None:
                return False
        with self._database.write() as uow:
            uow.mailboxes.start(self._account.name, self._clock.now())
            uow.commit()
        return True

    def _cursor(self, mailbox: Mailbox, folder: Folder, state: FolderState) -> Cursor:
        """Where to go on: the stored position, the beginning after a renumbering, or here at the first start.

        If the first start failed or was broken off, what came since then is read: those buyers wait. A folder
        that turns up after the first start is read from its beginning: the provider may have made the junk
        folder for the very mail that lies in it.
        """
        with self._database.read() as uow:
            known = uow.cursors.get(self._account.name, folder.name)
            start = uow.mailboxes.get(self._account.name)
        if known is not None and known.uidvalidity == state.uidvalidity:
            return known
        fresh = Cursor(self._account.name, folder.name, state.uidvalidity, 0)
        if known is not None or start is None or start.last_full_pass_at is not None:
            _log.info("folder read from its beginning", action="rescan", folder=folder.name)
            return fresh
        here = replace(fresh, last_uid=self._first_position(mailbox, state, start))
        self._move(here)
        return here

    def _first_position(self, mailbox: Mailbox, state: FolderState, start: MailboxHealth) -> int:
        if self._starting and start.look_back_from is None:
            return state.uidnext - 1
        since = (start.look_back_from or start.first_start_at) - _DAY_OF_ANOTHER_ZONE
        return min(mailbox.uids_since(since.date()), default=state.uidnext) - 1

    def _move(self, cursor: Cursor) -> None:
        with self._database.write() as uow:
            uow.cursors.move(cursor)
            uow.commit()

    def _read_batch(self, mailbox: Mailbox, folder: Folder, cursor: Cursor, uids: Sequence[int]) -> None:
        self._on_turn()
        fields = SENT_FIELDS if folder.role is FolderRole.SENT else _INBOX_FIELDS
        heads = mailbox.heads(uids, fields)
        wanted = self._wanted_sent(heads) if folder.role is FolderRole.SENT else self._wanted(heads)
        groups = list(_groups(wanted))
        for group in groups[:-1]:
            self._take_group(mailbox, folder, replace(cursor, last_uid=group[-1].uid), group)
        self._take_group(mailbox, folder, replace(cursor, last_uid=uids[-1]), groups[-1] if groups else ())

    def _wanted(self, heads: Sequence[MailHead]) -> list[MailHead]:
        """Mail from Amazon, bounces and the configured senders; of the rest not even the subject is read."""
        senders = frozenset(rule.sender for rule in self._account.trust.feedback_rules)
        found = [head for head in heads if interest_of(head.headers, senders) is not Interest.NONE]
        if not found:
            return []
        names = {head.uid: parse_headers(head.headers)[1].message_id for head in found}
        with self._database.read() as uow:
            known = uow.identities.known([f"message_id:{name}"[:400] for name in names.values() if name])
        return [head for head in found if f"message_id:{names[head.uid]}"[:400] not in known]

    def _wanted_sent(self, heads: Sequence[MailHead]) -> list[MailHead]:
        """Mail to a buyer's alias, and our own; what the person writes to others is never read."""
        envelopes = [(head, parse_headers(head.headers)[1]) for head in heads]
        ids = [one for _, envelope in envelopes for one in our_ids(envelope)]
        with self._database.read() as uow:
            known = {item.message_id for item in uow.outbox.with_message_ids(ids)}
        return [
            head
            for head, envelope in envelopes
            if not known.isdisjoint(our_ids(envelope)) or any(map(BuyerAlias.parse, envelope.to_addresses))
        ]

    def _take_group(
        self, mailbox: Mailbox, folder: Folder, cursor: Cursor, group: Sequence[MailHead]
    ) -> None:
        by_uid = {head.uid: head for head in group}
        bodies = mailbox.bodies(list(by_uid)) if group else iter(())
        items = [self._read(folder, cursor, by_uid[body.uid], body.content) for body in bodies]
        with self._intake_lock:
            taken = self._store(items, cursor)
        for item, result in taken:
            if isinstance(item, Arrival):
                self._on_taken(item, result)

    def _read(self, folder: Folder, cursor: Cursor, head: MailHead, content: bytes) -> _Item:
        try:
            if folder.role is FolderRole.SENT:
                mail = read_sent(content)
                at = received_at(mail.envelope.date, head.internal_date)
                return _SentArrival(mail, at, content, head)
            place = Place(self._account.name, folder.name, cursor.uidvalidity, head.uid)
            reading = read(content, self._account.trust)
            return Arrival(place, folder.role, head.internal_date, content, reading)
        except Exception as error:  # noqa: BLE001 - no mail may stop the ones behind it
            _log.exception("mail could not be read", action="quarantined", uid=head.uid)
            return _Unreadable(head, content, f"reading failed: {type(error).__name__}")

    def _store(self, items: Sequence[_Item], cursor: Cursor) -> list[tuple[_Item, Taken]]:
        """Store all of it and the cursor in one transaction; if one fails, each by itself."""
        try:
            with self._database.write() as uow:
                taken = [(item, self._take(item, uow, cursor)) for item in items]
                uow.cursors.move(cursor)
                uow.commit()
        except DATABASE_TROUBLE:
            raise
        except Exception:  # noqa: BLE001 - the culprit is found and quarantined below
            _log.exception("mails are stored one by one", action="isolating", number=len(items))
            return self._store_singly(items, cursor)
        return taken

    def _store_singly(self, items: Sequence[_Item], cursor: Cursor) -> list[tuple[_Item, Taken]]:
        taken = [(item, self._store_one(item, cursor)) for item in items]
        self._move(cursor)
        return taken

    def _store_one(self, item: _Item, cursor: Cursor) -> Taken:
        try:
            with self._database.write() as uow:
                taken = self._take(item, uow, cursor)
                uow.commit()
        except DATABASE_TROUBLE:
            raise
        except Exception as error:  # noqa: BLE001 - it is kept, with what went wrong
            _log.exception("mail could not be taken in", action="quarantined")
            return self._quarantine(item, cursor, f"taking in failed: {type(error).__name__}")
        return taken

    def _take(self, item: _Item, uow: UnitOfWork, cursor: Cursor) -> Taken:
        work = Work(uow, self._shop, self._clock.now())
        if isinstance(item, Arrival):
            return take_in(item, work)
        if isinstance(item, _SentArrival):
            take_sent(work, item.mail, at=item.at)
            return Taken(Outcome.COUNTED)
        uow.quarantine.add(self._entry(item, cursor, item.reason))
        return Taken(Outcome.QUARANTINED)

    def _quarantine(self, item: _Item, cursor: Cursor, reason: str) -> Taken:
        with self._database.write() as uow:
            uow.quarantine.add(self._entry(item, cursor, reason))
            uow.commit()
        return Taken(Outcome.QUARANTINED)

    def _entry(self, item: _Item, cursor: Cursor, reason: str) -> Entry:
        internal_date = item.internal_date if isinstance(item, Arrival) else item.head.internal_date
        return Entry(
            word="failed",
            reason=reason,
            fingerprint=None,
            mailbox=cursor.mailbox,
            folder=cursor.folder,
            sender=None,
            subject=None,
            internal_date=internal_date,
            stored_at=self._clock.now(),
            content=item.content,
        )


def _groups(heads: Sequence[MailHead]) -> Iterator[list[MailHead]]:
    """Mails that are fetched and stored together, bounded in number and in bytes."""
    group: list[MailHead] = []
    size = 0
    for head in heads:
        if group and (len(group) >= BODIES_AT_ONCE or size + head.size > BYTES_AT_ONCE):
            yield group
            group, size = [], 0
        group.append(head)
        size += head.size
    if group:
        yield group
