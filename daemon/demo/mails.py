"""Makes the mail of the demonstration in Amazon's shape; every name, number and sentence is invented.

The same arguments give the same bytes: whatever looks random in Amazon's mail is drawn from a digest.
"""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import dataclass
from datetime import timedelta
from email import message_from_bytes
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from enum import StrEnum
from html import escape
from typing import TYPE_CHECKING
from urllib.parse import urlencode

if TYPE_CHECKING:
    from datetime import datetime

SHOP_ADDRESS = "shop@shop.example"
AUTHSERV_ID = "mx.shop.example"

_WIDE = SMTP.clone(max_line_length=200)
"""The library would write an In-Reply-To of Amazon's length as encoded words, which nobody threads by."""

_TO_SHIP_WITHIN = timedelta(days=2)
_KEY_LENGTH = 20
_ALIAS_LENGTH = 15
_ALPHABET = "abcdefghijklmnopqrstuvwxyz0123456789"
_NOTICE_SENDER = ("Amazon Seller Central", "donotreply", "amazon.com")


class Proof(StrEnum):
    """What the mail server of the shop wrote about the sender."""

    PASS = "pass"  # noqa: S105 - a verdict, no password
    FAIL = "fail"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Words:
    """What Amazon writes around a buyer's words in one language."""

    received: str
    begin: str
    end: str
    helpful: str
    resolve: str
    report: str
    subject: str
    subject_order: str


@dataclass(frozen=True, slots=True)
class Site:
    """One marketplace.

    Attributes:
        marketplace: the end of its domains.
        id: Amazon's id of it.
        watermark: the region in the mark at the foot of each mail.
        seller_central: the host of its links.
        words: its language.
    """

    marketplace: str
    id: str
    watermark: str
    seller_central: str
    words: Words


JAPAN = Site(
    "co.jp",
    "A1VC38T7YXB528",
    "JP",
    "sellercentral-japan.amazon.com",
    Words(
        received="メッセージを受信しました。",
        begin="メッセージ:",
        end="メッセージはここまで",
        helpful="このEメールは役に立ちましたか?",
        resolve="問題を解決済みにする",
        report="不審な行為を報告する",
        subject="Amazonのカスタマー {name} 様から商品の詳細情報に関するお問い合わせ",
        subject_order="(注文: {order})",
    ),
)
AMERICA = Site(
    "com",
    "ATVPDKIKX0DER",
    "US",
    "sellercentral.amazon.com",
    Words(
        received="You have received a message.",
        begin="Message:",
        end="End message",
        helpful="Was this email helpful?",
        resolve="Resolve case",
        report="Report questionable activity",
        subject="Inquiry from Amazon customer {name}",
        subject_order=" (Order: {order})",
    ),
)


@dataclass(frozen=True, slots=True)
class Buyer:
    """Somebody who writes to the shop.

    Attributes:
        name: as Amazon shows it.
        order: the order that is spoken of; empty before buying.
        product: what was ordered.
        site: where.
    """

    name: str
    order: str = ""
    product: str = ""
    site: Site = JAPAN

    @property
    def case_key(self) -> str:
        """Amazon's id of the conversation."""
        return _uuid(f"case {self.name}")

    @property
    def alias(self) -> str:
        """The address that stands for this buyer, with the conversation."""
        local = _letters(f"alias {self.name}", _ALIAS_LENGTH)
        return f"{local}+{self.case_key}@marketplace.amazon.{self.site.marketplace}"


def buyer_message(
    buyer: Buyer, text: str, at: datetime, *, copy: int = 1, proof: Proof = Proof.PASS
) -> bytes:
    """A buyer's message as Amazon passes it on: plain text and HTML, each with the message's key.

    Args:
        buyer: who wrote.
        text: what.
        at: when, in the zone that the Date shows.
        copy: one message may be mailed several times: same key, other Message-ID.
        proof: what the shop's server found about the sender.
    """
    mail = _from_buyer(buyer, buyer.name, at, f"{buyer.alias} {text} {copy}", proof)
    frame = _Frame(buyer, _key(f"{buyer.alias} {text}"))
    mail.set_content(frame.plain(text), charset="utf-8", cte="base64")
    mail.add_alternative(frame.html(text), subtype="html", charset="utf-8", cte="base64")
    return mail.as_bytes()


def relayed_message(buyer: Buyer, reason: str, details: str, at: datetime) -> bytes:
    """Amazon's own customer service writes for a buyer."""
    mail = _from_buyer(buyer, "Amazon カスタマーサービス", at, f"relay {buyer.alias}", Proof.PASS)
    rule = "-" * 20
    mail.set_content(
        f"出品者様\n\n購入者様よりお問い合わせがありました。\n\n{rule}\n注文番号: {buyer.order}\n"
        f"理由: {reason}\n詳細: {details}\n{rule}\n\n"
        "購入者様へのご連絡は、このメールにご返信いただくか、セラーアカウントからお願いいたします。\n"
        "Amazon.co.jp カスタマーサービス\n",
        charset="utf-8",
        cte="base64",
    )
    return mail.as_bytes()


def reply_copy(buyer: Buyer, text: str, at: datetime) -> bytes:
    """Amazon's copy of a mail that the shop sent to a buyer."""
    lines = "<br>".join(escape(line) for line in text.splitlines())
    order = f"<p>Order ID: {buyer.order}</p>" if buyer.order else ""
    body = (
        f"<p>{escape(buyer.name)} 様に送信したEメールのコピーです。</p>{order}"
        f"<p>{'-' * 13} メッセージはここから {'-' * 13}</p><blockquote>{lines}</blockquote>"
        f"<p>{'-' * 13} メッセージはここまで {'-' * 13}</p><p>[commMgrTok:{_key(text)[:13]}]</p>"
    )
    return _notice(
        f"{buyer.name} 様へのEメール", body, at, kind="BBC_MESSAGE_CONFIRMATION_TO_MERCHANT", site=buyer.site
    )


def opted_out(buyer: Buyer, at: datetime) -> bytes:
    """The buyer takes no mail from sellers: what was sent did not arrive."""
    base = buyer.alias.partition("+")[0]
    address = f"{base}@marketplace.amazon.{buyer.site.marketplace}"
    body = (
        "<p>出品者様</p><p>購入者が出品者からの未承諾のメッセージを受信しないように設定しているため、"
        f"注文 [{buyer.order}] に関するメッセージを送信できませんでした。</p><p>注文完了に必要な"
        "メッセージは、件名に [重要] を含めてください。"
        f'<a href="mailto:{address}?subject=[重要]">Eメール</a></p>'
    )
    sender = ("Amazon.co.jp", "auto-communication", "amazon.co.jp")
    subject = "購入者へのメッセージを送信できませんでした"
    return _notice(subject, body, at, kind="BUYER_OPTED_OUT_BSM_MESSAGES", sender=sender)


def return_request(buyer: Buyer, reason: str, at: datetime) -> bytes:
    """A buyer asked Amazon to send something back, without a word to the shop."""
    head = "".join(
        f"<th>{cell}</th>" for cell in ("商品", "ASIN", "SKU", "返品数量", "返品理由", "購入者のコメント")
    )
    cells = (buyer.product, _asin(buyer), "MAI-01", "1", reason, "")
    row = "".join(f"<td>{escape(cell)}</td>" for cell in cells)
    body = (
        f"<ul><li><b>Order ID:</b> {buyer.order}</li><li><b>返品リクエスト日:</b> {at:%Y-%m-%d}</li></ul>"
        f"<table border=1><tr>{head}</tr><tr>{row}</tr></table>"
    )
    return _notice(f"注文 {buyer.order} の返品承認のお知らせ", body, at, kind="RETURN_REQUEST")


def refund(buyer: Buyer, amount: str, at: datetime) -> bytes:
    """A refund was started."""
    body = f"<ul><li><b>Order ID:</b> {buyer.order}</li><li><b>返金額:</b> {amount}</li></ul>"
    subject = f"返金手続き開始のお知らせ {amount} - 注文 {buyer.order}"
    return _notice(subject, body, at, kind="REFUND_ISSUED")


def feedback(order: str, rating: int, comment: str, at: datetime) -> bytes:
    """A buyer rated the shop. Nobody has published such a mail: this is how it may look."""
    body = (
        f"<p>購入者が出品者の評価を投稿しました。</p><ul><li>注文番号: {order}</li>"
        f"<li>評価: {rating}</li><li>コメント: {escape(comment)}</li></ul>"
    )
    return _notice(f"購入者から評価がありました (注文番号: {order})", body, at)


def unknown_notice(subject: str, text: str, kind: str, at: datetime) -> bytes:
    """A kind of notification that no rule knows."""
    return _notice(subject, f"<p>{escape(text)}</p>", at, kind=kind)


def order_notice(buyer: Buyer, at: datetime, *, amazon_ships: bool = False) -> bytes:
    """Something was sold; the notice tells who ships it."""
    mail = _amazon_mail(
        ("Amazon Seller Central", "seller-notification", "amazon.co.jp"), at, f"order {buyer.order}", JAPAN
    )
    planned = "注文確定" if amazon_ships else "注文確定 - 出荷予定日のご連絡"
    ships = "出荷元：Amazon" if amazon_ships else f"出荷予定日：{at + _TO_SHIP_WITHIN:%Y/%m/%d}まで"
    mail["Subject"] = f"{planned}({buyer.order})"
    mail.set_content(
        f"Amazonで新規の注文がありました。\n注文番号：{buyer.order}\n注文日：{at:%Y/%m/%d}\n{ships}\n"
        f"商品名：{buyer.product}\nSKU：MAI-01\n",
        charset="utf-8",
        cte="base64",
    )
    return mail.as_bytes()


def other_mail(name: str, address: str, subject: str, text: str, at: datetime) -> bytes:
    """Mail that has nothing to do with Amazon."""
    mail = EmailMessage(policy=SMTP)
    mail["Date"] = format_datetime(at)
    mail["From"] = Address(name, addr_spec=address)
    mail["To"] = SHOP_ADDRESS
    mail["Message-ID"] = f"<{_hex(subject, 16)}@{address.partition('@')[2]}>"
    mail["Subject"] = subject
    mail.set_content(text, charset="utf-8", cte="base64")
    return mail.as_bytes()


def agents_answer(sender: str, subject: str, answered: str, text: str, at: datetime) -> bytes:
    """What a shipping agent writes back.

    Args:
        sender: the agent's address.
        subject: of the answer.
        answered: the inquiry's Message-ID, with angle brackets.
        text: the answer.
        at: when.
    """
    mail = message_from_bytes(other_mail("", sender, subject, text, at), policy=SMTP)
    mail["In-Reply-To"] = answered
    return mail.as_bytes()


def persons_reply(shop: str, buyer: Buyer, answered: bytes, text: str, at: datetime) -> bytes:
    """What the owner writes to a buyer in an ordinary mail program.

    Args:
        shop: the name in From.
        buyer: who is answered.
        answered: the buyer's mail.
        text: the answer.
        at: when.
    """
    parent = str(message_from_bytes(answered, policy=SMTP)["Message-ID"]).strip()
    mail = EmailMessage(policy=_WIDE)
    mail["Date"] = format_datetime(at)
    mail["From"] = Address(shop, addr_spec=SHOP_ADDRESS)
    mail["To"] = buyer.alias
    mail["Subject"] = f"Re: {_subject(buyer)}"
    mail["Message-ID"] = f"<{_uuid(f'{buyer.alias} {at} {text}')}@mail.shop.example>"
    mail["In-Reply-To"] = mail["References"] = parent
    mail.set_content(text + "\n", charset="utf-8", cte="base64")
    return mail.as_bytes()


@dataclass(frozen=True, slots=True)
class _Frame:
    """What Amazon puts around a buyer's words."""

    buyer: Buyer
    key: str

    def plain(self, text: str) -> str:
        """The text part."""
        site, words, rule = self.buyer.site, self.buyer.site.words, "-" * 13
        return (
            f"{words.received}\n\n\n{self._order_line()}\n{rule} {words.begin} {rule}\n\n{text}\n\n"
            f"{rule} {words.end} {rule}\n\n{words.helpful} {self._survey()}\n\n"
            f"{words.resolve} {self._resolve()}\n\n{words.report} {self._report()}\n\n"
            f"{'-' * 26}\n\nCopyright 2026 Amazon, Inc.\n\n{_watermark(site, self.key)}\n"
        )

    def html(self, text: str) -> str:
        """The same as HTML."""
        site, words = self.buyer.site, self.buyer.site.words
        order = "<br>".join(escape(line) for line in self._order_line().splitlines())
        return (
            "<html><head><title></title><style>p{color:#222}</style></head><body>"
            f'<div style="display:none">{words.received}</div><table><tr><td><p>{words.received}</p>'
            f"<p>{order}</p><p>{words.begin}</p>\n"
            f'<pre style="white-space: pre-wrap; word-wrap: break-word">{escape(text)}</pre>\n'
            f"{_link(self._resolve(), words.resolve)}</td></tr></table>"
            f"<p>{words.helpful} {_link(self._survey(), '*')}</p><p>{_link(self._report(), words.report)}</p>"
            f'<div id="spc-watermark"><p>{_watermark(site, self.key + "h")}</p></div></body></html>'
        )

    def _order_line(self) -> str:
        if not self.buyer.order:
            return ""
        return f"# {self.buyer.order}:\n1 / {self.buyer.product} [ASIN: {_asin(self.buyer)}]\n"

    def _survey(self) -> str:
        query = {"ie": "UTF8", "HMDName": "NotificationBusEmailHMD"}
        query["customAttribute1Value"] = "BBC_MESSAGE_SENT_TO_MERCHANT"
        host = f"www.amazon.{self.buyer.site.marketplace}"
        return f"https://{host}/gp/satisfaction/survey-form.html?{urlencode(query)}"

    def _resolve(self) -> str:
        site = self.buyer.site
        query = {"t": _key(f"t {self.key}"), "m": self.key, "mp": site.id, "c": _key(self.buyer.name)[:13]}
        query |= {"h": _hex(self.key, 40), "s": "1"}
        return f"https://{site.seller_central}/messaging/no-response-needed?{urlencode(query)}"

    def _report(self) -> str:
        case = self.buyer.case_key
        query = {"fi": "caseId", "ss": case, "cc": case, "ref": "bsm_email_report", "report": "true"}
        return f"https://{self.buyer.site.seller_central}/messaging/inbox?{urlencode(query)}"


def _from_buyer(buyer: Buyer, shown: str, at: datetime, seed: str, proof: Proof) -> EmailMessage:
    local, _, domain = buyer.alias.partition("@")
    mail = _amazon_mail((shown, local, domain), at, seed, buyer.site, proof)
    mail["Subject"] = _subject(buyer, shown)
    mail["X-Space-Notification-Type"] = "BBC_MESSAGE_SENT_TO_MERCHANT"
    return mail


def _subject(buyer: Buyer, shown: str | None = None) -> str:
    words = buyer.site.words
    order = words.subject_order.format(order=buyer.order) if buyer.order else ""
    return words.subject.format(name=shown or buyer.name) + order


def _notice(
    subject: str,
    body: str,
    at: datetime,
    *,
    kind: str | None = None,
    sender: tuple[str, str, str] = _NOTICE_SENDER,
    site: Site = JAPAN,
) -> bytes:
    """A notice of Amazon's own: HTML alone."""
    mail = _amazon_mail(sender, at, f"{subject} {at}", site)
    mail["Subject"] = subject
    if kind is not None:
        mail["X-Space-Notification-Type"] = kind
    query = {"deliveryId": str(int(_hex(subject, 12), 16)), "communicationName": kind or "NOTICE"}
    link = f"https://{site.seller_central}/notifications/feedback?{urlencode(query)}&deliveryChannel=EMAIL"
    mail.set_content(
        '<!DOCTYPE html><html><head><meta charset="UTF-8"></head><body>'
        f"<table><tr><td>{body}</td></tr></table>"
        f'{_link(link, "Report an issue with this email")}<div id="spc-watermark">'
        f"<p>{_watermark(site, subject)}</p></div></body></html>",
        subtype="html",
        charset="utf-8",
        cte="quoted-printable",
    )
    return mail.as_bytes()


def _amazon_mail(
    sender: tuple[str, str, str], at: datetime, seed: str, site: Site, proof: Proof = Proof.PASS
) -> EmailMessage:
    """The headers that all of Amazon's mail has in common."""
    name, local, domain = sender
    parent = domain.removeprefix("marketplace.")
    mail = EmailMessage(policy=SMTP)
    mail["Return-Path"] = f"<0106{_hex(f'bounce {seed}', 10)}@bounces.{parent}>"
    if proof is not Proof.MISSING:
        mail["Authentication-Results"] = (
            f"{AUTHSERV_ID}; dkim={proof} header.d={parent}; spf={proof} smtp.mailfrom=bounces.{parent}; "
            f"dmarc={proof} header.from={domain}"
        )
    mail["Date"] = format_datetime(at)
    mail["From"] = Address(name, local, domain)
    mail["Reply-To"] = Address("", local, domain)
    mail["To"] = SHOP_ADDRESS
    mail["Message-ID"] = (
        f"<0106{_hex(f'id {seed}', 12)}-{_uuid(f'id {seed}')}-000000@ap-northeast-1.amazonses.com>"
    )
    mail["X-Marketplace-ID"] = site.id
    return mail


def _link(url: str, text: str) -> str:
    return f'<a href="{escape(url)}">{text}</a>'


def _watermark(site: Site, seed: str) -> str:
    return f"SPC-{site.watermark}Amazon-{int(_hex(f'mark {seed}', 13), 16):016d}"


def _key(seed: str) -> str:
    """A key in the shape of Amazon's: capitals and digits, beginning with A."""
    return "A" + _letters(f"key {seed}", _KEY_LENGTH - 1).upper()


def _asin(buyer: Buyer) -> str:
    return "B0" + _letters(f"asin {buyer.product}", 8).upper()


def _letters(seed: str, length: int) -> str:
    digest = hashlib.sha256(seed.encode()).digest()
    return "".join(_ALPHABET[byte % len(_ALPHABET)] for byte in digest[:length])


def _hex(seed: str, length: int) -> str:
    return hashlib.sha256(seed.encode()).hexdigest()[:length]


def _uuid(seed: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_OID, seed))
