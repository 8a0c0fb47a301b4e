"""Large mails without what makes them large: headers, structure, texts and the names of what is attached.

What is handed on is a mail again, with the same headers, so that nobody behind this needs a second way to
read. It says of itself in its first line that it is abridged.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

LARGE = 1_000_000
"""Bytes; a larger mail is abridged."""

TEXT_BYTES = 262_144
"""What is fetched of one text, and of a mail whose structure cannot be had."""

MARK = b"X-Sokuresu-Abridged: yes\r\n"
"""The first line of an abridged mail; only there it means anything, as a sender may write it as well."""

MAX_PARTS = 200
"""Parts that are named, as many as `parsers.parts` visits."""

MAX_DEPTH = 20
_MAX_TEXTS = 8
_HEAD_BYTES = 262_144
_MIME_BYTES = 8_192
_MAX_PARAMETERS = 20
_NEAR_THE_END = 8_192
_HOPELESS_AFTER = 2
_HEADER = "HEADER"

_STATUS = {"message/delivery-status", "message/global-delivery-status"}
_RETURNED_HEADERS = {"text/rfc822-headers", "message/global-headers"}
_RETURNED = {"message/rfc822", "message/global"}
_READ_AS_TEXT = {"text/plain", "text/html"} | _STATUS | _RETURNED_HEADERS

_BLANK_LINE = re.compile(rb"(?:\A|\n)\r?\n")
_DISPOSITION = re.compile(
    rb"^content-disposition[ \t]{0,99}:[ \t]{0,99}(?:\r?\n[ \t]{1,99})?([^;\s]{0,60})",
    re.IGNORECASE | re.MULTILINE,
)
_FIELD_NAME = re.compile(rb"([^\s:]{1,80})[ \t]{0,99}:")
_WORD = re.compile(rb"[A-Za-z0-9.+_-]{1,60}")
_VALUE = re.compile(rb"[ !#-\[\]-~]{0,200}")
_OF_CONTAINERS = {b"content-type", b"content-transfer-encoding"}


class NotHandedOutError(Exception):
    """The server does not tell this of the mail; the connection goes on."""


class Source(Protocol):
    """One mail on a server, of which single sections can be had."""

    def structure(self) -> object:
        """Its BODYSTRUCTURE as imapclient reads it.

        Raises:
            NotHandedOutError: the server has none, or one that cannot be read.
        """
        ...

    def sections(self, wanted: Mapping[str, int]) -> dict[str, bytes]:
        """Sections by name (``HEADER``, ``TEXT``, ``1.2``, ``1.2.MIME`` …), each cut at a number of bytes.

        A section that is not there is empty; of a mail that vanished none is there.

        Raises:
            NotHandedOutError: the server refuses, or its answer cannot be read.
        """
        ...


@dataclass(frozen=True, slots=True)
class Part:
    """One node of a mail's structure.

    Attributes:
        number: by which IMAP calls it, such as ``1.2``; empty for a whole mail that is a multipart.
        kind: such as ``text/plain``, in lower case.
        parts: what it holds, if it is a multipart.
        parameters: a multipart's, without its boundary.
    """

    number: str
    kind: str
    parts: tuple[Part, ...] = ()
    parameters: tuple[tuple[bytes, bytes], ...] = ()

    @property
    def is_container(self) -> bool:
        """Whether it only holds others."""
        return self.kind.startswith("multipart/")

    def walk(self) -> Iterator[Part]:
        """This part and all below it, in the order of the mail."""
        yield self
        for part in self.parts:
            yield from part.walk()


class Ordeals:
    """Mails at whose structure a connection broke; it outlives the connections of one account."""

    def __init__(self) -> None:
        self._breaks: Counter[tuple[str, int, int]] = Counter()

    def is_hopeless(self, mail: tuple[str, int, int]) -> bool:
        """It happened again with this mail (folder, UIDVALIDITY, UID): its structure is left alone."""
        return self._breaks[mail] >= _HOPELESS_AFTER

    @contextmanager
    def endured(self, mail: tuple[str, int, int]) -> Iterator[None]:
        """Counts against the mail unless the block ends well."""
        self._breaks[mail] += 1
        yield
        del self._breaks[mail]


def abridge(source: Source, *, structured: bool = True) -> bytes | None:
    """The mail without what makes it large, the same bytes every time; None if it vanished.

    Args:
        source: the mail.
        structured: ask for its structure; else, or where that fails, it is cut off behind its beginning.

    Raises:
        NotHandedOutError: the server does not even hand out its header.
    """
    if structured:
        try:
            root = read_structure(source.structure())
            return None if root is None else _rebuilt(source, root)
        except NotHandedOutError:
            pass
    return _cut_off(source)


def read_structure(answer: object) -> Part | None:
    """The structure that a server tells, of hostile mail perhaps: bounded in depth and number of parts.

    Raises:
        NotHandedOutError: it means nothing.
    """
    if answer is None:
        return None
    root = _part(answer, "", 0, iter(range(MAX_PARTS)))
    if root is None or (root.is_container and not root.parts):
        raise NotHandedOutError
    return root if root.is_container else Part("1", root.kind)


def _part(answer: object, number: str, depth: int, left: Iterator[int]) -> Part | None:
    """One part; None for what is none, or comes behind the bounds."""
    if not isinstance(answer, tuple) or not answer or next(left, None) is None:
        return None
    if isinstance(answer[0], bytes):
        kind = f"{_word(answer[0], 'application')}/{_word(answer[1:2], 'octet-stream')}"
        # What claims to hold parts and names none is no container.
        return Part(number, kind.replace("multipart/", "application/"))
    if not isinstance(answer[0], list | tuple):
        return None
    held = answer[0] if isinstance(answer[0], list) else [one for one in answer if isinstance(one, tuple)]
    rest = answer[1:] if isinstance(answer[0], list) else answer[len(held) :]
    found = (
        _part(one, f"{number}.{place}" if number else str(place), depth + 1, left)
        for place, one in enumerate(held if depth < MAX_DEPTH else (), 1)
    )
    parts = tuple(part for part in found if part is not None)
    return Part(number, f"multipart/{_word(rest[:1], 'mixed')}", parts, _parameters(rest[1:2]))


def _word(found: object, otherwise: str) -> str:
    """A word of a type in lower case; anything else could break out of the header that it is put into."""
    word = found[0] if isinstance(found, tuple) and found else found
    plain = isinstance(word, bytes) and _WORD.fullmatch(word)
    return word.decode("ascii").lower() if isinstance(word, bytes) and plain else otherwise


def _parameters(found: tuple[object, ...]) -> tuple[tuple[bytes, bytes], ...]:
    listed = found[0] if found and isinstance(found[0], tuple) else ()
    pairs = list(zip(listed[::2], listed[1::2], strict=False))[:_MAX_PARAMETERS]
    return tuple(
        (name, value)
        for name, value in pairs
        if isinstance(name, bytes) and isinstance(value, bytes)
        if name.lower() != b"boundary" and _WORD.fullmatch(name) and _VALUE.fullmatch(value)
    )


def _rebuilt(source: Source, root: Part) -> bytes | None:
    numbered = [part for part in root.walk() if part.number and part is not root]
    heads = source.sections({_HEADER: _HEAD_BYTES} | {f"{one.number}.MIME": _MIME_BYTES for one in numbered})
    if not _is_there(heads):
        return None
    blocks = {part.number: _block(heads.get(f"{part.number}.MIME", b"")) for part in numbered}
    blocks[root.number] = _block(heads[_HEADER])
    texts = source.sections(dict(_wanted(root, blocks)))
    return MARK + _Binder(blocks, texts).bound(root)


def _wanted(root: Part, blocks: Mapping[str, bytes]) -> Iterator[tuple[str, int]]:
    """The sections that are read: texts, reports, and the headers of mail that came back.

    A mail that calls itself an attachment is read all the same, as in `parsers.parts`: nobody attached it.
    """
    read = [
        part
        for part in root.walk()
        if part.kind in _RETURNED
        or (
            part.kind in _READ_AS_TEXT
            and (part is root or _disposition(blocks[part.number]) in {b"", b"inline"})
        )
    ]
    for part in read[:_MAX_TEXTS]:
        yield _content_of(part), TEXT_BYTES


def _content_of(part: Part) -> str:
    return f"{part.number}.{_HEADER}" if part.kind in _RETURNED else part.number


def _disposition(block: bytes) -> bytes:
    found = _DISPOSITION.search(block)
    return found[1].lower() if found else b""


@dataclass(frozen=True, slots=True)
class _Binder:
    """Puts a mail together again.

    Attributes:
        blocks: the header of each part by its number.
        texts: what was fetched of their contents, by the name of the section.
    """

    blocks: Mapping[str, bytes]
    texts: Mapping[str, bytes]

    def bound(self, root: Part) -> bytes:
        """The whole mail."""
        return b"".join(self._pieces(root, self._boundary(), iter(range(MAX_PARTS + 1))))

    def _boundary(self) -> bytes:
        """It occurs nowhere, for nobody can write a text that holds its own digest; and it is no chance."""
        digest = hashlib.sha256()
        for named in (self.blocks, self.texts):
            for name, content in sorted(named.items()):
                digest.update(b"%d %d " % (len(name), len(content)) + name.encode() + content)
        return b"sokuresu-" + digest.hexdigest()[:40].encode()

    def _pieces(self, part: Part, boundary: bytes, numbers: Iterator[int]) -> Iterator[bytes]:
        block = self.blocks[part.number]
        if not part.is_container:
            yield block + b"\r\n" + self._content(part)
            return
        # Of one length, so that none is the beginning of another.
        own = b"%b-%04d" % (boundary, next(numbers))
        # On top, for behind a line that is none of a header it would be lost.
        yield _content_type(part, own) + _without(block, _OF_CONTAINERS) + b"\r\n"
        for child in part.parts:
            yield b"--%b\r\n" % own
            yield from self._pieces(child, boundary, numbers)
            yield b"\r\n"
        yield b"--%b--\r\n" % own

    def _content(self, part: Part) -> bytes:
        content = self.texts.get(_content_of(part), b"")
        return _block(content) + b"\r\n" if part.kind in _RETURNED and content else cut(content)


def _content_type(part: Part, boundary: bytes) -> bytes:
    parameters = ((b"boundary", boundary), *part.parameters)
    told = b"".join(b';\r\n %b="%b"' % pair for pair in parameters)
    return b"Content-Type: " + part.kind.encode() + told + b"\r\n"


def _cut_off(source: Source) -> bytes | None:
    """The header and the beginning of the rest as it stands; readers put up with the missing end."""
    found = source.sections({_HEADER: _HEAD_BYTES, "TEXT": TEXT_BYTES})
    if not _is_there(found):
        return None
    return MARK + _block(found[_HEADER]) + b"\r\n" + cut(found.get("TEXT", b""))


def _is_there(found: Mapping[str, bytes]) -> bool:
    """Whether the mail still is: of one that is gone nothing is told.

    Raises:
        NotHandedOutError: its header is told as nothing, though one without fields has a blank line.
    """
    if found and not found.get(_HEADER):
        raise NotHandedOutError
    return bool(found)


def cut(text: bytes) -> bytes:
    """A text that was cut at `TEXT_BYTES`, cut again at the end of a line: no sign and no code is halved."""
    if len(text) < TEXT_BYTES:
        return text
    end = text.rfind(b"\n", len(text) - _NEAR_THE_END)
    return text if end < 0 else text[: end + 1]


def _block(header: bytes) -> bytes:
    """A header without the blank line behind it, whole lines only."""
    end = _BLANK_LINE.search(header)
    lines = header[: end.start() + 1] if end and end.start() else b"" if end else header
    if lines.startswith(b"From "):
        # A line of a mail archive; only on top of a mail it does no harm.
        lines = lines.partition(b"\n")[2]
    return lines.rstrip(b"\r\n") + b"\r\n" if lines.strip() else b""


def _without(block: bytes, names: set[bytes]) -> bytes:
    """The header without these fields."""
    kept: list[bytes] = []
    dropping = False
    for line in block.splitlines(keepends=True):
        if line[:1] not in {b" ", b"\t"}:
            name = _FIELD_NAME.match(line)
            dropping = name is not None and name[1].lower() in names
        if not dropping:
            kept.append(line)
    return b"".join(kept)
