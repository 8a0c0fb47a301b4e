"""Our own check of DKIM signatures (RFC 6376), for mail of which no believed host wrote a result.

dkimpy makes the canonical forms and does the arithmetic. What decides is done here, for the library looks at
the machine's clock, takes a missing key for a bad signature and accepts what proves little: a part of the
text, headers added on top, keys of 512 bits.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from parsers.authenticity import is_aligned
from parsers.values import Authenticity, KeyUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable

    from parsers.mime import Mail
    from parsers.values import KeyLookup, Trust

MAX_CONTENT = 4_000_000
"""Bytes of a mail that is checked; far above those that a mailbox hands out whole."""

SIGNATURES_READ = 5
"""Amazon signs twice; whoever puts more on top only keeps a mail from being proven."""

ABRIDGED_HEADER = "X-Sokuresu-Abridged"
"""What a mailbox puts above a large mail of which it handed out only structure and texts."""

LEAST_KEY_BITS = 1024
"""Amazon signs with as many; RFC 8301 forbids verifiers to accept fewer."""

SINGLE_HEADERS = (
    "from",
    "subject",
    "date",
    "reply-to",
    "to",
    "message-id",
    "content-type",
    "mime-version",
    "content-transfer-encoding",
)
"""What stands in an honest mail once at most (RFC 5322 section 3.6, RFC 2045 section 3).

A signature holds for the lowest ones. Which of two a mail program shows is anybody's guess.
"""

NEEDED_HEADERS = ("from", "date", "message-id")
"""Without them anybody could add them, and send one genuine mail again as a new one."""

SIGNED_HEADERS = (
    "from",
    "date",
    "message-id",
    "subject",
    "reply-to",
    "to",
    "content-type",
    "content-transfer-encoding",
)
"""What must be signed if it is there: what we act on, and how the signed text is to be read.

The signatures on mail of Amazon's that has been published all name date, from, reply-to, to, message-id,
subject, mime-version and content-type.
"""

_MAX_HEAD = 65_536
_MAX_HEADERS = 500
_MAX_SIGNATURE = 4_096
_MAX_RECORD = 4_096
_MAX_NAMES = 100
_MAX_KEY_BITS = 8_192
_MAX_EXPONENT_BITS = 64
_SLOW_CLOCKS = timedelta(hours=10)
"""How far signers' clocks are off; what dkimpy allows."""

_NEEDED_TAGS = (b"v", b"a", b"b", b"bh", b"d", b"h", b"s")
_FORMS = frozenset((b"simple", b"relaxed"))
_HEAD_END = re.compile(rb"\r?\n\r?\n")
_LONG_SPACE = re.compile(rb"\s{65}")
_SPACE = re.compile(rb"\s+")
_BLANKS = re.compile(rb"[\t ]+")
_DOMAIN = re.compile(r"(?=.{1,253}\Z)[a-z0-9_](?:[a-z0-9_-]{0,62})(?:\.[a-z0-9_][a-z0-9_-]{0,62}){0,20}")
_BASE64 = re.compile(rb"[A-Za-z0-9+/]+={0,2}")
_SECONDS = re.compile(rb"\d{1,12}")
_NAME = re.compile(rb"[!-9;-~]{1,100}")


class _Unusable(Exception):  # noqa: N818 - reads as what it is
    """A signature proves nothing, for this reason."""


@dataclass(frozen=True, slots=True)
class _Finding:
    """What one signature shows.

    Attributes:
        verdict: whether it proves the sender, accuses the mail, or neither.
        reason: why.
        ours: it is of the sender's domain, so that its reason is worth telling.
    """

    verdict: Authenticity
    reason: str
    ours: bool


@dataclass(frozen=True, slots=True)
class _Signature:
    """One DKIM-Signature header whose shape is sound; what it says may still be a lie.

    Attributes:
        header: its name and value as they stand in the mail.
        tags: its tags by name.
        domain: whose it claims to be, in lower case.
        selector: which key of that domain, in lower case.
        names: the headers that it signs, in lower case.
    """

    header: tuple[bytes, bytes]
    tags: dict[bytes, bytes]
    domain: str
    selector: str
    names: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class _Question:
    """What is the same for all signatures of one mail.

    Attributes:
        reader: dkimpy's view of the mail.
        body: its body as dkimpy read it.
        mail: the same, read by us.
        keys: finds the public keys.
        received_at: when the server took the mail in.
    """

    reader: Any
    body: bytes
    mail: Mail
    keys: KeyLookup
    received_at: datetime | None

    @property
    def sender(self) -> str:
        """The domain that is to be proven."""
        return (self.mail.sender or "").rpartition("@")[2].lower()

    @property
    def present(self) -> set[str]:
        """The names of the headers that stand in the mail."""
        return {name.lower() for name, _ in self.mail.headers.items}


def own_check_of(
    content: bytes, mail: Mail, trust: Trust, received_at: datetime | None
) -> Callable[[], tuple[Authenticity, str]] | None:
    """The check of one mail, to be made if it is needed; None without a way to find keys."""
    return None if trust.keys is None else partial(check, content, mail, trust.keys, received_at)


def check(
    content: bytes, mail: Mail, keys: KeyLookup, received_at: datetime | None
) -> tuple[Authenticity, str]:
    """Decide by its signatures whether a mail's From domain is proven; never raises.

    Args:
        content: the mail as the server holds it.
        mail: the same, read.
        keys: finds the public keys; asked for domains alone that could prove the sender.
        received_at: when the server took the mail in; None takes no signature that expires.

    Returns:
        A pass by one good signature of the sender's domain; a failure if there is none and one of that domain
        does not fit; otherwise none. And one short sentence of why: a phrase, or a phrase, a colon and what
        it is about.
    """
    obstacle = _obstacle(content, mail)
    if obstacle is not None:
        return Authenticity.NONE, obstacle
    try:
        reader = _reader(content)
        if _is_ambiguous(reader, mail):
            return Authenticity.NONE, "its header can be read in two ways"
        findings = _findings(reader, mail, keys, received_at)
    except Exception:  # noqa: BLE001 - dkimpy raises all sorts of things on hostile mail
        return Authenticity.NONE, "its signature cannot be read"
    return _weigh(findings)


def _obstacle(content: bytes, mail: Mail) -> str | None:
    """Why no signature of this mail could prove anything."""
    names = [name.lower() for name, _ in mail.headers.items]
    if names[:1] == [ABRIDGED_HEADER.lower()] or len(content) > MAX_CONTENT:
        return "too large for our own check"
    if "dkim-signature" not in names:
        return "it carries no DKIM signature"
    if mail.several_senders or mail.sender is None:
        return "the mail does not name exactly one sender"
    if _head_length(content) > _MAX_HEAD or len(names) > _MAX_HEADERS:
        return "its header is too large for our own check"
    repeated = next((name for name in SINGLE_HEADERS if names.count(name) > 1), None)
    if repeated is not None:
        return f"a header stands in it twice: {repeated}"
    missing = next((name for name in NEEDED_HEADERS if name not in names), None)
    return None if missing is None else f"a header is missing: {missing}"


def _head_length(content: bytes) -> int:
    end = _HEAD_END.search(content, 0, _MAX_HEAD + 2)
    return end.start() if end is not None else len(content)


def _reader(content: bytes) -> Any:
    """The mail as dkimpy sees it."""
    import dkim  # noqa: PLC0415 - costs a fifth of a second that most shops and commands need not pay

    return dkim.DKIM(content)


def _is_ambiguous(reader: Any, mail: Mail) -> bool:
    """Whether what is checked is another header block than what is read: then a check proves nothing.

    A lone carriage return, a name with a blank behind it: each reader has its own idea of them.
    """
    checked = [(name.lower().decode(), _letters(value)) for name, value in reader.headers]
    seen = [
        (name.lower(), _letters(value.encode("utf-8", "surrogateescape")))
        for name, value in mail.headers.items
    ]
    return checked != seen


def _letters(value: bytes) -> bytes:
    return value.translate(None, b" \t\r\n")


def _findings(reader: Any, mail: Mail, keys: KeyLookup, received_at: datetime | None) -> list[_Finding]:
    headers = [header for header in reader.headers if header[0].lower() == b"dkim-signature"]
    question = _Question(reader, reader.body, mail, keys, received_at)
    return [_examine(name, value, question) for name, value in headers[:SIGNATURES_READ]]


def _examine(name: bytes, value: bytes, question: _Question) -> _Finding:
    """What one signature shows."""
    try:
        signature = _read_signature(name, value)
    except _Unusable as why:
        return _Finding(Authenticity.NONE, str(why), ours=False)
    if not is_aligned(signature.domain, question.sender):
        reason = f"its signature is of another domain: {signature.domain}"
        return _Finding(Authenticity.NONE, reason, ours=False)
    try:
        _refuse_weak(signature, question.present, question.received_at)
        key = _key_of(signature, question.keys)
        return _verified(question, signature, key)
    except _Unusable as why:
        return _Finding(Authenticity.NONE, str(why), ours=True)


def _weigh(findings: list[_Finding]) -> tuple[Authenticity, str]:
    """One good signature outweighs all others; without one, a bad one accuses."""
    for wanted in (Authenticity.PASS, Authenticity.FAIL):
        for one in findings:
            if one.verdict is wanted:
                return one.verdict, one.reason
    told = next((one for one in findings if one.ours), findings[0])
    return Authenticity.NONE, told.reason


def _read_signature(name: bytes, value: bytes) -> _Signature:
    """Read one header.

    Raises:
        _Unusable: it is malformed, or says something that is not supported.
    """
    if len(value) > _MAX_SIGNATURE or _LONG_SPACE.search(value):
        raise _Unusable("its signature cannot be read")
    tags = _tags(value)
    domain, selector = (_domain(tags.get(tag, b"")) for tag in (b"d", b"s"))
    names = tuple(each.strip().lower() for each in tags.get(b"h", b"").split(b":"))
    sound = (
        all(tag in tags for tag in _NEEDED_TAGS)
        and tags[b"v"] == b"1"
        and all(_BASE64.fullmatch(_SPACE.sub(b"", tags[tag])) for tag in (b"b", b"bh"))
        and len(names) <= _MAX_NAMES
        and all(map(_NAME.fullmatch, names))
        and tags.get(b"q", b"dns/txt") == b"dns/txt"
        and _FORMS.issuperset(tags.get(b"c", b"simple").split(b"/", 1))
    )
    if not sound or domain is None or selector is None:
        raise _Unusable("its signature cannot be read")
    return _Signature((name, value), tags, domain, selector, names)


def _tags(value: bytes) -> dict[bytes, bytes]:
    from dkim.util import InvalidTagValueList, parse_tag_value  # noqa: PLC0415 - loaded by now

    try:
        tags: dict[bytes, bytes] = parse_tag_value(value)
    except InvalidTagValueList:
        raise _Unusable("its signature cannot be read") from None
    return tags


def _domain(value: bytes) -> str | None:
    text = value.decode("ascii", "replace").lower()
    return text if _DOMAIN.fullmatch(text) else None


def _refuse_weak(signature: _Signature, present: set[str], received_at: datetime | None) -> None:
    """Refuse what a good signature would leave open.

    Raises:
        _Unusable: naming the first such thing.
    """
    tags, domain = signature.tags, signature.domain
    if tags[b"a"] != b"rsa-sha256":
        raise _Unusable(f"it is signed in a way that is not supported: {domain}")
    if b"l" in tags:
        raise _Unusable(f"only a part of its text is signed: {domain}")
    unsigned = [name for name in SIGNED_HEADERS if name in present and name.encode() not in signature.names]
    if unsigned:
        raise _Unusable(f"a header is not signed: {unsigned[0]}")
    if not _speaks_for_itself(tags.get(b"i"), domain):
        raise _Unusable("its signature cannot be read")
    _refuse_untimely(tags, received_at)


def _speaks_for_itself(identity: bytes | None, domain: str) -> bool:
    """Whether the identity behind a signature lies in its domain (RFC 6376 section 3.5)."""
    if identity is None:
        return True
    whose = identity.decode("ascii", "replace").lower().rpartition("@")[2]
    return whose == domain or whose.endswith(f".{domain}")


def _refuse_untimely(tags: dict[bytes, bytes], received_at: datetime | None) -> None:
    signed_at, expires_at = _instant(tags, b"t"), _instant(tags, b"x")
    if expires_at is not None and (received_at is None or received_at > expires_at):
        raise _Unusable("its signature has expired")
    if signed_at is not None and received_at is not None and signed_at > received_at + _SLOW_CLOCKS:
        raise _Unusable("its signature is of the future")


def _instant(tags: dict[bytes, bytes], tag: bytes) -> datetime | None:
    value = tags.get(tag)
    if value is None:
        return None
    if _SECONDS.fullmatch(value) is None:
        raise _Unusable("its signature cannot be read")
    # A date that no calendar holds is as good as never.
    return datetime.fromtimestamp(min(int(value), 253_402_300_799), UTC)


def _key_of(signature: _Signature, keys: KeyLookup) -> Any:
    """The public key behind a signature, as dkimpy wants it.

    Raises:
        _Unusable: there is none, or none that proves anything.
    """
    domain = signature.domain
    try:
        record = keys(f"{signature.selector}._domainkey.{domain}")
    except KeyUnavailable:
        raise _Unusable(f"DNS did not answer: {domain}") from None
    if record is None:
        raise _Unusable(f"there is no key for its signature: {domain}")
    if len(record) > _MAX_RECORD:
        raise _Unusable(f"the key of its signature cannot be used: {domain}")
    tags = _tags(record)
    _refuse_useless(tags, signature)
    return _public_key(tags[b"p"], domain)


def _refuse_useless(record: dict[bytes, bytes], signature: _Signature) -> None:
    """Refuse keys that their owner made for something else (RFC 6376 section 3.6.1)."""
    domain = signature.domain
    flags, uses, hashes = (_words(record, tag) for tag in (b"t", b"s", b"h"))
    if not _SPACE.sub(b"", record.get(b"p", b"")):
        raise _Unusable(f"the key of its signature was withdrawn: {domain}")
    if b"y" in flags:
        raise _Unusable(f"the key of its signature is a test: {domain}")
    fits = (
        record.get(b"v", b"DKIM1") == b"DKIM1"
        and record.get(b"k", b"rsa") == b"rsa"
        and (not uses or not uses.isdisjoint((b"*", b"email")))
        and (not hashes or b"sha256" in hashes)
        and (b"s" not in flags or _is_strict(signature))
    )
    if not fits:
        raise _Unusable(f"the key of its signature cannot be used: {domain}")


def _words(record: dict[bytes, bytes], tag: bytes) -> set[bytes]:
    return {word.strip() for word in record[tag].split(b":")} if tag in record else set()


def _is_strict(signature: _Signature) -> bool:
    identity = signature.tags.get(b"i", b"@" + signature.domain.encode())
    return identity.lower().rpartition(b"@")[2] == signature.domain.encode()


def _public_key(encoded: bytes, domain: str) -> Any:
    import dkim  # noqa: PLC0415 - loaded by now

    try:
        # Of the other tags dkimpy misreads some lists; they were looked at before.
        key, bits, _, _ = dkim.evaluate_pk(domain, b"p=" + encoded)
        exponent_bits = int(key["publicExponent"]).bit_length()
    except Exception:  # noqa: BLE001 - whatever a record makes it raise, it holds no key
        raise _Unusable(f"the key of its signature cannot be used: {domain}") from None
    if bits < LEAST_KEY_BITS:
        raise _Unusable(f"the key of its signature is too short: {domain}")
    if bits > _MAX_KEY_BITS or exponent_bits > _MAX_EXPONENT_BITS:
        raise _Unusable(f"the key of its signature cannot be used: {domain}")
    return key


def _prepared(body: bytes, signature: _Signature) -> bytes:
    """The body for dkimpy, whose own way through long runs of blanks takes the square of their length.

    The relaxed form of a relaxed body is itself, so nothing changes but the time.
    """
    if signature.tags.get(b"c", b"").partition(b"/")[2] != b"relaxed":
        return body
    return _BLANKS.sub(b" ", body).replace(b" \r\n", b"\r\n")


def _verified(question: _Question, signature: _Signature, key: Any) -> _Finding:
    """Let dkimpy compare the digests; the key is given, so that a failure is the signature's."""
    import dkim  # noqa: PLC0415 - loaded by now

    domain, reader = signature.domain, question.reader
    reader.body = _prepared(question.body, signature)
    reader.pk, reader.ktag, reader.keysize = key, b"rsa", LEAST_KEY_BITS
    try:
        good = reader.verify_sig_process(signature.tags, list(signature.names), signature.header, None)
    except dkim.ValidationError:
        return _Finding(Authenticity.FAIL, f"its text is not the one that was signed: {domain}", ours=True)
    except Exception:  # noqa: BLE001 - dkimpy raises all sorts of things on hostile mail
        raise _Unusable(f"its signature cannot be read: {domain}") from None
    if good:
        return _Finding(Authenticity.PASS, f"our own check found a good signature: {domain}", ours=True)
    return _Finding(Authenticity.FAIL, f"its signature does not fit: {domain}", ours=True)
