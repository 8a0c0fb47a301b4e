"""What a person did for a case outside this program, one step after the other."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date


class Matter(StrEnum):
    """What a step belongs to; each matter has words of its own."""

    REMOVAL = "removal"
    RETURN = "return"
    REFUND = "refund"
    SUPPORT = "support"
    INQUIRY = "inquiry"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Step:
    """One step; what was done stays on record, and the last one says where a matter stands.

    Attributes:
        case_id: the case.
        matter: what it belongs to.
        word: what was done, a word of that matter.
        done_on: the shop's local date.
        detail: one line besides, such as an amount or the state of an item.
        id: its number, which rises in the order of recording; 0 before it is stored.
    """

    case_id: int
    matter: Matter
    word: str
    done_on: date
    detail: str = field(default="", repr=False)
    id: int = 0
