"""One mail as headers, texts and attachment names: the only user of mail-parser."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from parsers.values import Envelope


@dataclass(frozen=True, slots=True)
class Headers:
    """The header block: names are case-insensitive, order and repetitions are kept.

    Attributes:
        items: name and raw value of each header, topmost first.
    """

    items: tuple[tuple[str, str], ...] = ()

    def first(self, name: str) -> str | None:
        """The topmost header of this name, decoded, on one line; None if there is none."""
        raise NotImplementedError

    def all(self, name: str) -> tuple[str, ...]:
        """All headers of this name, decoded, topmost first."""
        raise NotImplementedError

    def raw_first(self, name: str) -> str | None:
        """The topmost header of this name on one line, its encoded words left as they are."""
        raise NotImplementedError

    def raw_all(self, name: str) -> tuple[str, ...]:
        """All headers of this name, encoded words left as they are, topmost first."""
        raise NotImplementedError


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
        plain: the first text/plain of the body, newlines as ``\\n``; None if there is none.
        html: the first text/html of the body likewise.
        attachments: decoded file names.
        report_fields: text of delivery reports and of the returned mail or its headers in a bounce.
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


def parse_mime(content: bytes) -> Mail:
    """Read one mail; never raises, what cannot be read is empty."""
    raise NotImplementedError


def parse_headers(content: bytes) -> tuple[Headers, Envelope]:
    """Read the header block only, without the cost of the body."""
    raise NotImplementedError
