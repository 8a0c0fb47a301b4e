"""Whom the mailbox trusts with a password, and what it says when it cannot get in."""

from __future__ import annotations

import base64
import contextlib
import socket
import ssl
import threading
import traceback
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from daemon.errors import FolderMissing, LoginRefused, MailboxUnavailable
from daemon.mailbox import connect
from daemon.mailbox.connection import is_loopback
from daemon.ports import Credentials, Endpoint, FolderRole, Security
from tests.beds.certificates import temporary_certificate
from tests.beds.processes import LOOPBACK, free_port

if TYPE_CHECKING:
    from collections.abc import Iterator

SECRET = "battery-staple"


@pytest.fixture
def account(dovecot):
    """A fresh account on Dovecot."""
    made = dovecot.account()
    yield made
    made.close()


@pytest.mark.dovecot
@pytest.mark.parametrize("way", ["plain", "tls", "starttls"])
def test_every_protection_gets_in(dovecot, account, way):
    """Plain on loopback, TLS and STARTTLS all lead to the mailbox; the last two are encrypted."""
    mailbox = connect(getattr(dovecot, way), account.credentials, timeout=10)
    assert mailbox.open("INBOX").exists == 0
    connection = mailbox._client.socket()
    if way == "plain":
        assert not isinstance(connection, ssl.SSLSocket)
    else:
        assert connection.version() in {"TLSv1.2", "TLSv1.3"}
    mailbox.close()


@pytest.mark.dovecot
@pytest.mark.parametrize("way", ["tls", "starttls"])
def test_unknown_authority_is_not_trusted(dovecot, account, way):
    """Without the private authority the certificate is refused, and the sentence names the setting."""
    endpoint = replace(getattr(dovecot, way), ca_file=None)
    with pytest.raises(MailboxUnavailable, match=r"not trusted .*imap\.ca_file"):
        connect(endpoint, account.credentials, timeout=10)


@contextlib.contextmanager
def handshake_listener(context: ssl.SSLContext) -> Iterator[int]:
    """A server that shakes hands once and says nothing more; gives its port."""

    def serve():
        with contextlib.suppress(OSError):
            client, _ = listener.accept()
            with client, context.wrap_socket(client, server_side=True) as protected:
                protected.recv(1)

    with socket.create_server((LOOPBACK, 0)) as listener:
        server = threading.Thread(target=serve, daemon=True)
        server.start()
        yield listener.getsockname()[1]
        server.join(5)


def test_certificate_of_another_host_is_not_trusted():
    """A certificate for another name is refused even from a trusted authority."""
    with (
        temporary_certificate("DNS:imap.elsewhere.example") as other,
        handshake_listener(other.server_context()) as port,
    ):
        endpoint = Endpoint(LOOPBACK, port, Security.TLS, str(other.ca_file))
        with pytest.raises(MailboxUnavailable, match=r"not trusted .*mismatch"):
            connect(endpoint, Credentials("shop", SECRET), timeout=30)


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion")
def test_old_tls_is_refused(certificate):
    """A server that knows TLS 1.1 at most is refused."""
    context = certificate.server_context()
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version = ssl.TLSVersion.TLSv1
    context.maximum_version = ssl.TLSVersion.TLSv1_1
    with handshake_listener(context) as port:
        endpoint = Endpoint(LOOPBACK, port, Security.TLS, str(certificate.ca_file))
        with pytest.raises(MailboxUnavailable, match="does not speak TLS"):
            connect(endpoint, Credentials("shop", SECRET), timeout=30)


def test_plain_text_is_for_this_machine_only():
    """Without encryption no other machine is even called, and the sentence names the setting."""
    endpoint = Endpoint("imap.shop.example", 143, Security.NONE)
    with pytest.raises(MailboxUnavailable, match=r"imap\.security"):
        connect(endpoint, Credentials("shop", SECRET))


@pytest.mark.parametrize(
    ("host", "loopback"),
    [
        ("localhost", True),
        ("127.0.0.1", True),
        ("127.8.8.8", True),
        ("::1", True),
        ("[::1]", True),
        ("LOCALHOST.", True),
        ("192.0.2.1", False),
        ("localhost.shop.example", False),
        ("127.0.0.1.shop.example", False),
        ("", False),
    ],
)
def test_what_is_this_machine(host, loopback):
    """Only names and addresses that cannot mean another machine count as this one."""
    assert is_loopback(host) is loopback


def test_starttls_not_offered_sends_no_password(imap_script, certificate):
    """If the server offers no STARTTLS, the password stays here."""
    endpoint = replace(imap_script.endpoint, security=Security.STARTTLS, ca_file=str(certificate.ca_file))
    with pytest.raises(MailboxUnavailable, match="offers no STARTTLS"):
        connect(endpoint, imap_script.credentials, timeout=30)
    assert imap_script.count("LOGIN") == 0


def test_preauthenticated_plain_session_is_not_trusted(imap_script, certificate):
    """A greeting that skips the login, and with it STARTTLS, is not accepted."""
    imap_script.greeting = "* PREAUTH welcome"
    imap_script.on("CAPABILITY", lambda dialogue: dialogue.ok("* CAPABILITY IMAP4rev1 STARTTLS"))
    endpoint = replace(imap_script.endpoint, security=Security.STARTTLS, ca_file=str(certificate.ca_file))
    with pytest.raises(MailboxUnavailable):
        connect(endpoint, imap_script.credentials, timeout=30)
    assert imap_script.count("LOGIN") == 0


def test_tls_to_a_plain_port(imap_script, certificate):
    """TLS spoken to a plain port says which port goes with which protection."""
    endpoint = replace(imap_script.endpoint, security=Security.TLS, ca_file=str(certificate.ca_file))
    with pytest.raises(MailboxUnavailable, match="993 goes with tls"):
        connect(endpoint, imap_script.credentials, timeout=30)


def test_nobody_listens():
    """A closed port is told with the settings to check."""
    endpoint = Endpoint(LOOPBACK, free_port(), Security.NONE)
    with pytest.raises(MailboxUnavailable, match=r"refused.*imap\.port"):
        connect(endpoint, Credentials("shop", SECRET), timeout=30)


def test_unknown_host_name(monkeypatch):
    """A name that nobody knows is told as such."""

    def unknown(*_args, **_kwargs):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "create_connection", unknown)
    with pytest.raises(MailboxUnavailable, match=r"imap\.nowhere\.example is not known"):
        connect(Endpoint("imap.nowhere.example", 993, Security.TLS), Credentials("shop", SECRET))


def test_silent_server(imap_script):
    """A server that accepts and says nothing is given up in time."""
    imap_script.greeting = None
    with pytest.raises(MailboxUnavailable, match="does not answer"):
        connect(imap_script.endpoint, imap_script.credentials, timeout=0.3)


def test_unfriendly_greeting(imap_script):
    """A server that greets with BYE is unavailable."""
    imap_script.greeting = "* BYE too busy"
    with pytest.raises(MailboxUnavailable):
        connect(imap_script.endpoint, imap_script.credentials, timeout=30)


@pytest.mark.parametrize("content", [None, b"not a certificate"])
def test_unreadable_authority(tmp_path, content):
    """A file of authorities that is missing or holds none is named."""
    path = tmp_path / "ca.pem"
    if content is not None:
        path.write_bytes(content)
    endpoint = Endpoint(LOOPBACK, free_port(), Security.TLS, str(path))
    with pytest.raises(MailboxUnavailable, match=r"ca\.pem cannot be read"):
        connect(endpoint, Credentials("shop", SECRET), timeout=30)


@pytest.mark.dovecot
def test_renewed_authority_is_read_again(tmp_path, dovecot, account):
    """After the private authority's file was corrected, the next connection trusts it."""
    path = tmp_path / "ca.pem"
    with temporary_certificate() as other:
        path.write_bytes(other.ca_file.read_bytes())
    endpoint = replace(dovecot.tls, ca_file=str(path))
    with pytest.raises(MailboxUnavailable, match="not trusted"):
        connect(endpoint, account.credentials, timeout=30)
    assert dovecot.tls.ca_file is not None
    path.write_bytes(Path(dovecot.tls.ca_file).read_bytes())
    connect(endpoint, account.credentials, timeout=30).close()


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        ("NO [AUTHENTICATIONFAILED] Application-specific password required", LoginRefused),
        ("NO wrong", LoginRefused),
        ("BAD what", LoginRefused),
        ("NO [UNAVAILABLE] backend is down", MailboxUnavailable),
        ("NO [ALERT] Too many simultaneous connections", MailboxUnavailable),
    ],
)
def test_refusals_of_a_login(imap_script, answer, kind):
    """A wrong password and a server in trouble are told apart, in the server's own words."""
    imap_script.on("LOGIN", lambda dialogue: dialogue.say(f"{dialogue.tag} {answer}"))
    with pytest.raises(kind) as caught:
        connect(imap_script.endpoint, imap_script.credentials, timeout=30)
    assert type(caught.value) is kind
    assert answer.rpartition("] ")[2].removeprefix("NO ").removeprefix("BAD ") in str(caught.value)


def test_connection_cut_at_login_is_no_refusal(imap_script):
    """A connection that ends during login says nothing about the password."""
    imap_script.on("LOGIN", lambda dialogue: dialogue.cut())
    with pytest.raises(MailboxUnavailable) as caught:
        connect(imap_script.endpoint, imap_script.credentials, timeout=30)
    assert not isinstance(caught.value, LoginRefused)


@pytest.mark.parametrize("answer", ["NO {line}", "BAD {line}", "* {line}", "{line}"])
@pytest.mark.parametrize("secret", [SECRET, "正しい馬", 'with "quotes" and \\'])
def test_no_secret_is_told(imap_script, caplog, answer, secret):
    """Even if the server repeats the whole command, the password is in no sentence, cause or log."""
    caplog.set_level(0)

    def repeat(dialogue):
        said = answer.format(line=dialogue.line)
        dialogue.say(said if answer[0] in "*{" else f"{dialogue.tag} {said}")

    imap_script.on("LOGIN", repeat)
    imap_script.on("AUTHENTICATE", repeat)
    with pytest.raises(MailboxUnavailable) as caught:
        connect(imap_script.endpoint, Credentials("shop", secret), timeout=0.5)
    told = "".join(traceback.format_exception(caught.value)) + caplog.text
    assert secret not in told
    assert secret.replace('"', r"\"") not in told


def test_control_characters_never_leave(imap_script):
    """A password with a line break, as from a file's end, is refused here, not sent as a command."""
    with pytest.raises(LoginRefused, match="password file"):
        connect(imap_script.endpoint, Credentials("shop", SECRET + "\r\nA1 DELETE INBOX"), timeout=30)
    assert imap_script.count("LOGIN") == 0


def test_passwords_beyond_ascii(imap_script):
    """A password that LOGIN cannot carry goes by AUTHENTICATE PLAIN, in UTF-8."""
    given = []

    def authenticate(dialogue):
        dialogue.say("+ ")
        given.append(dialogue.hear())
        dialogue.ok()

    imap_script.on("AUTHENTICATE", authenticate)
    connect(imap_script.endpoint, Credentials("shop", "正しい馬"), timeout=30).close()
    assert base64.b64decode(given[0]).decode() == "\0shop\0正しい馬"


def test_special_use_asked_for_if_not_told(imap_script):
    """A server that tells special uses only when asked is asked."""

    def listing(dialogue):
        flags = r" \Sent" if "RETURN" in dialogue.line else ""
        dialogue.ok(r'* LIST () "/" INBOX', rf'* LIST (\HasNoChildren{flags}) "/" Shipped')

    imap_script.on("LIST", listing)
    imap_script.on(
        "CAPABILITY", lambda dialogue: dialogue.ok("* CAPABILITY IMAP4rev1 SPECIAL-USE LIST-EXTENDED")
    )
    mailbox = connect(imap_script.endpoint, imap_script.credentials, timeout=30)
    assert [(folder.name, folder.role) for folder in mailbox.folders()] == [
        ("INBOX", FolderRole.INBOX),
        ("Shipped", FolderRole.SENT),
    ]
    mailbox.close()


def test_malformed_folder_names_hide_no_others(imap_script):
    """A folder whose name is not modified UTF-7 is passed over, a folder in a literal is read."""
    imap_script.on(
        "LIST",
        lambda dialogue: dialogue.ok(
            r'* LIST () "/" "&AAA"',
            r'* LIST () "/" "&2AA-"',
            r'* LIST () "/" {4}',
            "Junk",
            r"* LIST () NIL 2026",
        ),
    )
    mailbox = connect(imap_script.endpoint, imap_script.credentials, watched=("2026",), timeout=30)
    assert {folder.name for folder in mailbox.folders()} == {"2026", "Junk"}
    mailbox.close()


def test_folders_of_others_are_not_ours(imap_script):
    """Another user's sent folder is not taken for ours, but may be watched if it is named."""
    imap_script.on(
        "NAMESPACE", lambda dialogue: dialogue.ok('* NAMESPACE (("" "/")) (("Users/" "/")) (("Public/" "/"))')
    )
    imap_script.on(
        "LIST",
        lambda dialogue: dialogue.ok(
            r'* LIST (\Sent) "/" Users/boss/Sent', '* LIST () "/" Public/Junk', '* LIST () "/" "Sent Items"'
        ),
    )
    mailbox = connect(
        imap_script.endpoint, imap_script.credentials, watched=("INBOX", "Public/Junk"), timeout=30
    )
    assert [(folder.name, folder.role) for folder in mailbox.folders()] == [
        ("INBOX", FolderRole.INBOX),
        ("Public/Junk", FolderRole.INBOX),
        ("Sent Items", FolderRole.SENT),
    ]
    mailbox.close()


def test_missing_folder_names_those_that_are_there(imap_script):
    """The sentence about a missing folder lists what the server has, and the connection is given back."""
    with pytest.raises(FolderMissing, match="It has: INBOX, Sent, Drafts, Junk"):
        connect(imap_script.endpoint, imap_script.credentials, watched=("返品",), timeout=30)
