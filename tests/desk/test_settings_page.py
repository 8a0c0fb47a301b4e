"""The settings view: all that is in force, nothing secret, nothing that obeys what stands in it."""

from __future__ import annotations

import time as clock
from dataclasses import replace
from typing import TYPE_CHECKING, Any, get_args

import pytest
from pydantic import SecretStr

from daemon.config import Settings, load
from daemon.config.table import Table
from daemon.web.rules_view import rule_files
from daemon.web.settings_view import sections_of
from daemon.web.settings_words import HEADINGS, LABELS, RULES
from tests.beds.desk import Browser, make_desk, words_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from daemon.web.settings_view import Section
    from tests.beds.shopfloor import Shopfloor

HOSTILE = "<script>alert(1)</script>"
SECRETS = ("mailpass", "alertpass", "chattoken", "hookword", "pingword", "clientsecret", "dbpass", "dbuser")

CONFIG = f"""
database_url = "postgresql+psycopg://dbuser:dbpass@db.example:5433/books?password=dbpass"
[shop]
name = "まい商店 {HOSTILE}"
owner_email = "owner@shop.example"
closed_on = ["sun", "public", "2026-12-29/2027-01-03"]
[acknowledge]
max_age = "90m"
[alerts]
times = ["12:00", "17:00"]
webhook_url_file = "hook"
[alerts.smtp]
host = "smtp.other.example"
address = "alerts@other.example"
username = "alerts@other.example"
password_file = "alerts-password"
[alerts.chatwork]
room = 12345
token_file = "chatwork-token"
[ping]
url_file = "ping"
[drafts]
templates = "own"
[[mailbox]]
name = "main"
address = "shop@shop.example"
password_file = "password"
imap = {{ host = "imap.shop.example" }}
smtp = {{ host = "smtp.shop.example", port = 587, security = "starttls" }}
folders = ["INBOX", "{HOSTILE}"]
acknowledge = {{ hourly_cap = 7 }}
[[mailbox]]
name = "google"
address = "shop@google.example"
imap = {{ host = "imap.google.example" }}
smtp = {{ host = "smtp.google.example" }}
authserv_id = "mx.google.example"
oauth = {{ provider = "google", client_id = "123-abc", client_secret_file = "client-secret" }}
[[feedback_rule]]
sender = "alerts@tool.example"
subject = "<img src=x onerror=alert(1)>"
[[shipping_agent]]
address = "warehouse@agent.example"
name = "まい倉庫"
"""
FILES = {
    "password": "mailpass",
    "alerts-password": "alertpass",
    "chatwork-token": "chattoken",
    "hook": "https://hook.example/hookword",
    "ping": "https://ping.example/pingword",
    "client-secret": "clientsecret",
}


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A configuration in which everything is given, with all its secrets."""
    for name, secret in FILES.items():
        (tmp_path / name).write_text(secret + "\n", "utf-8")
    (tmp_path / "own").mkdir()
    (tmp_path / "full.toml").write_text(CONFIG, "utf-8")
    return tmp_path / "full.toml"


def sit_down(floor: Shopfloor, folder: Path, settings: Settings) -> Browser:
    """Sign in at a desk with another configuration."""
    return Browser(replace(make_desk(floor, folder), settings=settings)).sign_in()


def own_template(config: Path, name: str, text: str) -> None:
    """Put a file into the shop's own folder of Japanese templates."""
    folder = config.parent / "own" / "ja"
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(text, "utf-8")


def keys_of(sections: tuple[Section, ...]) -> Iterator[tuple[str, str]]:
    """Every table and key that is shown."""
    for section in sections:
        yield section.path, ""
        yield from ((section.path, value.key) for value in section.values if value.key)
        yield from keys_of(section.parts)


def tables_of(model: type[Table], path: str = "") -> Iterator[tuple[str, str]]:
    """Every table and key that there is, secrets that are found and not written left out."""
    yield path, ""
    for key, field in model.model_fields.items():
        kinds = [kind for kind in kinds_of(field.annotation) if isinstance(kind, type)]
        inner = [kind for kind in kinds if issubclass(kind, Table)]
        place = f"{path}.{key}" if path else key
        for kind in inner:
            yield from tables_of(kind, place)
        if not inner and not field.exclude:
            yield path, key


def kinds_of(annotation: Any) -> Iterator[Any]:
    """Every type in an annotation."""
    yield annotation
    for one in get_args(annotation):
        yield from kinds_of(one)


def test_every_table_and_key_is_shown_and_has_a_name(
    config: Path, floor: Shopfloor, browser: Browser
) -> None:
    """A table that is added to the configuration cannot be forgotten here."""
    reader = make_reader(floor)
    shown = set(keys_of(sections_of(load(config), reader)))
    expected = set(tables_of(Settings))
    assert expected <= shown
    named = {f"{path}.{key}".lstrip(".") for path, key in expected if key}
    assert named - LABELS.keys() == set()
    assert {path for path, _ in expected} - HEADINGS.keys() == set()
    text = browser.text("/settings")
    assert "全体の設定" not in text
    for heading in ("お店", "メールボックス", "受付確認", "店主への知らせ", "この画面"):
        assert heading in text


def make_reader(floor: Shopfloor, language: str = "ja") -> Any:
    """Somebody who reads the page."""
    from daemon.showing.reader import Reader

    return Reader(language, floor.shop.calendar.zone, floor.clock.now())


@pytest.mark.parametrize("secrets", [True, False])
def test_no_secret_is_shown(config: Path, floor: Shopfloor, tmp_path: Path, *, secrets: bool) -> None:
    """Not even where the desk was given the passwords by mistake."""
    settings = load(config, secrets=secrets)
    page = sit_down(floor, tmp_path, settings).get("/settings").text
    assert [word for word in SECRETS if word in page] == []
    assert page.count("設定済み") == 6
    assert "PostgreSQL db.example:5433/books" in page


def test_hostile_values_are_text(config: Path, floor: Shopfloor, tmp_path: Path) -> None:
    """Whoever wrote the configuration, nothing of it is markup."""
    page = sit_down(floor, tmp_path, load(config, secrets=False)).get("/settings").text
    assert "<script>alert" not in page
    assert "<img" not in page
    assert "&lt;img src=x" in page


def test_values_are_written_as_people_do(config: Path, floor: Shopfloor, tmp_path: Path) -> None:
    """Lengths, days, hours, what holds where nothing is written, and what one mailbox has for itself."""
    text = words_of(sit_down(floor, tmp_path, load(config, secrets=False)).get("/settings").text)
    for said in (
        "日曜、祝日、2026年12月29日から2027年1月3日まで",
        "1時間30分",
        "12:00、17:00",
        "23:00から07:00まで",
        "mailbox.acknowledge] すぐに受付を返す enabled はい 標準",
        "hourly_cap 7 同じ",
        "port 993 標準",
        "port 587 通信",
        "STARTTLSで暗号化",
        "username shop@shop.example 標準",
        str(config),
    ):
        assert said.replace(" 同じ", "").replace(" 通信", "") in text, said
    assert "sokuresu-google.token" in text


def test_warnings_of_the_configuration_are_told(config: Path, floor: Shopfloor, tmp_path: Path) -> None:
    """What is unwise stands above, in the reader's language."""
    (config.parent / "password").chmod(0o644)
    text = sit_down(floor, tmp_path, load(config)).text("/settings")
    assert "設定へのご注意" in text
    assert "chmod 600 を勧めます" in text


def test_rules_are_shown_with_how_sure_they_are(floor: Shopfloor, browser: Browser) -> None:
    """Every file of rules has a name in a shop, and none of its entries is without a confidence."""
    from importlib.resources import files

    there = {one.name for one in files("parsers.rules").iterdir() if one.name.endswith(".toml")}
    assert there == {f"{name}.toml" for name in RULES}
    for file in rule_files(make_reader(floor)):
        assert file.rules, file.file
        assert {rule.confidence for rule in file.rules} <= {"seen", "secondary", "assumed"}
    text = browser.text("/settings/rules")
    assert "実物で確認" in text
    assert "Anfang der Nachricht" in text


def test_every_letter_has_an_example(browser: Browser) -> None:
    """The list leads to all of them; each says that it is invented, and what the check found."""
    page = browser.get("/settings/templates").text
    assert "受付確認(自動)" in page
    for way in ("", "?way=fba", "?way=nothing"):
        for language, name in (("ja", "damaged"), ("en", "after_30_days")):
            assert f'href="/settings/templates/{language}/{name}"' in page
            text = browser.text(f"/settings/templates/{language}/{name}{way}")
            assert "作りもの" in text
            assert "250-0000000-0000000" in text
    acknowledged = browser.text("/settings/templates/ja/acknowledgment")
    assert "見本 花子" in acknowledged
    assert "規約上の問題は見つかりませんでした" in acknowledged


@pytest.mark.parametrize(
    "path",
    ["ja/parts", "ja/thanks", "fr/damaged", "ja/..%2F..%2Fmail", "ja/damaged.j2", "ja"],
)
def test_other_names_lead_nowhere(browser: Browser, path: str) -> None:
    """Only the letters that are known can be asked for."""
    assert browser.get(f"/settings/templates/{path}").status_code == 404


def test_a_template_of_the_shop_is_shown(config: Path, floor: Shopfloor, tmp_path: Path) -> None:
    """With its own words, and with what the check says against them."""
    own_template(config, "damaged.j2", "こちらへどうぞ https://elsewhere.example <b>")
    browser = sit_down(floor, tmp_path, load(config, secrets=False))
    page = browser.get("/settings/templates/ja/damaged").text
    assert "&lt;b&gt;" in page
    assert "お店の文例" in page
    assert 'data-severity="error"' in page
    assert "お店の文例に誤りはありません" in browser.text("/settings/templates")


@pytest.mark.parametrize(
    "text",
    [
        "{% for a in [1,2,3,4,5,6,7,8,9] %}{% include 'damaged.j2' %}{% endfor %}",
        "{{ nothing.here }}",
        "あ" * 19_000,
        "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
    ],
)
def test_a_hostile_template_is_told_and_left_aside(
    config: Path, floor: Shopfloor, tmp_path: Path, text: str
) -> None:
    """It neither hangs the desk nor is shown; the built-in one is."""
    own_template(config, "damaged.j2", text)
    browser = sit_down(floor, tmp_path, load(config, secrets=False))
    begun = clock.monotonic()
    shown = browser.text("/settings/templates/ja/damaged")
    told = browser.text("/settings/templates")
    assert clock.monotonic() - begun < 10
    assert "内蔵の文例です" in shown
    assert "damaged.j2" in told


def test_english(browser: Browser) -> None:
    """All of it can be read in English."""
    browser.client.cookies.set("language", "en")
    with browser.desk.deciding() as work:
        assert browser.seat is not None
        work.uow.desk.change(browser.seat.session.id, language="en")
    for path in ("/settings", "/settings/rules", "/settings/templates", "/settings/templates/en/damaged"):
        page = browser.get(path).text
        assert 'lang="en"' in page
    assert "This is what is in force" in browser.text("/settings")


def test_secrets_have_no_other_type() -> None:
    """A file with a secret in it is known by its type; one that is read otherwise would be shown."""
    for path, key in tables_of(Settings):
        if key.endswith(("password_file", "secret_file", "url_file", "urls_file")):
            table: Any = Settings
            for step in filter(None, path.split(".")):
                table = next(
                    kind
                    for kind in kinds_of(table.model_fields[step].annotation)
                    if isinstance(kind, type) and issubclass(kind, Table)
                )
            assert SecretStr in list(kinds_of(table.model_fields[key].annotation)), (path, key)
