"""Makes the table of the classifier of comments from `rules/comments/` and some sentences of `rules/intent/`.

Run ``python -m parsers.comment_training`` after every change of either; a test compares the table with them.
The program itself only reads the table.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from parsers import rules
from parsers.comments import TABLE, prepare
from parsers.ngrams import count
from parsers.rules import load_text
from parsers.values import Topic

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

BORROWED: Mapping[Topic, Sequence[str]] = {
    Topic.PRODUCT: ("defective",),
    Topic.DELIVERY: ("not_delivered",),
    Topic.PACKING: ("damaged",),
    Topic.SELLER: ("wrong_item",),
    Topic.NEUTRAL: (),
}
"""The topics that are learnt, and the intents whose messages speak of them, too."""


def read_clauses() -> Mapping[Topic, Sequence[str]]:
    """The clauses of every topic, one a line, and the messages that are borrowed."""
    return {topic: _lines(f"comments/{topic}.txt") + _borrow(names) for topic, names in BORROWED.items()}


def make_table(clauses: Mapping[Topic, Sequence[str]]) -> str:
    """Train on clauses, prepared as `parsers.comments` prepares them."""
    return count({topic.value: list(map(prepare, texts)) for topic, texts in clauses.items()})


def main() -> int:
    """Write the table beside the rules."""
    Path(rules.__file__).with_name(TABLE).write_text(make_table(read_clauses()), encoding="utf-8")
    return 0


def _borrow(names: Sequence[str]) -> list[str]:
    return [line.replace("\\n", "\n") for name in names for line in _lines(f"intent/{name}.txt")]


def _lines(name: str) -> list[str]:
    """The lines that are no comment."""
    return [line for line in load_text(name).splitlines() if line and not line.startswith("# ")]


if __name__ == "__main__":
    sys.exit(main())
