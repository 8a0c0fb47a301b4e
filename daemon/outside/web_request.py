"""One request to a web address that is a secret: it stands in no log, no reason and no exception."""

from __future__ import annotations

import urllib.error
import urllib.request
from dataclasses import dataclass, field
from http.client import HTTPException
from typing import TYPE_CHECKING

from daemon.outside.web_connection import web_opener
from daemon.ports import Attempt, Verdict

if TYPE_CHECKING:
    from collections.abc import Mapping

TIMEOUT = 10.0
"""Seconds for the whole request; who waits for it may have buyers to answer."""

_TRY_AGAIN = frozenset({408, 425, 429})


@dataclass(frozen=True, slots=True)
class WebRequest:
    """What is asked of whom.

    Attributes:
        service: what the other side is called in reasons.
        url: https, or http on this machine; the configuration admits nothing else.
        data: posted; a plain GET without it.
        headers: may hold secrets too.
    """

    service: str
    url: str = field(repr=False)
    data: bytes | None = field(default=None, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)

    def attempt(self, timeout: float = TIMEOUT) -> Attempt:
        """Ask once; a redirection is followed nowhere and counts as a refusal.

        Args:
            timeout: seconds for all of it, but for the system's own search for the name.
        """
        try:
            request = urllib.request.Request(self.url, self.data, dict(self.headers))  # noqa: S310 - see ``url``
            with web_opener().open(request, timeout=timeout):
                return Attempt(Verdict.ACCEPTED)
        except urllib.error.HTTPError as error:
            error.close()
            passing = error.code >= 500 or error.code in _TRY_AGAIN
            verdict = Verdict.DEFERRED if passing else Verdict.REFUSED
            return Attempt(verdict, f"{self.service} answered {error.code}")
        except (OSError, HTTPException, ValueError) as error:
            # Their own words may repeat the address.
            why = f"{self.service} failed: {type(error).__name__}"
            return Attempt(Verdict.DEFERRED, why, before_dialogue=True)
