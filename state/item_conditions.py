"""In which condition a returned item may be offered again, by what was checked. Pure.

The limits follow Amazon's condition guidelines as sellers know them (assumed, the page itself was not seen):
like new is whole, unmarked, in an untouched box, and all of that was checked; very good may show slight
traces; good may show clear ones or miss an accessory; what does not work is not offered at all.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Condition(StrEnum):
    """Amazon's words for used items, best first."""

    LIKE_NEW = "used_like_new"
    VERY_GOOD = "very_good"
    GOOD = "good"
    ACCEPTABLE = "acceptable"


@dataclass(frozen=True, slots=True)
class Checked:
    """What a person found; None is what nobody checked, and nothing is ever said of it as if it were known.

    Attributes:
        opened: the item had been opened.
        box: ``intact``, ``damaged`` or ``missing``.
        accessories: ``complete`` or ``missing``.
        scratches: ``none``, ``slight`` or ``clear``.
        tested: ``works`` or ``fails``.
    """

    opened: bool | None = None
    box: str | None = None
    accessories: str | None = None
    scratches: str | None = None
    tested: str | None = None

    @property
    def unchecked(self) -> tuple[str, ...]:
        """Names of what nobody checked."""
        return tuple(name for name in CHECKS if getattr(self, name) is None)


CHECKS = {
    "box": ("intact", "damaged", "missing"),
    "accessories": ("complete", "missing"),
    "scratches": ("none", "slight", "clear"),
    "tested": ("works", "fails"),
}
"""What a person checks, with the possible findings, best first."""

_ORDER = tuple(Condition)
_LIMITS = {
    ("box", "damaged"): Condition.VERY_GOOD,
    ("box", "missing"): Condition.GOOD,
    ("accessories", "missing"): Condition.GOOD,
    ("scratches", "slight"): Condition.VERY_GOOD,
    ("scratches", "clear"): Condition.GOOD,
}


def objections(condition: Condition, checked: Checked) -> tuple[str, ...]:
    """The names of what forbids to call an item so; what does not work is called nothing."""
    if checked.tested == "fails":
        return ("tested",)
    if condition is Condition.LIKE_NEW and checked.unchecked:
        return checked.unchecked
    limits = ((name, _LIMITS.get((name, getattr(checked, name)))) for name in CHECKS)
    return tuple(name for name, limit in limits if limit and _ORDER.index(condition) < _ORDER.index(limit))


def best_condition(checked: Checked) -> Condition | None:
    """The best word that the findings allow; None for what does not work."""
    return next((one for one in Condition if not objections(one, checked)), None)
