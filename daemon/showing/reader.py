"""Whoever looks: the language they read, their time zone, the present; and strangers' words made harmless."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

from templates.cleaning import one_line, several_lines
from templates.wording import English, Japanese

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from templates.wording import Wording

NOTHING = "—"
CELL_LIMIT = 60

_WORDINGS: dict[str, Wording] = {"ja": Japanese(), "en": English()}


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads what is shown.

    Attributes:
        language: ``ja`` or ``en``.
        zone: the shop's time zone.
        now: the present, for what is left and what is past.
    """

    language: str
    zone: ZoneInfo
    now: datetime

    def say(self, ja: str, en: str) -> str:
        """The one of the two that this person reads."""
        return ja if self.language == "ja" else en

    def word(self, words: Mapping[str, tuple[str, str]], word: str) -> str:
        """What a machine word is called; an unknown one stays as it is."""
        known = words.get(word)
        return clean(word) if known is None else self.say(*known)

    def moment(self, at: datetime | None) -> str:
        """Local date and time."""
        if at is None:
            return NOTHING
        local = at.astimezone(self.zone)
        return self._wording.moment(local, self.now.astimezone(self.zone))

    def left(self, by: datetime | None) -> str:
        """How long until a deadline, or since."""
        return NOTHING if by is None else self._wording.left(by, self.now)

    def ago(self, at: datetime | None) -> str:
        """How long ago something was."""
        return NOTHING if at is None else self._wording.ago(at, self.now)

    @property
    def _wording(self) -> Wording:
        return _WORDINGS[self.language]


def clean(text: str | None, limit: int = CELL_LIMIT) -> str:
    """A stranger's words as one line that no terminal obeys."""
    return one_line(text, limit) if text else ""


def clean_lines(text: str) -> str:
    """A stranger's words with their lines, and nothing that moves a cursor, colours or hides."""
    kept = (one for one in several_lines(text) if one == "\n" or unicodedata.category(one) != "Cf")
    return "".join(kept).strip("\n")


def indented(text: str, by: str = "    ") -> str:
    """Every line moved to the right, so that no stranger's line passes for one of ours."""
    return "\n".join(f"{by}{line}".rstrip() for line in text.split("\n"))
