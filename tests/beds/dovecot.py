"""A private Dovecot in a temporary folder on loopback; every user name is an account of its own."""

from __future__ import annotations

import contextlib
import itertools
import os
import shutil
import subprocess
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from daemon.ports import Credentials, Endpoint, Security
from tests.beds.accounts import SOME_DAY, MailAccount, utf7
from tests.beds.processes import (
    LOOPBACK,
    Account,
    answers,
    as_account,
    await_that,
    free_port,
    give,
    missing,
    ordinary_account,
    private_folder,
    running,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime
    from pathlib import Path

    from tests.beds.certificates import Certificate

MISSING = "Dovecot is missing: apt-get install dovecot-imapd"
PASSWORD = "correct-horse"
SPECIAL_USE = {"Drafts": r"\Drafts", "Sent": r"\Sent", "Junk": r"\Junk", "Trash": r"\Trash"}
"""The folders of every account and what the server says they are for."""


@dataclass(slots=True)
class Dovecot:
    """A running Dovecot.

    Attributes:
        folder: its temporary folder; the mail of a user is in ``home/<user>/Maildir``.
        plain: the endpoint without encryption, which also offers STARTTLS.
        tls: the endpoint with TLS from the start.
        starttls: the plain port, with STARTTLS.
    """

    folder: Path
    plain: Endpoint
    tls: Endpoint
    starttls: Endpoint
    _account: Account
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def account(self) -> MailAccount:
        """A fresh, empty account."""
        credentials = Credentials(f"shop{next(self._numbers)}@shop.example", PASSWORD)
        return MailAccount(self.plain, credentials)

    def set_uids(
        self,
        account: MailAccount,
        folder: str = "INBOX",
        *,
        uidvalidity: int | None = None,
        next_uid: int | None = None,
    ) -> None:
        """Give a folder another UIDVALIDITY (old UIDs then mean nothing) or a higher next UID."""
        options: list[str] = []
        if uidvalidity is not None:
            options += ["--uid-validity", str(uidvalidity)]
        if next_uid is not None:
            options += ["--min-next-uid", str(next_uid)]
        self._doveadm("mailbox", "update", "-u", account.credentials.username, *options, folder)

    def kill_connections(self, account: MailAccount) -> None:
        """Cut every connection of that account, as an administrator does, and wait until they are gone."""
        user = account.credentials.username
        # Dovecot books its connections, and ends them, a moment after their clients are served.
        await_that(lambda: bool(self._processes_of(user)), for_seconds=2)
        serving = self._processes_of(user)
        self._doveadm("kick", user)
        assert await_that(lambda: not serving & self._processes_of(user), for_seconds=10), "still connected"

    def _processes_of(self, user: str) -> set[str]:
        """The processes that serve that user's connections now, a process each."""
        table = self._doveadm("who", "-1", user).splitlines()[1:]
        return {line.split()[2] for line in table}

    def fill(
        self,
        account: MailAccount,
        contents: Iterable[bytes],
        folder: str = "INBOX",
        *,
        at: datetime = SOME_DAY,
    ) -> None:
        """Put many mails straight into the maildir, far faster than IMAP; Dovecot numbers them when asked."""
        maildir = self.folder / "home" / account.credentials.username / "Maildir"
        target = maildir if folder == "INBOX" else maildir / f".{utf7(folder)[1:-1]}"
        for path in (
            target.parent.parent,
            target.parent,
            target,
            *(target / part for part in ("cur", "new", "tmp")),
        ):
            path.mkdir(parents=True, exist_ok=True)
            give(path, self._account)
        for number, content in zip(self._numbers, contents, strict=False):
            path = target / "cur" / f"{int(at.timestamp())}.M{number:07d}.bed:2,"
            path.write_bytes(content)
            give(path, self._account)
            os.utime(path, (at.timestamp(), at.timestamp()))

    def _doveadm(self, *arguments: str) -> str:
        command = ["doveadm", "-c", str(self.folder / "dovecot.conf"), *arguments]
        done = subprocess.run(as_account(self._account, command), capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout


def _version() -> tuple[int, int]:
    said = subprocess.run(["dovecot", "--version"], capture_output=True, text=True, check=True).stdout
    major, minor = said.split(".")[:2]
    return int(major), int(minor)


def _common_settings(folder: Path, account: Account, ports: tuple[int, int]) -> str:
    services = ("anvil", "imap-login", "stats", "config", "log", "auth", "imap")
    unjailed = "\n".join(f"service {name} {{\n  chroot =\n}}" for name in services)
    return f"""
protocols = imap
listen = {LOOPBACK}
base_dir = {folder}/run
state_dir = {folder}/run
log_path = {folder}/dovecot.log
default_internal_user = {account.name}
default_internal_group = {account.group}
default_login_user = {account.name}
first_valid_uid = {account.uid}
first_valid_gid = {min(account.gid, 1)}
mail_max_userip_connections = 1000
ssl = yes
{unjailed}
service anvil {{
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service imap-login {{
  inet_listener imap {{
    port = {ports[0]}
  }}
  inet_listener imaps {{
    port = {ports[1]}
    ssl = yes
  }}
}}
"""


def _introspection_of_2_3(folder: Path, account: Account, url: str) -> str:
    """Access tokens are taken as well; whose they are is asked at that address."""
    path = folder / "oauth2.conf"
    path.write_text(
        f"introspection_mode = auth\nintrospection_url = {url}\nusername_attribute = email\n"
        "active_attribute = active\nactive_value = true\n"
    )
    give(path, account)
    return f"""
auth_mechanisms = plain login xoauth2
auth_failure_delay = 0
passdb {{
  driver = oauth2
  mechanisms = xoauth2
  args = {path}
}}
"""


def _introspection_of_2_4(url: str) -> str:
    return f"""
auth_mechanisms = plain login xoauth2
auth_failure_delay = 0
oauth2 {{
  introspection_mode = auth
  introspection_url = {url}
  username_attribute = email
  active_attribute = active
  active_value = true
}}
"""


def _settings_of_2_3(folder: Path, account: Account, certificate: Certificate) -> str:
    home = f"{folder}/home/%u"
    return f"""
mail_location = maildir:~/Maildir
disable_plaintext_auth = no
ssl_cert = <{certificate.chain}
ssl_key = <{certificate.key}
passdb {{
  driver = static
  args = password={PASSWORD}
}}
userdb {{
  driver = static
  args = uid={account.uid} gid={account.gid} home={home}
}}
"""


def _settings_of_2_4(folder: Path, account: Account, certificate: Certificate) -> str:
    home = f"{folder}/home/%{{user}}"
    return f"""
mail_driver = maildir
mail_path = ~/Maildir
auth_allow_cleartext = yes
ssl_server_cert_file = {certificate.chain}
ssl_server_key_file = {certificate.key}
passdb static {{
  password = {PASSWORD}
}}
userdb static {{
  fields {{
    uid = {account.uid}
    gid = {account.gid}
    home = {home}
  }}
}}
"""


def _mailbox_settings(name: str, special_use: str) -> str:
    purpose = f"    special_use = {special_use}\n" if special_use else ""
    return f'  mailbox "{name}" {{\n    auto = subscribe\n{purpose}  }}\n'


def _namespace(folders: Mapping[str, str], prefix: str) -> str:
    separator = "." if prefix else "/"
    boxes = "".join(_mailbox_settings(name, special_use) for name, special_use in folders.items())
    return f"""
namespace inbox {{
  inbox = yes
  separator = {separator}
  prefix = {prefix}
{boxes}}}
"""


def _configuration(
    folder: Path,
    account: Account,
    certificate: Certificate,
    ports: tuple[int, int],
    introspection_url: str | None,
) -> str:
    common = _common_settings(folder, account, ports)
    if _version() >= (2, 4):
        head = "dovecot_config_version = 2.4.0\ndovecot_storage_version = 2.4.0\n"
        tokens = "" if introspection_url is None else _introspection_of_2_4(introspection_url)
        return head + common + tokens + _settings_of_2_4(folder, account, certificate)
    tokens = "" if introspection_url is None else _introspection_of_2_3(folder, account, introspection_url)
    return common + tokens + _settings_of_2_3(folder, account, certificate)


def _copy_certificate(certificate: Certificate, folder: Path, account: Account) -> Certificate:
    """The server's user cannot read the folder of the test run, so it gets a copy."""
    chain, key = folder / "server.pem", folder / "server.key"
    for source, target in ((certificate.chain, chain), (certificate.key, key)):
        shutil.copyfile(source, target)
        give(target, account)
    return type(certificate)(certificate.ca_file, chain, key)


@contextlib.contextmanager
def running_dovecot(
    certificate: Certificate,
    *,
    folders: Mapping[str, str] = SPECIAL_USE,
    prefix: str = "",
    introspection_url: str | None = None,
) -> Iterator[Dovecot]:
    """Run a private Dovecot; it ends with the block.

    Args:
        certificate: what it shows for TLS.
        folders: the folders of every account, each with its special use, or "" for none.
        prefix: of the personal namespace, for example ``INBOX.``.
        introspection_url: where it asks whose access token is shown; without it there is no XOAUTH2.
    """
    if shutil.which("dovecot") is None:
        missing(MISSING)
    account = ordinary_account()
    with private_folder(account, "dovecot") as folder:
        ports = (free_port(), free_port())
        own = _copy_certificate(certificate, folder, account)
        for name in ("run", "home"):
            (folder / name).mkdir()
            give(folder / name, account)
        path = folder / "dovecot.conf"
        settings = _configuration(folder, account, own, ports, introspection_url)
        path.write_text(settings + _namespace(folders, prefix))
        command = as_account(account, ["dovecot", "-F", "-c", str(path)], death="TERM")
        with running(command, folder / "output") as server:
            server.await_ready(lambda: answers(ports[0]))
            ca_file = str(certificate.ca_file)
            yield Dovecot(
                folder,
                Endpoint(LOOPBACK, ports[0], Security.NONE),
                Endpoint(LOOPBACK, ports[1], Security.TLS, ca_file),
                Endpoint(LOOPBACK, ports[0], Security.STARTTLS, ca_file),
                account,
            )


@pytest.fixture(scope="session")
def dovecot(certificate: Certificate) -> Iterator[Dovecot]:
    """One Dovecot for the whole run; every test takes an account of its own."""
    with running_dovecot(certificate) as server:
        yield server
