"""Reads the folders of one account from where it stopped: headers first, bodies only where needed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from daemon.errors import MailboxUnavailable
from daemon.log import get_logger
from daemon.owner_commands import concerns_us
from daemon.ports import FolderRole
from daemon.reading.arrivals import Arrival, Taken, name_key
from daemon.reading.sent_watch import SENT_FIELDS, our_ids
from daemon.reading.stuck_mail import StuckMail
from daemon.reading.taking import Item, Taking, Unreadable, interest_in
from daemon.work import Work
from parsers.interest import HEADER_FIELDS, Interest
from parsers.mime import message_id_of, parse_headers
from parsers.values import BuyerAlias
from state.repository.bookkeeping import Cursor

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime
    from threading import Lock

    from daemon.ports import Clock, Folder, FolderState, MailBody, Mailbox, MailHead
    from daemon.shop import Account, Shop
    from state.repository.bookkeeping import MailboxHealth
    from state.unit_of_work import Database

HEADS_AT_ONCE = 500
"""imapclient is bound by its own parser; fewer calls of this size are fastest."""

BODIES_AT_ONCE = 100
BYTES_AT_ONCE = 8_000_000
"""What one transaction takes in, so that a single large mail does not hold a hundred others in memory."""

DAY_OF_ANOTHER_ZONE = timedelta(days=1)
"""The server searches by the days of its own time zone; what is read too early enters as history."""

_FEW = 5
"""Mails; as many are read sooner than asked for whether they are known."""

_OPENED_AT_LEAST = timedelta(minutes=10)
"""A folder is opened this often, whatever the server says of it from outside."""

_OWNER_FIELDS = ("SUBJECT", "IN-REPLY-TO", "REFERENCES")

INBOX_FIELDS = (*HEADER_FIELDS, "MESSAGE-ID")
"""What is read of the head of every mail that may have come from outside."""

_log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Read:
    """Up to where a folder was read to its end, and when."""

    uidvalidity: int
    uidnext: int
    at: datetime


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
        self._taking = Taking(database, shop, account, clock)
        self._stuck = StuckMail()
        self._intake_lock = intake_lock
        self._on_taken = on_taken
        self._on_turn = on_turn
        self._starting = False
        self._started = False
        self._read: dict[str, _Read] = {}

    def full_pass(self, mailbox: Mailbox) -> None:
        """Read every watched folder to its end, the inbox first and last, and write down that it was done.

        Raises:
            MailboxUnavailable: the server failed; whatever was read until then is stored.
        """
        self._starting = not self._started and self._note_start()
        self._started = True
        folders = _in_reading_order(mailbox.folders())
        for folder in folders:
            if folder is folders[0] or self._may_have_news(mailbox, folder):
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
        self._read[folder.name] = _Read(state.uidvalidity, state.uidnext, self._clock.now())

    def _may_have_news(self, mailbox: Mailbox, folder: Folder) -> bool:
        """Ask from outside: opening one folder after the other would cost the more the larger they are."""
        read = self._read.get(folder.name)
        if read is None or self._clock.now() - read.at > _OPENED_AT_LEAST:
            return True
        state = mailbox.status(folder.name)
        return (state.uidvalidity, state.uidnext) != (read.uidvalidity, read.uidnext)

    def show_life(self) -> None:
        """Say that a long look at this account's folders goes on."""
        self._on_turn()

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
            if known is not None and known.uidvalidity == state.uidvalidity:
                return known
            start = uow.mailboxes.get(self._account.name)
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
        since = (start.look_back_from or start.first_start_at) - DAY_OF_ANOTHER_ZONE
        return min(mailbox.uids_since(since.date()), default=state.uidnext) - 1

    def _move(self, cursor: Cursor) -> None:
        with self._database.write() as uow:
            uow.cursors.move(cursor)
            uow.commit()

    def _read_batch(self, mailbox: Mailbox, folder: Folder, cursor: Cursor, uids: Sequence[int]) -> None:
        self._on_turn()
        fields = SENT_FIELDS if folder.role is FolderRole.SENT else INBOX_FIELDS
        heads = mailbox.heads(uids, fields)
        rescan = cursor.last_uid == 0
        if folder.role is FolderRole.SENT:
            wanted = self._wanted_sent(heads)
        else:
            wanted = self._wanted(mailbox, folder, heads, rescan=rescan)
        groups = list(self.groups(folder, wanted))
        for group in groups[:-1]:
            self._take_group(mailbox, folder, replace(cursor, last_uid=group[-1].uid), group)
        self._take_group(mailbox, folder, replace(cursor, last_uid=uids[-1]), groups[-1] if groups else ())

    def _wanted(
        self, mailbox: Mailbox, folder: Folder, heads: Sequence[MailHead], *, rescan: bool
    ) -> list[MailHead]:
        """Mail from Amazon, bounces and the configured senders; of the rest not even the subject is read.

        Known mail is left out where it is to be expected or there is much of it; else it is cheaper to read
        it and find out then.
        """
        interests = [(head, interest_in(head, self._account, self._shop)) for head in heads]
        owners = self._owners(mailbox, folder, [head for head, why in interests if why is Interest.OWNER])
        found = [head for head, why in interests if why is not Interest.NONE and why is not Interest.OWNER]
        found = sorted([*found, *owners], key=lambda head: head.uid) if owners else found
        if not found or (not rescan and len(found) <= _FEW):
            return found
        names = {head.uid: message_id_of(head.headers) for head in found}
        with self._database.read() as uow:
            keys = [name_key(name) for name in names.values() if name]
            known = uow.identities.known(keys, besides=self._account.name)
        return [head for head in found if name_key(names[head.uid] or "") not in known]

    def _owners(self, mailbox: Mailbox, folder: Folder, heads: Sequence[MailHead]) -> list[MailHead]:
        """Of the owner's mail only what answers ours or carries a command; the rest is private."""
        if not heads or folder.role is not FolderRole.INBOX:
            return []
        details = mailbox.heads([head.uid for head in heads], _OWNER_FIELDS)
        with self._database.read() as uow:
            work = Work(uow, self._shop, self._clock.now())
            wanted = {one.uid for one in details if _concerns_us(work, one)}
        return [head for head in heads if head.uid in wanted]

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
        self.take(self.fetch(mailbox, folder, cursor, group) if group else [], cursor)

    def take(self, items: Sequence[Item], cursor: Cursor) -> list[tuple[Item, Taken]]:
        """Store what was fetched together with the folder's position, and tell what became of each."""
        with self._intake_lock:
            taken = self._taking.store(items, cursor)
        for item, result in taken:
            if isinstance(item, Arrival):
                self._on_taken(item, result)
        return taken

    def fetch(
        self, mailbox: Mailbox, folder: Folder, cursor: Cursor, group: Sequence[MailHead]
    ) -> list[Item]:
        """What the mails of a group say; a mail that cannot be had for long is kept as its head alone.

        Raises:
            MailboxUnavailable: the server failed; after enough failures at one mail it is given up.
        """
        first = group[0]
        if self._stuck.is_hopeless(folder.name, first.uid):
            _log.error("mail cannot be fetched", action="quarantined", folder=folder.name, uid=first.uid)
            return [Unreadable(first, first.headers, "the server does not hand out this mail")]
        by_uid = {head.uid: head for head in group}
        try:
            bodies = _handed_out(mailbox, list(by_uid))
        except MailboxUnavailable:
            self._stuck.failed(folder.name, first.uid)
            raise
        self._stuck.passed(folder.name, first.uid)
        return [self._taking.understand(folder, cursor, by_uid[body.uid], body.content) for body in bodies]

    def groups(self, folder: Folder, heads: Sequence[MailHead]) -> Iterator[list[MailHead]]:
        """Mails that are fetched and stored together; each alone while one among them cannot be had."""
        if heads and self._stuck.wants_alone(folder.name, heads[0].uid):
            return ([head] for head in heads)
        return _groups(heads)


def _handed_out(mailbox: Mailbox, uids: Sequence[int]) -> list[MailBody]:
    """The mails of these that are still there.

    Raises:
        MailboxUnavailable: the server failed, or it is silent about a mail that it still lists.
    """
    bodies = list(mailbox.bodies(uids))
    silent = sorted(set(uids) - {body.uid for body in bodies})
    # No field is asked for: the mail of other people is not read.
    if silent and mailbox.heads(silent, ()):
        raise MailboxUnavailable("The server lists a mail that it does not hand out; connect anew.")
    return bodies


def _in_reading_order(folders: Sequence[Folder]) -> list[Folder]:
    """The inbox first and the sent mail last: an answer says nothing before the mail that it answers."""
    watched = [folder for folder in folders if folder.role is not FolderRole.DRAFTS]
    return sorted(watched, key=lambda folder: folder.role is FolderRole.SENT)


def _concerns_us(work: Work, head: MailHead) -> bool:
    return concerns_us(work, parse_headers(head.headers)[1])


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
