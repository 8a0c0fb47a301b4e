"""Reads the source tree and names every breach of the rules of the house; imports and runs none of it."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from functools import cache
from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

FOLDERS = ("daemon", "parsers", "state", "templates")

MAY_IMPORT = {
    "parsers": (),
    "state": ("parsers.values",),
    "templates": (),
    "daemon": ("parsers", "state", "templates"),
}
"""What of the other folders each may import; ``tests`` is imported by none."""

OWNERS = {
    "imapclient": "daemon.mailbox",
    "smtplib": "daemon.smtp",
    "mailparser": "parsers.mime",
    "dkim": "parsers.signatures",
    "dns": "daemon.dns",
}
"""Libraries that one place alone may touch."""

CLOCK = "daemon.clock"
CLOCK_CALLS = frozenset({
    "datetime.datetime.now",
    "datetime.datetime.today",
    "datetime.datetime.utcnow",
    "datetime.date.today",
    "time.time",
    "time.time_ns",
})  # fmt: skip

PURE = frozenset(
    f"state.{name}"
    for name in (
        "model",
        "matching",
        "business_calendar",
        "deadlines",
        "acknowledgment_rules",
        "alert_rules",
        "outbox_rules",
        "leading",
        "periods",
        "reporting",
        "lessons",
        "lesson_rules",
        "digest_rules",
        "feedback_policy",
    )
)
STORAGE = ("sqlalchemy", "alembic", "psycopg", "sqlite3")

WALL_CLOCK_SCHEDULE = frozenset({"at", "day", "until"})
VAGUE = frozenset({"util", "utils", "helper", "helpers", "manager", "managers", "common"})
LONGEST = 60
GENERATED = "state.migrations.versions"
"""A migration is a list of statements that a program wrote; nobody splits it."""

_MACHINE_PATH = re.compile(r"(?<![\w./>-])(?:/(?:home|root|work|Users|private|mnt)/\w|[A-Z]:\\+Users\\)")


@dataclass(frozen=True, slots=True)
class Import:
    """One imported name.

    Attributes:
        target: the module, or module and name, that is asked for.
        for_types: it stands under ``TYPE_CHECKING`` and never happens.
        deferred: it happens when a function runs, not when the module is loaded.
    """

    target: str
    for_types: bool = False
    deferred: bool = False


@dataclass(frozen=True, slots=True)
class Module:
    """One source file.

    Attributes:
        name: its dotted name; of a package the package's.
        source: its text.
        is_package: it is an ``__init__``.
    """

    name: str
    source: str
    is_package: bool = False

    @property
    def folder(self) -> str:
        """The folder at the top that it lies in."""
        return self.name.partition(".")[0]

    def tree(self) -> ast.Module:
        """Its syntax."""
        return _parse(self.source)

    def imports(self) -> tuple[Import, ...]:
        """Everything that it imports, wherever in the file."""
        return _imports_of(self)


@cache
def _imports_of(module: Module) -> tuple[Import, ...]:
    return tuple(_imports_in(module.tree(), module, Import("")))


@cache
def _parse(source: str) -> ast.Module:
    return ast.parse(source)


def read_modules(root: Path, *folders: str) -> tuple[Module, ...]:
    """Every Python file below these folders."""
    return tuple(
        _read_module(root, path) for folder in folders for path in sorted((root / folder).rglob("*.py"))
    )


def _read_module(root: Path, path: Path) -> Module:
    parts = path.relative_to(root).with_suffix("").parts
    is_package = parts[-1] == "__init__"
    name = ".".join(parts[:-1] if is_package else parts)
    return Module(name, path.read_text(encoding="utf-8"), is_package)


def _imports_in(node: ast.AST, module: Module, where: Import) -> Iterator[Import]:
    """The imports below a node; ``where`` carries what is known of the place."""
    if isinstance(node, ast.Import):
        yield from (Import(alias.name, where.for_types, where.deferred) for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        base = _base_of(node, module)
        yield from (Import(f"{base}.{alias.name}", where.for_types, where.deferred) for alias in node.names)
    elif isinstance(node, ast.If) and _is_for_types(node.test):
        yield from _imports_below(node.body, module, Import("", for_types=True, deferred=where.deferred))
        yield from _imports_below(node.orelse, module, where)
    else:
        deferred = where.deferred or isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        inside = Import("", where.for_types, deferred)
        yield from _imports_below(ast.iter_child_nodes(node), module, inside)


def _imports_below(nodes: Iterable[ast.AST], module: Module, where: Import) -> Iterator[Import]:
    for node in nodes:
        yield from _imports_in(node, module, where)


def _is_for_types(test: ast.expr) -> bool:
    return ast.unparse(test) in {"TYPE_CHECKING", "typing.TYPE_CHECKING"}


def _base_of(node: ast.ImportFrom, module: Module) -> str:
    if node.level == 0:
        return node.module or ""
    above = node.level - 1 if module.is_package else node.level
    parts = module.name.split(".")
    return ".".join([*parts[: len(parts) - above], *([node.module] if node.module else [])])


def _lies_in(target: str, place: str) -> bool:
    return target == place or target.startswith(f"{place}.")


def crossed_arrows(modules: Iterable[Module]) -> list[str]:
    """Imports from a folder that the importing folder may not know, for types or not."""
    return [
        f"{module.name} imports {found.target}"
        for module in modules
        for found in module.imports()
        if found.target.partition(".")[0] in {*FOLDERS, "tests"} - {module.folder}
        and not any(_lies_in(found.target, place) for place in MAY_IMPORT[module.folder])
    ]


def strange_hands(modules: Iterable[Module]) -> list[str]:
    """Libraries with a single owner that somebody else imports."""
    return [
        f"{module.name} imports {found.target}"
        for module in modules
        for found in module.imports()
        for library, owner in OWNERS.items()
        if _lies_in(found.target, library) and not _lies_in(module.name, owner)
    ]


def clock_readers(modules: Iterable[Module]) -> list[str]:
    """Places besides the clock that ask the machine for the time."""
    return [
        f"{module.name}:{line} reads {name}"
        for module in modules
        if module.name != CLOCK
        for line, name in _qualified_names(module)
        if name in CLOCK_CALLS
    ]


def _qualified_names(module: Module) -> Iterator[tuple[int, str]]:
    """Every dotted name with its line, as it would be called without any import's abbreviation."""
    known = _bound_by_imports(module)
    for node in ast.walk(module.tree()):
        if isinstance(node, ast.Name | ast.Attribute):
            first, _, rest = ast.unparse(node).partition(".")
            full = known.get(first)
            if full is not None:
                yield node.lineno, f"{full}.{rest}" if rest else full


def _bound_by_imports(module: Module) -> dict[str, str]:
    bound: dict[str, str] = {}
    for node in ast.walk(module.tree()):
        if isinstance(node, ast.Import):
            bound |= {alias.asname or alias.name: alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = _base_of(node, module)
            bound |= {alias.asname or alias.name: f"{base}.{alias.name}" for alias in node.names}
    return bound


def circles(modules: Iterable[Module]) -> list[str]:
    """Modules that need each other while they are being loaded; the first circle found."""
    graph = _needed_at_loading({module.name: module for module in modules})
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as circle:
        return [" -> ".join(reversed(circle.args[1]))]
    return []


def _needed_at_loading(modules: Mapping[str, Module]) -> dict[str, set[str]]:
    return {
        name: {
            needed
            for found in module.imports()
            if not found.for_types and not found.deferred
            and (needed := _module_of(found.target, modules)) is not None and needed != name
        }
        for name, module in modules.items()
    }  # fmt: skip


def _module_of(target: str, modules: Mapping[str, Module]) -> str | None:
    """The module that an import loads: itself, or the one that holds the name."""
    if target in modules:
        return target
    holder = target.rpartition(".")[0]
    return holder if holder in modules else None


def long_functions(modules: Iterable[Module]) -> list[str]:
    """Functions of more lines than anyone can see at once, the docstring counted."""
    return [
        f"{module.name}.{node.name} has {length} lines"
        for module in modules
        if not _lies_in(module.name, GENERATED)
        for node in ast.walk(module.tree())
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (length := (node.end_lineno or node.lineno) - node.lineno + 1) > LONGEST
    ]


def impure_rules(modules: Iterable[Module]) -> list[str]:
    """Rules that know a database or one of the rooms that do, for types or not."""
    return [
        f"{module.name} imports {found.target}"
        for module in modules
        if module.name in PURE
        for found in module.imports()
        if any(_lies_in(found.target, library) for library in STORAGE)
        or (_lies_in(found.target, "state") and not any(_lies_in(found.target, pure) for pure in PURE))
    ]


def missing_rules(modules: Iterable[Module]) -> list[str]:
    """Modules that are listed as pure and are not there: the list is out of date."""
    return sorted(PURE - {module.name for module in modules})


def wall_clock_schedules(modules: Iterable[Module]) -> list[str]:
    """Uses of the parts of ``schedule`` that read the wall clock themselves."""
    return [
        f"{module.name}:{node.lineno} uses .{node.attr}"
        for module in modules
        if any(_lies_in(found.target, "schedule") for found in module.imports())
        for node in ast.walk(module.tree())
        if isinstance(node, ast.Attribute) and node.attr in WALL_CLOCK_SCHEDULE
    ]


def machine_paths(modules: Iterable[Module]) -> list[str]:
    """Absolute paths that exist on the machine of one developer only, in code or comments."""
    return [
        f"{module.name}:{number} names {found[0]}…"
        for module in modules
        for number, line in enumerate(module.source.splitlines(), start=1)
        if (found := _MACHINE_PATH.search(line)) is not None
    ]


def vague_names(modules: Iterable[Module]) -> list[str]:
    """Modules and packages whose name says nothing."""
    return [module.name for module in modules if VAGUE & set(module.name.replace(".", "_").split("_"))]
