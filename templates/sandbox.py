"""The small language that templates are written in, and bounds on what they may take and make.

Jinja2's sandbox keeps a template away from Python, but not from the machine's memory: ``'あ'*10**9``
is allowed there. Here a template can print, compare, loop two deep and call its own macros; it can do
no arithmetic beyond short sums, call no method, and what it prints is counted while it is printed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jinja2 import StrictUndefined, TemplateAssertionError, nodes
from jinja2.compiler import CodeGenerator
from jinja2.exceptions import SecurityError
from jinja2.runtime import Macro
from jinja2.sandbox import ImmutableSandboxedEnvironment

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jinja2 import BaseLoader, Template
    from jinja2.compiler import Frame
    from jinja2.runtime import Context

LOOPS_LIMIT = 2
SUM_LIMIT = 10_000
_FILTERS = frozenset({"default", "join", "length"})
_TESTS = frozenset({"defined", "none", "undefined", "in", "eq", "ne", "lt", "le", "gt", "ge"})


class OutputTooLarge(ValueError):  # noqa: N818 - reads as what it is
    """A template printed more than it may; nothing of it is used."""


def _depth(loop: nodes.For) -> int:
    """How many loops stand inside each other, this one counted."""
    return 1 + max(map(_depth, loop.find_all(nodes.For)), default=0)


class _Generator(CodeGenerator):
    """Refuses at compile time what could only be bounded badly while it runs."""

    def visit_Concat(self, node: nodes.Concat, frame: Frame) -> None:  # noqa: ARG002, N802 - Jinja2's names
        """``a ~ a`` doubles without passing any guard; ``+`` passes one."""
        raise TemplateAssertionError("~ is not allowed here, use +", node.lineno, self.name, self.filename)

    def visit_For(self, node: nodes.For, frame: Frame) -> None:  # noqa: N802 - Jinja2's name
        """Nested loops multiply the time that a template takes."""
        if node.recursive or _depth(node) > LOOPS_LIMIT:
            raise TemplateAssertionError("loops too deep", node.lineno, self.name, self.filename)
        super().visit_For(node, frame)


class Environment(ImmutableSandboxedEnvironment):
    """Jinja2 cut down to what a mail needs; an unknown name is an error and never an empty place."""

    code_generator_class = _Generator
    intercepted_binops = frozenset({"+", "-", "*", "/", "//", "%", "**"})

    def __init__(self, loader: BaseLoader) -> None:
        super().__init__(
            loader=loader,
            undefined=StrictUndefined,
            autoescape=False,  # plain text mail; nothing here is ever HTML
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
            auto_reload=False,
        )
        self.globals.clear()
        self.filters = {word: self.filters[word] for word in _FILTERS}
        self.tests = {word: self.tests[word] for word in _TESTS}

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """Allow sums of short texts and of numbers, and differences of numbers; nothing else.

        Raises:
            SecurityError: another operator, another type, or a text that grows too long.
        """
        if isinstance(left, int) and isinstance(right, int) and operator in "+-":
            return super().call_binop(context, operator, left, right)
        is_text = isinstance(left, str) and isinstance(right, str)
        if operator == "+" and is_text and len(left) + len(right) <= SUM_LIMIT:
            return left + right
        raise SecurityError(f"{operator} is not allowed here")

    def is_safe_callable(self, obj: Any) -> bool:
        """Only the templates' own macros may be called, no method of any value."""
        return isinstance(obj, Macro)


def render_bounded(template: Template, values: Mapping[str, object], limit: int) -> str:
    """Print a template, at most `limit` characters.

    Raises:
        OutputTooLarge: it would print more; it is stopped as soon as it does.
        jinja2.TemplateError: it names what does not exist or does what is not allowed.
    """
    parts: list[str] = []
    room = limit
    for part in template.generate(values):
        room -= len(part)
        if room < 0:
            raise OutputTooLarge(f"a text may have {limit} characters, {template.name} printed more")
        parts.append(part)
    return "".join(parts)
