"""A private PostgreSQL cluster in a temporary folder, on loopback, with a fresh database for every test."""

from __future__ import annotations

import contextlib
import itertools
import os
import shutil
import signal
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.beds.processes import (
    LOOPBACK,
    Account,
    as_account,
    free_port,
    missing,
    ordinary_account,
    private_folder,
    running,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    import psycopg

MISSING = "PostgreSQL is missing: apt-get install postgresql"


@dataclass(slots=True)
class Postgres:
    """A running cluster.

    Attributes:
        port: where it listens on 127.0.0.1.
        user: its only role, without a password: the folder and loopback are private to the test.
    """

    port: int
    user: str = "sokuresu"
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def fresh_database(self) -> str:
        """Create an empty UTF-8 database.

        Returns:
            Its address for SQLAlchemy with psycopg 3.
        """
        name = f"test_{next(self._numbers)}"
        with self._connect() as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'".encode())
        return f"postgresql+psycopg://{self.user}@{LOOPBACK}:{self.port}/{name}"

    def drop(self, url: str) -> None:
        """Remove that database, even if somebody is still connected to it."""
        name = url.rpartition("/")[2]
        with self._connect() as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())

    def cut_connections(self, url: str) -> None:
        """End every connection to that database, as a restarted server does."""
        name = url.rpartition("/")[2]
        with self._connect() as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (name,)
            )

    def answers(self) -> bool:
        """Whether it takes connections."""
        import psycopg

        with contextlib.suppress(psycopg.OperationalError):
            self._connect().close()
            return True
        return False

    def _connect(self) -> psycopg.Connection:
        import psycopg

        return psycopg.connect(
            host=LOOPBACK,
            port=self.port,
            user=self.user,
            dbname="postgres",
            autocommit=True,
            connect_timeout=30,
        )


def programs() -> Path | None:
    """The folder of PostgreSQL's programs: of the PATH, else Debian's newest."""
    on_path = shutil.which("initdb")
    if on_path:
        return Path(on_path).resolve().parent
    found = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    versions = sorted(found, key=lambda path: int(path.parts[-3]))
    return versions[-1].parent if versions else None


def _make_cluster(binaries: Path, folder: Path, account: Account) -> None:
    command = [
        str(binaries / "initdb"), "--pgdata", str(folder / "data"), "--username", "sokuresu",
        "--auth", "trust", "--encoding", "UTF8", "--locale", "C", "--no-sync", "--no-instructions",
    ]  # fmt: skip
    subprocess.run(
        as_account(account, command),
        check=True,
        capture_output=True,
        cwd=folder,
        env=os.environ | {"HOME": str(folder)},
    )


def _server_command(binaries: Path, folder: Path, port: int, *, durable: bool) -> list[str]:
    settings = {
        "listen_addresses": LOOPBACK,
        "unix_socket_directories": "",
        "port": str(port),
        "max_connections": "60",
        "shared_buffers": "32MB",
        "timezone": "UTC",
    }
    if not durable:
        settings |= {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}
    options = [option for name, value in settings.items() for option in ("-c", f"{name}={value}")]
    return [str(binaries / "postgres"), "-D", str(folder / "data"), *options]


@contextlib.contextmanager
def running_postgres(*, durable: bool = False) -> Iterator[Postgres]:
    """Run a private cluster; it ends with the block.

    Args:
        durable: write to the disk for certain, as in production; for benchmarks.
    """
    binaries = programs()
    if binaries is None:
        missing(MISSING)
    account = ordinary_account()
    with private_folder(account, "postgres") as folder:
        _make_cluster(binaries, folder, account)
        postgres = Postgres(free_port())
        command = _server_command(binaries, folder, postgres.port, durable=durable)
        # SIGINT is PostgreSQL's fast shutdown: it does not wait for clients.
        wrapped = as_account(account, command, death="INT")
        with running(wrapped, folder / "log", stop_signal=signal.SIGINT) as server:
            server.await_ready(postgres.answers)
            yield postgres


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """One cluster for the whole run."""
    with running_postgres() as cluster:
        yield cluster


@pytest.fixture
def postgres_url(postgres: Postgres) -> Iterator[str]:
    """A fresh, empty PostgreSQL database."""
    url = postgres.fresh_database()
    yield url
    postgres.drop(url)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A fresh, empty database, once of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'sokuresu.db'}"
    url: str = request.getfixturevalue("postgres_url")
    return url
