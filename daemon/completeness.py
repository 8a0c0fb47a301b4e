"""Proves every day that no mail of Amazon's was overlooked (decision 15 of the design).

It comes by another way than the reading does: it lists every folder, searches by the date of arrival instead
of by position, and asks of each mail that it finds whether it left the trace that intake would have made of
it (`daemon.missed_mail`).

When: once after 03:00 of each local day, after a full pass; in a new installation not before an hour has
passed. Whether it is due is read from the database, so that a look that failed, or a service that was down,
makes it due at the next pass. Mail that came less than half an hour ago and may still be on its way to being
read is left to the next day, for three days are looked at.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING

from daemon.errors import FolderMissing, MailboxUnavailable
from daemon.log import get_logger
from daemon.missed_mail import Verdict, judge, verdict_of
from daemon.ports import FolderRole
from daemon.reading.arrivals import Arrival, identity_keys, name_key
from daemon.reading.folder_reader import DAY_OF_ANOTHER_ZONE, HEADS_AT_ONCE, INBOX_FIELDS
from daemon.reading.taking import Unreadable, interest_in
from daemon.work import Work
from parsers.interest import Interest
from parsers.mime import message_id_of
from state.engine import DATABASE_TROUBLE
from state.repository.bookkeeping import Cursor
from state.repository.completeness import Completeness, Missing

if TYPE_CHECKING:
    from collections.abc import Sequence
    from threading import Lock

    from daemon.ports import Clock, Folder, FolderState, Mailbox, MailHead
    from daemon.reading.folder_reader import FolderReader
    from daemon.reading.taking import Item
    from daemon.shop import Account, Shop
    from state.unit_of_work import Database, UnitOfWork

LOOKED_BACK = timedelta(days=3)
LOOK_AT = time(3)
"""The shop's local time from which on a day's look is due: hardly anybody writes then."""

FIRST_LOOK_AFTER = timedelta(hours=1)
"""A new installation is still being tried out."""

HEADS_A_TURN = 4_000
BODIES_A_TURN = 400
"""What one pass may cost the mail that comes meanwhile; the look goes on after the next pass."""

_ON_ITS_WAY = timedelta(minutes=30)
_GIVEN_UP_AFTER = 10
"""Failures at one folder in one look; more than it takes to give up a mail that cannot be had."""

_PAUSE_AFTER_ERROR = timedelta(hours=6)
_OURS = frozenset({Interest.AMAZON, Interest.BOUNCE, Interest.FEEDBACK_SENDER})
_LEFT_OUT = frozenset({FolderRole.SENT, FolderRole.DRAFTS, FolderRole.TRASH})

_log = get_logger(__name__)


@dataclass(slots=True)
class _Look:
    """One look, which may take several passes.

    Attributes:
        since: mail that arrived before is not looked at.
        limits: UIDNEXT of each folder when it was first opened; what came later is tomorrow's.
        done: folder, UIDVALIDITY and UID of every mail that needs no second look.
        seen: what identifies the mails of Amazon's.
        missing: what had not been read, by what identifies it.
        failures: how often the server failed at each folder since a mail of it was judged.
    """

    since: datetime
    limits: dict[tuple[str, int], int] = field(default_factory=dict)
    done: set[tuple[str, int, int]] = field(default_factory=set)
    seen: set[str] = field(default_factory=set)
    missing: dict[str, Missing] = field(default_factory=dict)
    failures: Counter[str] = field(default_factory=Counter)


@dataclass(slots=True)
class _Effort:
    """What is left of what one turn may read."""

    heads: int = HEADS_A_TURN
    bodies: int = BODIES_A_TURN


@dataclass(frozen=True, slots=True)
class _Scene:
    """The open folder.

    Attributes:
        folder: which.
        watched: it is one that is read.
        cursor: how far it was read; of another folder only its UIDVALIDITY counts.
        history_before: what arrived before this instant is nobody's fault.
    """

    folder: Folder
    watched: bool
    cursor: Cursor
    history_before: datetime

    def place(self, uid: int) -> tuple[str, int, int]:
        """What names a mail on the server."""
        return self.folder.name, self.cursor.uidvalidity, uid

    def may_be_unread(self, head: MailHead, now: datetime) -> bool:
        """It came just now, and nobody has claimed to have read it."""
        passed_by = self.watched and head.uid <= self.cursor.last_uid
        return not passed_by and now - head.internal_date < _ON_ITS_WAY


class DailyLook:
    """Looks after one account; a `daemon.reading.watcher.Chore`."""

    def __init__(
        self,
        database: Database,
        shop: Shop,
        account: Account,
        clock: Clock,
        *,
        reader: FolderReader,
        intake_lock: Lock,
    ) -> None:
        """Set up the look.

        Args:
            database: where everything is stored.
            shop: the configuration.
            account: the mailbox to look through.
            clock: the time.
            reader: reads this account's folders; takes in what was missed.
            intake_lock: the one that the reader takes mail in under.
        """
        self._database = database
        self._shop = shop
        self._account = account
        self._clock = clock
        self._reader = reader
        self._intake_lock = intake_lock
        self._look: _Look | None = None
        self._not_before: datetime | None = None

    def turn(self, mailbox: Mailbox) -> bool:
        """Begin the day's look if it is due, or go on with it; False if there was nothing to do.

        Raises:
            MailboxUnavailable: the server failed; the next pass goes on.
        """
        now = self._clock.now()
        if self._look is None:
            if not self._is_due(now):
                return False
            self._look = _Look(now - LOOKED_BACK)
        try:
            if self._look_around(mailbox, self._look):
                self._conclude(self._look)
                self._look = None
        except (MailboxUnavailable, *DATABASE_TROUBLE):
            raise
        except Exception:  # noqa: BLE001 - a fault of the look must not stop the reading of mail
            _log.exception("look for missed mail failed", action="retry_later", mailbox=self._account.name)
            self._look, self._not_before = None, now + _PAUSE_AFTER_ERROR
        return True

    def _is_due(self, now: datetime) -> bool:
        if self._not_before is not None and now < self._not_before:
            return False
        with self._database.read() as uow:
            last = uow.completeness.get(self._account.name)
            health = uow.mailboxes.get(self._account.name)
        if last is None:
            return health is not None and now - health.first_start_at >= FIRST_LOOK_AFTER
        # One that lies in the future was written while the clock was wrong.
        return not self._latest_time(now) <= last.checked_at <= now

    def _latest_time(self, now: datetime) -> datetime:
        calendar = self._shop.calendar
        today = calendar.local_day(now)
        at = calendar.at(today, LOOK_AT)
        return at if at <= now else calendar.at(today - timedelta(days=1), LOOK_AT)

    def _look_around(self, mailbox: Mailbox, look: _Look) -> bool:
        """Go on until this turn's effort is spent; whether every folder was seen to its end."""
        effort = _Effort()
        watched = {folder.name for folder in mailbox.folders()}
        for folder in _in_order(mailbox.all_folders()):
            if look.failures[folder.name] >= _GIVEN_UP_AFTER:
                continue
            try:
                whole = self._look_into(mailbox, folder, look, effort, watched=folder.name in watched)
            except FolderMissing:
                continue
            except MailboxUnavailable:
                self._note_failure(look, folder)
                raise
            if not whole:
                return False
        return True

    def _note_failure(self, look: _Look, folder: Folder) -> None:
        """One folder that cannot be searched must not keep the account from being watched."""
        look.failures[folder.name] += 1
        if look.failures[folder.name] >= _GIVEN_UP_AFTER:
            _log.error("folder cannot be looked at", action="left_out", folder=folder.name)

    def _look_into(
        self, mailbox: Mailbox, folder: Folder, look: _Look, effort: _Effort, *, watched: bool
    ) -> bool:
        state = mailbox.open(folder.name)
        scene = self._scene(folder, state, watched=watched)
        if scene is None:
            return False
        limit = look.limits.setdefault((folder.name, state.uidvalidity), state.uidnext)
        found = mailbox.uids_since((look.since - DAY_OF_ANOTHER_ZONE).date())
        uids = [uid for uid in found if uid < limit and scene.place(uid) not in look.done]
        for start in range(0, len(uids), HEADS_AT_ONCE):
            if effort.heads <= 0:
                return False
            batch = uids[start : start + HEADS_AT_ONCE]
            effort.heads -= len(batch)
            if not self._look_at(mailbox, scene, batch, look, effort):
                return False
        return True

    def _scene(self, folder: Folder, state: FolderState, *, watched: bool) -> _Scene | None:
        """The open folder; None if it was renumbered after the pass, which the next pass sees to."""
        here = Cursor(self._account.name, folder.name, state.uidvalidity, 0)
        with self._database.read() as uow:
            read = uow.cursors.get(self._account.name, folder.name) if watched else here
            health = uow.mailboxes.get(self._account.name)
        if read is None or health is None or read.uidvalidity != state.uidvalidity:
            return None
        return _Scene(folder, watched, read, health.look_back_from or health.first_start_at)

    def _look_at(
        self, mailbox: Mailbox, scene: _Scene, uids: Sequence[int], look: _Look, effort: _Effort
    ) -> bool:
        """Judge a batch of mails; False if this turn's effort was spent before its end."""
        self._reader.show_life()
        heads = mailbox.heads(uids, INBOX_FIELDS)
        unknown = self._unknown(scene, heads, look)
        look.done.update(map(scene.place, set(uids) - {head.uid for head in unknown}))
        for group in self._reader.groups(scene.folder, unknown):
            if effort.bodies <= 0:
                return False
            effort.bodies -= len(group)
            self._reader.show_life()
            items = self._reader.fetch(mailbox, scene.folder, scene.cursor, group)
            self._settle(scene, items, look)
            look.done.update(scene.place(head.uid) for head in group)
            # It got on: each mail that cannot be had may take as many failures as it needs to be given up.
            look.failures.pop(scene.folder.name, None)
        return True

    def _unknown(self, scene: _Scene, heads: Sequence[MailHead], look: _Look) -> list[MailHead]:
        """Those whose text has to be read; of the known ones it is remembered that they were seen."""
        since, now = max(look.since, scene.history_before), self._clock.now()
        named = [
            (head, _key(scene, head))
            for head in heads
            if head.internal_date >= since
            and not scene.may_be_unread(head, now)
            and interest_in(head, self._account, self._shop) in _OURS
        ]
        with self._database.read() as uow:
            known = uow.identities.known([key for _, key in named])
            known |= {key for head, key in named if uow.quarantine.holds(head.headers)}
        look.seen |= known
        return [head for head, key in named if key not in known and key not in look.missing]

    def _settle(self, scene: _Scene, items: Sequence[Item], look: _Look) -> None:
        """Judge mails whose text was read, and take in what was missed in a watched folder."""
        for item in items:
            if not isinstance(item, Arrival | Unreadable):
                continue
            verdict = self._judge(scene, item)
            if verdict is Verdict.MISSING and scene.watched:
                verdict = self._take_in(scene, item)
            key, missing = _described(scene, item)
            if verdict is not Verdict.FOREIGN:
                look.seen.add(key)
            if verdict is Verdict.MISSING:
                look.missing[key] = missing

    def _judge(self, scene: _Scene, item: Arrival | Unreadable) -> Verdict:
        """Whether intake has seen this mail; nothing of what it would do now is kept."""
        with self._intake_lock, self._database.write() as uow:
            if uow.quarantine.holds(item.content):
                return Verdict.KNOWN
            if isinstance(item, Unreadable):
                return Verdict.MISSING
            try:
                return judge(
                    item,
                    Work(uow, self._shop, self._clock.now()),
                    watched=scene.watched,
                    history_before=scene.history_before,
                )
            except DATABASE_TROUBLE:
                raise
            except Exception:  # noqa: BLE001 - intake fails on it and would have kept it in quarantine
                _log.exception("mail could not be judged", action="missing", folder=scene.folder.name)
                return Verdict.MISSING

    def _take_in(self, scene: _Scene, item: Arrival | Unreadable) -> Verdict:
        """Take in a missed mail like any other; the folder's position stays where it is."""
        ((_, taken),) = self._reader.take([item], scene.cursor)
        verdict = verdict_of(taken.outcome)
        if verdict is Verdict.MISSING:
            _log.error(
                "mail had been missed", action="taken_in", folder=scene.folder.name, outcome=taken.outcome
            )
        return verdict

    def _conclude(self, look: _Look) -> None:
        """Write down what was found, and tell the owner of what he has not heard of."""
        now, name = self._clock.now(), self._account.name
        missing = tuple(sorted(look.missing.values(), key=lambda one: (one.folder, one.uid)))
        with self._database.write() as uow:
            before = uow.completeness.get(name)
            fresh = [one for one in missing if before is None or one not in before.missing]
            if self._is_whole(look, now):
                uow.completeness.note(Completeness(name, now, len(look.seen), missing))
            for word, watched in (("mail_missed", True), ("mail_unwatched", False)):
                _tell(uow, f"{word}:{name}", [one for one in fresh if one.watched is watched], now)
            uow.commit()
        _log.info("looked for missed mail", action="checked", seen=len(look.seen), missing=len(missing))

    def _is_whole(self, look: _Look, now: datetime) -> bool:
        """Whether every folder could be seen; if not, nothing is proven, and another look follows today."""
        whole = all(number < _GIVEN_UP_AFTER for number in look.failures.values())
        self._not_before = None if whole else now + _PAUSE_AFTER_ERROR
        return whole


def _in_order(folders: Sequence[Folder]) -> list[Folder]:
    """Where Amazon's mail may lie; what shows all of it once more comes last, for what is nowhere else."""
    looked_at = [folder for folder in folders if folder.role not in _LEFT_OUT]
    return sorted(looked_at, key=lambda folder: folder.role is FolderRole.ALL)


def _key(scene: _Scene, head: MailHead) -> str:
    """What identifies a mail by its head, in the form of `daemon.reading.arrivals.identity_keys`."""
    name = message_id_of(head.headers)
    return name_key(name) if name else f"place:{scene.place(head.uid)}"


def _described(scene: _Scene, item: Arrival | Unreadable) -> tuple[str, Missing]:
    if isinstance(item, Arrival):
        key, uid, at = identity_keys(item)[0], item.place.uid, item.internal_date
    else:
        key, uid, at = _key(scene, item.head), item.head.uid, item.head.internal_date
    return key, Missing(scene.folder.name, uid, at.astimezone(UTC).isoformat(), scene.watched)


def _tell(uow: UnitOfWork, subject: str, missing: Sequence[Missing], now: datetime) -> None:
    """Raise one notice for a set of mails; the same set is never told twice."""
    if not missing:
        return
    word, _, name = subject.partition(":")
    digest = hashlib.sha256(repr([(one.folder, one.uid, one.at) for one in missing]).encode()).hexdigest()
    numbers = Counter(one.folder for one in missing)
    detail = f"{name}: " + ", ".join(f"{folder} ({number})" for folder, number in numbers.items())
    uow.notices.raise_once(f"{subject}:{digest}", word, now, detail=detail)
