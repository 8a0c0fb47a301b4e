"""Finds the public keys of signatures in DNS, and remembers them for a while."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from threading import Lock
from typing import TYPE_CHECKING

from parsers.values import KeyUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    import dns.name
    import dns.resolver

    from daemon.ports import Clock

SECONDS_PER_TRY = 2.0
SECONDS_IN_ALL = 5.0
"""A mail waits this long for DNS at most; without an answer it counts as not proven."""

LONGEST_KEPT = timedelta(hours=1)
"""A key is asked for again by then, whatever its time to live: a withdrawn one is not believed for long."""

FAILURE_KEPT = timedelta(minutes=1)
"""How long a name without a key, and silent name servers, are not asked for again."""

_MOST_KEPT = 256


class NameServersSilent(KeyUnavailable):
    """No name server answered in time: the next name would wait as long."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What DNS says of one name.

    Attributes:
        record: its TXT record; None if it has none, or several of which nobody knows which is meant.
        kept: how long that may be believed.
    """

    record: bytes | None
    kept: timedelta


@dataclass(frozen=True, slots=True)
class _Remembered:
    """An answer, or that there was none, until then."""

    until: datetime
    record: bytes | None
    unavailable: bool = False


class DnsKeys:
    """The look-up of keys that all accounts of a shop share; any thread may call it."""

    def __init__(self, clock: Clock, ask: Callable[[str], Answer] | None = None) -> None:
        """Set up an empty memory.

        Args:
            clock: the time.
            ask: asks DNS for one name; the machine's own resolver unless told otherwise.
        """
        self._clock = clock
        self._ask = ask or ask_dns
        self._lock = Lock()
        self._known: dict[str, _Remembered] = {}
        self._silent_until: datetime | None = None

    def __call__(self, name: str) -> bytes | None:
        """The TXT record of a name; None if it has none.

        Raises:
            KeyUnavailable: DNS did not answer, now or within the last minute.
        """
        known = self._recall(name.lower()) or self._look_up(name.lower())
        if known.unavailable:
            raise KeyUnavailable
        return known.record

    def _recall(self, name: str) -> _Remembered | None:
        now = self._clock.now()
        with self._lock:
            known = self._known.get(name)
            if known is not None and now < known.until:
                return known
            if self._silent_until is not None and now < self._silent_until:
                return _Remembered(self._silent_until, None, unavailable=True)
        return None

    def _look_up(self, name: str) -> _Remembered:
        """Ask, without holding up those whose answer is known."""
        try:
            answer = self._ask(name)
        except Exception as error:  # noqa: BLE001 - whatever breaks on the way to DNS, there is no answer
            until = self._clock.now() + FAILURE_KEPT
            found = _Remembered(until, None, unavailable=True)
            silent = until if isinstance(error, NameServersSilent) else None
        else:
            kept = min(answer.kept, LONGEST_KEPT) if answer.record is not None else FAILURE_KEPT
            found, silent = _Remembered(self._clock.now() + kept, answer.record), None
        with self._lock:
            self._silent_until = silent
            self._known.pop(name, None)
            while len(self._known) >= _MOST_KEPT:
                del self._known[next(iter(self._known))]
            self._known[name] = found
        return found


def ask_dns(name: str, resolver: dns.resolver.Resolver | None = None) -> Answer:
    """Ask for the TXT record of a name.

    Args:
        name: the name.
        resolver: whom to ask; the name servers of this machine unless told otherwise, found anew each time,
            for they change with the network.

    Raises:
        NameServersSilent: nobody answered in time.
        KeyUnavailable: the answer was a failure.
    """
    # Costs a tenth of a second that most shops and commands need not pay.
    import dns.exception  # noqa: PLC0415 - as said above
    import dns.name  # noqa: PLC0415 - as said above
    import dns.resolver  # noqa: PLC0415 - as said above

    try:
        whole = dns.name.from_text(name)
        return _resolve(whole, resolver or _resolver())
    except (dns.resolver.NXDOMAIN, dns.name.LabelTooLong, dns.name.NameTooLong, dns.name.EmptyLabel):
        return Answer(None, FAILURE_KEPT)
    except dns.exception.Timeout:
        raise NameServersSilent from None
    except (dns.exception.DNSException, OSError, ValueError):
        raise KeyUnavailable from None


def _resolver() -> dns.resolver.Resolver:
    import dns.resolver  # noqa: PLC0415 - loaded by now

    resolver = dns.resolver.Resolver()
    resolver.timeout, resolver.lifetime = SECONDS_PER_TRY, SECONDS_IN_ALL
    return resolver


def _resolve(name: dns.name.Name, resolver: dns.resolver.Resolver) -> Answer:
    found = resolver.resolve(name, "TXT", raise_on_no_answer=False, search=False)
    records = [b"".join(data.strings) for data in found] if found.rrset is not None else []
    if len(records) > 1:
        # Names hold all sorts of notes; of several keys none is certain (RFC 6376 section 3.6.2.2).
        records = [record for record in records if record.startswith(b"v=DKIM1")]
    kept = timedelta(seconds=found.chaining_result.minimum_ttl)
    return Answer(records[0] if len(records) == 1 else None, kept)
