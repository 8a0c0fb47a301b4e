"""Hands short alerts to a web address, as a second path beside mail."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from daemon.outside.web_request import WebRequest

if TYPE_CHECKING:
    from daemon.ports import Attempt


class WebhookSubmission:
    """Posts to one address. The address is a secret and stands in no log and no reason."""

    def __init__(self, url: str) -> None:
        self._url = url

    def send(self, *, sender: str, recipient: str, content: bytes) -> Attempt:  # noqa: ARG002 - the port's form
        """Post the text; both keys are given, for chat services read the one or the other."""
        text = content.decode()
        data = json.dumps({"text": text, "content": text}).encode()
        return WebRequest("webhook", self._url, data, {"Content-Type": "application/json"}).attempt()

    def close(self) -> None:
        """Nothing is kept open."""
