"""``sokuresu login`` and ``check`` as a seller types them, against a token server and a real Dovecot."""

from __future__ import annotations

import re
import subprocess
import sys
import threading
import urllib.request
from contextlib import closing
from datetime import timedelta
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from click.testing import CliRunner

from daemon.cli import main
from state.engine import open_engine
from state.unit_of_work import Database
from tests.beds.oauth_shop import oauth_dovecot, oauth_provider, oauth_shop
from tests.system.running import await_that
from tests.system.shop_under_test import ROOT

__all__ = ["oauth_dovecot", "oauth_provider", "oauth_shop"]
pytestmark = pytest.mark.dovecot


@pytest.fixture
def shop(oauth_shop, monkeypatch):
    """A shop in which nobody has logged in yet; no command waits for wall-clock seconds."""
    oauth_shop.keyring.file(oauth_shop.mailbox).path.unlink()
    oauth_shop.waits = []
    monkeypatch.setattr("daemon.cli.login.sleep", oauth_shop.waits.append)
    monkeypatch.setattr("daemon.reading.watcher.BACK_OFF", (0.02,))
    return oauth_shop


def call(shop, *arguments):
    """Call a command; whatever it says, it says no secret."""
    result = CliRunner().invoke(main, arguments, obj=shop.context)
    shop.require_silence(result.output)
    return result


def is_failing(shop):
    """Whether the service has found that it cannot open the mailbox."""
    with closing(Database(open_engine(shop.settings.database))) as database, database.read() as uow:
        health = uow.mailboxes.get("main")
        return health is not None and health.failing_since is not None


def browse(page, approve):
    """What a person's browser does with the page: agree, and come back."""
    asked = {name: values[0] for name, values in parse_qs(urlsplit(page).query).items()}
    code = approve(asked["code_challenge"], asked["redirect_uri"])
    back = f"{asked['redirect_uri']}/?" + urlencode({"state": asked["state"], "code": code})
    with urllib.request.urlopen(back, timeout=10) as answer:
        return answer.read().decode()


def test_a_login_with_microsoft(shop):
    """A page and a code are shown, the provider is asked at its own pace, and the mailbox opens."""
    shop.provider.device_answers = ["authorization_pending", "slow_down"]
    result = call(shop, "login", "main")
    assert result.exit_code == 0, result.output
    assert f"{shop.provider.url}/device" in result.output
    assert "Code: ABCD-1234" in result.output
    assert shop.provider.username in result.output
    assert "sokuresu check" in result.output
    assert "Testing" not in result.output
    assert shop.waits == [5.0, 5.0, 10.0]
    assert shop.read_mail() == 0


@pytest.mark.parametrize(
    ("answers", "sentence"),
    [(["authorization_declined"], "declined"), (["expired_token"], "expired")],
)
def test_a_login_that_comes_to_nothing(shop, answers, sentence):
    """It ends with status 1, the sentence says how to begin anew, and nothing is kept."""
    shop.provider.device_answers = answers
    result = call(shop, "login", "main")
    assert (result.exit_code, shop.keyring.file(shop.mailbox).path.exists()) == (1, False)
    assert sentence in result.stderr
    assert "sokuresu login main" in result.stderr


def test_a_login_with_google_in_a_browser(shop, monkeypatch):
    """The browser opens by itself and comes back; the seller is told of clients in testing."""
    shop.configure("google")
    shop.provider.login_lasts = 604_799
    shown = []

    def open_browser(page):
        answer = threading.Thread(target=lambda: shown.append(browse(page, shop.provider.approve)))
        answer.start()
        answer.join(10)

    monkeypatch.setattr("webbrowser.open", open_browser)
    monkeypatch.setenv("DISPLAY", ":0")
    result = call(shop, "login", "main")
    shop.provider.login_lasts = None
    assert result.exit_code == 0, result.output
    assert "ログインを受け取りました" in shown[0]
    assert "The login has arrived" in shown[0]
    assert '"Testing" loses its login after 7 days' in result.output
    assert "This login ends at" in result.output
    assert "ssh" not in result.output
    assert shop.read_mail() == 0


_PROGRAM = """
import sys
from daemon.cli import Context, main
from daemon.clock import SystemClock
from daemon.oauth.keyring import Keyring
from tests.beds.oauth import TokenServer
context = Context(sys.argv[1])
context.keyring = Keyring(context.settings, SystemClock(), TokenServer(port=int(sys.argv[2])).provider_of)
main(["login", "main", "--no-browser"], obj=context)
"""


def test_a_login_with_google_on_a_server(shop):
    """A process of its own shows the page and the ssh line, opens nothing, and waits for the browser."""
    shop.configure("google")
    command = [sys.executable, "-c", _PROGRAM, str(shop.config), str(shop.provider.port)]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    with subprocess.Popen(command, cwd=ROOT, text=True, bufsize=1, **pipes) as program:
        try:
            said = ""
            while "Waiting" not in said:
                line = program.stdout.readline()
                assert line, said
                said += line
            (page,) = re.findall(r"^http\S+$", said, re.MULTILINE)
            port = urlsplit(parse_qs(urlsplit(page).query)["redirect_uri"][0]).port
            assert f"ssh -N -L {port}:127.0.0.1:{port} USER@THIS-SERVER" in said
            browse(page, shop.provider.approve)
            said += program.stdout.read()
            assert program.wait(60) == 0, said
        finally:
            program.kill()
    shop.require_silence(said)
    assert shop.read_mail() == 0


def test_a_login_is_noticed_by_the_running_service(shop):
    """It waits without a token, asks nobody, and reads the mailbox soon after the login."""
    service = shop.service()
    running = threading.Thread(target=service.run)
    running.start()
    try:
        await_that(lambda: is_failing(shop), "the mailbox to be tried")
        assert shop.provider.introspected == []
        assert call(shop, "login", "main").exit_code == 0
        await_that(lambda: shop.provider.introspected, "the mailbox to be opened")
    finally:
        service.stop()
        running.join(30)
    assert shop.provider.renewals() == []


def test_check_says_how_old_the_login_is_and_whether_it_works(shop):
    """The token is renewed for the trial, and what was rotated is kept."""
    shop.clock.advance(timedelta(days=-3))
    shop.log_in()
    for _ in range(2):
        result = call(shop, "check")
        assert re.search(r"OAuth2: logged in 3 d\b.* ago; the token can be renewed", result.output)
        assert result.exit_code == 0, result.output
    assert len(shop.provider.renewals()) == 2


def test_check_says_that_a_login_is_needed(shop):
    """Before the first one, and after the grant was revoked."""
    result = call(shop, "check")
    assert (result.exit_code, "login needed" in result.output) == (1, True)
    shop.log_in()
    shop.provider.revoke()
    result = call(shop, "check")
    assert (result.exit_code, "login needed" in result.output) == (1, True)
    assert "Log in again with: sokuresu login main" in result.output
    assert len(shop.provider.renewals()) == 1


def test_check_tells_a_trouble_that_passes(shop):
    """A provider that is down wants no login."""
    shop.log_in()
    shop.provider.answer_next(503)
    result = call(shop, "check")
    assert (result.exit_code, "login needed" in result.output) == (1, False)
    assert "the token cannot be renewed" in result.output


def test_check_warns_of_a_login_that_ends(shop):
    """As Google's do for a client in testing."""
    shop.provider.login_lasts = 604_799
    shop.log_in()
    shop.provider.login_lasts = None
    assert "before that: sokuresu login main" in call(shop, "check").output


@pytest.mark.parametrize("name", ["other", "main\x1b[2J"])
def test_a_mailbox_without_oauth_cannot_be_logged_in_to(shop, name):
    """The ones that can are named."""
    result = call(shop, "login", name)
    assert (result.exit_code, "there are: main" in result.stderr, "\x1b" in result.stderr) == (2, True, False)


def test_a_folder_that_cannot_be_written_is_told_before_the_login(shop):
    """Nobody goes through a login that could not be kept."""
    shop.config.write_text(
        shop.config.read_text("utf-8").replace('-test"', '-test", token_file = "shop.toml/x"'), "utf-8"
    )
    result = call(shop, "login", "main")
    assert (result.exit_code, "token_file" in result.stderr) == (1, True)
    assert shop.provider.asked == []
