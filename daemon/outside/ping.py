"""Tells a service outside that all is well, or what is wrong; silence is what raises the alarm there.

It has a thread of its own and no part in the pulse: a dead ping server neither delays an alert nor makes
systemd restart us, and if this thread hangs, that is the very silence that is noticed outside.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import timedelta
from threading import Event
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

from daemon.freshness import unread
from daemon.log import get_logger
from daemon.outside.web_request import WebRequest
from daemon.ports import Verdict
from state.engine import DATABASE_TROUBLE

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from daemon.liveness import ReadingWatch
    from daemon.ports import Attempt, Clock
    from daemon.pulse import Pulse
    from daemon.shop import Shop
    from state.unit_of_work import Database

LOOKED_EVERY = 30.0
"""Seconds; a trouble is told after this, whatever the interval of the pings."""

WRITTEN_WITHIN = timedelta(minutes=2)
"""The timer writes into the database every half minute."""

_LONGEST_REASON = 500

_log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Condition:
    """How the service fares.

    Attributes:
        well: everything that there is to see is as it should be.
        troubles: what is wrong, in plain words without a secret and without a buyer's words. If there is none
            and yet not all is well, it is too early to tell: a mailbox may have its first pass any moment.
    """

    well: bool
    troubles: tuple[str, ...] = ()


class Wellbeing:
    """Looks at everything that the promise of this program hangs on."""

    def __init__(
        self,
        database: Database,
        shop: Shop,
        clock: Clock,
        *,
        pulse: Pulse,
        watch: ReadingWatch,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Set it up.

        Args:
            database: it is written into regularly, or something is wrong.
            shop: whose mailboxes are to be read.
            clock: the time.
            pulse: of the loops.
            watch: knows which mailboxes are in trouble.
            monotonic: seconds on a clock that is only compared with itself.
        """
        self._database = database
        self._shop = shop
        self._clock = clock
        self._pulse = pulse
        self._watch = watch
        self._monotonic = monotonic
        self._written: datetime | None = None
        self._written_seen = monotonic()

    def look(self) -> Condition:
        """How things stand now."""
        hung = self._pulse.hung()
        troubles = [f"loops hang: {', '.join(hung)}"] if hung else []
        late: tuple[str, ...] = ()
        try:
            silent = self._watch.silent()
            with self._database.read() as uow:
                late = unread(uow, self._shop.accounts, self._clock.now())
                last = uow.runs.last()
        except DATABASE_TROUBLE:
            troubles.append("the database cannot be read")
        else:
            self._note_written(last.last_turn_at if last is not None else None)
            troubles += [f"mailboxes not read: {', '.join(silent)}"] if silent else []
        if self._monotonic() - self._written_seen > WRITTEN_WITHIN.total_seconds():
            troubles.append("nothing was written into the database lately")
        return Condition(not troubles and not late, tuple(troubles))

    def _note_written(self, at: datetime | None) -> None:
        if at != self._written:
            self._written, self._written_seen = at, self._monotonic()


class OutsidePing:
    """The pings of one service, in the form of healthchecks: the address itself, ``/start`` and ``/fail``."""

    def __init__(
        self,
        url: str,
        interval: timedelta,
        look: Callable[[], Condition],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Set it up.

        Args:
            url: a secret.
            interval: between two pings while nothing changes.
            look: how things stand.
            monotonic: seconds on a clock that is only compared with itself.
        """
        self._url = url
        self._interval = interval.total_seconds()
        self._look = look
        self._monotonic = monotonic
        self._stop = Event()
        self._told: Condition | None = None
        self._told_at = 0.0
        self._unheard = False

    def run(self) -> None:
        """Ping until `stop`; whatever fails here stays here."""
        self.say("/start")
        while not self._stop.wait(LOOKED_EVERY):
            try:
                self.turn()
            except Exception:  # noqa: BLE001 - the next look may go well, and none of it disturbs the shop
                _log.exception("ping failed in a new way", action="retry_later")

    def stop(self) -> None:
        """End it from another thread."""
        self._stop.set()

    def turn(self) -> None:
        """Look, and tell what changed, or what is still so after the interval."""
        condition = self._look()
        too_early = not condition.well and not condition.troubles
        still = condition == self._told and self._monotonic() - self._told_at < self._interval
        if too_early or still:
            return
        reason = "\n".join(condition.troubles)[:_LONGEST_REASON]
        attempt = self.say("/fail", reason) if condition.troubles else self.say("")
        heard = attempt.verdict is Verdict.ACCEPTED
        # What was not heard is told again at the next look.
        self._told, self._told_at = condition if heard else None, self._monotonic()

    def say(self, word: str, reason: str = "") -> Attempt:
        """Ask once, and log a failure that is the first of its spell."""
        attempt = ask(self._url, word, reason)
        unheard = attempt.verdict is not Verdict.ACCEPTED
        if unheard and not self._unheard:
            _log.warning("ping failed", action="retry_later", reason=attempt.reason)
        elif self._unheard and not unheard:
            _log.info("ping works again", action="ping")
        self._unheard = unheard
        return attempt


def ask(url: str, word: str = "", reason: str = "") -> Attempt:
    """Ask for a ping's address with a word behind it.

    Args:
        url: a secret.
        word: empty, ``/start`` or ``/fail``.
        reason: posted, if there is one.
    """
    return WebRequest("the ping server", address(url, word), reason.encode() or None).attempt()


def address(url: str, word: str) -> str:
    """A ping's address with a word behind its path, before any query."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(path=parts.path.rstrip("/") + word)) if word else url
