"""Mails arrive as they were meant, whatever stood in their fields."""

import email
import email.policy
import re
from datetime import datetime, timedelta, timezone
from email import charset
from email.header import decode_header, make_header
from email.utils import parseaddr
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.compose import OUTBOX_HEADER, REFERENCES_LIMIT, compose_alert, compose_reply, message_id_for

ALIAS = "zew3b6oa0ii8769+c9c80f15-73ee-4a85-86fe-71a08b994546@marketplace.amazon.co.jp"
PARENT = "01065c588f612e60-a65d48e4-229c-4948-8120-1bba31f985ef-000000@ap-northeast-1.amazonses.com"
SUBJECT = "Amazonのカスタマー 佐藤 花子 様から商品の詳細情報に関するお問い合わせ(注文: 250-3407084-0349098)"
AT = datetime(2026, 11, 21, 10, 12, tzinfo=ZoneInfo("Asia/Tokyo"))
INJECTIONS = [
    f"a{end}Bcc: x@evil.example{end}{end}body" for end in ("\r\n", "\n", "\r", "\x00", "\x85", "\u2028")
]


def reply(**changes):
    """A reply's bytes; every field can be changed."""
    values = {
        "sender_address": "shop@shop.example",
        "sender_name": "まい商店",
        "recipient": ALIAS,
        "subject": SUBJECT,
        "text": "佐藤 花子 様\n\nただいま確認しております。\n",
        "message_id": "sokuresu.a1b2@shop.example",
        "in_reply_to": PARENT,
        "references": (),
        "at": AT,
        "automatic": True,
    }
    return compose_reply(**(values | changes))


def alert(**changes):
    """An alert's bytes; every field can be changed."""
    values = {
        "sender_address": "shop@shop.example",
        "shop_name": "まい商店",
        "owner": "owner@shop.example",
        "subject": "【即レス】未回答3件・次の期限 本日 20:00(あと30分)",
        "text": "お疲れさまです。\n",
        "message_id": "<sokuresu.c3@shop.example>",
        "at": AT,
    }
    return compose_alert(**(values | changes))


def read(content):
    """The mail as another program reads it."""
    return email.message_from_bytes(content, policy=email.policy.default)


def body(content):
    """The text with plain line ends."""
    return read(content).get_content().replace("\r\n", "\n")


def plain_and_page(content):
    """The two alternatives of an alert with plain line ends, in their order."""
    mail = read(content)
    assert mail.get_content_type() == "multipart/alternative"
    parts = list(mail.iter_parts())
    assert [part.get_content_type() for part in parts] == ["text/plain", "text/html"]
    return [part.get_content().replace("\r\n", "\n") for part in parts]


def assert_travels(content):
    """Seven bits, CRLF only, no line over the limit of the protocol, no control."""
    assert content.isascii()
    assert not re.search(rb"(?<!\r)\n|\r(?!\n)|\x00", content)
    assert max(map(len, content.split(b"\r\n"))) <= 998


def field_names(content):
    """The names of the header fields as they stand in the bytes."""
    head = content.split(b"\r\n\r\n", 1)[0].decode("ascii")
    return [line.split(":")[0] for line in head.split("\r\n") if not line.startswith(" ")]


def test_a_reply_survives_the_journey():
    """Japanese name, subject and text, the thread, the date and our own marks are read as written."""
    mail = read(reply())
    assert mail["Subject"] == f"Re: {SUBJECT}"
    assert mail["From"] == "まい商店 <shop@shop.example>"
    assert mail["To"] == ALIAS
    assert mail["Date"] == "Sat, 21 Nov 2026 10:12:00 +0900"
    assert mail["Message-ID"] == "<sokuresu.a1b2@shop.example>"
    assert mail["In-Reply-To"] == mail["References"] == f"<{PARENT}>"
    assert mail[OUTBOX_HEADER] == "sokuresu.a1b2@shop.example"
    assert mail["Auto-Submitted"] == "auto-replied"
    assert mail["X-Auto-Response-Suppress"] == "All"
    assert mail.get_content_type() == "text/plain"
    assert body(reply()) == "佐藤 花子 様\n\nただいま確認しております。\n"
    assert_travels(reply())


def test_what_a_person_approved_is_not_marked_automatic():
    """The marks of an automatic mail would make Amazon and others treat an answer as none."""
    mail = read(reply(automatic=False))
    assert mail["Auto-Submitted"] is None
    assert mail["X-Auto-Response-Suppress"] is None
    assert mail[OUTBOX_HEADER] == "sokuresu.a1b2@shop.example"


def test_an_alert_says_that_it_is_generated():
    """So that nothing answers it, also when the owner's address is the watched one."""
    mail = read(alert())
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["X-Auto-Response-Suppress"] == "All"
    assert mail[OUTBOX_HEADER] == "sokuresu.c3@shop.example"
    assert mail["Subject"] == "【即レス】未回答3件・次の期限 本日 20:00(あと30分)"
    assert mail["From"].addresses[0].display_name == "sokuresu まい商店"
    assert mail["To"] == "owner@shop.example"
    assert plain_and_page(alert())[0] == "お疲れさまです。\n"
    assert_travels(alert())


def test_an_alert_is_a_page_with_buttons_too():
    """The text comes first and keeps its links whole; the page holds the same words and a button for each."""
    link = "mailto:shop@shop.example?subject=%5Bsokuresu%20abc%5D"
    text = f"お疲れさまです。\n\n▶ この下書きを送る\n{link}\n\n│ ▶ にせ\n│ {link}\n"
    plain, page = plain_and_page(alert(text=text))
    assert plain == text
    assert page.count("<a ") == page.count(f'<a href="{link}"') == 1
    assert "お疲れさまです。" in page


def test_buttons_lead_to_our_own_sender_only():
    """A link to any other address, the owner's included, stays text."""
    text = "▶ 送る\nmailto:owner@shop.example?subject=x\n"
    assert "<a " not in plain_and_page(alert(text=text))[1]


def test_the_same_alert_has_the_same_bytes():
    """What separates the alternatives depends on nothing but what they say."""
    assert alert(text="a") == alert(text="a")
    boundary = read(alert(text="a")).get_boundary()
    assert boundary != read(alert(text="b")).get_boundary()


@given(text=st.text(max_size=300))
def test_any_alert_travels(text):
    """Whatever is told, both alternatives arrive whole, and their boundary stands in neither."""
    content = alert(text=text)
    assert_travels(content)
    assert content.count(read(content).get_boundary().encode()) == 4
    assert "</html>" in plain_and_page(content)[1]


def test_long_message_ids_stand_in_clear():
    """Amazon's ids are longer than a usual line; as encoded words no program would thread by them."""
    head = reply(references=(f"a{PARENT}",)).split(b"\r\n\r\n")[0]
    assert f"In-Reply-To: <{PARENT}>\r\n".encode() in head
    assert f"References: <a{PARENT}>\r\n <{PARENT}>\r\n".encode() in head
    assert f"To: {ALIAS}\r\n".encode() in head


@pytest.mark.parametrize(
    "before",
    [
        "",
        "Re: ",
        "RE:",
        "re : ",
        "Re: RE: Re:",
        "Fwd: ",
        "FW:",
        "Re[2]: ",
        "Re(3):",
        "返信: ",
        "転送：",
        "RE: 返信：Fwd:",
        "AW: WG: ",
    ],
)
def test_a_subject_gets_exactly_one_re(before):
    """However often it went to and fro."""
    assert read(reply(subject=before + SUBJECT))["Subject"] == f"Re: {SUBJECT}"


@pytest.mark.parametrize(
    "subject", ["Report: x", "Refund initiated", "Reason: late", "返信不要: x", "[重要] 注文"]
)
def test_a_subject_that_only_looks_like_a_reply_is_kept(subject):
    """Words that begin like a prefix are part of the subject."""
    assert read(reply(subject=subject))["Subject"] == f"Re: {subject}"


def test_a_subject_without_end_is_cut():
    """A million characters, or a million prefixes, cost nothing and fit."""
    assert len(read(reply(subject="あ" * 1_000_000))["Subject"]) < 400
    assert read(reply(subject="Re: " * 250_000))["Subject"].startswith("Re:")
    assert read(reply(subject="")).get("Subject") == "Re:"


def test_the_chain_is_kept_once_and_bounded():
    """Oldest first, the answered mail last, each once, only ids, and not for ever longer."""
    chain = [f"<n{number}@x.example>" for number in range(50)]
    found = read(reply(references=[*chain, *chain, PARENT, "no id", "<>", "a b@x"]))["References"].split()
    assert len(found) == REFERENCES_LIMIT
    assert found[0] == "<n0@x.example>"
    assert found[-2:] == ["<n49@x.example>", f"<{PARENT}>"]
    assert len(set(found)) == len(found)


@pytest.mark.parametrize(
    "parent", [None, "", "no id", "<a@b>\r\nBcc: x@y.example", "あ@x.example", "a" * 2_000 + "@x"]
)
def test_a_parent_that_is_no_id_is_left_out(parent):
    """A mail without usable Message-ID can be answered all the same."""
    mail = read(reply(in_reply_to=parent))
    assert mail["In-Reply-To"] is None
    assert mail["References"] is None


@pytest.mark.parametrize("bad", INJECTIONS)
@pytest.mark.parametrize("field", ["sender_name", "subject", "text", "in_reply_to"])
def test_no_field_of_a_reply_can_add_a_header(field, bad):
    """What comes from outside is cleaned; the header fields are the same as ever."""
    content = reply(**{field: bad})
    assert set(field_names(content)) <= set(field_names(reply()))
    assert read(content)["Bcc"] is None
    assert_travels(content)


@pytest.mark.parametrize("bad", INJECTIONS)
def test_no_reference_can_add_a_header(bad):
    """A hostile chain is left out."""
    assert field_names(reply(references=(bad, f"x@y{bad}"))) == field_names(reply())


@pytest.mark.parametrize("bad", INJECTIONS)
@pytest.mark.parametrize("field", ["shop_name", "subject", "text"])
def test_no_field_of_an_alert_can_add_a_header(field, bad):
    """An alert tells of hostile mail and stays whole."""
    content = alert(**{field: bad})
    assert field_names(content) == field_names(alert())
    assert_travels(content)


NO_ADDRESSES = ["a", "a b@c", "あ@x.example", "<a@b.example>", "a@b,c@d", "a@b@c"]
WRONG = {
    "sender_address": NO_ADDRESSES,
    "recipient": NO_ADDRESSES,
    "message_id": ["a", "a b@c", "あ@x.example", "a@b@c", "<<a@b>>"],
}


@pytest.mark.parametrize(
    ("field", "bad"),
    [(field, bad) for field in WRONG for bad in ("", "a@", "@b", *WRONG[field], *INJECTIONS)],
)
def test_wrong_addresses_and_ids_are_refused(field, bad):
    """They are the caller's mistake; the error does not repeat them."""
    with pytest.raises(ValueError, match=r"^not a") as caught:
        reply(**{field: bad})
    assert "evil" not in str(caught.value)


def test_a_date_without_zone_is_refused():
    """It would be sent as if it were UTC."""
    with pytest.raises(ValueError, match="time zone"):
        reply(at=datetime(2026, 11, 21, 10))


@pytest.mark.parametrize("address", ["a..b@docomo.ne.jp", "a.@docomo.ne.jp", "o'neill+x@shop.example"])
def test_addresses_that_only_telephones_allow_are_written_as_they_are(address):
    """Old mobile addresses in Japan break the rule on dots, and their owners read mail."""
    assert f"To: {address}\r\n".encode() in alert(owner=address)


def test_a_long_plain_subject_begins_beside_its_name():
    """A first line without any word is shown as no subject, or with a blank before it, by some readers."""
    wanted = "Inquiry from Amazon customer Alice Moore (Order: 112-4471830-9026155)"
    content = reply(subject=wanted)
    assert b"\r\nSubject: Re: Inquiry from" in content
    assert read(content)["Subject"] == f"Re: {wanted}"


@pytest.mark.parametrize("name", ["", "My Shop", 'Shop "A", B', "まい,商店", "A" * 90, "店" * 90, "a\\b"])
def test_senders_names_are_read_back(name):
    """Quotes, commas and length included; readers that know RFC 2047 put the pieces together."""
    field = next(
        line for line in email.message_from_bytes(reply(sender_name=name)).items() if line[0] == "From"
    )[1]
    shown, address = parseaddr(field)
    assert address == "shop@shop.example"
    assert str(make_header(decode_header(shown))) == (name if len(name) <= 60 else name[:59] + "…")


@given(subject=st.text(max_size=120), text=st.text(max_size=300), name=st.text(max_size=30))
def test_any_text_travels(subject, text, name):
    """Whatever is written, the mail is whole, and the body is read back but for controls and line ends."""
    content = reply(subject=subject, text=text, sender_name=name)
    assert_travels(content)
    assert field_names(content) == field_names(reply())
    assert str(make_header(decode_header(email.message_from_bytes(content)["Subject"]))).startswith("Re:")


@given(st.text(alphabet=st.sampled_from("あ漢ｶ①髙😀a1(): -"), min_size=1, max_size=150))
def test_any_subject_is_read_back(subject):
    """Mixed Japanese and ASCII keep every blank, however the line is folded."""
    wanted = " ".join(subject.split())
    assert " ".join(read(reply(subject=wanted))["Subject"].split()) == f"Re: {wanted}".strip()


@pytest.mark.parametrize(
    "text", ["a" * 5_000, "あ" * 5_000, ".\n..\nFrom me\n", "x\r\ny\rz", "末尾の空白  \n"]
)
def test_bodies_of_any_shape_are_read_back(text):
    """Long lines, dots, mbox's From and foreign line ends arrive as lines of text."""
    content = reply(text=text)
    assert_travels(content)
    assert body(content) == text.replace("\r\n", "\n").replace("\r", "\n").rstrip("\n") + "\n"


def test_message_ids_are_fixed_and_tell_no_host():
    """The same row has the same id for ever, under the shop's own domain."""
    assert message_id_for("a1b2", "Shop@Shop.Example") == "sokuresu.a1b2@shop.example"
    with pytest.raises(ValueError, match="token"):
        message_id_for("a b", "shop@shop.example")
    with pytest.raises(ValueError, match="address"):
        message_id_for("a1b2", "shop")


def test_the_date_shows_the_zone_it_was_given():
    """A shop in Berlin writes Berlin's time."""
    mail = read(reply(at=datetime(2026, 7, 1, 9, tzinfo=timezone(timedelta(hours=2)))))
    assert mail["Date"] == "Wed, 01 Jul 2026 09:00:00 +0200"


def test_other_libraries_change_no_letter_of_our_mail():
    """Some set Python's own table of encodings for all the process; a draft is known again by its form."""
    before = reply()
    kept = dict(charset.CHARSETS)
    try:
        charset.add_charset("utf-8", charset.QP, charset.QP, "utf-8")
        assert reply() == before
    finally:
        charset.CHARSETS.clear()
        charset.CHARSETS.update(kept)
