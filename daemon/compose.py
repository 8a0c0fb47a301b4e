"""Making the bytes of a mail: pure, without network, safe against whatever stands in the fields.

Addresses and our own ids are checked and refused, for a wrong one is a mistake of the caller. What came
from a stranger (subject, references) is cleaned, for it must never stop a reply.
"""

from __future__ import annotations

import re
from base64 import encodebytes
from email.charset import SHORTEST, Charset
from email.header import Header
from email.headerregistry import Address
from email.utils import format_datetime
from hashlib import sha256
from textwrap import wrap
from typing import TYPE_CHECKING

from templates.cleaning import one_line, several_lines
from templates.page import build_page

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

OUTBOX_HEADER = "X-Sokuresu-Outbox"
"""Names the outbox row of a mail, so that its copy in Sent is known as our own."""

DRAFT_HEADER = "X-Sokuresu-Draft"
"""Names the draft of a mail in the Drafts folder; a mail that carries only this one is a person's."""

SUBJECT_LIMIT = 300
NAME_LIMIT = 60
REFERENCES_LIMIT = 20

_LINE_LENGTH = 78

_ADDRESS = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252}[A-Za-z0-9])?"
)
_MESSAGE_ID = re.compile(r"[!-;=?A-~]{1,200}@[!-;=?A-~]{1,200}")
_TOKEN = re.compile(r"[A-Za-z0-9._-]{1,64}")
_REPLY_PREFIX = re.compile(
    r"\s{0,9}(?:re|aw|sv|antw|rv|fwd?|wg|tr|返信|転送|回复|答复)(?:[\[(]\d{1,3}[\])])?\s{0,3}[:：]",
    re.IGNORECASE,
)


def _words_in_utf8() -> Charset:
    """The same whatever else is loaded: other libraries change Python's own table for the whole process.

    A draft that lies in a folder is known again by the very form in which it was written.
    """
    charset = Charset("utf-8")
    charset.header_encoding = SHORTEST
    return charset


def _encoded(field: str, text: str) -> str:
    """The text of a field as encoded words from end to end, folded."""
    return Header(text, _words_in_utf8(), maxlinelen=75, header_name=field).encode(linesep="\r\n")


def _folded(field: str, text: str) -> str | None:
    """Plain words, beginning beside the field's name; None where one of them is longer than a line."""
    lines = wrap(
        text,
        _LINE_LENGTH,
        initial_indent=" " * len(f"{field}: "),
        subsequent_indent=" ",
        break_long_words=False,
        break_on_hyphens=False,
    )
    fits = all(len(line) <= _LINE_LENGTH for line in lines) and text == " ".join(text.split())
    return "\r\n".join(lines).lstrip(" ") if fits else None


def _subject(text: str) -> str:
    """A subject as it is written: in plain words if it fits, else encoded from end to end."""
    plain = _folded("Subject", text) if text.isascii() else None
    return _encoded("Subject", text) if plain is None else plain


def _mailbox_field(field: str, address: Address) -> str:
    """A name and an address as they are written; the address stands in clear."""
    if address.display_name.isascii():
        return str(address)
    return f"{_encoded(field, address.display_name)}\r\n <{address.addr_spec}>"


def _body(text: str) -> tuple[str, str]:
    """The transfer encoding and the lines of a text: seven bits pass every server on the way."""
    lines = text.split("\n")
    if text.isascii() and all(len(line) <= _LINE_LENGTH for line in lines):
        return "7bit", "\r\n".join(lines)
    return "base64", encodebytes(text.replace("\n", "\r\n").encode()).decode("ascii").replace("\n", "\r\n")


def _address(text: str) -> str:
    """The address if it is one; its text is not repeated in the error.

    Raises:
        ValueError: it is not a plain mail address.
    """
    if not _ADDRESS.fullmatch(text):
        raise ValueError("not a mail address that can be written to")
    return text


def _mailbox(name: str, address: str) -> Address:
    local, _, domain = _address(address).rpartition("@")
    return Address(one_line(name, NAME_LIMIT), local, domain)


def _bare_id(text: str | None) -> str | None:
    """A Message-ID without angle brackets; None if it is none."""
    bare = (text or "")[:500].strip().removeprefix("<").removesuffix(">")
    return bare if _MESSAGE_ID.fullmatch(bare) else None


def _own_message_id(text: str) -> str:
    found = _bare_id(text)
    if found is None:
        raise ValueError("not a Message-ID")
    return f"<{found}>"


def message_id_for(token: str, address: str) -> str:
    """The one Message-ID of an outgoing mail, without angle brackets; the same at every call.

    It ends in the sender's own domain, so that it tells nothing about the machine. The token must be unique
    for ever and not only in one database, or mails of a rebuilt shop would pass for older ones.

    Raises:
        ValueError: the token or the address is none.
    """
    if not _TOKEN.fullmatch(token):
        raise ValueError("not a token")
    _, _, domain = _address(address).rpartition("@")
    return f"sokuresu.{token}@{domain.lower()}"


def _chain(references: Iterable[str], parent: str | None) -> list[str]:
    """The ids of a conversation, oldest first and the answered one last: each once, the first ever kept."""
    known = [found for found in map(_bare_id, references) if found is not None and found != parent]
    once = list(dict.fromkeys([*known, parent] if parent else known))
    return once if len(once) <= REFERENCES_LIMIT else [once[0], *once[-(REFERENCES_LIMIT - 1) :]]


def reply_subject(subject: str) -> str:
    """The subject with exactly one ``Re:``, whatever stood before it."""
    bare = one_line(subject, SUBJECT_LIMIT)
    while found := _REPLY_PREFIX.match(bare):
        bare = bare[found.end() :]
    return f"Re: {bare.strip()}".rstrip()


def _head(sender: Address, recipient: str, subject: str, at: datetime) -> list[tuple[str, str]]:
    """The fields that all our mails begin with, as they are written.

    The standard library would parse each field that it is given, which takes as long as all the rest; and it
    writes long ids as encoded words that no mail program threads by, splits a subject between Japanese and
    ASCII where some readers lose the blank, and puts blanks into long Japanese names.

    Raises:
        ValueError: an address is none, or `at` carries no time zone.
    """
    if at.tzinfo is None:
        raise ValueError("the date of a mail needs a time zone")
    return [
        ("Date", format_datetime(at)),
        ("From", _mailbox_field("From", sender)),
        ("To", str(_mailbox("", recipient))),
        ("Subject", _subject(subject)),
    ]


def _thread(in_reply_to: str | None, references: Iterable[str]) -> Iterator[tuple[str, str]]:
    """The fields by which mail programs show a conversation, one id a line."""
    parent = _bare_id(in_reply_to)
    if parent:
        yield "In-Reply-To", f"<{parent}>"
    if chain := _chain(references, parent):
        yield "References", "\r\n ".join(f"<{one}>" for one in chain)


def _sealed(fields: Iterable[tuple[str, str]], text: str, message_id: str, automatic: str | None) -> bytes:
    """Add the text and what tells machines whose mail it is, and give the bytes."""
    return _written((*fields, *_marks(message_id, automatic)), text)


def _marks(message_id: str, automatic: str | None) -> tuple[tuple[str, str], ...]:
    """What tells machines whose mail it is."""
    own_id = _own_message_id(message_id)
    marks = (("Auto-Submitted", automatic), ("X-Auto-Response-Suppress", "All")) if automatic else ()
    # Providers replace the Message-ID; by its own header the copy in the Sent folder is still known as ours.
    ids = (("Message-ID", own_id), (OUTBOX_HEADER, own_id[1:-1]))
    return (*ids, *marks)


def _written(fields: Iterable[tuple[str, str]], text: str) -> bytes:
    """A mail of one plain text."""
    head = _header((*fields, ("MIME-Version", "1.0")))
    return f"{head}{_part('plain', _unified(text))}".encode("ascii")


def _written_twice(fields: Iterable[tuple[str, str]], text: str, page: str) -> bytes:
    """A mail of the same words as plain text and as a page; mail programs show the last that they can."""
    parts = (_part("plain", text), _part("html", page))
    boundary = _boundary(parts)
    kind = f'multipart/alternative;\r\n boundary="{boundary}"'
    head = _header((*fields, ("MIME-Version", "1.0"), ("Content-Type", kind)))
    body = "".join(f"--{boundary}\r\n{part}\r\n" for part in parts)
    return f"{head}\r\n{body}--{boundary}--\r\n".encode("ascii")


def _boundary(parts: Iterable[str]) -> str:
    """A line that stands in none of the parts; the same parts always get the same."""
    content = "".join(parts)
    name = ""
    while not name or name in content:
        name = "=_" + sha256(f"{name}{content}".encode()).hexdigest()[:40]
    return name


def _header(fields: Iterable[tuple[str, str]]) -> str:
    return "".join(f"{name}: {value}\r\n" for name, value in fields)


def _unified(text: str) -> str:
    """With plain line ends, without controls, ending in one line end."""
    return several_lines(text).rstrip("\n") + "\n"


def _part(subtype: str, text: str) -> str:
    """A text with the fields that say how it is written."""
    encoding, body = _body(text)
    kind = f'text/{subtype}; charset="utf-8"'
    head = _header((("Content-Type", kind), ("Content-Transfer-Encoding", encoding)))
    return f"{head}\r\n{body}"


def compose_reply(
    *,
    sender_address: str,
    sender_name: str,
    recipient: str,
    subject: str,
    text: str,
    message_id: str,
    in_reply_to: str | None,
    references: Sequence[str],
    at: datetime,
    automatic: bool,
) -> bytes:
    """Make a reply to a buyer: plain text on the original thread.

    Args:
        sender_address: the address registered with Amazon.
        sender_name: the shop's name.
        recipient: the buyer's alias, suffix included.
        subject: of the mail that is answered; gets exactly one ``Re:``.
        text: the body; line ends of any kind.
        message_id: ours, fixed, with or without angle brackets.
        in_reply_to: Message-ID of the answered mail; left out if it is none.
        references: the chain of the answered mail, oldest first; what is no Message-ID is left out.
        at: the Date, aware, in the zone that shall be shown.
        automatic: no person approved it (RFC 3834's ``auto-replied``).

    Raises:
        ValueError: an address or `message_id` is none, or `at` is naive.
    """
    head = _head(_mailbox(sender_name, sender_address), recipient, reply_subject(subject), at)
    fields = (*head, *_thread(in_reply_to, references))
    return _sealed(fields, text, message_id, "auto-replied" if automatic else None)


def compose_alert(
    *,
    sender_address: str,
    shop_name: str,
    owner: str,
    subject: str,
    text: str,
    message_id: str,
    at: datetime,
    page: str | None = None,
) -> bytes:
    """Make an alert to the owner, marked so that no mail program answers it and we never read it as mail.

    The text goes along as a page too, for few mail programs make a link of a ``mailto:`` in plain text.

    Args:
        sender_address: the address that it leaves from; may be the owner's own.
        shop_name: shown beside the program's name as the sender.
        owner: where it goes.
        subject: one line, as rendered.
        text: the body, as rendered.
        message_id: ours, fixed, with or without angle brackets.
        at: the Date, aware, in the zone that shall be shown.
        page: the same as HTML; made from the text if not given.

    Raises:
        ValueError: an address or `message_id` is none, or `at` is naive.
    """
    sender = _mailbox(f"sokuresu {shop_name}", sender_address)
    fields = _head(sender, owner, one_line(subject, SUBJECT_LIMIT), at)
    plain = _unified(text)
    marks = _marks(message_id, "auto-generated")
    return _written_twice((*fields, *marks), plain, page or build_page(plain, sender_address))


def compose_draft(
    *,
    sender_address: str,
    sender_name: str,
    recipient: str,
    subject: str,
    text: str,
    token: str,
    in_reply_to: str | None,
    references: Sequence[str],
    at: datetime,
) -> bytes:
    """Make a reply that a person sends from the Drafts folder.

    It has no Message-ID, for the program that sends it gives it one, and nothing that would make its copy
    pass for a mail of ours.

    Args:
        sender_address: the address registered with Amazon.
        sender_name: the shop's name.
        recipient: the buyer's alias, suffix included.
        subject: of the mail that is answered; gets exactly one ``Re:``.
        text: the body; line ends of any kind.
        token: tells this draft from every other mail.
        in_reply_to: Message-ID of the answered mail; left out if it is none.
        references: the chain of the answered mail, oldest first; what is no Message-ID is left out.
        at: the Date, aware, in the zone that shall be shown.

    Raises:
        ValueError: an address or `token` is none, or `at` is naive.
    """
    if not _TOKEN.fullmatch(token):
        raise ValueError("not a token")
    head = _head(_mailbox(sender_name, sender_address), recipient, reply_subject(subject), at)
    fields = (*head, *_thread(in_reply_to, references), (DRAFT_HEADER, token))
    return _written(fields, text)


def compose_inquiry(
    *,
    sender_address: str,
    sender_name: str,
    recipient: str,
    subject: str,
    text: str,
    message_id: str,
    at: datetime,
) -> bytes:
    """Make an inquiry of a shipping agent: plain text that begins a thread of its own.

    Args:
        sender_address: the account's address; the answer comes there.
        sender_name: the shop's name.
        recipient: the agent's address.
        subject: one line.
        text: the body; line ends of any kind.
        message_id: ours, fixed, with or without angle brackets.
        at: the Date, aware, in the zone that shall be shown.

    Raises:
        ValueError: an address or `message_id` is none, or `at` is naive.
    """
    head = _head(_mailbox(sender_name, sender_address), recipient, one_line(subject, SUBJECT_LIMIT), at)
    return _sealed(head, text, message_id, None)
