"""Whom the program may write to (decision 12 of the design). Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from parsers.values import BuyerAlias

_LONGEST = 254
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_ADDRESS = re.compile(rf"[A-Za-z0-9.!#$%&'*+/=?^_`{{|}}~-]{{1,64}}@(?:localhost|{_LABEL}(?:\.{_LABEL})+)")


def is_plain_address(text: str) -> bool:
    """Whether a text is exactly one ordinary mail address: ASCII, no name, no quotes, no white space."""
    return len(text) <= _LONGEST and _ADDRESS.fullmatch(text) is not None


@dataclass(frozen=True, slots=True)
class AllowList:
    """The only addresses that mail may go to.

    Attributes:
        owner: the owner's address, for alerts.
        agents: further addresses that the owner configured.
    """

    owner: str
    agents: frozenset[str] = frozenset()

    def allows(self, address: str) -> bool:
        """Whether mail may go to this address; anything but exactly one plain address may not."""
        if not is_plain_address(address):
            return False
        return BuyerAlias.parse(address) is not None or address.lower() in self._known()

    def _known(self) -> set[str]:
        return {known.lower() for known in (self.owner, *self.agents)}
