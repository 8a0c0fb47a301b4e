"""What is looked for at the desk, as it was typed and as the books understand it."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from daemon.reporting.exporting import instants_of
from daemon.web.days import DaySpan, read_span
from parsers.values import Kind
from state.model import CaseState
from state.repository.search import Wanted

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from daemon.web.forms import Form

STATES = tuple(state.value for state in CaseState)
KINDS = tuple(
    kind.value
    for kind in (
        Kind.BUYER_MESSAGE,
        Kind.FEEDBACK,
        Kind.CLAIM,
        Kind.RETURN_REQUEST,
        Kind.CANCELLATION_REQUEST,
        Kind.CALL,
    )
)
"""What opens cases."""

LONGEST = 120
MOST_TERMS = 5
_NUMBER = re.compile(r"[#＃]([0-9]{1,9})")
_FIELDS = ("q", "state", "kind", "since", "until")


@dataclass(frozen=True, slots=True)
class Query:
    """One search.

    Attributes:
        typed: the fields of the form, to be filled in again.
        terms: the words that were typed, as they were, the number of a case left out.
        number: of the case that was typed as ``#12``; None if none was.
        span: the days.
    """

    typed: dict[str, str]
    terms: tuple[str, ...]
    number: int | None
    span: DaySpan

    def wanted(self, zone: ZoneInfo) -> Wanted:
        """The same for the books; a day begins and ends at the shop's midnight."""
        since, until = instants_of((self.span.since, self.span.until), zone)
        return Wanted(
            tuple(map(_forms, self.terms)),
            number=self.number,
            state=self.typed["state"] or None,
            kind=self.typed["kind"] or None,
            since=since,
            until=until,
        )

    def address(self, **place: int) -> str:
        """The same search at another page."""
        fields = {name: value for name, value in self.typed.items() if value}
        return "/search?" + urlencode(fields | {name: str(number) for name, number in place.items()})


def read_query(form: Form) -> Query:
    """The search that an address asks for; words that no form of ours offers are left out."""
    typed = {name: form.line(name, LONGEST) for name in _FIELDS}
    typed["state"] = typed["state"] if typed["state"] in STATES else ""
    typed["kind"] = typed["kind"] if typed["kind"] in KINDS else ""
    words = typed["q"].split()[:MOST_TERMS]
    numbers = [int(found[1]) for word in words if (found := _NUMBER.fullmatch(word))]
    terms = tuple(word for word in words if not _NUMBER.fullmatch(word))
    return Query(typed, terms, min(numbers, default=None), read_span(form))


def _forms(term: str) -> tuple[str, ...]:
    """A word as typed and in plain width: buyers and sellers mix the two."""
    return tuple(dict.fromkeys((term, unicodedata.normalize("NFKC", term))))
