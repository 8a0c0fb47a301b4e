"""pymap, an IMAP server in pure Python, in a thread: no SPECIAL-USE, no CONDSTORE, IDLE wakes at once."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import threading
from argparse import Namespace
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
from proxyprotocol.sock import SocketInfoLocal
from pymap.backend.dict import Config, DictBackend, Identity, Login
from pymap.imap import IMAPServer
from pymap.user import UserMetadata
from pysasl.hashing import Cleartext

from daemon.ports import Credentials, Endpoint, Security
from tests.beds.accounts import MailAccount
from tests.beds.processes import LOOPBACK

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterator

PASSWORD = "correct horse"


@dataclass(slots=True)
class Pymap:
    """A running pymap; every account lives as long as the server.

    Attributes:
        endpoint: where it listens, without encryption.
    """

    endpoint: Endpoint
    _backend: Any
    _loop: asyncio.AbstractEventLoop
    _writers: set[asyncio.StreamWriter]
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def account(self, *folders: str) -> MailAccount:
        """A fresh account with an empty INBOX and these folders."""
        name = f"shop{next(self._numbers)}@shop.example"
        self._run(self._add_user(name))
        account = MailAccount(self.endpoint, Credentials(name, PASSWORD))
        account.create(*folders)
        return account

    def renumber(
        self, account: MailAccount, folder: str = "INBOX", *, uidvalidity: int, next_uid: int = 1
    ) -> None:
        """Give a folder another UIDVALIDITY and its mails new UIDs from ``next_uid`` on."""
        self._run(self._renumber(account.credentials.username, folder, uidvalidity, next_uid))

    def cut_connections(self) -> None:
        """Cut every connection to the server without a word."""
        done = threading.Event()

        def cut() -> None:
            for writer in list(self._writers):
                writer.transport.abort()
            done.set()

        self._loop.call_soon_threadsafe(cut)
        done.wait(30)

    def _run(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(30)

    async def _add_user(self, name: str) -> None:
        config = self._backend.config
        user = UserMetadata(config, name, password=PASSWORD)
        await Identity(name, self._backend.login, None, frozenset()).set(user)

    async def _renumber(self, user: str, folder: str, uidvalidity: int, next_uid: int) -> None:
        mailboxes, _ = self._backend.config.set_cache[user]
        mailbox = await mailboxes.get_mailbox(folder)
        mails = list(mailbox._messages.values())
        mailbox._messages.clear()
        mailbox._uid_validity = uidvalidity
        for uid, mail in enumerate(mails, next_uid):
            mailbox._messages[uid] = type(mail).copy(mail, uid=uid)
        mailbox._max_uid = next_uid + len(mails) - 1


def _config() -> Config:
    arguments = Namespace(passlib_cfg=None, proxy_protocol=None)
    return Config(
        arguments,
        host=LOOPBACK,
        port=0,
        demo_data=False,
        demo_user="nobody",
        demo_password="unused",
        tls_enabled=False,
        hash_context=Cleartext(),
        invalid_user_sleep=0.0,
    )


async def _listen(writers: set[asyncio.StreamWriter]) -> tuple[DictBackend, asyncio.Server]:
    config = _config()
    config.apply_context()
    backend = DictBackend(Login(config), config)
    serve = IMAPServer(backend.login, config)

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.add(writer)
        try:
            await serve(reader, writer, SocketInfoLocal(writer))
        finally:
            writers.discard(writer)

    return backend, await asyncio.start_server(connected, LOOPBACK, 0)


async def _close_all(server: asyncio.Server) -> None:
    server.close()
    tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


@contextlib.contextmanager
def running_pymap() -> Iterator[Pymap]:
    """Run pymap in a thread of its own; it ends with the block."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="pymap-bed", daemon=True)
    thread.start()
    writers: set[asyncio.StreamWriter] = set()
    backend, server = asyncio.run_coroutine_threadsafe(_listen(writers), loop).result(30)
    port = server.sockets[0].getsockname()[1]
    try:
        yield Pymap(Endpoint(LOOPBACK, port, Security.NONE), backend, loop, writers)
    finally:
        asyncio.run_coroutine_threadsafe(_close_all(server), loop).result(30)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(30)
        loop.close()


@pytest.fixture(scope="session")
def pymap() -> Iterator[Pymap]:
    """One pymap for the whole run; every test takes an account of its own."""
    with running_pymap() as server:
        yield server
