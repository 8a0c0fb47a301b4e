"""Hands short alerts to any service that apprise knows, as second paths beside mail.

The library is an extra and is imported only where it is used. Its addresses are secrets.
"""

from __future__ import annotations

import importlib
import importlib.util
import logging
import warnings
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from daemon.ports import Attempt, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator

_TALKATIVE = ("apprise", "urllib3", "requests")
"""Libraries whose warnings may repeat an address."""


def is_installed() -> bool:
    """Whether the extra is there."""
    return importlib.util.find_spec("apprise") is not None


def understands(url: str) -> bool:
    """Whether apprise knows what service an address is of."""
    with _quiet():
        return len(_notifier(url)) == 1


class AppriseSubmission:
    """Notifies one address."""

    def __init__(self, url: str) -> None:
        self._url = url

    def send(self, *, sender: str, recipient: str, content: bytes) -> Attempt:  # noqa: ARG002 - the port's form
        """Notify once; all that apprise says of a failure is that there was one."""
        with _quiet():
            taken = _notifier(self._url).notify(body=content.decode(), body_format="text")
        if taken:
            return Attempt(Verdict.ACCEPTED)
        return Attempt(Verdict.DEFERRED, "apprise could not deliver it", before_dialogue=True)

    def close(self) -> None:
        """Nothing is kept open."""


def _notifier(url: str) -> Any:  # the library has no types
    """One address, without files, plug-ins or a configuration of apprise's own."""
    apprise = importlib.import_module("apprise")
    wishes: dict[str, Any] = {"app_id": "sokuresu", "async_mode": False, "secure_logging": True}
    if hasattr(apprise.AppriseAsset, "http_redirects"):
        # Older ones follow them and know no switch.
        wishes["http_redirects"] = False
    notifier = apprise.Apprise(asset=apprise.AppriseAsset(**wishes))
    notifier.add(url)
    return notifier


@contextmanager
def _quiet() -> Iterator[None]:
    """Let it say nothing in our log, and import what Python is to lose."""
    for name in _TALKATIVE:
        talkative = logging.getLogger(name)
        talkative.handlers[:] = [logging.NullHandler()]
        talkative.propagate = False
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        yield
