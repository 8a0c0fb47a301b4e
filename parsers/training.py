"""Makes the tables of the classifier and of the rules from `rules/intent/` and `rules/intent.toml`.

Run ``python -m parsers.training`` after every change of either; a test compares the tables with them. The
program itself only reads the tables.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from parsers import phrases, rules
from parsers.needs import make_needs
from parsers.ngrams import count
from parsers.rules import load_rules, load_text
from parsers.values import Intent
from parsers.wording import prepare, strip_courtesies

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

TABLE = "intent_ngrams.txt"


def read_sentences() -> Mapping[Intent, Sequence[str]]:
    """The training sentences of every intent, one a line; a backslash and an n in it are a line break."""
    return {intent: _sentences(load_text(f"intent/{intent}.txt")) for intent in Intent}


def make_table(sentences: Mapping[Intent, Iterable[str]]) -> str:
    """Train on sentences, prepared as `parsers.intent.guess` prepares a buyer's words."""
    return count({intent.value: list(map(_plain, texts)) for intent, texts in sentences.items()})


def make_phrases(sentences: Mapping[Intent, Iterable[str]]) -> str:
    """Note what letters the alternatives of the rules need, the rarest in these sentences."""
    texts = (prepare(text) for intent in sentences for text in sentences[intent])
    return make_needs(list_patterns(load_rules("intent")), texts)


def list_patterns(table: Any) -> Iterator[str]:
    """All patterns of the rules."""
    for row in (*table["intent"], *table["topic"]):
        yield from (*row["strong"], *row.get("weak", ()))
    for name in ("courtesy", "denial", "question"):
        yield from table[name]["patterns"]
    for name in ("phrases", "blocks", "allowed"):
        yield from table["thanks"][name]


def _plain(text: str) -> str:
    """What the classifier gets to see of a text."""
    return strip_courtesies(prepare(text))


def _sentences(text: str) -> list[str]:
    """The lines that are no comment."""
    lines = text.splitlines()
    return [line.replace("\\n", "\n") for line in lines if line and not line.startswith("# ")]


def main() -> int:
    """Write the tables beside the rules."""
    sentences = read_sentences()
    for name, text in ((phrases.TABLE, make_phrases(sentences)), (TABLE, make_table(sentences))):
        Path(rules.__file__).with_name(name).write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
