"""Days as a browser's date field, or a person without one, types them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from parsers.folding import fold_width

if TYPE_CHECKING:
    from daemon.web.forms import Form

_LONGEST = 20
_NOT_A_DAY = ("日付は 2026-11-30 のように書いてください。", "Write a day like 2026-11-30.")
_BACKWARDS = ("始まりの日が終わりの日より後です。", "The first day is later than the last one.")


@dataclass(frozen=True, slots=True)
class DaySpan:
    """From one local day to another, both meant.

    Attributes:
        since: the first day; None is no limit.
        until: the last day; None is no limit.
        fault: what is wrong with what was typed, in Japanese and English; None if nothing is.
    """

    since: date | None = None
    until: date | None = None
    fault: tuple[str, str] | None = None


def read_span(form: Form) -> DaySpan:
    """The days of the fields ``since`` and ``until``."""
    typed = [fold_width(form.line(name, _LONGEST)).replace("/", "-") for name in ("since", "until")]
    try:
        since, until = (_day(one) if one else None for one in typed)
    except ValueError:
        return DaySpan(fault=_NOT_A_DAY)
    if since is not None and until is not None and since > until:
        return DaySpan(fault=_BACKWARDS)
    return DaySpan(since, until)


def _day(typed: str) -> date:
    """A day that has a midnight in every time zone.

    Raises:
        ValueError: it is none.
    """
    found = date.fromisoformat(typed)
    if not date.min < found < date.max:
        raise ValueError("a day at the end of the calendar")
    return found
