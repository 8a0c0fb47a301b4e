"""What was learnt from a case: one cause and one line of what is done so that it does not come again."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


class Cause(StrEnum):
    """Where a trouble came from."""

    CARRIER = "carrier"
    AGENT_LABEL = "agent_label"
    PACKING = "packing"
    LISTING = "listing"
    STOCK = "stock"
    BUYER = "buyer"
    MAKER = "maker"
    ABSENCE = "absence"
    NONE = "none"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Lesson:
    """The cause of a case and its prevention.

    Attributes:
        case_id: the case; each has one.
        cause: where the trouble came from; ``none`` where there was no trouble.
        prevention: one line; empty where nothing was promised.
        noted_at: when a person said so, in UTC.
    """

    case_id: int
    cause: Cause
    prevention: str = field(repr=False)
    noted_at: datetime
