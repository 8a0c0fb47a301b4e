"""Mails that try to pass for Amazon's: really signed, then tampered with as a forger could."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from parsers.values import Authenticity
from tests.beds.post import buyer, dated
from tests.beds.signing import AMAZON_SIGNS, sign, zone_of
from tests.unit.parsers.mails import HOST, encoded
from tests.unit.state.examples import local

if TYPE_CHECKING:
    from datetime import datetime

    from tests.beds.signing import Zone

CAME = local("2026-11-17 10:30")
"""When all of them come, and when the genuine one was written."""

GENUINE_ID = "genuine-000000@eu-west-1.amazonses.com"
ALIAS = buyer(1).address
EVIL = "evil.example"
OTHER_WORDS = "返金しますので、こちらへお電話ください。"


def amazon_mail(**changes: Any) -> bytes:
    """A buyer's message without any proof, as it was when Amazon signed it."""
    return dated(buyer(1, proof="none", **changes).build(), CAME, GENUINE_ID)


def on_top(content: bytes, *lines: str | bytes) -> bytes:
    """The mail with further lines above its header."""
    return b"".join((one.encode() if isinstance(one, str) else one) + b"\r\n" for one in lines) + content


def without(content: bytes, name: str) -> bytes:
    """The mail without its one-line header of that name."""
    head, blank, body = content.partition(b"\r\n\r\n")
    kept = [line for line in head.split(b"\r\n") if not line.lower().startswith(f"{name}:".encode())]
    return b"\r\n".join(kept) + blank + body


@dataclass(frozen=True, slots=True)
class Attack:
    """One trick.

    Attributes:
        name: what it is called.
        content: the mail.
        reason: part of the reason that is to be told.
        verdict: what it deserves.
        zone: what DNS answers.
        received_at: when the server took it in.
    """

    name: str
    content: bytes = field(repr=False)
    reason: str
    verdict: Authenticity = Authenticity.NONE
    zone: Zone = field(default_factory=zone_of, repr=False)
    received_at: datetime = CAME


def _changed() -> list[Attack]:
    """A signature of Amazon's on something that Amazon did not write."""
    mail, fail = sign(amazon_mail()), Authenticity.FAIL
    words = base64.encodebytes(buyer(1).text.encode())[:20]
    assert words in mail or b"base64" in mail
    body = mail[:-200] + mail[-200:].replace(b"--alt--", b"--alt--\r\nPS")
    foreign = sign(amazon_mail(text=OTHER_WORDS)).partition(b"From:")[0]
    return [
        Attack("body changed", body, "its text is not the one that was signed", fail),
        Attack("words appended", mail + b"PS", "its text is not the one that was signed", fail),
        Attack("subject changed", mail.replace(b"Subject: ", b"Subject: x"), "does not fit", fail),
        Attack("answer goes elsewhere", mail.replace(b"Reply-To: b", b"Reply-To: x"), "does not fit", fail),
        Attack("named anew", mail.replace(GENUINE_ID.encode(), b"new@x.example"), "does not fit", fail),
        Attack("dated anew", mail.replace(b"Date: Tue, 17", b"Date: Mon, 16"), "does not fit", fail),
        Attack("signature of another mail", foreign + amazon_mail(), "its text is not", fail),
        Attack("made up", sign(amazon_mail(), bits=2048), "does not fit", fail),
    ]


def _added() -> list[Attack]:
    """Headers on top of a good signature, which holds for the lowest of each name."""
    mail = sign(amazon_mail())
    twice = "a header stands in it twice: "
    bare = sign(without(amazon_mail(), "reply-to"))
    unnamed = sign(without(amazon_mail(), "message-id"))
    over = sign(amazon_mail(), headers=("from", *AMAZON_SIGNS))
    return [
        Attack("a subject on top", on_top(mail, f"Subject: {encoded(OTHER_WORDS)}"), f"{twice}subject"),
        Attack("an answer address on top", on_top(mail, f"Reply-To: x@{EVIL}"), f"{twice}reply-to"),
        Attack("a sender on top", on_top(mail, f"From: {ALIAS}"), "exactly one sender"),
        Attack(
            "a sender on top of an over-signed one", on_top(over, f"From: x@{EVIL}"), "exactly one sender"
        ),
        Attack("a date on top", on_top(mail, "Date: Tue, 17 Nov 2026 10:29:00 +0900"), f"{twice}date"),
        Attack("a name on top", on_top(mail, "Message-ID: <new@x.example>"), f"{twice}message-id"),
        Attack("a type on top", on_top(mail, "Content-Type: text/plain"), f"{twice}content-type"),
        Attack("a recipient on top", on_top(mail, "To: x@y.example"), f"{twice}to"),
        Attack("an answer address added", on_top(bare, f"Reply-To: {ALIAS}"), "not signed: reply-to"),
        Attack("a name added", on_top(unnamed, "Message-ID: <new@x.example>"), "not signed: message-id"),
        Attack("a nameless mail", unnamed, "a header is missing: message-id"),
        Attack(
            "an encoding added",
            on_top(mail, "Content-Transfer-Encoding: base64"),
            "not signed: content-transfer-encoding",
        ),
        Attack("a header hidden in another", on_top(mail, b"X-A: b\rX-B: c"), "can be read in two ways"),
        Attack("a header with a blank", on_top(mail, f"Reply-To : x@{EVIL}"), "no DKIM signature"),
    ]


def _partial() -> list[Attack]:
    """Good signatures that leave open what matters."""
    mail = amazon_mail()
    length = str(len(mail.partition(b"\r\n\r\n")[2]))
    return [
        Attack("l= and words appended", sign(mail, l=length) + b"PS\r\n", "only a part of its text"),
        Attack("l= and nothing appended", sign(mail, l=length), "only a part of its text"),
        Attack("l=0", sign(mail, l="0"), "only a part of its text"),
        *(
            Attack(
                f"{name} not signed",
                sign(mail, headers=[one for one in AMAZON_SIGNS if one != name]),
                f"a header is not signed: {name}",
            )
            for name in ("from", "subject", "reply-to", "date", "message-id", "content-type")
        ),
        Attack("SHA-1", sign(mail, algorithm="rsa-sha1"), "not supported"),
        Attack("another algorithm", sign(mail, a="ed25519-sha256"), "not supported"),
        Attack("a short key", sign(mail, bits=768), "too short", zone=zone_of(bits=768)),
        Attack("another version", sign(mail, v="2"), "cannot be read"),
        Attack("another's identity", sign(mail, i=f"@{EVIL}"), "cannot be read"),
        Attack("no such key", sign(mail, s="other"), "there is no key"),
        Attack("abridged", on_top(sign(mail), "X-Sokuresu-Abridged: yes"), "too large for our own check"),
        Attack("expired", sign(mail, x=str(int(CAME.timestamp()) - 1)), "has expired"),
        Attack(
            "kept until it expired",
            sign(mail, x=str(int(CAME.timestamp()) + 3600)),
            "has expired",
            received_at=CAME + timedelta(hours=2),
        ),
        Attack("signed tomorrow", sign(mail, t=str(int(CAME.timestamp()) + 86_400)), "of the future"),
        Attack("unsigned", mail, "no DKIM signature"),
    ]


def _strangers() -> list[Attack]:
    """Good signatures of somebody else."""
    domains = (
        EVIL,
        "co.jp",
        "jp",
        "amazon.com",
        "amazonses.com",
        "xamazon.co.jp",
        "amazon.co.jp.evil.example",
        "xn--mazon-3ve.co.jp",
        "xn--80a.amazon.co.jp",
    )
    return [
        *(
            Attack(
                f"signed by {domain}",
                sign(amazon_mail(), domain=domain),
                "another domain",
                zone=zone_of(domain),
            )
            for domain in domains
        ),
        Attack("signed by a root", sign(amazon_mail(), domain="amazon.co.jp."), "cannot be read"),
    ]


ATTACKS = [*_changed(), *_added(), *_partial(), *_strangers()]
"""Mails from a buyer's alias, judged by our own check of signatures."""

_NAMED = encoded(f"山田 <{ALIAS}>")

STRANGE_SENDERS = {
    "a longer domain": f"{ALIAS}.{EVIL}",
    "another top": ALIAS.replace("co.jp", "example"),
    "punycode": ALIAS.replace("amazon", "xn--mazon-3ve"),
    "punycode below": ALIAS.replace("amazon", "xn--80a.amazon"),
    "Cyrillic": ALIAS.replace("amazon", "\u0430mazon"),
    "a hyphen for a dot": ALIAS.replace("marketplace.", "marketplace-"),
    "an alias for a name": f'"{ALIAS}" <x@{EVIL}>',
    "an alias for a bare name": f"{ALIAS} <x@{EVIL}>",
    "an encoded alias for a name": f"{_NAMED} <x@{EVIL}>",
    "an encoded alias for an address": f"{_NAMED}",
    "an alias in a comment": f"x@{EVIL} ({ALIAS})",
    "an alias before a comment": f"<x@{EVIL}> (<{ALIAS}>)",
    "an open comment": f"{ALIAS} (<x@{EVIL}>",
    "an alias in a quoted local part": f'"{ALIAS} "@{EVIL}',
    "a quotation that does not end": f'"{ALIAS} <x@{EVIL}>',
    "an escaped quotation": f'"a\\" <{ALIAS}>" <x@{EVIL}>',
    "two addresses": f"{ALIAS}, x@{EVIL}",
    "two addresses the other way": f"x@{EVIL}, {ALIAS}",
    "two headers": f"x@{EVIL}\r\nFrom: {ALIAS}",
    "two headers the other way": f"{ALIAS}\r\nFrom: x@{EVIL}",
    "two angles": f"<{ALIAS}> <x@{EVIL}>",
    "a route": f"<@{ALIAS.partition('@')[2]}:x@{EVIL}>",
    "a group": f"Amazon: x@{EVIL};",
    "two at signs": f"{ALIAS}@{EVIL}",
    "a blank in the domain": ALIAS.replace(".co.jp", f".co.jp .{EVIL}"),
    "a null": f"{ALIAS}\x00.{EVIL}",
}
"""From lines of a forger who can sign for a domain of his own, and is proven for that one."""

_PASS = "dkim=pass header.d=amazon.co.jp; dmarc=pass header.from=marketplace.amazon.co.jp"
_FAIL = "dkim=fail header.d=amazon.co.jp; dmarc=fail header.from=marketplace.amazon.co.jp"

RESULTS = {
    "below the host's own": (f"{HOST}; {_FAIL}", f"{HOST}; {_PASS}"),
    "another host above": (f"other.example; {_PASS}", f"{HOST}; {_FAIL}", f"{HOST}; {_PASS}"),
    "no host's above": (_PASS, f"{HOST}; {_FAIL}"),
    "the host silent, another one not": (f"{HOST}; none", f"other.example; {_PASS}"),
    "another host alone": (f"other.example; {_PASS}",),
    "no host's alone": (_PASS,),
    "a longer host": (f"{HOST}.{EVIL}; {_PASS}",),
    "the host in a comment": (f"other.example ({HOST}); {_PASS}",),
    "the host in an encoded word": (f"=?utf-8?q?{HOST}?=; {_PASS}",),
    "a pass in a quotation": (f'{HOST}; dkim=fail reason="x; {_PASS}"',),
    "a pass in a comment": (f"{HOST}; dkim=fail (x; {_PASS})",),
    "a pass behind a broken comment": (f"{HOST}; dkim=fail (x)); {_PASS}",),
    "a pass in an envelope address": (f'{HOST}; dkim=fail; spf=pass smtp.mailfrom="; {_PASS}"@{EVIL}',),
    "a pass of another domain": (f"{HOST}; dkim=pass header.d={EVIL}; dmarc=fail",),
    "a pass of a public suffix": (f"{HOST}; dkim=pass header.d=co.jp; dmarc=none",),
    "SPF alone": (f"{HOST}; spf=pass smtp.mailfrom=bounces.amazon.co.jp",),
}
"""Authentication-Results, topmost first, of which none proves a mail."""


def with_results(content: bytes, results: tuple[str, ...]) -> bytes:
    """The mail with these results on top."""
    return on_top(content, *(f"Authentication-Results: {one}" for one in results))


def from_sender(sender: str) -> bytes:
    """A buyer's message with another From line, which the forger's own domain signs."""
    line = f"From: {sender}".encode()
    head, blank, body = amazon_mail().partition(b"\r\n\r\n")
    lines = [line if one.startswith(b"From:") else one for one in head.split(b"\r\n")]
    return sign(b"\r\n".join(lines) + blank + body, domain=EVIL)
