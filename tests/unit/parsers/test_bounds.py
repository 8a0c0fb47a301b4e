"""No mail holds up the mails behind it: the time and the memory that one may take are bounded.

The guards are many times what was measured, so that a busy machine breaks none; work that grows with the
square of a mail's size breaks them all the same.
"""

from __future__ import annotations

import base64
import time
import tracemalloc
from typing import TYPE_CHECKING

import pytest

from parsers.folding import fold_width
from parsers.html import html_reply_to_text, html_to_text
from parsers.interest import interest_of
from parsers.mime import parse_headers, parse_mime
from parsers.owner_mail import read_owner_mail
from parsers.reading import read
from parsers.sent import read_sent
from parsers.values import Trust
from templates.guidelines import check
from tests.unit.parsers.mails import HOST, BuyerMail, message

if TYPE_CHECKING:
    from collections.abc import Callable

SECONDS = 20
"""Processor time; nothing here takes a tenth of it, the cost of watching the memory included."""

MULTIPLE, BASE = 24, 48_000_000
"""Bytes at the peak: as many times the mail's size, and what goes to tables and small mails."""

TRUST = Trust(HOST)
BUYER = f"From: {BuyerMail().address}\nX-Space-Notification-Type: BBC_MESSAGE_SENT_TO_MERCHANT\n".encode()
PLAIN = b"Content-Type: text/plain; charset=utf-8\n\n"
MIXED = b"Content-Type: multipart/mixed; boundary=b\n\n"


def _deep_multiparts() -> bytes:
    opened = b"".join(b"--b%d\nContent-Type: multipart/mixed; boundary=b%d\n\n" % (at, at + 1) for at in range(1000))
    return b"Content-Type: multipart/mixed; boundary=b0\n\n" + opened + b"--b1000\n\nx\n"


MAILS: dict[str, Callable[[], bytes]] = {
    "multiparts 1,000 deep": _deep_multiparts,
    "mails 1,000 deep": lambda: b"Content-Type: message/rfc822\n\n" * 1000 + b"x",
    "10,000 parts": lambda: MIXED + b"--b\nContent-Type: text/plain\n\nx\n" * 10_000,
    "200,000 parts": lambda: MIXED + b"--b\n\n" * 200_000,
    "100,000 groups of a report": lambda: b"Content-Type: message/delivery-status\n\n" + b"a: b\n\n" * 100_000,
    "a header of 5 MB": lambda: b"Subject: " + b"a" * 5_000_000 + b"\n\nx",
    "a folded header of 5 MB": lambda: b"Subject: a\n" + b" a\n" * 1_700_000 + b"\nx",
    "100,000 headers": lambda: b"X-A: b\n" * 100_000 + b"\nx",
    "two million lines": lambda: PLAIN + b"a\n" * 2_000_000,
    "300,000 blank lines": lambda: PLAIN + b"\r\n" * 300_000,
    "100,000 encoded words": lambda: b"Subject: " + b"=?utf-8?q?a?= " * 100_000 + b"\n" + PLAIN,
    "100,000 charsets": lambda: b"Subject: " + b"=?a?q?a?= =?b?q?b?= " * 50_000 + b"\n" + PLAIN,
    "names in 3,000 pieces": lambda: MIXED + b"--b\nContent-Disposition: attachment; "
    + b"; ".join(b"filename*%d*=%%e3%%81%%82" % at for at in range(3000)) + b"\n\nx\n--b--\n",
    "parameters without end": lambda: b'Content-Type: text/plain; charset="' + b"\\" * 100_000 + b"\n\nx",
    "soft line breaks": lambda: b"Content-Transfer-Encoding: quoted-printable\n" + PLAIN + b"=\n" * 300_000,
    "signs in hexadecimal": lambda: b"Content-Transfer-Encoding: quoted-printable\n" + PLAIN + b"=E3=81=82" * 60_000,
    "base64 of line breaks": lambda: b"Content-Transfer-Encoding: base64\n" + PLAIN
    + base64.encodebytes(b"\n" * 600_000),
    "broken base64": lambda: b"Content-Transfer-Encoding: base64\n" + PLAIN + b"=*A\n" * 200_000,
    "uuencoded lines": lambda: b"Content-Transfer-Encoding: x-uuencode\n" + PLAIN + b"begin 644 a\n" * 50_000,
    "100,000 escapes": lambda: b"Content-Type: text/plain; charset=iso-2022-jp\n\n" + b"\x1b$B\x1b(B" * 100_000,
    "100,000 shifts": lambda: b"Content-Type: text/plain; charset=iso-2022-jp\n\n" + b"\x1b(J\x0e1\x0f" * 100_000,
    "escapes in the subject": lambda: b"Subject: " + b"\x1b$B\x1b(B" * 100_000 + b"\n" + PLAIN,
    "100,000 recipients": lambda: b"To: " + b"a@b.example," * 100_000 + b"\n" + PLAIN,
    "500 recipients 100 times": lambda: (b"To: " + b"a@b.example," * 200 + b"\n") * 100 + PLAIN,
    "blanks behind a name": lambda: b"To: a" + b" " * 200_000 + b"x\n" + PLAIN,
    "one sender of many addresses": lambda: b"To: " + b"=?a?q?a?=" * 2000 + b"<a@b>" * 10_000 + b"\n" + PLAIN,
    "an endless date": lambda: b"Date: " + b"1 Jan 2026 " * 20_000 + b"\n" + PLAIN,
    "10,000 stations": lambda: b"Received: from a by b; Sat, 21 Nov 2026 09:00:00 +0900\n" * 10_000 + PLAIN,
    "100,000 references": lambda: b"References: " + b"<a@b.example> " * 100_000 + b"\n" + PLAIN,
    "marks on one letter": lambda: PLAIN + "\u0301\u0323".encode() * 250_000,
    "narrow marks on one letter": lambda: PLAIN + "\uff9e\u0f73\u0301".encode() * 110_000,
    "ligatures of 18 letters": lambda: PLAIN + ("\ufdfa" * 100 + "\n").encode() * 1000,
}  # fmt: skip


@pytest.mark.parametrize("build", MAILS.values(), ids=MAILS)
def test_one_mail_takes_bounded_time_and_memory(build: Callable[[], bytes]) -> None:
    """A hostile mail in a buyer's name is read to its end; its size times a constant bounds the memory."""
    content = BUYER + build()
    read(BUYER, TRUST)
    tracemalloc.start()
    try:
        started = time.process_time()
        read(content, TRUST)
        assert time.process_time() - started < SECONDS
        assert tracemalloc.get_traced_memory()[1] < MULTIPLE * len(content) + BASE
    finally:
        tracemalloc.stop()
