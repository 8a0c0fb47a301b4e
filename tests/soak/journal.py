"""What happened in a soak, line by line, kept where it failed."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


class Journal:
    """One JSON object a line; never a buyer's words, only marks and names."""

    def __init__(self, path: Path) -> None:
        """Begin a journal in that file."""
        self._began = time.monotonic()
        self._file = path.open("a", encoding="utf-8")

    def note(self, event: str, **facts: object) -> None:
        """Write one line; the seconds are real ones, everything else is the story's."""
        seconds = round(time.monotonic() - self._began, 2)
        self._file.write(
            json.dumps({"event": event, "seconds": seconds, **facts}, ensure_ascii=False, default=str) + "\n"
        )
        self._file.flush()

    def close(self) -> None:
        """End it."""
        self._file.close()
