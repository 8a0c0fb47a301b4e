"""Lays what a malicious owner of a folder could put where one of our files should be."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

KINDS = ("link", "link to nothing", "hard link", "pipe", "folder")
STRANGER = 65534
_CONTENT = "what root alone may read\n"


@dataclass(frozen=True, slots=True)
class Trap:
    """Something in the place of a file.

    Attributes:
        victim: what it leads to, or would have made.
        before: the victim's owner, group, mode and content; None if it is not there.
    """

    victim: Path
    before: tuple[int, int, int, str] | None

    def untouched(self) -> bool:
        """Whether the victim is as it was."""
        return _state_of(self.victim) == self.before


def lay(kind: str, place: Path, victim: Path) -> Trap:
    """Put a trap where a file should be.

    Args:
        kind: one of `KINDS`.
        place: where.
        victim: a file elsewhere; it is made, unless the trap leads to nothing.
    """
    if kind != "link to nothing":
        victim.write_text(_CONTENT)
        victim.chmod(0o640)
    match kind:
        case "hard link":
            place.hardlink_to(victim)
        case "pipe":
            os.mkfifo(place, 0o600)
        case "folder":
            place.mkdir(0o700)
        case _:
            place.symlink_to(victim)
    return Trap(victim, _state_of(victim))


def give_away(path: Path) -> None:
    """Let the path be a stranger's if we are root; an ordinary user keeps it."""
    if os.geteuid() == 0:
        os.chown(path, STRANGER, STRANGER, follow_symlinks=False)


def _state_of(path: Path) -> tuple[int, int, int, str] | None:
    if not path.exists():
        return None
    found = path.stat()
    return found.st_uid, found.st_gid, found.st_mode, path.read_text()
