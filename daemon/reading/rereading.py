"""Tries at every start whether mail in quarantine can be read by now, and tells it; decides nothing."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from daemon.errors import SokuresuError
from daemon.quarantined_mail import find_quarantined, read_quarantined, retry_quarantined
from daemon.work import Work

if TYPE_CHECKING:
    from daemon.ports import Clock, Mailbox
    from daemon.shop import Account, Shop
    from state.unit_of_work import Database

_WORDS = frozenset({"unrecognised", "failed"})
"""What an update may have taught to read; whether a mail is forged is for a person to say."""

_MOST_TRIED = 500


class Rereading:
    """Looks after one account's quarantine; a `daemon.reading.watcher.Chore` that is done once in a life."""

    def __init__(self, database: Database, shop: Shop, account: Account, clock: Clock) -> None:
        self._database = database
        self._shop = shop
        self._account = account
        self._clock = clock
        self._done = False

    def turn(self, _mailbox: Mailbox) -> bool:
        """Try once after the start; nothing is asked of the server."""
        if not self._done:
            self._done = True
            self._try()
        return False

    def _try(self) -> None:
        with self._database.read() as uow:
            entries = [one for one in uow.quarantine.unsettled() if one.mailbox == self._account.name]
        tried = [one.id for one in entries if one.word in _WORDS][-_MOST_TRIED:]
        readable = [number for number in tried if self._can_be_read(number)]
        if not readable:
            return
        # Told once for a set of mails, however often the program is started.
        digest = hashlib.sha256(repr(readable).encode()).hexdigest()
        key = f"quarantine_readable:{self._account.name}:{digest}"
        detail = f"{self._account.name}: {len(readable)}/{len(tried)}"
        with self._database.write() as uow:
            uow.notices.raise_once(key, "quarantine_readable", self._clock.now(), detail=detail)
            uow.commit()

    def _can_be_read(self, number: int) -> bool:
        """Do what the command would do, and keep nothing of it; DNS is asked before anything is locked."""
        try:
            with self._database.read() as uow:
                entry = find_quarantined(Work(uow, self._shop, self._clock.now()), number)
            arrival = read_quarantined(self._shop, entry)
            with self._database.write() as uow:
                retry_quarantined(Work(uow, self._shop, self._clock.now()), number, arrival)
        except SokuresuError:
            return False
        return True
