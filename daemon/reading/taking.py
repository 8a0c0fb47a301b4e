"""Stores what was read, with the cursor, in one transaction; one bad mail never stops the others."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from daemon.aftercare.agent_answers import AgentArrival, take_agent_mail
from daemon.growth import raise_growth
from daemon.log import get_logger
from daemon.owner_commands import take_owner_mail
from daemon.ports import FolderRole
from daemon.reading.arrivals import Arrival, Outcome, Taken, identity_keys
from daemon.reading.case_mail import CaseMail, subject_of
from daemon.reading.intake import take_in
from daemon.reading.sent_watch import take_sent
from daemon.work import Work
from parsers.agent_mail import read_agent_mail
from parsers.interest import Interest, interest_of
from parsers.owner_mail import read_owner_mail
from parsers.reading import read
from parsers.sent import read_sent
from state.deadlines import received_at
from state.engine import DATABASE_TROUBLE
from state.model import Place
from state.repository.quarantine import Entry

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from daemon.ports import Clock, Folder, MailHead
    from daemon.shop import Account, Shop
    from parsers.owner_mail import OwnerMail
    from parsers.sent import SentMail
    from state.repository.bookkeeping import Cursor
    from state.unit_of_work import Database, UnitOfWork

_log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class SentArrival:
    """One mail of the Sent folder."""

    mail: SentMail
    at: datetime
    content: bytes
    head: MailHead


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A mail on which our own reading failed: kept, so that nothing is lost."""

    head: MailHead
    content: bytes = field(repr=False)
    reason: str


@dataclass(frozen=True, slots=True)
class OwnerArrival:
    """One mail that names the owner as its sender, and the folder that it lies in."""

    mail: OwnerMail
    folder: str
    # Private, and the token in its subject opens a door.
    content: bytes = field(repr=False)
    head: MailHead


Item = Arrival | SentArrival | OwnerArrival | AgentArrival | Unreadable


def interest_in(head: MailHead, account: Account, shop: Shop) -> Interest:
    """Why a mail is read, or that it is not."""
    senders = frozenset(rule.sender for rule in account.trust.feedback_rules)
    agents = frozenset(agent.address.lower() for agent in shop.agents)
    return interest_of(head.headers, senders, shop.owner.lower(), agents)


def _foresee(items: Sequence[Item], uow: UnitOfWork) -> None:
    """Ask for all at once what storing would ask for each mail."""
    arrivals = [item for item in items if isinstance(item, Arrival)]
    if len(arrivals) > 1:
        uow.identities.holders([key for arrival in arrivals for key in identity_keys(arrival)])
        notifications = (arrival.reading.notification for arrival in arrivals)
        subjects = [subject_of(one) for one in notifications if isinstance(one, CaseMail)]
        uow.cases.foresee((one.case_key, one.buyer_key, one.order_ids) for one in subjects)


_PRIVATE = frozenset({Interest.OWNER, Interest.AGENT})
"""Mail of which nothing is kept unless it concerns us."""


class Taking:
    """Reads and stores the mails of one account."""

    def __init__(self, database: Database, shop: Shop, account: Account, clock: Clock) -> None:
        self._database = database
        self._shop = shop
        self._account = account
        self._clock = clock

    def understand(self, folder: Folder, cursor: Cursor, head: MailHead, content: bytes) -> Item:
        """What one mail says; a mail on which our own reading fails is kept as it is."""
        try:
            if folder.role is FolderRole.SENT:
                mail = read_sent(content)
                at = received_at(mail.envelope.date, head.internal_date)
                return SentArrival(mail, at, content, head)
            interest = interest_in(head, self._account, self._shop)
            if interest is Interest.OWNER:
                owners = read_owner_mail(content, self._account.trust, head.internal_date)
                return OwnerArrival(owners, folder.name, content, head)
            place = Place(self._account.name, folder.name, cursor.uidvalidity, head.uid)
            if interest is Interest.AGENT:
                agents = read_agent_mail(content, self._account.trust, head.internal_date)
                return AgentArrival(agents, place, content, head)
            reading = read(content, self._account.trust, head.internal_date)
            return Arrival(place, folder.role, head.internal_date, content, reading)
        except Exception as error:  # noqa: BLE001 - no mail may stop the ones behind it
            _log.exception("mail could not be read", action="quarantined", uid=head.uid)
            return Unreadable(head, self._kept(head, content), f"reading failed: {type(error).__name__}")

    def _kept(self, head: MailHead, content: bytes) -> bytes:
        """What may be stored of a mail that fails: of the owner's or an agent's only what says whose it is.

        The rest is private, and in its subject may stand a token that is to be nowhere in the database.
        """
        return head.headers if interest_in(head, self._account, self._shop) in _PRIVATE else content

    def store(self, items: Sequence[Item], cursor: Cursor) -> list[tuple[Item, Taken]]:
        """Store all of it and the cursor in one transaction; if one fails, each by itself."""
        try:
            with self._database.write() as uow:
                _foresee(items, uow)
                taken = [(item, self._take(item, uow, cursor)) for item in items]
                uow.cursors.move(cursor)
                uow.commit()
        except DATABASE_TROUBLE:
            raise
        except Exception:  # noqa: BLE001 - the culprit is found and quarantined below
            _log.exception("mails are stored one by one", action="isolating", number=len(items))
            return self._store_singly(items, cursor)
        return taken

    def _store_singly(self, items: Sequence[Item], cursor: Cursor) -> list[tuple[Item, Taken]]:
        taken = [(item, self._store_one(item, cursor)) for item in items]
        with self._database.write() as uow:
            uow.cursors.move(cursor)
            uow.commit()
        return taken

    def _store_one(self, item: Item, cursor: Cursor) -> Taken:
        try:
            with self._database.write() as uow:
                taken = self._take(item, uow, cursor)
                uow.commit()
        except DATABASE_TROUBLE:
            raise
        except Exception as error:  # noqa: BLE001 - it is kept, with what went wrong
            _log.exception("mail could not be taken in", action="quarantined")
            if isinstance(item, OwnerArrival) and self._tell_owner(item):
                return Taken(Outcome.COUNTED)
            return self._quarantine(item, cursor, f"taking in failed: {type(error).__name__}")
        return taken

    def _tell_owner(self, item: OwnerArrival) -> bool:
        """Answer a command that failed in a new way; False if that fails as well."""
        try:
            with self._database.write() as uow:
                work = Work(uow, self._shop, self._clock.now())
                take_owner_mail(work, item.mail, folder=item.folder, content=item.content, broken=True)
                uow.commit()
        except DATABASE_TROUBLE:
            raise
        except Exception:  # noqa: BLE001 - then it is kept as a mail that nobody could read
            _log.exception("owner could not be told", action="quarantined")
            return False
        return True

    def _take(self, item: Item, uow: UnitOfWork, cursor: Cursor) -> Taken:
        work = Work(uow, self._shop, self._clock.now())
        if isinstance(item, Arrival):
            return take_in(item, work)
        if isinstance(item, SentArrival):
            take_sent(work, item.mail, at=item.at)
            return Taken(Outcome.COUNTED)
        if isinstance(item, OwnerArrival):
            take_owner_mail(work, item.mail, folder=item.folder, content=item.content)
            return Taken(Outcome.COUNTED)
        if isinstance(item, AgentArrival):
            return take_agent_mail(item, work)
        self._keep(item, cursor, item.reason, work)
        return Taken(Outcome.QUARANTINED)

    def _keep(self, item: Item, cursor: Cursor, reason: str, work: Work) -> None:
        """Put a mail where a person finds it, and tell so once a day."""
        if work.uow.quarantine.add(self._entry(item, cursor, reason)) is not None:
            raise_growth(work)

    def _quarantine(self, item: Item, cursor: Cursor, reason: str) -> Taken:
        with self._database.write() as uow:
            self._keep(item, cursor, reason, Work(uow, self._shop, self._clock.now()))
            uow.commit()
        return Taken(Outcome.QUARANTINED)

    def _entry(self, item: Item, cursor: Cursor, reason: str) -> Entry:
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
            content=item.content if isinstance(item, Arrival) else self._kept(item.head, item.content),
        )
