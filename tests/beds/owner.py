"""The owner with a telephone: taps the links of an alert and sends what the mail app makes of them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from email import message_from_bytes, policy
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, unquote, urlsplit

from tests.unit.parsers.mails import HOST, encoded, message, proof_headers

if TYPE_CHECKING:
    from collections.abc import Iterable

OWNER = "owner@shop.example"
ACTIONS = {
    "approve": re.compile(r"案件(\d+)の下書きを送る|send the draft of case (\d+)"),
    "edit": re.compile(r"案件(\d+)の文面を書き直す|write the answer of case (\d+) anew"),
    "no_reply_needed": re.compile(r"案件(\d+)は返信不要|case (\d+) needs no answer"),
    "snooze": re.compile(r"案件(\d+)をあとで知らせる|remind me of case (\d+) later"),
}
_LINK = re.compile(r"^mailto:\S+", re.MULTILINE)
_TOKEN = re.compile(r"\[sokuresu:([a-z2-7]{26})\]")


@dataclass(frozen=True, slots=True)
class Tap:
    """One link of an alert as a mail app understands it.

    Attributes:
        action: what its subject says that it does.
        case: of which case.
        to: whom the mail is written to.
        subject: of that mail; the command.
    """

    action: str
    case: int
    to: str
    subject: str

    @property
    def token(self) -> str:
        """The secret of the command."""
        found = _TOKEN.search(self.subject)
        assert found, self.subject
        return found[1]


def read_text(content: bytes) -> str:
    """What a mail app shows of an alert."""
    body = message_from_bytes(content, policy=policy.default).get_body(("plain",))
    return "" if body is None else str(body.get_content()).replace("\r\n", "\n")


def taps(content: bytes) -> list[Tap]:
    """Every link of an alert, in the order in which it is shown."""
    return [_tap(link) for link in _LINK.findall(read_text(content))]


def tap(content: bytes, action: str, case: int = 1) -> Tap:
    """The only link of an alert that does this for that case."""
    (found,) = [one for one in taps(content) if (one.action, one.case) == (action, case)]
    return found


def actions_of(content: bytes, case: int = 1) -> list[str]:
    """What can be commanded of a case in an alert."""
    return [one.action for one in taps(content) if one.case == case]


def _tap(link: str) -> Tap:
    parts = urlsplit(link)
    query = parse_qs(parts.query, strict_parsing=True)
    assert list(query) == ["subject"], link
    (subject,) = query["subject"]
    for action, pattern in ACTIONS.items():
        if found := pattern.search(subject):
            return Tap(action, int(found[1] or found[2]), unquote(parts.path), subject)
    raise AssertionError(f"no action in {subject!r}")


def _from_field(sender: str) -> str:
    """The From field with an encoded name, where there is one that needs it."""
    name, bracket, box = sender.partition("<")
    return sender if name.isascii() else f"{encoded(name.strip())} {bracket}{box}"


def written(
    subject: str,
    text: str = "",
    *,
    sender: str = OWNER,
    proof: str = "pass",
    headers: Iterable[tuple[str, str]] = (),
) -> bytes:
    """A mail of the owner's to the shop, as the shop's server hands it out.

    Args:
        subject: of the mail.
        text: of the mail.
        sender: the whole From field.
        proof: ``pass`` or ``fail`` as the trusted host says, anything else for nothing said.
        headers: further ones.
    """
    domain = sender.rpartition("@")[2].strip("<> ").lower()
    fields = [
        *proof_headers(proof, domain),
        ("From", _from_field(sender)),
        ("Subject", encoded(subject)),
        *headers,
    ]
    return message(fields, [("text/plain", text + "\n")])


__all__ = ["HOST", "OWNER", "Tap", "actions_of", "read_text", "tap", "taps", "written"]
