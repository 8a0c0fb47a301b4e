"""What a browser sends with a form: plain fields of bounded size and number, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from starlette.exceptions import HTTPException

if TYPE_CHECKING:
    from collections.abc import Iterable

    from starlette.requests import Request

LONGEST_FORM = 256 * 1024
"""Bytes; the longest text that is kept as a draft is 20,000 characters, of nine bytes each when quoted."""

MOST_FIELDS = 100

_PLAIN = "application/x-www-form-urlencoded"


class Form:
    """The fields of one form, or of a query."""

    def __init__(self, fields: Iterable[tuple[str, str]] = ()) -> None:
        self._fields = dict(fields)

    def text(self, name: str, limit: int = 20_000) -> str:
        """A field as it was typed, with line feeds alone between lines; empty if it is not there."""
        value = self._fields.get(name, "")
        return value.replace("\r\n", "\n").replace("\r", "\n")[:limit]

    def line(self, name: str, limit: int = 200) -> str:
        """A field as one line without space around it."""
        return " ".join(self.text(name, limit).split())

    def number(self, name: str, largest: int = 2**31 - 1) -> int | None:
        """A whole number from nought up; None if it is none, or too large."""
        typed = self._fields.get(name, "").strip()
        if not (typed.isascii() and typed.isdigit() and len(typed) <= len(str(largest))):
            return None
        found = int(typed)
        return found if found <= largest else None

    def has(self, name: str) -> bool:
        """Whether a box was ticked or a button pressed."""
        return name in self._fields

    def fields(self) -> dict[str, str]:
        """All fields, to be filled in again."""
        return dict(self._fields)


async def read_form(request: Request) -> Form:
    """The form of a request; the guard has bounded its size before.

    Raises:
        HTTPException: it is no plain form, or has too many fields.
    """
    if request.method != "POST":
        return Form()
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    body = await request.body()
    if body and kind != _PLAIN:
        raise HTTPException(415)
    try:
        return Form(_fields_of(body.decode("utf-8", "replace")))
    except ValueError:
        raise HTTPException(400) from None


def query_of(request: Request) -> Form:
    """The fields of the address; none if there are more than any form of ours makes.

    Nothing is raised, for the page that tells what was wrong reads them, too.
    """
    try:
        return Form(_fields_of(request.scope["query_string"].decode("ascii", "replace")))
    except ValueError:
        return Form()


def _fields_of(encoded: str) -> list[tuple[str, str]]:
    """The fields without NUL, which nobody types and PostgreSQL takes in no text.

    Raises:
        ValueError: there are too many.
    """
    found = parse_qsl(encoded, keep_blank_values=True, max_num_fields=MOST_FIELDS)
    return [(name, value.replace("\0", "")) for name, value in found]
