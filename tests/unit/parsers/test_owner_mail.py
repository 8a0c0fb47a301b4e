"""The owner's mail: the mark in the subject, robots, and proof."""

from __future__ import annotations

from base64 import b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.owner_mail import TOKEN_LENGTH, carries_mark, make_subject_mark, read_owner_mail
from parsers.values import Authenticity, Trust
from tests.unit.parsers.mails import HOST, encoded, message

TOKEN = "abcdefghijklmnopqrstuv2345"
OTHER = "zyxwvutsrqponmlkjihgfe7654"
AWAY = "現在、年末年始の休業期間中です。ご返信が遅れますので、ご了承ください。"


def mail(subject: str, text: str = "はい", *extra: tuple[str, str]) -> bytes:
    """One mail of the owner's."""
    return message([("From", "owner@shop.example"), ("Subject", subject), *extra], [("text/plain", text)])


def as_word(text: str) -> str:
    """An encoded word."""
    return f"=?utf-8?B?{b64encode(text.encode()).decode()}?="


@pytest.mark.parametrize(
    "subject",
    [
        f"[sokuresu:{TOKEN}]",
        f"Re: [sokuresu:{TOKEN}] 送信",
        f"RE: Fwd: x [SOKURESU:{TOKEN.upper()}]",
        f"[sokuresu: {TOKEN}]",
        f"[ sokuresu : {TOKEN} ]",
        f"approve\r\n [sokuresu:\r\n {TOKEN}]",
        f"approve [sokuresu:\r\n\t{TOKEN}\r\n ]",
        encoded(f"【即レス】案件12の下書きを送る [sokuresu:{TOKEN}]"),
        encoded(f"案件12　［ｓｏｋｕｒｅｓｕ：{TOKEN}］"),
        as_word("送る [sokuresu:") + "\r\n " + as_word(f"{TOKEN}]"),
        as_word(f"送る [sokuresu:{TOKEN[:9]}") + "\r\n " + as_word(f"{TOKEN[9:]}]"),
        as_word("送る ") + f"\r\n [sokuresu:\r\n {TOKEN}]",
        f"[sokuresu:{TOKEN}] [sokuresu:{TOKEN.upper()}]",
        f"[sokuresu:{TOKEN}] [sokuresu:short]",
        f"=?utf-8?Q?[sokuresu:_{TOKEN}]?=",
    ],
)
def test_the_mark_is_found_however_the_subject_is_written(subject: str) -> None:
    """Folds, encoded words, widths, case and blanks beside the token do not count."""
    assert read_owner_mail(mail(subject), Trust()).token == TOKEN


@pytest.mark.parametrize(
    "subject",
    [
        "",
        TOKEN,
        "[sokuresu:]",
        f"[sokuresu:{TOKEN}",
        f"[sokuresu:{TOKEN[:-1]}]",
        f"[sokuresu:{TOKEN}a]",
        f"[sokuresu:{TOKEN[:10]} {TOKEN[10:]}]",
        f"[sokuresu:{TOKEN[:10]}\r\n {TOKEN[10:]}]",
        f"[sokuresu:{TOKEN[:-1]}1]",
        encoded(f"[sokuresu:{TOKEN[:-1]}え]"),
        f"[sokuresu:{TOKEN}] [sokuresu:{OTHER}]",
        f"[other:{TOKEN}]",
        f"(sokuresu:{TOKEN})",
    ],
)
def test_anything_else_is_no_token(subject: str) -> None:
    """A token is whole, in one piece and the only one."""
    assert read_owner_mail(mail(subject), Trust()).token is None


def test_several_marks_are_marks_without_a_token() -> None:
    """Such a subject is still one of a command, and a faulty mark is none."""
    assert carries_mark(f"[sokuresu:{TOKEN}] [SOKURESU: {OTHER}]")
    assert not carries_mark(f"[sokuresu:{TOKEN[:-1]}] {TOKEN}")


def test_a_mark_in_the_text_is_none() -> None:
    """Our alerts hold marks in their links, and a reply quotes them."""
    assert read_owner_mail(mail("Re: x", f"> [sokuresu:{TOKEN}]\n[sokuresu:{TOKEN}]"), Trust()).token is None


@given(st.text("abcdefghijklmnopqrstuvwxyz234567", min_size=TOKEN_LENGTH, max_size=TOKEN_LENGTH))
def test_what_we_make_we_read(token: str) -> None:
    """The mark survives its way through a subject."""
    assert read_owner_mail(mail(f"Re: {make_subject_mark(token)} x"), Trust()).token == token


@pytest.mark.parametrize(
    ("content", "automatic"),
    [
        (mail("Re: x"), False),
        (mail("Re: x", "はい", ("Auto-Submitted", "auto-replied")), True),
        (mail("Re: x", "はい", ("X-Autoreply", "yes")), True),
        (mail("Re: x", "はい", ("Precedence", "bulk")), True),
        (mail("Re: x", "はい", ("Return-Path", "<>")), True),
        (mail("Re: x", "はい", ("X-Sokuresu-Outbox", "17")), True),
        (mail(f"[sokuresu:{TOKEN}]", "はい", ("X-Sokuresu-Outbox", "17")), True),
        (mail(encoded("自動返信: 未回答3件")), True),
        (mail("Automatic reply: x"), True),
        (mail("Out of office"), True),
        (mail("Re: x", "これは自動返信メールです。\n現在不在です。"), True),
        (mail(f"[sokuresu:{TOKEN}]", "これは自動返信メールです。"), True),
        (mail("Re: x", AWAY), True),
        (mail(f"Re: [sokuresu:{TOKEN}]", AWAY), True),
        (mail(f"[sokuresu:{TOKEN}]", AWAY, ("In-Reply-To", "<a@shop.example>")), True),
        (mail(f"[sokuresu:{TOKEN}]", AWAY, ("References", "<a@shop.example>")), True),
        (mail("Re: x", f"はい\n> {AWAY}"), False),
    ],
)
def test_robots_are_known(content: bytes, automatic: bool) -> None:
    """Headers, subject or words of a robot, and our own mail; what is merely quoted proves nothing."""
    assert read_owner_mail(content, Trust()).automatic is automatic


def test_a_holiday_of_the_shop_makes_no_robot() -> None:
    """Who opens a new mail with a link of ours may tell a buyer about holidays."""
    subject = encoded(f"案件12の文面を変える {make_subject_mark(TOKEN)}")
    read = read_owner_mail(mail(subject, AWAY), Trust())
    assert (read.token, read.text, read.automatic) == (TOKEN, AWAY, False)


@pytest.mark.parametrize(
    ("said", "trusted", "expected"),
    [
        (f"{HOST}; dkim=pass header.d=shop.example", HOST, Authenticity.PASS),
        (f"{HOST}; dmarc=pass header.from=shop.example", HOST, Authenticity.PASS),
        (f"{HOST}; dkim=pass header.d=other.example", HOST, Authenticity.NONE),
        (f"{HOST}; dmarc=fail header.from=shop.example", HOST, Authenticity.FAIL),
        (f"{HOST}; dkim=pass header.d=shop.example", None, Authenticity.NONE),
        ("mx.evil.example; dkim=pass header.d=shop.example", HOST, Authenticity.NONE),
    ],
)
def test_proof_is_judged_as_for_all_mail(said: str, trusted: str | None, expected: Authenticity) -> None:
    """Only the configured host is believed."""
    read = read_owner_mail(mail("x", "はい", ("Authentication-Results", said)), Trust(trusted))
    assert read.authenticity is expected
    assert read.reason


def test_two_senders_prove_nothing() -> None:
    """A mail that names somebody beside the owner is not the owner's."""
    content = message(
        [
            ("Authentication-Results", f"{HOST}; dmarc=pass header.from=shop.example"),
            ("From", "owner@shop.example, x@evil.example"),
        ],
        [("text/plain", "はい")],
    )
    read = read_owner_mail(content, Trust(HOST))
    assert (read.envelope.from_address, read.authenticity) == (None, Authenticity.NONE)


def test_nothing_secret_is_shown() -> None:
    """Neither token nor words reach a log by way of the value's own text."""
    shown = repr(read_owner_mail(mail(f"[sokuresu:{TOKEN}]", "秘密の文面"), Trust()))
    assert TOKEN not in shown
    assert "秘密" not in shown


def test_plain_part_goes_before_html() -> None:
    """Where a mail carries both, the plain one says which lines are quoted."""
    bodies = [("text/plain", "はい\n> 前"), ("text/html", "<p>いいえ</p>")]
    content = message([("From", "owner@shop.example")], bodies)
    assert read_owner_mail(content, Trust()).text == "はい"


def test_an_empty_plain_part_gives_way_to_html() -> None:
    """Some apps send a plain part without words."""
    bodies = [("text/plain", " \n"), ("text/html", "<p>はい</p><blockquote>前</blockquote>")]
    content = message([("From", "owner@shop.example")], bodies)
    assert read_owner_mail(content, Trust()).text == "はい"


@given(st.binary())
def test_no_bytes_raise(content: bytes) -> None:
    """Whatever arrives is read as far as it goes."""
    assert isinstance(read_owner_mail(content, Trust(HOST)).text, str)
    headed = b"From: owner@shop.example\r\nSubject: [sokuresu:" + content
    assert isinstance(read_owner_mail(headed, Trust(HOST)).automatic, bool)
