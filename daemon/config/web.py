"""Where the review desk listens, by which address people reach it, and how the way there is protected."""

# Pydantic reads the annotations of this module while the program runs, so they are not postponed.

import ipaddress
import re
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import Field, PlainValidator, ValidationInfo, field_validator

from daemon.config.addresses import Port
from daemon.config.readers import Flag, around, read_text
from daemon.config.sentences import fault, not_usable
from daemon.config.table import Table
from daemon.loopback import is_loopback

_NAME = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,252}[a-z0-9])?")
_USUAL = {"http": 80, "https": 443}


def read_listen(value: object) -> str:
    """An address of this machine; a name could come to mean another one."""
    text = "127.0.0.1" if value == "localhost" else value
    try:
        return str(ipaddress.ip_address(text if isinstance(text, str) else ""))
    except ValueError:
        raise not_usable(
            value, '"127.0.0.1" のようなIPアドレス', 'an IP address such as "127.0.0.1"'
        ) from None


def read_origin(value: object) -> str:
    """A scheme, a host and maybe a port, in the form in which browsers tell where a page came from."""
    found = _origin(value) if isinstance(value, str) and value.isascii() else None
    if found is None:
        raise not_usable(
            value,
            '"https://desk.shop.example" のような、パスのないアドレス',
            'an address without a path, such as "https://desk.shop.example"',
        )
    return found


def _origin(text: str) -> str | None:
    try:
        parts = urlsplit(text.lower())
        port = parts.port
    except ValueError:
        return None
    host = parts.hostname or ""
    plain = parts.path in ("", "/") and not (parts.query or parts.fragment or "@" in parts.netloc)
    if parts.scheme not in _USUAL or not plain or not _is_host(host):
        return None
    return origin_of(parts.scheme, host, port or _USUAL[parts.scheme])


def _is_host(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return _NAME.fullmatch(host) is not None
    return True


def origin_of(scheme: str, host: str, port: int) -> str:
    """An origin as browsers write it: the usual port is left out, an address of IPv6 stands in brackets."""
    place = f"[{host}]" if ":" in host else host
    return f"{scheme}://{place}" + ("" if port == _USUAL[scheme] else f":{port}")


def read_path(value: object, info: ValidationInfo) -> Path:
    """Where a file is; only the desk reads it."""
    return around(info).path(read_text(value))


class Web(Table):
    """The review desk.

    Attributes:
        listen: the address of this machine that it listens on.
        port: and the port.
        address: how people reach it, where that is not the same; a proxy may stand before it.
        certificate_file: a chain of certificates (PEM), for TLS of its own.
        key_file: the private key, where it does not stand in the same file.
        open_without_tls: it may be reached from other machines in the clear.
    """

    listen: Annotated[str, PlainValidator(read_listen)] = "127.0.0.1"
    port: Port = 8725
    address: Annotated[str, PlainValidator(read_origin)] | None = None
    certificate_file: Annotated[Path, PlainValidator(read_path)] | None = None
    key_file: Annotated[Path, PlainValidator(read_path)] | None = None
    open_without_tls: Flag = Field(default=False, validate_default=True)

    @field_validator("key_file")
    @classmethod
    def _check_certificate(cls, key: Path | None, info: ValidationInfo) -> Path | None:
        if key is not None and info.data.get("certificate_file", key) is None:
            raise fault(
                "key_file だけでは使えません。certificate_file も書いてください。",
                "key_file needs certificate_file beside it.",
            )
        return key

    @field_validator("open_without_tls")
    @classmethod
    def _check_way(cls, is_open: bool, info: ValidationInfo) -> bool:
        """Passwords and buyers' words do not travel in the clear unless somebody says so."""
        if {"listen", "address", "certificate_file"} <= info.data.keys():
            _check_name(info.data["listen"], info.data["address"])
            if not is_open:
                _check_protection(
                    **{key: info.data[key] for key in ("listen", "address", "certificate_file")}
                )
        return is_open

    @property
    def origins(self) -> frozenset[str]:
        """By which addresses people reach the desk, as browsers write them."""
        if self.address is not None:
            return frozenset({self.address})
        names = [self.listen, *(["localhost"] if is_loopback(self.listen) else [])]
        return frozenset(origin_of(self._scheme, name, self.port) for name in names)

    @property
    def home(self) -> str:
        """The address to show."""
        return self.address or origin_of(self._scheme, self.listen, self.port)

    @property
    def secure(self) -> bool:
        """Whether it is reached by HTTPS alone."""
        return self.home.startswith("https:")

    @property
    def _scheme(self) -> str:
        return "http" if self.certificate_file is None else "https"


def _check_name(listen: str, address: str | None) -> None:
    if address is None and ipaddress.ip_address(listen).is_unspecified:
        raise fault(
            f"listen が {listen} なら、使うアドレスを address に書いてください"
            ' (例 "https://desk.shop.example")。書かないと、なりすましの名前を見分けられません。',
            f'with listen = "{listen}" write how people reach the desk as address, such as'
            ' "https://desk.shop.example"; without it a false name cannot be told.',
        )


def _check_protection(listen: str, address: str | None, certificate_file: Path | None) -> None:
    if not is_loopback(listen) and certificate_file is None:
        raise fault(
            f"{listen} では、ほかの機械から暗号化なしで届いてしまいます。certificate_file を書くか、"
            "127.0.0.1 のまま TLS のプロキシを前に置いてください。承知の上なら open_without_tls = true。",
            f"on {listen} other machines would reach the desk without encryption: write certificate_file, or"
            " stay on 127.0.0.1 behind a proxy with TLS. If you do want that: open_without_tls = true.",
        )
    if address is not None and address.startswith("http:") and not is_loopback(_host_of(address)):
        raise fault(
            f"{address} は暗号化されません。https:// で始まるものにしてください。"
            "承知の上なら open_without_tls = true。",
            f"{address} is not encrypted; write one that begins with https://."
            " If you do want that: open_without_tls = true.",
        )


def _host_of(address: str) -> str:
    return urlsplit(address).hostname or ""
