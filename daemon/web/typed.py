"""What a person typed into a form, read field by field: each fault stands at its field, nothing is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from daemon.errors import SokuresuError
from daemon.web.rooms import said

if TYPE_CHECKING:
    from collections.abc import Callable

    from daemon.web.visit import Visit

_Value = TypeVar("_Value")


class Typed:
    """The fields of a posted form.

    Attributes:
        troubles: what is wrong, in the reader's language, by the names of the fields.
    """

    def __init__(self, visit: Visit) -> None:
        self._form = visit.form
        self._reader = visit.reader
        self.troubles: dict[str, str] = {}

    def line(self, name: str, limit: int = 300) -> str:
        """A field as one line."""
        return self._form.line(name, limit)

    def text(self, name: str) -> str:
        """A field with its lines."""
        return self._form.text(name)

    def read(self, name: str, read: Callable[[str], _Value], text: str | None = None) -> _Value | None:
        """What a field means; None where it is empty, or where its trouble is noted.

        Args:
            name: the field.
            read: understands it, or raises a SokuresuError that says what to put instead.
            text: what was typed, if it is not the field alone.
        """
        typed = self.line(name) if text is None else text
        return self.need(name, read, typed) if typed else None

    def need(self, name: str, read: Callable[[str], _Value], text: str | None = None) -> _Value | None:
        """The same of a field that must not be empty."""
        try:
            return read(self.line(name) if text is None else text)
        except SokuresuError as error:
            self.troubles[name] = said(error, self._reader)
            return None
