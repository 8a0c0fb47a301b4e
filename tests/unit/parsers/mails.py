"""Mails of Amazon's shapes, built from small parts: invented people, real wording of the frame."""

from __future__ import annotations

import base64
import html
from dataclasses import dataclass, field, replace
from email.header import Header

HOST = "mx.shop.example"
LOCAL = "k3f8q2m9x1c7v5b"
CASE = "0f3b21c9-3fc2-4b43-8b26-01cce1a75d7b"
ORDER = "250-1234567-7654321"
PRE = (
    '<pre style="white-space: pre-wrap; white-space: -moz-pre-wrap; white-space: -o-pre-wrap; color: black">'
    "{text}</pre>"
)


@dataclass(frozen=True, slots=True)
class Tongue:
    """Amazon's wording in one language, and the marketplace that mostly uses it."""

    market: str
    market_id: str
    greeting: str
    old: tuple[str, str]
    new: tuple[str, str]
    helpful: str
    resolve: str
    view: str


TONGUES = {
    "ja": Tongue(
        "co.jp",
        "A1VC38T7YXB528",
        "メッセージを受信しました。",
        (
            "------------- メッセージはここから -------------",
            "------------- メッセージはここまで -------------",
        ),
        ("------------- メッセージ: -------------", "------------- メッセージはここまで -------------"),
        "このEメールは役に立ちましたか?",
        "問題を解決済みにする",
        "メッセージを表示",
    ),
    "en": Tongue(
        "com",
        "ATVPDKIKX0DER",
        "You have received a message.",
        ("------------- Begin message -------------", "------------- End message -------------"),
        ("------------- Message:  -------------", "------------- End message -------------"),
        "Was this email helpful?",
        "Resolve case",
        "View Message",
    ),
    "de": Tongue(
        "de",
        "A1PA6795UKMFR9",
        "Du hast eine Nachricht erhalten.",
        (
            "------------- Anfang der Nachricht -------------",
            "------------- Ende der Nachricht -------------",
        ),
        ("------------- Nachricht: -------------", "------------- Ende der Nachricht -------------"),
        "War diese E-Mail hilfreich?",
        "Fall lösen",
        "Nachricht anzeigen",
    ),
    "fr": Tongue(
        "fr",
        "A13V1IB3VIYZZH",
        "Vous avez reçu un message.",
        ("------------- Début du message -------------", "------------- Fin du message -------------"),
        ("------------- Message:  -------------", "------------- Fin du message -------------"),
        "Cet e-mail a-t-il été utile ?",
        "Résoudre le problème",
        "Voir le message",
    ),
    "it": Tongue(
        "it",
        "APJ6JRA9NG5V4",
        "Hai ricevuto un messaggio.",
        ("------------- Inizio messaggio -------------", "------------- Fine messaggio -------------"),
        ("------------- Messaggio: -------------", "------------- Fine messaggio -------------"),
        "Questa e-mail è stata utile?",
        "Risolvi caso",
        "Visualizza messaggio",
    ),
    "es": Tongue(
        "es",
        "A1RKKUPIHCS9HS",
        "Has recibido un mensaje.",
        ("------------- Iniciar mensaje -------------", "------------- Finalizar mensaje -------------"),
        ("------------- Message:  -------------", "------------- Finalizar mensaje -------------"),
        "¿Este correo electrónico ha sido útil?",
        "Resolver caso",
        "Ver mensaje",
    ),
    "pt": Tongue(
        "com.br",
        "A2Q3Y263D00KWC",
        "Você recebeu uma mensagem.",
        ("------------- Iniciar mensagem -------------", "------------- Mensagem final -------------"),
        ("------------- Mensagem:  -------------", "------------- Encerrar mensagem -------------"),
        "Este e-mail foi útil?",
        "Solucionar o caso",
        "Ver mensagem",
    ),
    "en-fr": Tongue(
        "ca",
        "A2EUQ1WTGCTBG2",
        "You have received a message. / Vous avez reçu un message.",
        (
            "-------------- Begin message / Début du message -------------",
            "-------------- End message / Fin du message --------------",
        ),
        (
            "------------- Message / Message: -------------",
            "------------- End message / Fin du message -------------",
        ),
        "Was this email helpful?",
        "Resolve case",
        "View Message",
    ),
    # These have no table of their own in the rules, or one that nobody has confirmed.
    "nl": Tongue(
        "nl",
        "A1805IZSGTT6HS",
        "Je hebt een bericht ontvangen.",
        (
            "------------- Hier begint het bericht -------------",
            "------------- Hier eindigt het bericht -------------",
        ),
        ("------------- Bericht: -------------", "------------- Eindigen -------------"),
        "Was deze e-mail nuttig?",
        "Zaak oplossen",
        "Bekijk het bericht",
    ),
    "pl": Tongue(
        "pl",
        "A1C3SOZRARQ6R3",
        "Otrzymałeś wiadomość.",
        ("------------- Tu zaczyna się -------------", "------------- Tu się kończy -------------"),
        ("------------- Treść: -------------", "------------- Koniec -------------"),
        "Czy ten e-mail był pomocny?",
        "Rozwiąż sprawę",
        "Pokaż",
    ),
    "sv": Tongue(
        "se",
        "A2NODRKZP88ZB9",
        "Du har fått ett meddelande.",
        ("------------- Här börjar det -------------", "------------- Här slutar det -------------"),
        ("------------- Meddelande: -------------", "------------- Slut -------------"),
        "Var det här mejlet till hjälp?",
        "Lös ärendet",
        "Visa",
    ),
    "tr": Tongue(
        "com.tr",
        "A33AVAJ2PDY3EV",
        "Bir mesaj aldınız.",
        ("------------- Buradan başlar -------------", "------------- Burada biter -------------"),
        ("------------- Mesajınız: -------------", "------------- Bitti -------------"),
        "Bu e-posta yararlı oldu mu?",
        "Çöz",
        "Göster",
    ),
    "zh": Tongue(
        "co.jp",
        "A1VC38T7YXB528",
        "您收到一条消息。",
        ("------------- 从这里开始 -------------", "------------- 到这里结束 -------------"),
        ("------------- 买家留言: -------------", "------------- 结束 -------------"),
        "这封电子邮件有帮助吗？",
        "解决问题",
        "查看",
    ),
}
SEVEN = ("ja", "en", "de", "fr", "it", "es", "pt")


@dataclass(frozen=True, slots=True)
class BuyerMail:
    """One buyer's message; `build` writes it, `replace` changes what a test is about.

    Attributes:
        parts: ``both``, ``plain``, ``html`` (with the box for the words) or ``button`` (HTML without it).
        kind: the notification type in the header; None leaves the header out.
        linked_kind: the type inside the footer's links; None leaves the links out.
    """

    text: str = "まだ届いていません。"
    tongue: str = "ja"
    generation: str = "new"
    parts: str = "both"
    order: str | None = ORDER
    asin: str | None = "B0ABCDEFGH"
    key: str | None = "A0MESSAGEKEY00000001"
    name: str = "山田 太郎"
    local: str = LOCAL
    case: str | None = CASE
    reply_to: str | None = None
    subject: str = f"Amazonのカスタマー 山田 太郎 様から商品の詳細情報に関するお問い合わせ(注文: {ORDER})"
    kind: str | None = "BBC_MESSAGE_SENT_TO_MERCHANT"
    linked_kind: str | None = "BBC_MESSAGE_SENT_TO_MERCHANT"
    proof: str = "pass"
    attachments: tuple[str, ...] = ()
    extra: tuple[tuple[str, str], ...] = field(default=())

    @property
    def words(self) -> Tongue:
        """Amazon's wording in this mail's language."""
        return TONGUES[self.tongue]

    @property
    def address(self) -> str:
        """The buyer's alias."""
        suffix = f"+{self.case}" if self.case else ""
        return f"{self.local}{suffix}@marketplace.amazon.{self.words.market}"

    def but(self, **changes: object) -> BuyerMail:
        """The same mail with other values."""
        return replace(self, **changes)  # type: ignore[arg-type]

    def build(self) -> bytes:
        """The mail as bytes."""
        headers = [
            *proof_headers(self.proof, f"marketplace.amazon.{self.words.market}"),
            ("From", address(self.name, self.address)),
            ("Reply-To", self.reply_to or self.address),
            ("Subject", encoded(self.subject)),
            ("X-Marketplace-ID", self.words.market_id),
            *self.extra,
        ]
        if self.kind:
            headers.append(("X-Space-Notification-Type", self.kind))
        bodies = []
        if self.parts in {"both", "plain"}:
            bodies.append(("text/plain", plain_body(self)))
        if self.parts in {"both", "html", "button"}:
            bodies.append(("text/html", html_body(self)))
        return message(headers, bodies, self.attachments)


def head_lines(mail: BuyerMail) -> list[str]:
    """Amazon's lines above the markers."""
    if mail.order is None:
        return []
    title = f"ワイヤレスイヤホン 防水 [ASIN: {mail.asin}]" if mail.asin else "ワイヤレスイヤホン 防水"
    if mail.generation == "new":
        return [f"# {mail.order}:", f"1 / {title}", ""]
    label = "Order ID/Commande N°:" if mail.tongue == "en-fr" else "Order ID"
    return [f"{label} {mail.order}:", f"1 of {title}", ""]


def footer_links(mail: BuyerMail) -> list[tuple[str, str]]:
    """Amazon's links below the words: their labels and addresses."""
    words = mail.words
    if mail.generation == "old":
        page = f"http://www.amazon.{words.market}/gp/communication-manager"
        link = f"{page}/no-response-needed.html?msg={mail.key}&d=1&mp={words.market_id}&v=1&t=1"
        return [("To mark this message as no response needed, click here:", link)] if mail.key else []
    host = (
        "sellercentral-japan.amazon.com"
        if words.market == "co.jp"
        else f"sellercentral.amazon.{words.market}"
    )
    links = []
    if mail.linked_kind:
        survey = f"https://www.amazon.{words.market}/gp/satisfaction/survey-form.html?ie=UTF8"
        kind = f"&HMDName=NotificationBusEmailHMD&customAttribute1Value={mail.linked_kind}"
        links.append((words.helpful, survey + kind))
    if mail.key:
        query = f"t=A1THREAD&m={mail.key}&mp={words.market_id}&c=A1CUSTOMER&h={'0' * 40}&s=1"
        links.append((words.resolve, f"https://{host}/messaging/no-response-needed?{query}"))
    return links


def plain_body(mail: BuyerMail) -> str:
    """The plain part, with markers."""
    begin, end = mail.words.new if mail.generation == "new" else mail.words.old
    lines = [mail.words.greeting, "", *head_lines(mail), begin, "", mail.text, "", end, ""]
    for label, link in footer_links(mail):
        lines += [label, link, ""]
    if mail.generation == "old":
        lines.append(f"[commMgrTok:{mail.key}]")
    lines += ["-" * 26, "Copyright 2026 Amazon, Inc.", "", "SPC-JPAmazon-123456789012345", ""]
    return "\n".join(lines)


def html_body(mail: BuyerMail) -> str:
    """The HTML part: with the box for the words, or with nothing but a word above and a button below."""
    words = mail.words
    begin, end = (line.strip("- ") for line in (words.new if mail.generation == "new" else words.old))
    head = "<br>".join(html.escape(line) for line in head_lines(mail) if line)
    label = f"<p>{html.escape(begin)}</p>"
    inner = html.escape(mail.text)
    if mail.parts == "button":
        box = f"<p>{inner.replace(chr(10), '<br>')}</p>"
    else:
        box = PRE.format(text=inner) + (f"<p>{end}</p>" if mail.generation == "old" else "")
    inbox = f"https://sellercentral.amazon.{words.market}/messaging/inbox?fi=caseId"
    button = f'<p><a href="{inbox}">{words.view}</a></p>'
    links = "".join(
        f'<p>{html.escape(name)} <a href="{html.escape(link)}">{html.escape(name)}</a></p>'
        for name, link in footer_links(mail)
    )
    return (
        "<html><head><style>p{color:#333}</style></head>"
        f"<body><div style='display:none'>{words.greeting}</div>"
        f"<table><tr><td><p>{words.greeting}</p><p>{head}</p>{label}{box}{button}</td></tr></table>{links}"
        "<div id='spc-watermark'><p>SPC-EUAmazon-1</p></div></body></html>"
    )


def notice(
    subject: str,
    body: str = "",
    *,
    kind: str | None = None,
    sender: str = "donotreply@amazon.com",
    form: str = "html",
    market_id: str | None = "A1VC38T7YXB528",
    linked_kind: str | None = None,
    proof: str = "pass",
    extra: tuple[tuple[str, str], ...] = (),
) -> bytes:
    """A notice of Amazon's: the body as HTML or plain text, with the footer that asks about the mail."""
    headers = [
        *proof_headers(proof, sender.rpartition("@")[2]),
        ("From", address("Amazon Seller Central", sender)),
        ("Subject", encoded(subject)),
        *extra,
    ]
    if kind:
        headers.append(("X-Space-Notification-Type", kind))
    if market_id:
        headers.append(("X-Marketplace-ID", market_id))
    link = f"https://sellercentral-japan.amazon.com/notifications/feedback?deliveryId=1&communicationName={linked_kind}"
    if form == "plain":
        foot = f"\n\nWas this email helpful?\n{link}\n" if linked_kind else "\n"
        return message(headers, [("text/plain", body + foot)])
    ask = (
        f'<a href="{link}&amp;deliveryChannel=EMAIL">Report an issue with this email</a>'
        if linked_kind
        else ""
    )
    foot = f"<p>How satisfied? feedback survey</p>{ask}"
    page = f"<html><body><table><tr><td>{body}</td></tr></table>{foot}</body></html>"
    return message(headers, [("text/html", page)])


def bounce(
    recipient: str,
    message_id: str = "outbox-1@shop.example",
    *,
    sender: str = "MAILER-DAEMON@mx.shop.example",
    subject: str = "Undelivered Mail Returned to Sender",
) -> bytes:
    """A delivery report of an ordinary mail server about one of the seller's mails."""
    return "\r\n".join(
        (
            "Return-Path: <>",
            f"From: Mail Delivery System <{sender}>",
            "To: shop@shop.example",
            f"Subject: {subject}",
            "Message-ID: <bounce-1@mx.shop.example>",
            "Auto-Submitted: auto-replied",
            "MIME-Version: 1.0",
            'Content-Type: multipart/report; report-type=delivery-status; boundary="b"',
            "",
            "--b",
            "Content-Type: text/plain; charset=us-ascii",
            "",
            "I'm sorry to have to inform you that your message could not be delivered.",
            "--b",
            "Content-Type: message/delivery-status",
            "",
            "Reporting-MTA: dns; mx.shop.example",
            "",
            f"Final-Recipient: rfc822; {recipient}",
            "Action: failed",
            "Status: 5.1.1",
            "--b",
            "Content-Type: message/rfc822",
            "",
            "From: shop@shop.example",
            f"To: {recipient}",
            f"Message-ID: <{message_id}>",
            "Subject: Re: test",
            "",
            "Hello",
            "--b--",
            "",
        )
    ).encode()


def ordinary(sender: str, subject: str, body: str, extra: tuple[tuple[str, str], ...] = ()) -> bytes:
    """A mail of somebody else."""
    return message([("From", sender), ("Subject", encoded(subject)), *extra], [("text/plain", body)])


def message(
    headers: list[tuple[str, str]], bodies: list[tuple[str, str]], attachments: tuple[str, ...] = ()
) -> bytes:
    """Headers and bodies put together as a mail program would."""
    parts = [entity(kind, body) for kind, body in bodies]
    content = parts[0] if len(parts) == 1 else multipart("alternative", parts, "alt")
    if attachments:
        content = multipart("mixed", [content, *(attachment(name) for name in attachments)], "mix")
    fixed = [
        ("To", "shop@shop.example"),
        ("Date", "Sat, 21 Nov 2026 10:12:00 +0900"),
        ("Message-ID", "<0106-000000@eu-west-1.amazonses.com>"),
        ("MIME-Version", "1.0"),
    ]
    return ("".join(f"{name}: {value}\r\n" for name, value in [*headers, *fixed]) + content).encode()


def entity(kind: str, body: str) -> str:
    """One text part in base64."""
    packed = base64.encodebytes(body.encode()).decode().replace("\n", "\r\n")
    return f'Content-Type: {kind}; charset="utf-8"\r\nContent-Transfer-Encoding: base64\r\n\r\n{packed}'


def attachment(name: str) -> str:
    """One picture without content."""
    return (
        f'Content-Type: image/jpeg; name="{name}"\r\nContent-Disposition: attachment; filename="{name}"\r\n'
        "Content-Transfer-Encoding: base64\r\n\r\n/9j/\r\n"
    )


def multipart(kind: str, parts: list[str], boundary: str) -> str:
    """Several parts as one."""
    inner = "".join(f"--{boundary}\r\n{part}\r\n" for part in parts)
    return f'Content-Type: multipart/{kind}; boundary="{boundary}"\r\n\r\n{inner}--{boundary}--\r\n'


def proof_headers(proof: str, domain: str) -> list[tuple[str, str]]:
    """What the receiving host says about the sender: ``pass``, ``fail`` or, for anything else, nothing."""
    if proof not in {"pass", "fail"}:
        return []
    signer = domain.removeprefix("marketplace.")
    said = f"{HOST}; dkim={proof} header.d={signer}; dmarc={proof} header.from={domain}"
    return [("Authentication-Results", said)]


def address(name: str, mailbox: str) -> str:
    """A display name and an address."""
    return f"{encoded(name)} <{mailbox}>" if name else mailbox


def encoded(text: str) -> str:
    """A header value, folded and encoded where it must be."""
    return text if text.isascii() else Header(text, "utf-8", maxlinelen=60).encode(linesep="\r\n")
