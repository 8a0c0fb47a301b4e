"""Telephone numbers among all the other numbers of a business letter.

Orders, tracking numbers, article numbers, dates, times and amounts are hidden before (``numbers.toml``).
What is left is judged by its digits: how many, how they begin, how they are grouped, what stands before them.
"""

from __future__ import annotations

import re
from functools import cache, cached_property
from typing import TYPE_CHECKING

from templates.guidelines.rules import compile_pattern, read_table

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from templates.guidelines.letter import Letter

_RUN = re.compile(r"[+(]{0,2}[0-9](?:(?:[-.()/_~*・のー|:' \n]{0,3})[0-9]){5,40}")
_GROUP = re.compile(r"[0-9]+")
_MOBILE = re.compile(r"0(?:[5-9]0\d{8}|120\d{6}|800\d{7}|570\d{6}|990\d{6}|180\d{6})")
_LANDLINE = re.compile(r"0[1-9]\d{8}|0[1-9]\d{9}")
_COUNTRY = re.compile(r"(?:0{0,2}|010)81(?:0?[1-9]\d{8,9})")
_AMERICAN = re.compile(r"1?[2-9]\d{2}[2-9]\d{6}")
_LONGEST = 15  # digits of a number with its country


def telephones(letter: Letter) -> Iterator[tuple[int, int]]:
    """Telephone and fax numbers in any spelling."""
    view = letter.digits
    for pattern in _spelled("described"):
        yield from (view.span(*found.span()) for found in pattern.finditer(view.text))
    for pattern in _spelled("patterns"):
        for found in pattern.finditer(view.text):
            if _is_in_words(found[0]):
                yield view.span(*found.span())
    for run in _RUN.finditer(view.text):
        for start, end in _numbers(run, view.text):
            yield view.span(start, end)


def _is_in_words(number: str) -> bool:
    """Whether a number is mostly or partly spelled out; others are judged by their digits."""
    return sum(one.isdigit() for one in number) < len(number) // 2 or bool(_word().search(number))


def _numbers(run: re.Match[str], text: str) -> Iterator[tuple[int, int]]:
    """The telephone numbers within a run of groups of digits."""
    groups = [found.span() for found in _GROUP.finditer(text, *run.span())]
    first = 0
    while first < len(groups):
        last = _number_from(groups, first, text)
        if last is None:
            first += 1
        else:
            yield groups[first][0], groups[last][1]
            first = last + 1


def _number_from(groups: Sequence[tuple[int, int]], first: int, text: str) -> int | None:
    """The last group of a telephone number that begins with this group."""
    begun = groups[first][0]
    before = _Before(text[max(0, begun - 40) : begun])
    digits = ""
    sizes: list[int] = []
    for last in range(first, min(first + 14, len(groups))):
        start, end = groups[last]
        digits += text[start:end]
        sizes.append(end - start)
        if len(digits) > _LONGEST:
            return None
        if len(digits) >= 6 and _is_number(digits, sizes, before) and not _goes_on(groups, last, text):
            return last
    return None


class _Before:
    """What the text that leads up to a number calls it."""

    def __init__(self, text: str) -> None:
        self.text = text

    @cached_property
    def says_phone(self) -> bool:
        """It calls it a telephone's."""
        return _says("phone", self.text)

    @cached_property
    def says_other(self) -> bool:
        """It calls it another kind of number, or it is the beginning of an article's name."""
        return self.says_label or _says("article", self.text)

    @cached_property
    def says_label(self) -> bool:
        """It calls it another kind of number."""
        return _says("other", self.text)

    @cached_property
    def says_country(self) -> bool:
        """It ends in the plus of a country's code."""
        return self.text.endswith(("+", "+("))


def _is_number(digits: str, sizes: Sequence[int], before: _Before) -> bool:
    """Judge digits by their shape, by the sizes of their groups and by what stands before them."""
    if _MOBILE.fullmatch(digits):
        return len(sizes) > 1 or not before.says_label
    if before.says_phone:
        return True
    is_landline = _LANDLINE.fullmatch(digits) and (len(sizes) > 1 or len(digits) == 10)
    if is_landline or _is_international(digits, before) or _is_american(digits, sizes):
        return not before.says_other
    return False


def _goes_on(groups: Sequence[tuple[int, int]], last: int, text: str) -> bool:
    """Whether the next group belongs to the same number."""
    if last + 1 == len(groups):
        return False
    between = text[groups[last][1] : groups[last + 1][0]]
    return between in {"-", ".", "の"}


def _is_international(digits: str, before: _Before) -> bool:
    """A number with a country code: Japan's, or any after a plus."""
    if _COUNTRY.fullmatch(digits):
        return len(digits) >= 11
    return before.says_country and 9 <= len(digits) <= _LONGEST


def _is_american(digits: str, sizes: Sequence[int]) -> bool:
    """Three, three and four digits, with or without the 1 before them."""
    return tuple(sizes) in {(3, 3, 4), (1, 3, 3, 4)} and bool(_AMERICAN.fullmatch(digits))


def _says(name: str, before: str) -> bool:
    return any(pattern.search(before) for pattern in _names(name))


@cache
def _names(name: str) -> tuple[re.Pattern[str], ...]:
    return tuple(compile_pattern(source, "digits") for source in read_table("numbers")["names"][name])


@cache
def _word() -> re.Pattern[str]:
    return compile_pattern(read_table("numbers")["spelled"]["word"], "digits")


@cache
def _spelled(name: str) -> tuple[re.Pattern[str], ...]:
    return tuple(compile_pattern(source, "digits") for source in read_table("numbers")["spelled"][name])
