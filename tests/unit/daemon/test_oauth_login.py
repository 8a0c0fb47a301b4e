"""A person logs in once: by a code on any device, or with a browser that comes back."""

from __future__ import annotations

import threading
import traceback
import urllib.error
import urllib.request
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from daemon.errors import LoginRefused, MailboxUnavailable
from daemon.oauth import device, redirect
from daemon.oauth.asking import post_form
from daemon.oauth.providers import GOOGLE, microsoft
from tests.beds.clock import SetClock
from tests.beds.oauth import CLIENT_ID, CLIENT_SECRET

NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)


class Patience:
    """Waits without waiting."""

    def __init__(self):
        self.waits = []

    def wait(self, seconds):
        self.waits.append(seconds)

    def monotonic(self):
        return sum(self.waits)


def log_in_by_code(server, patience, **changes):
    """The whole flow, as the command does it."""
    client = server.client()
    code = replace(device.begin(client, "main", post=post_form), **changes)
    return device.await_login(
        client,
        "main",
        code,
        post=post_form,
        clock=SetClock(NOW),
        wait=patience.wait,
        monotonic=patience.monotonic,
    )


def test_a_code_leads_to_a_token(token_server):
    """The person reads a page and a code; the token can be renewed, and its end is known."""
    token_server.device_answers = ["authorization_pending", "authorization_pending"]
    code = device.begin(token_server.client(), "main", post=post_form)
    assert (code.user_code, code.page, code.interval) == ("ABCD-1234", f"{token_server.url}/device", 5.0)
    assert "device-code" not in repr(code)
    patience = Patience()
    token = log_in_by_code(token_server, patience)
    assert patience.waits == [5.0, 5.0, 5.0]
    assert token_server.owner_of(token.access) == token_server.username
    assert (token.granted_at, token.expires_at) == (NOW, NOW + timedelta(hours=1))
    assert (token.client, bool(token.refresh)) == (f"microsoft:{CLIENT_ID}", True)


def test_a_provider_that_is_hurried_is_asked_more_slowly(token_server):
    """Each `slow_down` adds five seconds, and so does an answer that does not come."""
    token_server.device_answers = ["slow_down", "authorization_pending", "slow_down"]
    patience = Patience()
    log_in_by_code(token_server, patience)
    assert patience.waits == [5.0, 10.0, 10.0, 15.0]
    patience, client = Patience(), token_server.client()
    code = device.begin(client, "main", post=post_form)
    token_server.answer_next(503, times=2)
    device.await_login(
        client, "main", code, post=post_form, clock=SetClock(NOW),
        wait=patience.wait, monotonic=patience.monotonic,
    )  # fmt: skip
    assert patience.waits == [5.0, 10.0, 15.0]


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        ("authorization_declined", "The login was declined; try again: sokuresu login main"),
        ("access_denied", "declined"),
        ("expired_token", "The code expired; try again: sokuresu login main"),
        ("bad_verification_code", "expired"),
        ("invalid_client", "client_id"),
        ("something_else", "something_else"),
    ],
)
def test_a_final_no_ends_the_wait(token_server, error, sentence):
    """At once, with what to do."""
    token_server.device_answers = ["authorization_pending", error, "authorization_pending"]
    patience = Patience()
    with pytest.raises(LoginRefused, match=sentence):
        log_in_by_code(token_server, patience)
    assert len(patience.waits) == 2


def test_a_code_that_nobody_types_expires(token_server):
    """It is not asked for ever, even if the provider never says that the code ended."""
    token_server.device_answers = ["authorization_pending"] * 1000
    patience = Patience()
    with pytest.raises(LoginRefused, match="expired"):
        log_in_by_code(token_server, patience, lasts=60.0)
    assert sum(patience.waits) == 60.0


@pytest.mark.parametrize(
    "content",
    [
        b"{}",
        b'{"user_code": "A", "device_code": "B", "verification_uri": "javascript:x"}',
        b'{"user_code": 3}',
    ],
)
def test_an_answer_without_a_code_is_told(token_server, content):
    """Nothing is shown that is no page or no code."""
    token_server.answer_next(200, content)
    with pytest.raises(MailboxUnavailable, match="holds no code"):
        device.begin(token_server.client(), "main", post=post_form)


def test_a_login_that_cannot_be_renewed_is_told(token_server):
    """Without a refresh token it would be dead within the hour."""
    token_server.answer_next(200, b'{"user_code": "A", "device_code": "B", "verification_uri": "https://x"}')
    token_server.answer_next(200, b'{"access_token": "short-lived", "expires_in": 3600}')
    with pytest.raises(LoginRefused, match="no refresh token") as caught:
        log_in_by_code(token_server, Patience())
    assert "short-lived" not in str(caught.value)


def browse(address):
    """What a browser gets: status and page."""
    try:
        with urllib.request.urlopen(address, timeout=5) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as refusal:
        with refusal:
            return refusal.code, refusal.read().decode()


def asked_of(page):
    """What the provider reads in the page's address."""
    return {name: values[0] for name, values in parse_qs(urlsplit(page).query).items()}


def test_a_browser_that_comes_back_leads_to_a_token(token_server):
    """With a challenge that only we can answer, and a page in both languages."""
    client = token_server.client("google")
    with redirect.listening() as listener:
        page = listener.attempt.page(client, "shop@shop.example")
        asked = asked_of(page)
        assert page.startswith(f"{token_server.url}/authorize?")
        assert (asked["access_type"], asked["prompt"]) == ("offline", "consent")
        assert (asked["code_challenge_method"], asked["login_hint"]) == ("S256", "shop@shop.example")
        assert asked["redirect_uri"] == f"http://127.0.0.1:{listener.port}"
        code = token_server.approve(asked["code_challenge"], asked["redirect_uri"])
        status, shown = browse(
            f"{asked['redirect_uri']}/?" + urlencode({"state": asked["state"], "code": code})
        )
        assert (status, "閉じて" in shown, "Close this page" in shown) == (200, True, True)
        brought = listener.await_code("main", patience=5)
    token = redirect.exchange(client, "main", listener.attempt, brought, post=post_form, clock=SetClock(NOW))
    assert token_server.owner_of(token.access) == token_server.username
    assert token_server.asked[-1]["client_secret"] == CLIENT_SECRET
    assert not {listener.attempt.state, listener.attempt.verifier} & set(repr(listener.attempt).split("'"))


def test_an_answer_to_another_login_is_not_taken(token_server):
    """Wrong state, another page, no state: the person is told, and the right answer still counts."""
    with redirect.listening() as listener:
        asked = asked_of(listener.attempt.page(token_server.client("google"), "shop"))
        here = asked["redirect_uri"]
        strangers = ["/?code=evil&state=wrong", "/?code=evil", "/", "/?state=%ff%fe&code=evil"]
        assert [browse(here + one)[0] for one in strangers] == [400] * 4
        assert browse(here + "/favicon.ico")[0] == 404
        assert browse(f"{here}/?state={asked['state']}&code=" + "x" * 9000)[0] == 404
        assert browse(f"{here}/?state={asked['state']}&code=right")[0] == 200
        assert listener.await_code("main", patience=5) == "right"


def test_a_login_that_was_declined_or_forgotten_is_told(token_server):
    """With the command that begins anew."""
    with redirect.listening() as listener:
        asked = asked_of(listener.attempt.page(token_server.client("google"), "shop"))
        with pytest.raises(LoginRefused, match="Nobody came back in time; try again: sokuresu login main"):
            listener.await_code("main", patience=0)
        browse(f"{asked['redirect_uri']}/?state={asked['state']}&error=access_denied")
        with pytest.raises(LoginRefused, match="declined"):
            listener.await_code("main", patience=5)


def test_a_code_that_was_stolen_is_of_no_use(token_server):
    """Without the verifier the provider gives nothing, and the failure tells no secret."""
    client = token_server.client("google")
    with redirect.listening() as listener:
        asked = asked_of(listener.attempt.page(client, "shop"))
    code = token_server.approve(asked["code_challenge"], asked["redirect_uri"])
    thief = redirect.Attempt(asked["redirect_uri"])
    with pytest.raises(LoginRefused, match="invalid_grant") as caught:
        redirect.exchange(client, "main", thief, code, post=post_form, clock=SetClock(NOW))
    told = "".join(traceback.format_exception(caught.value))
    assert not [one for one in (code, thief.verifier, CLIENT_SECRET) if one in told]


class _Answering(BaseHTTPRequestHandler):
    def do_POST(self):
        content = b'{"access_token": "a"}'
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_args):
        """Say nothing."""


@pytest.mark.parametrize("trusted", [True, False])
def test_only_a_provider_that_proves_itself_is_told_anything(certificate, monkeypatch, trusted):
    """The certificate is verified against the system's authorities; nothing goes out without that."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate.ca_file if trusted else "/nonexistent"))
    server = HTTPServer(("127.0.0.1", 0), _Answering)
    server.handle_error = lambda *_args: None
    server.socket = certificate.server_context().wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.handle_request)
    thread.start()
    url = f"https://127.0.0.1:{server.server_address[1]}/token"
    try:
        if trusted:
            assert post_form(url, {"refresh_token": "secret"}).text("access_token") == "a"
        else:
            with pytest.raises(MailboxUnavailable, match="certificate"):
                post_form(url, {"refresh_token": "secret"})
    finally:
        thread.join(5)
        server.server_close()


def test_the_real_providers_are_asked_over_tls():
    """The addresses are constants, and a tenant cannot lead elsewhere."""
    for provider in (GOOGLE, microsoft("common"), microsoft("../evil.example/x?")):
        for url in (provider.login_url, provider.token_url):
            parts = urlsplit(url)
            assert parts.scheme == "https"
            assert parts.hostname in {
                "accounts.google.com",
                "oauth2.googleapis.com",
                "login.microsoftonline.com",
            }
            assert (parts.query, parts.fragment) == ("", "")
    assert "offline_access" in microsoft("common").scope
