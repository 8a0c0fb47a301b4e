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
    """The addresses that were learned from proven mail."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def has_any(self, mailbox: str) -> bool:
        """Whether anything was ever learned for a mailbox."""
        return self._connection.execute(_ANY, {"account": mailbox}).first() is not None

    def is_known(self, mailbox: str, addresses: Sequence[str]) -> bool:
        """Whether one of these was learned for a mailbox before."""
        return bool(self._known(mailbox, addresses))

    def learn(self, mailbox: str, addresses: Sequence[str], at: datetime) -> None:
        """Remember those of the addresses that are new."""
        known = self._known(mailbox, addresses)
        fresh = {tables.fit(one, tables.ADDRESS_LENGTH) for one in addresses} - known
        rows = [{"mailbox": mailbox, "address": one, "first_seen_at": at} for one in sorted(fresh)]
        insert_all(self._connection, tables.addressed, rows)

    def _known(self, mailbox: str, addresses: Sequence[str]) -> set[str]:
        asked = {"account": mailbox, "addresses": list(addresses)}
        return {row.address for row in self._connection.execute(_KNOWN, asked)}
