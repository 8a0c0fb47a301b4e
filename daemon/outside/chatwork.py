"""Hands short alerts to a room of Chatwork, as a second path beside mail."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from daemon.outside.web_request import WebRequest

if TYPE_CHECKING:
    from daemon.ports import Attempt

API = "https://api.chatwork.com/v2"
"""As described at developer.chatwork.com: a form, and the token in a header."""


class ChatworkSubmission:
    """Writes into one room. The token is a secret and stands in no log and no reason."""

    def __init__(self, room: int, token: str, api: str = API) -> None:
        """Keep what is needed.

        Args:
            room: the number after ``#!rid`` in the room's address.
            token: of whoever writes there.
            api: where the service is.
        """
        self._url = f"{api}/rooms/{room}/messages"
        self._token = token

    def send(self, *, sender: str, recipient: str, content: bytes) -> Attempt:  # noqa: ARG002 - the port's form
        """Post the text, unread also for the one whose token it is: the owner's own, as a rule."""
        data = urlencode({"body": content.decode(), "self_unread": "1"}).encode()
        return WebRequest("Chatwork", self._url, data, {"X-ChatWorkToken": self._token}).attempt()

    def close(self) -> None:
        """Nothing is kept open."""
