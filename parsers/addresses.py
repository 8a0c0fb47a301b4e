"""Who is named in an address header, judged on its structure before any encoded word is decoded."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from parsers.charset import decode_header_bytes

MAX_ADDRESSES = 500
"""Addresses of one header that are looked at."""

# Each alternative runs to the end of the text where its closing sign is missing, so no text is read twice.
_TOKEN = re.compile(
    r"""
    (?P<quoted>"(?:[^"\\]|\\.)*(?P<quote_end>"|\\?\Z))
    | (?P<comment>\((?:[^()\\]|\\.)*(?P<comment_end>\)|(?=\()|\\?\Z))
    | (?P<angle><[^<>]*(?P<angle_end>>|(?=<)|\Z))
    | (?P<comma>,)
    | (?P<group>[:;])
    | (?P<text>[^"(<,:;]+)
    """,
    re.VERBOSE | re.DOTALL,
)
_ATOM = r"[^\x00-\x20\x7f<>()@,;:\\\"\[\]]+"
_ADDRESS = re.compile(rf'(?:{_ATOM}|"(?:[^"\\\x00-\x1f]|\\[^\x00-\x1f])*")@{_ATOM}')
# The blanks behind words are among the words, for two repetitions of one sign would share a run of it out.
_NAME = r'(?:"(?P<quoted>[^"\\@<>]*)"[ ]*|(?P<words>[^"\\@<>(),:;]*))'
_PLAIN = re.compile(rf"{_NAME}<(?P<angle>{_ATOM}@{_ATOM})>|(?P<bare>{_ATOM}@{_ATOM})")
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Mailbox:
    """One sender or recipient.

    Attributes:
        name: decoded display name; empty if there is none.
        address: as written.
        certain: no other reader could find another address here.
    """

    name: str
    address: str
    certain: bool = True


@dataclass(slots=True)
class _Entry:
    """What was read of one mailbox before the next comma."""

    name: list[str] = field(default_factory=list)
    bare: list[str] = field(default_factory=list)
    angles: list[str] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)
    certain: bool = True

    def take(self, found: re.Match[str]) -> None:
        """Add one token."""
        token = found[0]
        if found["angle"]:
            self.certain &= token.endswith(">") and not self.angles
            self.angles.append(token.strip("<> \t"))
        elif found["comment"]:
            self.certain &= token.endswith(")") and "@" not in token and "<" not in token
            self.comments.append(token.strip("()"))
        else:
            self._take_word(token, quoted=found["quote_end"])

    def _take_word(self, token: str, *, quoted: str | None) -> None:
        self.certain &= not (self.angles and token.strip())
        if quoted is None:
            self.name.append(token)
        else:
            self.certain &= quoted == '"'
            self.name.append(_ESCAPED.sub(r"\1", token[1 : len(token) - len(quoted)]))
        self.bare.append(token)

    def mailboxes(self) -> list[Mailbox]:
        """All addresses that this entry could mean."""
        loose = [word for text in self.bare if text[0] != '"' for word in text.split() if "@" in word]
        whole = "".join(self.bare).strip()
        name = decode_header_bytes("".join(self.name if self.angles else self.comments))
        if loose and not self.angles and _ADDRESS.fullmatch(whole):
            loose = [whole]
        found = [angle for angle in self.angles if "@" in angle] + loose
        certain = self.certain and len(found) == 1 and _ADDRESS.fullmatch(found[0]) is not None
        # Words around a bare address are no display name but a mistake or a trick.
        certain = certain and (whole == found[0] if loose else True)
        return [Mailbox(name, address, certain) for address in found]


def _read_plain(found: re.Match[str]) -> Mailbox:
    """The usual form, ``"name" <address>`` or the address alone, without the cost of the general way."""
    if found["bare"]:
        return Mailbox("", found["bare"])
    return Mailbox(decode_header_bytes(found["quoted"] or found["words"] or ""), found["angle"])


def parse_addresses(header: str) -> tuple[Mailbox, ...]:
    """Read an address header; never raises, and takes time in proportion to its length.

    Comments, quoted strings and encoded words never yield an address; where the structure is not plain,
    every address that could be meant is returned and none is certain.

    Args:
        header: on one line, encoded words still encoded.
    """
    if plain := _PLAIN.fullmatch(header):
        return (_read_plain(plain),)
    found: list[Mailbox] = []
    entry = _Entry()
    certain = True
    for token in _TOKEN.finditer(header):
        if token["comma"] or token["group"]:
            certain &= token["group"] is None
            found += entry.mailboxes()
            entry = _Entry()
        else:
            entry.take(token)
        if len(found) >= MAX_ADDRESSES:
            break
    found += entry.mailboxes()
    return tuple(found if certain else (Mailbox(box.name, box.address, certain=False) for box in found))
