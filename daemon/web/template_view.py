"""What buyers may be sent: every template, and how it reads with an invented case in it."""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from typing import TYPE_CHECKING

from daemon.showing.findings import BLANK
from templates.contexts import FULFILMENTS, SITUATIONS, AcknowledgmentContext, DraftContext
from templates.drafting import DRAFTED, LANGUAGES, DraftTemplates
from templates.guidelines import check
from templates.own_templates import ENTRIES_LIMIT
from templates.render import render_acknowledgment

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from daemon.shop import Shop
    from templates.guidelines import Finding
    from templates.own_templates import TemplateFault

ACKNOWLEDGMENT = "acknowledgment"
NAMES = (ACKNOWLEDGMENT, *sorted(DRAFTED))
"""Every letter that has a preview."""

UNDRAFTED = tuple(sorted(SITUATIONS - DRAFTED))
"""What a person answers without a draft."""

WAYS = tuple(sorted(FULFILMENTS))
EXAMPLE_ORDER = "250-0000000-0000000"
_BUYERS = {"ja": "見本 花子", "en": "Hanako Mihon"}
_ITEMS = {"ja": ("充電式ランタン(見本)", "3,980円"), "en": ("Camping lantern (example)", "JPY 3,980")}
_ANSWERED_IN = timedelta(hours=6)


@dataclass(frozen=True, slots=True)
class Preview:
    """A letter with an invented case in it.

    Attributes:
        text: as a buyer would get it, or a person to review.
        findings: what the check of Amazon's rules says of it, but for the blanks.
        blanks: how many places a person fills in before it may go.
        own: the shop's own templates have a say in it.
        fault: why the shop's own template was left aside; None if it was not.
    """

    text: str
    findings: tuple[Finding, ...]
    blanks: int
    own: bool
    fault: TemplateFault | None


def preview(
    shop: Shop, folder: Path | None, name: str, language: str, now: datetime, *, way: str, reasons: str
) -> Preview:
    """Render a letter for a buyer who does not exist.

    Args:
        shop: signs it.
        folder: the shop's own templates; None where there are none.
        name: one of `NAMES`.
        language: one of `templates.drafting.LANGUAGES`.
        now: the present; the invented days are counted from it.
        way: who ships, one of `WAYS`.
        reasons: the language of what the check says.
    """
    here = now.astimezone(shop.calendar.zone)
    if name == ACKNOWLEDGMENT:
        text, own, fault = _acknowledgment(shop, language, here), False, None
    else:
        templates = DraftTemplates(folder)
        drafted = templates.render(_case(shop, name, language, here, way), language)
        assert drafted is not None
        text, own, fault = drafted.text, templates.is_own(name, language), drafted.fault
    found = check(text, order_id=EXAMPLE_ORDER, language=reasons)
    others = tuple(one for one in found if one.rule != BLANK)
    return Preview(text, others, len(found) - len(others), own, fault)


def _acknowledgment(shop: Shop, language: str, here: datetime) -> str:
    by = (here + _ANSWERED_IN).replace(minute=0, second=0, microsecond=0)
    return render_acknowledgment(
        AcknowledgmentContext(shop.name, _BUYERS[language], EXAMPLE_ORDER, by), language
    )


def _case(shop: Shop, situation: str, language: str, here: datetime, way: str) -> DraftContext:
    """Everything is known, so that the letter has all its parts."""
    since = 40 if situation == "after_30_days" else 5
    delivered = here.date() - timedelta(days=since)
    bought = delivered - timedelta(days=2)
    return DraftContext(
        shop.name,
        _BUYERS[language],
        EXAMPLE_ORDER,
        situation,
        way,
        bought,
        since + 2,
        delivered,
        since,
        0,
        (),
        *_ITEMS[language],
    )


class FaultBook:
    """The faults of the shop's own templates, tried out once for each state of the folder.

    A template may be written to take all the time that it is given; many people, or one who reloads, must not
    have it tried side by side.
    """

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._known: tuple[object, tuple[TemplateFault, ...]] | None = None

    def faults(self, folder: Path | None) -> tuple[TemplateFault, ...]:
        """Every faulty file, as `DraftTemplates.faults` tells them."""
        if folder is None:
            return ()
        with self._turn:
            state = (folder, _state(folder), *(_state(folder / language) for language in sorted(LANGUAGES)))
            if self._known is None or self._known[0] != state:
                self._known = (state, DraftTemplates(folder).faults())
            return self._known[1]


def _state(folder: Path) -> object:
    """Names, sizes and times of a folder's files; what changes when a file does."""
    try:
        with os.scandir(folder) as entries:
            return tuple(sorted(_mark(entry) for entry in islice(entries, ENTRIES_LIMIT)))
    except OSError as error:
        return error.errno


def _mark(entry: os.DirEntry[str]) -> tuple[str, int, int]:
    try:
        found = entry.stat()
    except OSError:
        return entry.name, 0, 0
    return entry.name, found.st_size, found.st_mtime_ns
