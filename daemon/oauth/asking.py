"""Ask a provider over the web: verified TLS, bounded time, bounded answers, and no secret in any failure."""

from __future__ import annotations

import http.client
import json
import re
import ssl
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlencode, urlsplit

from daemon.errors import MailboxUnavailable
from daemon.loopback import is_loopback
from daemon.outside.web_connection import web_opener

if TYPE_CHECKING:
    from collections.abc import Mapping

LONGEST = 30.0
"""Seconds for connecting, asking and the whole answer."""

LARGEST = 64 * 1024
"""Bytes of an answer; the longest tokens have some thousand signs."""

_CODE = re.compile(r"[a-z_]{1,40}")
# Microsoft numbers its reasons; the rest of its sentence may name people.
_NUMBER = re.compile(r"AADSTS\d{1,8}")
_PASSING_STATUS = frozenset({408, 425, 429})
_PASSING_ERRORS = frozenset({"temporarily_unavailable", "server_error"})


@dataclass(frozen=True, slots=True)
class Answer:
    """What a provider said.

    Attributes:
        fields: the JSON object; it may hold secrets.
        error: the error's code, if it said no.
        detail: Microsoft's number of the error, if there is one.
    """

    fields: Mapping[str, Any] = field(repr=False)
    error: str | None = None
    detail: str = ""

    def text(self, name: str) -> str:
        """A field that is text without control characters, else nothing."""
        value = self.fields.get(name)
        return value if isinstance(value, str) and value.isprintable() else ""

    def seconds(self, name: str) -> int | None:
        """A field that is a number of seconds; some servers write it as text."""
        value = self.fields.get(name)
        if isinstance(value, str) and re.fullmatch(r"\d{1,9}", value):
            return int(value)
        return int(value) if isinstance(value, int) and 0 <= value < 10**9 else None

    @property
    def reason(self) -> str:
        """The error in a few words that hold nothing secret."""
        return " ".join(word for word in (self.error, self.detail) if word)


class Post(Protocol):
    """A way to ask."""

    def __call__(self, url: str, fields: Mapping[str, str]) -> Answer:
        """Send a form and read the answer.

        Raises:
            MailboxUnavailable: there was none, or it said to come back later.
        """
        ...


def post_form(url: str, fields: Mapping[str, str], longest: float = LONGEST) -> Answer:
    """Send a form to a provider; the environment's proxy for https is used, redirects are not followed.

    Args:
        url: where to ask.
        fields: of the form; they may be secret.
        longest: seconds for all of it, but for the system's own search for the name.

    Raises:
        MailboxUnavailable: the provider cannot be reached, is in trouble, or answered no JSON.
    """
    host = urlsplit(url).hostname or ""
    _require_protection(url, host)
    request = urllib.request.Request(  # noqa: S310 - https alone passes the line above
        url, data=urlencode(fields).encode(), headers={"Accept": "application/json"}, method="POST"
    )
    try:
        status, content = _exchange(request, longest)
    except (OSError, http.client.HTTPException, ValueError) as failure:
        # The failure itself is dropped: nobody knows what a library's message repeats.
        raise _unreachable(host, _why(failure)) from None
    return _understand(host, status, content)


def _require_protection(url: str, host: str) -> None:
    if urlsplit(url).scheme != "https" and not is_loopback(host):
        raise _unreachable(host, "no TLS")


def _exchange(request: urllib.request.Request, longest: float) -> tuple[int, bytes]:
    try:
        with _opener(request.type).open(request, timeout=longest) as response:
            return response.status, _read(response)
    except urllib.error.HTTPError as refusal:
        with refusal:
            return refusal.code, _read(refusal)


def _read(response: Any) -> bytes:
    """The answer, up to its bound.

    Raises:
        OSError: it is too slow.
        ValueError: it is too long.
    """
    content = bytearray()
    while part := response.read1(8192):
        content += part
        if len(content) > LARGEST:
            raise ValueError("the answer is too long")
    return bytes(content)


def _opener(scheme: str) -> urllib.request.OpenerDirector:
    """Made anew each time: once an hour, and the system's certificates may have been renewed."""
    if scheme != "https":
        return web_opener()
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return web_opener(context)


def _understand(host: str, status: int, content: bytes) -> Answer:
    try:
        fields = json.loads(content)
    except (ValueError, RecursionError):
        fields = None
    if not isinstance(fields, dict):
        raise _unreachable(host, f"HTTP {status}")
    error = _error_of(fields)
    if status >= 500 or status in _PASSING_STATUS or error in _PASSING_ERRORS:
        raise _unreachable(host, f"HTTP {status}")
    if error is None and status != http.client.OK:
        raise _unreachable(host, f"HTTP {status}")
    number = _NUMBER.search(str(fields.get("error_description", ""))[:200])
    return Answer(fields, error, number[0] if number else "")


def _error_of(fields: Mapping[str, Any]) -> str | None:
    error = fields.get("error")
    if error is None:
        return None
    return error if isinstance(error, str) and _CODE.fullmatch(error) else "unknown_error"


def _why(failure: Exception) -> str:
    reason = failure.reason if isinstance(failure, urllib.error.URLError) else failure
    if isinstance(reason, ssl.SSLCertVerificationError):
        return f"certificate: {reason.verify_message}"
    if isinstance(reason, TimeoutError):
        return "no answer"
    if isinstance(reason, OSError) and reason.strerror:
        return reason.strerror
    return type(reason).__name__


def _unreachable(host: str, why: str) -> MailboxUnavailable:
    return MailboxUnavailable(
        f"{host} からトークンを受け取れません ({why})。自動でやり直します。"
        f" / {host} gives no token at the moment ({why}); it is tried again."
    )
