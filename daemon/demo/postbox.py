"""The demonstration's own hands in the mail account: Amazon's deliveries, and the owner's mail program."""

from __future__ import annotations

import base64
import imaplib
import re
import socket
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from daemon.errors import SokuresuError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from daemon.ports import Credentials, Endpoint

INBOX = "INBOX"
SENT = "送信済み"
DRAFTS = "下書き"
JUNK = "迷惑メール"

_TIMEOUT = 30.0
_APPENDED = re.compile(rb"APPENDUID \d{1,10} (\d{1,10})")
_NOT_ASCII = re.compile(r"[^\x20-\x7e]+")


class Postbox:
    """One connection to the account, used by the thread that plays the story."""

    def __init__(self, connection: imaplib.IMAP4) -> None:
        self._connection = connection

    def make_folders(self) -> None:
        """Make the folders that a Japanese provider has."""
        for name in (SENT, DRAFTS, JUNK):
            _check(self._connection.create(_on_the_wire(name)), "create")

    def deliver(self, content: bytes, folder: str, at: datetime) -> int:
        """Put a mail into a folder as if it came at that instant; tells its UID."""
        date = imaplib.Time2Internaldate(at)
        answer = _check(self._connection.append(_on_the_wire(folder), "", date, content), "append")
        found = _APPENDED.search(answer[0])
        if found is None:
            raise SokuresuError("the demonstration's IMAP server does not say where a mail went")
        return int(found[1])

    def contents(self, folder: str) -> list[bytes]:
        """Every mail of a folder, oldest first, without marking any as read."""
        _check(self._connection.select(_on_the_wire(folder), readonly=True), "select")
        found = _check(self._connection.uid("SEARCH", "ALL"), "search")
        uids = (found[0] or b"").decode().split()
        if not uids:
            return []
        answer = _check(self._connection.uid("FETCH", ",".join(uids), "(BODY.PEEK[])"), "fetch")
        return [part[1] for part in answer if isinstance(part, tuple)]


@contextmanager
def open_postbox(endpoint: Endpoint, credentials: Credentials) -> Iterator[Postbox]:
    """Log in; the connection ends with the block."""
    with imaplib.IMAP4(endpoint.host, endpoint.port, timeout=_TIMEOUT) as connection:
        # An APPEND waits for a late acknowledgment of its first half otherwise.
        connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.login(credentials.username, credentials.password)
        yield Postbox(connection)


def _check(answer: tuple[str, list[Any]], command: str) -> list[Any]:
    state, data = answer
    if state != "OK":
        raise SokuresuError(f"the demonstration's IMAP server refused {command}")
    return data


def _on_the_wire(name: str) -> str:
    """A folder's name as IMAP wants it (RFC 3501, section 5.1.3), quoted."""

    def shift(found: re.Match[str]) -> str:
        letters = base64.b64encode(found[0].encode("utf-16-be"), b"+,").rstrip(b"=")
        return f"&{letters.decode()}-"

    return f'"{_NOT_ASCII.sub(shift, name.replace("&", "&-"))}"'
