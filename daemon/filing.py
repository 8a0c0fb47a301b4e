"""Puts a copy of what we sent into the Sent folder, unless the provider has done so itself."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from daemon.errors import MailboxUnavailable
from daemon.ports import FolderRole
from daemon.shop import SaveSent

if TYPE_CHECKING:
    from daemon.ports import Clock, Folder, Mailbox
    from daemon.shop import Account
    from state.model import OutboxItem
    from state.unit_of_work import Database

PROVIDERS_TIME = timedelta(seconds=60)
"""A provider that files copies itself has done so by then; the Sent folder was read since."""

_GIVEN_UP_AFTER = timedelta(days=2)


class Filing:
    """Files the copies of one account; used by that account's thread only."""

    def __init__(self, database: Database, account: Account, clock: Clock) -> None:
        self._database = database
        self._account = account
        self._clock = clock

    def turn(self, mailbox: Mailbox) -> None:
        """File what is due; to be called after the Sent folder was read.

        Raises:
            MailboxUnavailable: the server failed or refused the copy; it is not tried again.
        """
        due = self._due()
        if not due:
            return
        folder = next((one for one in mailbox.folders() if one.role is FolderRole.SENT), None)
        for item in due:
            if folder is not None:
                self._file(mailbox, folder, item)

    def _due(self) -> list[OutboxItem]:
        if self._account.save_sent is SaveSent.NEVER:
            return []
        now = self._clock.now()
        patience = timedelta(0) if self._account.save_sent is SaveSent.ALWAYS else PROVIDERS_TIME
        with self._database.read() as uow:
            unfiled = uow.outbox.unfiled(self._account.name, now - _GIVEN_UP_AFTER)
        return [item for item in unfiled if item.sent_at is not None and now - item.sent_at >= patience]

    def _file(self, mailbox: Mailbox, folder: Folder, item: OutboxItem) -> None:
        now = self._clock.now()
        try:
            mailbox.append(folder.name, item.content or b"", seen=True, draft=False, at=item.sent_at or now)
        except MailboxUnavailable as error:
            self._note(item, failed=str(error))
            raise
        self._note(item, failed=None)

    def _note(self, item: OutboxItem, *, failed: str | None) -> None:
        now = self._clock.now()
        with self._database.write() as uow:
            uow.outbox.annotate(item.id, filed_at=now)
            if failed is not None:
                key = f"save_sent_failed:{item.id}"
                uow.notices.raise_once(key, "save_sent_failed", now, case_id=item.case_id, detail=failed)
            uow.commit()
