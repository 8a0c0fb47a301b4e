"""What a shipping agent writes is read in whatever form Japanese offices send it."""

from __future__ import annotations

from email.mime.text import MIMEText

import pytest

from parsers.agent_mail import read_agent_mail
from parsers.values import Authenticity, Trust
from tests.unit.parsers.mails import HOST, encoded, message, proof_headers

WORDS = "番地が違っていました。本日転送します①。"
ORDER = "250-1234567-7654321"


def agents(*parts, subject="ご返信", headers=(), proof="pass"):
    """A mail of the agent's."""
    fields = [("From", "desk@logi.example"), ("Subject", encoded(subject)), *headers]
    return message([*proof_headers(proof, "logi.example"), *fields], list(parts))


def test_html_alone_is_read():
    """Without its hidden parts, and what it quotes is no word of theirs."""
    page = (
        f"<p>{WORDS}</p><div style='display:none'>x</div><p>----- Original Message -----<br>注文 {ORDER}</p>"
    )
    mail = read_agent_mail(agents(("text/html", page)), Trust(HOST))
    assert mail.text == WORDS
    assert mail.order_ids == (ORDER,)
    assert mail.authenticity is Authenticity.PASS


@pytest.mark.parametrize("charset", ["cp932", "utf-8", "euc_jis_2004"])
def test_japanese_charsets_are_read(charset):
    """The signs beyond the standard too, where the charset has them."""
    words = WORDS.replace("①", "") if charset.startswith("euc") else WORDS
    labels = {"cp932": "shift_jis", "euc_jis_2004": "euc-jp"}
    part = MIMEText("x")
    part.set_payload(words.encode(charset))
    part["From"] = "desk@logi.example"
    part.replace_header("Content-Type", f"text/plain; charset={labels.get(charset, charset)}")
    part.replace_header("Content-Transfer-Encoding", "8bit")
    assert read_agent_mail(bytes(part), Trust()).text == words


def test_order_of_the_subject_counts_and_robots_are_known():
    """By header or by the words with which they begin."""
    robot = agents(("text/plain", "x"), subject=f"Re: {ORDER}", headers=[("Auto-Submitted", "auto-replied")])
    assert read_agent_mail(robot, Trust(HOST)).automatic
    assert read_agent_mail(robot, Trust(HOST)).order_ids == (ORDER,)
    assert not read_agent_mail(agents(("text/plain", WORDS)), Trust(HOST)).automatic


@pytest.mark.parametrize("content", [b"", b"\x00\xff", b"From: desk@logi.example\n\n" + b"250-" * 300_000])
def test_broken_mail_is_empty_and_quick(content):
    """Nothing raises, and without any proof nothing is proven."""
    mail = read_agent_mail(content, Trust())
    assert mail.authenticity is Authenticity.NONE
    assert mail.order_ids == ()


def test_nothing_of_it_stands_in_a_log():
    """It may name a buyer."""
    assert "番地" not in repr(read_agent_mail(agents(("text/plain", WORDS)), Trust(HOST)))
