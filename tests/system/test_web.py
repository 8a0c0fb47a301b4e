"""The review desk as a process: from the first start to its end, as a person and systemd see it."""

from __future__ import annotations

import re
import signal
import socket
import ssl
import subprocess
import sys
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import httpx2
import pytest
from click.testing import CliRunner
from sqlalchemy import text

from daemon.cli import main
from state.engine import open_engine
from state.migrations import upgrade
from tests.beds.certificates import certificate
from tests.beds.processes import LOOPBACK, free_port
from tests.system.shop_under_test import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["certificate"]

PASSWORD = "a long enough one"
SERVER = '{ host = "127.0.0.1", port = 9, security = "none" }'


@dataclass
class Place:
    """A shop whose service ran once, with a desk.

    Attributes:
        folder: holds the configuration and the database.
        port: where the desk listens.
    """

    folder: Path
    port: int

    @property
    def config(self) -> Path:
        """The configuration."""
        return self.folder / "shop.toml"

    def configure(self, web: str = "") -> None:
        """Write it."""
        self.config.write_text(
            'database_url = "sqlite:///shop.db"\n'
            '[shop]\nname = "まい商店"\nowner_email = "owner@shop.example"\n'
            f'[web]\nport = {self.port}\n{web}\n[[mailbox]]\nname = "main"\naddress = "shop@shop.example"\n'
            f'password_file = "nobody-reads-this"\nimap = {SERVER}\nsmtp = {SERVER}\n',
            "utf-8",
        )

    def call(self, *arguments: str):
        """Call the command inside this process."""
        return CliRunner().invoke(main, ["--config", str(self.config), "web", *arguments])

    @contextmanager
    def opened(self, **surroundings: str) -> Iterator[subprocess.Popen[str]]:
        """The desk as a process of its own, which never outlives the block."""
        command = [sys.executable, "-m", "daemon.cli", "--config", str(self.config), "web"]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        with subprocess.Popen(command, cwd=ROOT, text=True, env=surroundings, **pipes) as process:
            try:
                yield process
            finally:
                process.kill()


@pytest.fixture
def place(tmp_path):
    """A shop with an empty database."""
    engine = open_engine(f"sqlite:///{tmp_path / 'shop.db'}")
    upgrade(engine)
    engine.dispose()
    here = Place(tmp_path, free_port())
    here.configure()
    return here


def announced(process):
    """What it says until the link has come."""
    said = []
    while not re.search(r"token=|パスワードはまだ", said[-1] if said else ""):
        said.append(process.stdout.readline())
        assert said[-1], process.stderr.read()
    return "".join(said)


def ended(process):
    """How it ended and what it wrote besides, after systemd asked it to."""
    process.send_signal(signal.SIGTERM)
    out, err = process.communicate(timeout=60)
    return process.returncode, out + err


def test_from_the_first_start_to_the_end(place, tmp_path):
    """The link on the console sets the password, the door opens, SIGTERM ends it; no secret is in its log."""
    origin = f"http://{LOOPBACK}:{place.port}"
    with closing(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)) as listener:
        listener.bind(str(tmp_path / "notify"))
        listener.settimeout(60)
        with place.opened(NOTIFY_SOCKET=str(tmp_path / "notify")) as process:
            link = re.search(r"http://\S+token=(\S+)", announced(process))
            assert link is not None
            assert listener.recv(100) == b"READY=1"
            with httpx2.Client(base_url=origin, headers={"origin": origin}, timeout=30) as browser:
                assert browser.get(link[0]).status_code == 200
                form = {"token": link[1], "password": PASSWORD, "again": PASSWORD}
                assert browser.post("/setup", data=form).headers["location"] == "/?done=password_set"
                browser.cookies.clear()
                assert browser.post("/login", data={"password": PASSWORD}).headers["location"] == "/"
                page = browser.get("/", headers={"x-forwarded-for": "198.51.100.1"})
            assert (page.status_code, "まい商店" in page.text) == (200, True)
            assert "server" not in page.headers
            status, written = ended(process)
            assert listener.recv(100) == b"STOPPING=1"
    assert (status, written) == (0, "")


def test_with_a_certificate_of_its_own(place, certificate):
    """Over HTTPS, and where systemd started it no link goes into the journal."""
    place.configure(f'certificate_file = "{certificate.chain}"\nkey_file = "{certificate.key}"')
    with place.opened(INVOCATION_ID="x") as process:
        assert "token=" not in announced(process)
        context = ssl.create_default_context(cafile=str(certificate.ca_file))
        with httpx2.Client(base_url=f"https://localhost:{place.port}", verify=context, timeout=30) as browser:
            assert "strict-transport-security" in browser.get("/login").headers
        assert ended(process)[0] == 0


def test_a_link_is_made_beside_a_running_desk(place):
    """Each one anew; nothing else is started."""
    first, second = (place.call("--invite") for _ in range(2))
    links = [re.search(r"token=(\S{43})", one.output) for one in (first, second)]
    assert links[0][1] != links[1][1]
    assert "1時間以内に1回だけ" in first.output


def test_what_keeps_it_from_starting_is_told_in_a_sentence(place):
    """A port that is taken, a place that is open to all, a database that is old or not there."""
    with socket.create_server((LOOPBACK, place.port)):
        taken = place.call()
    assert (taken.exit_code, "使用中です" in taken.output) == (1, True)
    for options, said in (
        (["--listen", "192.0.2.1"], "open_without_tls = true"),
        (["--listen", "0.0.0.0"], "address"),
        (["--port", "0"], "1 から 65535"),
        (["--listen", "shop.example"], "127.0.0.1"),
    ):
        result = place.call(*options)
        assert (result.exit_code, said in result.output) == (2, True), result.output
    unreachable = place.call("--listen", "192.0.2.1", "--open-without-tls")
    assert (unreachable.exit_code, "待ち受けられません" in unreachable.output) == (1, True)
    engine = open_engine(f"sqlite:///{place.folder / 'shop.db'}")
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0004'"))
    old = place.call()
    assert (old.exit_code, "サービスを再起動" in old.output) == (1, True), old.output
    engine.dispose()
    (place.folder / "shop.db").unlink()
    assert "まだ記録がありません" in place.call().output
    assert not (place.folder / "shop.db").exists()


def test_a_certificate_that_cannot_be_used_is_told(place, certificate):
    """Missing, without its key, or no certificate at all; nobody is asked for a passphrase."""
    for web in (
        'certificate_file = "nothing.pem"',
        f'certificate_file = "{certificate.chain}"',
        f'certificate_file = "{place.config}"',
    ):
        place.configure(web)
        result = place.call()
        assert (result.exit_code, "web › certificate_file" in result.output) == (2, True), result.output
