"""One mail as headers, texts and attachment names: the only user of mail-parser.

mail-parser builds the tree of parts and guards against bottomless ones. Its own reading of that tree takes
four times as long as building it and loses Japanese text, so headers, texts and file names are read here,
from the raw bytes through `parsers.charset`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import UTC
from email.utils import parsedate_to_datetime
from itertools import islice
from typing import TYPE_CHECKING

import mailparser

from parsers.addresses import parse_addresses
from parsers.charset import decode_header_bytes, decode_raw_text
from parsers.parts import Contents, read_parts
from parsers.values import Envelope

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from email.message import Message

    from parsers.addresses import Mailbox

MAX_CONTENT = 16_000_000
"""Bytes of a mail that are read; the rest of a larger one is not looked at."""

_MAX_HEAD = 262_144
_MAX_HEADERS = 2_000
_MAX_RAW = 65_536
_MAX_IDS = 200
_MAX_EFFORT = 8_000_000
_MAX_LINES = 1_000_000
_MAX_PIECES = 20_000
_HEAD_END = re.compile(rb"\r?\n\r?\n")
_ORIGINAL_IDS = ("X-Google-Original-Message-ID", "X-Microsoft-Original-Message-ID")
_MESSAGE_ID = re.compile(r"<([^<>\s]{1,998})>")


@dataclass(frozen=True, slots=True)
class Headers:
    """The header block: names are case-insensitive, order and repetitions are kept.

    Values are decoded when they are asked for.

    Attributes:
        items: name and raw value of each header, topmost first, as Python's parser hands them out.
    """

    items: tuple[tuple[str, str], ...] = ()
    _index: dict[str, list[str]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        index: dict[str, list[str]] = {}
        for name, value in self.items:
            index.setdefault(name.lower(), []).append(value)
        object.__setattr__(self, "_index", index)

    def first(self, name: str) -> str | None:
        """The topmost header of this name, decoded, on one line; None if there is none."""
        values = self._index.get(name.lower())
        return decode_header_bytes(values[0]) if values else None

    def all(self, name: str) -> tuple[str, ...]:
        """All headers of this name, decoded, topmost first."""
        return tuple(map(decode_header_bytes, self._index.get(name.lower(), ())))

    def raw_first(self, name: str) -> str | None:
        """The topmost header of this name on one line, its encoded words left as they are."""
        values = self._index.get(name.lower())
        return decode_raw_text(values[0][:_MAX_RAW]) if values else None

    def raw_all(self, name: str) -> tuple[str, ...]:
        """All headers of this name, encoded words left as they are, topmost first."""
        return tuple(decode_raw_text(value[:_MAX_RAW]) for value in self._index.get(name.lower(), ()))


@dataclass(frozen=True, slots=True)
class Mail:
    """What the other parsers see of one mail.

    Attributes:
        headers: all headers of the mail itself.
        envelope: the identifying headers, read.
        reply_to: the single Reply-To address as written; None if there is none or several.
        sender: the single From address as written; None if there is none or several.
        sender_name: the decoded display name beside that address.
        several_senders: several From headers, several addresses in one, or a From that two readers could
            read differently.
        senders: every address that From could mean, as written.
        plain: the first text/plain of the body, lines ended by one newline; None if there is none.
        html: the first text/html of the body likewise.
        apart: these two are no versions of one text: a body and what a list or a gateway put beside it.
        attachments: decoded file names.
        report_fields: text of delivery reports, and the headers of returned or attached mail, one header a
            line, decoded.
    """

    headers: Headers
    envelope: Envelope
    reply_to: str | None = None
    sender: str | None = None
    sender_name: str | None = None
    several_senders: bool = False
    senders: tuple[str, ...] = ()
    plain: str | None = None
    html: str | None = None
    attachments: tuple[str, ...] = ()
    report_fields: tuple[str, ...] = ()
    apart: bool = False


class _Tree(mailparser.MailParser):  # type: ignore[misc]  # mail-parser has no types
    """mail-parser's tree of parts without its own reading of them."""

    def parse(self) -> None:
        """Leave the parts as they are; `parsers.parts` reads them."""


def parse_mime(content: bytes) -> Mail:
    """Read one mail; never raises, what cannot be read is empty.

    The work is bounded: `MAX_CONTENT` bytes here, parts and texts in `parsers.parts`. Of a mail that would
    take long to split, or break into too many pieces for the memory, only the headers are read.
    """
    start = content[:MAX_CONTENT]
    tree = _build_tree(start) if _is_affordable(start) else None
    if tree is None:
        return _compose(parse_headers(content)[0], Contents())
    return _compose(_headers(tree), read_parts(tree))


def parse_headers(content: bytes) -> tuple[Headers, Envelope]:
    """Read the header block only, without the cost of the body; never raises."""
    headers = _read_head(content)
    return headers, _read_envelope(headers, _single(_mailboxes(headers, "From")))


def message_id_of(content: bytes) -> str | None:
    """The Message-ID that `parse_headers` would find, without the cost of the rest; never raises."""
    return next(iter(_ids(_read_head(content), "Message-ID")), None)


def _read_head(content: bytes) -> Headers:
    head = content[:_MAX_HEAD]
    end = _HEAD_END.search(head)
    tree = _build_tree(head[: end.end()] if end else head)
    return _headers(tree) if tree is not None else Headers()


def _is_affordable(content: bytes) -> bool:
    """Whether the parser, which makes objects of all headers, lines and parts, will be done soon."""
    if len(content) > _MAX_HEAD and _HEAD_END.search(content, 0, _MAX_HEAD) is None:
        return False
    newlines, returns = content.count(b"\n"), content.count(b"\r")
    if max(newlines, returns) > _MAX_LINES:
        return False
    lower = content.lower()
    boundaries = lower.count(b"boundary")
    # The parser tries each open boundary on each line.
    return boundaries * (newlines + returns) < _MAX_EFFORT and _count_pieces(lower, boundaries) < _MAX_PIECES


def _count_pieces(lower: bytes, boundaries: int) -> int:
    """No fewer than the parser will make: parts begin with dashes, the groups of a report at blank lines."""
    parts = lower.count(b"\n--") + lower.count(b"\r--") if boundaries else 0
    if b"delivery-status" in lower:
        parts += sum(lower.count(blank) for blank in (b"\n\n", b"\n\r", b"\r\r"))
    return parts


def _build_tree(content: bytes) -> Message[str, str] | None:
    try:
        tree: Message[str, str] = _Tree.from_bytes(content).message
    except Exception:  # noqa: BLE001 - hostile mail finds ever new ways to break the standard library
        return None
    return tree


def _headers(tree: Message[str, str]) -> Headers:
    return Headers(tuple(islice(tree.raw_items(), _MAX_HEADERS)))


def _compose(headers: Headers, contents: Contents) -> Mail:
    senders = _mailboxes(headers, "From")
    single, answer = _single(senders), _single(_mailboxes(headers, "Reply-To"))
    return Mail(
        headers=headers,
        envelope=_read_envelope(headers, single),
        reply_to=answer.address if answer else None,
        sender=single.address if single else None,
        sender_name=(single.name or None) if single else None,
        several_senders=single is None and len(senders) > 0,
        senders=tuple(box.address for box in senders),
        plain=contents.text("text/plain"),
        html=contents.text("text/html"),
        attachments=tuple(contents.attachments),
        report_fields=tuple(contents.reports),
        apart=contents.apart,
    )


def _mailboxes(headers: Headers, name: str) -> tuple[Mailbox, ...]:
    """All mailboxes of all headers of this name; where there are several headers, none is certain."""
    values = headers.raw_all(name)
    found = tuple(box for value in values for box in parse_addresses(value))
    return found if len(values) < 2 else tuple(replace(box, certain=False) for box in found)


def _single(boxes: tuple[Mailbox, ...]) -> Mailbox | None:
    return boxes[0] if len(boxes) == 1 and boxes[0].certain else None


def _read_envelope(headers: Headers, sender: Mailbox | None) -> Envelope:
    to = [parse_addresses(value) for value in headers.raw_all("To")]
    cc = [parse_addresses(value) for value in headers.raw_all("Cc")]
    return Envelope(
        message_id=next(iter(_ids(headers, "Message-ID")), None),
        date=_date(headers.raw_first("Date")),
        subject=headers.first("Subject") or "",
        from_address=sender.address.lower() if sender else None,
        to_addresses=_addresses(to + cc),
        addressees=_addresses(to[-1:]),
        in_reply_to=next(iter(_ids(headers, "In-Reply-To")), None),
        references=_ids(headers, "References")[-_MAX_IDS:],
        outbox_id=headers.first("X-Sokuresu-Outbox") or None,
        draft_id=headers.first("X-Sokuresu-Draft") or None,
        original_message_id=next((found for name in _ORIGINAL_IDS for found in _ids(headers, name)), None),
    )


def _addresses(values: Sequence[Sequence[Mailbox]]) -> tuple[str, ...]:
    return tuple(box.address.lower() for boxes in values for box in boxes)


def _ids(headers: Headers, name: str) -> tuple[str, ...]:
    """The Message-IDs of a header without angle brackets; a bare one counts where there are no brackets."""
    value = headers.raw_first(name) or ""
    found = tuple(_MESSAGE_ID.findall(value))
    return found or tuple(word.strip("<>") for word in value.split()[:9] if "@" in word)[:1]


def _date(value: str | None) -> datetime | None:
    """The instant of a Date header in UTC; without a zone it is taken for UTC."""
    try:
        found = parsedate_to_datetime((value or "")[:200])
        return found.replace(tzinfo=found.tzinfo or UTC).astimezone(UTC)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
