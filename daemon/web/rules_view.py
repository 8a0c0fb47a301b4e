"""The rules by which mail is recognised, as a person may read them: what for, how sure, by what words."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from daemon import words
from daemon.showing.reader import clean
from daemon.web.settings_words import RULE_LANGUAGES, RULE_TABLES, RULES
from parsers.rules import CONFIDENCES, load_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from daemon.showing.reader import Reader

_FACTS = frozenset(
    {
        *("confidence", "name", "field", "language", "kind", "kinds", "fulfilment", "senders", "quoted"),
        *("closed", "outranks", "required", "one_of"),
    }
)
"""Keys that say something about a rule and are no clue themselves."""

_SIGNS_OF_PATTERNS = frozenset("\\^$|?*+[]{}()")
_SAMPLES = 3
_SAMPLE_LIMIT = 40


@dataclass(frozen=True, slots=True)
class Rule:
    """One entry.

    Attributes:
        name: its place in the file.
        about: what it tells, in words; empty where its table says it all.
        language: of the mail, in words; empty for any.
        confidence: one of `parsers.rules.CONFIDENCES`.
        clues: how many words and patterns it has.
        samples: the first of its words; patterns are left out, nobody can read them.
    """

    name: str
    about: str
    language: str
    confidence: str
    clues: int
    samples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RuleFile:
    """One file of rules.

    Attributes:
        file: its name.
        heading: what it is for.
        rules: its entries.
    """

    file: str
    heading: str
    rules: tuple[Rule, ...]

    def count(self, confidence: str) -> int:
        """How many of its rules are so sure."""
        return sum(rule.confidence == confidence for rule in self.rules)


def rule_files(reader: Reader) -> tuple[RuleFile, ...]:
    """Every file of rules; they are part of the program and the same in every shop."""
    return tuple(
        RuleFile(f"{name}.toml", reader.say(*heading), tuple(_rules(_load(name), "", "", reader)))
        for name, heading in RULES.items()
    )


def _load(name: str) -> dict[str, Any]:
    # Not kept as the recognisers keep theirs: the desk has no other use for it.
    return tomllib.loads(load_text(f"{name}.toml"))


def _rules(table: dict[str, Any], name: str, inherited: str, reader: Reader) -> Iterator[Rule]:
    """A table's own rule, where it has one, and those of all tables in it."""
    confidence = str(table.get("confidence", inherited))
    clues = [
        clue for key, value in table.items() if key not in _FACTS | {*CONFIDENCES} for clue in _clues(value)
    ]
    if confidence and (clues or ("confidence" in table and table.keys() & {"kind", "name"})):
        yield _rule(name, table, confidence, clues, reader)
    for key, value in table.items():
        if key in CONFIDENCES:
            yield _rule(name, table, key, list(_deep_clues(value)), reader)
        else:
            for number, one in enumerate(value if isinstance(value, list) else [value], 1):
                if isinstance(one, dict):
                    yield from _rules(one, _named(name, key, one, number), confidence, reader)


def _rule(name: str, table: dict[str, Any], confidence: str, clues: list[str], reader: Reader) -> Rule:
    plain = [clean(clue, _SAMPLE_LIMIT) for clue in clues if not _SIGNS_OF_PATTERNS & {*clue}]
    return Rule(
        name,
        _about(name, table, reader),
        _language(name, table, reader),
        confidence,
        len(clues),
        tuple(plain[:_SAMPLES]),
    )


def _clues(value: object) -> Iterator[str]:
    """The words and patterns right here; tables inside are rules of their own."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        yield from (one for one in value if isinstance(one, str))


def _deep_clues(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        yield from (str(one) for one in value.values())
    else:
        yield from _clues(value)


def _named(above: str, key: str, table: dict[str, Any], number: int) -> str:
    own = table.get("name") or table.get("field") or table.get("language") or table.get("path")
    place = f"{above}.{key}" if above else key
    return f"{place} {own or number}" if own or number > 1 else place


def _about(name: str, table: dict[str, Any], reader: Reader) -> str:
    kinds = table.get("kinds") or ([table["kind"]] if "kind" in table else [])
    said = [reader.word(words.KINDS, kind) for kind in kinds]
    if "fulfilment" in table:
        said.append(reader.word(words.FULFILMENTS, table["fulfilment"]))
    if table.get("name") in words.SITUATIONS:
        said.append(reader.word(words.SITUATIONS, table["name"]))
    known = RULE_TABLES.get(name.partition(" ")[0])
    if not said and known:
        said.append(reader.say(*known))
    return reader.say("、", ", ").join(said)


def _language(name: str, table: dict[str, Any], reader: Reader) -> str:
    language = str(table.get("language") or name.rpartition("-")[2])
    return reader.say(*RULE_LANGUAGES[language]) if language in RULE_LANGUAGES else ""
