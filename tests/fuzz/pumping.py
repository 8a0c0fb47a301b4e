"""Texts that keep an expression busy: a beginning that it accepts, a long repetition, an end that it refuses.

They are derived from the expression itself. If it has two ways to share a repetition out, or begins anew at
each letter of one, the time grows with the square of the length or worse.
"""

from __future__ import annotations

import re
import time
from collections import deque
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_parser: Any = re._parser  # type: ignore[attr-defined]  # the only reader of expressions that Python has
_MANY = 200
"""Repetitions allowed from which on a repetition is worth pumping; a smaller one is a constant."""

_ENDS = ("\x00", " ", "a")
_MOST_PUMPS = 16
_LETTERS = "aA0 -_.,;:@<>()[]{}\"'/?!=~\n\tあア一、。（「【ー０é★\x00\x7f"
_QUICK = 0.03
_LENGTH = 4_000


@dataclass(frozen=True, slots=True)
class Pump:
    """One attack on one expression."""

    head: str
    unit: str
    tail: str

    def text(self, length: int) -> str:
        """The attack at about this length."""
        return self.head + self.unit * (length // max(len(self.unit), 1)) + self.tail


def slow_pump(pattern: re.Pattern[Any], method: str = "finditer") -> Pump | None:
    """An attack whose time grows clearly faster than its length; None if none does.

    Args:
        pattern: the expression.
        method: how it is used: ``fullmatch``, ``match``, or ``finditer`` for all others.
    """
    attacks = islice(pumps(pattern), _MOST_PUMPS)
    return next((pump for pump in attacks if _grows(pattern, pump, method)), None)


def _grows(pattern: re.Pattern[Any], pump: Pump, method: str) -> bool:
    """Whether a short attack takes very long, or twice a long one clearly more than twice as long."""
    for length in (24, _LENGTH // 16, _LENGTH // 4):
        if min(_seconds(pattern, pump.text(length), method) for _ in range(3)) > 3 * _QUICK:
            return True
    if _seconds(pattern, pump.text(_LENGTH), method) < _QUICK:
        return False
    once = min(_seconds(pattern, pump.text(_LENGTH), method) for _ in range(3))
    twice = min(_seconds(pattern, pump.text(2 * _LENGTH), method) for _ in range(3))
    return twice > _QUICK and twice > 2.8 * once


def _seconds(pattern: re.Pattern[Any], text: str, method: str) -> float:
    subject: Any = text.encode("utf-8", "replace") if isinstance(pattern.pattern, bytes) else text
    begun = time.process_time()
    found = getattr(pattern, method)(subject)
    if method == "finditer":
        deque(found, maxlen=0)
    return time.process_time() - begun


def pumps(pattern: re.Pattern[Any]) -> Iterator[Pump]:
    """Attacks on every long repetition of an expression, with and without what stands before it."""
    source = pattern.pattern
    text = source.decode("latin-1") if isinstance(source, bytes) else source
    seen: set[Pump] = set()
    for head, unit in _repetitions(_parser.parse(text, pattern.flags & ~re.UNICODE), ""):
        units = (unit, head + unit) if len(head) < _LENGTH // 100 else (unit,)
        attacks = {Pump(start, each, end) for start in ("", head) for each in units for end in _ENDS if each}
        yield from sorted(attacks - seen, key=str)
        seen |= attacks


def _repetitions(parsed: Any, before: str) -> Iterator[tuple[str, str]]:
    """Each long repetition: the shortest text that leads to it, and one turn of it."""
    for operator, argument in parsed:
        name = str(operator)
        if name in {"MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"}:
            _, most, inside = argument
            if most >= _MANY:
                yield from ((before, unit) for unit in _turns(inside))
        for inside in _insides(name, argument):
            yield from _repetitions(inside, before)
        before += _shortest([(operator, argument)])


def _turns(inside: Any) -> Iterator[str]:
    """A few texts for one turn of a repetition: each letter that a class of one sign takes, each branch."""
    if len(inside) == 1 and str(inside[0][0]) in {"IN", "ANY", "NOT_LITERAL"}:
        accepted = [letter for letter in _LETTERS if _accepts(inside[0], letter)]
        yield from accepted[:4] or [_shortest(inside)]
        return
    for operator, argument in inside:
        if str(operator) == "BRANCH":
            yield from (_shortest(branch) for branch in argument[1])
    yield _shortest(inside)


def _insides(name: str, argument: Any) -> Sequence[Any]:
    """What a part of an expression holds in itself."""
    if name in {"MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"}:
        return [argument[2]]
    if name == "BRANCH":
        return list(argument[1])
    if name == "SUBPATTERN":
        return [argument[3]]
    if name == "ATOMIC_GROUP":
        return [argument]
    return [argument[1]] if name == "ASSERT" else []


def _shortest(parsed: Any) -> str:
    """A short text that a part of an expression accepts; looks to the sides are not obeyed."""
    return "".join(_piece(str(operator), argument) for operator, argument in parsed)


def _piece(name: str, argument: Any) -> str:
    if name == "LITERAL":
        return chr(argument)
    if name in {"IN", "ANY", "NOT_LITERAL"}:
        return next((letter for letter in _letters(name, argument)), "")
    if name == "BRANCH":
        return _shortest(argument[1][0])
    if name in {"MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"}:
        least: int = min(argument[0], 50)
        return _shortest(argument[2]) * least
    inside = _insides(name, argument)
    return _shortest(inside[0]) if inside and name != "ASSERT" else ""


def _letters(name: str, argument: Any) -> Iterator[str]:
    if name == "IN":
        yield from (chr(code) for kind, code in argument if str(kind) == "LITERAL" and not _negates(argument))
        yield from (
            chr(code[0]) for kind, code in argument if str(kind) == "RANGE" and not _negates(argument)
        )
    yield from (letter for letter in _LETTERS if _accepts((name, argument), letter))


def _negates(members: Any) -> bool:
    return bool(members) and str(members[0][0]) == "NEGATE"


def _accepts(item: tuple[Any, Any], letter: str) -> bool:
    """Whether a class of one sign takes a letter."""
    name, argument = str(item[0]), item[1]
    if name == "ANY":
        return True
    if name == "NOT_LITERAL":
        return bool(ord(letter) != argument)
    return bool(_negates(argument)) != any(_holds(str(kind), code, letter) for kind, code in argument)


def _holds(kind: str, code: Any, letter: str) -> bool:
    if kind == "LITERAL":
        return bool(ord(letter) == code)
    if kind == "RANGE":
        return bool(code[0] <= ord(letter) <= code[1])
    classes = {
        "CATEGORY_DIGIT": r"\d", "CATEGORY_NOT_DIGIT": r"\D", "CATEGORY_SPACE": r"\s",
        "CATEGORY_NOT_SPACE": r"\S", "CATEGORY_WORD": r"\w", "CATEGORY_NOT_WORD": r"\W",
    }  # fmt: skip
    return kind == "CATEGORY" and re.match(classes[str(code)], letter) is not None
