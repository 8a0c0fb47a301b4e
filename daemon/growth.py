"""Notices that the quarantine grows: told at certain numbers, at most once a day for each reason."""

from __future__ import annotations

from datetime import time
from typing import TYPE_CHECKING

from state.repository.quarantine import FORMAT_CHANGED_FROM

if TYPE_CHECKING:
    from daemon.work import Work
    from state.repository.quarantine import Entry

_FIRST_LEVEL = 5


def note_growth(work: Work, entry: Entry) -> None:
    """Tell the owner if this mail, just put aside, makes the quarantine grow to one of its levels.

    The levels are 5, 10, 20, 50, 100 and so on of what nobody has settled, so that whoever leaves it alone is
    told ever more rarely, and whoever has cleared it away is told anew.
    """
    if _is_level(work.uow.quarantine.waiting()):
        raise_growth(work)
    if entry.fingerprint is not None and entry.word == "unrecognised":
        _note_format(work, entry.fingerprint, entry.subject or "")


def raise_growth(work: Work) -> None:
    """Tell that mail waits in quarantine; once a day."""
    work.uow.notices.raise_once(f"quarantine:{_today(work)}", "quarantine_grows", work.now)


def _note_format(work: Work, fingerprint: str, subject: str) -> None:
    """Several mails of one unknown shape in a day, as many as ever before: Amazon may have changed a form."""
    calendar = work.shop.calendar
    midnight = calendar.at(calendar.local_day(work.now), time.min)
    before, today = work.uow.quarantine.seen_of(fingerprint, midnight)
    if today >= max(FORMAT_CHANGED_FROM, before):
        key = f"format_changed:{fingerprint}:{_today(work)}"
        work.uow.notices.raise_once(key, "format_changed", work.now, detail=subject)


def _today(work: Work) -> str:
    return work.shop.calendar.local_day(work.now).isoformat()


def _is_level(number: int) -> bool:
    digits = str(number)
    return number >= _FIRST_LEVEL and digits[0] in "125" and not digits[1:].strip("0")
