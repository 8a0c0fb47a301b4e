"""The shop of a soak and everything around it: Dovecot, faulty doors, accounts and the configuration."""

from __future__ import annotations

import re
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from daemon.config import load
from daemon.configured_shop import shop_of
from daemon.ports import Credentials
from state.engine import open_engine
from state.migrations import upgrade
from state.unit_of_work import Database
from tests.beds.certificates import make_certificate, make_expired
from tests.beds.dovecot import running_dovecot
from tests.beds.owner import OWNER
from tests.beds.post import dated
from tests.soak.faulty_imap import FaultyImap
from tests.soak.faulty_smtp import FaultySmtp
from tests.soak.oracle import Numbers
from tests.soak.story import MAILBOXES
from tests.system.running import toml_endpoint
from tests.unit.parsers.mails import HOST

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

    from daemon.shop import Shop
    from tests.beds.accounts import MailAccount
    from tests.beds.dovecot import Dovecot
    from tests.soak.plan import Place
    from tests.soak.story import Posting

SLOW_FOR = 1.2
"""Seconds; longer than a life of the soak waits for any answer."""

FOLDERS = ("INBOX", "Junk", "Sent")


@dataclass(frozen=True, slots=True)
class _Either(Credentials):
    """Equal to what any of the accounts logs in with: one server takes the mail of all."""

    usernames: frozenset[str] = frozenset()

    def __eq__(self, given: object) -> bool:
        return isinstance(given, Credentials) and (
            given.username in self.usernames and given.password == self.password
        )

    def __hash__(self) -> int:
        return hash(self.usernames)


def _either_of(accounts: dict[str, MailAccount]) -> Credentials:
    first = next(iter(accounts.values())).credentials
    names = frozenset(one.credentials.username for one in accounts.values())
    return _Either(first.username, first.password, usernames=names)


@dataclass(slots=True)
class Yard:
    """Everything that a life needs around it.

    Attributes:
        folder: of the configuration and the database.
        dovecot: the real server.
        accounts: the accounts by the name of the mailbox, reached without any fault.
        imap: the faulty door before Dovecot.
        smtp: the faulty server that takes mail.
        database: the shop's database, as a command beside the service opens it.
        shop: the configuration.
    """

    folder: Path
    dovecot: Dovecot
    accounts: dict[str, MailAccount]
    imap: FaultyImap
    smtp: FaultySmtp
    database: Database
    shop: Shop

    @property
    def config(self) -> Path:
        """The configuration file."""
        return self.folder / "sokuresu.toml"

    def deliver(self, posting: Posting, at: datetime) -> int:
        """Let a mail arrive; its Date may be older."""
        content = dated(posting.content, at - posting.delay, posting.message_id)
        flags = r"\Seen" if posting.seen else ""
        return self.accounts[posting.mailbox].deliver(content, posting.folder, at=at, flags=flags)

    def numbers(self) -> dict[tuple[str, str], Numbers]:
        """How every folder is numbered, as the door lets clients see it."""
        return {
            (name, folder): self._numbers(account, folder)
            for name, account in self.accounts.items()
            for folder in FOLDERS
        }

    def _numbers(self, account: MailAccount, folder: str) -> Numbers:
        uids = account.uids(folder)
        answer = account._ask("status", folder, "(UIDNEXT UIDVALIDITY)")
        found = {name: int(number) for name, number in re.findall(rb"(UIDNEXT|UIDVALIDITY) (\d+)", answer[0])}
        shifted = found[b"UIDVALIDITY"] + self.imap.renumbered_by
        return Numbers(shifted, max(uids, default=0), found[b"UIDNEXT"])

    def move_to_junk(self, mailbox: str, pick: float) -> None:
        """A person moves one of the last mails of the inbox."""
        account = self.accounts[mailbox]
        uids = account.uids()[-8:]
        if uids:
            account._ask("select", "INBOX")
            account._ask("uid", "MOVE", str(uids[int(pick * len(uids))]), "Junk")


@contextmanager
def opened_yard(folder: Path, place: Place) -> Iterator[Yard]:
    """Put a shop and its servers up; they are gone after the block."""
    with ExitStack() as stack:
        certificate = make_certificate(folder)
        dovecot = stack.enter_context(running_dovecot(certificate))
        expired = make_expired(certificate)
        accounts = {name: dovecot.account() for name in MAILBOXES}
        imap = stack.enter_context(FaultyImap(dovecot.plain, certificate, expired, delay=SLOW_FOR))
        smtp = stack.enter_context(
            FaultySmtp(certificate, expired, credentials=_either_of(accounts), delay=SLOW_FOR)
        )
        for account in accounts.values():
            stack.callback(account.close)
        _configure(folder, place, accounts, imap, smtp)
        settings = load(folder / "sokuresu.toml")
        engine = open_engine(settings.database)
        upgrade(engine)
        database = Database(engine)
        stack.callback(database.close)
        yield Yard(folder, dovecot, accounts, imap, smtp, database, shop_of(settings))


def _configure(
    folder: Path, place: Place, accounts: dict[str, MailAccount], imap: FaultyImap, smtp: FaultySmtp
) -> None:
    head = (
        f'[shop]\nname = "まい商店"\nowner_email = "{OWNER}"\ntimezone = "{place.timezone}"\n'
        'opening_time = "09:00"\nclosing_time = "20:00"\nclosed_on = ["sun"]\n'
        f'[drafts]\nfulfilment = "fba"\nin_mailbox = {place.drafts_in_mailbox}\n'
        "[acknowledge]\nhourly_cap = 60\n"
    )
    tables = [_mailbox(folder, name, account, imap, smtp) for name, account in accounts.items()]
    (folder / "sokuresu.toml").write_text(head + "".join(tables), "utf-8")


def _mailbox(folder: Path, name: str, account: MailAccount, imap: FaultyImap, smtp: FaultySmtp) -> str:
    password = folder / f"{name}.password"
    password.write_text(account.credentials.password)
    password.chmod(0o600)
    return (
        f'[[mailbox]]\nname = "{name}"\naddress = "{name}@shop.example"\n'
        f'username = "{account.credentials.username}"\npassword_file = "{password.name}"\n'
        f'authserv_id = "{HOST}"\n'
        f"imap = {toml_endpoint(imap.endpoint)}\nsmtp = {toml_endpoint(smtp.endpoint)}\n"
    )
