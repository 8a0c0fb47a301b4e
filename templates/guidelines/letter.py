"""The text under examination and its views, each made when it is first asked for."""

from __future__ import annotations

import re
from functools import cached_property

from templates.guidelines.rules import allowed, beginnings, harmless
from templates.guidelines.views import View, plain_view, special_view

LENGTH_LIMIT = 4000
"""Characters that Amazon takes."""

_EXAMINED = 2000
"""Characters that are looked at of a text that is too long, for it is refused in any case."""

_LINE_ENDS = re.compile("\r\n|[\r\v\f\x1c-\x1e\x85\u2028\u2029]")


class Letter:
    """An outgoing text.

    Attributes:
        whole: the text as given, with plain line ends.
        text: as much of it as is examined; all positions are in it.
        is_too_long: whether the text has more characters than Amazon takes.
        order_id: the order that it is about, if known.
    """

    def __init__(self, text: str, order_id: str | None = None) -> None:
        self.whole = _LINE_ENDS.sub("\n", text)
        self.is_too_long = len(self.whole) > LENGTH_LIMIT
        self.text = self.whole[:_EXAMINED] if self.is_too_long else self.whole
        self.order_id = order_id
        self._starts: dict[tuple[str, str], list[int]] = {}

    @cached_property
    def raw(self) -> View:
        """As it was written."""
        return View(self.text, range(len(self.text)), range(1, len(self.text) + 1))

    @cached_property
    def plain(self) -> View:
        """Width, case and look-alikes made one."""
        return plain_view(self.text)

    @cached_property
    def words(self) -> View:
        """For English; sentences that are allowed are hidden."""
        return special_view(self.plain, "words").mask(allowed("words"))

    @cached_property
    def lines(self) -> View:
        """For Japanese with its blanks and lines."""
        return special_view(self.plain, "lines")

    @cached_property
    def tight(self) -> View:
        """For Japanese, without blanks; sentences that are allowed are hidden."""
        return special_view(self.plain, "tight").mask(allowed("tight"))

    @cached_property
    def address(self) -> View:
        """With dots and at signs that were spelled out."""
        return special_view(self.plain, "address")

    @cached_property
    def digits(self) -> View:
        """With every kind of digit; numbers that cannot be a telephone's are hidden."""
        return special_view(self.plain, "digits").mask(harmless())

    def starts(self, source: str, name: str) -> list[int]:
        """Where in a view a piece of a pattern begins.

        Args:
            source: the piece.
            name: the view.
        """
        key = (source, name)
        if key not in self._starts:
            text = self.view(name).text
            self._starts[key] = [found.start() for found in beginnings(source, name).finditer(text)]
        return self._starts[key]

    def view(self, name: str) -> View:
        """A view by its name."""
        view: View = getattr(self, name)
        return view
