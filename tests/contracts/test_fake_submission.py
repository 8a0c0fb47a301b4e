"""The submission in memory answers as the real one does, so that stories told with it are true."""

from __future__ import annotations

import pytest

from daemon.errors import RecipientForbidden
from daemon.ports import Verdict
from daemon.recipients import AllowList
from daemon.smtp import SmtpSubmission
from tests.beds.fake_submission import FakeSubmission
from tests.beds.smtp import Stage

BUYER = "abcdefgh12345678+k@marketplace.amazon.co.jp"
CONTENT = b"Subject: test\r\n\r\nhello\r\n"
ALLOWED = AllowList("owner@shop.example").allows


class InMemory:
    """The fake, and how a test makes it fail."""

    def __init__(self) -> None:
        self.submission = FakeSubmission(ALLOWED)

    def defer(self):
        self.submission.answer(Verdict.DEFERRED, "later")

    def refuse(self):
        self.submission.answer(Verdict.REFUSED, "never")

    def keep_out(self):
        self.submission.answer(Verdict.DEFERRED, "no login", before=True)

    def lose(self):
        self.submission.answer(Verdict.UNKNOWN, "the connection ended", taken=True)

    def taken(self):
        return [(mail.sender, mail.recipient, mail.content) for mail in self.submission.mails]

    def attempts(self):
        return self.submission.attempts


class OnTheWire:
    """The real submission on a server that fails on cue."""

    def __init__(self, server) -> None:
        self.server = server
        self.submission = SmtpSubmission(server.endpoint, None, ALLOWED)

    def defer(self):
        self.server.fail(Stage.RCPT, "451 4.3.0 later")

    def refuse(self):
        self.server.fail(Stage.RCPT, "550 5.1.1 never")

    def keep_out(self):
        self.server.fail(Stage.GREETING, "421 4.3.2 not now")

    def lose(self):
        self.server.drop(Stage.TAKEN)

    def taken(self):
        return [(mail.sender, *mail.recipients, mail.content) for mail in self.server.mails]

    def attempts(self):
        return self.server.connections


@pytest.fixture(params=["memory", "wire"])
def way(request):
    """A way out, in memory and real."""
    way = InMemory() if request.param == "memory" else OnTheWire(request.getfixturevalue("smtp_server"))
    yield way
    way.submission.close()


def send(way, recipient=BUYER):
    return way.submission.send(sender="shop@shop.example", recipient=recipient, content=CONTENT)


def test_a_mail_is_taken_as_it_is(way):
    """Sender, recipient and content arrive as given."""
    assert send(way).verdict is Verdict.ACCEPTED
    assert way.taken() == [("shop@shop.example", BUYER, CONTENT)]


@pytest.mark.parametrize(
    ("trouble", "verdict", "before", "taken"),
    [
        ("defer", Verdict.DEFERRED, False, 0),
        ("refuse", Verdict.REFUSED, False, 0),
        ("keep_out", Verdict.DEFERRED, True, 0),
        ("lose", Verdict.UNKNOWN, False, 1),
    ],
)
def test_a_trouble_is_told_and_passes(way, trouble, verdict, before, taken):
    """The verdict, whether it was before the dialogue, what the server has, and a clean next mail."""
    getattr(way, trouble)()
    attempt = send(way)
    assert (attempt.verdict, attempt.before_dialogue) == (verdict, before)
    assert attempt.reason
    assert len(way.taken()) == taken
    assert send(way).verdict is Verdict.ACCEPTED
    assert len(way.taken()) == taken + 1


def test_a_stranger_is_never_written_to(way):
    """The list is asked for every mail; nothing is opened for an address outside it."""
    with pytest.raises(RecipientForbidden):
        send(way, "victim@example.org")
    assert (way.taken(), way.attempts()) == ([], 0)


def test_closing_is_harmless(way):
    """Twice, before and after a mail."""
    way.submission.close()
    send(way)
    way.submission.close()
    way.submission.close()
