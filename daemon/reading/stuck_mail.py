"""Sees to it that one mail which the server cannot hand out does not block all mail behind it."""

from __future__ import annotations

from dataclasses import dataclass, field

_FETCHED_ALONE_AFTER = 3
_GIVEN_UP_AFTER = 8
"""Failed rounds at one and the same mail, each with a fresh connection that could log in and list mail."""


@dataclass(slots=True)
class StuckMail:
    """How often in a row the fetching of mail failed at one place of each folder."""

    _failures: dict[str, tuple[int, int]] = field(default_factory=dict)

    def failed(self, folder: str, uid: int) -> None:
        """Fetching a group that begins with this mail failed."""
        last, times = self._failures.get(folder, (uid, 0))
        self._failures[folder] = (uid, times + 1 if last == uid else 1)

    def passed(self, folder: str, uid: int) -> None:
        """Fetching a group that begins with this mail went well."""
        if self._failures.get(folder, (0, 0))[0] == uid:
            del self._failures[folder]

    def wants_alone(self, folder: str, uid: int) -> bool:
        """A group beginning here failed often enough to look for the culprit, one mail at a time."""
        return self._times(folder, uid) >= _FETCHED_ALONE_AFTER

    def is_hopeless(self, folder: str, uid: int) -> bool:
        """This mail failed alone, again and again: it is left to a person, and the others go on."""
        return self._times(folder, uid) >= _GIVEN_UP_AFTER

    def _times(self, folder: str, uid: int) -> int:
        last, times = self._failures.get(folder, (0, 0))
        return times if last == uid else 0
