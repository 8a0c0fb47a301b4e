"""Hands short alerts to a web address, as a second path beside mail."""

from __future__ import annotations

import json
import urllib.error
import urllib.request

from daemon.ports import Attempt, Verdict

_TIMEOUT = 10.0
_TRY_AGAIN = frozenset({408, 425, 429})


class WebhookSubmission:
    """Posts to one address. The address is a secret and stands in no log and no reason."""

    def __init__(self, url: str) -> None:
        self._url = url

    def send(self, *, sender: str, recipient: str, content: bytes) -> Attempt:  # noqa: ARG002 - the port's form
        """Post the text; both keys are given, for chat services read the one or the other."""
        text = content.decode()
        request = urllib.request.Request(  # noqa: S310 - the configuration admits https alone
            self._url,
            data=json.dumps({"text": text, "content": text}).encode(),
            headers={"Content-Type": "application/json"},
            method="POST",
        )
        try:
            with _OPENER.open(request, timeout=_TIMEOUT):
                return Attempt(Verdict.ACCEPTED)
        except urllib.error.HTTPError as error:
            passing = error.code >= 500 or error.code in _TRY_AGAIN
            return Attempt(Verdict.DEFERRED if passing else Verdict.REFUSED, f"webhook answered {error.code}")
        except OSError as error:
            return Attempt(Verdict.DEFERRED, f"webhook failed: {type(error).__name__}", before_dialogue=True)

    def close(self) -> None:
        """Nothing is kept open."""


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """The address is a secret: it is not told to another host."""

    def redirect_request(self, *_args: object) -> None:
        """Follow none; the answer counts as a refusal."""


_OPENER = urllib.request.build_opener(_NoRedirects)
