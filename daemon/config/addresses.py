"""Read mail addresses, hosts and ports. Each reader says what it wants."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import PlainValidator

from daemon.config.readers import whole_number
from daemon.config.sentences import not_usable
from daemon.recipients import is_plain_address
from parsers.authenticity import NO_AUTHSERV_ID

_HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.:-]{0,252}[A-Za-z0-9])?")


def read_address(value: object) -> str:
    """One plain mail address."""
    if not isinstance(value, str) or not is_plain_address(value):
        raise not_usable(
            value, '"name@shop.example" の形のメールアドレス', 'a mail address such as "name@shop.example"'
        )
    return value


def read_sender(value: object) -> str:
    """A mail address to compare with, in lower case."""
    return read_address(value).lower()


def read_host(value: object) -> str:
    """A host's name or address, without port or scheme."""
    if not isinstance(value, str) or not _HOST.fullmatch(value):
        raise not_usable(value, '"mail.shop.example" のようなホスト名', 'a host such as "mail.shop.example"')
    return value


def read_authserv_id(value: object) -> str:
    """Whose Authentication-Results is believed; ``(none)`` for Microsoft 365, which names nobody."""
    return NO_AUTHSERV_ID if value == NO_AUTHSERV_ID else read_host(value)


Address = Annotated[str, PlainValidator(read_address)]
Sender = Annotated[str, PlainValidator(read_sender)]
Host = Annotated[str, PlainValidator(read_host)]
Port = Annotated[int, PlainValidator(whole_number(1, 65535))]
