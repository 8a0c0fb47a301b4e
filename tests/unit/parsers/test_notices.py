"""Amazon's notices: by type, by sender and wording, and what must not be taken for one."""

# ruff: noqa: E501 - a mail is easier to read when it is one row of a table
from __future__ import annotations

import base64
from typing import TYPE_CHECKING

import pytest

from parsers.reading import read
from parsers.values import (
    Claim,
    DeliveryFailure,
    Kind,
    ReplyCopy,
    ReturnRequest,
    Trust,
    UnrecognisedAmazon,
)
from tests.unit.parsers.mails import HOST, LOCAL, ORDER, PRE, TONGUES, bounce, message, notice, ordinary

if TYPE_CHECKING:
    from parsers.values import Reading

TRUST = Trust(authserv_id=HOST)
ALIAS = f"{LOCAL}@marketplace.amazon.co.jp"
SELLER = "auto-communication@amazon.co.jp"
ORDERS = "seller-notification@amazon.co.jp"
CLAIMS = "atoz-guarantee-no-reply@amazon.co.jp"
TYPES = {
    "BBC_MESSAGE_CONFIRMATION_TO_MERCHANT": Kind.REPLY_COPY,
    "BUYER_OPTED_OUT_BSM_MESSAGES": Kind.DELIVERY_FAILURE,
    "RETURN_REQUEST": Kind.RETURN_REQUEST,
    "REFUND_ISSUED": Kind.REFUND,
    "BRC_SELLER_NOTIFICATION": Kind.CANCELLATION_REQUEST,
    "A_Z_CLAIM_RESPONDENT_NOTIFY": Kind.CLAIM,
    "A_Z_CLAIM_RESPONDENT_CLOSE": Kind.CLAIM,
}


def look(content: bytes) -> Reading:
    """Read a mail with our own host believed."""
    return read(content, TRUST)


@pytest.mark.parametrize("form", ["html", "plain"])
@pytest.mark.parametrize("kind", TYPES)
def test_type_in_the_header_decides(kind: str, form: str) -> None:
    """The type outranks sender and wording, in any case."""
    reading = look(notice("件名", f"注文 {ORDER}", kind=kind.lower(), form=form))
    assert reading.kind is TYPES[kind]
    assert reading.notification.frame.order_ids == (ORDER,)
    assert reading.notification.frame.marketplace == "co.jp"
    assert reading.refusals == ("not_a_buyer_message",)


@pytest.mark.parametrize("form", ["html", "plain"])
@pytest.mark.parametrize("kind", TYPES)
def test_type_in_the_links_decides_where_the_header_was_lost(kind: str, form: str) -> None:
    """A forwarder drops headers and leaves the links."""
    assert look(notice("件名", f"注文 {ORDER}", linked_kind=kind, form=form)).kind is TYPES[kind]


def test_type_in_a_redirect() -> None:
    """The newer redirector names the type too, and hides the page in base64."""
    page = base64.urlsafe_b64encode(b"https://sellercentral.amazon.co.jp/x?mp=A1VC38T7YXB528").decode()
    link = f"https://sellercentral-japan.amazon.com/nms/sellermobile/redirect/1?nt=REFUND_ISSUED&u={page}"
    body = f'<a href="{link}">x</a><a href="https://sellercentral.amazon.com/redirect/?u=%FF">y</a>'
    reading = look(notice("件名", body, market_id=None))
    assert (reading.kind, reading.notification.frame.marketplace) == (Kind.REFUND, "co.jp")


SUBJECTS = [
    ("注文 503-5719122-1703247 の返品承認のお知らせ", "donotreply@amazon.com", Kind.RETURN_REQUEST),
    (
        "Return authorization request for order # 112-1234567-1234567",
        "order-update@amazon.com",
        Kind.RETURN_REQUEST,
    ),
    (
        "Return authorisation notification for Order 202-1234567-1234567",
        "donotreply@amazon.co.uk",
        Kind.RETURN_REQUEST,
    ),
    (
        "Notifica di autorizzazione del reso per l'ordine 403-1234567-1234567",
        "donotreply@amazon.com",
        Kind.RETURN_REQUEST,
    ),
    (
        "Notificación de autorización de devolución para el pedido 404-1234567-1234567",
        "donotreply@amazon.com",
        Kind.RETURN_REQUEST,
    ),
    (
        "Notification d'autorisation de retour 404-1234567-1234567",
        "donotreply@amazon.com",
        Kind.RETURN_REQUEST,
    ),
    ("返金手続き開始のお知らせ 3,000円 - 注文 250-8726777-7088261", "donotreply@amazon.com", Kind.REFUND),
    ("Refund initiated for order 112-1234567-1234567", "do-not-reply@amazon.com", Kind.REFUND),
    ("rimborso 169.01 EUR avviato - ordine 405-1234567-1234567", "donotreply@amazon.com", Kind.REFUND),
    ("Remboursement initié pour la commande 405-1234567-1234567", "donotreply@amazon.com", Kind.REFUND),
    ("注文番号 249-5111363-6878570 のキャンセルリクエスト", SELLER, Kind.CANCELLATION_REQUEST),
    ("キャンセルの依頼 249-5111363-6878570", SELLER, Kind.CANCELLATION_REQUEST),
    (
        "Buyer Cancellation Request for Order ID: 112-1234567-1234567",
        "donotreply@amazon.com",
        Kind.CANCELLATION_REQUEST,
    ),
    (
        "Richiesta di annullamento per l'ordine numero: 404-1234567-1234567",
        "donotreply@amazon.com",
        Kind.CANCELLATION_REQUEST,
    ),
    (
        "Solicitud de cancelación del pedido para el número de pedido: 404-1234567-1234567",
        "donotreply@amazon.com",
        Kind.CANCELLATION_REQUEST,
    ),
    ("マーケットプレイス保証の申し立てがありました", CLAIMS, Kind.CLAIM),
    ("Amazonマーケットプレイス保証(A-to-Z)の申請", SELLER, Kind.CLAIM),
    (
        "Action required: Claim received on order 112-1234567-1234567",
        "atoz-guarantee-no-reply@amazon.com",
        Kind.CLAIM,
    ),
    (
        "Richiesta di rimborso ricevuta per l’ordine 402-1234567-1234567",
        "atoz-guarantee-no-reply@amazon.it",
        Kind.CLAIM,
    ),
    (
        "Neuer A-bis-z-Garantieantrag für Bestellung 302-1234567-1234567",
        "atoz-guarantee-no-reply@amazon.de",
        Kind.CLAIM,
    ),
    ("A word nobody knows, order 112-1234567-1234567", "atoz-guarantee-no-reply@amazon.com", Kind.CLAIM),
    ("注文確定 - 出荷予定日のご連絡(249-5756638-1788328)", ORDERS, Kind.ORDER_NOTICE),
    ("2点の商品が販売されました", ORDERS, Kind.ORDER_NOTICE),
    ("Sold, ship now: Lamp", "seller-notification@amazon.com", Kind.ORDER_NOTICE),
    ("Sold, dispatch now: Lamp", "seller-notification@amazon.co.uk", Kind.ORDER_NOTICE),
    ("購入者へのメッセージを送信できませんでした", SELLER, Kind.DELIVERY_FAILURE),
    (
        "Il tuo messaggio all'acquirente non è stato consegnato.",
        "auto-communication@amazon.com",
        Kind.DELIVERY_FAILURE,
    ),
    (
        "Your message to the buyer could not be delivered",
        "auto-communication@amazon.com",
        Kind.DELIVERY_FAILURE,
    ),
    ("Your e-mail to Alisa", "donotreply@amazon.com", Kind.REPLY_COPY),
    ("Seu e-mail para João", "donotreply@amazon.com", Kind.REPLY_COPY),
    ("山田 太郎 様へのEメール", "donotreply@amazon.com", Kind.REPLY_COPY),
]


@pytest.mark.parametrize(("subject", "sender", "kind"), SUBJECTS)
def test_sender_and_subject_decide_without_a_type(subject: str, sender: str, kind: Kind) -> None:
    """Older or stripped notices are told by who writes and how it is called."""
    reading = look(notice(subject, "本文", sender=sender))
    assert reading.kind is kind
    assert reading.notification.frame.confidence in {"seen", "secondary", "assumed"}


def test_order_notice_by_its_first_sentence() -> None:
    """The wording of the body is enough from the right sender."""
    body = f"Amazonで新規の注文がありました。\n注文番号：{ORDER}\n"
    assert look(notice("出品者向け通知", body, sender=ORDERS, form="plain")).kind is Kind.ORDER_NOTICE


CONSUMER = [
    ("ご注文の確認 250-1234567-1234567", "auto-confirm@amazon.co.jp", "ご注文ありがとうございます。 注文番号 250-1234567-1234567"),
    ("返品リクエストの確認", "return@amazon.co.jp", "注文番号 250-1234567-1234567 の返品"),
    ("ご注文商品の出品者を評価してください", "marketplace-messages@amazon.co.jp", "出品者の評価をお願いします 注文番号 250-1234567-1234567"),
    ("Your order 112-1234567-1234567 has shipped", "shipment-tracking@amazon.com", "on its way"),
    ("How was your experience? Leave seller feedback", "no-reply@amazon.com", "Rate it: order 112-1234567-1234567, 5 stars?"),
    ("振り込み手続き開始のお知らせ", ORDERS, "お支払いを開始しました。"),
    ("Amazon Pay ご請求内容", "auto-communicator@amazonpay.amazon.co.jp", "P01-1234567-1234567"),
]  # fmt: skip


@pytest.mark.parametrize(("subject", "sender", "body"), CONSUMER)
def test_other_mail_from_amazon_is_only_counted(subject: str, sender: str, body: str) -> None:
    """Sellers buy there too, and nobody's shopping is alarmed about."""
    assert look(notice(subject, body, sender=sender)).kind is Kind.AMAZON_NOTICE


def test_unknown_type_is_unrecognised() -> None:
    """A type that nobody has described is shown, and mails of one type share a fingerprint."""
    found = [
        look(notice(f"新しいお知らせ {number}", f"{number} 円", kind="SOMETHING_NEW")).notification
        for number in (1, 22)
    ]
    assert all(isinstance(told, UnrecognisedAmazon) for told in found)
    assert len({told.fingerprint for told in found if isinstance(told, UnrecognisedAmazon)}) == 1


def test_seller_sender_with_an_order_is_unrecognised() -> None:
    """A known sender that names an order in unknown words deserves a look."""
    first = look(notice(f"Something about {ORDER}", "?", sender=SELLER)).notification
    second = look(notice("Something about 250-0000000-0000000", "?", sender=SELLER)).notification
    other = look(notice(f"Another matter {ORDER}", "?", sender=SELLER)).notification
    assert isinstance(first, UnrecognisedAmazon)
    assert isinstance(second, UnrecognisedAmazon)
    assert isinstance(other, UnrecognisedAmazon)
    assert first.fingerprint == second.fingerprint != other.fingerprint
    assert first.frame.order_ids == (ORDER,)


def test_alias_without_any_frame_is_unrecognised() -> None:
    """A buyer's address alone does not make a message, and the text's numbers are not believed."""
    reading = look(ordinary(ALIAS, "hello", "注文 250-9999999-9999999"))
    assert isinstance(reading.notification, UnrecognisedAmazon)
    assert reading.notification.frame.order_ids == ()
    again = look(ordinary("anotherbuyer01@marketplace.amazon.co.jp", "other", "x")).notification
    assert isinstance(again, UnrecognisedAmazon)
    assert again.fingerprint == reading.notification.fingerprint


def test_system_sender_of_the_marketplace_is_unrecognised() -> None:
    """Whatever Amazon itself sends from the buyers' domain is shown."""
    assert (
        look(notice("お知らせ", "本文", sender="donotreply@marketplace.amazon.co.jp")).kind
        is Kind.UNRECOGNISED_AMAZON
    )


def test_marketplace_falls_back_to_the_sender() -> None:
    """Where no id is in the mail, the sender's domain tells."""
    reading = look(notice("rimborso 1 EUR avviato", "x", sender="donotreply@amazon.it", market_id="UNKNOWN"))
    assert reading.notification.frame.marketplace == "it"


# ==== copies of what the seller wrote


@pytest.mark.parametrize("tongue", ["ja", "en", "pt", "de"])
@pytest.mark.parametrize("form", ["html", "plain"])
def test_copy_without_a_type_is_told_by_its_frame(tongue: str, form: str) -> None:
    """The seller's own reply carries a buyer's markers and must not be taken for a buyer's message."""
    begin, end = TONGUES[tongue].old
    lines = [
        "Dear Shop,",
        f"Order ID: {ORDER}",
        begin,
        "お問い合わせありがとうございます。",
        "在庫はございます。",
        end,
        "Amazon.com",
    ]
    body = "\n".join(lines) if form == "plain" else "".join(f"<p>{line}</p>" for line in lines)
    reading = look(notice("件名", body, form=form))
    assert isinstance(reading.notification, ReplyCopy)
    assert reading.notification.text.split() == ["お問い合わせありがとうございます。", "在庫はございます。"]
    assert reading.notification.frame.order_ids == (ORDER,)


@pytest.mark.parametrize(
    ("subject", "head", "name"),
    [
        ("Your e-mail to Alisa", "", "Alisa"),
        ("x", "Here is a copy of the e-mail you sent to Alisa Bean.", "Alisa Bean"),
        ("x", "山田 太郎 様に送信したEメールのコピーです。", "山田 太郎"),
        ("Seu e-mail para João", "", "João"),
        ("山田 太郎 様へのEメール", "", "山田 太郎"),
        ("ﾔﾏﾀﾞ　Ｔａｒｏ 様へのEメール", "", "ﾔﾏﾀﾞ　Ｔａｒｏ"),
        ("x", "Ｊｏｈｎ 様に送信したＥメールのコピーです。", "Ｊｏｈｎ"),
        ("x", "", None),
    ],
)
def test_copy_names_the_buyer(subject: str, head: str, name: str | None) -> None:
    """Amazon's sentence above the copy names the buyer, else the subject."""
    begin, end = TONGUES["en"].old
    body = f"{head}\n{begin}\nText 250-9999999-9999999\n{end}\n"
    reading = look(notice(subject, body, kind="BBC_MESSAGE_CONFIRMATION_TO_MERCHANT", form="plain"))
    assert isinstance(reading.notification, ReplyCopy)
    assert reading.notification.buyer_name == name
    assert reading.notification.frame.order_ids == ()


def test_copy_without_markers_keeps_everything() -> None:
    """A copy whose frame is unknown keeps its whole text."""
    reading = look(notice("x", "本文です", kind="BBC_MESSAGE_CONFIRMATION_TO_MERCHANT", form="plain"))
    assert isinstance(reading.notification, ReplyCopy)
    assert reading.notification.text == "本文です"


def test_copy_in_a_box() -> None:
    """A copy whose words stand in Amazon's box is read out of it."""
    body = "<p>Order ID: 250-1234567-7654321</p>" + PRE.format(text="送りました") + "<p>Amazon</p>"
    reading = look(notice("x", body, kind="BBC_MESSAGE_CONFIRMATION_TO_MERCHANT"))
    assert isinstance(reading.notification, ReplyCopy)
    assert reading.notification.text == "送りました"


# ==== mail that did not arrive


def failure(content: bytes) -> DeliveryFailure:
    """The delivery failure in a mail."""
    told = look(content).notification
    assert isinstance(told, DeliveryFailure), told
    return told


def test_opt_out_names_the_buyer() -> None:
    """The notice's mailto link carries the buyer's alias."""
    body = (
        f'<p>注文 [{ORDER}]</p><a href="mailto:{LOCAL}%2Bcase@marketplace.amazon.co.jp?subject=x">Eメール</a>'
    )
    told = failure(notice("x", body, kind="BUYER_OPTED_OUT_BSM_MESSAGES"))
    assert (told.reason, told.about_buyer_key) == ("opted_out", ALIAS)


@pytest.mark.parametrize(
    "body",
    [
        "購入者が出品者からの未承諾広告メールを受信しないように設定しているため、送信できませんでした。",
        "We were unable to deliver the message you sent for order because the buyer has chosen to opt out of receiving",
        "perché l'acquirente ha scelto di non ricevere messaggi non richiesti dai venditori.",
    ],
)
def test_opt_out_is_told_by_its_words(body: str) -> None:
    """Without a type the reason stands in the text."""
    told = failure(notice("購入者へのメッセージを送信できませんでした", body, sender=SELLER, form="plain"))
    assert told.reason == "opted_out"


def test_other_failure_of_amazon_is_a_bounce() -> None:
    """A notice that gives another reason, or none, is not called an opt-out."""
    assert (
        failure(notice("Your message could not be delivered", "A link was blocked.", sender=SELLER)).reason
        == "bounced"
    )


def test_bounce_of_a_mail_server() -> None:
    """A bounce from any host counts; its ids decide later whether it is about our mail."""
    told = failure(bounce(f"{LOCAL}+abc@marketplace.amazon.co.jp"))
    assert (told.reason, told.about_buyer_key) == ("bounced", ALIAS)
    assert "outbox-1@shop.example" in told.about_message_ids
    assert told.frame.marketplace is None


def test_bounce_of_amazon() -> None:
    """Amazon's bounce domain is enough."""
    extra = (("In-Reply-To", "<a@shop.example>"), ("References", "<r@shop.example> <a@shop.example>"))
    told = failure(ordinary("nobody@bounces.amazon.com", "Returned mail", "x", extra))
    assert told.about_message_ids == ("a@shop.example", "r@shop.example")
    assert told.frame.marketplace == "com"


def test_answer_of_amazons_failure_sender_is_a_bounce() -> None:
    """What answers one of our mails from the sender of failures is one, in whatever words."""
    told = failure(ordinary(SELLER, "?", "x", (("In-Reply-To", "<a@shop.example>"),)))
    assert told.reason == "bounced"


def test_plain_postmaster_is_a_bounce() -> None:
    """Some servers send no report, only a letter."""
    told = failure(ordinary("postmaster@mx.example", "failure", "To: nobody@example.org"))
    assert (told.about_message_ids, told.about_buyer_key) == ((), None)


def test_read_receipt_is_no_bounce() -> None:
    """A report that a mail was read says nothing about delivery."""
    kind = 'multipart/report; report-type=disposition-notification; boundary="b"'
    content = f"From: friend@example.org\r\nSubject: Read\r\nContent-Type: {kind}\r\n\r\n--b--\r\n".encode()
    assert look(content).kind is Kind.UNRELATED


def test_ordinary_mail_is_unrelated() -> None:
    """Other people's mail is none of our business, whatever number it names."""
    reading = look(ordinary("friend@example.org", f"注文番号{ORDER}の件", "出品者の評価: 1"))
    assert reading.kind is Kind.UNRELATED
    assert reading.notification.frame.order_ids == ()


# ==== returns and claims


def returned(content: bytes) -> ReturnRequest:
    """The return request in a mail."""
    told = look(content).notification
    assert isinstance(told, ReturnRequest), told
    return told


def test_return_table_gives_reason_and_comment() -> None:
    """The reason and the comment stand in the columns of a table; a number in the comment binds nothing."""
    heads = "<tr><th>商品</th><th>返品理由</th><th>購入者のコメント</th></tr>"
    rows = "<tr><td>ライト</td><td>商品に欠陥がある</td><td>点灯しません 250-9999999-9999999</td></tr>"
    body = f"<ul><li><b>Order ID:</b> {ORDER}</li></ul><table>{heads}{rows}</table>"
    told = returned(notice("返品承認", body, kind="RETURN_REQUEST"))
    assert (told.reason, told.text) == ("商品に欠陥がある", "点灯しません 250-9999999-9999999")
    assert told.frame.order_ids == (ORDER,)


def test_return_table_without_a_comment() -> None:
    """An empty cell below the comment's heading is no comment, and not the rest of the table either."""
    heads = "<tr><th>商品</th><th>返品理由</th><th>購入者のコメント</th></tr>"
    rows = "<tr><td>ライト</td><td>注文間違い</td><td></td></tr>"
    told = returned(notice("返品承認", f"<table>{heads}{rows}</table>", kind="RETURN_REQUEST"))
    assert (told.reason, told.text) == ("注文間違い", "")


def test_return_lines_give_reason_and_comment() -> None:
    """Older notices are lines with labels."""
    body = (
        f"Order ID: # {ORDER}\nItem: Lamp\nQuantity: 1\nReturn reason: Defective\nCustomer comments: It does not\n"
        "turn on.\nReturn Shipping Carrier: UPS\nRequest received: Nov 20\n"
    )
    told = returned(
        notice(
            f"Return authorization request for order # {ORDER}",
            body,
            sender="order-update@amazon.com",
            form="plain",
        )
    )
    assert (told.reason, told.text) == ("Defective", "It does not\nturn on.")


def test_return_without_words() -> None:
    """A return without reason and comment is one all the same."""
    told = returned(notice("x", "<table><tr><td>a</td></tr></table>", kind="RETURN_REQUEST"))
    assert (told.reason, told.text) == (None, "")


@pytest.mark.parametrize(
    ("subject", "closed"),
    [
        ("Claim received on order 112-1234567-1234567", False),
        ("Claim Decision on Order 112-1234567-1234567", True),
        ("Décision concernant la réclamation", True),
        ("Su reclamación bajo la Garantía de la A a la Z de Amazon para el pedido 404-1234567-1234567", True),
        ("マーケットプレイス保証の申請が決定しました", True),
        ("マーケットプレイス保証の申し立てがありました", False),
    ],
)
def test_decided_claims_are_told_from_open_ones(subject: str, closed: bool) -> None:
    """A decision asks nothing any more."""
    told = look(notice(subject, "x", sender=CLAIMS)).notification
    assert isinstance(told, Claim)
    assert told.closed is closed


def test_closing_type_closes() -> None:
    """The type of a decision is enough."""
    told = look(notice("x", ORDER, kind="A_Z_CLAIM_RESPONDENT_CLOSE")).notification
    assert isinstance(told, Claim)
    assert told.closed


def test_empty_mail_is_unrelated() -> None:
    """Nothing at all is nobody's."""
    assert look(b"").kind is Kind.UNRELATED
    assert look(message([("From", "donotreply@amazon.com")], [("text/plain", "")])).kind is Kind.AMAZON_NOTICE
