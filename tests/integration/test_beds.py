"""The test beds themselves: what a test asks of a server really happens."""

from __future__ import annotations

import imaplib
import smtplib
import ssl
from contextlib import closing

import pytest
import sqlalchemy

from daemon.ports import Security
from tests.beds.smtp import CREDENTIALS, SmtpServer, Stage, running_smtp


def hand_over(server: SmtpServer) -> dict:
    """Send one mail to the server in one connection."""
    with smtplib.SMTP(server.endpoint.host, server.endpoint.port, timeout=30) as client:
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
        with smtplib.SMTP("localhost", server.endpoint.port, timeout=30) as client:
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
    client = smtplib.SMTP(smtp_server.endpoint.host, smtp_server.endpoint.port, timeout=30)
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


@pytest.fixture(params=[pytest.param("dovecot", marks=pytest.mark.dovecot), "pymap"])
def imap_server(request):
    """Each real IMAP server."""
    return request.getfixturevalue(request.param)


def test_imap_account_delivers_bytes_and_japanese_folders(imap_server):
    """What a test delivers is there, byte by byte, in folders with Japanese names too."""
    account = imap_server.account()
    account.create("返品")
    uid = account.deliver("Subject: 返品\r\n\r\n本文\r\n".encode(), "返品")
    assert account.content(uid, "返品") == "Subject: 返品\r\n\r\n本文\r\n".encode()
    assert account.uids() == []
    account.remove([uid], "返品")
    assert account.uids("返品") == []
    account.close()


@pytest.mark.dovecot
def test_dovecot_renumbers_and_fills(dovecot):
    """UIDVALIDITY and the next UID follow the test, and a thousand mails are there at once."""
    account = dovecot.account()
    dovecot.fill(account, (b"Subject: %d\r\n\r\n" % number for number in range(1000)))
    assert len(account.uids()) == 1000
    account.close()
    dovecot.set_uids(account, uidvalidity=77, next_uid=5000)
    assert account.deliver(b"Subject: x\r\n\r\n") >= 5000
    account.close()


@pytest.mark.dovecot
def test_dovecot_kills_connections(dovecot):
    """A killed connection is dead for its client."""
    account = dovecot.account()
    account.uids()
    dovecot.kill_connections(account)
    with pytest.raises((imaplib.IMAP4.abort, OSError)):
        account.uids()
    account.close()


def test_pymap_renumbers(pymap):
    """Mails in pymap get new UIDs under another UIDVALIDITY."""
    account = pymap.account()
    account.deliver(b"Subject: x\r\n\r\n")
    pymap.renumber(account, uidvalidity=7, next_uid=40)
    assert account.uids() == [40]
    account.close()


def test_script_answers_as_written(imap_script):
    """The scripted server lets a client in and says what the test wrote."""
    imap_script.on("NOOP", lambda dialogue: dialogue.ok("* 23 EXISTS"))
    client = imaplib.IMAP4(imap_script.endpoint.host, imap_script.endpoint.port, timeout=30)
    client.login(imap_script.credentials.username, imap_script.credentials.password)
    client.noop()
    assert client.response("EXISTS")[1] == [b"23"]
    client.logout()
    imap_script.await_command("LOGOUT")
