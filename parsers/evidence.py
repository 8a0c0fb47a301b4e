"""What one mail offers to the recognisers, worked out only when somebody asks for it."""

from __future__ import annotations

import base64
import binascii
import re
from functools import cached_property
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from parsers import html as markup
from parsers.authenticity import amazon_domain
from parsers.folding import fold_width
from parsers.layout import (
    Layout,
    cut_footer,
    is_amazon_host,
    links_in,
    read_box,
    read_html,
    read_label,
    read_plain,
)
from parsers.notices import NoticeRule, known_type, match_notice
from parsers.order_ids import find_order_ids
from parsers.relay import Relay, read_relay
from parsers.rules import load_rules
from parsers.values import BuyerAlias, Frame

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from parsers.mime import Mail
    from parsers.values import OrderId, Trust

_TYPE = re.compile(r"[A-Z][A-Z0-9_]{2,79}")
_TYPE_PARAMETERS = ("customAttribute1Value", "communicationName", "nt")
_KEY = re.compile(r"[A-Za-z0-9_.-]{4,128}")
_TOKEN = re.compile(r"\[commMgrTok:([A-Za-z0-9_.-]{4,128})\]")
_SUBJECT_LENGTH = 500
_LINK_LENGTH = 4000


class Evidence:
    """One mail, seen from the recognisers' side."""

    def __init__(self, mail: Mail, trust: Trust) -> None:
        self.mail = mail
        self.trust = trust

    @cached_property
    def subject(self) -> str:
        """The subject, full-width characters made ordinary."""
        return fold_width(self.mail.envelope.subject)[:_SUBJECT_LENGTH].strip()

    @cached_property
    def sender(self) -> str:
        """The From address in lower case; of several the first alias, else the first of Amazon's."""
        if self.mail.sender or not self.mail.senders:
            return (self.mail.sender or "").strip().lower()
        ranked = sorted(self.mail.senders, key=_rank)
        return ranked[0].strip().lower()

    @property
    def local(self) -> str:
        """The part of the sender before the @."""
        return self.sender.rpartition("@")[0]

    @property
    def domain(self) -> str:
        """The part of the sender behind the @."""
        return self.sender.rpartition("@")[2]

    @cached_property
    def from_amazon(self) -> bool:
        """Whether the sender's domain is Amazon's, label by label."""
        return amazon_domain(self.domain) is not None

    @property
    def from_marketplace(self) -> bool:
        """Whether the sender is on one of the domains that carry buyers' mail."""
        return self.from_amazon and self.domain.startswith("marketplace.amazon.")

    @cached_property
    def alias(self) -> BuyerAlias | None:
        """Where a reply goes: Reply-To if it is the same buyer, else From; None if From is no buyer."""
        sender = next(filter(None, map(BuyerAlias.parse, self._as_written)), None)
        reply_to = BuyerAlias.parse(self.mail.reply_to)
        if sender and reply_to and sender.buyer_key == reply_to.buyer_key:
            return reply_to
        return sender

    @property
    def _as_written(self) -> tuple[str, ...]:
        """The From addresses with their case: the part behind the plus sign keeps it."""
        return (self.mail.sender,) if self.mail.sender else self.mail.senders

    @cached_property
    def text(self) -> str:
        """The mail as text: the plain part, or the HTML part where there is no plain one.

        Both where they are no versions of each other, for either may be what a list put beside the other.
        """
        plain, html = self.mail.plain or "", self.mail.html
        if plain.strip() and not (html and self.mail.apart):
            return plain
        return f"{markup.html_to_text(html)}\n\n{plain}".rstrip() if html else ""

    @cached_property
    def layout(self) -> Layout | None:
        """Amazon's frame around somebody's words, from the plain part if it shows one, else from the HTML.

        Words may be missing in one part only, so an empty plain frame asks the HTML part too. A notice shows
        its frame, if it has one, in its text.
        """
        plain = read_plain(self.mail.plain) if self.mail.plain else None
        if plain and (plain.message or not self.mail.html):
            return plain
        box = read_box(self.mail.html) if self.mail.html else None
        if box and (box.message or not plain):
            return box
        return plain or (self._loose_layout if self.alias else read_plain(self.text))

    @property
    def _loose_layout(self) -> Layout | None:
        """A frame that is told by little; a mail of the customer service may look like one."""
        if self._relay_without_frame:
            return None
        marked = read_html(self.mail.html) if self.mail.html else None
        return marked or (read_label(self.mail.plain) if self.mail.plain else None)

    @cached_property
    def relay(self) -> Relay | None:
        """What Amazon's customer service passes on, with or without a frame."""
        framed = self.layout
        return read_relay(framed.message, framed=True) if framed else self._relay_without_frame

    @cached_property
    def _relay_without_frame(self) -> Relay | None:
        """The customer service's mail where no frame is around it."""
        return None if self.mail.plain and read_plain(self.mail.plain) else read_relay(self.text)

    @cached_property
    def links(self) -> tuple[str, ...]:
        """The addresses that Amazon put into the mail: none of a buyer's own, in a buyer's mail."""
        if self.alias and self.layout:
            return tuple(_unwrap(self.layout.links))
        html = markup.links(self.mail.html) if self.mail.html else ()
        plain = self.mail.plain or ""
        believed = plain[len(cut_footer(plain)) :] if self.alias else plain
        return tuple(_unwrap((*links_in(believed), *html)))

    @cached_property
    def declared_type(self) -> str | None:
        """The notification type: the header's, else the one in Amazon's links; None if neither is there."""
        header = self.mail.headers.first("X-Space-Notification-Type")
        if header and header.strip():
            return header.strip().upper()[:80]
        values = (value.upper() for name in _TYPE_PARAMETERS for value in self.parameters(name))
        found = [value for value in values if _TYPE.fullmatch(value)]
        # In a buyer's mail a word in a link outweighs the frame only if it is known.
        unknown = None if self.alias else next(iter(found), None)
        return next(filter(known_type, found), unknown)

    @cached_property
    def rule(self) -> NoticeRule | None:
        """The rule that reads this mail by type, or by sender and wording."""
        if not self.from_amazon:
            return None
        if self.declared_type and (known := known_type(self.declared_type)):
            return known
        return None if self.alias else match_notice(self.local, self.subject, self.text, bool(self.order_ids))

    @cached_property
    def order_ids(self) -> tuple[OrderId, ...]:
        """The order numbers of the subject and of the whole text: for mail that no buyer wrote."""
        return find_order_ids(f"{self.text}\n{self.subject}")

    @cached_property
    def marketplace(self) -> str | None:
        """The end of the marketplace's domain: from the alias, Amazon's own id, or the sender."""
        if self.alias:
            return self.alias.marketplace
        header = self.mail.headers.first("X-Marketplace-ID")
        for identifier in (header, *self.parameters("mp"), *self.parameters("marketplaceId")):
            if found := _marketplaces().get((identifier or "").strip().upper()):
                return found
        return amazon_domain(self.domain)

    @cached_property
    def message_key(self) -> str | None:
        """Amazon's id of the message: ``m=`` of the newer links, ``msg=`` or the token of the older mails.

        The words may come from the plain part and the links stand in the HTML part only.
        """
        key = _message_key(self.links, self.layout.tail if self.layout else self.text)
        if key or not self.mail.html or not self.layout or self.layout.name == "pre":
            return key
        box = read_box(self.mail.html)
        return _message_key(tuple(_unwrap(box.links)), box.tail) if box else None

    def parameters(self, name: str) -> Iterator[str]:
        """All values of one parameter in the links to Amazon's own hosts."""
        return _parameters(self.links, name)

    def frame(self, order_ids: Iterable[OrderId], rule: str, confidence: str) -> Frame:
        """What Amazon put around this mail, for the value that a recogniser makes."""
        return Frame(self.marketplace, tuple(dict.fromkeys(order_ids)), rule, confidence)


def _parameters(links: Iterable[str], name: str) -> Iterator[str]:
    """All values of one parameter in those links that lead to Amazon."""
    for link in links:
        if f"{name}=" in link and is_amazon_host(link):
            yield from parse_qs(urlsplit(link).query).get(name, ())


def _message_key(links: tuple[str, ...], text: str) -> str | None:
    """The last id in these links of Amazon's, else the token in the text."""
    secure = tuple(link for link in links if link.startswith("https://"))
    # The older mails link without TLS; nobody follows those links, only the id is taken.
    for name, chosen in (("m", secure), ("msg", links)):
        found = [value for value in _parameters(chosen, name) if _KEY.fullmatch(value)]
        if found:
            return found[-1]
    token = _TOKEN.findall(text)
    return token[-1] if token else None


def _rank(address: str) -> int:
    """Of several senders the most telling one comes first."""
    if BuyerAlias.parse(address):
        return 0
    return 1 if amazon_domain(address.rpartition("@")[2].strip().lower()) else 2


def _unwrap(links: Iterable[str]) -> Iterator[str]:
    """Links, each followed by the one that Amazon's redirector hides in its ``u`` parameter.

    Mail gateways replace each link by one of their own; then the one inside is taken.
    """
    for wrapped in links:
        link = _unwrapped(wrapped[:_LINK_LENGTH])
        yield link
        if "/redirect/" in link and "u=" in link:
            yield from filter(None, map(_hidden_link, parse_qs(_query(link)).get("u", ())))


def _unwrapped(link: str) -> str:
    """The address that a mail gateway wrapped into its own, else the link itself."""
    host, _, rest = link.removeprefix("https://").partition("/")
    for row in load_rules("links")["wrapper"]:
        if rest and host.lower().endswith(row["host"]):
            inside = parse_qs(_query(link)).get(row["parameter"], ())
            return next((text for text in inside if text.startswith(("https://", "http://"))), link)
    return link


def _query(link: str) -> str:
    """The part of an address behind the question mark."""
    return link[:_LINK_LENGTH].partition("?")[2]


def _hidden_link(packed: str) -> str | None:
    """A web address written in base64; None if it is none."""
    try:
        text = base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4)).decode()
    except (binascii.Error, ValueError):
        return None
    return text if text.startswith("https://") else None


def _marketplaces() -> dict[str, str]:
    """Amazon's ids of its marketplaces and the ends of their domains."""
    tables = load_rules("marketplaces")
    return {key: end for name in ("assumed", "secondary", "seen") for key, end in tables[name].items()}
