"""A shop to measure: its configuration as a seller would write it, in a temporary folder."""

from __future__ import annotations

import contextlib
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from daemon.log import configure
from tests.unit.parsers.mails import HOST

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from daemon.config import Settings
    from daemon.ports import Credentials, Endpoint

_SHOP = """
database_url = "sqlite:///sokuresu.db"
[shop]
name = "まい商店"
owner_email = "owner@shop.example"
[acknowledge]
enabled = {enabled}
cool_down = "0s"
hourly_cap = 1000
"""

_MAILBOX = """
[[mailbox]]
name = "box{number}"
address = "shop@shop.example"
username = "{username}"
password_file = "password"
authserv_id = "{host}"
save_sent = "never"
imap = {imap}
smtp = {smtp}
"""


@contextlib.contextmanager
def working_folder() -> Iterator[Path]:
    """A temporary folder for a database and a log."""
    with tempfile.TemporaryDirectory(prefix="sokuresu-bench-") as name:
        folder = Path(name)
        with (folder / "log").open("w", encoding="utf-8") as log:
            configure(log)
            yield folder
        configure()


def write_configuration(
    folder: Path,
    accounts: Sequence[tuple[Endpoint, Credentials]],
    smtp: Endpoint,
    *,
    acknowledge: bool = True,
) -> Path:
    """Write the configuration of a shop with these mail accounts, which share one password; tell where."""
    (folder / "password").write_text(accounts[0][1].password, encoding="utf-8")
    boxes = (
        _MAILBOX.format(
            number=number,
            username=credentials.username,
            host=HOST,
            imap=_table(endpoint),
            smtp=_table(smtp),
        )
        for number, (endpoint, credentials) in enumerate(accounts, 1)
    )
    path = folder / "sokuresu.toml"
    path.write_text(_SHOP.format(enabled=str(acknowledge).lower()) + "".join(boxes), encoding="utf-8")
    return path


def settings_of(path: Path) -> Settings:
    """The configuration, read as the program reads it."""
    from daemon.config import load

    return load(path)


def _table(endpoint: Endpoint) -> str:
    authority = f', ca_file = "{endpoint.ca_file}"' if endpoint.ca_file else ""
    return (
        f'{{ host = "{endpoint.host}", port = {endpoint.port}, security = "{endpoint.security}"{authority} }}'
    )
