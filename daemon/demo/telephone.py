"""The owner's telephone on the road: a mail app that opens links, and that writes and answers mail."""

from __future__ import annotations

import re
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit
from uuid import NAMESPACE_OID, uuid5

from daemon.demo.mails import AUTHSERV_ID, Proof
from daemon.demo.premises import OWNER_ADDRESS

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from daemon.demo.letters import Letter

_LINK = re.compile(r"^▶ (?P<label>.{1,60})\n(?P<url>mailto:\S{1,2000})$", re.MULTILINE)
_BETWEEN = re.compile(r"(?<=\))\n\n(?=▶ )")
_MARK = re.compile(r"\[sokuresu:(?P<token>[a-z2-7]{26})\]")
_SHOWN = 4
_SIGNATURE = "iPhoneから送信"


@dataclass(frozen=True, slots=True)
class Link:
    """A command that a mail offers.

    Attributes:
        label: what the owner taps.
        address: where the mail goes that it opens.
        subject: and its subject, decoded.
    """

    label: str
    address: str
    subject: str

    @property
    def token(self) -> str:
        """What makes the command obeyed once; empty if there is none."""
        found = _MARK.search(self.subject)
        return found["token"] if found else ""


def links_in(text: str) -> tuple[Link, ...]:
    """Every link of a mail, in the order of the text."""
    return tuple(map(_link, _LINK.finditer(text)))


def find_link(letters: Iterable[Letter], label: str, case_id: int) -> Link | None:
    """The link of that label for a case, out of the first of the mails that has one."""
    named = re.compile(rf"案件{case_id}(?![0-9])")
    links = (link for letter in letters for link in links_in(letter.text))
    return next((link for link in links if link.label == label and named.search(link.subject)), None)


def veil(text: str) -> str:
    """A text with the tokens cut short."""
    return _MARK.sub(lambda found: f"[sokuresu:{found['token'][:_SHOWN]}…]", text)


def unfold_links(text: str) -> str:
    """A mail with each link in one line, as the mail app shows it and with the subject that it opens."""

    def shown(found: re.Match[str]) -> str:
        link = _link(found)
        return f"▶ {link.label} (件名: {veil(link.subject)})"

    return _BETWEEN.sub("\n", _LINK.sub(shown, text))


def write_command(link: Link, text: str, at: datetime, proof: Proof) -> bytes:
    """The mail that a link opens, sent with what the owner wrote into it and the app's own signature.

    Args:
        link: the tapped link.
        text: what the owner wrote; may be empty.
        at: when.
        proof: what the shop's server found about the sender.
    """
    mail = _mail(link.address, link.subject, at, proof)
    mail.set_content(f"{text}\n\n{_SIGNATURE}\n", charset="utf-8", cte="base64")
    return mail.as_bytes()


def write_answer(letter: Letter, text: str, at: datetime) -> bytes:
    """An ordinary answer to a mail of the service's, with that mail quoted below."""
    mail = _mail(letter.address, f"Re: {letter.subject}", at, Proof.PASS)
    mail["In-Reply-To"] = mail["References"] = letter.message_id
    quoted = "\n".join(f"> {line}" for line in letter.text.split("\n"))
    mail.set_content(
        f"{text}\n\n{_SIGNATURE}\n\n{at:%Y/%m/%d %H:%M}、{letter.sender}のメール:\n\n{quoted}\n",
        charset="utf-8",
        cte="base64",
    )
    return mail.as_bytes()


def _link(found: re.Match[str]) -> Link:
    parts = urlsplit(found["url"])
    return Link(found["label"], parts.path, parse_qs(parts.query).get("subject", [""])[0])


def _mail(recipient: str, subject: str, at: datetime, proof: Proof) -> EmailMessage:
    mail = EmailMessage(policy=SMTP)
    domain = OWNER_ADDRESS.partition("@")[2]
    if proof is not Proof.MISSING:
        mail["Authentication-Results"] = (
            f"{AUTHSERV_ID}; dkim={proof} header.d={domain}; dmarc={proof} header.from={domain}"
        )
    mail["Date"] = format_datetime(at)
    mail["From"] = Address("店主", addr_spec=OWNER_ADDRESS)
    mail["To"] = recipient
    mail["Message-ID"] = f"<{uuid5(NAMESPACE_OID, f'{subject} {at}')}@telephone.shop.example>"
    mail["Subject"] = subject
    return mail
