"""One look at all folders with nothing new in them, at two sizes of the inbox."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from tests.benchmarks.figures import Bound, Figure, middle
from tests.benchmarks.mails import other_mails
from tests.benchmarks.proxy import counting
from tests.benchmarks.reading import Reader, bare_client, reading
from tests.benchmarks.servers import dovecot
from tests.benchmarks.shops import working_folder

if TYPE_CHECKING:
    from pathlib import Path

    from tests.beds.accounts import MailAccount
    from tests.beds.dovecot import Dovecot

SMALL, LARGE = 1_000, 200_000
LINKS = 1_000
"""Mails that share one file."""
ROUNDS = 25
BLOCKS = 4


@dataclass(frozen=True, slots=True)
class _Cost:
    """What one round cost."""

    commands: float
    bytes: float
    milliseconds: float


def measure() -> list[Figure]:
    """Count commands and bytes on the wire; take the time without anything in between."""
    with working_folder() as folder, dovecot() as server:
        now = datetime.now(UTC)
        small, large = _costs(folder, [_filled(server, size, now) for size in (SMALL, LARGE)])
    what = f"idle round, {LARGE // 1000} k against {SMALL // 1000} k mails"
    note = f"all watched folders, median of {ROUNDS * BLOCKS} rounds on Dovecot"
    return [
        Figure(f"{what}: {name}", unit, ours, floor, f"{SMALL // 1000} k mails", Bound(1.2), note)
        for name, unit, ours, floor in (
            ("commands", "", large.commands, small.commands),
            ("bytes", "", large.bytes, small.bytes),
            ("time", "ms", large.milliseconds, small.milliseconds),
        )
    ]


def _filled(server: Dovecot, size: int, at: datetime) -> MailAccount:
    """An account with so many mails, most of them links: nobody reads them here, only their number counts."""
    account = server.account()
    server.fill(account, other_mails(size // LINKS, at), at=at)
    inbox = server.folder / "home" / account.credentials.username / "Maildir" / "cur"
    for mail in list(inbox.iterdir()):
        base = mail.name.removesuffix(":2,")
        for number in range(LINKS - 1):
            mail.with_name(f"{base}.{number}:2,").hardlink_to(mail)
    with bare_client(account) as client:
        told = client.folder_status("INBOX", ["MESSAGES"])[b"MESSAGES"]
    if told != size:
        raise RuntimeError(f"Dovecot found {told} of {size} mails")
    return account


def _costs(folder: Path, accounts: list[MailAccount]) -> tuple[_Cost, _Cost]:
    small, large = accounts
    with (
        reading(folder / "small", small, from_now=True) as small_reader,
        reading(folder / "large", large, from_now=True) as large_reader,
    ):
        seconds = _seconds([small_reader, large_reader])
    counted = [_counted(folder / f"counted{number}", account) for number, account in enumerate(accounts)]
    costs = [_Cost(*traffic, middle(taken) * 1000) for traffic, taken in zip(counted, seconds, strict=True)]
    return costs[0], costs[1]


def _seconds(readers: list[Reader]) -> list[list[float]]:
    """The time of each round, in turns, after a first one that opens the folders."""
    seconds: list[list[float]] = [[] for _ in readers]
    for reader in readers:
        reader.round()
    for _ in range(BLOCKS):
        for reader, taken in zip(readers, seconds, strict=True):
            for _ in range(ROUNDS):
                begun = time.perf_counter()
                reader.round()
                taken.append(time.perf_counter() - begun)
    return seconds


def _counted(folder: Path, account: MailAccount) -> tuple[float, float]:
    """Commands and bytes of a round."""
    with (
        counting(account.endpoint) as (endpoint, traffic),
        reading(folder, account, endpoint, from_now=True) as reader,
    ):
        reader.round()
        traffic.forget()
        for _ in range(ROUNDS):
            reader.round()
        return len(traffic.commands) / ROUNDS, traffic.octets / ROUNDS
