"""The addresses that Amazon writes to when it writes to a mailbox of ours."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select

from state import tables
from state.repository.records import insert_all

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Connection

_COLUMNS = tables.addressed.c
_ANY = select(_COLUMNS.address).where(_COLUMNS.mailbox == bindparam("account")).limit(1)
_KNOWN = select(_COLUMNS.address).where(
    _COLUMNS.mailbox == bindparam("account"), _COLUMNS.address.in_(bindparam("addresses", expanding=True))
)


class Addressed:
    """The addresses that were learned from proven mail; what was found once stays so in this transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._met: set[tuple[str, str]] = set()

    def has_any(self, mailbox: str) -> bool:
        """Whether anything was ever learned for a mailbox."""
        return self._connection.execute(_ANY, {"account": mailbox}).first() is not None

    def is_known(self, mailbox: str, addresses: Sequence[str]) -> bool:
        """Whether one of these was learned for a mailbox before."""
        return bool(self._known(mailbox, addresses))

    def learn(self, mailbox: str, addresses: Sequence[str], at: datetime) -> None:
        """Remember those of the addresses that are new."""
        fresh = set(map(_fitted, addresses)) - self._known(mailbox, addresses)
        rows = [{"mailbox": mailbox, "address": one, "first_seen_at": at} for one in sorted(fresh)]
        insert_all(self._connection, tables.addressed, rows)

    def _known(self, mailbox: str, addresses: Sequence[str]) -> set[str]:
        """Those of the addresses that were learned; every mail of a batch names the same."""
        fitted = set(map(_fitted, addresses))
        asked = sorted(one for one in fitted if (mailbox, one) not in self._met)
        if asked:
            rows = self._connection.execute(_KNOWN, {"account": mailbox, "addresses": asked})
            self._met.update((mailbox, row.address) for row in rows)
        return {one for one in fitted if (mailbox, one) in self._met}


def _fitted(address: str) -> str:
    return tables.fit(address, tables.ADDRESS_LENGTH)
