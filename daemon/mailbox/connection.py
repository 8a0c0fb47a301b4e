"""From an endpoint and credentials to a logged-in connection: TLS, timeouts, socket options, login."""

from __future__ import annotations

import base64
import contextlib
import imaplib
import ipaddress
import logging
import re
import socket
import ssl
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from imapclient import IMAPClient
from imapclient.exceptions import LoginError

from daemon.errors import LoginRefused, MailboxUnavailable
from daemon.mailbox.failures import scrubbed, told_as, unreachable
from daemon.ports import Security

if TYPE_CHECKING:
    from daemon.ports import Credentials, Endpoint

# imapclient logs what servers say, buyers' words included, so nothing of it may reach our logs.
logging.getLogger("imapclient").setLevel(logging.CRITICAL)

# RFC 5530: the server has a problem of its own; the password may be right.
_TEMPORARY = re.compile(r"\[(?:UNAVAILABLE|INUSE|LIMIT|SERVERBUG)\]|too many", re.IGNORECASE)
# imaplib sends the user name of LOGIN without quotes, and both in ASCII only.
_UNQUOTED = re.compile(r'[^ (){%*"\\\]]+')
_KEEPALIVE = {"TCP_KEEPIDLE": 60, "TCP_KEEPINTVL": 20, "TCP_KEEPCNT": 4}
_LONGEST_ANSWER = 200


class _TokenStaleError(MailboxUnavailable):
    """The server did not accept an access token, and another one may fare better."""


def open_connection(endpoint: Endpoint, credentials: Credentials, timeout: float) -> IMAPClient:
    """Connect and log in; with access tokens a second time if the first one is not accepted.

    Args:
        endpoint: where; ``none`` as security is accepted for this machine only.
        credentials: who.
        timeout: seconds that any single answer may take.

    Raises:
        MailboxUnavailable: the server cannot be reached, is not who it says, or is not to be trusted with a
            password.
        LoginRefused: the server is there and does not accept the credentials.
    """
    _require_protection(endpoint)
    try:
        return _open(endpoint, credentials, timeout)
    except _TokenStaleError:
        return _open(endpoint, credentials, timeout)


def _open(endpoint: Endpoint, credentials: Credentials, timeout: float) -> IMAPClient:
    # Where there is no token the server is not even called.
    access = None if credentials.tokens is None else credentials.tokens.fresh()
    client = _dial(endpoint, timeout)
    try:
        with told_as(unreachable, endpoint):
            if endpoint.security is Security.STARTTLS:
                _start_tls(client, endpoint)
            if access is None:
                _log_in(client, endpoint, credentials)
            else:
                _log_in_with_token(client, endpoint, credentials, access)
    except BaseException:
        hang_up(client)
        raise
    return client


def hang_up(client: IMAPClient) -> None:
    """Close the socket without a word; never raises."""
    with contextlib.suppress(Exception):
        client.shutdown()


def is_loopback(host: str) -> bool:
    """Whether that host is this machine and nothing else, whatever the name service says."""
    if host.lower().rstrip(".") == "localhost":
        return True
    with contextlib.suppress(ValueError):
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    return False


def _require_protection(endpoint: Endpoint) -> None:
    if endpoint.security is Security.NONE and not is_loopback(endpoint.host):
        raise MailboxUnavailable(
            f'imap.security = "none" would send the password to {endpoint.host} in clear and is for this '
            'machine only: set imap.security to "tls" or "starttls".'
        )


def _dial(endpoint: Endpoint, timeout: float) -> IMAPClient:
    context = None if endpoint.security is Security.NONE else _trust(endpoint.ca_file)
    with told_as(unreachable, endpoint):
        client = IMAPClient(
            endpoint.host,
            endpoint.port,
            ssl=endpoint.security is Security.TLS,
            ssl_context=context,
            timeout=timeout,
        )
        # imapclient turns imaplib's tracing on: it costs time and repeats buyers' words.
        client._imap.debug = 0  # noqa: SLF001 - there is no public switch
        client.normalise_times = False
        _set_options(client.socket())
    return client


def _set_options(connection: socket.socket) -> None:
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in _KEEPALIVE.items():
        option = getattr(socket, name, None)
        if option is not None:
            connection.setsockopt(socket.IPPROTO_TCP, option, value)


def _trust(ca_file: str | None) -> ssl.SSLContext:
    try:
        changed_at = Path(ca_file).stat().st_mtime_ns if ca_file else 0
        return _context(ca_file, changed_at)
    except OSError as failure:
        raise MailboxUnavailable(
            f"imap.ca_file {ca_file} cannot be read as certificates: name a PEM file that this user may read."
        ) from failure


@lru_cache(maxsize=8)
def _context(ca_file: str | None, _changed_at: int) -> ssl.SSLContext:
    """One context for all mailboxes: loading the system's certificates takes time and a megabyte."""
    context = ssl.create_default_context(cafile=ca_file)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def _start_tls(client: IMAPClient, endpoint: Endpoint) -> None:
    if not client.has_capability("STARTTLS"):
        raise MailboxUnavailable(
            f"{endpoint.host}:{endpoint.port} offers no STARTTLS, so the password was not sent: "
            'set imap.security to "tls" and imap.port to 993.'
        )
    client.starttls(_trust(endpoint.ca_file))


def _log_in(client: IMAPClient, endpoint: Endpoint, credentials: Credentials) -> None:
    both = credentials.username + credentials.password
    if any(ord(character) < 0x20 for character in both):
        raise LoginRefused(
            "The user name or the password holds a control character: check the password file."
        )
    try:
        if both.isascii() and _UNQUOTED.fullmatch(credentials.username):
            client.login(credentials.username, credentials.password)
        else:
            client.plain_login(credentials.username, credentials.password)
    except LoginError as failure:
        raise _login_failure(failure, endpoint, credentials) from scrubbed(failure)


def _log_in_with_token(client: IMAPClient, endpoint: Endpoint, credentials: Credentials, access: str) -> None:
    proof: list[str] = [credentials.xoauth2(access)]
    try:
        # A second challenge is the server's error in JSON; the empty answer asks for its last word.
        client.sasl_login("XOAUTH2", lambda _challenge: proof.pop() if proof else "")
    except LoginError as failure:
        # Not even the cause is kept: the server may have repeated the token anywhere in its answer.
        raise _token_failure(failure, endpoint, credentials, access) from None


def _token_failure(
    failure: LoginError, endpoint: Endpoint, credentials: Credentials, access: str
) -> MailboxUnavailable:
    secrets = (access, _in_base64(credentials.xoauth2(access)))
    passing = _passing_failure(failure, endpoint, _answer_of(failure, secrets))
    if passing is not None:
        return passing
    assert credentials.tokens is not None
    kind = _TokenStaleError if credentials.tokens.reject(access) else LoginRefused
    return kind(
        f"{endpoint.host} does not let {credentials.username} in with a fresh token"
        f"{_answer_of(failure, secrets)}: check that this is the account that logged in with sokuresu login, "
        "and that IMAP is switched on for it."
    )


def _login_failure(failure: LoginError, endpoint: Endpoint, credentials: Credentials) -> MailboxUnavailable:
    answer = _answer_of(failure, (credentials.password,))
    return _passing_failure(failure, endpoint, answer) or LoginRefused(
        f"{endpoint.host} does not accept the user name and password of {credentials.username}{answer}: "
        "check username and password_file; some providers want an app password and IMAP switched on."
    )


def _passing_failure(failure: LoginError, endpoint: Endpoint, answer: str) -> MailboxUnavailable | None:
    """What to tell if the server has a trouble of its own; None if it means what it says."""
    if isinstance(failure.__context__, imaplib.IMAP4.abort):
        return MailboxUnavailable(f"{endpoint.host} ended the connection during login; try again later.")
    if _TEMPORARY.search(answer):
        return MailboxUnavailable(f"{endpoint.host} lets nobody in at the moment{answer}; try again later.")
    return None


def _in_base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def _answer_of(failure: LoginError, secrets: tuple[str, ...]) -> str:
    """What the server answered, in brackets, unless it repeats what it was told."""
    said = str(failure)
    if said.startswith(("b'", 'b"')):
        said = said[2:-1]
    if not said or any(secret in said for secret in secrets):
        return ""
    words = "".join(character for character in said if character.isprintable())
    return f" ({words[:_LONGEST_ANSWER]})"
