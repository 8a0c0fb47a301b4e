"""The review desk on a shop's floor: the same database and clock, and a browser without a screen."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

from starlette.testclient import TestClient

from daemon.config import load
from daemon.web import sessions
from daemon.web.app import build
from daemon.web.desk import Desk
from tests.beds.commands import Counter

if TYPE_CHECKING:
    from pathlib import Path

    from httpx2 import Response

    from daemon.web.sessions import Seat
    from tests.beds.shopfloor import Shopfloor

ORIGIN = "http://127.0.0.1:8725"
FROM_US = {"origin": ORIGIN, "sec-fetch-site": "same-origin"}


def make_desk(floor: Shopfloor, folder: Path, **values: Any) -> Desk:
    """A desk for the shop of a floor, whose database has to be a file."""
    settings = load(Counter(floor, folder).config, secrets=False)
    complete: dict[str, Any] = {"origins": frozenset({ORIGIN})}
    return Desk(settings, floor.shop, floor.database, floor.clock, **(complete | values))


@dataclass
class Browser:
    """A person at the desk.

    Attributes:
        desk: where they sit.
        seat: their session; None before they sign in.
    """

    desk: Desk
    seat: Seat | None = None
    client: TestClient = field(init=False)

    def __post_init__(self) -> None:
        self.client = TestClient(
            build(self.desk), base_url=ORIGIN, follow_redirects=False, raise_server_exceptions=False
        )

    def sign_in(self) -> Browser:
        """Sit down, without the page that asks for the password."""
        with self.desk.deciding() as work:
            self.seat = sessions.begin(work.uow, work.now)
        self.client.cookies.set(sessions.COOKIE, self.seat.token)
        return self

    def get(self, path: str, **headers: str) -> Response:
        """Open a page."""
        return self.client.get(path, headers={"sec-fetch-site": "same-origin"} | headers)

    def post(self, path: str, /, headers: dict[str, str] | None = None, **fields: str) -> Response:
        """Send a form as a page of ours does."""
        token = {"csrf": self.seat.csrf} if self.seat else {}
        return self.client.post(path, data=token | fields, headers=FROM_US | (headers or {}))

    def text(self, path: str) -> str:
        """What a page says, without its tags; it has to be there."""
        answer = self.get(path)
        assert answer.status_code == 200, (path, answer.status_code, words_of(answer.text))
        return words_of(answer.text)


def words_of(page: str) -> str:
    """A page's words, one space between them."""
    reader = _Words()
    reader.feed(page)
    return " ".join(" ".join(reader.words).split())


class _Words(HTMLParser):
    """Collects what is read and drops what is markup."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []

    def handle_data(self, data: str) -> None:
        """Keep the text between tags."""
        self.words.append(data)
