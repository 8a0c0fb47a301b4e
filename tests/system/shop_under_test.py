"""A configured shop with real mail servers, whose commands a test calls as a seller types them."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from daemon.cli import main
from daemon.config import load
from daemon.existing import sqlite_file
from state.engine import open_engine
from state.migrations import upgrade
from state.unit_of_work import Database
from tests.beds.smtp import running_smtp
from tests.unit.parsers.mails import HOST, BuyerMail

if TYPE_CHECKING:
    from collections.abc import Iterator

    from click.testing import Result

    from tests.beds.accounts import MailAccount
    from tests.beds.smtp import SentMail, SmtpServer

ROOT = Path(__file__).parents[2]
DATE_LINE = re.compile(rb"^Date:[^\r\n]*", re.MULTILINE)


def now() -> datetime:
    """The present; these tests drive the real program with the real clock."""
    return datetime.now(UTC)


def mail(content: bytes, *, ago: timedelta = timedelta(0), message_id: str | None = None) -> bytes:
    """The mail as if it had been written just now, or some time ago."""
    dated = DATE_LINE.sub(b"Date: " + format_datetime(now() - ago).encode(), content)
    fresh = message_id or f"{dated.__hash__()}.{ago.total_seconds()}"
    return dated.replace(b"<0106-000000@eu-west-1.amazonses.com>", f"<{fresh}@eu-west-1.example>".encode())


@dataclass
class ShopUnderTest:
    """One configured shop and the servers of its mailbox.

    Attributes:
        folder: holds the configuration, the password and the database.
        account: the mailbox.
        smtp: takes its mail.
    """

    folder: Path
    account: MailAccount
    smtp: SmtpServer

    @property
    def config(self) -> Path:
        """The configuration file."""
        return self.folder / "shop.toml"

    def configure(
        self,
        *,
        language: str = "ja",
        authserv_id: str | None = HOST,
        extra: str = "",
        database_url: str = "sqlite:///data/shop.db",
    ) -> None:
        """Write the configuration; it is open around the clock, so that a time can always be promised."""
        imap, smtp = self.account.endpoint, self.smtp.endpoint
        trusted = f'authserv_id = "{authserv_id}"\n' if authserv_id else ""
        (self.folder / "password").write_text(self.account.credentials.password)
        (self.folder / "password").chmod(0o600)
        self.config.write_text(
            f'database_url = "{database_url}"\n[shop]\nname = "まい商店"\nlanguage = "{language}"\n'
            'owner_email = "owner@shop.example"\nopening_time = "00:00"\nclosing_time = "23:59"\n'
            f'closed_on = []\n{extra}\n[[mailbox]]\nname = "main"\naddress = "shop@shop.example"\n'
            f'username = "{self.account.credentials.username}"\npassword_file = "password"\n{trusted}'
            # The test server may miss to announce a mail; a search then finds it soon.
            'poll_interval = "5s"\n'
            f'imap = {{ host = "{imap.host}", port = {imap.port}, security = "none" }}\n'
            f'smtp = {{ host = "{smtp.host}", port = {smtp.port}, security = "none" }}\n',
            "utf-8",
        )

    def call(self, *arguments: str, **options: object) -> Result:
        """Call a command inside this process."""
        return CliRunner().invoke(main, ["--config", str(self.config), *arguments], **options)  # type: ignore[arg-type]

    def json(self, *arguments: str) -> object:
        """What a listing tells scripts."""
        result = self.call(*arguments, "--json")
        assert result.exit_code in {0, 1}, result.output
        return json.loads(result.stdout)

    @contextmanager
    def started(self) -> Iterator[subprocess.Popen[str]]:
        """Run the service as a process of its own, which never outlives the block."""
        command = [sys.executable, "-m", "daemon.cli", "--config", str(self.config), "run"]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        with subprocess.Popen(command, cwd=ROOT, text=True, **pipes) as service:
            try:
                yield service
            finally:
                service.kill()

    def database(self) -> Database:
        """The shop's database, made if it is not there."""
        path = sqlite_file(load(self.config))
        engine = open_engine(f"sqlite:///{path}")
        upgrade(engine)
        return Database(engine)


@pytest.fixture
def shop(tmp_path, pymap) -> Iterator[ShopUnderTest]:
    """A configured shop whose service never ran."""
    account = pymap.account("Sent", "Junk")
    with running_smtp(auth=True) as smtp:
        smtp.credentials = account.credentials
        under_test = ShopUnderTest(tmp_path, account, smtp)
        under_test.configure()
        yield under_test
        account.close()


@pytest.fixture
def taken(shop) -> ShopUnderTest:
    """The shop after one round in which a buyer's message came and was acknowledged."""
    assert shop.call("once").exit_code == 0
    shop.account.deliver(
        mail(BuyerMail(text="箱が\x1b[2Jつぶれて\nいました。", name="山田 太郎").build()), at=now()
    )
    assert shop.call("once").exit_code == 0
    return shop


def to_buyers(shop: ShopUnderTest) -> list[SentMail]:
    """What buyers were sent; an alert to the owner may have gone in between."""
    return [sent for sent in shop.smtp.mails if "@marketplace.amazon." in sent.recipients[0]]
