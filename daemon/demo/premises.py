"""The shop's folder: a real configuration file, the password's file, later the database and the log."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from daemon.demo.mails import AUTHSERV_ID, SHOP_ADDRESS

if TYPE_CHECKING:
    from pathlib import Path

    from daemon.demo.chat import Chat
    from daemon.demo.servers import Provider
    from daemon.ports import Endpoint

SHOP_NAME = "まい商店"
OWNER_ADDRESS = "owner@shop.example"
AGENT_ADDRESS = "warehouse@agent.example"
ALERT_TIMES = ("12:00", "17:00")
OPENING, CLOSING = "10:00", "20:00"

_CONFIGURATION = """\
database_url = "sqlite:///sokuresu.db"

[shop]
name = "{shop}"
owner_email = "{owner}"
timezone = "Asia/Tokyo"
language = "ja"
opening_time = "{opening}"
closing_time = "{closing}"
closed_on = ["sat", "sun", "public"]

[alerts]
times = [{times}]
quiet_hours = "23:00-07:00"
webhook_url_file = "webhook"

[[mailbox]]
name = "main"
address = "{address}"
password_file = "password"
poll_interval = "1s"
imap = {imap}
smtp = {smtp}
authserv_id = "{authserv_id}"

[[shipping_agent]]
address = "{agent}"
name = "発送代行センター"
"""


@dataclass(frozen=True, slots=True)
class Premises:
    """Where the shop keeps its files.

    Attributes:
        folder: a private folder.
    """

    folder: Path

    @property
    def configuration(self) -> Path:
        """The configuration file."""
        return self.folder / "sokuresu.toml"

    @property
    def log(self) -> Path:
        """Where the service writes its log."""
        return self.folder / "sokuresu.log"

    def kept(self) -> dict[str, bytes]:
        """Everything that lies in the folder, by the files' names."""
        return {path.name: path.read_bytes() for path in self.folder.iterdir() if path.is_file()}

    def furnish(self, provider: Provider, chat: Chat) -> None:
        """Write the configuration for these servers, the password and the chat's address beside it."""
        text = _CONFIGURATION.format(
            shop=SHOP_NAME,
            owner=OWNER_ADDRESS,
            opening=OPENING,
            closing=CLOSING,
            times=", ".join(f'"{time}"' for time in ALERT_TIMES),
            address=SHOP_ADDRESS,
            imap=_server(provider.imap),
            smtp=_server(provider.smtp),
            authserv_id=AUTHSERV_ID,
            agent=AGENT_ADDRESS,
        )
        self.configuration.write_text(text, "utf-8")
        _write_private(self.folder / "password", provider.credentials.password)
        _write_private(self.folder / "webhook", chat.url)


def _server(endpoint: Endpoint) -> str:
    return f'{{ host = "{endpoint.host}", port = {endpoint.port}, security = "{endpoint.security}" }}'


def _write_private(path: Path, text: str) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
