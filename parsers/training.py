"""Makes the classifier's table from the sentences in `rules/intent/`: ``python -m parsers.training``.

Run it after every change of the sentences; a test compares the table with them. The program itself only reads
the table.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from parsers import rules
from parsers.ngrams import count
from parsers.rules import load_text
from parsers.values import Intent
from parsers.wording import prepare, strip_courtesies

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

TABLE = "intent_ngrams.txt"


def read_sentences() -> Mapping[Intent, Sequence[str]]:
    """The training sentences of every intent, one a line; a backslash and an n in it are a line break."""
    return {intent: _sentences(load_text(f"intent/{intent}.txt")) for intent in Intent}


def make_table(sentences: Mapping[Intent, Iterable[str]]) -> str:
    """Train on sentences, prepared as `parsers.intent.guess` prepares a buyer's words."""
    return count({intent.value: list(map(_plain, texts)) for intent, texts in sentences.items()})


def _plain(text: str) -> str:
    """What the classifier gets to see of a text."""
    return strip_courtesies(prepare(text))


def _sentences(text: str) -> list[str]:
    """The lines that are no comment."""
    lines = text.splitlines()
    return [line.replace("\\n", "\n") for line in lines if line and not line.startswith("# ")]


def main() -> int:
    """Write the table beside the rules."""
    Path(rules.__file__).with_name(TABLE).write_text(make_table(read_sentences()), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
