"""Where the desk listens: only this machine, or with TLS, or because somebody said so."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

import pytest

from daemon.config import load
from daemon.errors import ConfigurationError
from daemon.web.server import _tls
from tests.beds.certificates import certificate
from tests.unit.test_config import GOOD, folder, write

if TYPE_CHECKING:
    from pathlib import Path

    from daemon.config.web import Web

__all__ = ["certificate", "folder"]


def read(folder: Path, web: str, **given: object) -> Web:
    """The table as it is understood."""
    return load(write(folder, f"{GOOD}\n[web]\n{web}"), secrets=False, web=given).web


def refused(folder: Path, web: str) -> str:
    """What is said of a table that cannot be used; one fault, in both languages."""
    with pytest.raises(ConfigurationError) as caught:
        read(folder, web)
    (sentence,) = caught.value.faults
    assert " / " in sentence
    return sentence


def test_it_listens_on_this_machine_alone_unless_told_otherwise(folder):
    """By its address and by its name, and nothing else."""
    web = load(write(folder, GOOD), secrets=False).web
    assert (web.listen, web.port, web.secure) == ("127.0.0.1", 8725, False)
    assert web.origins == {"http://127.0.0.1:8725", "http://localhost:8725"}
    assert web.home == "http://127.0.0.1:8725"


@pytest.mark.parametrize(
    ("table", "origins"),
    [
        ('listen = "localhost"\nport = 80', {"http://127.0.0.1", "http://localhost"}),
        ('listen = "::1"', {"http://[::1]:8725", "http://localhost:8725"}),
        ('address = "https://Desk.Shop.example/"', {"https://desk.shop.example"}),
        ('address = "https://desk.shop.example:443"', {"https://desk.shop.example"}),
        ('address = "https://desk.shop.example:8443"', {"https://desk.shop.example:8443"}),
        ('listen = "192.0.2.1"\ncertificate_file = "c.pem"', {"https://192.0.2.1:8725"}),
        ('listen = "192.0.2.1"\nopen_without_tls = true', {"http://192.0.2.1:8725"}),
        (
            'listen = "0.0.0.0"\naddress = "http://desk.local:8725"\nopen_without_tls = true',
            {"http://desk.local:8725"},
        ),
    ],
)
def test_by_which_addresses_it_is_reached(folder, table, origins):
    """As browsers write them."""
    web = read(folder, table)
    assert web.origins == origins
    assert web.secure == all(one.startswith("https:") for one in origins)


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ('listen = "192.0.2.1"', "open_without_tls = true"),
        ('listen = "192.0.2.1"\naddress = "https://desk.shop.example"', "without encryption"),
        ('listen = "::"\naddress = "https://desk.shop.example"', "without encryption"),
        ('listen = "0.0.0.0"\nopen_without_tls = true', "write how people reach the desk"),
        ('listen = "::"\ncertificate_file = "c.pem"', "write how people reach the desk"),
        ('address = "http://desk.shop.example"', "https://"),
        ('address = "desk.shop.example"', "an address without a path"),
        ('address = "https://desk.shop.example/desk"', "an address without a path"),
        ('address = "https://me:x@desk.shop.example"', "an address without a path"),
        ('address = "https://desk.shop.example:99999"', "an address without a path"),
        ('address = "https://[::1"', "an address without a path"),
        ('address = "https://レビュー.example"', "an address without a path"),
        ('address = "ftp://desk.shop.example"', "an address without a path"),
        ("address = 1", "an address without a path"),
        ('listen = "desk.shop.example"', "an IP address"),
        ("listen = 1", "an IP address"),
        ("port = 70000", "65535"),
        ('key_file = "k.pem"', "certificate_file"),
        ('open_without_tls = "yes"', "true or false"),
        ("listn = 1", "did you mean listen?"),
    ],
)
def test_what_cannot_be_used_is_told(folder, table, said):
    """In one sentence that says what to write."""
    assert said in refused(folder, table)


def test_what_the_command_is_given_goes_before_the_file(folder):
    """And is judged like it; a table that is none is still told."""
    assert read(folder, "port = 1", port=2).port == 2
    with pytest.raises(ConfigurationError, match="open_without_tls"):
        read(folder, "port = 1", listen="192.0.2.1")
    with pytest.raises(ConfigurationError, match="this is a table"):
        load(write(folder, f"web = 1\n{GOOD}"), secrets=False, web={"port": 2})


def test_its_own_tls_is_of_today(folder, certificate):
    """1.2 or newer."""
    web = read(folder, f'certificate_file = "{certificate.chain}"\nkey_file = "{certificate.key}"')
    context = _tls(web)
    assert context is not None
    assert context.minimum_version == ssl.TLSVersion.TLSv1_2
    assert _tls(read(folder, "")) is None
