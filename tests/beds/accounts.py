"""A test's own hands in a mail account: deliver, look and delete, over the standard library's imaplib."""

from __future__ import annotations

import base64
import contextlib
import imaplib
import re
import socket
import ssl
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from daemon.ports import Credentials, Endpoint, Security

if TYPE_CHECKING:
    from collections.abc import Iterable

_APPENDUID = re.compile(rb"APPENDUID (\d+) (\d+)")
SOME_DAY = datetime(2026, 11, 20, 3, 4, 5, tzinfo=UTC)
"""When a mail arrived, if a test does not care."""


def utf7(name: str) -> str:
    """A folder's name as IMAP wants it (RFC 3501, section 5.1.3), quoted."""

    def shift(match: re.Match[str]) -> str:
        encoded = base64.b64encode(match[0].encode("utf-16-be")).rstrip(b"=").replace(b"/", b",")
        return f"&{encoded.decode()}-"

    shifted = re.sub(r"[^\x20-\x7e]+", shift, name.replace("&", "&-"))
    return '"' + shifted.replace("\\", "\\\\").replace('"', '\\"') + '"'


@dataclass(slots=True)
class MailAccount:
    """One account on a test server, with a connection of its own that is opened when it is needed.

    Attributes:
        endpoint: the server.
        credentials: the account.
    """

    endpoint: Endpoint
    credentials: Credentials
    _connection: imaplib.IMAP4 | None = field(default=None, repr=False)

    def deliver(
        self, content: bytes, folder: str = "INBOX", *, at: datetime = SOME_DAY, flags: str = ""
    ) -> int:
        """Put a mail into a folder as if it had arrived at that instant; return its UID."""
        date = imaplib.Time2Internaldate(at)
        # imaplib rewrites line ends of what it appends; the mails here come with CRLF.
        answer = self._ask("append", utf7(folder), f"({flags})" if flags else None, date, content)
        found = _APPENDUID.search(answer[0])
        assert found, answer
        return int(found[2])

    def create(self, *folders: str) -> None:
        """Make folders."""
        for folder in folders:
            self._ask("create", utf7(folder))

    def delete_folder(self, folder: str) -> None:
        """Remove a folder with all its mail; made again, it has another UIDVALIDITY."""
        self._ask("delete", utf7(folder))

    def uids(self, folder: str = "INBOX") -> list[int]:
        """What is in a folder."""
        self._ask("select", utf7(folder), True)  # noqa: FBT003 - imaplib's readonly
        answer = self._ask("uid", "SEARCH", "ALL")
        return [int(uid) for uid in (answer[0] or b"").split()]

    def flags(self, uid: int, folder: str = "INBOX") -> set[bytes]:
        """The flags of one mail."""
        self._ask("select", utf7(folder), True)  # noqa: FBT003 - imaplib's readonly
        answer = self._ask("uid", "FETCH", str(uid), "(FLAGS)")
        return set(imaplib.ParseFlags(answer[0]))

    def content(self, uid: int, folder: str = "INBOX") -> bytes:
        """The bytes of one mail."""
        self._ask("select", utf7(folder), True)  # noqa: FBT003 - imaplib's readonly
        answer = self._ask("uid", "FETCH", str(uid), "(BODY.PEEK[])")
        return bytes(answer[0][1])

    def remove(self, uids: Iterable[int], folder: str = "INBOX") -> None:
        """Delete mails for good."""
        numbers = ",".join(str(uid) for uid in uids)
        self._ask("select", utf7(folder))
        self._ask("uid", "STORE", numbers, "+FLAGS.SILENT", r"(\Deleted)")
        self._ask("expunge")

    def close(self) -> None:
        """End the connection, if there is one."""
        if self._connection is not None:
            with contextlib.suppress(OSError, imaplib.IMAP4.error):
                self._connection.logout()
            self._connection = None

    def _ask(self, command: str, *arguments: object) -> list:  # type: ignore[type-arg]
        if self._connection is None:
            self._connection = self._connect()
        state, answer = getattr(self._connection, command)(*arguments)
        assert state == "OK", (command, arguments, answer)
        return list(answer)

    def _connect(self) -> imaplib.IMAP4:
        host, port = self.endpoint.host, self.endpoint.port
        if self.endpoint.security is Security.TLS:
            context = ssl.create_default_context(cafile=self.endpoint.ca_file)
            connection: imaplib.IMAP4 = imaplib.IMAP4_SSL(host, port, ssl_context=context, timeout=30)
        else:
            connection = imaplib.IMAP4(host, port, timeout=30)
        # An APPEND waits for a late acknowledgment otherwise.
        connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.login(self.credentials.username, self.credentials.password)
        return connection
