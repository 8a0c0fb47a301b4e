"""Mail servers in a process of their own: they must not compete for the interpreter that is measured."""

from __future__ import annotations

import contextlib
import multiprocessing
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.beds.certificates import temporary_certificate
from tests.beds.dovecot import MISSING, Dovecot, running_dovecot
from tests.beds.pymap import running_pymap
from tests.beds.smtp import running_smtp

if TYPE_CHECKING:
    from collections.abc import Iterator
    from multiprocessing.connection import Connection

    from daemon.ports import Credentials, Endpoint

PATIENCE = 30.0
"""Seconds that a server may take to start."""


@dataclass(frozen=True, slots=True)
class Servers:
    """Where pymap and the SMTP server listen.

    Attributes:
        imap: of every account.
        accounts: empty accounts with Sent, Junk and Drafts.
        smtp: takes the first account's credentials.
    """

    imap: Endpoint
    accounts: tuple[Credentials, ...]
    smtp: Endpoint


@contextlib.contextmanager
def servers(accounts: int = 1) -> Iterator[Servers]:
    """Run pymap and an SMTP server with so many accounts; they end with the block."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=_serve, args=(there, accounts), daemon=True)
    process.start()
    try:
        if not here.poll(PATIENCE):
            raise RuntimeError("the mail servers did not start")
        yield here.recv()
    finally:
        here.close()
        process.join(5)
        process.terminate()


def _serve(pipe: Connection, accounts: int) -> None:
    """What the other process does until its starter goes away."""
    with running_pymap() as imap, running_smtp(auth=True) as smtp:
        made = [imap.account("Sent", "Junk", "Drafts") for _ in range(accounts)]
        smtp.credentials = made[0].credentials
        pipe.send(Servers(imap.endpoint, tuple(account.credentials for account in made), smtp.endpoint))
        with contextlib.suppress(EOFError):
            pipe.recv()


@contextlib.contextmanager
def dovecot() -> Iterator[Dovecot]:
    """Run a private Dovecot.

    Raises:
        RuntimeError: it is not installed.
    """
    if shutil.which("dovecot") is None:
        raise RuntimeError(MISSING)
    with temporary_certificate() as certificate, running_dovecot(certificate) as server:
        yield server
