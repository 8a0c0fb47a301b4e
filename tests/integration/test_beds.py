"""The test beds themselves: what a test asks of a server really happens."""

from __future__ import annotations

import smtplib
import ssl
from contextlib import closing

import pytest
import sqlalchemy

from daemon.ports import Security
from tests.beds.smtp import CREDENTIALS, SmtpServer, Stage, running_smtp


def hand_over(server: SmtpServer) -> dict:
    """Send one mail to the server in one connection."""
    with smtplib.SMTP(server.endpoint.host, server.endpoint.port, timeout=5) as client:
        return client.sendmail("shop@shop.example", ["buyer@buyer.example"], b"Subject: x\r\n\r\n.dot\r\n")


def test_smtp_server_records_envelope_and_bytes(smtp_server):
    """A taken mail is there with its envelope and its very bytes."""
    hand_over(smtp_server)
    (mail,) = smtp_server.await_mails(1)
    assert (mail.sender, mail.recipients) == ("shop@shop.example", ("buyer@buyer.example",))
    assert mail.content == b"Subject: x\r\n\r\n.dot\r\n"
    assert not mail.encrypted


@pytest.mark.parametrize(
    ("stage", "reply", "error"),
    [
        (Stage.GREETING, "421 4.3.2 closing", smtplib.SMTPConnectError),
        (Stage.GREETING, "554 5.3.2 no service", smtplib.SMTPConnectError),
        (Stage.EHLO, "421 4.3.2 closing", OSError),
        (Stage.MAIL, "451 4.3.0 later", smtplib.SMTPSenderRefused),
        (Stage.RCPT, "550 5.1.1 unknown", smtplib.SMTPRecipientsRefused),
        (Stage.DATA, "554 5.5.1 no", smtplib.SMTPDataError),
        (Stage.DOT, "452 4.3.1 full", smtplib.SMTPDataError),
    ],
)
def test_smtp_server_answers_on_cue(smtp_server, stage, reply, error):
    """The reply of a cue reaches the client once, and the mail is not taken."""
    smtp_server.fail(stage, reply)
    with pytest.raises(error):
        hand_over(smtp_server)
    assert smtp_server.mails == []
    hand_over(smtp_server)
    assert len(smtp_server.mails) == 1


@pytest.mark.parametrize("stage", [Stage.EHLO, Stage.MAIL, Stage.RCPT, Stage.DATA, Stage.CONTENT, Stage.DOT])
def test_smtp_server_drops_on_cue(smtp_server, stage):
    """A connection cut before the final answer leaves nothing behind."""
    smtp_server.drop(stage)
    with pytest.raises((smtplib.SMTPServerDisconnected, ConnectionError)):
        hand_over(smtp_server)
    assert smtp_server.mails == []


def test_smtp_server_drops_after_taking(smtp_server):
    """A connection cut after the mail was taken looks the same to the client, yet the mail is there."""
    smtp_server.drop(Stage.TAKEN)
    with pytest.raises((smtplib.SMTPServerDisconnected, ConnectionError)):
        hand_over(smtp_server)
    assert len(smtp_server.mails) == 1


def test_smtp_server_wants_login_over_tls(certificate):
    """STARTTLS and TLS servers ask for the one password and see the encryption."""
    context = ssl.create_default_context(cafile=certificate.ca_file)
    with running_smtp(security=Security.STARTTLS, auth=True, certificate=certificate) as server:
        with smtplib.SMTP("localhost", server.endpoint.port, timeout=5) as client:
            client.starttls(context=context)
            client.login(CREDENTIALS.username, CREDENTIALS.password)
            client.sendmail("a@shop.example", ["b@buyer.example"], b"x\r\n")
        assert server.mails[0].encrypted
        assert server.mails[0].username == CREDENTIALS.username
    with running_smtp(security=Security.TLS, auth=True, certificate=certificate) as server:
        with smtplib.SMTP_SSL("localhost", server.endpoint.port, timeout=5, context=context) as client:
            with pytest.raises(smtplib.SMTPAuthenticationError):
                client.login(CREDENTIALS.username, "wrong")
            with pytest.raises(smtplib.SMTPSenderRefused):
                client.sendmail("a@shop.example", ["b@buyer.example"], b"x\r\n")
            client.login(CREDENTIALS.username, CREDENTIALS.password)
            client.sendmail("a@shop.example", ["b@buyer.example"], b"x\r\n")
        assert server.mails[0].encrypted


def test_smtp_server_holds_until_released(smtp_server):
    """A held stage is answered when the test says so."""
    release = smtp_server.hold(Stage.DOT)
    release.set()
    hand_over(smtp_server)
    smtp_server.await_stage(Stage.DOT)
    assert len(smtp_server.mails) == 1


def test_smtp_server_cuts_idle_connections(smtp_server):
    """A kept-alive connection can be cut between two mails."""
    client = smtplib.SMTP(smtp_server.endpoint.host, smtp_server.endpoint.port, timeout=5)
    client.ehlo()
    smtp_server.cut_connections()
    with pytest.raises((smtplib.SMTPServerDisconnected, ConnectionError)):
        client.noop()
    client.close()


def test_database_is_fresh_and_speaks_japanese(database_url):
    """Each kind of database starts empty and keeps Japanese text."""
    engine = sqlalchemy.create_engine(database_url)
    with closing(engine.raw_connection()):
        assert sqlalchemy.inspect(engine).get_table_names() == []
    with engine.begin() as connection:
        connection.execute(sqlalchemy.text("CREATE TABLE words (word VARCHAR(20))"))
        connection.execute(sqlalchemy.text("INSERT INTO words VALUES ('返品')"))
        assert connection.execute(sqlalchemy.text("SELECT word FROM words")).scalar_one() == "返品"
    engine.dispose()
