"""Attacks on mail whose sender is what matters: a shipping agent's, and one that carries a signature."""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING

from parsers.agent_mail import read_agent_mail
from parsers.mime import parse_mime
from parsers.parts import MAX_PARTS
from parsers.signatures import SIGNATURES_READ, check
from parsers.values import Authenticity, KeyUnavailable, Trust
from tests.fuzz.corpus import COMMITTED
from tests.fuzz.oracle import header_fields, is_near, may_be_proven
from tests.fuzz.promises import assert_one_line, assert_storable

if TYPE_CHECKING:
    from collections.abc import Callable

    from parsers.mime import Mail

HOST = "mx.shop.example"
LONGEST_TEXT = 200_000
RECEIVED = datetime(2026, 11, 17, 1, 30, tzinfo=UTC)
KEY = (
    b"v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQC9hYFhlfkDhYFVHKCoXnGXQ+hpwAOXCHPi"
    b"DErEpPTlRjLzKQlxmbLtRwOT//PbKdLXnE/KPRjkyQ30Lq2yIa+MBqAtrye/Rfvi79GjWbrhF/sfExIx5PNXiF66Ic"
    b"EqtvPX6BfHSG6ChtQBXINh5eoBIeciwVFgGpCghhhNZJXXAwIDAQAB"
)
"""Publishes the key of the signed inputs; nobody has its other half, so that nothing else can be signed."""

_KEY_NAME = "s2026._domainkey.amazon.co.jp"
_NO_DIGIT = re.compile(r"[^0-9]")
_SPACE = re.compile(r"\s+")


def attack_agents(content: bytes) -> None:
    """What an agent wrote is a beginning of the text, and no order number is made up."""
    mail = read_agent_mail(content, Trust(HOST))
    assert mail.full_text.strip().startswith(mail.text)
    assert bool(mail.text) == bool(mail.full_text.strip())
    assert len(mail.full_text) <= LONGEST_TEXT
    for text in (mail.text, mail.full_text, mail.reason):
        assert_storable(text)
    for line in (mail.envelope.subject, *mail.attachments):
        assert_one_line(line)
    assert len(mail.attachments) <= 2 * MAX_PARTS
    assert mail.reason
    digits = _digits(f"{mail.envelope.subject}\n{mail.full_text}")
    assert all(_digits(one) in digits for one in mail.order_ids)
    assert len(set(mail.order_ids)) == len(mail.order_ids)
    _assert_proven(content)


def _digits(text: str) -> str:
    return _NO_DIGIT.sub("", unicodedata.normalize("NFKC", text))


def _assert_proven(content: bytes) -> None:
    """An agent is believed by the trusted host's word alone."""
    mail = read_agent_mail(content, Trust(HOST))
    if mail.authenticity is Authenticity.PASS:
        sender = (mail.envelope.from_address or "").rpartition("@")[2]
        assert may_be_proven(content, HOST, sender)
    assert read_agent_mail(content, Trust()).authenticity is Authenticity.NONE
    denied = f"Authentication-Results: {HOST}; dkim=fail; dmarc=fail\n".encode()
    assert read_agent_mail(denied + content, Trust(HOST)).authenticity is not Authenticity.PASS


def attack_signatures(content: bytes) -> None:
    """A proven mail says what was signed, and nothing else can be proven without the key."""
    mail = parse_mime(content)
    asked: list[str] = []
    verdict, why = check(content, mail, _zone(content, asked), RECEIVED)
    assert_one_line(why)
    assert why
    sender = (mail.sender or "").rpartition("@")[2]
    assert len(asked) <= SIGNATURES_READ
    assert all(is_near(name.partition("._domainkey.")[2], sender) for name in asked)
    if verdict is Authenticity.PASS:
        assert _what_it_says(mail) in _signed()
    assert check(content, mail, _dead, RECEIVED)[0] is Authenticity.NONE
    assert check(content, mail, lambda _name: None, RECEIVED)[0] is Authenticity.NONE


def _zone(content: bytes, asked: list[str]) -> Callable[[str], bytes | None]:
    """Answers with the real key under its name, else with what the mail itself claims to be one."""
    claimed = next((value.encode() for name, value in header_fields(content) if name == "x-key"), None)

    def answer(name: str) -> bytes | None:
        asked.append(name)
        return KEY if name == _KEY_NAME else claimed

    return answer


def _dead(_name: str) -> bytes | None:
    raise KeyUnavailable


@cache
def _signed() -> frozenset[tuple[object, ...]]:
    """What the mails say that were really signed."""
    files = (COMMITTED / "signatures").glob("signed-*.eml")
    return frozenset(_what_it_says(parse_mime(file.read_bytes())) for file in files)


def _what_it_says(mail: Mail) -> tuple[object, ...]:
    """All of it that is acted upon; blanks do not count, for canonical forms change them."""
    envelope = mail.envelope
    texts = (envelope.subject, mail.reply_to or "", mail.plain or "", mail.html or "")
    bare = (_SPACE.sub("", text) for text in texts)
    return (mail.sender, envelope.message_id, envelope.date, envelope.to_addresses, *bare)
