"""OAuth2 against a real Dovecot that asks a token server, and against an SMTP server that does."""

from __future__ import annotations

import base64
import traceback
from contextlib import closing
from dataclasses import replace
from datetime import timedelta

import pytest

from daemon.bootstrap import Surroundings, build_service
from daemon.clock import SystemClock
from daemon.config import load
from daemon.errors import LoginRefused, MailboxUnavailable
from daemon.mailbox import connect
from daemon.oauth.asking import Answer
from daemon.oauth.grants import login_token
from daemon.oauth.keyring import Keyring
from daemon.ports import Credentials, Security, Verdict
from daemon.smtp import SmtpSubmission
from tests.beds.clock import SetClock
from tests.beds.dovecot import running_dovecot
from tests.beds.oauth import CLIENT_ID, running_token_server
from tests.beds.smtp import Stage, running_smtp

HOUR = timedelta(hours=1)
OWNER = "owner@shop.example"


@pytest.fixture(scope="module")
def provider():
    """The token server that Dovecot asks."""
    with running_token_server() as server:
        yield server


@pytest.fixture(scope="module")
def imap(certificate, provider):
    """A Dovecot that takes access tokens."""
    with running_dovecot(certificate, introspection_url=f"{provider.url}/introspect") as server:
        yield server


class Shop:
    """A configured shop whose one mailbox has OAuth2, and its second path for alerts."""

    def __init__(self, folder, provider, imap, smtp, other):
        self.folder, self.provider, self.smtp, self.other = folder, provider, smtp, other
        self.account = imap.account()
        self.endpoint = imap.plain
        provider.username = self.account.credentials.username
        provider.rotates = True
        provider.asked.clear()
        self.clock = SetClock(SystemClock().now())
        self.write()
        self.settings = load(folder / "shop.toml")
        self.keyring = Keyring(self.settings, self.clock, provider.provider_of)
        self.log_in()

    def write(self):
        (self.folder / "shop.toml").write_text(
            f'[shop]\nname = "まい商店"\nowner_email = "{OWNER}"\n'
            f'[alerts.smtp]\nhost = "{self.other.endpoint.host}"\nport = {self.other.endpoint.port}\n'
            'security = "none"\naddress = "alerts@other.example"\n'
            f'[[mailbox]]\nname = "main"\naddress = "shop@shop.example"\n'
            f'username = "{self.provider.username}"\n'
            f'oauth = {{ provider = "microsoft", client_id = "{CLIENT_ID}" }}\n'
            f'imap = {{ host = "{self.endpoint.host}", port = {self.endpoint.port}, security = "none" }}\n'
            f'smtp = {{ host = "127.0.0.1", port = {self.smtp.endpoint.port}, security = "none" }}\n'
        )

    @property
    def mailbox(self):
        return self.settings.mailboxes[0]

    @property
    def credentials(self):
        return self.keyring.credentials(self.mailbox)

    def log_in(self):
        file = self.keyring.file(self.mailbox)
        token = login_token(
            self.keyring.client(self.mailbox), Answer(self.provider.log_in()), self.clock.now()
        )
        with file.locked():
            file.write(token)

    def read_mail(self, **changes):
        with closing(connect(replace(self.endpoint, **changes), self.credentials, timeout=10)) as mailbox:
            return mailbox.open("INBOX").exists

    def send_mail(self):
        server = self.mailbox.smtp.endpoint()
        with closing(SmtpSubmission(server, self.credentials, lambda _: True)) as submission:
            return submission.send(
                sender="shop@shop.example", recipient=OWNER, content=b"Subject: x\r\n\r\nx\r\n"
            )

    def once(self):
        around = Surroundings(clock=self.clock, provider_of=self.provider.provider_of)
        build_service(self.settings, around).once()

    def stages(self):
        return [stage for _, stage in self.smtp.stages]

    def require_silence(self, told):
        assert not [secret for secret in self.provider.secrets() if secret in told]


@pytest.fixture
def shop(tmp_path, provider, imap):
    """A shop whose owner has just logged in."""
    with running_smtp(auth=True) as smtp, running_smtp() as other:
        smtp.owner_of = provider.owner_of
        yield Shop(tmp_path, provider, imap, smtp, other)


pytestmark = pytest.mark.dovecot


def test_a_good_token_gets_in_everywhere(shop):
    """IMAP and SMTP take the same token, and nobody is asked for another one."""
    shop.account.deliver(b"Subject: x\r\n\r\nx\r\n")
    assert shop.read_mail() == 1
    assert shop.send_mail().verdict is Verdict.ACCEPTED
    assert shop.smtp.mails[0].username == shop.provider.username
    assert shop.provider.asked == []


@pytest.mark.parametrize("way", ["tls", "starttls"])
def test_tokens_travel_encrypted(shop, imap, way):
    """The usual protections carry XOAUTH2 as well."""
    shop.endpoint = getattr(imap, way)
    assert shop.read_mail() == 0


def test_an_old_token_is_renewed_ahead(shop):
    """Once for both servers; the rotated refresh token is in the file, and the next hour works as well."""
    for hour in range(1, 3):
        shop.clock.advance(HOUR)
        shop.read_mail()
        assert shop.send_mail().verdict is Verdict.ACCEPTED
        assert len(shop.provider.renewals()) == hour
        spent = {form["refresh_token"] for form in shop.provider.renewals()}
        assert shop.keyring.file(shop.mailbox).read().refresh not in spent
    # Neither server ever saw a token that was over.
    assert shop.stages().count(Stage.AUTH) == 2


def test_a_token_that_ended_early_is_replaced_on_the_way_in(shop):
    """Dovecot's error challenge is answered, a new token is asked for, and it gets in at once."""
    shop.provider.end_access()
    assert shop.read_mail() == 0
    assert len(shop.provider.renewals()) == 1


def test_a_token_that_ended_early_is_replaced_on_the_way_out(shop):
    """The SMTP server's as well."""
    shop.provider.end_access()
    assert shop.send_mail().verdict is Verdict.ACCEPTED
    assert (len(shop.provider.renewals()), shop.stages().count(Stage.AUTH)) == (1, 2)


def test_a_revoked_grant_is_told_with_what_to_do(shop, caplog):
    """IMAP refuses, SMTP defers before the dialogue; neither server is called, the provider once."""
    caplog.set_level(0)
    shop.provider.revoke()
    shop.clock.advance(HOUR)
    with pytest.raises(LoginRefused, match="Log in again with: sokuresu login main") as caught:
        shop.read_mail()
    attempt = shop.send_mail()
    assert (attempt.verdict, attempt.before_dialogue) == (Verdict.DEFERRED, True)
    assert "sokuresu login main" in attempt.reason
    assert (len(shop.provider.asked), shop.smtp.connections) == (1, 0)
    shop.require_silence("".join(traceback.format_exception(caught.value)) + caplog.text + attempt.reason)


def test_a_provider_in_trouble_is_no_refusal(shop):
    """It is tried again later, for ever, and nobody is told to log in."""
    shop.provider.answer_next(500)
    shop.clock.advance(HOUR)
    with pytest.raises(MailboxUnavailable) as caught:
        shop.read_mail()
    assert type(caught.value) is MailboxUnavailable
    attempt = shop.send_mail()
    assert (attempt.verdict, attempt.before_dialogue, shop.smtp.connections) == (Verdict.DEFERRED, True, 0)
    assert len(shop.provider.asked) == 1


def test_a_token_of_somebody_else_is_refused_after_one_renewal(shop, caplog):
    """Whoever logged in with another account is told so; tokens are not asked for again and again."""
    caplog.set_level(0)
    shop.provider.username = "other@shop.example"
    shop.log_in()
    with pytest.raises(LoginRefused, match="check that this is the account that logged in") as caught:
        shop.read_mail()
    attempt = shop.send_mail()
    assert (attempt.verdict, attempt.before_dialogue) == (Verdict.DEFERRED, True)
    assert attempt.reason.startswith("AUTH: 535")
    assert len(shop.provider.renewals()) == 1
    shop.require_silence("".join(traceback.format_exception(caught.value)) + caplog.text + attempt.reason)


def test_the_alert_of_a_revoked_grant_leaves_by_the_second_path(shop, capsys):
    """This account's SMTP is dead too. After a login all is well; no secret lies in mail, log or database."""
    shop.provider.revoke()
    shop.clock.advance(HOUR)
    with pytest.raises(LoginRefused):
        shop.once()
    (alert,) = shop.other.mails
    assert alert.recipients == (OWNER,)
    assert "sokuresu login main" in alert.text
    assert (shop.smtp.connections, len(shop.provider.renewals())) == (0, 1)
    shop.log_in()
    shop.once()
    stored = b"".join(path.read_bytes() for path in shop.folder.glob("sokuresu.db*"))
    assert b"sokuresu login main" in stored
    shop.require_silence(alert.content.decode() + "".join(capsys.readouterr()) + stored.decode("latin-1"))


class Tokens:
    """Tokens without a provider."""

    def __init__(self, *tokens):
        self.tokens = list(tokens)
        self.rejected = []

    def fresh(self):
        return self.tokens[0]

    def reject(self, access):
        self.rejected.append(access)
        self.tokens.remove(access)
        if not self.tokens:
            self.tokens.append(access)
            return False
        return True


@pytest.mark.parametrize(
    ("answer", "kind", "tried"),
    [
        ("NO [AUTHENTICATIONFAILED] Invalid credentials", LoginRefused, 2),
        ("BAD {proof}", LoginRefused, 2),
        ("NO {token} is wrong", LoginRefused, 2),
        ("NO [UNAVAILABLE] later", MailboxUnavailable, 1),
    ],
)
def test_what_an_imap_server_says_to_a_token(imap_script, caplog, answer, kind, tried):
    """Its error challenge gets an empty answer; a token that it repeats is told to nobody."""
    caplog.set_level(0)
    proofs, ends = [], []

    def authenticate(dialogue):
        dialogue.say("+ ")
        proofs.append(dialogue.hear())
        dialogue.say("+ " + base64.b64encode(b'{"status":"400"}').decode())
        ends.append(dialogue.hear())
        token = base64.b64decode(proofs[-1]).decode().split("Bearer ")[1].strip("\1")
        dialogue.say(f"{dialogue.tag} " + answer.format(proof=proofs[-1], token=token))

    imap_script.on("AUTHENTICATE", authenticate)
    tokens = Tokens("first-token", "second-token")
    with pytest.raises(kind) as caught:
        connect(imap_script.endpoint, Credentials("shop", tokens=tokens), timeout=5)
    assert type(caught.value) is kind
    assert (len(proofs), set(ends)) == (tried, {""})
    told = "".join(traceback.format_exception(caught.value)) + caplog.text
    assert not [secret for secret in ("first-token", "second-token", *proofs) if secret in told]
    assert base64.b64decode(proofs[0]) == b"user=shop\1auth=Bearer first-token\1\1"


@pytest.mark.parametrize("reply", ["535 5.7.8 no {token}", "535 5.7.3 {proof}", "454 4.7.0 later"])
def test_what_an_smtp_server_says_to_a_token(reply):
    """A refusal is tried with a second token, a passing trouble is not; nothing repeated is told."""
    tokens = Tokens("first-token", "second-token")
    credentials = Credentials("shop", tokens=tokens)
    with running_smtp(auth=True) as server:
        server.owner_of = lambda _access: ""
        for token in ("first-token", "second-token"):
            proof = base64.b64encode(credentials.xoauth2(token).encode()).decode()
            server.fail(Stage.AUTH, reply.format(token=token, proof=proof))
        submission = SmtpSubmission(server.endpoint, credentials, lambda _: True)
        attempt = submission.send(sender="a@b.example", recipient=OWNER, content=b"x\r\n")
        assert (attempt.verdict, attempt.before_dialogue) == (Verdict.DEFERRED, True)
        assert len(tokens.rejected) == (2 if reply.startswith("535") else 0)
        assert not [word for word in ("token", "Bearer", "dXNlcj") if word in attempt.reason]


def test_a_server_without_xoauth2_is_told_no_token():
    """Neither is it sent as a password."""
    with running_smtp(auth=True) as server:
        submission = SmtpSubmission(server.endpoint, Credentials("shop", tokens=Tokens("t")), lambda _: True)
        attempt = submission.send(sender="a@b.example", recipient=OWNER, content=b"x\r\n")
        assert (attempt.before_dialogue, "offers no XOAUTH2" in attempt.reason) == (True, True)
        assert Stage.AUTH not in [stage for _, stage in server.stages]


def test_no_token_travels_in_clear(shop):
    """To another machine only TLS will do, and no token is even asked for."""
    tokens = Tokens("t")
    with pytest.raises(MailboxUnavailable, match="in clear"):
        connect(
            replace(shop.endpoint, host="imap.shop.example", security=Security.NONE),
            Credentials("shop", tokens=tokens),
        )
