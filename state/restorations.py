"""A time of which the shop knows too little: between a backup and the start of the service with it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from state.acknowledgment_rules import LATEST_FIRST_SIGHT

CLOCKS_APART = timedelta(minutes=20)
"""A start forgives a mail some minutes, and a server's clock may be some minutes ahead of ours."""

COPIES_ASK_FOR = timedelta(days=7)
"""For as long Amazon's copies may be of mail that left in the time that is not known."""


@dataclass(frozen=True, slots=True)
class Restoration:
    """One start with a backup; instants in UTC.

    Attributes:
        backup_at: when the backup was made.
        at: when the service went on with it.
    """

    backup_at: datetime
    at: datetime

    @property
    def unknown_from(self) -> datetime:
        """What came before was acknowledged before the backup, which then knows of it, or never."""
        return self.backup_at - LATEST_FIRST_SIGHT

    @property
    def unknown_until(self) -> datetime:
        """What comes from now on was certainly not seen before the restoration."""
        return self.at + CLOCKS_APART

    def may_have_acknowledged(self, received_at: datetime) -> bool:
        """Whether a message that is judged now may have been acknowledged in the unknown time."""
        return received_at < self.unknown_until

    def may_copy_unknown(self, at: datetime) -> bool:
        """Whether a copy that came at an instant may be of our own mail of the unknown time."""
        return at < self.at + COPIES_ASK_FOR
