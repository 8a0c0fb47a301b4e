"""Buyers' messages in every language, layout and disguise."""

# ruff: noqa: E501 - a mail is easier to read when it is one row of a table
from __future__ import annotations

import re
from urllib.parse import quote

import pytest

from parsers.reading import read
from parsers.recognisers.buyer_message import display_name
from parsers.values import BuyerMessage, Kind, Reading, Trust
from tests.unit.parsers.mails import (
    CASE,
    HOST,
    LOCAL,
    ORDER,
    SEVEN,
    TONGUES,
    BuyerMail,
    address,
    encoded,
    html_body,
    message,
    ordinary,
    plain_body,
)

TRUST = Trust(authserv_id=HOST)
TEXT = "箱が潰れていました。\n\n> これは引用です\n交換できますか？"
# The layout with a button is of the newest mails only.
LAYOUTS = [
    *((generation, parts) for generation in ("new", "old") for parts in ("both", "plain", "html")),
    ("new", "button"),
]


def read_mail(mail: BuyerMail) -> Reading:
    """Read a built mail with our own host believed."""
    return read(mail.build(), TRUST)


def told(reading: Reading) -> BuyerMessage:
    """The buyer's message in a reading."""
    assert isinstance(reading.notification, BuyerMessage), reading.notification
    return reading.notification


@pytest.mark.parametrize("kind", ["BBC_MESSAGE_SENT_TO_MERCHANT", None], ids=["typed", "untyped"])
@pytest.mark.parametrize(("generation", "parts"), LAYOUTS)
@pytest.mark.parametrize("tongue", TONGUES)
def test_every_layout_gives_the_words(tongue: str, generation: str, parts: str, kind: str | None) -> None:
    """Language, generation, parts and a lost header do not change what is read."""
    mail = BuyerMail(text=TEXT, tongue=tongue, generation=generation, parts=parts, kind=kind)
    read_back = told(read_mail(mail))
    assert read_back.text == TEXT
    assert read_back.frame.order_ids == (ORDER,)
    assert read_back.asins == ("B0ABCDEFGH",)
    assert read_back.message_key == mail.key
    assert read_back.alias.case_key == CASE
    assert read_back.frame.marketplace == TONGUES[tongue].market


@pytest.mark.parametrize("tongue", SEVEN)
def test_known_language_names_its_rule(tongue: str) -> None:
    """The rule tells layout and language, and how well it is founded."""
    frame = told(read_mail(BuyerMail(tongue=tongue))).frame
    assert frame.rule == f"buyer_message/new-{tongue}"
    assert frame.confidence in {"seen", "secondary"}


def test_unknown_language_says_so() -> None:
    """A frame told by its dashes alone is flagged as assumed."""
    frame = told(read_mail(BuyerMail(tongue="zh", parts="plain"))).frame
    assert (frame.rule, frame.confidence) == ("buyer_message/structure", "assumed")


def test_proven_message_may_be_acknowledged() -> None:
    """Nothing in an ordinary proven message forbids the acknowledgment."""
    assert read_mail(BuyerMail()).may_acknowledge


def test_type_is_read_without_regard_to_case() -> None:
    """Forwarders and gateways change the case of header values."""
    mail = BuyerMail(kind="bbc_message_sent_to_merchant", parts="plain")
    assert read_mail(mail).kind is Kind.BUYER_MESSAGE


def test_photo_without_words_is_a_message_with_empty_text() -> None:
    """Amazon's box stays empty when only a photo was sent."""
    for parts in ("both", "html", "plain"):
        read_back = told(read_mail(BuyerMail(text="", parts=parts, attachments=("photo.jpg",))))
        assert (read_back.text, read_back.attachments) == ("", ("photo.jpg",))


def test_presale_message_has_no_order() -> None:
    """A question before buying names no order, and that is no fault."""
    read_back = told(read_mail(BuyerMail(order=None, subject="Amazonのカスタマー 山田 様からお問い合わせ")))
    assert read_back.frame.order_ids == ()


def test_order_in_the_subject_only() -> None:
    """Where the frame has no number the subject's counts, in full-width signs too."""
    subject = "Amazonのカスタマー 山田 様からお問い合わせ（注文：２５０－１２３４５６７－７６５４３２１）"
    assert told(read_mail(BuyerMail(order=None, subject=subject))).frame.order_ids == (ORDER,)


def test_order_glued_to_the_word_before_it() -> None:
    """Mail programs lose the blank between an encoded word and plain text when they fold a subject."""
    subject = "=?utf-8?b?5rOo5paH55Wq5Y+3?=\r\n 249-1111111-2222222"
    mail = BuyerMail(order=None).but(subject="x")
    content = mail.build().replace(b"Subject: x", b"Subject: " + subject.encode())
    assert told(read(content, TRUST)).frame.order_ids == ("249-1111111-2222222",)


def test_numbers_of_the_buyer_bind_nothing() -> None:
    """A number in the buyer's own words is mentioned, no more."""
    for parts in ("plain", "html", "button"):
        read_back = told(read_mail(BuyerMail(text="前の注文 250-9999999-9999999 と同じです", parts=parts)))
        assert read_back.frame.order_ids == (ORDER,)
        assert read_back.mentioned_order_ids == ("250-9999999-9999999",)


def test_frame_beats_a_subject_that_a_buyer_named() -> None:
    """The subject carries the buyer's display name, so it cannot add a number."""
    subject = f"Amazonのカスタマー 250-6666666-6666666 様からお問い合わせ(注文: {ORDER})"
    assert told(read_mail(BuyerMail(subject=subject))).frame.order_ids == (ORDER,)


@pytest.mark.parametrize("quote", ["", "> "])
@pytest.mark.parametrize("tongue", ["ja", "nl"])
def test_quoted_amazon_mail_followed_by_words_stays(tongue: str, quote: str) -> None:
    """The first marker opens and the last one closes, whatever the buyer quotes in between."""
    old = BuyerMail(text="前の文です", tongue="en", key="A0STOLENKEY", order="250-5555555-5555555")
    quoted = "\n".join(quote + line for line in plain_body(old).split("\n"))
    text = f"以前こう書きました。\n{quoted}\nまだ返事がありません。"
    for parts in ("plain", "html"):
        read_back = told(read_mail(BuyerMail(text=text, tongue=tongue, parts=parts)))
        assert read_back.full_text.startswith("以前こう書きました。")
        assert read_back.full_text.endswith("まだ返事がありません。")
        assert read_back.text == read_back.full_text
        assert read_back.message_key == "A0MESSAGEKEY00000001"
        assert read_back.frame.order_ids == (ORDER,)


@pytest.mark.parametrize("quote", ["", "> "])
def test_quoted_amazon_mail_at_the_end_is_history(quote: str) -> None:
    """A quoted mail of Amazon's with nothing below it is taken off, and kept in the full text."""
    old = BuyerMail(text="前の文です", key="A0STOLENKEY")
    quoted = "\n".join(quote + line for line in plain_body(old).split("\n"))
    read_back = told(read_mail(BuyerMail(text=f"交換してください。\n\n{quoted}", parts="plain")))
    assert read_back.text == "交換してください。"
    assert "前の文です" in read_back.full_text


def test_link_in_the_words_is_no_key() -> None:
    """A buyer who pastes Amazon's link does not choose the message's id."""
    text = "これを押しました https://sellercentral.amazon.co.jp/messaging/no-response-needed?m=A0FORGED00&s=1"
    for parts in ("plain", "html", "button"):
        assert told(read_mail(BuyerMail(text=text, parts=parts))).message_key == "A0MESSAGEKEY00000001"
        assert told(read_mail(BuyerMail(text=text, parts=parts, key=None))).message_key is None


def test_links_in_the_html_part_only() -> None:
    """The plain part may come without the links that name the message; the box's surroundings have them."""
    mail = BuyerMail()
    bodies = [("text/plain", plain_body(mail.but(key=None))), ("text/html", html_body(mail))]
    read_back = told(
        read(message([("From", address("山田", mail.address)), ("Subject", "x")], bodies), TRUST)
    )
    assert read_back.message_key == mail.key


@pytest.mark.parametrize("form", ["plain", "html"])
def test_links_that_a_gateway_rewrote(form: str) -> None:
    """A gateway's link carries Amazon's own in a parameter; one that carries another's is no key."""
    wrapper = "https://apc01.safelinks.protection.outlook.com/?url={}&data=05%7C01&reserved=0"
    mail = BuyerMail(parts=form, kind=None)
    body = plain_body(mail) if form == "plain" else html_body(mail).replace("&amp;", "&")
    links = re.compile(r"https://[^\s\"<>]+")
    headers = [("From", address("山田", mail.address)), ("Subject", "x")]
    for host, key in (("amazon", mail.key), ("evil-amazon", None)):
        changed = links.sub(lambda link: wrapper.format(quote(link[0], safe="")), body)
        changed = changed.replace("amazon", host)
        assert told(read(message(headers, [(f"text/{form}", changed)]), TRUST)).message_key == key


def test_link_to_a_foreign_host_is_no_key() -> None:
    """Only Amazon's own hosts, compared label by label, give the id."""
    for host in ("amazon.co.jp.evil.example", "evilamazon.co.jp", "[::1", "amazon.example"):
        mail = BuyerMail(parts="plain", key=None, linked_kind=None)
        foot = f"https://{host}/messaging/no-response-needed?m=A0FORGED00\n"
        body = plain_body(mail).replace("Copyright", foot + "Copyright")
        headers = [("From", address("山田", mail.address)), ("Subject", "x")]
        assert told(read(message(headers, [("text/plain", body)]), TRUST)).message_key is None


def test_bare_rules_are_no_markers() -> None:
    """A row of dashes without a word stays in the buyer's text."""
    text = "一行目\n--------------------\n二行目\n-----Original Message-----"
    assert told(read_mail(BuyerMail(text=text, parts="plain"))).full_text == text


def test_older_token_alone_is_the_key() -> None:
    """The oldest mails carry their id as a token below the footer."""
    mail = BuyerMail(tongue="en", generation="old", parts="plain")
    body = plain_body(mail).replace("msg=", "gone=")
    headers = [("From", address("Alisa", mail.address)), ("Subject", "Inquiry")]
    assert told(read(message(headers, [("text/plain", body)]), TRUST)).message_key == mail.key


def test_missing_end_marker_is_closed_by_the_footer() -> None:
    """A mail whose end marker was lost is cut where Amazon's footer begins."""
    mail = BuyerMail(parts="plain", text="届きません")
    body = plain_body(mail).replace(mail.words.new[1], "")
    headers = [("From", address("山田", mail.address)), ("Subject", "x")]
    read_back = told(read(message(headers, [("text/plain", body)]), TRUST))
    assert (read_back.text, read_back.message_key) == ("届きません", mail.key)


def test_plain_part_without_frame_gives_way_to_html() -> None:
    """A plain part that only says "use another program" does not hide the words."""
    mail = BuyerMail(text="本文です")
    headers = [("From", address("山田", mail.address)), ("Subject", "x")]
    bodies = [("text/plain", "HTML対応のソフトでご覧ください"), ("text/html", html_body(mail))]
    assert told(read(message(headers, bodies), TRUST)).text == "本文です"


def test_plain_layout_without_dashes() -> None:
    """Some programs make a plain part of the newest HTML: a word above, a button's label below."""
    body = f"You have received a message.\n\n# {ORDER}:\n1 / Title [ASIN: B0ABCDEFGH]\n\nMessage:\nHello\nthere\n\nView Message\n"
    mail = BuyerMail(tongue="en")
    headers = [("From", address("Alisa", mail.address)), ("Subject", "x")]
    read_back = told(read(message(headers, [("text/plain", body)]), TRUST))
    assert (read_back.text, read_back.frame.rule) == ("Hello\nthere", "buyer_message/label")


def test_typed_message_without_any_frame_keeps_everything() -> None:
    """Where nothing shows the frame the whole text is the message, for nothing may be lost."""
    mail = BuyerMail()
    kind = ("X-Space-Notification-Type", "BBC_MESSAGE_SENT_TO_MERCHANT")
    headers = [("From", address("山田", mail.address)), ("Subject", "x"), kind]
    read_back = told(read(message(headers, [("text/plain", "こんにちは。\n届きません。")]), TRUST))
    assert (read_back.text, read_back.frame.rule) == ("こんにちは。\n届きません。", "buyer_message/bare")


def test_reply_to_counts_only_for_the_same_buyer() -> None:
    """An answer goes to Reply-To if it is the same buyer, else to From."""
    full = f"{LOCAL}+{CASE}@marketplace.amazon.co.jp"
    same = told(read_mail(BuyerMail(case=None, reply_to=full)))
    assert same.alias.address == full
    for other in ("someoneelse0001@marketplace.amazon.co.jp", "thief@evil.example"):
        assert told(read_mail(BuyerMail(reply_to=other))).alias.address == full


def test_several_senders_are_refused_and_not_lost() -> None:
    """A From with two addresses is shown as the buyer's message that it claims to be."""
    content = BuyerMail().build().replace(b"From: ", b"From: evil@evil.example, ", 1)
    reading = read(content, TRUST)
    assert reading.kind is Kind.BUYER_MESSAGE
    assert "several_senders" in reading.refusals


def test_system_sender_is_no_buyer() -> None:
    """Amazon's own senders on the buyers' domain never make a buyer's message."""
    for local in ("donotreply", "no-reply", "mailerdaemon"):
        content = BuyerMail(local=local, case=None).build()
        assert read(content, TRUST).kind is not Kind.BUYER_MESSAGE


def test_unknown_type_from_an_alias_is_not_guessed() -> None:
    """What may be anything is shown and never acknowledged."""
    reading = read_mail(BuyerMail(kind="BBC_SOMETHING_NEW"))
    assert reading.kind is Kind.UNRECOGNISED_AMAZON
    assert not reading.may_acknowledge


def test_unknown_word_in_a_link_leaves_the_decision_to_the_frame() -> None:
    """Only the header's own unknown word forbids reading a framed mail as a buyer's."""
    assert read_mail(BuyerMail(kind=None, linked_kind="SOMETHING_ELSE")).kind is Kind.BUYER_MESSAGE


def test_lookalike_domain_is_unrelated() -> None:
    """The domain is compared whole."""
    body = plain_body(BuyerMail())
    for domain in (
        "marketplace.amazon.co.jp.evil.example",
        "marketplace-amazon.co.jp",
        "xmarketplace.amazonn.co.jp",
    ):
        reading = read(ordinary(f"{LOCAL}@{domain}", "Amazon", body), TRUST)
        assert reading.kind is Kind.UNRELATED


@pytest.mark.parametrize(
    ("shown", "name"),
    [
        ("Alisa - Amazon Marketplace", "Alisa"),
        ("Marie - Marketplace d'Amazon.fr", "Marie"),
        ("Gianni – Marketplace Amazon", "Gianni"),
        ("山田 太郎 - Amazonマーケットプレイス", "山田 太郎"),
        ("山田　太郎（Amazonマーケットプレイス）", "山田　太郎"),
        (" 山田　太郎\n 様", "山田　太郎 様"),
        ("Jean-Luc", "Jean-Luc"),
        ("Anne - Lise", "Anne - Lise"),
        ("  ", None),
        (None, None),
    ],
)
def test_display_name_loses_the_marketplace(shown: str | None, name: str | None) -> None:
    """Older mails add the marketplace to the name."""
    assert display_name(shown) == name


RELAYS = {
    "en": (
        "Hello,\n\nWe've been contacted by a customer regarding the order identified below.\n\n"
        "--------------------\nOrder#: {order}\nItem: Lamp\nReason: Tracking info\nDetails: {text}\n"
        "--------------------\n\nTo respond to this customer, please reply to this e-mail or visit your seller "
        "account at the following link:\nhttps://sellercentral.amazon.com/x\n\nSincerely,\nCustomer Service\n"
    ),
    "en-new": (
        "Dear Amazon Seller,\n\nThis is Amazon's customer service team.\n\nProduct: Lamp\nOrder number: {order}\n"
        "Return requested: No\nReason for contact: {text}\n\nPlease respond within 24 hours.\n"
    ),
    "ja": (
        "出品者様\n\n--------------------\n注文番号: {order}\n理由: 配送状況\n詳細: {text}\n--------------------\n\n"
        "購入者様へのご連絡は、直接こちらのメールにご返信いただくか、以下セラーアカウントからご返信ください。\n"
        "今後ともAmazon.co.jp をよろしくお願いいたします\n"
    ),
    "de": (
        "Guten Tag,\n\n--------------------\nBestellnummer: {order}\nWeitere Angaben: {text}\n"
        "--------------------\n\nUm Ihren Käufer zu kontaktieren, antworten Sie bitte auf diese E-Mail.\n"
    ),
    "fr": "Bonjour,\n\n--------------------\nNuméro de commande: {order}\nDétails: {text}\n--------------------\n\nMerci\n",
    "it": "Salve,\n\n--------------------\nOrdine #: {order}\nDettagli: {text}\n--------------------\n\nGrazie\n",
    "es": "Hola,\n\n--------------------\nNúmero de pedido: {order}\nDetalles: {text}\n--------------------\n\nGracias\n",
}


@pytest.mark.parametrize("typed", [True, False])
@pytest.mark.parametrize("form", ["plain", "html"])
@pytest.mark.parametrize("tongue", RELAYS)
def test_service_relay_gives_the_details(tongue: str, form: str, typed: bool) -> None:
    """Amazon's customer service already promised an answer, so nothing is acknowledged."""
    body = RELAYS[tongue].format(order=ORDER, text="The parcel is late (see 250-9999999-9999999).")
    headers = [
        ("From", address("Amazon", BuyerMail().address)),
        ("Subject", "An inquiry from one of our customers"),
    ]
    if typed:
        headers.append(("X-Space-Notification-Type", "BBC_MESSAGE_SENT_TO_MERCHANT"))
    page = "<html><body>" + body.replace("\n", "<br>") + "</body></html>"
    bodies = [("text/html", page)] if form == "html" else [("text/plain", body)]
    reading = read(message(headers, bodies), TRUST)
    read_back = told(reading)
    assert read_back.relayed
    assert read_back.text == "The parcel is late (see 250-9999999-9999999)."
    assert read_back.frame.order_ids == (ORDER,)
    assert "relayed" in reading.refusals


@pytest.mark.parametrize("tongue", ["en", "en-new", "ja", "de"])
def test_service_relay_inside_a_frame(tongue: str) -> None:
    """The service's first sentence, or its form and its closing one, give it away inside Amazon's frame too."""
    text = RELAYS[tongue].format(order=ORDER, text="Late.")
    assert told(read_mail(BuyerMail(text=text, parts="plain"))).relayed


def test_buyer_with_labelled_lines_is_not_relayed() -> None:
    """A buyer who writes like a form is answered like any buyer."""
    text = "注文番号: 250-1234567-7654321\n詳細: 届きません\n--------------------\n以上"
    for parts in ("plain", "html", "button"):
        assert not told(read_mail(BuyerMail(text=text, parts=parts))).relayed


def test_vacation_reply_through_the_alias_is_automatic() -> None:
    """A robot's answer is stored and never answered."""
    reading = read_mail(BuyerMail(extra=(("Auto-Submitted", "auto-replied"),)))
    assert reading.auto_reply
    assert reading.refusals == ("automatic",)


def test_vacation_words_are_automatic() -> None:
    """Amazon drops the header, so the words count."""
    assert read_mail(BuyerMail(text="これは自動返信です。ただいま不在にしております。")).auto_reply


@pytest.mark.parametrize(("proof", "refusal"), [("fail", "forged"), ("silent", "not_proven")])
def test_unproven_message_is_refused(proof: str, refusal: str) -> None:
    """Only a proven message is acknowledged."""
    assert read_mail(BuyerMail(proof=proof)).refusals == (refusal,)


@pytest.mark.playbook("thanks")
def test_mere_thanks_is_refused() -> None:
    """Thanks need no acknowledgment; with a photo they may be more than thanks."""
    assert read_mail(BuyerMail(text="ありがとうございました。")).refusals == ("thanks",)
    assert read_mail(BuyerMail(text="ありがとうございました。", attachments=("a.jpg",))).may_acknowledge


def test_subject_is_folded_and_encoded() -> None:
    """The subject that the builder writes is folded, so the tests above ran over folded subjects."""
    assert "\r\n" in encoded(BuyerMail().subject)


def marked_page(mail: BuyerMail) -> str:
    """An HTML part without a box, whose markers still have their dashes."""
    begin, end = mail.words.new
    link = f"https://sellercentral.amazon.co.jp/messaging/no-response-needed?m={mail.key}"
    return (
        f"<p># {mail.order}:<br>1 / Title [ASIN: {mail.asin}]</p><p>{begin}</p><p>{mail.text}</p><p>{end}</p>"
        f'<p><a href="{link}">x</a></p>'
    )


def test_html_with_dashes_and_without_a_box() -> None:
    """Older HTML shows the markers of the plain part."""
    mail = BuyerMail(text="届きません")
    headers = [("From", address("山田", mail.address)), ("Subject", "x")]
    read_back = told(read(message(headers, [("text/html", marked_page(mail))]), TRUST))
    assert (read_back.text, read_back.message_key) == ("届きません", mail.key)
    assert read_back.frame.order_ids == (ORDER,)


def test_html_is_closed_by_the_old_footer() -> None:
    """The oldest HTML has a footer with a name of its own."""
    mail = BuyerMail(text="Where is it?")
    page = f'<p># {ORDER}:</p><p>Message:</p><p>Where is it?</p><div id="amznCommMgrFooter">footer</div>'
    headers = [("From", address("Alisa", mail.address)), ("Subject", "x")]
    assert told(read(message(headers, [("text/html", page)]), TRUST)).text == "Where is it?"


def test_html_without_any_sign_of_a_frame() -> None:
    """A typed message keeps its whole text; an untyped one is nobody's."""
    mail = BuyerMail()
    headers = [("From", address("Alisa", mail.address)), ("Subject", "x")]
    kind = ("X-Space-Notification-Type", "BBC_MESSAGE_SENT_TO_MERCHANT")
    page = [("text/html", "<p>Where is it?</p>")]
    assert told(read(message([*headers, kind], page), TRUST)).text == "Where is it?"
    assert read(message(headers, page), TRUST).kind is Kind.UNRECOGNISED_AMAZON


def test_relay_without_details() -> None:
    """A relay that names only the order is one, and its details are empty."""
    body = "We've been contacted by a customer regarding the order identified below.\n\nOrder#: 110-1234567-1234567\n"
    headers = [("From", address("Amazon", BuyerMail().address)), ("Subject", "x")]
    read_back = told(read(message(headers, [("text/plain", body)]), TRUST))
    assert (read_back.relayed, read_back.text, read_back.frame.order_ids) == (
        True,
        "",
        ("110-1234567-1234567",),
    )


def test_relay_without_closing_sentence() -> None:
    """The details run to the end where nothing closes them."""
    body = "This is Amazon's customer service team.\nOrder number: 110-1234567-1234567\nDetails: one\ntwo\n"
    headers = [("From", address("Amazon", BuyerMail().address)), ("Subject", "x")]
    assert told(read(message(headers, [("text/plain", body)]), TRUST)).text == "one\ntwo"


def test_escaped_ampersands_in_a_plain_part() -> None:
    """Programs that make the plain part from HTML forget to unescape."""
    mail = BuyerMail(parts="plain")
    headers = [("From", address("山田", mail.address)), ("Subject", "x")]
    body = plain_body(mail).replace("&", "&amp;")
    assert told(read(message(headers, [("text/plain", body)]), TRUST)).message_key == mail.key
