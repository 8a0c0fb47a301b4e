"""The demonstration's mail is read as it is meant."""

from datetime import datetime
from email import message_from_bytes, policy

import pytest

from daemon.demo import mails, story
from daemon.demo.events import TOKYO, Arrives
from daemon.demo.mails import AUTHSERV_ID, Buyer, Proof
from parsers.reading import read
from parsers.sent import read_sent
from parsers.values import (
    Authenticity,
    BuyerAlias,
    BuyerMessage,
    FeedbackNotice,
    Fulfilment,
    Kind,
    Refusal,
    Trust,
)

TRUST = Trust(authserv_id=AUTHSERV_ID)
AT = datetime(2026, 11, 20, 9, 0, tzinfo=TOKYO)
BUYER = Buyer("山本 美咲", "250-1834207-5562913", "ほうじ茶")

KINDS = {
    "a newsletter": Kind.UNRELATED,
    "Amazon: an order came in": Kind.ORDER_NOTICE,
    "Amazon: another order came in": Kind.ORDER_NOTICE,
    "a buyer: please cancel": Kind.BUYER_MESSAGE,
    "Amazon's copy of an answer written in Seller Central": Kind.REPLY_COPY,
    "a buyer: the box is crushed": Kind.BUYER_MESSAGE,
    "a buyer: how to use it": Kind.BUYER_MESSAGE,
    "the same message mailed again": Kind.BUYER_MESSAGE,
    "and a third time": Kind.BUYER_MESSAGE,
    "that buyer's vacation reply, through Amazon's alias": Kind.BUYER_MESSAGE,
    "a friend": Kind.UNRELATED,
    "a forged mail: its authentication failed": Kind.BUYER_MESSAGE,
    "a buyer: an invoice; nothing proves the sender": Kind.BUYER_MESSAGE,
    "advertising, in the junk folder": Kind.UNRELATED,
    "a question before buying, without an order": Kind.BUYER_MESSAGE,
    "Amazon's customer service for a buyer": Kind.BUYER_MESSAGE,
    "Amazon: the buyer takes no mail from sellers": Kind.DELIVERY_FAILURE,
    "Amazon: a kind of notice that nobody has seen": Kind.UNRECOGNISED_AMAZON,
    "seller feedback of 4": Kind.FEEDBACK,
    "Amazon: a refund on the first buyer's order": Kind.REFUND,
    "Amazon: a return request without a word": Kind.RETURN_REQUEST,
    "seller feedback of 1, on that buyer's order": Kind.FEEDBACK,
    "seller feedback of 1: a late delivery by Amazon": Kind.FEEDBACK,
    "seller feedback of 1: only about the product": Kind.FEEDBACK,
    "seller feedback of 2: product and service, mixed": Kind.FEEDBACK,
    "a buyer says thank you": Kind.BUYER_MESSAGE,
    "a buyer on amazon.com: not arrived": Kind.BUYER_MESSAGE,
    "Saturday: a late parcel, no one at the phone": Kind.BUYER_MESSAGE,
}
PROOFS = {
    "a forged mail: its authentication failed": Authenticity.FAIL,
    "a buyer: an invoice; nothing proves the sender": Authenticity.NONE,
    "a newsletter": Authenticity.NONE,
    "a friend": Authenticity.NONE,
    "advertising, in the junk folder": Authenticity.NONE,
}
ARRIVALS = [event for event in story.EVENTS if isinstance(event, Arrives)]


@pytest.mark.parametrize("event", ARRIVALS, ids=lambda event: event.what.en)
def test_each_mail_of_the_story_is_what_it_says(event):
    """Its kind, its proof and whether it may be acknowledged are as the story has them."""
    reading = read(event.mail, TRUST)
    name = event.what.en
    assert reading.kind is KINDS[name]
    assert reading.authenticity is PROOFS.get(name, Authenticity.PASS)
    if event.expected.acknowledged:
        assert reading.refusals == ()
    elif event.expected.refusal is not None:
        assert event.expected.refusal in reading.refusals


@pytest.mark.parametrize("event", ARRIVALS, ids=lambda event: event.what.en)
def test_each_mail_is_dated_and_named(event):
    """The Date is the story's instant, so that it is neither history nor late."""
    envelope = read(event.mail, TRUST).envelope
    assert abs(envelope.date - event.at).total_seconds() <= 60
    assert envelope.message_id
    assert envelope.to_addresses == (mails.SHOP_ADDRESS,)


def test_a_buyers_words_are_read_from_either_part():
    """The HTML alone says the same as the text, with the message's key in its links."""
    content = mails.buyer_message(BUYER, "使い方を教えてください。\n急いでいます。", AT)
    mail = message_from_bytes(content, policy=policy.default)
    both = read(content, TRUST).notification
    html = mail.get_body(("html",)).get_content()
    mail.clear_content()
    mail.set_content(html, subtype="html")
    alone = read(mail.as_bytes(), TRUST).notification
    for told in (both, alone):
        assert isinstance(told, BuyerMessage)
        assert told.text == "使い方を教えてください。\n急いでいます。"
        assert (told.buyer_name, told.frame.order_ids) == (BUYER.name, (BUYER.order,))
        assert told.alias == BuyerAlias.parse(BUYER.alias)
    assert both.message_key == alone.message_key is not None


def test_copies_of_a_message_share_their_key_alone():
    """One message is mailed several times under other Message-IDs."""
    readings = [
        read(mails.buyer_message(BUYER, "交換できますか？", AT, copy=copy), TRUST) for copy in (1, 2, 3)
    ]
    assert len({reading.envelope.message_id for reading in readings}) == 3
    assert len({reading.notification.message_key for reading in readings}) == 1


def test_the_same_arguments_give_the_same_mail():
    """But for the boundary between its parts nothing is left to chance."""
    first, second = (mails.buyer_message(BUYER, "在庫はありますか？", AT) for _ in range(2))
    plain = [message_from_bytes(one, policy=policy.default) for one in (first, second)]
    assert plain[0]["Message-ID"] == plain[1]["Message-ID"]
    bodies = [[part.get_content() for part in one.iter_parts()] for one in plain]
    assert bodies[0] == bodies[1]


def test_two_buyers_are_two():
    """Aliases and conversations are drawn from the name."""
    other = Buyer("木村 健", BUYER.order)
    assert BuyerAlias.parse(other.alias).buyer_key != BuyerAlias.parse(BUYER.alias).buyer_key
    assert other.case_key != BUYER.case_key


@pytest.mark.parametrize(
    ("proof", "refusal"), [(Proof.FAIL, Refusal.FORGED), (Proof.MISSING, Refusal.NOT_PROVEN)]
)
def test_a_sender_may_be_unproven(proof, refusal):
    """What the shop's server wrote decides."""
    assert read(mails.buyer_message(BUYER, "返品したい", AT, proof=proof), TRUST).refusals[0] is refusal


def test_a_relayed_message_names_its_order():
    """Amazon's customer service writes without the usual frame."""
    told = read(mails.relayed_message(BUYER, "配送状況", "届いていません。", AT), TRUST).notification
    assert told.relayed
    assert (told.frame.order_ids, told.text) == ((BUYER.order,), "届いていません。")


def test_a_copy_carries_what_was_sent():
    """Paragraphs included, for our own text must be found in it."""
    told = read(mails.reply_copy(BUYER, "山本 美咲 様\n\nお待ちください。", AT), TRUST).notification
    assert told.kind is Kind.REPLY_COPY
    assert (told.text, told.buyer_name) == ("山本 美咲 様\n\nお待ちください。", BUYER.name)
    assert told.frame.order_ids == (BUYER.order,)


def test_a_refusing_buyer_is_named():
    """The failure tells the order and the buyer's address without the conversation."""
    told = read(mails.opted_out(BUYER, AT), TRUST).notification
    assert (told.reason, told.frame.order_ids) == ("opted_out", (BUYER.order,))
    assert told.about_buyer_key == BuyerAlias.parse(BUYER.alias).buyer_key


def test_a_return_may_come_without_a_word():
    """The table's empty comment stays empty."""
    told = read(mails.return_request(BUYER, "お客様都合による返品", AT), TRUST).notification
    assert (told.reason, told.text) == ("お客様都合による返品", "")


@pytest.mark.parametrize("rating", [1, 4])
def test_feedback_has_its_stars(rating):
    """Rating, order and comment are read."""
    told = read(mails.feedback(BUYER.order, rating, "連絡がありません。", AT), TRUST).notification
    assert isinstance(told, FeedbackNotice)
    assert (told.rating, told.text, told.frame.order_ids) == (rating, "連絡がありません。", (BUYER.order,))


def test_a_persons_reply_stays_on_the_thread():
    """It goes to the alias and refers to the buyer's mail, and no robot wrote it."""
    asked = mails.buyer_message(BUYER, "使い方を教えてください。", AT)
    sent = read_sent(mails.persons_reply("まい商店", BUYER, asked, "はい。", AT))
    assert [alias.address for alias in sent.aliases] == [BUYER.alias]
    assert sent.envelope.in_reply_to == read(asked, TRUST).envelope.message_id
    assert not sent.automatic


@pytest.mark.parametrize(("amazon_ships", "ships"), [(False, Fulfilment.OWN), (True, Fulfilment.FBA)])
def test_an_order_tells_who_ships_it(amazon_ships, ships):
    """And on which day it came."""
    told = read(mails.order_notice(BUYER, AT, amazon_ships=amazon_ships), TRUST).notification
    assert (told.fulfilment, told.ordered_on) == (ships, AT.date())
    assert told.frame.order_ids == (BUYER.order,)
