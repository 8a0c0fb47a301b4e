"""A private certificate authority for loopback servers, made with openssl."""

from __future__ import annotations

import contextlib
import shutil
import ssl
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.beds.processes import missing

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True, slots=True)
class Certificate:
    """A server's certificate for ``localhost`` and 127.0.0.1, and the authority behind it.

    Attributes:
        ca_file: what a client must trust.
        chain: the server's certificate.
        key: the server's private key.
    """

    ca_file: Path
    chain: Path
    key: Path

    def server_context(self) -> ssl.SSLContext:
        """A context for a server that shows this certificate."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.chain, self.key)
        return context


def _openssl(folder: Path, *arguments: str) -> None:
    subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)


def make_certificate(folder: Path, names: str = "DNS:localhost,IP:127.0.0.1") -> Certificate:
    """Make an authority and a certificate for these names in that folder; they hold for ten days."""
    curve = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "10")
    _openssl(
        folder,
        "req", "-x509", *curve, "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=sokuresu test authority",
        "-addext", "keyUsage=critical,keyCertSign,cRLSign",
    )  # fmt: skip
    _openssl(
        folder,
        "req", "-x509", *curve, "-keyout", "server.key", "-out", "server.pem",
        "-subj", "/CN=sokuresu test server", "-CA", "ca.pem", "-CAkey", "ca.key",
        "-addext", f"subjectAltName={names}",
        "-addext", "basicConstraints=critical,CA:FALSE",
    )  # fmt: skip
    return Certificate(folder / "ca.pem", folder / "server.pem", folder / "server.key")


def make_expired(certificate: Certificate) -> Certificate:
    """A certificate of the same authority for the same server whose last day is over."""
    folder = certificate.ca_file.parent
    _openssl(
        folder,
        "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
        "-keyout", "expired.key", "-out", "expired.csr", "-subj", "/CN=sokuresu test server",
    )  # fmt: skip
    (folder / "expired.cnf").write_text(
        "subjectAltName=DNS:localhost,IP:127.0.0.1\nbasicConstraints=CA:FALSE\n"
    )
    _openssl(
        folder,
        "x509", "-req", "-in", "expired.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-days", "-1",
        "-extfile", "expired.cnf", "-out", "expired.pem",
    )  # fmt: skip
    return Certificate(certificate.ca_file, folder / "expired.pem", folder / "expired.key")


@contextlib.contextmanager
def temporary_certificate(names: str = "DNS:localhost,IP:127.0.0.1") -> Iterator[Certificate]:
    """A certificate in a temporary folder, removed with the block."""
    if shutil.which("openssl") is None:
        missing("openssl is missing: apt-get install openssl")
    with tempfile.TemporaryDirectory(prefix="sokuresu-tls-") as folder:
        yield make_certificate(Path(folder), names)


@pytest.fixture(scope="session")
def certificate() -> Iterator[Certificate]:
    """The certificate that the test servers show."""
    with temporary_certificate() as made:
        yield made


@pytest.fixture(scope="session")
def expired_certificate(certificate: Certificate) -> Certificate:
    """What a server shows whose owner forgot to renew it."""
    return make_expired(certificate)
