"""Makes guessing passwords slow: who was wrong waits longer each time, and all together wait a little."""

from __future__ import annotations

import ipaddress
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import timedelta
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

NONE = timedelta()

_FREE = 3
"""So many wrong passwords cost nothing: everybody mistypes."""

_FIRST = timedelta(seconds=2)
_LONGEST = timedelta(minutes=15)
_FORGOTTEN = timedelta(hours=1)

_FREE_TOGETHER = 30
_TOGETHER = timedelta(seconds=5)
"""Short, for whoever guesses from everywhere makes every browser wait that never was in before."""

_MOST_KEPT = 1000


@dataclass(slots=True)
class _Tries:
    """What somebody got wrong.

    Attributes:
        count: how often.
        last: when they last tried, in UTC.
    """

    count: int
    last: datetime

    def left(self, now: datetime, delay: timedelta) -> timedelta:
        """How long still to wait; a clock that was set back makes nobody wait for longer than the delay."""
        return max(NONE, min(delay, self.last + delay - now))

    def is_old(self, now: datetime) -> bool:
        """Whether it may be forgotten."""
        return abs(now - self.last) > _FORGOTTEN


@dataclass(slots=True)
class Throttle:
    """Counts tries in memory; what it keeps is bounded."""

    _by: OrderedDict[str, _Tries] = field(default_factory=OrderedDict, repr=False)
    _all: _Tries | None = field(default=None, repr=False)
    _lock: Lock = field(default_factory=Lock, repr=False)

    def begin(self, who: str, now: datetime) -> timedelta:
        """Ask to try a password; the try counts as wrong until it is told to be right.

        Args:
            who: an address of the network, or a browser or session that was in before.
            now: the present, aware, in UTC.

        Returns:
            How long to wait before; nothing is counted then. Zero: go on.
        """
        with self._lock:
            mine = self._tries(self._by.get(_key(who)), now)
            ours = self._tries(self._all, now)
            wait = mine.left(now, _delay(mine.count))
            if not _is_known(who):
                wait = max(wait, ours.left(now, _delay_together(ours.count)))
            if wait <= NONE:
                self._keep(_key(who), _Tries(mine.count + 1, now))
                if not _is_known(who):
                    self._all = _Tries(ours.count + 1, now)
            return wait

    def right(self, who: str) -> None:
        """The password was right; what was wrong before is forgotten, but for the count of all together."""
        with self._lock:
            self._by.pop(_key(who), None)
            if self._all is not None and not _is_known(who):
                self._all = _Tries(max(0, self._all.count - 1), self._all.last)

    def _keep(self, key: str, tries: _Tries) -> None:
        self._by[key] = tries
        self._by.move_to_end(key)
        if len(self._by) > _MOST_KEPT:
            self._by.popitem(last=False)

    @staticmethod
    def _tries(found: _Tries | None, now: datetime) -> _Tries:
        return _Tries(0, now) if found is None or found.is_old(now) else found


def _delay(wrong: int) -> timedelta:
    """2, 4, 8 seconds and so on, up to a quarter of an hour."""
    return NONE if wrong < _FREE else min(_LONGEST, _FIRST * 2 ** min(wrong - _FREE, 12))


def _delay_together(wrong: int) -> timedelta:
    return NONE if wrong < _FREE_TOGETHER else _TOGETHER


def _is_known(who: str) -> bool:
    """A browser or a session, and no address: guessers who never let the door rest hold none of them up."""
    return " " in who


def _key(who: str) -> str:
    """Whoever has one address of IPv6 has the other 2⁶⁴ of its network, too; so it is on this machine."""
    try:
        address = ipaddress.ip_address(who)
    except ValueError:
        return who
    if address.version == 6 and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    if address.is_loopback:
        return "this machine"
    return str(ipaddress.ip_network((int(address) >> 64 << 64, 64)) if address.version == 6 else address)
