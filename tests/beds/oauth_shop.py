"""A configured shop whose one mailbox has OAuth2, between servers that ask whose token they are shown."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import pytest

from daemon.bootstrap import Surroundings, build_service
from daemon.cli import Context
from daemon.clock import SystemClock
from daemon.config import load
from daemon.mailbox import connect
from daemon.oauth.asking import Answer
from daemon.oauth.grants import login_token
from daemon.oauth.keyring import Keyring
from daemon.smtp import SmtpSubmission
from tests.beds.clock import SetClock
from tests.beds.dovecot import running_dovecot
from tests.beds.oauth import CLIENT_ID, CLIENT_SECRET, TokenServer, running_token_server
from tests.beds.smtp import SmtpServer, running_smtp

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from daemon.config import Mailbox
    from daemon.ports import Attempt, Credentials
    from daemon.service import Service
    from tests.beds.accounts import MailAccount
    from tests.beds.certificates import Certificate
    from tests.beds.dovecot import Dovecot
    from tests.beds.smtp import Stage

OWNER = "owner@shop.example"
MAIL = b"Subject: x\r\n\r\nx\r\n"


@dataclass
class OauthShop:
    """The shop and everything around it.

    Attributes:
        folder: holds the configuration, the token and the database.
        provider: hands out tokens.
        account: the mailbox.
        smtp: takes the mailbox's mail.
        other: takes alerts; the second path.
        clock: the time for what expires.
    """

    folder: Path
    provider: TokenServer
    account: MailAccount
    smtp: SmtpServer
    other: SmtpServer
    clock: SetClock = field(default_factory=lambda: SetClock(SystemClock().now()))

    def configure(self, provider: str = "microsoft") -> None:
        """Write and read the configuration."""
        secret = self.folder / "client-secret"
        secret.write_text(CLIENT_SECRET)
        secret.chmod(0o600)
        named = ', client_secret_file = "client-secret"' if provider == "google" else ""
        imap, smtp, other = self.account.endpoint, self.smtp.endpoint, self.other.endpoint
        self.config.write_text(
            f'[shop]\nname = "まい商店"\nlanguage = "en"\nowner_email = "{OWNER}"\n'
            f'[alerts.smtp]\nhost = "{other.host}"\nport = {other.port}\n'
            'security = "none"\naddress = "alerts@other.example"\n'
            '[[mailbox]]\nname = "main"\naddress = "shop@shop.example"\n'
            f'username = "{self.provider.username}"\n'
            f'oauth = {{ provider = "{provider}", client_id = "{CLIENT_ID}"{named} }}\n'
            f'imap = {{ host = "{imap.host}", port = {imap.port}, security = "none" }}\n'
            f'smtp = {{ host = "{smtp.host}", port = {smtp.port}, security = "none" }}\n',
            "utf-8",
        )
        self.settings = load(self.config)
        self.keyring = Keyring(self.settings, self.clock, self.provider.provider_of)

    @property
    def config(self) -> Path:
        """The configuration file."""
        return self.folder / "shop.toml"

    @property
    def context(self) -> Context:
        """What the commands share, with this provider in the place of the real one."""
        context = Context(str(self.config))
        context.keyring = Keyring(context.settings, SystemClock(), self.provider.provider_of)
        return context

    @property
    def mailbox(self) -> Mailbox:
        """As configured."""
        return self.settings.mailboxes[0]

    @property
    def credentials(self) -> Credentials:
        """Who logs in."""
        return self.keyring.credentials(self.mailbox)

    def log_in(self) -> None:
        """Do what the command does in the end."""
        file, client = self.keyring.file(self.mailbox), self.keyring.client(self.mailbox)
        token = login_token(client, Answer(self.provider.log_in()), self.clock.now())
        with file.locked():
            file.write(token)

    def read_mail(self, **changes: Any) -> int:
        """Log in at the IMAP server and count the mail."""
        endpoint = replace(self.account.endpoint, **changes)
        with closing(connect(endpoint, self.credentials, timeout=10)) as mailbox:
            return mailbox.open("INBOX").exists

    def send_mail(self) -> Attempt:
        """Log in at the SMTP server and hand over a mail."""
        server = self.mailbox.smtp.endpoint()
        with closing(SmtpSubmission(server, self.credentials, lambda _: True)) as submission:
            return submission.send(sender="shop@shop.example", recipient=OWNER, content=MAIL)

    def service(self) -> Service:
        """The whole service, as the program builds it."""
        around = Surroundings(clock=self.clock, provider_of=self.provider.provider_of)
        return build_service(self.settings, around)

    def stages(self) -> list[Stage]:
        """What the SMTP server was asked."""
        return [stage for _, stage in self.smtp.stages]

    def require_silence(self, told: str) -> None:
        """Nothing that the provider handed out stands in what was told."""
        assert not [secret for secret in self.provider.secrets() if secret in told]


@pytest.fixture(scope="module")
def oauth_provider() -> Iterator[TokenServer]:
    """The token server that Dovecot asks."""
    with running_token_server() as server:
        yield server


@pytest.fixture(scope="module")
def oauth_dovecot(certificate: Certificate, oauth_provider: TokenServer) -> Iterator[Dovecot]:
    """A Dovecot that takes access tokens."""
    with running_dovecot(certificate, introspection_url=f"{oauth_provider.url}/introspect") as server:
        yield server


@pytest.fixture
def oauth_shop(tmp_path: Path, oauth_provider: TokenServer, oauth_dovecot: Dovecot) -> Iterator[OauthShop]:
    """A shop whose owner has just logged in, at a provider that rotates refresh tokens."""
    with running_smtp(auth=True) as smtp, running_smtp() as other:
        smtp.owner_of = oauth_provider.owner_of
        account = oauth_dovecot.account()
        oauth_provider.username, oauth_provider.rotates = account.credentials.username, True
        oauth_provider.asked.clear()
        oauth_provider.introspected.clear()
        shop = OauthShop(tmp_path, oauth_provider, account, smtp, other)
        shop.configure()
        shop.log_in()
        yield shop
        account.close()
