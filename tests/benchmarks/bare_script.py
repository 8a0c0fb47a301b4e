"""The least that an acknowledgment can cost: what a script would do that keeps two promises and no others."""

from __future__ import annotations

import queue
import select
import smtplib
import socket
import sqlite3
import threading
import time
from email.message import EmailMessage
from email.policy import SMTP
from typing import TYPE_CHECKING, Any, Self

import mailparser
from imapclient import IMAPClient

if TYPE_CHECKING:
    from pathlib import Path

    from tests.benchmarks.servers import Servers

PATIENCE = 20.0
_STRETCH = 60.0
_HEADERS = "BODY.PEEK[HEADER.FIELDS (FROM RETURN-PATH CONTENT-TYPE AUTO-SUBMITTED MESSAGE-ID)]"
_TEXT = "お問い合わせありがとうございます。内容を確認しております。\n担当者より改めてご連絡いたします。\n"


class BareScript:
    """Search, two fetches, mail-parser, a full commit, build, a full commit, send; on kept connections."""

    def __init__(self, here: Servers, database: Path) -> None:
        self._here = here
        self._database = database
        self._imap: Any = None
        self._asleep = threading.Event()
        self._stop = threading.Event()
        self._answers: queue.Queue[float] = queue.Queue()
        self._thread = threading.Thread(target=self._run, name="bare script", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        if self._imap is not None:
            self._imap.shutdown()
        self._thread.join(PATIENCE)

    def await_sleep(self) -> None:
        """Return when it waits for mail."""
        if not self._asleep.wait(PATIENCE):
            raise TimeoutError("the bare script does not wait for mail")

    def answered_after(self) -> float:
        """Seconds from its wake-up to the 250."""
        return self._answers.get(timeout=PATIENCE)

    def _run(self) -> None:
        try:
            self._answer_mail()
        except (OSError, ValueError):
            # Its connection is cut to end it.
            if not self._stop.is_set():
                raise

    def _answer_mail(self) -> None:
        self._imap = imap = self._open_imap()
        smtp = self._open_smtp()
        database = self._open_database()
        last_uid = 0
        while not self._stop.is_set():
            imap.idle()
            self._asleep.set()
            # idle_check() would fail on a line that comes in two packets.
            select.select([imap.socket()], [], [], _STRETCH)
            self._asleep.clear()
            imap.idle_done()
            begun = time.perf_counter()
            for uid in imap.search(f"UID {last_uid + 1}:*"):
                if uid > last_uid:
                    self._acknowledge(imap, smtp, database, uid)
                    self._answers.put(time.perf_counter() - begun)
                    last_uid = uid

    def _acknowledge(self, imap: Any, smtp: smtplib.SMTP, database: sqlite3.Connection, uid: int) -> None:
        imap.fetch([uid], ["INTERNALDATE", "RFC822.SIZE", _HEADERS])
        content = imap.fetch([uid], ["BODY.PEEK[]"])[uid][b"BODY[]"]
        mail = mailparser.parse_from_bytes(content)
        with database:
            database.execute("INSERT INTO mail VALUES (?, ?, ?)", (uid, mail.message_id, content))
        reply = _reply(mail)
        content = reply.as_bytes()
        with database:
            database.execute("INSERT INTO outbox VALUES (?, ?)", (uid, content))
        smtp.sendmail("shop@shop.example", [reply["To"]], content)

    def _open_imap(self) -> Any:
        credentials = self._here.accounts[1]
        imap = IMAPClient(self._here.imap.host, self._here.imap.port, ssl=False)
        imap._imap.debug = 0
        imap.socket().setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        imap.login(credentials.username, credentials.password)
        imap.select_folder("INBOX", readonly=True)
        return imap

    def _open_smtp(self) -> smtplib.SMTP:
        credentials = self._here.accounts[0]
        smtp = smtplib.SMTP(self._here.smtp.host, self._here.smtp.port, "[127.0.0.1]")
        assert smtp.sock is not None
        smtp.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        smtp.login(credentials.username, credentials.password)
        return smtp

    def _open_database(self) -> sqlite3.Connection:
        database = sqlite3.connect(self._database, check_same_thread=False)
        for statement in (
            "PRAGMA journal_mode = WAL",
            "PRAGMA synchronous = FULL",
            "CREATE TABLE mail (uid INTEGER, message_id TEXT, content BLOB)",
            "CREATE TABLE outbox (uid INTEGER, content BLOB)",
        ):
            database.execute(statement)
        return database


def _reply(mail: Any) -> EmailMessage:
    reply = EmailMessage(policy=SMTP)
    reply["From"] = "shop@shop.example"
    reply["To"] = mail.from_[0][1]
    reply["Subject"] = f"Re: {mail.subject}"
    reply["Message-ID"] = f"<reply-{time.monotonic_ns()}@shop.example>"
    reply["In-Reply-To"] = mail.message_id
    reply["References"] = mail.message_id
    reply["Auto-Submitted"] = "auto-replied"
    reply.set_content(_TEXT)
    return reply
