"""One request as a page sees it: who asks, in which language, with what in the form."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from starlette.responses import HTMLResponse, RedirectResponse

from daemon.showing.reader import Reader
from daemon.web.forms import Form, query_of
from daemon.web.rendering import render
from daemon.web.telling import announce, say_no_more

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from starlette.requests import Request
    from starlette.responses import Response

    from daemon.web.desk import Desk
    from daemon.web.sessions import Seat
    from daemon.work import Work


@dataclass(frozen=True)
class Visit:
    """One request.

    Attributes:
        desk: what it came to.
        request: as the server saw it.
        form: the posted fields; none for a page that is only looked at.
        now: the present of this request, aware, in UTC.
        seat: who is signed in; None on the pages before that.
    """

    desk: Desk
    request: Request
    form: Form
    now: datetime
    seat: Seat | None = field(default=None, repr=False)

    @cached_property
    def query(self) -> Form:
        """The fields of the address."""
        return query_of(self.request)

    @cached_property
    def reader(self) -> Reader:
        """Who reads the page: the language that they chose at the desk, else the shop's."""
        chosen = self.seat.session.language if self.seat else self.request.cookies.get("language")
        language = chosen if chosen in ("ja", "en") else self.desk.shop.language
        return Reader(language, self.desk.shop.calendar.zone, self.now)

    def say(self, ja: str, en: str) -> str:
        """The one of the two that this person reads."""
        return self.reader.say(ja, en)

    def number(self, name: str = "number") -> int:
        """A number of the path, such as the case's; routes take digits alone."""
        return int(self.request.path_params[name])

    @contextmanager
    def considering(self) -> Iterator[Work]:
        """A transaction that only looks."""
        with self.desk.considering(self.now) as work:
            yield work

    @contextmanager
    def deciding(self) -> Iterator[Work]:
        """A transaction for what this person decides; committed if the block ends without an error."""
        with self.desk.deciding() as work:
            yield work

    def page(self, name: str, /, code: int = 200, **values: Any) -> Response:
        """A page, or a part of one, made from a template of ``templates/web``.

        Args:
            name: the template.
            code: the status of HTTP.
            **values: what it shows.
        """
        return say_no_more(HTMLResponse(render(name, self, values), code), self)

    def go(self, path: str, /, **query: str | int) -> Response:
        """Send the browser on to a page of ours, after a form was taken.

        Args:
            path: begins with a slash.
            **query: fields of the address; ``done`` is a word of `daemon.web.notices`.
        """
        quoted = quote(path, safe="/")
        response = RedirectResponse(quoted + (f"?{urlencode(query)}" if query else ""), status_code=303)
        return announce(response, self, quoted, str(query["done"])) if "done" in query else response
