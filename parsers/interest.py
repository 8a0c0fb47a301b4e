"""Which mail of a person's inbox is worth reading, judged from a few headers of each.

This runs for every mail there is, so it works on the bytes with a handful of expressions. Where a header is
odd it says `AMAZON`: the reader behind it judges exactly.
"""

from __future__ import annotations

import re
from enum import StrEnum

from parsers.addresses import parse_addresses
from parsers.authenticity import amazon_domain

HEADER_FIELDS = ("FROM", "RETURN-PATH", "CONTENT-TYPE", "AUTO-SUBMITTED")
"""The header fields to fetch for `interest_of`."""

_MAX_HEADERS = 65_536
_FOLD = re.compile(rb"\r?\n[ \t]+")
_FROM = re.compile(rb"^(?:resent-)?from[ \t]*:([^\r\n]*)", re.MULTILINE)
_RETURN_PATH = re.compile(rb"^return-path[ \t]*:([^\r\n]*)", re.MULTILINE)
_REPORT = re.compile(rb"^content-type[ \t]*:[ \t]*multipart/report", re.MULTILINE)
_DOMAIN = re.compile(rb"@[ \t]*([a-z0-9_.-]+)")
# Looked for at the beginning of a word only, for a long word would be read again from each of its letters.
_ADDRESS = re.compile(rb"(?<![^\s<>()@,;:\"])[^\s<>()@,;:\"]+@[^\s<>()@,;:\"]+")
_SYSTEM = re.compile(rb"(?:mailer-daemon|postmaster)@|@bounces\.amazon\.")
_BLANKS = b" \t\r\n"


class Interest(StrEnum):
    """Why a mail is read, or that it is not."""

    AMAZON = "amazon"
    BOUNCE = "bounce"
    FEEDBACK_SENDER = "feedback_sender"
    OWNER = "owner"
    AGENT = "agent"
    NONE = "none"


def interest_of(
    headers: bytes,
    senders: frozenset[str],
    owner: str | None = None,
    agents: frozenset[str] = frozenset(),
) -> Interest:
    """Judge one mail by its fetched header block; never raises.

    Args:
        headers: the fields of `HEADER_FIELDS` as the server hands them out.
        senders: From addresses of the seller's own feedback rules, in lower case.
        owner: the address whose mail may be a command; None if nobody commands by mail.
        agents: From addresses of the shipping agents, in lower case.

    Returns:
        What the mail is worth. Amazon's own delivery reports are a `BOUNCE`. The owner's mail is an `OWNER`'s
        only if From names that one address, and if it is none of the others; so is an `AGENT`'s, which may
        have an empty Return-Path, for a robot that answers for a person sends so. Of one who is both the
        owner and an agent it is the owner's.
    """
    # The reader leaves NUL out, so a name with one inside is still Amazon's.
    block = _FOLD.sub(b" ", headers[:_MAX_HEADERS].replace(b"\0", b"").lower())
    authors = b",".join(_FROM.findall(block))
    paths = _RETURN_PATH.findall(block)
    if _names_amazon(authors or b",".join(paths)):
        return Interest.BOUNCE if _is_system(authors) else Interest.AMAZON
    if senders and not senders.isdisjoint(_addresses(authors)):
        return Interest.FEEDBACK_SENDER
    empty_path = any(path.strip() == b"<>" for path in paths)
    if agents and _is_agents(authors, agents, owner) and not _REPORT.search(block):
        return Interest.AGENT
    if empty_path or _is_system(authors) or _REPORT.search(block):
        return Interest.BOUNCE
    return Interest.OWNER if owner and _is_only(authors, owner.lower()) else Interest.NONE


def _names_amazon(authors: bytes) -> bool:
    """Whether any domain is Amazon's, also one with blanks inside, as careless folding leaves it."""
    together = authors.translate(None, _BLANKS)
    if b"amazon." not in together:
        return False
    domains = {*_DOMAIN.findall(authors), *_DOMAIN.findall(together)}
    return any(amazon_domain(domain.decode("ascii").strip(".")) is not None for domain in domains)


def _is_system(authors: bytes) -> bool:
    """Whether every address in From belongs to a mail system rather than to somebody."""
    addresses = _ADDRESS.findall(authors)
    return bool(addresses) and all(_SYSTEM.search(address) for address in addresses)


def _is_agents(authors: bytes, agents: frozenset[str], owner: str | None) -> bool:
    """Whether From names one agent alone who is not the owner; commands come first."""
    others = agents - {(owner or "").lower()}
    return any(_is_only(authors, address) for address in others)


def _is_only(authors: bytes, address: str) -> bool:
    """Whether From names this one address and could mean no other."""
    if address.encode("utf-8", "replace") not in authors:
        return False
    boxes = parse_addresses(authors.decode("utf-8", "replace").strip())
    return len(boxes) == 1 and boxes[0].certain and boxes[0].address == address


def _addresses(authors: bytes) -> set[str]:
    return {address.decode("utf-8", "replace") for address in _ADDRESS.findall(authors)}
