"""A configured shop, and its service as a process of its own."""

from __future__ import annotations

import contextlib
import json
import signal
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from click.testing import CliRunner

from daemon.bootstrap import build_service
from daemon.cli import main
from daemon.config import load
from state.engine import open_engine
from state.unit_of_work import Database
from tests.beds.post import dated
from tests.beds.smtp import running_smtp
from tests.system.forking import fork
from tests.unit.parsers.mails import HOST, BuyerMail

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from daemon.ports import Endpoint
    from tests.beds.accounts import MailAccount
    from tests.beds.smtp import SentMail, SmtpServer
    from tests.system.forking import Forked

OWNER = "owner@shop.example"
PATIENCE = 150.0
"""Seconds after which something that should have happened is given up."""


def await_that(true: Callable[[], Any], what: str, *, within: float = PATIENCE) -> Any:
    """Wait until something is true and give what it was."""
    deadline = time.monotonic() + within
    while not (found := true()):
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {within} s in vain: {what}")
        time.sleep(0.02)
    return found


def toml_endpoint(endpoint: Endpoint) -> str:
    """A server as it stands in the configuration."""
    ca_file = f', ca_file = "{endpoint.ca_file}"' if endpoint.ca_file else ""
    return (
        f'{{ host = "{endpoint.host}", port = {endpoint.port}, security = "{endpoint.security}"{ca_file} }}'
    )


@dataclass
class Watched:
    """One mailbox of the configuration."""

    name: str
    account: MailAccount
    smtp: SmtpServer
    password: str | None = None
    extra: str = ""

    def toml(self, folder: Path) -> str:
        """Its table; the password goes into a file."""
        path = folder / f"{self.name}.password"
        path.write_text(self.password or self.account.credentials.password)
        path.chmod(0o600)
        return (
            f'[[mailbox]]\nname = "{self.name}"\naddress = "{self.name}@shop.example"\n'
            f'username = "{self.account.credentials.username}"\npassword_file = "{path.name}"\n'
            f'authserv_id = "{HOST}"\n{self.extra}\n'
            f"imap = {toml_endpoint(self.account.endpoint)}\nsmtp = {toml_endpoint(self.smtp.endpoint)}\n"
        )


@dataclass
class RunningShop:
    """A shop with its configuration file.

    Attributes:
        folder: holds the configuration, the passwords and the SQLite file.
        mailboxes: what it watches.
        database_url: another database than the SQLite file.
        extra: further tables of the configuration.
    """

    folder: Path
    mailboxes: list[Watched]
    database_url: str = "sqlite:///sokuresu.db"
    extra: str = ""
    always_open: bool = True
    _started: list[Forked] = field(default_factory=list)

    def __post_init__(self) -> None:
        hours = '"00:00"\nclosing_time = "23:59"\nclosed_on = []' if self.always_open else '"10:00"'
        head = (
            f'database_url = "{self.database_url}"\n[shop]\nname = "まい商店"\nowner_email = "{OWNER}"\n'
            f"opening_time = {hours}\n{self.extra}\n"
        )
        self.config.write_text(head + "".join(one.toml(self.folder) for one in self.mailboxes), "utf-8")

    @property
    def config(self) -> Path:
        """The configuration file."""
        return self.folder / "sokuresu.toml"

    @property
    def account(self) -> MailAccount:
        """The first mailbox's account."""
        return self.mailboxes[0].account

    @property
    def smtp(self) -> SmtpServer:
        """The first mailbox's SMTP server."""
        return self.mailboxes[0].smtp

    def receive(self, mail: BuyerMail | bytes, folder: str = "INBOX") -> None:
        """Let a mail arrive now."""
        content = mail.build() if isinstance(mail, BuyerMail) else mail
        now = datetime.now(UTC)
        self.account.deliver(dated(content, now), folder, at=now)

    def start(self, *command: str, kill_at: str = "") -> Forked:
        """Begin the program, by itself its service; with ``kill_at`` it is killed at that step."""
        arguments = ("--config", str(self.config), *(command or ("run",)))
        process = fork(arguments, self.folder / "log", kill_at=kill_at)
        self._started.append(process)
        return process

    def finish(self, command: str) -> int:
        """Run a command of the program to its end and tell its exit status."""
        return self.start(command).wait(PATIENCE)

    def log(self) -> str:
        """What all processes said so far."""
        return (self.folder / "log").read_text("utf-8")

    @contextlib.contextmanager
    def database(self) -> Iterator[Database]:
        """The shop's database, beside whatever process uses it."""
        database = Database(open_engine(load(self.config).database))
        try:
            yield database
        finally:
            database.close()

    def ask(self, question: Callable[[Any], Any]) -> Any:
        """What the database says."""
        with self.database() as database, database.read() as uow:
            return question(uow)

    def once(self) -> None:
        """One round inside this process: quicker than a process of its own, and the same service."""
        build_service(load(self.config)).once()

    def status(self) -> dict[str, Any]:
        """What ``status --json`` says."""
        done = CliRunner().invoke(main, ["--config", str(self.config), "status", "--json"])
        found: dict[str, Any] = json.loads(done.stdout)
        return found

    def to_buyers(self) -> list[SentMail]:
        """What the SMTP server took for buyers."""
        return [mail for mail in self.smtp.mails if mail.recipients != (OWNER,)]

    def alerts(self) -> list[SentMail]:
        """What the SMTP server took for the owner."""
        return [mail for mail in self.smtp.mails if mail.recipients == (OWNER,)]

    def end(self) -> None:
        """End whatever was started and still lives."""
        for process in self._started:
            process.send_signal(signal.SIGKILL)
            process.wait(PATIENCE)


@contextlib.contextmanager
def started_shop(folder: Path, pymap: Any, *folders: str, **settings: Any) -> Iterator[RunningShop]:
    """A shop that was started once before."""
    account = pymap.account("Sent", "Junk", *folders)
    with running_smtp(auth=True) as smtp:
        smtp.credentials = account.credentials
        running = RunningShop(folder, [Watched("main", account, smtp)], **settings)
        running.once()
        yield running
        running.end()
        account.close()
