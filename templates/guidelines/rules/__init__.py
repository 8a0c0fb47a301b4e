"""The rules on outgoing messages as data, one table a topic; and how they become patterns.

A rule has an id, a severity, its reason in both languages and patterns by view, or the name of a detector
where a pattern cannot judge. A pattern under ``…_unless`` excuses a match found in the same sentence; one
under ``…_of_ratings`` counts in a text that speaks of a rating somewhere.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from templates.guidelines.views import MASK, fold_kana

if TYPE_CHECKING:
    from collections.abc import Mapping

    from templates.guidelines.findings import Severity

TABLES = ("ratings", "inducements", "contact", "form")
VIEWS_OF_RULES = ("tight", "words", "lines", "raw")

_PIECE = re.compile(r"\{([a-z_]+)\}")
_TOKEN = re.compile(r"\\.|\[(?:\\.|[^\\\]])*\]|\{[a-z_]+\}|.", re.DOTALL)
_RATINGS = {"tight": "{rating}", "words": r"\b{review}\b"}
_OPTIONAL = ("?", "*", "{0")
_TELLING = ("{rating}", "{review}", "{good}", "{change}", "{verb}", "{request_en}", "{opinion}", "{mask}")


@dataclass(frozen=True, slots=True)
class Pattern:
    """A pattern, and what a text must hold before it is worth looking for.

    Most letters speak of no rating at all, so most patterns need not be tried on them.

    Attributes:
        body: the pattern itself.
        head: the piece that it begins with, as a source; None if it begins with none that tells much.
        needs: the pieces without which nothing matches.
    """

    body: re.Pattern[str]
    head: str | None
    needs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule.

    Attributes:
        id: its name.
        severity: error or warning.
        reasons: why, by language.
        detector: the function that finds breaches, if patterns do not.
        patterns: what is a breach, by view.
        excuses: what in the same sentence excuses it, by view.
        courtesies: for a rule on whole texts: what the sentences may be.
        deniable: whether an English negation before the words excuses them.
        declinable: whether a Japanese negation right behind the words excuses them.
        is_rest: whether it is told only where no other error is.
        decisive: likewise: what one of them must be.
    """

    id: str
    severity: Severity
    reasons: Mapping[str, str]
    detector: str | None
    patterns: Mapping[str, tuple[Pattern, ...]]
    excuses: Mapping[str, tuple[re.Pattern[str], ...]]
    courtesies: tuple[re.Pattern[str], ...] = ()
    decisive: tuple[re.Pattern[str], ...] = ()
    deniable: bool = False
    declinable: bool = False
    is_rest: bool = False


@cache
def load_rules() -> tuple[Rule, ...]:
    """Every rule, in the order of the tables."""
    return tuple(_rule(entry) for table in TABLES for entry in read_table(table)["rule"])


@cache
def allowed(view: str) -> tuple[re.Pattern[str], ...]:
    """Sentences that may be written although they speak of what is forbidden."""
    return tuple(
        pattern
        for entry in read_table("ratings")["allowed"]
        for pattern in _patterns(entry.get(view, ()), view)
    )


@cache
def harmless() -> tuple[re.Pattern[str], ...]:
    """Numbers that are no telephone's, for the view of digits."""
    return _patterns(read_table("numbers")["harmless"]["patterns"], "digits")


@cache
def read_table(name: str) -> dict[str, Any]:
    """One of the tables beside this module, as it stands.

    Raises:
        FileNotFoundError: there is no such table.
    """
    return tomllib.loads(resources.files(__name__).joinpath(f"{name}.toml").read_text(encoding="utf-8"))


@cache
def denial() -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    """An English negation, what takes it back in the same sentence, and pleas that do not."""
    negation, plea, harmless_plea = (
        compile_pattern(source, "words") for source in ("{negation_en}", "{plea_en}", "{harmless_plea_en}")
    )
    return negation, plea, harmless_plea


@cache
def declined() -> re.Pattern[str]:
    """What right behind Japanese words says that they are just what is not done."""
    return compile_pattern("{declined}", "tight")


@cache
def beginnings(source: str, view: str) -> re.Pattern[str]:
    """What finds every place where a piece begins, also within another one's match.

    Args:
        source: a `Pattern`'s head or one of its needs.
        view: the view that it is for.
    """
    return compile_pattern(f"(?={source})", view)


def compile_pattern(source: str, view: str) -> re.Pattern[str]:
    """A pattern with its pieces filled in.

    Raises:
        KeyError: it names a piece that does not exist.
        re.error: it is no pattern.
    """
    filled = source
    while _PIECE.search(filled):
        filled = _PIECE.sub(lambda found: _piece(found[1]), filled)
    return re.compile(fold_kana(filled) if view == "tight" else filled)


def _piece(name: str) -> str:
    if name == "mask":
        return MASK
    piece: str = read_table("pieces")["pieces"][name]
    return piece


def _rule(entry: Mapping[str, Any]) -> Rule:
    return Rule(
        id=entry["id"],
        severity=entry["severity"],
        reasons={"ja": entry["ja"], "en": entry["en"]},
        detector=entry.get("detector"),
        patterns={view: (*_guarded(entry, view), *_of_ratings(entry, view)) for view in VIEWS_OF_RULES},
        excuses={view: _patterns(entry.get(f"{view}_unless", ()), view) for view in VIEWS_OF_RULES},
        courtesies=_patterns(entry.get("courtesies", ()), "words"),
        decisive=_patterns(entry.get("decisive", ()), "words"),
        deniable=entry.get("deniable", False),
        declinable=entry.get("declinable", False),
        is_rest=entry.get("rest", False),
    )


def _guarded(entry: Mapping[str, Any], view: str) -> tuple[Pattern, ...]:
    return tuple(_guard(source, view) for source in entry.get(view, ()))


def _of_ratings(entry: Mapping[str, Any], view: str) -> tuple[Pattern, ...]:
    """Patterns that mean something only in a letter that speaks of ratings."""
    found = (_guard(source, view) for source in entry.get(f"{view}_of_ratings", ()))
    return tuple(replace(one, needs=(*one.needs, _RATINGS[view])) for one in found)


def _guard(source: str, view: str) -> Pattern:
    needs = _needs(source)
    begun = source.removeprefix(r"\b")
    head = next((source[: len(source) - len(begun)] + one for one in needs if begun.startswith(one)), None)
    return Pattern(compile_pattern(source, view), head, needs)


def _needs(source: str) -> tuple[str, ...]:
    """The telling pieces that stand outside every bracket and every choice, and are not optional."""
    depth = 0
    found: list[str] = []
    for token in _TOKEN.finditer(source):
        depth += (token[0] == "(") - (token[0] == ")")
        if depth == 0 and token[0] == "|":
            return ()
        if depth == 0 and token[0] in _TELLING and not source.startswith(_OPTIONAL, token.end()):
            found.append(token[0])
    return tuple(dict.fromkeys(found))


def _patterns(sources: list[str], view: str) -> tuple[re.Pattern[str], ...]:
    return tuple(compile_pattern(source, view) for source in sources)
