"""Reading what came during an outage: all of it Amazon's, beside imapclient alone and django-helpdesk."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from tests.benchmarks import helpdesk
from tests.benchmarks.figures import Bound, Figure, middle
from tests.benchmarks.mails import buyer_mails
from tests.benchmarks.reading import bare_client, reading
from tests.benchmarks.servers import dovecot
from tests.benchmarks.shops import working_folder

if TYPE_CHECKING:
    from pathlib import Path

    from tests.beds.accounts import MailAccount

MAILS = 5000
HELPDESK_MAILS = 300
TURNS = 2
"""Each reads everything so often, in turns."""
_BATCH = 50


def measure() -> list[Figure]:
    """Read the same mails with each program, on the same server, whose index is warm."""
    with working_folder() as folder, dovecot() as server:
        now = datetime.now(UTC)
        account, other = server.account(), server.account()
        server.fill(account, buyer_mails(MAILS, now), at=now)
        server.fill(other, buyer_mails(HELPDESK_MAILS, now), at=now)
        _fetch_all(account)
        bare, ours = [], []
        for turn in range(TURNS):
            bare.append(MAILS / _fetch_all(account))
            ours.append(MAILS / _read_all(folder / f"turn{turn}", account))
        desk = helpdesk.measure(other, HELPDESK_MAILS, folder / "helpdesk.sqlite3")
    return _figures(middle(ours), middle(bare), desk)


def _figures(ours: float, bare: float, desk: helpdesk.Measured) -> list[Figure]:
    what = "catch-up"
    rate = HELPDESK_MAILS / desk.seconds if desk.seconds else None
    unread = f"not measured: {desk.failure}"
    return [
        Figure(
            what, "mails/s", ours, bare, "imapclient, fetch alone", Bound(500, at_most=False, of_floor=False)
        ),
        Figure(
            what,
            "mails/s",
            ours,
            rate,
            "django-helpdesk",
            Bound(10, at_most=False),
            note=f"{MAILS:,} mails of 7 kB, {HELPDESK_MAILS} for helpdesk" if rate else unread,
        ),
    ]


def _fetch_all(account: MailAccount) -> float:
    """Seconds that imapclient takes for the whole mails."""
    with bare_client(account) as client:
        begun = time.perf_counter()
        uids = client.search("UID 1:*")
        read = 0
        for start in range(0, len(uids), _BATCH):
            read += len(client.fetch(uids[start : start + _BATCH], ["BODY.PEEK[]"]))
        seconds = time.perf_counter() - begun
    if read != MAILS:
        raise RuntimeError(f"imapclient read {read} of {MAILS} mails")
    return seconds


def _read_all(folder: Path, account: MailAccount) -> float:
    """Seconds that our own full pass takes, everything stored."""
    with reading(folder, account) as reader:
        begun = time.perf_counter()
        reader.round()
        seconds = time.perf_counter() - begun
        counts = reader.counts()
    if counts != {"buyer_message": MAILS}:
        raise RuntimeError(f"the mails were not taken in as buyers' messages: {counts}")
    return seconds
