"""What the parts of one mail hold: its texts, the names of what is attached, what a bounce reports."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_to_bytes

from parsers.charset import decode_bytes, decode_header_bytes, decode_raw_text
from parsers.flowed import unflow

if TYPE_CHECKING:
    from email.message import Message

MAX_PARTS = 200
"""Parts of a mail that are visited."""

MAX_TEXT = 1_000_000
"""Bytes of one text part that are decoded."""

_MAX_PARAMETERS = 4_096
_MAX_REPORTED_HEADERS = 500

_TYPE = re.compile(r"\s*([\w.+-]{1,60}/[\w.+-]{1,80})", re.ASCII)
_PARAMETER = re.compile(
    r"""
    ;\s* (?P<name>[^\s=;"*]{1,60}) (?:\*(?P<number>\d{1,3}))? (?P<extended>\*)? \s*=\s*
    (?: "(?P<quoted>(?:[^"\\]|\\.)*)" | (?P<bare>[^;]*) )
    """,
    re.VERBOSE | re.DOTALL | re.ASCII,
)
_EXTENDED = re.compile(r"([^']{0,60})'[^']{0,60}'(.*)", re.DOTALL)
_ESCAPED = re.compile(r'\\(["\\])')
_RETURNED = frozenset(("message/rfc822", "message/global", "message/news"))
_STATUS = frozenset(("message/delivery-status", "message/global-delivery-status"))
_RETURNED_HEADERS = frozenset(("text/rfc822-headers", "message/global-headers"))


@dataclass(slots=True)
class Contents:
    """What was found in the parts.

    Attributes:
        texts: for each of the two kinds of body text the first one; a nameless one is preferred to one
            with a file name.
        attachments: decoded file names, in the order of the mail.
        reports: delivery reports and the headers of returned mail, as decoded text.
        choices: for each of the texts the ``multipart/alternative`` that it is one version in, if any.
    """

    texts: dict[tuple[str, bool], str] = field(default_factory=dict)
    attachments: list[str] = field(default_factory=list)
    reports: list[str] = field(default_factory=list)
    choices: dict[tuple[str, bool], int | None] = field(default_factory=dict)

    def text(self, kind: str) -> str | None:
        """The body text of one kind, such as ``text/plain``; None if there is none."""
        key = self._key(kind)
        return self.texts[key] if key else None

    @property
    def apart(self) -> bool:
        """Whether both kinds are there and are no versions of each other: a body and a list's footer."""
        plain, html = map(self._key, ("text/plain", "text/html"))
        if plain is None or html is None:
            return False
        return self.choices[plain] is None or self.choices[plain] != self.choices[html]

    def _key(self, kind: str) -> tuple[str, bool] | None:
        """Where the body text of one kind is kept; None if there is none."""
        return next((key for key in ((kind, False), (kind, True)) if key in self.texts), None)


@dataclass(frozen=True, slots=True)
class _Part:
    """One part with those of its headers that matter here."""

    node: Message[str, str]
    kind: str
    charset: str | None
    filename: str | None
    disposition: str
    has_content_id: bool

    @property
    def is_attached(self) -> bool:
        return self.disposition not in {"", "inline"}


def read_parts(tree: Message[str, str]) -> Contents:
    """Visit the parts in their order; attached and returned mails are named, not entered.

    The mail itself is attached to nothing, whatever its header says: no signature covers that word, and it
    would make all that a proven mail says disappear.
    """
    contents = Contents()
    waiting: list[tuple[Message[str, str], int | None]] = [(tree, None)]
    for number in range(MAX_PARTS):
        if not waiting:
            break
        node, choice = waiting.pop()
        part = _examine(node)
        if part.node is tree:
            part = replace(part, disposition="")
        if _is_container(part):
            inside = number if part.kind == "multipart/alternative" else choice
            waiting += [(child, inside) for child in reversed(_children(node)[:MAX_PARTS])]
        else:
            _read_leaf(part, contents, choice)
    return contents


def _children(node: Message[str, str]) -> list[Message[str, str]]:
    payload: Any = node.get_payload()
    return payload if isinstance(payload, list) else []


def _is_container(part: _Part) -> bool:
    """Whether the part only holds others; an attached container is one attachment."""
    return part.node.is_multipart() and part.kind not in _RETURNED | _STATUS and not part.is_attached


def _read_leaf(part: _Part, contents: Contents, choice: int | None) -> None:
    if part.kind in _STATUS:
        contents.reports.append(
            "\n\n".join(map(_header_lines, _children(part.node)[:MAX_PARTS])) or _text(part)
        )
    elif part.kind in _RETURNED_HEADERS:
        contents.reports.append(_text(part))
    elif part.kind in _RETURNED:
        contents.reports.extend(map(_header_lines, _children(part.node)[:1]))
        contents.attachments.append(part.filename or _title(part.node))
    elif part.kind in {"text/plain", "text/html"} and not part.is_attached:
        _keep_text(part, contents, choice)
    elif part.filename or part.is_attached or not part.has_content_id:
        contents.attachments.append(part.filename or f"unnamed.{part.kind.partition('/')[2]}")


def _keep_text(part: _Part, contents: Contents, choice: int | None) -> None:
    key = part.kind, part.filename is not None
    if key not in contents.texts:
        contents.texts[key] = _flowing_text(part)
        contents.choices[key] = choice
    if part.filename is not None:
        contents.attachments.append(part.filename)


def _text(part: _Part) -> str:
    """The decoded text of a part; charset and transfer encoding may both be wrong."""
    payload: Any = part.node.get_payload(decode=True)
    data = payload if isinstance(payload, bytes) else b""
    return decode_bytes(data[:MAX_TEXT], part.charset).replace("\r\n", "\n").replace("\r", "\n")


def _flowing_text(part: _Part) -> str:
    """The text with the lines put together that the sender's program broke, where it says that it did."""
    content_type = next(
        (value for name, value in part.node.raw_items() if name.lower() == "content-type"), ""
    )
    header = content_type[:_MAX_PARAMETERS]
    if part.kind != "text/plain" or (read_parameter(header, "format") or "").lower() != "flowed":
        return _text(part)
    return unflow(_text(part), delete_blank=(read_parameter(header, "delsp") or "").lower() == "yes")


def _title(node: Message[str, str]) -> str:
    """A name for an attached mail that has no file name: its subject, as mail programs show it."""
    subject = "".join(decode_header_bytes(child.get("Subject") or "") for child in _children(node)[:1])
    return f"{subject or 'unnamed'}.eml"


def _header_lines(node: Message[str, str]) -> str:
    items: list[tuple[str, str]] = list(node.raw_items())[:_MAX_REPORTED_HEADERS]
    return "\n".join(f"{name}: {decode_header_bytes(value)}" for name, value in items)


def _examine(node: Message[str, str]) -> _Part:
    """Read the headers of one part from their raw text, which may hold 8-bit names."""
    raw: dict[str, str] = {}
    for name, value in node.raw_items():
        raw.setdefault(name.lower(), value[:_MAX_PARAMETERS])
    _clean_transfer_encoding(node, raw.get("content-transfer-encoding"))
    content_type, disposition = raw.get("content-type", ""), raw.get("content-disposition", "")
    return _Part(
        node,
        _kind(content_type, node),
        read_parameter(content_type, "charset"),
        read_parameter(disposition, "filename") or read_parameter(content_type, "name"),
        disposition.partition(";")[0].strip().lower(),
        "content-id" in raw,
    )


def _kind(content_type: str, node: Message[str, str]) -> str:
    """The type of a part in lower case: a missing one is what the standard says, one of odd signs is none."""
    found = _TYPE.match(content_type) or _TYPE.fullmatch(node.get_content_type())
    return found[1].lower() if found else "application/octet-stream"


def _clean_transfer_encoding(node: Message[str, str], value: str | None) -> None:
    """Put a bare word where blanks or comments would keep the standard library from knowing it."""
    if value is not None:
        word = value.strip().partition(" ")[0].partition(";")[0]
        if word != value:
            node.replace_header("Content-Transfer-Encoding", word)


def read_parameter(header: str, wanted: str) -> str | None:
    """Read one parameter of a MIME header: RFC 2231 in pieces or not, encoded words, raw 8-bit text.

    Args:
        header: the raw value as Python's parser hands it out.
        wanted: name of the parameter, in lower case.

    Returns:
        The decoded value on one line; None if it is missing or empty.
    """
    if wanted not in header.lower():
        return None
    found = [each for each in _PARAMETER.finditer(decode_raw_text(header)) if each["name"].lower() == wanted]
    pieces = sorted((each for each in found if _is_piece(each)), key=lambda each: int(each["number"] or 0))
    if pieces:
        return _join(pieces) or None
    return decode_header_bytes(_value(found[0])) or None if found else None


def _is_piece(found: re.Match[str]) -> bool:
    return bool(found["number"] or found["extended"])


def _value(found: re.Match[str]) -> str:
    if found["quoted"] is not None:
        return _ESCAPED.sub(r"\1", found["quoted"])
    return found["bare"].strip()


def _join(pieces: list[re.Match[str]]) -> str:
    """Join the pieces of RFC 2231 as bytes, then decode them with the charset of the first."""
    start = _EXTENDED.fullmatch(_value(pieces[0])) if pieces[0]["extended"] else None
    values = [start[2] if start else _value(pieces[0]), *map(_value, pieces[1:])]
    data = b"".join(
        unquote_to_bytes(value) if piece["extended"] else value.encode()
        for piece, value in zip(pieces, values, strict=True)
    )
    return decode_header_bytes(decode_bytes(data, start[1] if start else None))
