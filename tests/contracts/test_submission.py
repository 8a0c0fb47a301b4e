"""What an attempt to hand over mail must answer, on a real server that fails on cue."""

from __future__ import annotations

import contextlib
import socket
import ssl
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from daemon.errors import ConfigurationError, RecipientForbidden
from daemon.ports import Attempt, Credentials, Endpoint, Security, Verdict
from daemon.smtp import MOST_IDLE, SmtpSubmission
from tests.beds.certificates import temporary_certificate
from tests.beds.smtp import CREDENTIALS, SmtpServer, Stage, running_smtp

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.beds.certificates import Certificate

SENDER = "shop@shop.example"
BUYER = "abcdefgh12345678+k@marketplace.amazon.co.jp"
CONTENT = b"Subject: test\r\n\r\nhello\r\n"
BEFORE_CONTENT = (Stage.MAIL, Stage.RCPT, Stage.DATA)
AFTER_354 = (Stage.CONTENT, Stage.DOT, Stage.TAKEN)


@pytest.fixture
def open_submission() -> Iterator[Callable[..., SmtpSubmission]]:
    """Makes submissions to a server and ends them after the test."""
    with contextlib.ExitStack() as ends:

        def make(server: SmtpServer | Endpoint, credentials: Credentials | None = None, **options: object):
            endpoint = server if isinstance(server, Endpoint) else server.endpoint
            submission = SmtpSubmission(
                endpoint, credentials, lambda address: address.endswith("jp"), **options
            )
            ends.callback(submission.close)
            return submission

        yield make


def send(submission: SmtpSubmission, content: bytes = CONTENT) -> Attempt:
    return submission.send(sender=SENDER, recipient=BUYER, content=content)


def test_a_mail_that_is_taken_is_accepted(smtp_server, open_submission):
    """250 to the final dot is the only way to be accepted; sender and recipient arrive as given."""
    attempt = send(open_submission(smtp_server))
    assert attempt.verdict is Verdict.ACCEPTED
    (mail,) = smtp_server.mails
    assert (mail.sender, mail.recipients, mail.content) == (SENDER, (BUYER,), CONTENT)


@pytest.mark.parametrize(
    ("content", "arrives"),
    [
        (b"A: b\r\n\r\n.\r\nafter\r\n", b"A: b\r\n\r\n.\r\nafter\r\n"),
        (b"A: b\r\n\r\n..x\r\n.y", b"A: b\r\n\r\n..x\r\n.y\r\n"),
        (b"A: b\n\nbare\n.\nend\n", b"A: b\r\n\r\nbare\r\n.\r\nend\r\n"),
        (b"A: b\r\n\r\nlone\r.\rend\r\n", b"A: b\r\n\r\nlone\r\n.\r\nend\r\n"),
        ("A: b\r\n\r\n確認中です\r\n".encode(), "A: b\r\n\r\n確認中です\r\n".encode()),
        (b".", b".\r\n"),
    ],
)
def test_no_line_of_the_content_can_end_the_mail(smtp_server, open_submission, content, arrives):
    """Dots are doubled and lone line ends made whole, so that one mail in is one mail out."""
    submission = open_submission(smtp_server)
    assert send(submission, content).verdict is Verdict.ACCEPTED
    assert [mail.content for mail in smtp_server.mails] == [arrives]


def test_eight_bit_content_is_declared(smtp_server, open_submission, monkeypatch):
    """BODY=8BITMIME is said for 8-bit content only."""
    said: list[str] = []
    from smtplib import SMTP

    monkeypatch.setattr(SMTP, "docmd", _spy(SMTP.docmd, said))
    submission = open_submission(smtp_server)
    send(submission)
    send(submission, "A: b\r\n\r\nあ\r\n".encode())
    plain, eight = (line for line in said if line.startswith("MAIL"))
    assert "8BITMIME" not in plain
    assert eight.endswith("BODY=8BITMIME")


def _spy(docmd, said):
    def spying(self, command, arguments=""):
        said.append(command)
        return docmd(self, command, arguments)

    return spying


@pytest.mark.parametrize("stage", [*BEFORE_CONTENT, Stage.DOT])
@pytest.mark.parametrize(
    ("reply", "verdict"),
    [("451 4.3.0 later", Verdict.DEFERRED), ("550 5.1.1 never", Verdict.REFUSED)],
)
def test_a_numeric_no_is_deferred_or_refused(smtp_server, open_submission, stage, reply, verdict):
    """4xx is tried again, 5xx never; the connection is reset and the next mail is clean."""
    smtp_server.fail(stage, reply)
    submission = open_submission(smtp_server)
    attempt = send(submission)
    assert (attempt.verdict, attempt.before_dialogue) == (verdict, False)
    assert reply in attempt.reason
    assert smtp_server.mails == []
    assert send(submission).verdict is Verdict.ACCEPTED
    assert (len(smtp_server.mails), smtp_server.connections) == (1, 1)
    assert Stage.RSET in [seen for _, seen in smtp_server.stages]


def test_a_connection_that_cannot_be_reset_is_not_used_again(smtp_server, open_submission):
    """If RSET fails after a refusal, the next mail takes a new connection."""
    smtp_server.fail(Stage.RCPT, "550 5.1.1 never")
    smtp_server.drop(Stage.RSET)
    submission = open_submission(smtp_server)
    assert send(submission).verdict is Verdict.REFUSED
    assert send(submission).verdict is Verdict.ACCEPTED
    assert smtp_server.connections == 2


@pytest.mark.parametrize("stage", BEFORE_CONTENT)
def test_a_loss_on_a_fresh_connection_before_354_is_deferred(smtp_server, open_submission, stage):
    """The mail certainly did not go; nothing is tried again at once."""
    smtp_server.drop(stage)
    attempt = send(open_submission(smtp_server))
    assert (attempt.verdict, attempt.before_dialogue) == (Verdict.DEFERRED, False)
    assert (smtp_server.connections, smtp_server.mails) == (1, [])


@pytest.mark.parametrize("stage", BEFORE_CONTENT)
def test_a_kept_connection_that_dies_is_replaced_once(smtp_server, open_submission, stage):
    """The same mail goes over one fresh connection, and arrives once."""
    submission = open_submission(smtp_server)
    send(submission)
    smtp_server.drop(stage)
    assert send(submission).verdict is Verdict.ACCEPTED
    assert (len(smtp_server.mails), smtp_server.connections) == (2, 2)


@pytest.mark.parametrize("stage", BEFORE_CONTENT)
def test_a_kept_connection_is_replaced_only_once(smtp_server, open_submission, stage):
    """If the fresh connection is lost too the mail is deferred."""
    submission = open_submission(smtp_server)
    send(submission)
    smtp_server.drop(stage, times=2)
    assert send(submission).verdict is Verdict.DEFERRED
    assert (len(smtp_server.mails), smtp_server.connections) == (1, 2)


@pytest.mark.parametrize("stage", BEFORE_CONTENT)
def test_a_closing_reply_is_a_loss(smtp_server, open_submission, stage):
    """421 ends the connection: a kept one is replaced, on a fresh one the mail is deferred."""
    submission = open_submission(smtp_server)
    smtp_server.fail(stage, "421 4.4.2 closing")
    assert send(submission).verdict is Verdict.DEFERRED
    send(submission)
    smtp_server.fail(stage, "421 4.4.2 closing")
    assert send(submission).verdict is Verdict.ACCEPTED
    assert (len(smtp_server.mails), smtp_server.connections) == (2, 3)


def test_a_connection_that_was_cut_while_idle_is_replaced(smtp_server, open_submission):
    """A server that was restarted between two mails costs neither a mail nor a copy."""
    submission = open_submission(smtp_server)
    send(submission)
    smtp_server.cut_connections()
    assert send(submission).verdict is Verdict.ACCEPTED
    assert (len(smtp_server.mails), smtp_server.connections) == (2, 2)


def test_a_kept_connection_whose_server_is_gone_is_a_fault_before_the_dialogue(open_submission):
    """The replacement cannot be made: that is the account's trouble, not the mail's."""
    with running_smtp() as server:
        submission = open_submission(server)
        send(submission)
    attempt = send(submission)
    assert (attempt.verdict, attempt.before_dialogue) == (Verdict.DEFERRED, True)


@pytest.mark.parametrize("kept", [False, True])
@pytest.mark.parametrize("stage", AFTER_354)
def test_a_loss_after_354_is_unknown_and_never_repeated(smtp_server, open_submission, stage, kept):
    """The server may have the mail; with `TAKEN` it has it, exactly once."""
    submission = open_submission(smtp_server)
    if kept:
        send(submission)
    smtp_server.drop(stage)
    attempt = send(submission)
    assert (attempt.verdict, attempt.before_dialogue) == (Verdict.UNKNOWN, False)
    assert smtp_server.connections == 1
    assert len(smtp_server.mails) == kept + (stage is Stage.TAKEN)
    assert send(submission).verdict is Verdict.ACCEPTED
    assert smtp_server.connections == 2


@pytest.mark.parametrize("reply", ["251 2.0.0 perhaps", "354 go on", "well done", "9" * 9000, "2"])
def test_a_strange_reply_to_the_final_dot_is_unknown(smtp_server, open_submission, reply):
    """Only 250, 4xx and 5xx say what became of a mail; an overlong line is no refusal."""
    smtp_server.fail(Stage.DOT, reply)
    submission = open_submission(smtp_server)
    assert send(submission).verdict is Verdict.UNKNOWN
    assert send(submission).verdict is Verdict.ACCEPTED
    assert smtp_server.connections == 2


@pytest.mark.parametrize("stage", BEFORE_CONTENT)
def test_a_reply_out_of_step_before_354_is_deferred(smtp_server, open_submission, stage):
    """An answer that fits no question offers no content."""
    smtp_server.fail(stage, "354 what?" if stage is not Stage.DATA else "250 fine")
    attempt = send(open_submission(smtp_server))
    assert (attempt.verdict, smtp_server.mails) == (Verdict.DEFERRED, [])


def test_silence_after_the_content_is_unknown(smtp_server, open_submission):
    """A server that does not answer the final dot in time may have taken the mail."""
    smtp_server.hold(Stage.DOT)
    assert send(open_submission(smtp_server, final_timeout=0.2)).verdict is Verdict.UNKNOWN


def test_silence_before_the_content_is_deferred(smtp_server, open_submission):
    """A server that does not answer MAIL in time has no mail."""
    smtp_server.hold(Stage.MAIL)
    attempt = send(open_submission(smtp_server, timeout=0.2))
    assert (attempt.verdict, attempt.before_dialogue) == (Verdict.DEFERRED, False)


@pytest.mark.parametrize("stage", [Stage.GREETING, Stage.EHLO, Stage.AUTH])
@pytest.mark.parametrize("reply", ["421 4.3.2 later", "535 5.7.8 never", None])
def test_a_failure_before_mail_is_the_accounts(open_submission, stage, reply):
    """Greeting, EHLO and AUTH: deferred whatever the reply, and told apart from the mail's own faults."""
    with running_smtp(auth=True) as server:
        if reply is None:
            server.drop(stage)
        else:
            server.fail(stage, reply, times=2)
        attempt = send(open_submission(server, CREDENTIALS))
        assert (attempt.verdict, attempt.before_dialogue) == (Verdict.DEFERRED, True)
        assert server.mails == []


@pytest.mark.parametrize("reply", ["454 4.7.0 no TLS now", "502 5.5.1 never", None])
def test_a_refused_starttls_is_the_accounts(certificate, open_submission, reply):
    """Nothing is sent in clear instead, neither the password nor the mail."""
    with running_smtp(security=Security.STARTTLS, auth=True, certificate=certificate) as server:
        if reply is None:
            server.drop(Stage.STARTTLS)
        else:
            server.fail(Stage.STARTTLS, reply)
        attempt = send(open_submission(server, CREDENTIALS))
        assert (attempt.verdict, attempt.before_dialogue) == (Verdict.DEFERRED, True)
        assert {stage for _, stage in server.stages}.isdisjoint({Stage.AUTH, Stage.MAIL})


def test_a_server_that_offers_no_starttls_gets_nothing(smtp_server, open_submission):
    """STARTTLS that is not offered is a failure, never a reason to go on in clear."""
    attempt = send(open_submission(replace(smtp_server.endpoint, security=Security.STARTTLS)))
    assert (attempt.verdict, attempt.before_dialogue) == (Verdict.DEFERRED, True)
    assert Stage.MAIL not in [stage for _, stage in smtp_server.stages]


def test_nobody_listening_is_a_failure_before_the_dialogue(open_submission):
    """A refused connection is deferred and says so in one line."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        attempt = send(open_submission(Endpoint("127.0.0.1", port, Security.NONE)))
    assert (attempt.verdict, attempt.before_dialogue) == (Verdict.DEFERRED, True)
    assert attempt.reason.startswith("connect: ")


@pytest.mark.parametrize("security", [Security.TLS, Security.STARTTLS])
def test_mail_goes_encrypted_and_logged_in(certificate, open_submission, security):
    """Both ways of encryption end in an encrypted, authenticated connection that is kept for three mails."""
    with running_smtp(security=security, auth=True, certificate=certificate) as server:
        submission = open_submission(server, CREDENTIALS)
        assert [send(submission).verdict for _ in range(3)] == [Verdict.ACCEPTED] * 3
        assert {(mail.encrypted, mail.username, mail.connection) for mail in server.mails} == {
            (True, CREDENTIALS.username, 1)
        }


@pytest.mark.parametrize("security", [Security.TLS, Security.STARTTLS])
def test_an_unknown_authority_is_not_trusted(certificate, open_submission, security):
    """Without the server's authority configured nothing is sent."""
    with running_smtp(security=security, auth=True, certificate=certificate) as server:
        attempt = send(open_submission(replace(server.endpoint, ca_file=None), CREDENTIALS))
        assert (attempt.verdict, attempt.before_dialogue) == (Verdict.DEFERRED, True)
        assert "certificate" in attempt.reason.lower()
        assert server.mails == []


def test_a_certificate_for_another_host_is_not_trusted(open_submission):
    """The certificate must name the host that was asked for."""
    with (
        temporary_certificate("DNS:other.example") as other,
        running_smtp(security=Security.TLS, auth=True, certificate=other) as server,
    ):
        attempt = send(open_submission(server, CREDENTIALS))
    assert (attempt.verdict, attempt.before_dialogue) == (Verdict.DEFERRED, True)
    assert server.mails == []


def test_old_tls_is_not_spoken(certificate: Certificate, open_submission):
    """Nothing older than TLS 1.2 is offered."""
    submission = open_submission(Endpoint("127.0.0.1", 1, Security.TLS, str(certificate.ca_file)))
    assert submission._tls.minimum_version is ssl.TLSVersion.TLSv1_2
    assert submission._tls.check_hostname


def test_a_missing_authority_file_is_a_failure_before_the_dialogue(smtp_server, open_submission):
    """A certificate file that vanished while the service ran is deferred, not a crash."""
    endpoint = replace(smtp_server.endpoint, security=Security.TLS, ca_file="/nonexistent/ca.pem")
    attempt = send(open_submission(endpoint))
    assert (attempt.verdict, attempt.before_dialogue) == (Verdict.DEFERRED, True)


@pytest.mark.parametrize("password", ["wrong pony", "合言葉"])
def test_a_wrong_password_is_deferred_and_not_told(open_submission, password):
    """A changed password is an alert about the account; it stands in no message."""
    with running_smtp(auth=True) as server:
        attempt = send(open_submission(server, Credentials(CREDENTIALS.username, password)))
    assert (attempt.verdict, attempt.before_dialogue) == (Verdict.DEFERRED, True)
    assert attempt.reason.startswith("AUTH: ")
    assert not set(password.split()) & set(attempt.reason.split())


def test_a_password_never_travels_in_clear_to_another_machine():
    """Whatever the configuration let through, the adapter refuses."""
    with pytest.raises(ConfigurationError):
        SmtpSubmission(Endpoint("mail.shop.example", 25, Security.NONE), CREDENTIALS, lambda _: True)


def test_a_forbidden_recipient_opens_nothing(smtp_server, open_submission):
    """The allow-list is asked before any connection is made."""
    with pytest.raises(RecipientForbidden):
        open_submission(smtp_server).send(sender=SENDER, recipient="who@else.example", content=CONTENT)
    assert smtp_server.connections == 0


@pytest.mark.parametrize(
    ("sender", "recipient"),
    [
        (SENDER, "店@shop.jp"),
        ("店@shop.example", BUYER),
        (SENDER, "a b@shop.jp"),
        (SENDER, f"a@b.jp>,<{BUYER}"),
    ],
)
def test_an_address_that_is_not_plain_is_refused(smtp_server, open_submission, sender, recipient):
    """No mail needs SMTPUTF8, and nothing in an address can become a command."""
    attempt = open_submission(smtp_server).send(sender=sender, recipient=recipient, content=CONTENT)
    assert (attempt.verdict, smtp_server.connections) == (Verdict.REFUSED, 0)


def test_an_idle_connection_is_not_trusted(smtp_server, open_submission):
    """After most of a minute without mail a new connection is made before anything is said."""
    now = [0.0]
    submission = open_submission(smtp_server, monotonic=lambda: now[0])
    send(submission)
    now[0] = MOST_IDLE
    send(submission)
    assert smtp_server.connections == 1
    now[0] += MOST_IDLE + 1
    assert send(submission).verdict is Verdict.ACCEPTED
    assert smtp_server.connections == 2


def test_a_reason_is_one_short_line_without_addresses(smtp_server, open_submission):
    """A server's reply may quote anybody's address, or try to draw on the terminal."""
    smtp_server.fail(
        Stage.RCPT, f"550-5.1.1 <{BUYER}>: no\r\n550 5.1.1 \x1b[2Jask root@mx.example " + "x" * 300
    )
    reason = send(open_submission(smtp_server)).reason
    assert reason.startswith("RCPT: 550 5.1.1 <…@…>: no 5.1.1")
    assert "@mx" not in reason
    assert "amazon" not in reason
    assert reason.isprintable()
    assert len(reason) <= 200


def test_closing_never_raises(open_submission):
    """Not twice, not before the first mail, not after the server is gone."""
    with running_smtp() as server:
        submission = open_submission(server)
        submission.close()
        send(submission)
    submission.close()
    submission.close()
