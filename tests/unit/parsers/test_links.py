"""Amazon's own link for a message that needs no answer, and imitations of it."""

from __future__ import annotations

import html
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.links import no_response_link
from tests.unit.parsers.mails import BuyerMail, message, notice, plain_body

SAMPLES = Path(__file__).parents[2] / "data" / "samples"
HOST = "https://sellercentral-japan.amazon.com"
QUERY = f"t=A1THREAD&m=A0MESSAGEKEY00000001&mp=A1VC38T7YXB528&c=A1CUSTOMER&h={'0' * 40}&s=1"
REAL = f"{HOST}/messaging/no-response-needed?{QUERY}"
FAKE = f"{HOST}/messaging/no-response-needed?t=EVIL&m=EVIL"
FAKE_FRAME = f"""はい。

------------- メッセージはここまで -------------

このEメールは役に立ちましたか?
問題を解決済みにする
{FAKE}

SPC-JPAmazon-1
"""


@pytest.mark.parametrize("parts", ["both", "plain", "html"])
@pytest.mark.parametrize("tongue", ["ja", "en", "de", "fr", "it", "es", "pt"])
def test_the_link_is_found_and_not_altered(parts: str, tongue: str) -> None:
    """In the text, in the HTML, in every language whose end marker is known."""
    link = no_response_link(BuyerMail(parts=parts, tongue=tongue).build())
    market = BuyerMail(tongue=tongue).words
    host = HOST if tongue == "ja" else f"https://sellercentral.amazon.{market.market}"
    assert link == f"{host}/messaging/no-response-needed?{QUERY.replace('A1VC38T7YXB528', market.market_id)}"


@pytest.mark.parametrize(
    "text",
    [
        FAKE,
        f"問題を解決済みにする\n{FAKE}",
        FAKE_FRAME,
        f"------------- メッセージ: -------------\n{FAKE_FRAME}",
        f"------------- End message -------------\n{FAKE}\n------------- Begin message -------------",
        f"</pre><a href='{FAKE}'>x</a>",
        f'</pre></body><a href="{FAKE}">x</a><pre style="white-space: -o-pre-wrap">',
        f"&lt;/pre&gt;<a href='{FAKE}'>",
        FAKE_FRAME * 3,
    ],
)
@pytest.mark.parametrize("parts", ["both", "plain", "html"])
@pytest.mark.parametrize("key", ["A0MESSAGEKEY00000001", None])
def test_a_buyers_imitation_is_never_taken(text: str, parts: str, key: str | None) -> None:
    """Amazon's own link wins; where Amazon sent none, there is none."""
    link = no_response_link(BuyerMail(text=text, parts=parts, key=key).build())
    assert link == (REAL if key else None)


@pytest.mark.parametrize("parts", ["plain", "button"])
@pytest.mark.parametrize("tongue", ["nl", "pl", "sv", "tr", "zh"])
def test_unknown_frames_give_no_link(parts: str, tongue: str) -> None:
    """Where the end marker is unknown or missing, nobody can tell whose a link is."""
    for text in (FAKE, FAKE_FRAME, f"------------- メッセージ: -------------\n{FAKE_FRAME}"):
        mail = BuyerMail(text=text, parts=parts, tongue=tongue, key=None)
        assert no_response_link(mail.build()) is None


def test_markers_below_a_label_are_the_buyers() -> None:
    """A text of Amazon's without markers, in which the buyer wrote a whole frame."""
    mail = BuyerMail()
    lines = [f"# {mail.order}:", "1 / x [ASIN: B0ABCDEFGH]", "", "メッセージ:", "", "はい。", ""]
    frame = f"------------- メッセージ: -------------\n{FAKE_FRAME}"
    headers = [("From", mail.address), ("X-Space-Notification-Type", "BBC_MESSAGE_SENT_TO_MERCHANT")]
    content = message(headers, [("text/plain", "\n".join([*lines, frame, "メッセージを表示"]))])
    assert no_response_link(content) is None


@pytest.mark.parametrize(
    "link",
    [
        REAL.replace("https", "http"),
        REAL.replace(HOST, f"{HOST}.evil.example"),
        REAL.replace(HOST, "https://evil.example"),
        REAL.replace(HOST, "https://sellercentral-japan.amazon.com@evil.example"),
        REAL.replace(HOST, "https://x@sellercentral-japan.amazon.com"),
        REAL.replace(HOST, f"{HOST}:8443"),
        REAL.replace(HOST, "https://sellercentral.amazon.evil"),
        REAL.replace(HOST, "https://sellercentral.amazon.co.jp.example"),
        REAL.replace(HOST, "https://xsellercentral.amazon.co.jp"),
        REAL.replace(HOST, "https://www.amazon.co.jp"),
        REAL.replace(HOST, "https://sellercentral-japan.amazon.com\\.evil.example"),
        REAL.replace("no-response-needed", "no-response-needed/../report"),
        REAL.replace("/messaging/", "/x/messaging/"),
        REAL.replace("/messaging/no-response-needed", "/messaging/inbox"),
        REAL.replace("A1THREAD", "é"),
        REAL + "&x=" + "a" * 3000,
        REAL.replace("&", "&amp;"),
    ],
)
def test_other_links_are_not_taken(link: str) -> None:
    """Host and path are compared whole, and the link is an ordinary https one."""
    mail = BuyerMail(parts="plain")
    body = plain_body(mail).replace(REAL, link)
    headers = [("From", mail.address), ("X-Space-Notification-Type", "BBC_MESSAGE_SENT_TO_MERCHANT")]
    assert link in body
    assert no_response_link(message(headers, [("text/plain", body)])) is None


@pytest.mark.parametrize("host", ["sellercentral.amazon.co.jp", "sellercentral-europe.amazon.com"])
def test_all_hosts_of_seller_central_are_known(host: str) -> None:
    """Old and new ones, and the one of several European marketplaces."""
    mail = BuyerMail(parts="plain")
    link = REAL.replace("sellercentral-japan.amazon.com", host)
    headers = [("From", mail.address), ("X-Space-Notification-Type", "BBC_MESSAGE_SENT_TO_MERCHANT")]
    content = message(headers, [("text/plain", plain_body(mail).replace(REAL, link))])
    assert no_response_link(content) == link


def test_two_different_links_are_none() -> None:
    """Then one of them is not what it seems."""
    mail = BuyerMail(parts="plain")
    headers = [("From", mail.address), ("X-Space-Notification-Type", "BBC_MESSAGE_SENT_TO_MERCHANT")]
    body = plain_body(mail)
    assert no_response_link(message(headers, [("text/plain", f"{body}\n{REAL}\n")])) == REAL
    assert no_response_link(message(headers, [("text/plain", f"{body}\n{FAKE}\n")])) is None


def test_a_link_inside_the_box_is_the_buyers() -> None:
    """Some program may turn what a buyer wrote into a link."""
    mail = BuyerMail(parts="html")
    headers = [("From", mail.address), ("X-Space-Notification-Type", "BBC_MESSAGE_SENT_TO_MERCHANT")]
    box = f'<pre style="white-space: -o-pre-wrap">x <b><a href="{FAKE}">x</a></b></pre>'
    with_real = f'<p>x</p><a href="{FAKE}">above</a>{box}<a href="{html.escape(REAL)}">x</a>'
    assert no_response_link(message(headers, [("text/html", box)])) is None
    assert no_response_link(message(headers, [("text/html", with_real)])) == REAL
    assert no_response_link(message(headers, [("text/html", f'<a href="{FAKE}">x</a>')])) is None


def test_only_buyers_messages_have_one() -> None:
    """Not a notice, not a stranger's mail that looks like a message, not a copy of an answer."""
    page = f'<pre style="white-space: -o-pre-wrap">x</pre><a href="{html.escape(REAL)}">x</a>'
    assert no_response_link(notice("x", page, kind="REFUND_ISSUED")) is None
    assert no_response_link(notice("Your e-mail to A", page)) is None
    assert no_response_link(BuyerMail().build().replace(b"marketplace.amazon.", b"marketplace.evil.")) is None
    assert no_response_link(b"") is None


@pytest.mark.parametrize("sample", sorted(SAMPLES.glob("*.eml")), ids=lambda sample: sample.stem)
def test_samples_show_their_link(sample: Path) -> None:
    """Every sample of a message shows one, but for the one that the customer service wrote."""
    link = no_response_link(sample.read_bytes())
    framed = sample.stem.startswith(("ja-", "en-", "de-")) and "relayed" not in sample.stem
    assert (link is not None) is framed
    assert link is None or (link.startswith("https://sellercentral") and "&amp;" not in link)


@given(st.text(max_size=300))
def test_whatever_a_buyer_writes_the_link_is_amazons(text: str) -> None:
    """No words of a buyer change the answer, but for words that hide it."""
    assert no_response_link(BuyerMail(text=text).build()) in {REAL, None}


@given(st.binary())
def test_no_bytes_raise(content: bytes) -> None:
    """Every mail gets an answer."""
    assert no_response_link(content) is None


@pytest.mark.no_cover
@pytest.mark.parametrize(
    "unit", ["<a href=x>", "<pre>", "<pre style='white-space:-o-pre-wrap'><a>", "https://a "]
)
def test_hostile_mails_cost_little(unit: str) -> None:
    """Deep and long parts are read in bounded time."""
    mail = BuyerMail()
    headers = [("From", mail.address), ("X-Space-Notification-Type", "BBC_MESSAGE_SENT_TO_MERCHANT")]
    content = message(headers, [("text/plain", unit * 50_000), ("text/html", unit * 50_000)])
    started = time.process_time()
    no_response_link(content)
    assert time.process_time() - started < 20
