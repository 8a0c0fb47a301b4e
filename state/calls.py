"""A telephone call as a person wrote it down."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class Call:
    """One telephone call; nothing of it ever goes into a mail to a buyer, its number into no mail at all.

    Attributes:
        case_id: the case that it opened or joined.
        called_at: when it came, in UTC.
        caller: who called, as they said.
        wishes: what they want.
        number: the telephone number to call back.
        address: their mail address, if they gave one.
        hours: when they can be reached, in their own words.
        promised_by: by when they were promised to hear of us, in UTC; None if nothing was promised.
        id: its number; 0 before it is stored.
    """

    case_id: int
    called_at: datetime
    caller: str = field(default="", repr=False)
    wishes: str = field(default="", repr=False)
    number: str = field(default="", repr=False)
    address: str = field(default="", repr=False)
    hours: str = field(default="", repr=False)
    promised_by: datetime | None = None
    id: int = 0
