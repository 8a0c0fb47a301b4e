"""The configuration: every fault at once, no secret anywhere, nothing undocumented."""

from __future__ import annotations

import re
import shutil
import tomllib
from datetime import date, time, timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError

from daemon.config import find_config, load
from daemon.config.faults import known_keys
from daemon.errors import ConfigurationError
from daemon.ports import Credentials, Endpoint, Security
from parsers.values import FeedbackRule, Trust

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "systemd" / "sokuresu.example.toml"
BUYER = "abcdefgh12345678+k@marketplace.amazon.co.jp"

SHOP = """
[shop]
name = "まい商店"
owner_email = "owner@shop.example"
"""
MAILBOX = """
[[mailbox]]
name = "main"
address = "shop@shop.example"
password_file = "password"
imap = { host = "imap.shop.example" }
smtp = { host = "smtp.shop.example" }
"""
GOOD = SHOP + MAILBOX


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch):
    for key in ("CREDENTIALS_DIRECTORY", "SOKURESU_CONFIG"):
        monkeypatch.delenv(key, raising=False)


@pytest.fixture
def folder(tmp_path):
    """A configuration's folder with a password that only its owner can read."""
    secret(tmp_path / "password", "hunter2\n")
    return tmp_path


def secret(path, text):
    path.write_text(text, "utf-8")
    path.chmod(0o600)


def write(folder, text):
    path = folder / "sokuresu.toml"
    path.write_text(text, "utf-8")
    return path


def settings(folder, text=GOOD, **options):
    return load(write(folder, text), **options)


def faults(folder, text, **options):
    with pytest.raises(ConfigurationError) as caught:
        settings(folder, text, **options)
    for fault in caught.value.faults:
        assert "\n" not in fault
        assert " / " in fault, "Japanese, then English"
        assert "hunter2" not in fault
    assert caught.value.exit_status == 2
    return caught.value.faults


def fault(folder, text, **options):
    (only,) = faults(folder, text, **options)
    return only


def good_but(old, new):
    assert old in GOOD
    return GOOD.replace(old, new)


def test_the_least_that_must_be_said_brings_the_defaults(folder):
    """A shop, a mailbox and its servers are enough."""
    found = settings(folder)
    assert found.shop.timezone.key == "Asia/Tokyo"
    assert (found.shop.opening_time, found.shop.closing_time) == (time(10), time(20))
    assert found.shop.closed_weekdays == {5, 6}
    assert found.shop.closed_on_public_holidays
    assert found.shop.closed_ranges == ()
    assert found.alerts.times == (time(12), time(17), time(19, 30))
    assert found.alerts.quiet_hours == (time(23), time(7))
    assert found.alerts.all_answered
    assert (found.alerts.webhook(), found.alerts.smtp) == (None, None)
    assert found.retention.raw == timedelta(days=400)
    assert found.database == f"sqlite:///{folder}/sokuresu.db"
    assert found.warnings == ()
    (mailbox,) = found.mailboxes
    assert mailbox.credentials() == Credentials("shop@shop.example", "hunter2")
    assert mailbox.imap.endpoint() == Endpoint("imap.shop.example", 993, Security.TLS)
    assert mailbox.smtp.endpoint() == Endpoint("smtp.shop.example", 465, Security.TLS)
    assert mailbox.poll_interval == timedelta(minutes=1)
    assert (mailbox.folders, mailbox.save_sent, mailbox.authserv_id) == (("INBOX",), "auto", None)
    assert (mailbox.sent_folder, mailbox.drafts_folder, mailbox.junk_folder) == (None, None, None)


@pytest.mark.parametrize(
    ("security", "imap", "smtp"), [("tls", 993, 465), ("starttls", 143, 587), ("none", 143, 25)]
)
def test_the_port_follows_the_protection(folder, security, imap, smtp):
    """Each kind of server has its usual port for each protection, unless one is given."""
    text = good_but("imap.shop.example", "localhost").replace("smtp.shop.example", "127.0.0.1")
    found = settings(folder, text.replace(" }", f', security = "{security}" }}')).mailboxes[0]
    assert (found.imap.endpoint().port, found.smtp.endpoint().port) == (imap, smtp)
    given = settings(folder, text.replace(" }", f', security = "{security}", port = 1143 }}')).mailboxes[0]
    assert given.imap.endpoint().port == 1143


def test_a_mailbox_overrides_single_acknowledgment_settings(folder):
    """What a mailbox does not say is as for all."""
    text = GOOD + 'acknowledge = { cool_down = "1h", enabled = false }\n[acknowledge]\nhourly_cap = 5\n'
    found = settings(folder, text)
    policy = found.acknowledgment_policy(found.mailboxes[0])
    assert (policy.enabled, policy.cool_down) == (False, timedelta(hours=1))
    assert (policy.hourly_cap, policy.max_age) == (5, timedelta(hours=24))


def test_closed_days_are_weekdays_holidays_dates_and_ranges(folder):
    """TOML's own dates are taken like quoted ones."""
    text = good_but(
        "[[mailbox]]",
        'closed_on = ["mon", "2026-12-29/2027-01-03", "2026-08-13", 2026-08-14]\n[[mailbox]]',
    )
    shop = settings(folder, text).shop
    assert shop.closed_weekdays == {0}
    assert not shop.closed_on_public_holidays
    assert shop.closed_ranges == (
        (date(2026, 12, 29), date(2027, 1, 3)),
        (date(2026, 8, 13), date(2026, 8, 13)),
        (date(2026, 8, 14), date(2026, 8, 14)),
    )


def test_times_may_be_written_as_toml_has_them(folder):
    """Quoted or not; seconds are of no use."""
    shop = settings(
        folder, good_but("[[mailbox]]", "opening_time = 09:30:15\nclosing_time = '9:45'\n[[mailbox]]")
    )
    assert (shop.shop.opening_time, shop.shop.closing_time) == (time(9, 30), time(9, 45))


def test_rules_agents_and_trust_reach_those_who_need_them(folder):
    """Feedback rules go to the parsers, agents and the owner into the allow-list."""
    text = GOOD + (
        'authserv_id = "mx.shop.example"\n'
        '[[feedback_rule]]\nsender = "Alerts@Tool.example"\nsubject = "評価"\nrating = "(\\\\d)"\n'
        '[[shipping_agent]]\naddress = "ship@agent.example"\n'
    )
    found = settings(folder, text)
    rule = FeedbackRule("alerts@tool.example", "評価", r"(\d)")
    assert found.trust(found.mailboxes[0]) == Trust("mx.shop.example", (rule,))
    allowed = found.allow_list().allows
    assert [allowed(a) for a in ("ship@agent.example", "owner@shop.example", BUYER, "x@agent.example")] == [
        True,
        True,
        True,
        False,
    ]


def test_nothing_can_be_changed(folder):
    """Settings are values: neither a field nor a list inside can be altered."""
    found = settings(folder)
    with pytest.raises(ValidationError):
        found.shop.name = "x"
    with pytest.raises(ValidationError):
        found.mailbox = ()
    assert all(isinstance(value, tuple) for value in (found.mailboxes, found.alerts.times))


def test_no_secret_shows_in_any_representation(folder):
    """Not in repr, str, dumps or JSON; the database's URL may hold one too."""
    secret(folder / "hook", "https://hooks.example/hunter2")
    text = (
        'database_url = "postgresql+psycopg://shop:hunter2@db.example/shop"\n'
        + GOOD
        + '[alerts]\nwebhook_url_file = "hook"\n'
        + '[alerts.smtp]\nhost = "h.example"\naddress = "a@h.example"\nusername = "a"\n'
        + 'password_file = "password"\n'
    )
    found = settings(folder, text)
    shown = (repr(found), str(found), str(found.model_dump()), repr(found.mailboxes[0].credentials()))
    assert not any("hunter2" in text for text in shown)
    assert found.alerts.webhook() == "https://hooks.example/hunter2"
    assert found.alerts.smtp is not None
    assert found.alerts.smtp.credentials() == Credentials("a", "hunter2")
    assert "hunter2" in found.database


def test_relative_paths_start_at_the_configurations_folder(folder, monkeypatch):
    """Wherever the command is called: database, password and certificates."""
    monkeypatch.chdir("/")
    text = 'database_url = "sqlite:///data/x.db"\n' + GOOD
    assert settings(folder, text).database == f"sqlite:///{folder}/data/x.db"
    absolute = 'database_url = "sqlite:////srv/x.db"\n' + GOOD
    assert settings(folder, absolute).database == "sqlite:////srv/x.db"


def test_a_server_may_have_its_own_authority(folder, certificate):
    """The file's certificates are tried when the configuration is read."""
    shutil.copy(certificate.ca_file, folder / "ca.pem")
    text = good_but('"imap.shop.example"', '"imap.shop.example", ca_file = "ca.pem"')
    assert settings(folder, text).mailboxes[0].imap.endpoint().ca_file == str(folder / "ca.pem")


@pytest.mark.parametrize("content", [None, "no certificate"])
def test_an_unusable_authority_is_a_fault(folder, content):
    """Missing or no certificate at all: told at the start and not at the first connection."""
    if content is not None:
        (folder / "ca.pem").write_text(content)
    told = fault(folder, good_but('"imap.shop.example"', '"imap.shop.example", ca_file = "ca.pem"'))
    assert told.startswith('mailbox "main" › imap › ca_file: ')
    assert str(folder / "ca.pem") in told


ONE_FAULT = [
    ('name = "まい商店"', 'naem = "x"', "shop › naem", "did you mean name?"),
    ('name = "まい商店"\n', "", "shop › name", "this setting is needed"),
    ('name = "まい商店"', "name = 3", "shop › name", "one line of text"),
    ("owner@shop.example", "owner", "shop › owner_email", '"owner"'),
    ("owner@shop.example", "Owner <owner@shop.example>", "shop › owner_email", "a mail address"),
    ("[[mailbox]]", 'timezone = "Asia/Tokio"\n[[mailbox]]', "shop › timezone", "Asia/Tokyo"),
    ("[[mailbox]]", 'timezone = "../etc/passwd"\n[[mailbox]]', "shop › timezone", "Asia/Tokyo"),
    ("[[mailbox]]", 'language = "fr"\n[[mailbox]]', "shop › language", "one of ja, en"),
    ("[[mailbox]]", 'opening_time = "25:00"\n[[mailbox]]', "shop › opening_time", '"25:00"'),
    ("[[mailbox]]", 'closing_time = "9:00"\n[[mailbox]]', "shop › closing_time", "later than opening 10:00"),
    ("[[mailbox]]", 'closed_on = ["funday"]\n[[mailbox]]', "shop › closed_on #1", '"funday"'),
    ("[[mailbox]]", 'closed_on = ["2026-02-30"]\n[[mailbox]]', "shop › closed_on #1", "2026-02-30"),
    ("[[mailbox]]", 'closed_on = ["2026-02-03/2026-02-01"]\n[[mailbox]]', "shop › closed_on #1", "first day"),
    ("[[mailbox]]", 'closed_on = "sat"\n[[mailbox]]', "shop › closed_on", "a list"),
    (
        "[[mailbox]]",
        'closed_on = ["mon","tue","wed","thu","fri","sat","sun"]\n[[mailbox]]',
        "shop › closed_on",
        "every weekday is closed",
    ),
    ("[[mailbox]]", "hourly_cap = 3\n[[mailbox]]", "shop › hourly_cap", "under [acknowledge]"),
    (
        "[[mailbox]]",
        "[acknowledge]\nhourly_cap = 0\n[[mailbox]]",
        "acknowledge › hourly_cap",
        "from 1 to 1000",
    ),
    ("[[mailbox]]", '[acknowledge]\nenabled = "yes"\n[[mailbox]]', "acknowledge › enabled", "true or false"),
    ("[[mailbox]]", '[acknowledge]\nmax_age = "3d"\n[[mailbox]]', "acknowledge › max_age", "2 days"),
    ("[[mailbox]]", "[acknowledge]\ncool_down = 12\n[[mailbox]]", "acknowledge › cool_down", '"12h"'),
    ("[[mailbox]]", '[alerts]\ntimes = ["12:00", "1800"]\n[[mailbox]]', "alerts › times #2", '"1800"'),
    ("[[mailbox]]", '[alerts]\nquiet_hours = "23-7"\n[[mailbox]]', "alerts › quiet_hours", "23:00-07:00"),
    ("[[mailbox]]", '[retention]\nraw = "forever"\n[[mailbox]]', "retention › raw", '"forever"'),
    ("[[mailbox]]", "[retentoin]\n[[mailbox]]", "retentoin", "did you mean retention?"),
    ('name = "main"', 'name = "../x"', 'mailbox "../x" › name', "letters, digits"),
    ('"imap.shop.example"', '"imap.shop.example", port = 99999', 'mailbox "main" › imap › port', "65535"),
    ('"imap.shop.example"', '"imap.shop.example", port = "993"', 'mailbox "main" › imap › port', "65535"),
    ('"imap.shop.example"', '"imap.shop.example", port = true', 'mailbox "main" › imap › port', "65535"),
    ('"imap.shop.example"', '"imap.shop.example", prot = 1', 'mailbox "main" › imap › prot', "mean port?"),
    ('"imap.shop.example"', '"imap.shop.example:993/"', 'mailbox "main" › imap › host', "a host"),
    (
        '"imap.shop.example"',
        '"imap.shop.example", security = "ssl"',
        'mailbox "main" › imap › security',
        "starttls",
    ),
    (
        '"smtp.shop.example"',
        '"smtp.shop.example", security = "none"',
        'mailbox "main" › smtp › security',
        "without encryption",
    ),
    (
        '"smtp.shop.example"',
        '"127.0.0.1.evil.example", security = "none"',
        'mailbox "main" › smtp › security',
        "without encryption",
    ),
    ('smtp = { host = "smtp.shop.example" }', "", 'mailbox "main" › smtp', "needed"),
    ('smtp = { host = "smtp.shop.example" }', 'smtp = "x"', 'mailbox "main" › smtp', "a table"),
    ('password_file = "password"', "", 'mailbox "main" › password', "sokuresu_main_password"),
    (
        'password_file = "password"',
        'password_file = "nowhere"',
        'mailbox "main" › password_file',
        "cannot be read",
    ),
    (
        'password_file = "password"',
        'password_file = "hunter2"',
        'mailbox "main" › password_file',
        "cannot be read",
    ),
    (
        'password_file = "password"',
        'password_file = "a\\u0000hunter2"',
        'mailbox "main" › password_file',
        "where the file is",
    ),
    (
        'password_file = "password"',
        "password_file = 3",
        'mailbox "main" › password_file',
        "where the file is",
    ),
    (
        'password_file = "password"',
        'password = "hunter2"',
        'mailbox "main" › password',
        "do not write secrets",
    ),
    ("[[mailbox]]", '[[mailbox]]\npoll_interval = "0s"', 'mailbox "main" › poll_interval', "0:00:01"),
    ("[[mailbox]]", "[[mailbox]]\nfolders = []", 'mailbox "main" › folders', "name a folder"),
    ("[[mailbox]]", '[[mailbox]]\nsave_sent = "yes"', 'mailbox "main" › save_sent', "auto, always, never"),
    (
        "[[mailbox]]",
        '[[mailbox]]\noauth = { provider = "google", client_id = "c" }',
        'mailbox "main" › oauth',
        "exclude each other",
    ),
    (
        'password_file = "password"',
        'oauth = { provider = "google", client_id = "c" }',
        'mailbox "main" › client_secret',
        "sokuresu_main_client_secret",
    ),
    (
        'password_file = "password"',
        'oauth = { provider = "google", client_id = "c", client_secret_file = "hunter2" }',
        'mailbox "main" › oauth › client_secret_file',
        "cannot be read",
    ),
    (
        'password_file = "password"',
        'oauth = { provider = "google", client_id = "c", client_secret_file = "password", tenant = "t" }',
        'mailbox "main" › oauth › tenant',
        "microsoft only",
    ),
    (
        'password_file = "password"',
        'oauth = { provider = "yahoo", client_id = "c" }',
        'mailbox "main" › oauth › provider',
        "google, microsoft",
    ),
    (
        'password_file = "password"',
        'oauth = { provider = "microsoft" }',
        'mailbox "main" › oauth › client_id',
        "this setting is needed",
    ),
    (
        'password_file = "password"',
        'oauth = { provider = "microsoft", client_id = "a b" }',
        'mailbox "main" › oauth › client_id',
        "client id",
    ),
    (
        'password_file = "password"',
        'oauth = { provider = "microsoft", client_id = "c", tenant = "a/b" }',
        'mailbox "main" › oauth › tenant',
        "organisation",
    ),
    (
        'password_file = "password"',
        'oauth = "microsoft"',
        'mailbox "main" › oauth',
        "this is a table",
    ),
    ("[[mailbox]]", '[[mailbox]]\ncolour = "red"', 'mailbox "main" › colour', "remove it"),
    ("[[mailbox]]", "[mailbox]", "mailbox", "double brackets"),
    (
        "[[mailbox]]",
        '[[feedback_rule]]\nsender = "a@b.example"\nsubject = "("\n[[mailbox]]',
        "feedback_rule #1 › subject",
        "regular expression",
    ),
    ("[[mailbox]]", '[[feedback_rule]]\nsender = "tool"\n[[mailbox]]', "feedback_rule #1 › sender", '"tool"'),
    (
        "[[mailbox]]",
        '[[shipping_agent]]\naddress = "a@b@c"\n[[mailbox]]',
        "shipping_agent #1 › address",
        '"a@b@c"',
    ),
    (
        "[[mailbox]]",
        '[[feedback_rule]]\nsender = "a@b.example"\n[[shipping_agent]]\naddress = "A@b.example"\n[[mailbox]]',
        "shipping_agent",
        "a [[feedback_rule]] too",
    ),
    ("[[mailbox]]", f'[[shipping_agent]]\naddress = "{BUYER}"\n[[mailbox]]', "shipping_agent", "a buyer's"),
    (
        "[[mailbox]]",
        '[alerts]\nwebhook_url_file = "nowhere"\n[[mailbox]]',
        "alerts › webhook_url_file",
        "cannot be read",
    ),
    (
        "[[mailbox]]",
        '[alerts]\nwebhook_url_file = "https://h.example/hunter2"\n[[mailbox]]',
        "alerts › webhook_url_file",
        "do not write the URL here",
    ),
    (
        "[[mailbox]]",
        '[alerts]\nwebhook_url_file = "password"\n[[mailbox]]',
        "alerts › webhook_url",
        "begin with https://",
    ),
    (
        "[[mailbox]]",
        '[alerts.smtp]\nhost = "h.example"\naddress = "a@b.example"\nusername = "a"\n[[mailbox]]',
        "alerts › smtp › password",
        "sokuresu_alerts_smtp_password",
    ),
]


@pytest.mark.parametrize(("old", "new", "where", "what"), ONE_FAULT)
def test_one_fault_is_one_sentence(folder, old, new, where, what):
    """It names the place, the value and the remedy, and a single mistake is told once."""
    told = fault(folder, good_but(old, new))
    assert told.startswith(f"{where}: ")
    assert what in told


@pytest.mark.parametrize(
    "url",
    [
        "mysql://shop:hunter2@db/shop",
        "postgresql://shop:hunter2@db/shop",
        "postgresql+psycopg://shop:hunter2@db:port/shop",
        "postgresql+psycopg://shop:hunter2@db",
        "sqlite://",
        "sqlite:///:memory:",
        "sokuresu.db",
        3,
    ],
)
def test_a_bad_database_url_is_told_without_showing_it(folder, url):
    """A password may stand in it."""
    written = f'"{url}"' if isinstance(url, str) else url
    assert fault(folder, f"database_url = {written}\n{GOOD}").startswith("database_url: ")


@pytest.mark.parametrize(
    ("key", "pattern", "why"),
    [("subject", "(a+)+", "repeats a repetition"), ("rating", "[1-5]", "needs a group"), ("subject", "", "")],
)
def test_a_feedback_rule_must_be_safe_and_complete(folder, key, pattern, why):
    """The pattern is run on strangers' text, and a rating must be found in it."""
    told = fault(folder, GOOD + f"[[feedback_rule]]\nsender = \"a@b.example\"\n{key} = '{pattern}'\n")
    assert told.startswith(f"feedback_rule #1 › {key}: ")
    assert why in told


def test_every_fault_is_told_at_once(folder):
    """Faults in one table hide none in another, nor others in the same table."""
    text = """
        database_url = "mysql://x"
        [shop]
        nmae = "x"
        owner_email = "nobody"
        timezone = "Mars"
        opening_time = "25:00"
        [[mailbox]]
        name = "main"
        address = "x"
        imap = { host = "imap.shop.example", port = 0, security = "none" }
        smtp = { prot = 1 }
        [[mailbox]]
        name = "Main"
        address = "a@b.example"
        password_file = "nowhere"
        imap = { host = "imap.shop.example" }
        smtp = { host = "smtp.shop.example" }
    """
    assert [told.split(":")[0] for told in faults(folder, text)] == [
        "database_url",
        "shop › owner_email",
        "shop › timezone",
        "shop › opening_time",
        "shop › nmae",
        'mailbox "main" › address',
        'mailbox "main" › password',
        'mailbox "main" › imap › port',
        'mailbox "main" › imap › security',
        'mailbox "main" › smtp › host',
        'mailbox "main" › smtp › prot',
        'mailbox "Main" › name',
        'mailbox "Main" › password_file',
    ]


def test_two_mailboxes_need_two_names(folder):
    """Capital letters make no difference, for the name is also a credential's file."""
    told = fault(folder, GOOD + MAILBOX.replace('"main"', '"MAIN"'))
    assert told.startswith('mailbox "MAIN" › name: ')


def test_a_shop_needs_a_mailbox(folder):
    """Without one there is nothing to watch."""
    assert fault(folder, SHOP).startswith("mailbox: ")
    assert fault(folder, "mailbox = []\n" + SHOP).startswith("mailbox: ")


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"[shop]\nname = \n", "line 2, column 8"),
        (b"[shop", "the file ends too early"),
        ('[shop]\nname = "店"\n'.encode("cp932"), "line 2 is not UTF-8"),
    ],
)
def test_a_file_that_is_no_toml_says_where(folder, content, told):
    """Line and column, and the usual accident of a Japanese editor."""
    path = folder / "sokuresu.toml"
    path.write_bytes(content)
    with pytest.raises(ConfigurationError, match=re.escape(told)) as caught:
        load(path)
    assert str(path) in caught.value.faults[0]


def test_a_byte_order_mark_does_no_harm(folder):
    """Some editors write one."""
    path = folder / "sokuresu.toml"
    path.write_bytes(b"\xef\xbb\xbf" + GOOD.encode())
    assert load(path).shop.name == "まい商店"


def test_a_missing_file_is_a_fault(folder):
    """A name given by hand may be wrong."""
    with pytest.raises(ConfigurationError, match="cannot be read"):
        load(folder / "nowhere.toml")


@pytest.mark.parametrize("content", ["", "\n", "two\nlines\n", "tab\tinside\n", "x" * 5000])
def test_a_secret_is_exactly_one_line(folder, content):
    """An empty file or a second line is an accident; the content is not shown."""
    secret(folder / "password", content)
    assert "exactly one line" in fault(folder, GOOD)


@pytest.mark.parametrize(
    ("content", "password"), [("a b \r\n", "a b "), ("\ufeff合言葉", "合言葉"), ("x", "x")]
)
def test_a_secret_keeps_its_spaces_and_loses_its_line_end(folder, content, password):
    """Editors add a line end, and some a mark at the beginning; spaces may be meant."""
    secret(folder / "password", content)
    assert settings(folder).mailboxes[0].credentials().password == password


def test_a_secret_that_is_not_utf_8_is_told(folder):
    """Rather than sent as rubbish."""
    (folder / "password").write_bytes(b"\x83p\x83X")
    assert "UTF-8" in fault(folder, GOOD)


def test_a_password_that_everybody_can_read_is_a_warning(folder):
    """Only a warning: Docker mounts secrets like that and nobody can change it."""
    (folder / "password").chmod(0o644)
    (warning,) = settings(folder).warnings
    assert "chmod 600" in warning
    assert "hunter2" not in warning


@pytest.mark.parametrize("url", ["http://hooks.example/x", "https://", "https://[x", "ftp://hooks.example"])
def test_a_webhook_is_an_encrypted_web_address(folder, url):
    """Whoever listens on the way could read what buyers wrote."""
    secret(folder / "hook", url)
    assert "begin with https://" in fault(folder, GOOD + '[alerts]\nwebhook_url_file = "hook"\n')


@pytest.mark.parametrize(
    ("text", "content", "expected"),
    [
        ('[ping]\nurl_file = "hook"', "http://ping.example/hunter2", "begin with https://"),
        ('[ping]\ninterval = "5s"', "", "ping › interval"),
        ('[alerts]\napprise_urls_file = "hook"', "json://h.example\nhunter2", "form of URL number 2"),
        ('[alerts]\napprise_urls_file = "hook"', "\n# nothing\n", "one entry a line"),
        ('[alerts]\nsecond_path = "never"', "", "one of always, when_mail_fails"),
        ("[alerts.chatwork]\nroom = 12", "", "sokuresu_chatwork_token"),
        ('[alerts.chatwork]\nroom = "12"\ntoken_file = "hook"', "t", "alerts › chatwork › room"),
        ("[alerts.chatwork]\nroom = 1\ntoken = 'hunter2'", "", "do not write secrets here"),
    ],
)
def test_wrong_second_paths_are_told(folder, text, content, expected):
    """Each with what to do, and none with the secret."""
    secret(folder / "hook", content)
    told = fault(folder, f"{GOOD}\n{text}\n")
    assert expected in told
    assert "hunter2" not in told


def test_apprise_that_is_not_installed_is_told(folder, monkeypatch):
    """With the very command that helps."""
    monkeypatch.setattr("daemon.outside.apprise_path.is_installed", lambda: False)
    secret(folder / "hook", "json://h.example")
    told = fault(folder, GOOD + '[alerts]\napprise_urls_file = "hook"\n')
    assert "pip install 'sokuresu[apprise]'" in told


@pytest.fixture
def credentials(tmp_path, monkeypatch):
    """Systemd's folder of credentials."""
    place = tmp_path / "credentials"
    place.mkdir()
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(place))
    return place


def test_systemd_hands_over_secrets(folder, credentials):
    """Password, webhook, the second server's password and the database, each by its name."""
    secret(credentials / "sokuresu_main_password", "one")
    secret(credentials / "sokuresu_alerts_smtp_password", "two")
    secret(credentials / "sokuresu_webhook_url", "https://h.example/three")
    secret(credentials / "sokuresu_database_url", "postgresql+psycopg://u:four@h/d")
    secret(credentials / "sokuresu_chatwork_token", "five")
    secret(credentials / "sokuresu_apprise_urls", "json://h.example/six\njson://h.example/seven\n")
    secret(credentials / "sokuresu_ping_url", "https://h.example/eight")
    text = good_but('password_file = "password"', "") + (
        '[alerts.smtp]\nhost = "h.example"\naddress = "a@h.example"\nusername = "a"\n'
        "[alerts.chatwork]\nroom = 12\n"
    )
    found = settings(folder, text)
    assert found.alerts.chatwork is not None
    assert found.alerts.chatwork.token is not None
    assert found.alerts.chatwork.token.get_secret_value() == "five"
    assert found.alerts.apprise() == ("json://h.example/six", "json://h.example/seven")
    assert found.ping.address() == "https://h.example/eight"
    assert not any(word in repr(found) for word in ("five", "six", "eight"))
    assert found.mailboxes[0].credentials().password == "one"
    assert found.alerts.smtp is not None
    assert found.alerts.smtp.credentials() == Credentials("a", "two")
    assert found.alerts.webhook() == "https://h.example/three"
    assert found.database == "postgresql+psycopg://u:four@h/d"


def test_a_named_file_goes_before_a_credential(folder, credentials):
    """What the person wrote is what is meant."""
    secret(credentials / "sokuresu_main_password", "other")
    assert settings(folder).mailboxes[0].credentials().password == "hunter2"


def test_commands_that_only_look_need_no_secret(folder):
    """Whoever runs `cases` may not read the password; using it then is a fault."""
    text = good_but('"password"', '"unreadable"') + '[alerts]\nwebhook_url_file = "unreadable"\n'
    found = settings(folder, text, secrets=False)
    assert found.alerts.webhook() is None
    with pytest.raises(ConfigurationError):
        found.mailboxes[0].credentials()
    bare = settings(folder, good_but('password_file = "password"', ""), secrets=False)
    assert bare.mailboxes[0].name == "main"


OAUTH = 'oauth = { provider = "microsoft", client_id = "c" }'


def test_oauth_takes_the_place_of_the_password(folder, credentials):
    """The secret comes from a file or from systemd, which a public client does without, and shows nowhere."""
    text = good_but('password_file = "password"', OAUTH)
    (mailbox,) = settings(folder, text).mailboxes
    assert mailbox.oauth is not None
    assert (mailbox.oauth.tenant, mailbox.password, mailbox.client_secret) == (None, None, None)
    secret(credentials / "sokuresu_main_client_secret", "hunter3")
    found = settings(folder, text.replace("microsoft", "google"))
    assert found.mailboxes[0].client_secret.get_secret_value() == "hunter3"
    named = text.replace('"c"', '"c", client_secret_file = "password"')
    assert settings(folder, named).mailboxes[0].client_secret.get_secret_value() == "hunter2"
    shown = f"{found!r} {found} {found.model_dump()} {settings(folder, named)!r}"
    assert not re.search("hunter[23]", shown)
    assert settings(folder, text.replace("microsoft", "google"), secrets=False).mailboxes[0].oauth


@pytest.mark.parametrize(
    ("database", "oauth", "expected"),
    [
        ("sqlite:///state/shop.db?timeout=3", OAUTH, "state/tokens/sokuresu-main.token"),
        ("postgresql+psycopg://u@h/d", OAUTH, "tokens/sokuresu-main.token"),
        ("sqlite:///state/shop.db", OAUTH.replace(" }", ', token_file = "t/x" }'), "t/x"),
    ],
)
def test_the_token_lies_where_the_service_writes(folder, database, oauth, expected):
    """In a folder beside the SQLite database, else beside the configuration, else where it is said."""
    text = f'database_url = "{database}"\n' + good_but('password_file = "password"', oauth)
    found = settings(folder, text)
    assert found.token_file(found.mailboxes[0]) == folder / expected


def test_a_second_server_may_want_no_login(folder):
    """Without a user name nobody logs in and no password is missed."""
    text = GOOD + '[alerts.smtp]\nhost = "localhost"\nsecurity = "none"\naddress = "a@h.example"\n'
    server = settings(folder, text).alerts.smtp
    assert server is not None
    assert (server.credentials(), server.endpoint().port) == (None, 25)


def test_no_quiet_hours_is_empty_text(folder):
    """Then news is told at any hour."""
    assert settings(folder, GOOD + '[alerts]\nquiet_hours = ""\n').alerts.quiet_hours is None


def test_the_configuration_is_looked_for_in_order(folder, monkeypatch):
    """--config, else the environment, else here; a name given is taken even where nothing is."""
    monkeypatch.chdir(folder)
    with pytest.raises(ConfigurationError, match="sokuresu init"):
        find_config(None)
    here = write(folder, GOOD)
    assert find_config(None).resolve() == here
    monkeypatch.setenv("SOKURESU_CONFIG", "other.toml")
    assert find_config(None) == Path("other.toml")
    assert find_config("given.toml") == Path("given.toml")


def uncommented():
    """The example with every setting in force."""
    return re.sub(r"(?m)^#(?=[a-z\[])", "", EXAMPLE.read_text("utf-8"))


def keys_of(table, name=()):
    """Every key of a TOML document with its table's name."""
    for key, value in table.items():
        yield name, key
        for inner in value if isinstance(value, list) else [value]:
            if isinstance(inner, dict):
                yield from keys_of(inner, (*name, key))


def test_every_setting_is_documented_in_the_example():
    """A setting that nobody can find is not there; one that is gone may not stay."""
    documented = set(keys_of(tomllib.loads(uncommented())))
    known = {(table, key) for table, keys in known_keys().items() for key in keys}
    optional = {(("mailbox", server), "ca_file") for server in ("imap", "smtp")}
    assert documented - known == set()
    assert known - documented - optional == set()


def test_every_setting_of_the_example_is_explained():
    """A comment stands before each setting, Japanese first and then English."""
    before: list[str] = []
    for line in EXAMPLE.read_text("utf-8").splitlines():
        if line.startswith("# "):
            before.append(line)
        elif "=" in line:
            assert before, f"unexplained: {line}"
            assert re.search(r"[ぁ-んァ-ヶ一-龠]", before[0]), line
            assert before[-1].isascii(), line
        if not line.strip():
            before = []


def test_the_example_is_usable_as_it_stands(folder, credentials, monkeypatch):
    """With the password handed over by systemd."""
    secret(credentials / "sokuresu_main_password", "hunter2")
    found = settings(folder, EXAMPLE.read_text("utf-8"))
    assert found.mailboxes[0].authserv_id == "mx.shop.example"
    assert found.database == "sqlite:////var/lib/sokuresu/sokuresu.db"


def test_everything_in_the_example_can_be_in_force(folder, certificate):
    """Also what is commented out; defaults in it are the real ones."""
    (folder / "secrets").mkdir()
    for name, content in (
        ("secrets/main", "a"),
        ("secrets/alerts-password", "b"),
        ("secrets/webhook-url", "https://hooks.example/x"),
        ("secrets/apprise-urls", "json://hooks.example/y"),
        ("secrets/chatwork-token", "c"),
        ("secrets/ping-url", "https://ping.example/z"),
        ("secrets/google-client-secret", "c"),
    ):
        secret(folder / name, content)
    shutil.copy(certificate.ca_file, folder / "other-ca.pem")
    (folder / "templates").mkdir()
    full, least = settings(folder, uncommented()), settings(folder)
    assert full.alerts.times == least.alerts.times
    assert full.acknowledge == least.acknowledge
    assert full.retention == least.retention
    assert (full.drafts.in_mailbox, least.drafts.fulfilment) == (least.drafts.in_mailbox, None)
    assert (full.drafts.fulfilment, full.drafts.templates) == ("fba", folder / "templates")
    assert full.feedback_rules[0].rating == r"星(\d)"
    assert full.allow_list().allows("warehouse@agent.example")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('templates = "nowhere"', "nowhere というフォルダーはありません"),
        ('fulfilment = "amazon"', "fba"),
        ("in_mailbox = 1", "drafts › in_mailbox"),
    ],
)
def test_wrong_settings_of_drafts_are_told(folder, text, expected):
    """A folder that is not there, a channel that is none, a number for a yes."""
    assert expected in fault(folder, f"{GOOD}\n[drafts]\n{text}\n")
