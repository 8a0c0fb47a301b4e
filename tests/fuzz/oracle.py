"""A second, slower opinion on whether a mail's proof is what its headers really say.

It shares nothing with `parsers.authenticity`: it walks over the raw bytes sign by sign. It answers one
question only, whether the topmost result of the trusted host holds a pass that could speak for the sender,
and it rather says yes: a pass that it denies was believed wrongly.
"""

from __future__ import annotations

import re

_FIELD = re.compile(rb"([!-9;-~]+)[ \t]*:(.*)", re.DOTALL)
_CONTROL = re.compile("[\x01-\x1f\x7f-\x85]")
_SIGNERS = {"dkim": ("header.d", "header.i"), "dmarc": ("header.from",)}


def header_fields(content: bytes) -> list[tuple[str, str]]:
    """The headers of a mail as names in lower case and values on one line, topmost first."""
    fields: list[bytes] = []
    for line in re.split(rb"\r\n|\r|\n", content):
        if line[:1] in {b" ", b"\t"} and fields:
            fields[-1] += line
        elif _FIELD.match(line):
            fields.append(line)
        elif line.startswith(b":"):
            fields.append(b"nameless" + line)
        elif not line.startswith(b"From ") or fields:
            break
    found = (_FIELD.match(field) for field in fields)
    return [(one[1].decode().lower(), one[2].decode("latin-1").strip()) for one in found if one]


def may_be_proven(content: bytes, host: str, sender: str) -> bool:
    """Whether the topmost result of a host says that a domain near the sender's signed the mail."""
    results = [value for name, value in header_fields(content) if name == "authentication-results"]
    told = next((bare for bare in map(without_asides, results) if _host_of(bare) == host.lower()), None)
    if told is None:
        return False
    return any(_speaks_for(statement, sender) for statement in told.split(";")[1:])


def without_asides(value: str) -> str:
    """A header value in lower case without comments and quoted signs; control characters are blanks."""
    kept: list[str] = []
    depth, quoted, escaped = 0, False, False
    for sign in _CONTROL.sub(" ", value.lower().replace("\x00", "")):
        if escaped or sign == "\\":
            escaped = not escaped
        elif quoted or (sign == '"' and depth == 0):
            quoted = (sign == '"') != quoted
        elif sign in "()":
            depth += 1 if sign == "(" else -1
        elif depth == 0:
            kept.append(sign)
    return "".join(kept)


def _host_of(bare: str) -> str:
    return bare.partition(";")[0].strip().partition(" ")[0].partition("\t")[0].strip()


def _speaks_for(statement: str, sender: str) -> bool:
    words = re.sub(r"\s*=\s*", "=", statement).split()
    method, _, outcome = words[0].partition("=") if words else ("", "", "")
    names = _SIGNERS.get(method.partition("/")[0], ())
    domains = [word.partition("=")[2] for word in words if word.partition("=")[0] in names]
    return outcome == "pass" and any(is_near(domain.rpartition("@")[2], sender) for domain in domains)


def is_near(signer: str, sender: str) -> bool:
    """Whether two domains are the same but for names below them."""
    signer_end, sender_end = (domain.lower().rstrip(".").rpartition("amazon.") for domain in (signer, sender))
    if signer_end[1] and sender_end[1]:
        return signer_end[2] == sender_end[2]
    shorter, longer = sorted((signer.lower(), sender.lower()), key=len)
    return bool(shorter) and f".{longer}".endswith(f".{shorter}")
