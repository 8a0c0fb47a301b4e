"""Whether a buyer's message was meant for this shop, which a signature of Amazon's alone does not tell.

Amazon may write to an alias that is forwarded to the mailbox and that nobody configured, so addresses are
learned: the first proven message is trusted, and later ones have to name an address that is known by then.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from parsers.values import Authenticity, Refusal

if TYPE_CHECKING:
    from daemon.reading.arrivals import Arrival
    from daemon.work import Work

_MOST = 20
"""Addresses of one mail that are looked at; Amazon writes to one."""


def refusals_of(arrival: Arrival, work: Work) -> tuple[Refusal, ...]:
    """What forbids an acknowledgment as far as the mail tells, whom it was written to included.

    What is not proven teaches nothing, and is refused anyhow.
    """
    refusals = arrival.reading.refusals
    if arrival.reading.authenticity is not Authenticity.PASS or _is_ours(arrival, work):
        return refusals
    return (*refusals, Refusal.ADDRESSED_ELSEWHERE)


def _is_ours(arrival: Arrival, work: Work) -> bool:
    """Whether a proven message names an address of ours; what stands beside such an address is learned.

    One that names nobody is believed: Amazon signs the header, so nobody can have taken it out.
    """
    named, mailbox, known = _addressees(arrival), arrival.place.mailbox, work.uow.addressed
    if not named:
        return True
    ours = bool(_configured(work, mailbox).intersection(named)) or known.is_known(mailbox, named)
    if not ours and known.has_any(mailbox):
        return False
    known.learn(mailbox, named, work.now)
    return True


def _addressees(arrival: Arrival) -> tuple[str, ...]:
    """The addresses of the header that Amazon signed; who sends a mail on could write ours into any other."""
    return tuple(dict.fromkeys(arrival.reading.envelope.addressees))[:_MOST]


def _configured(work: Work, mailbox: str) -> set[str]:
    account = work.shop.accounts[mailbox]
    return {one.lower() for one in (account.address, account.login or "", work.shop.owner) if "@" in one}
