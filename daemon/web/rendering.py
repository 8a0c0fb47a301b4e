"""Makes pages from templates: everything is escaped, nothing undefined passes for empty."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from daemon import words
from daemon.showing.case_cards import nearness
from daemon.web.files import address_of
from daemon.web.telling import told

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from daemon.showing.reader import Reader
    from daemon.web.visit import Visit


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader([str(files("templates") / "web"), str(files("templates"))]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    # Jinja calls a filter directly, and any other function by a way that takes longer than most of ours run;
    # lists of many cards use these.
    environment.filters |= {"moment": _moment, "left": _left, "named": _named}
    return environment


def _moment(at: datetime, reader: Reader) -> str:
    return reader.moment(at)


def _left(by: datetime, reader: Reader) -> str:
    return reader.left(by)


def _named(name: str, table: Mapping[str, tuple[str, str]], reader: Reader) -> str:
    return reader.word(table, name)


def render(name: str, visit: Visit, values: dict[str, Any]) -> str:
    """Make a page.

    Args:
        name: the template, such as ``today.j2``.
        visit: the request; its reader decides the language.
        values: what the page shows.
    """
    reader = visit.reader
    shared = {
        "visit": visit,
        "reader": reader,
        "say": reader.say,
        "word": reader.word,
        "words": words,
        "shop": visit.desk.shop,
        "static_file": address_of,
        "path": visit.request.url.path,
        "csrf": visit.seat.csrf if visit.seat else "",
        "signed_in": visit.seat is not None,
        "notice": told(visit),
        "nearness": lambda by: nearness(by, visit.now),
    }
    return _environment().get_template(name).render(shared | values)
