"""What a provider hands out after a login; neither token shows in any representation."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

AHEAD = timedelta(minutes=5)
"""An access token is renewed this long before it expires, so that none expires between check and use."""


@dataclass(frozen=True, slots=True)
class Token:
    """The right to one mail account, as it is kept in a file.

    Attributes:
        client: of which program at which provider; a token is never shown to another provider.
        access: what mail servers accept, for about an hour; a secret.
        refresh: what the provider gives new access tokens for; a secret.
        granted_at: when the person logged in, aware, in UTC.
        renewed_at: when the access token was handed out, aware, in UTC.
        expires_at: when the access token ends, aware, in UTC.
        login_until: when the provider will want a new login, aware, in UTC; None if it does not say.
    """

    client: str
    access: str = field(repr=False)
    refresh: str = field(repr=False)
    granted_at: datetime
    renewed_at: datetime
    expires_at: datetime
    login_until: datetime | None = None

    def is_fresh(self, now: datetime, ahead: timedelta = AHEAD) -> bool:
        """Whether the access token will be good for that long, or for half of a short life.

        A clock that was set back makes the times meaningless; then it is not.
        """
        margin = min(ahead, (self.expires_at - self.renewed_at) / 2)
        return self.renewed_at - AHEAD <= now < self.expires_at - margin

    def renewed_from(self, earlier: Token) -> Token:
        """This one as the renewal of another: the login stays, and so does what was not rotated."""
        return replace(
            self,
            refresh=self.refresh or earlier.refresh,
            granted_at=earlier.granted_at,
            login_until=self.login_until or earlier.login_until,
        )
