"""How long a person stays signed in at the desk. Pure: no storage, no clock."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

IDLE = timedelta(hours=12)
"""A session that nobody used for so long has ended; a page that only refreshes itself is no use."""

ABSOLUTE = timedelta(days=7)
"""After this a person signs in again, whatever they did."""

ROTATION = timedelta(hours=1)
"""So often a session gets another token."""

GRACE = timedelta(minutes=2)
"""So long the token before is taken: requests that were under way still carry it."""

INVITATION = timedelta(hours=1)
"""So long a link that sets the password may be used."""


@dataclass(frozen=True, slots=True)
class DeskSession:
    """One signed-in browser; instants in UTC.

    Attributes:
        id: its number; 0 before it is stored.
        digest: of its token; the token itself is with the browser alone.
        previous: of the token before; None if there was none.
        began_at: when the person signed in.
        seen_at: when they last did something.
        rotated_at: when the token was last changed.
        language: ``ja`` or ``en`` as chosen at the desk; None follows the shop.
    """

    id: int
    digest: str = field(repr=False)
    previous: str | None = field(repr=False)
    began_at: datetime
    seen_at: datetime
    rotated_at: datetime
    language: str | None = None

    def lives(self, now: datetime) -> bool:
        """It has not ended; a clock that was set back ends it, too."""
        return timedelta() <= now - self.began_at <= ABSOLUTE and now - self.seen_at <= IDLE

    def takes_previous(self, now: datetime) -> bool:
        """The token before the present one is still taken; not by a clock that was set back."""
        return timedelta() <= now - self.rotated_at <= GRACE

    def wants_rotation(self, now: datetime) -> bool:
        """It is time for another token; also where the clock was set back, for nobody knows how far."""
        return not timedelta() <= now - self.rotated_at < ROTATION
