"""Signs mail as Amazon's senders do (RFC 6376), with keys that are made anew, and answers for DNS."""

from __future__ import annotations

import base64
import subprocess
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

import dkim
from dkim.canonicalization import CanonicalizationPolicy
from dkim.crypto import HASH_ALGORITHMS, parse_pem_private_key

from parsers.values import KeyUnavailable

if TYPE_CHECKING:
    from collections.abc import Sequence

DOMAIN = "amazon.co.jp"
SELECTOR = "s2026"
AMAZON_SIGNS = ("date", "from", "reply-to", "to", "message-id", "subject", "mime-version", "content-type")
"""What the published signatures of Amazon's mail name, in their order."""


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A pair of keys; the private one lives only in memory."""

    private: bytes = field(repr=False)
    public: bytes

    @property
    def record(self) -> bytes:
        """The TXT record that publishes it."""
        return b"v=DKIM1; k=rsa; p=" + base64.b64encode(self.public)


@cache
def signing_key(bits: int) -> SigningKey:
    """A pair of that size, made once a run."""
    private = _openssl("genrsa", "-traditional", str(bits))
    return SigningKey(private, _openssl("rsa", "-pubout", "-outform", "DER", given=private))


def _openssl(*arguments: str, given: bytes = b"") -> bytes:
    done = subprocess.run(["openssl", *arguments], input=given, capture_output=True, check=True)
    return done.stdout


def sign(
    content: bytes,
    *,
    domain: str = DOMAIN,
    headers: Sequence[str] = AMAZON_SIGNS,
    form: str = "relaxed/simple",
    algorithm: str = "rsa-sha256",
    bits: int = 1024,
    **tags: str | None,
) -> bytes:
    """The mail with a signature on top.

    Args:
        content: the mail, its lines ended by CRLF.
        domain: who signs.
        headers: which headers are signed; those that the mail does not have are left out, as Amazon does.
        form: how headers and body are made canonical.
        algorithm: of the signature.
        bits: of the key.
        **tags: further tags, such as ``x``, or other values; None leaves a tag out. With ``l`` only so much
            of the body is signed.
    """
    signer = dkim.DKIM(content, signature_algorithm=algorithm.encode())
    signer.hasher = HASH_ALGORITHMS[algorithm.encode()]
    policy = CanonicalizationPolicy.from_c_value(form.encode())
    there = {name.lower().decode() for name, _ in signer.headers}
    named = [name.encode() for name in headers if name in there]
    body = policy.canonicalize_body(signer.body)[: int(tags.get("l") or 2**31)]
    digest = base64.b64encode(signer.hasher(body).digest()).decode()
    own: dict[str, str | None] = {"v": "1", "a": algorithm, "q": "dns/txt", "c": form, "s": SELECTOR}
    own |= {"d": domain, "h": " : ".join(map(bytes.decode, named)), "bh": digest, **tags, "b": "0" * 60}
    fields = [(tag.encode(), value.encode()) for tag, value in own.items() if value is not None]
    key = parse_pem_private_key(signing_key(bits).private)
    return b"DKIM-Signature:" + signer.gen_header(fields, named, policy, b"DKIM-Signature", key).join(
        (b" ", content)
    )


@dataclass
class Zone:
    """What DNS answers in a test.

    Attributes:
        records: by name.
        dead: no name gets an answer.
        asked: every name that was asked for.
    """

    records: dict[str, bytes] = field(default_factory=dict)
    dead: bool = False
    asked: list[str] = field(default_factory=list)

    def __call__(self, name: str) -> bytes | None:
        """Look a name up."""
        self.asked.append(name)
        if self.dead:
            raise KeyUnavailable
        return self.records.get(name)


def zone_of(*domains: str, record: bytes | None = None, bits: int = 1024) -> Zone:
    """Names under which these domains publish the one key, or another record."""
    published = signing_key(bits).record if record is None else record
    return Zone({f"{SELECTOR}._domainkey.{domain}": published for domain in domains or (DOMAIN,)})
