"""OAuth2 against a real Dovecot that asks a token server, and against an SMTP server that does."""

from __future__ import annotations

import base64
import traceback
from dataclasses import replace
from datetime import timedelta

import pytest

from daemon.errors import LoginRefused, MailboxUnavailable
from daemon.mailbox import connect
from daemon.ports import Credentials, Security, Verdict
from daemon.smtp import SmtpSubmission
from tests.beds.oauth_shop import OWNER, oauth_dovecot, oauth_provider, oauth_shop
from tests.beds.smtp import Stage, running_smtp

__all__ = ["oauth_dovecot", "oauth_provider", "oauth_shop"]
HOUR = timedelta(hours=1)


@pytest.fixture
def shop(oauth_shop):
    """A shop whose owner has just logged in."""
    return oauth_shop


pytestmark = pytest.mark.dovecot


def test_a_good_token_gets_in_everywhere(shop):
    """IMAP and SMTP take the same token, and nobody is asked for another one."""
    shop.account.deliver(b"Subject: x\r\n\r\nx\r\n")
    assert shop.read_mail() == 1
    assert shop.send_mail().verdict is Verdict.ACCEPTED
    assert shop.smtp.mails[0].username == shop.provider.username
    assert shop.provider.asked == []


@pytest.mark.parametrize("way", ["tls", "starttls"])
def test_tokens_travel_encrypted(shop, oauth_dovecot, way):
    """The usual protections carry XOAUTH2 as well."""
    shop.account.endpoint = getattr(oauth_dovecot, way)
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
        shop.service().once()
    (alert,) = shop.other.mails
    assert alert.recipients == (OWNER,)
    assert "sokuresu login main" in alert.text
    assert (shop.smtp.connections, len(shop.provider.renewals())) == (0, 1)
    shop.log_in()
    shop.service().once()
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
        connect(imap_script.endpoint, Credentials("shop", tokens=tokens), timeout=30)
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
            replace(shop.account.endpoint, host="imap.shop.example", security=Security.NONE),
            Credentials("shop", tokens=tokens),
        )
