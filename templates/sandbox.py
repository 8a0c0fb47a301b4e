"""The small language that templates are written in, and bounds on what they may take and make.

Jinja2's sandbox keeps a template away from Python, but not from the machine's memory or time:
``'あ'*10**9`` is allowed there. Here a template can print, compare, loop two deep and call its own macros;
it can do no arithmetic beyond short sums, call no method and print no list. Every turn of a loop and every
call is paid from a budget of steps, at the price of all that stands in it, and all text is counted.
"""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from jinja2 import StrictUndefined, TemplateAssertionError, TemplateSyntaxError, nodes, pass_context
from jinja2.compiler import CodeGenerator
from jinja2.exceptions import SecurityError
from jinja2.runtime import Macro, Undefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping
    from types import CodeType

    from jinja2 import BaseLoader, Template
    from jinja2.compiler import Frame
    from jinja2.runtime import Context

SOURCE_LIMIT = 20_000
"""Characters of one template file."""

NESTING_LIMIT = 50
BRANCHES_LIMIT = 200
LOOPS_LIMIT = 2
SUM_LIMIT = 10_000
NUMBER_LIMIT = 10**12

STEPS_LIMIT = 200_000
"""Steps of one rendering: turns of loops and calls, each times the pieces of language that stand in it."""

CALLS_LIMIT = 20
"""Macros inside each other."""

LOADS_LIMIT = 50
"""Templates included or imported in one rendering."""

TEXT_LIMIT = 2_000_000
"""Characters put together on the way in one rendering."""

_FILTERS = frozenset({"default", "length"})
_TESTS = frozenset({"defined", "none", "undefined"})
_COMPARISONS = frozenset({"in", "eq", "ne", "lt", "le", "gt", "ge"})
_SCALARS = (str, int, float, date, type(None))
_PRINTABLE = (str, int, float, date, type(None))
# Names that no template can write, for they hold a blank.
_COUNTED_LOOP = "counted loop"
_STEPS_TAKEN = "steps taken"
_COMPARED_VALUE = "compared value"
_SLICED_VALUE = "sliced value"

_LANGUAGE = frozenset(
    {
        *(nodes.Template, nodes.Output, nodes.TemplateData, nodes.If, nodes.For, nodes.Macro),
        *(nodes.Assign, nodes.AssignBlock, nodes.Include, nodes.Import, nodes.FromImport),
        *(nodes.Name, nodes.Const, nodes.List, nodes.Tuple, nodes.Dict, nodes.Pair, nodes.Keyword),
        *(nodes.Getattr, nodes.Getitem, nodes.Slice, nodes.Filter, nodes.Test, nodes.Call, nodes.CondExpr),
        *(nodes.Compare, nodes.Operand, nodes.And, nodes.Or, nodes.Not, nodes.Neg, nodes.Add, nodes.Sub),
    }
)
"""All that a template may be made of; everything else is refused before it runs."""


class OutputTooLarge(ValueError):  # noqa: N818 - reads as what it is
    """A template printed more than it may; nothing of it is used."""


class TooManySteps(SecurityError):  # noqa: N818 - reads as what it is
    """A template loops, calls or loads more than it may, perhaps without end; nothing of it is used."""


@dataclass(slots=True)
class _Budget:
    """What is left of one rendering."""

    steps: int = STEPS_LIMIT
    text: int = TEXT_LIMIT
    calls: int = CALLS_LIMIT
    loads: int = LOADS_LIMIT

    def take_steps(self, count: int) -> None:
        self.steps -= count
        if self.steps < 0:
            raise TooManySteps("the template takes too many steps")

    def take_text(self, length: int) -> None:
        self.text -= length
        if self.text < 0:
            raise OutputTooLarge("the template puts too much text together")

    def take_load(self) -> None:
        self.loads -= 1
        if self.loads < 0:
            raise TooManySteps("the template loads too many templates, perhaps itself")

    @contextmanager
    def call(self) -> Iterator[None]:
        """One macro deeper."""
        if self.calls == 0:
            raise TooManySteps("macros call each other too deep, perhaps without end")
        self.calls -= 1
        try:
            yield
        finally:
            self.calls += 1


_budget: ContextVar[_Budget] = ContextVar("budget")


@pass_context  # keeps it from being run when the template is compiled
def _counted(context: Context, values: Iterable[object], price: int) -> Iterator[object]:  # noqa: ARG001
    """The values of a loop; each is paid for."""
    for value in values:
        _budget.get().take_steps(price)
        yield value


@pass_context  # keeps it from being run when the template is compiled
def _pay(context: Context, price: int) -> None:  # noqa: ARG001
    """Pay for a call before it does anything."""
    _budget.get().take_steps(price)


def _comparable(value: Any) -> Any:
    """The value, if comparing it takes no longer than it looks.

    Lists of lists are refused: each may hold the one before twice, and soon no time is enough.

    Raises:
        SecurityError: it is something else.
    """
    if isinstance(value, str):
        _budget.get().take_steps(len(value) // 100)
    elif isinstance(value, (list, tuple, frozenset, dict)):
        _budget.get().take_steps(len(value))
        if not all(isinstance(one, _SCALARS) for one in value):
            raise SecurityError("lists of lists cannot be compared")
    elif not isinstance(value, (*_SCALARS, Undefined)):
        raise SecurityError(f"{type(value).__name__} cannot be compared")
    return value


def _sliced(value: Any) -> Any:
    """The value, paid for by its length, since a part of it will be copied.

    Raises:
        SecurityError: it has no parts.
    """
    if not isinstance(value, (str, list, tuple)):
        raise SecurityError(f"{type(value).__name__} has no parts")
    _budget.get().take_steps(len(value) // 100)
    return value


def _comparison(test: Any) -> Callable[[object, object], bool]:
    """A test of two values that are looked at first."""
    return lambda value, other: bool(test(_comparable(value), _comparable(other)))


def _join(values: Iterable[object], between: str = "") -> str:
    """Short texts in a row.

    Raises:
        SecurityError: the row is longer than a sum may be, or what stands in it is no text.
    """
    parts: list[str] = []
    room = SUM_LIMIT
    for value in values:
        if not isinstance(value, (str, int)):
            raise SecurityError(f"{type(value).__name__} cannot be joined")
        parts.append(str(value))
        room -= len(parts[-1]) + len(between)
        if room < 0:
            raise SecurityError("join makes too long a text here")
    return between.join(parts)


def _printable(value: Any) -> Any:
    """The value, if it is a text, a number or a date; printing a list may take for ever.

    Raises:
        SecurityError: it is something else.
    """
    if not isinstance(value, (*_PRINTABLE, Undefined)):
        raise SecurityError(f"{type(value).__name__} cannot be printed")
    return value


def only_known(value: Any) -> Any:
    """The value, if it is there; for texts in which the word None must never stand.

    Raises:
        SecurityError: it is None, or nothing that can be printed.
    """
    if value is None:
        raise SecurityError("a value is printed that is not always known, put it between if and endif")
    return _printable(value)


def _concat(parts: Iterable[str]) -> str:
    """What a macro or a block printed, counted before it is put together."""
    pieces = list(parts)
    _budget.get().take_text(sum(map(len, pieces)))
    return "".join(pieces)


def _pieces(node: nodes.Node) -> int:
    """How many pieces of language a node is made of: the price of going through it once."""
    return 1 + sum(1 for _ in node.find_all(nodes.Node))


def _filter(node: nodes.Node, name: str, *arguments: nodes.Expr) -> nodes.Filter:
    """The same expression sent through one of our own filters."""
    return nodes.Filter(node, name, list(arguments), [], None, None, lineno=node.lineno)


def _payment(node: nodes.Node) -> nodes.ExprStmt:
    price = nodes.Const(_pieces(node), lineno=node.lineno)
    return nodes.ExprStmt(_filter(price, _STEPS_TAKEN), lineno=node.lineno)


def _nested(root: nodes.Node) -> Iterator[tuple[nodes.Node, int, int]]:
    """Every piece of a template, how deep it stands, and in how many loops; without any recursion."""
    waiting = [(root, 1, 0)]
    while waiting:
        node, depth, loops = waiting.pop()
        yield node, depth, loops
        inside = loops + isinstance(node, nodes.For)
        waiting.extend((child, depth + 1, inside) for child in node.iter_child_nodes())


def _objection(node: nodes.Node, depth: int, loops: int) -> str | None:
    """Why a piece of a template cannot be allowed; None if it can."""
    if type(node) not in _LANGUAGE:
        return "~ is not allowed here, use +" if isinstance(node, nodes.Concat) else _unknown(node)
    if depth > NESTING_LIMIT or (isinstance(node, nodes.If) and len(node.elif_) > BRANCHES_LIMIT):
        return "nested too deep"
    if isinstance(node, nodes.For) and (node.recursive or loops >= LOOPS_LIMIT):
        return "loops too deep"
    if not all(isinstance(one, nodes.Const) for one in _words(node)):
        return "this has to be written out as a word in quotes"
    spread = isinstance(node, (nodes.Call, nodes.Filter, nodes.Test)) and (node.dyn_args or node.dyn_kwargs)
    return "* and ** are not allowed here" if spread else None


def _words(node: nodes.Node) -> Iterator[nodes.Node]:
    """What must not be computed: the keys of a table and the names of other templates."""
    if isinstance(node, nodes.Pair):
        yield node.key
    if isinstance(node, (nodes.Include, nodes.Import, nodes.FromImport)):
        yield node.template


def _unknown(node: nodes.Node) -> str:
    return f"{type(node).__name__} is not allowed here"


class _Generator(CodeGenerator):
    """Refuses at compile time what could only be bounded badly while it runs, and has the rest paid for."""

    def visit_Template(self, node: nodes.Template, frame: Frame | None = None) -> None:  # noqa: N802 - Jinja2's
        """Look at everything before anything is generated."""
        for piece, depth, loops in _nested(node):
            if objection := _objection(piece, depth, loops):
                raise TemplateAssertionError(objection, piece.lineno or 1, self.name, self.filename)
        self._charge(node)
        node.set_environment(self.environment)
        super().visit_Template(node, frame)

    def _charge(self, template: nodes.Template) -> None:
        """Put a price on every loop, every call and every comparison, and on the template itself."""
        for loop in template.find_all(nodes.For):
            loop.iter = _filter(loop.iter, _COUNTED_LOOP, nodes.Const(_pieces(loop)))
        for compare in template.find_all(nodes.Compare):
            compare.expr = _filter(compare.expr, _COMPARED_VALUE)
            for operand in compare.ops:
                operand.expr = _filter(operand.expr, _COMPARED_VALUE)
        for item in template.find_all(nodes.Getitem):
            if isinstance(item.arg, nodes.Slice):
                item.node = _filter(item.node, _SLICED_VALUE)
        for macro in template.find_all(nodes.Macro):
            macro.body.insert(0, _payment(macro))
        template.body.insert(0, _payment(template))


@contextmanager
def _named(name: str | None, filename: str | None) -> Iterator[None]:
    """Turn what breaks Python's own parser into an error of the template.

    Raises:
        TemplateSyntaxError: the template is nested too deep, or holds what Python cannot take.
    """
    try:
        yield
    except (RecursionError, MemoryError, SyntaxError, ValueError):
        raise TemplateSyntaxError("nested too deep, or too long a number", 1, name, filename) from None


class Environment(ImmutableSandboxedEnvironment):
    """Jinja2 cut down to what a mail needs; an unknown name is an error and never an empty place."""

    code_generator_class = _Generator
    intercepted_binops = frozenset({"+", "-", "*", "/", "//", "%", "**"})
    concat = staticmethod(_concat)

    def __init__(self, loader: BaseLoader, finalize: Callable[[Any], Any] = _printable) -> None:
        super().__init__(
            loader=loader,
            undefined=StrictUndefined,
            finalize=finalize,
            autoescape=False,  # plain text mail; nothing here is ever HTML
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
            auto_reload=False,
        )
        self.globals.clear()
        self.filters = {word: self.filters[word] for word in _FILTERS} | {
            "join": _join,
            _COUNTED_LOOP: _counted,
            _STEPS_TAKEN: _pay,
            _COMPARED_VALUE: _comparable,
            _SLICED_VALUE: _sliced,
        }
        self.tests = {word: self.tests[word] for word in _TESTS} | {
            word: _comparison(self.tests[word]) for word in _COMPARISONS
        }

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """Allow sums of short texts and of numbers, and differences of numbers; nothing else.

        Raises:
            SecurityError: another operator, another type, or a text or number that grows too long.
        """
        if isinstance(left, int) and isinstance(right, int) and operator in "+-":
            if max(abs(left), abs(right)) > NUMBER_LIMIT:
                raise SecurityError("too great a number")
            return super().call_binop(context, operator, left, right)
        is_text = isinstance(left, str) and isinstance(right, str)
        if operator == "+" and is_text and len(left) + len(right) <= SUM_LIMIT:
            return left + right
        raise SecurityError(f"{operator} is not allowed here")

    def getitem(self, obj: Any, argument: Any) -> Any:
        """Look up by a word or a number only.

        Raises:
            SecurityError: it is something else.
        """
        if not isinstance(argument, (str, int)):
            raise SecurityError(f"{type(argument).__name__} is no key here")
        found = super().getitem(obj, argument)
        if isinstance(found, Undefined):
            # The key may be what a stranger wrote, and errors are told and logged.
            return self.undefined("there is no entry under what stands in [ ]")
        return found

    def call(self, context: Context, obj: Any, /, *args: Any, **kwargs: Any) -> Any:
        """Call one of the templates' own macros, and no method of any value.

        Raises:
            SecurityError: it is no macro.
            TooManySteps: the macros call each other too deep.
        """
        if isinstance(obj, Undefined):
            str(obj)  # says which name it is that does not exist
        if not isinstance(obj, Macro):
            raise SecurityError(f"{type(obj).__name__} cannot be called")
        with _budget.get().call():
            return context.call(obj, *args, **kwargs)

    def _load_template(self, name: str, globals: MutableMapping[str, Any] | None) -> Template:  # noqa: A002 - Jinja2's
        """Load one more template.

        Raises:
            TooManySteps: too many were loaded in this rendering.
        """
        if (budget := _budget.get(None)) is not None:
            budget.take_load()
        return super()._load_template(name, globals)

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        if len(source) > SOURCE_LIMIT:
            raise TemplateSyntaxError(f"longer than {SOURCE_LIMIT} characters", 1, name, filename)
        with _named(name, filename):
            return super()._parse(source, name, filename)

    def _compile(self, source: str, filename: str) -> CodeType:
        with _named(None, filename):
            return super()._compile(source, filename)


def render_bounded(template: Template, values: Mapping[str, object], limit: int) -> str:
    """Print a template, at most `limit` characters.

    Raises:
        OutputTooLarge: it would print more; it is stopped as soon as it does.
        TooManySteps: it takes longer than it may, perhaps for ever.
        jinja2.TemplateError: it names what does not exist or does what is not allowed.
    """
    parts: list[str] = []
    room = limit
    token = _budget.set(_Budget())
    try:
        for part in template.generate(values):
            room -= len(part)
            if room < 0:
                raise OutputTooLarge(f"a text may have {limit} characters, {template.name} printed more")
            parts.append(part)
    finally:
        _budget.reset(token)
    return "".join(parts)
