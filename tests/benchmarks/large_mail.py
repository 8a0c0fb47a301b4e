"""The peak of the service's memory when a mail with a 25 MB attachment comes, beside a mail without."""

from __future__ import annotations

import json
import sqlite3
import time
from contextlib import closing
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import SMTP
from pathlib import Path
from typing import TYPE_CHECKING

from tests.benchmarks.figures import Bound, Figure
from tests.benchmarks.mails import WORDS, buyer_mail
from tests.benchmarks.programs import running, started
from tests.benchmarks.servers import dovecot
from tests.benchmarks.shops import working_folder, write_configuration

if TYPE_CHECKING:
    import subprocess

    from tests.beds.dovecot import Dovecot

ATTACHMENT = 25_000_000
NAME = "壊れた箱.jpg"
PATIENCE = 60.0


def measure() -> list[Figure]:
    """Run the real process against Dovecot twice, and let one mail come to each."""
    plain = buyer_mail(1, datetime.now(UTC))
    with working_folder() as folder, dovecot() as server:
        without = _peak_with(plain, server, folder / "without", ())
        large = _peak_with(_with_attachment(plain), server, folder / "large", (NAME,))
    return [
        Figure(
            "a mail with a 25 MB attachment, peak of memory",
            "MB",
            large,
            without,
            "a mail without",
            note="TLS to Dovecot; text read, attachment named",
        ),
        Figure("… more than without", "MB", large - without, bound=Bound(20, of_floor=False)),
    ]


def _with_attachment(content: bytes) -> bytes:
    """The same mail with a photograph of that many bytes."""
    mail = message_from_bytes(content, policy=SMTP)
    mail.make_mixed()
    photograph = bytes(range(256)) * (ATTACHMENT // 256)
    mail.add_attachment(photograph, maintype="image", subtype="jpeg", filename=NAME)
    return bytes(mail)


def _peak_with(content: bytes, server: Dovecot, folder: Path, names: tuple[str, ...]) -> float:
    """Megabytes at the peak of a service that takes in this one mail."""
    folder.mkdir()
    account = server.account()
    config = write_configuration(folder, [(server.tls, account.credentials)], server.plain, acknowledge=False)
    with started(running(config), folder / "errors") as process:
        database = folder / "sokuresu.db"
        _await(database, "SELECT count(last_full_pass_at) FROM mailbox")
        account.deliver(content, at=datetime.now(UTC))
        _await(database, "SELECT count(*) FROM message")
        peak = _peak(process)
    account.close()
    _require_read(database, names)
    return peak


def _await(database: Path, count: str) -> None:
    """Wait until that query counts something."""
    deadline = time.monotonic() + PATIENCE
    while not _rows(database, count)[0][0]:
        if time.monotonic() > deadline:
            raise TimeoutError(f"nothing came of: {count}")
        time.sleep(0.1)


def _rows(database: Path, query: str) -> list[tuple[object, ...]]:
    if not database.exists():
        return [(0,)]
    with closing(sqlite3.connect(database, timeout=20)) as connection:
        try:
            return connection.execute(query).fetchall()
        except sqlite3.OperationalError:
            # The tables are being made.
            return [(0,)]


def _require_read(database: Path, names: tuple[str, ...]) -> None:
    """A mail that was not understood would be cheap, and worth nothing."""
    ((text, attachments),) = _rows(database, "SELECT text, attachments FROM message")
    if WORDS[:30] not in str(text) or tuple(json.loads(str(attachments))) != names:
        raise RuntimeError("the text was not read, or the attachment not named")


def _peak(process: subprocess.Popen[bytes]) -> float:
    lines = Path(f"/proc/{process.pid}/status").read_text(encoding="ascii").splitlines()
    return float(next(line for line in lines if line.startswith("VmHWM:")).split()[1]) / 1000
