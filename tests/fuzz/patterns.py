"""Every regular expression of the program: those that modules hold, and those that tables are compiled to."""

from __future__ import annotations

import ast
import re
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from parsers import comments, fulfilment, notices, own_words, personal, phrases, quoting
from parsers.rules import load_rules as load_tables
from templates import hiding
from templates.guidelines import public_replies, rules, symbols, telephones, views

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
FOLDERS = ("parsers", "templates", "daemon", "state")
AnyPattern = re.Pattern[str] | re.Pattern[bytes]

NOT_OURS = frozenset((
    "parsers.recognisers.feedback.check_feedback_rule",
    "parsers.recognisers.feedback._check_pattern",
    "parsers.recognisers.feedback._compile",
    "templates.hiding._spans_of_address",
    "daemon.demo.director._",
))  # fmt: skip
"""Functions that compile what the seller wrote into the configuration, that look for a text as it stands, or
that read what the demonstration itself prints."""

_HELD = frozenset(("parsers.autoreply._any_of",))
"""Functions whose results modules hold."""


def _from_phrases() -> Iterator[AnyPattern]:
    yield from (phrases._compiled(alternative) for _, alternative in phrases._index().alternatives)


def _from_notices() -> Iterator[AnyPattern]:
    for wording in notices._wordings():
        yield from filter(None, (wording.subject, wording.body))
    yield from notices._patterns("copy_name")
    yield from notices._patterns("opted_out")


def _from_quoting() -> Iterator[AnyPattern]:
    known = quoting._patterns()
    yield from (one.pattern for one in known.attributions)
    yield from (*known.dividers, known.signature)


def _from_own_words() -> Iterator[AnyPattern]:
    for table in ("sign_off", "alert_head"):
        yield from own_words._patterns(table)


def _from_rules() -> Iterator[AnyPattern]:
    for rule in rules.load_rules():
        for guarded in rule.patterns.values():
            yield from (one.body for one in guarded)
        for excuses in rule.excuses.values():
            yield from excuses
        yield from (*rule.courtesies, *rule.decisive)
    yield from (*rules.denial(), rules.declined(), *rules.harmless())
    yield from (*rules.allowed("words"), *rules.allowed("tight"), telephones._word())
    for name in ("described", "patterns"):
        yield from telephones._spelled(name)
    for name in ("phone", "other", "article"):
        yield from telephones._names(name)


def _from_symbols() -> Iterator[AnyPattern]:
    names = ("face", "no_face", "rows", "rhomb", "rhomb_at_head")
    yield from (*map(symbols._pattern, names), *symbols._emoticons())


def _from_views() -> Iterator[AnyPattern]:
    for name in views.VIEWS:
        yield from (step for step, _ in views._steps(name))


def _from_public_replies() -> Iterator[AnyPattern]:
    for rule in rules.read_table("public_reply")["rule"]:
        yield from public_replies._patterns(rule["id"])
        if "harmless" in rule:
            yield re.compile(rule["harmless"])


def _from_numbers() -> Iterator[AnyPattern]:
    yield from (hiding._spelled(digits) for digits in ("9012345678", "12345678901234567890"))


def _from_cues() -> Iterator[AnyPattern]:
    for cue in fulfilment._cues():
        yield from cue.patterns


def _from_comments() -> Iterator[AnyPattern]:
    table = load_tables("comments")
    for topic, words in table["topic"].items():
        for name in words:
            yield from comments._patterns(topic, name)
    for row, name in (
        ("neutral", "patterns"), ("obscene", "strong"), ("obscene", "mild"), ("carrier", "people"),
        ("carrier", "goods"), ("exchanged", "patterns"),
    ):  # fmt: skip
        yield from comments._patterns(row, name)


def _from_personal() -> Iterator[AnyPattern]:
    for name in load_tables("comments")["personal_information"]:
        yield from personal._patterns(name)


COMPILED = {
    "parsers.comments._patterns": _from_comments,
    "parsers.fulfilment._cue": _from_cues,
    "parsers.notices._wording": _from_notices,
    "parsers.notices._patterns": _from_notices,
    "parsers.own_words._patterns": _from_own_words,
    "parsers.personal._patterns": _from_personal,
    "parsers.phrases._compiled": _from_phrases,
    "parsers.quoting._compile": _from_quoting,
    "templates.guidelines.public_replies._is_harmless": _from_public_replies,
    "templates.guidelines.public_replies._patterns": _from_public_replies,
    "templates.guidelines.rules.compile_pattern": _from_rules,
    "templates.guidelines.symbols._pattern": _from_symbols,
    "templates.guidelines.symbols._emoticons": _from_symbols,
    "templates.guidelines.views._steps": _from_views,
    "templates.hiding._spelled": _from_numbers,
}
"""Functions that compile what a table holds, and where all their results are found."""


def method_of(place: str) -> str:
    """How an expression is used: tried on a whole text, on its beginning, or looked for anywhere."""
    module, _, variable = place.rpartition(".")
    path = _path(module)
    uses = set(
        re.findall(rf"\b{re.escape(variable)}\.([a-z]+)\(", path.read_text(encoding="utf-8"))
        if path.exists()
        else ()
    )
    if uses and uses <= {"fullmatch", "match"}:
        return "match" if "match" in uses else "fullmatch"
    return "finditer"


@cache
def all_patterns() -> dict[AnyPattern, str]:
    """Every expression with the place that it belongs to."""
    found: dict[AnyPattern, str] = {}
    for name in _module_names():
        if "re." not in _path(name).read_text(encoding="utf-8"):
            continue
        module = import_module(name)
        for variable, value in vars(module).items():
            found |= dict.fromkeys(_within(value), f"{name}.{variable}")
        found |= {re.compile(source): f"{name}.{place}" for place, source in _written(name) if source}
    for place in sorted(set(COMPILED)):
        found |= dict.fromkeys(COMPILED[place](), place)
    return found


def unknown_places() -> list[str]:
    """Functions that make expressions out of something else than a text in the source, and are not listed."""
    made = {f"{name}.{place}" for name in _module_names() for place, source in _written(name) if not source}
    return sorted(made - set(COMPILED) - NOT_OURS - _HELD)


def _module_names() -> Iterator[str]:
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*.py")):
            if "migrations" not in path.parts:
                yield ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def _path(name: str) -> Path:
    path = ROOT.joinpath(*name.split("."))
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


def _within(value: Any) -> Iterator[AnyPattern]:
    """The expressions that a module's variable is or holds."""
    if isinstance(value, re.Pattern):
        yield value
    elif isinstance(value, tuple | list):
        for one in value:
            yield from _within(one)
    elif isinstance(value, dict):
        yield from _within(list(value.values()))


def _written(name: str) -> Iterator[tuple[str, str | bytes | None]]:
    """Each use of ``re`` inside a function of a module, with the text of its expression if it is one."""
    tree = ast.parse(_path(name).read_text(encoding="utf-8"))
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    for function in functions:
        for node in ast.walk(function):
            if isinstance(node, ast.Call) and _names_re(node):
                yield function.name, _text(node)


def _names_re(call: ast.Call) -> bool:
    return any(
        ast.unparse(node).partition(".")[0] == "re" and ast.unparse(node) not in {"re.escape", "re.error"}
        for node in (call.func, *call.args[:1])
        if isinstance(node, ast.Attribute)
    ) and not ast.unparse(call.args[0]).endswith(("IGNORECASE", "MULTILINE"))


def _text(call: ast.Call) -> str | bytes | None:
    source = call.args[0]
    if isinstance(source, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "1" for part in source.values)
    return (
        source.value if isinstance(source, ast.Constant) and isinstance(source.value, str | bytes) else None
    )
