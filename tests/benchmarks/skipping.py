"""Passing over other people's mail, beside imapclient fetching the same headers."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from daemon.reading.folder_reader import HEADS_AT_ONCE
from parsers.interest import HEADER_FIELDS
from tests.benchmarks.figures import Bound, Figure, middle
from tests.benchmarks.mails import other_mails
from tests.benchmarks.reading import bare_client, reading
from tests.benchmarks.servers import dovecot
from tests.benchmarks.shops import working_folder

if TYPE_CHECKING:
    from pathlib import Path

    from tests.beds.accounts import MailAccount

MAILS = 20_000
TURNS = 3
_ITEMS = ["INTERNALDATE", "RFC822.SIZE", f"BODY.PEEK[HEADER.FIELDS ({' '.join(HEADER_FIELDS)} MESSAGE-ID)]"]


def measure() -> list[Figure]:
    """Read the same headers in turns, on the same server, whose index is warm."""
    with working_folder() as folder, dovecot() as server:
        now = datetime.now(UTC)
        account = server.account()
        server.fill(account, other_mails(MAILS, now), at=now)
        _fetch_headers(account)
        bare, ours = [], []
        for turn in range(TURNS):
            bare.append(MAILS / _fetch_headers(account))
            ours.append(MAILS / _pass_over(folder / f"turn{turn}", account))
    return [
        Figure(
            "skipping other people's mail",
            "mails/s",
            middle(ours),
            middle(bare),
            "imapclient, same headers",
            Bound(0.6, at_most=False),
            note=f"{MAILS:,} mails, median of {TURNS} turns",
        )
    ]


def _fetch_headers(account: MailAccount) -> float:
    """Seconds that imapclient takes."""
    with bare_client(account) as client:
        begun = time.perf_counter()
        uids = client.search("UID 1:*")
        read = 0
        for start in range(0, len(uids), HEADS_AT_ONCE):
            read += len(client.fetch(uids[start : start + HEADS_AT_ONCE], _ITEMS))
        seconds = time.perf_counter() - begun
    if read != MAILS:
        raise RuntimeError(f"imapclient read {read} of {MAILS} headers")
    return seconds


def _pass_over(folder: Path, account: MailAccount) -> float:
    """Seconds that our own full pass takes."""
    with reading(folder, account) as reader:
        begun = time.perf_counter()
        reader.round()
        seconds = time.perf_counter() - begun
        if reader.counts():
            raise RuntimeError("other people's mail was counted")
    return seconds
